"""The control that moves the cut of the displayed layer by hand, with or without the histogram of the torque."""

import math

from pages.shared.core.view import View
from pages.shared.frame.page import theme
from pages.shared.frame.stage import cut_control, cut_serial
from pages.shared.state.selection import Selection, select
from pages.shared.views.chart_selection import selected_mask
from torque_core.figures.histogram import torque_histogram
from torque_core.figures.stage import cut_data, live_cut

__all__ = ["draw_manual_cut", "draw_torque_histogram", "live_state"]


def live_state(view: View) -> dict[str, object]:
    """Return the cut of the displayed layer for the stage and for the control of the cut."""
    return live_cut(
        view.layer.cut.threshold,
        view.layer_by_rule.cut.threshold,
        additions=view.rewiring.spec.additions,
        serial=cut_serial(),
    )


def draw_manual_cut(view: View) -> None:
    """Draw a slider and a number field for the threshold; the other layers do not change."""
    _draw(view, Selection(), drawn=False)


def draw_torque_histogram(view: View, selected: Selection) -> None:
    """Draw the histogram of the torque, whose line can be dragged, above the slider and the number field."""
    _draw(view, selected, drawn=True)


def _draw(view: View, selected: Selection, *, drawn: bool) -> None:
    torque, threshold = view.layer.torque.value, view.layer.cut.threshold
    if not len(torque) or not float(torque.max()) > 0:
        return
    histogram = torque_histogram(torque, view.injected, selected_mask(view, selected))

    def select_bars(first: int, end: int) -> None:
        inside = (histogram.bin_index >= first) & (histogram.bin_index < end)
        select(edges=view.layer.pairs[:, inside].T.tolist())

    effect = f"the cut at {threshold:.3f} prunes {int(view.layer.pruned_mask.sum()):,}"
    cut_control(
        cut_data(histogram, theme(), drawn=drawn),
        key="manual_cut",
        group="layer",
        alt=f"Histogram of the torques of {len(torque):,} edges, {int(view.injected.sum()):,} of them injected; "
        f"{effect if math.isfinite(threshold) else 'no edge is pruned'}.",
        live=live_state(view),
        on_bars=select_bars if drawn else None,
    )
