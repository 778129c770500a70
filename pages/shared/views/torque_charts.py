"""The figures of one layer's torque, one at a time: histogram, plane, gap, ROC, and the graph before and after."""

import math
from collections.abc import Callable

import pandas as pd
import streamlit as st
import torch

from pages.shared.core import queries
from pages.shared.core.view import View
from pages.shared.frame.page import chart_config, theme
from pages.shared.state.selection import Selection, select
from pages.shared.state.teacher_mode import hidden
from torque_core.diagnostics.detection import RocCurve, roc_curve
from torque_core.figures.gap import gap_figure
from torque_core.figures.graph import GraphFigure
from torque_core.figures.histogram import histogram_figure
from torque_core.figures.plane import torque_plane
from torque_core.figures.roc import roc_figure
from torque_core.graph.pairs import pair_keys
from torque_core.rewiring.spec import AUTO

__all__ = ["changes_table", "cut_by_hand", "roc_curves", "selected_mask", "take_bars", "torque_views"]


def torque_views(seen: View, chosen: Selection) -> None:
    """Choose a figure and draw it; only that one is computed."""
    name = st.segmented_control(
        "Figure",
        list(_VIEWS),
        default=st.session_state.tab,
        format_func=lambda key: _VIEWS[key][0],
        key="tab",
        label_visibility="collapsed",
        required=True,
        persist_state="session",
    )
    _, draw = _VIEWS[name]
    draw(seen, chosen)
    _form(seen)


def _form(seen: View) -> None:
    """Which form of torque the graph chose; or, where the one that was asked for tells nothing, the way to that."""
    if seen.moment is not None:
        return  # that rewiring was its method's choice, not the sidebar's
    gap, asked, spec = seen.layer.cut.gap, seen.settings.rewire, seen.rewiring.spec
    if AUTO in (asked.lever, asked.force):
        st.caption(f"What fits this graph: lever arm **{spec.lever}**, force **{spec.force}**.")
    elif gap is not None and not gap.tells and "method" not in hidden():
        st.caption("This form of torque cannot tell the edges from chance. Another may:")
        st.button(
            "Take the form that fits the graph",
            icon=":material/auto_awesome:",
            key="take_auto",
            on_click=lambda: st.session_state.update(lever=AUTO, force=AUTO, threshold=""),
            help="Sets lever arm and force to *auto*: those whose torque tells the graph's edges best from pairs drawn "
            "by chance, without a label. If they cannot either, nothing is cut.",
        )


def _histogram(seen: View, chosen: Selection) -> None:
    layer = seen.layer
    drawn = histogram_figure(
        layer.torque.value, seen.injected, layer.cut.threshold, theme(), selected=selected_mask(seen, chosen)
    )
    st.markdown("How much torque has each edge? **From the dashed line on, edges are pruned.**")
    _chart(drawn, "histogram", lambda: take_bars(seen), ("points", "box"))
    st.caption(
        f"{layer.cut.reason} Grey: the graph's own edges. Hatched: injected by the noise. Click a bar, or draw a box "
        "over some, to select their edges."
    )
    cut_by_hand(seen)


def _plane(seen: View, chosen: Selection) -> None:
    drawn = torque_plane(
        seen.layer,
        seen.injected,
        seen.layer.cut.threshold,
        theme(),
        selected=selected_mask(seen, chosen),
        y=seen.dataset.data.y,
        names=seen.dataset.names,
        classes=seen.dataset.class_names,
    )
    st.markdown(
        "Each point is an edge: **far in structure** to the right, **unlike in features** to the top. Torque is their "
        "product: beyond the dashed curve an edge is pruned."
    )
    _chart(drawn, "plane", lambda: _take_points(seen), ("points", "box", "lasso"))
    st.caption((drawn.sampled or "") + " Click a point, or draw a lasso, to select edges.")
    cut_by_hand(seen)


def _gap(seen: View, chosen: Selection) -> None:
    st.markdown(
        "How many edges look like chance? **The cut is where the gap below is highest**, if it rises above the band."
    )
    _chart(gap_figure(seen.layer, theme()), "gap")
    st.caption(seen.layer.cut.reason)
    cut_by_hand(seen)


def roc_curves(seen: View) -> dict[str, RocCurve]:
    """What torque and its rivals find of the injected edges; nothing if there are none, or no others."""
    injected = seen.injected
    if not bool(injected.any()) or bool(injected.all()):
        return {}
    curves = dict(queries.detectors(*seen.key, seen.settings.layer))
    if seen.threshold is not None:
        curves["torque"] = roc_curve(seen.layer.torque.value, injected, threshold=seen.threshold)
    return curves


def _roc(seen: View, chosen: Selection) -> None:
    curves = roc_curves(seen)
    if not curves:
        st.info("The noise injected no edge here, so there is none to be found.", icon=":material/info:")
        return
    st.markdown(
        "Which score finds the injected edges? **The further a curve bends to the upper left, the better**; the star "
        "is the cut."
    )
    _chart(roc_figure(curves, theme()), "roc")
    st.caption(
        "AUROC: the probability that an injected edge scores above one of the graph's own; 0.5 is chance, 1 is perfect."
    )


