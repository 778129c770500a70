"""The control that moves the cut of the displayed layer by hand, with or without a chart of the torque."""

import math

import torch

from pages.shared.core.view import View
from pages.shared.frame.page import theme
from pages.shared.frame.stage import cut_control, cut_serial
from pages.shared.state.selection import Selection, select
from pages.shared.views.chart_selection import selected_mask
from torque_core.figures.histogram import torque_histogram
from torque_core.figures.stage import cut_data, live_cut
from torque_core.figures.stage_plane import plane_data

__all__ = ["draw_manual_cut", "live_state"]

_TITLES = {"histogram": "Histogram of the torques", "plane": "Lever arm against force"}


def live_state(view: View) -> dict[str, object]:
    """Return the cut of the displayed layer for the stage and for the control of the cut."""
    return live_cut(
        view.layer.cut.threshold,
        view.layer_by_rule.cut.threshold,
        additions=view.rewiring.spec.additions,
        serial=cut_serial(),
    )


def draw_manual_cut(view: View, chart: str | None = None, selected: Selection | None = None) -> None:
    """Draw a slider and a number field for the threshold; the other layers do not change.

    Args:
        view: The layer.
        chart: ``histogram`` or ``plane``, in which the cut is dragged, too; None for neither.
        selected: What to mark in the chart.
    """
    torque, threshold = view.layer.torque.value, view.layer.cut.threshold
    if not len(torque) or not float(torque.max()) > 0:
        return
    mask = selected_mask(view, selected or Selection())
    histogram = torque_histogram(torque, view.injected, mask)
    plane = None
    if chart == "plane":
        plane = plane_data(view.layer, view.injected, selected=mask, names=view.dataset.names)

    def select_bars(first: int, end: int) -> None:
        select_columns((histogram.bin_index >= first) & (histogram.bin_index < end))

    def select_columns(columns: torch.Tensor | list[int]) -> None:
        select(edges=view.layer.pairs[:, columns].T.tolist())

    title, injected = _TITLES.get(chart or "", "Cut"), int(view.injected.sum())
    effect = f"the cut at {threshold:.3f} prunes {int(view.layer.pruned_mask.sum()):,}"
    cut_control(
        cut_data(histogram, theme(), chart=chart, plane=plane),
        key="manual_cut",
        group="layer",
        alt=f"{title} of {len(torque):,} edges, {injected:,} of them injected; "
        f"{effect if math.isfinite(threshold) else 'no edge is pruned'}.",
        live=live_state(view),
        on_bars=select_bars,
        on_points=select_columns,
    )
