"""Receptive field: which nodes one node listens to, before and after rewiring, layer by layer."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared.core import queries
from pages.shared.core.receptive_field import (
    changed_edges,
    edges_of_node,
    nodes_to_draw,
    receptive_fields,
    same_class_fraction,
)
from pages.shared.core.view import View, escape_markdown
from pages.shared.frame.network_canvas import network_canvas
from pages.shared.frame.page import chart_config, load_view, node_input, percent, theme
from pages.shared.runs import registry
from pages.shared.state.selection import drop_missing, select_in_network, selection
from pages.shared.state.shortcuts import SHORTCUTS
from pages.shared.views.export_menu import draw_export_menu
from pages.shared.views.report_sections import receptive_field_sections
from torque_core.diagnostics import ReceptiveField, influence_by_class, influence_by_hop
from torque_core.figures import influence_figure, network_data, receptive_field_edges, ring_positions
from torque_core.io.graph_formats import escape_formulas

if TYPE_CHECKING:  # a page that is run alone must not be the first to load it, see pages/shared/__init__.py
    from torch import Tensor


def numbers(seen: View, before: ReceptiveField, after: ReceptiveField) -> None:
    """The two fields in numbers."""
    came = (before.hops < 0) & (after.hops >= 0)
    left = (before.hops >= 0) & (after.hops < 0)
    old, new = (same_class_fraction(field, seen.dataset.data.y) for field in (before, after))
    change = None if old is None or new is None or old == new else f"{100 * (new - old):+.1f} points"
    row = st.container(horizontal=True, horizontal_alignment="distribute")
    row.metric(
        "Nodes heard before", f"{len(before.nodes) - 1:,}", help="The node itself is not counted.", width="content"
    )
    row.metric(
        "Nodes heard after",
        f"{len(after.nodes) - 1:,}",
        f"{len(after.nodes) - len(before.nodes):+,}" if len(after.nodes) != len(before.nodes) else None,
        delta_color="off",  # fewer is neither good nor bad
        width="content",
    )
    row.metric("Thrown out", f"{int(left.sum()):,}", help="Heard before, not after.", width="content")
    row.metric("Came in", f"{int(came.sum()):,}", help="Heard after, not before.", width="content")
    row.metric(
        "Of its own class, after",
        percent(new),
        change,
        help="Share of the nodes heard that have the class of the node.",
        width="content",
    )


def picture(title: str, field: ReceptiveField, seen: View, nodes: "Tensor", position: np.ndarray) -> None:
    """One of the two fields as rings."""
    heard = nodes[field.hops[nodes] >= 0]
    rings = ", ".join(
        f"{len(field.ring(hop)):,} after {hop} step{'s'[: hop > 1]}" for hop in range(1, len(field.links) + 1)
    )
    st.markdown(f"**{title}**: {rings}")
    links = receptive_field_edges(field, seen.rewiring.layers[: seen.settings.layer + 1], seen.noisy, nodes=heard)
    chosen = selection()
    network_canvas(
        network_data(
            heard, links, position, seen.dataset.data.y, theme(), names=seen.dataset.names,
            classes=seen.dataset.class_names, focus=field.node,
        ),
        key=f"field_{title.lower()}",
        height=470,
        alt=f"{title}: the nodes that node {field.node} hears, as rings by message steps: {rings}.",
        selected_nodes=chosen.nodes,
        selected_edges=chosen.edges,
        camera="field",
        image=st.session_state.image,
        on_select=select_in_network,
    )  # fmt: skip


def influence(seen: View, node: int, before: ReceptiveField, after: ReceptiveField) -> None:
    """Who matters how much to the node, by hop and by class, before and after."""
    number = seen.settings.layer + 1
    old, new = (queries.influence(*seen.key, node, number, rewired) for rewired in (False, True))
    y = seen.dataset.data.y
    st.markdown("**How much does each ring, and each class, matter to the node?**")
    left, right = st.columns(2, gap="medium")
    with left:
        drawn = influence_figure(influence_by_hop(old, before.hops), influence_by_hop(new, after.hops), theme(), own=0)
        st.plotly_chart(drawn.figure, key="influence_hops", alt=drawn.alt, config=chart_config())
    with right:
        if bool((y >= 0).any()):
            own = int(y[node]) if int(y[node]) >= 0 else None
            drawn = influence_figure(
                influence_by_class(old, y), influence_by_class(new, y), theme(), groups="classes", own=own,
                names=seen.dataset.class_names,
            )  # fmt: skip
            st.plotly_chart(drawn.figure, key="influence_classes", alt=drawn.alt, config=chart_config())
        else:
            st.info("This graph has no classes.", icon=":material/info:")
    st.caption(
        "Influence: how much of what the node ends up with came from there, as the share of random walks through "
        f"{number} layer{'s'[: number > 1]} that end there. It is the share in the Jacobian of the node's output that "
        "a GCN has in the mean over its weights."
    )


def prediction(seen: View, node: int) -> None:
    """What the last training on this graph says of the node, or where to get it."""
    run = registry.last_finished_run(seen.settings)
    if run is None or not run.probabilities:
        st.caption(
            "What a model says of this node, before and after: train both on the page **Train**, with this data set "
            "and noise."
        )
        return
    label = int(seen.dataset.data.y[node])
    wrong = "its class is unknown" if label < 0 else f"wrong: it is {seen.class_label(label)}"
    row = st.container(horizontal=True)
    for method, when in (("plain", "before: plain"), ("torque", "after: torque")):
        confidence, guess = run.probabilities[method][node].max(dim=0)
        verdict = "right" if int(guess) == label else wrong
        row.metric(
            f"Predicted class, {when}", seen.class_label(int(guess)),
            f"confidence {percent(float(confidence))}, {verdict}",
            delta_color="off", delta_arrow="off", width="content",
            help="Of the last training in this session: the class of highest probability, and that probability.",
        )  # fmt: skip


def step(by: int, size: int) -> None:
    st.session_state.node = (st.session_state.node + by) % size


def anywhere(size: int) -> None:
    st.session_state.node = int(np.random.default_rng().integers(size))


seen = load_view(of_training=True)
size, y = seen.rewiring.num_nodes, seen.dataset.data.y
drop_missing(size)
number = seen.settings.layer + 1
st.markdown(
    f"**{seen.dataset.info.title}**: whom does one node listen to? It stands in the middle, around it those it hears "
    f"after one message step, then two, through **{number}** layer{'s'[: number > 1]}; choose the layer in the sidebar."
)
picker = st.container(horizontal=True, vertical_alignment="bottom")
with picker:
    node = node_input(size, purpose="The node whose receptive field is drawn.", names=seen.dataset.names)
picker.button("Previous", icon=":material/chevron_left:", on_click=step, args=(-1, size), width="content",
              shortcut=SHORTCUTS["previous"].keys)  # fmt: skip
picker.button("Next", icon=":material/chevron_right:", on_click=step, args=(1, size), width="content",
              shortcut=SHORTCUTS["next"].keys)  # fmt: skip
picker.button("Random", icon=":material/casino:", on_click=anywhere, args=(size,), width="content")
label = int(y[node])
name = f" ({escape_markdown(seen.node_name(node))})" if seen.dataset.names else ""
picker.markdown(f"Node **{node}**{name}, class **{seen.class_label(label)}**", width="content")

before, after = receptive_fields(seen, node)
numbers(seen, before, after)
nodes, note = nodes_to_draw(before, after)
position = ring_positions(before, after)
left, right = st.columns(2, gap="medium")
with left:
    picture("Before", before, seen, nodes, position)
with right:
    picture("After", after, seen, nodes, position)
st.caption(
    "Grey: kept. **Dashed vermilion**: the layer prunes it. **Thick blue**: the layer adds it. ◆: injected by the "
    "noise. Only links from one ring to the next are drawn. Both pictures move together. Click a node to stand there."
    + note
)
prediction(seen, node)
influence(seen, node, before, after)
st.markdown("**Who was thrown out, who came in, and by which link?** The far end is no longer heard, or heard now.")
links = escape_formulas(changed_edges(seen, before, after).drop(columns="torque"))
st.dataframe(links, hide_index=True, placeholder="–", column_config={
    "step": st.column_config.NumberColumn("step", help="How many message steps away the far end is."),
    "link": st.column_config.TextColumn("link", help="Whose message came to whom."),
})  # fmt: skip
st.markdown(f"**Its own links in layer {number}**: torque = {' × '.join(seen.layer.torque.factors)}")
st.dataframe(escape_formulas(edges_of_node(seen, node)), hide_index=True, placeholder="–", column_config={
    name: st.column_config.NumberColumn(name, format="%.3f") for name in (*seen.layer.torque.factors, "torque")
})  # fmt: skip
draw_export_menu(seen, partial(receptive_field_sections, seen, before, after))