def changes_table(seen: View) -> pd.DataFrame:
    """The graph before and after, measure by measure, as text."""
    rows = queries.layer_changes(*seen.key, seen.settings.layer, seen.threshold)
    digits = {row.measure: _digits(row.unit, row.before) for row in rows}
    return pd.DataFrame(
        [
            {
                "measure": row.measure + (f" ({row.unit})" if row.unit else ""),
                "before": _written(row.before, digits[row.measure]),
                "after": _written(row.after, digits[row.measure]),
                "difference": _written(row.difference, "+" + digits[row.measure]),
                "what it measures": row.meaning,
            }
            for row in rows
        ]
    )


def _before_and_after(seen: View, chosen: Selection) -> None:
    st.markdown(f"The noisy graph, and the graph of **layer {seen.settings.layer + 1}**.")
    st.dataframe(changes_table(seen), hide_index=True, height="content", column_config={
        "before": st.column_config.TextColumn(help="The graph after the noise, before rewiring."),
        "after": st.column_config.TextColumn(help="The graph that this layer leaves."),
    })  # fmt: skip


_VIEWS: dict[str, tuple[str, Callable[[View, Selection], None]]] = {
    "histogram": ("Torque", _histogram),
    "plane": ("Plane", _plane),
    "gap": ("Gap", _gap),
    "roc": ("ROC", _roc),
    "change": ("Before / after", _before_and_after),
}
"""By the name in the link: the title, and what draws it."""


def _chart(drawn: GraphFigure, key: str, take: Callable[[], None] | None = None, modes: tuple[str, ...] = ()) -> None:
    if take is None:
        st.plotly_chart(drawn.figure, key=key, alt=drawn.alt, config=chart_config())
    else:
        st.plotly_chart(
            drawn.figure,
            key=key,
            alt=drawn.alt,
            config=chart_config(modeBarButtonsToRemove=["autoScale2d"]),
            on_select=take,
            selection_mode=modes,
        )


def take_bars(seen: View) -> None:
    """Select the edges of the bars that were clicked or boxed."""
    bars = [point["customdata"] for point in st.session_state.histogram.selection.points if "customdata" in point]
    if bars:
        torque = seen.layer.torque.value
        inside = torch.zeros_like(torque, dtype=torch.bool)
        # a row of a matrix comes as a dictionary by column
        for low, high in {tuple(bar.values()) for bar in bars}:
            inside |= (torque >= low) & (torque < high)
        select(edges=seen.layer.pairs[:, inside].T.tolist())


def _take_points(seen: View) -> None:
    """Select the edges of the points that were clicked or lassoed."""
    points = [point["customdata"] for point in st.session_state.plane.selection.points if "customdata" in point]
    if points:
        columns = torch.tensor([point[0] if isinstance(point, list) else point for point in points]).unique()
        select(edges=seen.layer.pairs[:, columns].T.tolist())


def selected_mask(seen: View, chosen: Selection) -> torch.Tensor | None:
    """Which of the layer's judged edges are selected; None if nothing is."""
    if not chosen.edges:
        return None
    size = seen.rewiring.num_nodes
    wanted = pair_keys(torch.tensor(chosen.edges).T, size)
    return torch.isin(pair_keys(seen.layer.pairs, size), wanted)


def cut_by_hand(seen: View) -> None:
    """Move the cut by hand: the layer is cut anew at once."""
    torque, now = seen.layer.torque.value, seen.layer.cut.threshold
    if not len(torque):
        return
    highest = float(torque.max())
    if not highest > 0:
        return
    top = highest * 1.001
    shown = min(now, top) if math.isfinite(now) else top
    st.session_state.update(cut_dragged=shown, cut_typed=shown)

    def move(key: str) -> None:
        value = st.session_state[key]
        st.session_state.threshold = f"{value:.6g}" if value > 0 else ""

    row = st.container(horizontal=True, vertical_alignment="bottom")
    row.slider(
        "Cut by hand", 0.0, top, key="cut_dragged", step=top / 500, format="%.3f", on_change=move,
        args=("cut_dragged",),
        help="Drag to prune from another torque on, in this layer only; the other layers and the added links stay.",
    )  # fmt: skip
    row.number_input(
        "Torque", 0.0, top, key="cut_typed", step=top / 100, format="%.4f", on_change=move, args=("cut_typed",),
        width=150, help="The same, typed.",
    )  # fmt: skip
    row.button(
        "The rule's cut", icon=":material/restart_alt:", disabled=seen.threshold is None, width="content",
        on_click=lambda: st.session_state.update(threshold=""), help="Back to where the cut rule put it.",
    )  # fmt: skip


def _digits(unit: str, value: float | None) -> str:
    return ",.0f" if isinstance(value, int) else ".1f" if unit == "%" else ",.3f"


def _written(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
