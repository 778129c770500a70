"""Charts of one layer's torque, one at a time: histogram, plane, gap, ROC curves, and a before/after table."""

from collections.abc import Callable, Mapping

import streamlit as st

from pages.shared.core import queries
from pages.shared.core.view import View
from pages.shared.frame.page import chart_config, percent, theme
from pages.shared.state.selection import Selection
from pages.shared.state.teacher_mode import hidden_controls
from pages.shared.views.changes_table import changes_table
from pages.shared.views.chart_selection import cut_at_click, select_clicked_points, selected_mask
from pages.shared.views.graph_figures import fits_stage
from pages.shared.views.manual_cut import draw_manual_cut
from torque_core.diagnostics.detection import RocCurve, roc_curve
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.gap import gap_figure
from torque_core.figures.plane import torque_plane
from torque_core.figures.roc import roc_figure
from torque_core.rewiring.spec import AUTO

__all__ = ["draw_torque_charts", "roc_curves"]


def draw_torque_charts(view: View, selected: Selection) -> None:
    """Draw the chosen chart; only that one is computed."""
    offered = [key for key in _CHARTS if key != "roc" or view.has_injected]
    if st.session_state.tab not in offered:
        st.session_state.tab = offered[0]
    name = st.segmented_control(
        "Figure",
        offered,
        default=st.session_state.tab,
        format_func=lambda key: _CHARTS[key][0],
        key="tab",
        label_visibility="collapsed",
        required=True,
        persist_state="session",
    )
    _, draw = _CHARTS[name]
    draw(view, selected)
    _draw_auto_note(view)


def _draw_auto_note(view: View) -> None:
    """Name the lever and force chosen automatically, or offer that choice if the current torque is uninformative."""
    if view.snapshot is not None:
        return  # that rewiring was its method's choice, not the sidebar's
    gap, requested, spec = view.layer.cut.gap, view.settings.rewire, view.rewiring.spec
    if AUTO in (requested.lever, requested.force):
        st.caption(f"Chosen automatically for this graph: lever arm **{spec.lever}**, force **{spec.force}**.")
    elif gap is not None and not gap.separates and "method" not in hidden_controls():
        st.caption(
            "With this lever arm and force, the torque of the edges does not differ significantly from that of the "
            "null-model pairs. Another choice may work:"
        )
        st.button(
            "Choose lever and force automatically",
            icon=":material/auto_awesome:",
            key="take_auto",
            on_click=lambda: st.session_state.update(lever=AUTO, force=AUTO, threshold=""),
            help="Sets lever arm and force to *auto*: the pair whose torque best separates the edges from null-model "
            "pairs. No label is used. If no pair separates them, nothing is pruned.",
        )


def _draw_histogram(view: View, selected: Selection) -> None:
    st.markdown("The torque of every edge. **Edges at or to the right of the dashed line are pruned: drag it.**")
    draw_manual_cut(view, "histogram", selected)
    st.caption(
        f"{_screened(view)}{view.layer.cut.reason} {view.of_injected(_ORIGINS)}Click a bar, or drag over several, to "
        "select their edges."
    )


def _draw_plane(view: View, selected: Selection) -> None:
    if fits_stage(view.rewiring.num_nodes, view.layer.pairs.size(1)):
        st.markdown(
            "Each point is an edge: **far apart in the graph** to the right, **unlike in features** to the top. Torque "
            "is the product of the two: edges beyond the dashed curve are pruned. **Drag the curve.**"
        )
        draw_manual_cut(view, "plane", selected)
        st.caption(
            f"Grey: kept. Crosses: pruned. {view.of_injected('Diamonds: injected by the noise. ')}Click a point, or "
            "drag over several, to select their edges."
        )
        return
    drawn = torque_plane(
        view.layer,
        view.injected,
        view.layer.cut.threshold,
        theme(),
        selected=selected_mask(view, selected),
        y=view.dataset.data.y,
        names=view.dataset.names,
        classes=view.dataset.class_names,
    )
    st.markdown(
        "Each point is an edge: **far apart in the graph** to the right, **unlike in features** to the top. Torque is "
        "the product of the two: edges beyond the dashed curve are pruned."
    )
    _draw(drawn, "plane", lambda: select_clicked_points(view), ("points", "box", "lasso"))
    st.caption((drawn.sampling_note or "") + " Click a point, or draw a lasso, to select edges.")
    draw_manual_cut(view)


