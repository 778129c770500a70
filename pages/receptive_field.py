"""Receptive field: the nodes that influence one node, before and after rewiring, layer by layer."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.shared.core import queries
from pages.shared.core.receptive_field import (
    changed_edges,
    edges_of_node,
    receptive_fields,
    rings_to_draw,
    same_class_fraction,
)
from pages.shared.core.view import View
from pages.shared.frame.layer_choice import layer_choice
from pages.shared.frame.page import chart_config, load_view, node_input, percent, theme
from pages.shared.frame.stage import stage
from pages.shared.runs import registry
from pages.shared.state.selection import drop_missing, select_in_neighbourhood, selection
from pages.shared.state.shortcuts import SHORTCUTS
from pages.shared.views.export_menu import draw_export_menu, draw_introduction
from pages.shared.views.film import draw_film
from pages.shared.views.manual_cut import draw_manual_cut
from pages.shared.views.report_sections import receptive_field_sections, relation_figure
from torque_core.diagnostics import ReceptiveField, influence_by_class, influence_by_hop
from torque_core.figures import influence_figure, network_data, receptive_field_edges
from torque_core.io.spreadsheets import escape_formulas

if TYPE_CHECKING:  # a page that is run alone must not be the first to load it, see pages/shared/__init__.py
    from torque_core.figures.rings import RingLayout


def draw_metrics(view: View, before: ReceptiveField, after: ReceptiveField) -> None:
    """Draw the sizes of both receptive fields, the nodes removed and added, and the fraction of the same class."""
    removed = (before.hops >= 0) & (after.hops < 0)
    added = (before.hops < 0) & (after.hops >= 0)
    old, new = (same_class_fraction(field, view.dataset.data.y) for field in (before, after))
    change = None if old is None or new is None or old == new else f"{100 * (new - old):+.1f} points"
    row = st.container(horizontal=True, horizontal_alignment="distribute")
    row.metric(
        "Receptive field before", f"{len(before.nodes) - 1:,}", width="content",
        help="Number of nodes in the receptive field before rewiring, without the node itself.",
    )  # fmt: skip
    row.metric(
        "Receptive field after",
        f"{len(after.nodes) - 1:,}",
        f"{len(after.nodes) - len(before.nodes):+,}" if len(after.nodes) != len(before.nodes) else None,
        delta_color="off",  # a smaller field is neither good nor bad
        delta_arrow="off",
        width="content",
    )
    row.metric(
        "Nodes removed", f"{int(removed.sum()):,}", width="content",
        help="Nodes that are in the receptive field before rewiring, but not after.",
    )  # fmt: skip
    row.metric(
        "Nodes added", f"{int(added.sum()):,}", width="content",
        help="Nodes that are in the receptive field after rewiring, but not before.",
    )  # fmt: skip
    row.metric(
        "Same class, after", percent(new), change, width="content",
        help="Fraction of the receptive field that has the class of the node, after rewiring, and the change.",
    )  # fmt: skip


def draw_rings(title: str, field: ReceptiveField, view: View, layout: "RingLayout") -> None:
    """Draw one receptive field as rings around the node."""
    drawn = layout.nodes[field.hops[layout.nodes] >= 0]
    rings = ", ".join(
        f"{len(field.ring(hop)):,} at {hop} step{'s'[: hop > 1]}" for hop in range(1, len(field.messages) + 1)
    )
    st.markdown(f"**{title}**: {rings}")
    edges = receptive_field_edges(field, view.layers, view.noisy, nodes=drawn)
    selected = selection()
    stage(
        network_data(
            drawn, edges, layout.position, view.dataset.data.y, theme(), names=view.dataset.names,
            classes=view.dataset.class_names, focus=field.node, rings=layout.rings, attributes=view.dataset.attributes,
        ),
        key=f"field_{title.lower()}",
        height=470,
        alt=f"{title}: the receptive field of node {field.node}, as rings by message steps: {rings}.",
        selected_nodes=selected.nodes,
        selected_edges=selected.edges,
        camera="field",
        group="field",
        switch=False,
        on_select=select_in_neighbourhood,
    )  # fmt: skip


def draw_influence(view: View, node: int, before: ReceptiveField, after: ReceptiveField) -> None:
    """Draw the influence on the node by ring, class and relation, before and after rewiring."""
    number = view.settings.layer + 1
    by_relation = queries.relation_influences(*view.key, node, number, view.threshold)
    old, new = (influence.value.sum(dim=0) for influence in by_relation)
    y = view.dataset.data.y
    st.markdown("**Influence of each ring, each class and each kind of edge on the node**")
    left, middle, right = st.columns(3, gap="medium")
    with left:
        drawn = influence_figure(
            influence_by_hop(old, before.hops), influence_by_hop(new, after.hops), theme(), own_group=0
        )
        st.plotly_chart(drawn.figure, key="influence_hops", alt=drawn.alt, config=chart_config())
    with middle:
        if bool((y >= 0).any()):
            own = int(y[node]) if int(y[node]) >= 0 else None
            drawn = influence_figure(
                influence_by_class(old, y), influence_by_class(new, y), theme(), groups="classes", own_group=own,
                names=view.dataset.class_names,
            )  # fmt: skip
            st.plotly_chart(drawn.figure, key="influence_classes", alt=drawn.alt, config=chart_config())
        else:
            st.info("This graph has no classes.", icon=":material/info:")
    with right:
        st.plotly_chart((drawn := relation_figure(by_relation, theme())).figure, key="influence_relations",
                        alt=drawn.alt, config=chart_config())  # fmt: skip
    st.caption(
        f"Influence: the fraction of random walks through {number} layer{'s'[: number > 1]} that start at the node "
        "and end there. For a GCN, averaged over its weights, it equals the corresponding fraction of the Jacobian of "
        "the node's output. A walk counts for a kind of edge with the fraction of its steps that follow such edges; a "
        "step from a node to itself follows none."
        + (
            " The rings and the walks follow edges in both directions, along (→) and against (←) them, as a network "
            "with both directions does."
            if view.settings.dataset.directed
            else ""
        )
    )


def draw_predictions(view: View, node: int) -> None:
    """Show the node's class as predicted by the last training on this graph, or where to train."""
    run = registry.last_finished_run(view.settings)
    if run is None or not run.probabilities:
        st.caption(
            "To see what a model predicts for this node before and after rewiring, train both models on the page "
            "**Train**, with this data set and noise."
        )
        return
    label = int(view.dataset.data.y[node])
    wrong = "true class unknown" if label < 0 else f"incorrect: the class is {view.class_label(label)}"
    row = st.container(horizontal=True)
    for method, graph in (("plain", "original graph"), ("torque", "rewired graph")):
        confidence, prediction = run.probabilities[method][node].max(dim=0)
        verdict = "correct" if int(prediction) == label else wrong
        row.metric(
            f"Predicted class, {graph}", view.class_label(int(prediction)),
            f"confidence {percent(float(confidence))}, {verdict}",
            delta_color="off", delta_arrow="off", width="content",
            help="Prediction of the last training in this session: the most probable class, and its probability.",
        )  # fmt: skip


