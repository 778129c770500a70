"""The pictures of the lesson, drawn for the current settings."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st
import torch

from pages.shared.core import queries
from pages.shared.core.view import View
from pages.shared.frame.gestures import OnSelect
from pages.shared.frame.page import chart_config, theme
from pages.shared.frame.stage import stage
from pages.shared.lesson.queries import chosen_edge, neighbours, receptive_fields
from pages.shared.lesson.results import in_percent, lesson_results
from pages.shared.state.selection import select, selection
from pages.shared.views.catch_game import draw_catch_game, game_is_open
from pages.shared.views.chart_selection import cut_at_click, select_clicked_bars, selected_mask
from pages.shared.views.edge_explanation import edge_text
from pages.shared.views.film import draw_film
from pages.shared.views.manual_cut import draw_manual_cut, live_state
from torque_core.diagnostics import ReceptiveField, receptive_field
from torque_core.figures import layer_edges, network_data, receptive_field_edges, ring_positions
from torque_core.figures.fates import fate_figure
from torque_core.figures.gap import gap_figure
from torque_core.figures.histogram import histogram_figure
from torque_core.figures.over_noise import accuracy_over_noise
from torque_core.figures.styles import method_styles

__all__ = ["PICTURES"]

_LEGEND = (
    "Links: grey, kept; **dashed vermilion**, pruned; **thick blue**, added; with a ◆, false (inserted by the noise). "
    "Nodes: colour and shape show the group. Hover over a link to see its torque."
)

_NAMES = {
    "plain": "plain network",
    "torque_default": "network with torque",
    "ablation_random": "random pruning",
    "mlp": "network without links",
}
"""Names of the stored methods of the lesson."""

_PLAIN_LEGEND = "Links with a ◆ are false (inserted by the noise). Nodes: colour and shape show the group."


def _mislead(view: View) -> None:
    node, size = st.session_state.node, view.rewiring.num_nodes
    near = neighbours(view, node)
    links = layer_edges(view.layer, view.injected)
    links = links[(links.pairs == node).any(dim=0) & (links.fate < 2)]
    unjudged = replace(links, fate=torch.zeros_like(links.fate))  # nothing is rewired yet
    ring = receptive_field(node, [view.layer.pairs], size)
    nodes = torch.cat([torch.tensor([node]), near])
    y = view.dataset.data.y
    stage(
        network_data(nodes, unjudged, ring_positions(ring, y=y), y, theme(), focus=node),
        key="lesson_mislead", group="mislead", height=430, switch=False, on_select=_visit,
        alt=f"Node {node} in the middle of the {len(near)} nodes that it listens to.",
    )  # fmt: skip
    st.caption(f"Click a node to put it in the middle. {_PLAIN_LEGEND}")


def _torque(view: View) -> None:
    edge, _ = chosen_edge(view)
    _graph(view, edges=(edge,), fates=False, on_select=_select_edge)


def _every(view: View) -> None:
    chosen = selection()
    drawn = histogram_figure(
        view.layer.torque.value, view.injected, view.layer.cut.threshold, theme(), selected=selected_mask(view, chosen)
    )
    drawn.figure.update_layout(height=270)
    st.plotly_chart(
        drawn.figure, key="histogram", alt=drawn.alt, on_select=lambda: select_clicked_bars(view),
        selection_mode=("points", "box"), config=chart_config(modeBarButtonsToRemove=["autoScale2d"]),
    )  # fmt: skip
    _graph(view, edges=chosen.edges, fates=False, height=330)


def _gap(view: View) -> None:
    rule = view.rewiring.layers[view.settings.layer].cut
    layer = replace(view.layer, cut=replace(view.layer.cut, gap=rule.gap))
    drawn = gap_figure(layer, theme())
    st.plotly_chart(
        drawn.figure, key="lesson_gap", alt=drawn.alt, on_select=lambda: cut_at_click("lesson_gap"),
        selection_mode="points", config=chart_config(),
    )  # fmt: skip
    st.caption("Click anywhere in the chart to cut there. Dashed vermilion line: the cut.")


def _prune(view: View) -> None:
    if game_is_open(view, word="link"):
        draw_catch_game(view, key="lesson_game", word="link")
    else:
        _rewired(view)


def _layers(view: View) -> None:
    _rewired(view, height=340)
    drawn = fate_figure(queries.fates(*view.key), theme())
    drawn.figure.update_layout(height=260)
    st.plotly_chart(drawn.figure, key="lesson_fates", alt=drawn.alt, config=chart_config())


def _receptive_field(view: View) -> None:
    node = st.session_state.node
    draw_film(view, node, key="lesson_film", word="link", height=350)
    draw_manual_cut(view)
    both = receptive_fields(view, node)
    # the same nodes in both pictures, so that those that were removed stand alone in the second
    nodes, position = torch.cat([field.nodes for field in both]).unique(), ring_positions(*both, y=view.dataset.data.y)
    for column, title, field in zip(st.columns(2, gap="small"), ("Before", "After"), both, strict=True):
        with column:
            _rings(title, field, view, nodes, position)
    st.caption(f"Click a node to put it in the middle. Nodes without a link are not heard. {_LEGEND}")


def _rings(title: str, field: ReceptiveField, view: View, nodes: torch.Tensor, position: np.ndarray) -> None:
    links = receptive_field_edges(field, view.layers, view.noisy)
    st.markdown(f"**{title}**: {len(field.nodes) - 1} heard")
    stage(
        network_data(nodes, links, position, view.dataset.data.y, theme(), focus=field.node),
        key=f"lesson_{title.lower()}", group="field", height=430, camera="lesson", switch=False,
        on_select=_visit,
        alt=f"{title}: the {len(field.nodes) - 1} nodes that node {field.node} hears, as rings by message steps.",
    )  # fmt: skip


def _accuracy(view: View) -> None:
    results = lesson_results()
    if results is None:
        return
    kind = st.session_state.disturbance
    styles = {_NAMES[name]: style for name, style in method_styles(results.groups, theme()).items() if name in _NAMES}
    cells = results.cells.assign(label=results.cells["label"].map(_NAMES))
    level = float(st.session_state.level) / 100
    figure = accuracy_over_noise(cells, styles, theme(), noise_kind=kind, level=level)
    alt = (
        f"Mean test accuracy on Cora against the noise level, for {', '.join(styles)}, with 95 % confidence intervals."
    )
    st.plotly_chart(
        figure, key="lesson_accuracy", alt=alt, config=chart_config(), on_select=_show_clicked_level,
        selection_mode="points",
    )  # fmt: skip
    torque = results.row("torque_default")
    st.caption(
        "Bands: 95 % confidence interval of the mean of ten splits. Click a point to read the numbers of its noise "
        f"level, the dashed line. At {st.session_state.level} % noise, torque is "
        f"more accurate than the plain network in {torque['wins']:.0f} of {torque['pairs']:.0f} splits; p = "
        f"{torque['p_holm']:.2g} by the corrected resampled t-test, adjusted for the number of comparisons (not "
        "significant above 0.05)."
    )


def _visit(nodes: Sequence[int], edges: Sequence[tuple[int, int]], add: bool) -> None:
    """Put the node that was clicked in the middle."""
    if len(nodes) == 1:
        st.session_state.node = nodes[0]


def _select_edge(nodes: Sequence[int], edges: Sequence[tuple[int, int]], add: bool) -> None:
    if edges:
        select(edges=edges[:1])


def _show_clicked_level() -> None:
    """Show the numbers of the noise level whose point was clicked."""
    for point in st.session_state.lesson_accuracy.selection.points:
        if data := point.get("customdata"):
            st.session_state.level = in_percent(data[1])


def _graph(
    view: View,
    *,
    edges: Sequence[tuple[int, int]] = (),
    fates: bool = True,
    height: int = 500,
    on_select: OnSelect | None = None,
) -> None:
    """Draw the whole graph of the layer; without fates, as it is before rewiring."""
    links = layer_edges(view.layer_by_rule, view.injected)  # the stage itself applies a cut by hand
    if not fates:
        links = links[links.fate < 2]
        links = replace(links, fate=torch.zeros_like(links.fate))
    nodes = torch.arange(view.rewiring.num_nodes)
    state = f"{view.layer.pruned.size(1)} pruned and {view.layer.added.size(1)} added links" if fates else "not rewired"
    stage(
        network_data(nodes, links, queries.layout(view.settings.dataset), view.dataset.data.y, theme()),
        key=f"lesson_{st.session_state.step}", group="layer", height=height, selected_edges=edges,
        on_select=on_select, switch=fates, live=live_state(view) if fates else None, numbers=False,
        alt=f"Graph of the lesson: {len(nodes)} nodes, {view.layer.pairs.size(1)} links, {state}.",
    )  # fmt: skip
    st.caption(_LEGEND if fates else _PLAIN_LEGEND)


def _rewired(view: View, *, height: int = 500) -> None:
    """Draw the rewired graph; a link that is clicked is explained."""
    _graph(view, edges=selection().edges[:1], height=height, on_select=_select_edge)
    if selection().edges:
        st.markdown(edge_text(view, *selection().edges[0]))
    else:
        st.caption("Click a link to read why it is pruned, kept or added.")


PICTURES: dict[str, Callable[[View], None]] = {
    "mislead": _mislead,
    "torque": _torque,
    "every": _every,
    "gap": _gap,
    "prune": _prune,
    "add": _rewired,
    "layers": _layers,
    "field": _receptive_field,
    "noise": _rewired,
    "accuracy": _accuracy,
}
"""By the name of the step."""