def _screened(view: View) -> str:
    """One sentence on the edges that count less in neighbourhoods, as their ends have little in common."""
    screening = view.layer.screening
    if screening is None or not screening.doubted:
        return ""
    share = percent(screening.doubted / max(1, view.rewiring.graph_before(view.settings.layer)[0].size(1)))
    return (
        f"{screening.doubted:,} edges ({share}) join nodes that have as little in common as random pairs; they count "
        "less in the neighbourhoods that torque compares. "
    )


def _draw_gap(view: View, selected: Selection) -> None:
    st.markdown(
        "How many edges look like random pairs? **The cut is placed where the gap is highest**, if it rises above "
        "the grey band."
    )
    _draw(gap_figure(view.layer, theme()), "gap", lambda: cut_at_click("gap"), ("points",))
    st.caption(f"{_screened(view)}{view.layer.cut.reason} **Click anywhere in the chart to cut there.**")
    draw_manual_cut(view)


def roc_curves(view: View, detectors: Callable[[], Mapping[str, RocCurve]]) -> dict[str, RocCurve]:
    """ROC curves of torque and other edge scores as detectors of injected edges; empty if no edge was injected.

    Args:
        view: The layer.
        detectors: Returns the curves for the threshold of the cut rule.
    """
    injected = view.injected
    if not bool(injected.any()) or bool(injected.all()):
        return {}
    curves = dict(detectors())
    if view.threshold is not None:
        curves["torque"] = roc_curve(view.layer.torque.value, injected, threshold=view.threshold)
    return curves


def _draw_roc(view: View, selected: Selection) -> None:
    curves = roc_curves(view, lambda: queries.detectors(*view.key, view.settings.layer))
    if not curves:
        st.info("The noise injected no edges, so there is nothing to detect.", icon=":material/info:")
        return
    st.markdown(
        "Which score detects the injected edges? **The closer a curve is to the upper left corner, the better**; the "
        "star marks the cut."
    )
    _draw(roc_figure(curves, theme()), "roc")
    st.caption(
        "AUROC: the probability that an injected edge scores higher than an original one. 0.5 is no better than "
        "guessing, 1 is perfect."
    )


def _draw_before_and_after(view: View, selected: Selection) -> None:
    st.markdown(f"The noisy graph compared with the rewired graph of **layer {view.settings.layer + 1}**.")
    changes = queries.layer_changes(*view.key, view.settings.layer, view.threshold)
    st.dataframe(changes_table(changes), hide_index=True, height="content", column_config={
        "before": st.column_config.TextColumn(help="The graph with noise, before rewiring."),
        "after": st.column_config.TextColumn(help="The rewired graph of this layer."),
    })  # fmt: skip


_ORIGINS = "Grey: original edges. Hatched: edges injected by the noise. "
_CHARTS: dict[str, tuple[str, Callable[[View, Selection], None]]] = {
    "histogram": ("Torque", _draw_histogram),
    "plane": ("Plane", _draw_plane),
    "gap": ("Gap", _draw_gap),
    "roc": ("ROC", _draw_roc),
    "change": ("Before / after", _draw_before_and_after),
}
"""Title and draw function of each chart, by its name in the URL."""


def _draw(
    drawn: DescribedFigure, key: str, on_select: Callable[[], None] | None = None, modes: tuple[str, ...] = ()
) -> None:
    if on_select is None:
        st.plotly_chart(drawn.figure, key=key, alt=drawn.alt, config=chart_config())
    else:
        st.plotly_chart(
            drawn.figure,
            key=key,
            alt=drawn.alt,
            config=chart_config(modeBarButtonsToRemove=["autoScale2d"]),
            on_select=on_select,
            selection_mode=modes,
        )