def move_node(by: int, size: int) -> None:
    """Move to the next or the previous node."""
    st.session_state.node = (st.session_state.node + by) % size


def pick_random_node(size: int) -> None:
    """Move to a random node."""
    st.session_state.node = int(np.random.default_rng().integers(size))


view = load_view(of_training=True)
size, y = view.rewiring.num_nodes, view.dataset.data.y
drop_missing(size)
number = view.settings.layer + 1
export = draw_introduction(
    f"**{view.title}**: from which nodes does one node receive messages? The node is in the middle, "
    f"surrounded by the nodes at one message step, then at two, through **{number}** layer{'s'[: number > 1]}."
)
picker = st.container(horizontal=True, vertical_alignment="bottom")
with picker:
    node = node_input(size, purpose="The node whose receptive field is drawn.", names=view.dataset.names)
picker.button("Previous", icon=":material/chevron_left:", on_click=move_node, args=(-1, size), width="content",
              shortcut=SHORTCUTS["previous"].keys)  # fmt: skip
picker.button("Next", icon=":material/chevron_right:", on_click=move_node, args=(1, size), width="content",
              shortcut=SHORTCUTS["next"].keys)  # fmt: skip
picker.button("Random", icon=":material/casino:", on_click=pick_random_node, args=(size,), width="content")
layer_choice(picker)
label = int(y[node])
name = f" ({view.node_label(node)})" if view.dataset.names else ""
picker.markdown(f"Node **{node}**{name}, class **{view.class_label(label)}**", width="content")

st.markdown(
    "**Stand in the node**: watch the messages arrive, each as large as its influence, and torque weigh the edges that "
    f"carry them.{view.of_injected(' A ◆ marks an edge that the noise injected.')}"
)
draw_film(view, node, key="field_film")
draw_manual_cut(view)
before, after = receptive_fields(view, node)
draw_metrics(view, before, after)
layout, note = rings_to_draw(view, before, after)
left, right = st.columns(2, gap="medium")
with left:
    draw_rings("Before", before, view, layout)
with right:
    draw_rings("After", after, view, layout)
st.caption(
    "Edges: grey, kept; **dashed vermilion**, pruned by the layer; **thick blue**, added by the layer"
    f"{view.of_injected('; with a ◆, injected by the noise')}. Only edges from one ring to the next are drawn. Both "
    "pictures move together. Click a node "
    "to put it in the middle." + note
)
draw_predictions(view, node)
draw_influence(view, node, before, after)
st.markdown(
    "**Which edges changed the receptive field?** A pruned edge no longer carries messages from its far end; an added "
    "edge does so now."
)
edges = escape_formulas(changed_edges(view, before, after).drop(columns="torque"))
st.dataframe(edges, hide_index=True, placeholder="–", column_config={
    "step": st.column_config.NumberColumn("step", help="Number of message steps from the far end to the node."),
    "edge": st.column_config.TextColumn("edge", help="Source and target of the message."),
})  # fmt: skip
st.markdown(f"**The edges of this node in layer {number}**: torque = {' × '.join(view.layer.torque.factors)}")
st.dataframe(escape_formulas(edges_of_node(view, node)), hide_index=True, placeholder="–", column_config={
    name: st.column_config.NumberColumn(name, format="%.3f") for name in (*view.layer.torque.factors, "torque")
})  # fmt: skip
draw_export_menu(export, view, receptive_field_sections(view, before, after))
