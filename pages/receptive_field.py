"""Receptive field: which nodes one node listens to, before and after rewiring, layer by layer."""

import numpy as np
import pandas as pd
import streamlit as st
import torch

from pages.shared import door, runs
from pages.shared.canvas import canvas
from pages.shared.selection import drop_missing, select, selection
from pages.shared.shortcuts import SHORTCUTS
from pages.shared.view import View, chart_config, node_input, percent, theme, view
from torque_core.diagnostics import ReceptiveField, influence_by_class, influence_by_hop, receptive_field
from torque_core.figures import field_links, influence_figure, network_data, ring_positions
from torque_core.figures.network import FATES
from torque_core.graph import undirected_pairs
from torque_core.graph_files import harmless
from torque_core.tables import edge_table

MOST_DRAWN = 250  # nodes of a field
MOST_LISTED = 500  # links of each fate


def fields(seen: View, node: int) -> tuple[ReceptiveField, ReceptiveField]:
    """Through the layers up to the one shown: over the noisy graph, and over the layers' own."""
    size = seen.rewiring.num_nodes
    layers = seen.rewiring.layers[: seen.settings.layer + 1]
    noisy = undirected_pairs(seen.noisy.data.edge_index, size)
    before = receptive_field(node, [noisy] * len(layers), size)
    return before, receptive_field(node, [layer.rewired for layer in layers], size)


def to_draw(before: ReceptiveField, after: ReceptiveField) -> tuple[torch.Tensor, str]:
    """The nodes of both fields, the nearest first if they are too many; and a note if so."""
    heard = torch.cat([before.nodes, after.nodes]).unique()
    if len(heard) <= MOST_DRAWN:
        return heard, ""
    hops = torch.where(before.hops < 0, after.hops, before.hops)[heard]
    nearest = heard[torch.argsort(hops, stable=True)[:MOST_DRAWN]].sort().values
    return nearest, f" Drawn: the nearest {MOST_DRAWN} of {len(heard):,} nodes; every number counts all."


def same_class(field: ReceptiveField, y: torch.Tensor) -> float | None:
    """Share of the nodes heard, the node itself not counted, that have its class; None without labels."""
    others = field.nodes[field.nodes != field.node]
    others = others[y[others] >= 0]
    if not len(others) or int(y[field.node]) < 0:
        return None
    return float((y[others] == y[field.node]).float().mean())


def numbers(before: ReceptiveField, after: ReceptiveField, y: torch.Tensor) -> None:
    """The two fields in numbers."""
    came = (before.hops < 0) & (after.hops >= 0)
    left = (before.hops >= 0) & (after.hops < 0)
    old, new = same_class(before, y), same_class(after, y)
    change = None if old is None or new is None or old == new else f"{100 * (new - old):+.1f} points"
    row = st.container(horizontal=True, horizontal_alignment="distribute")
    row.metric(
        "Nodes heard before", f"{len(before.nodes) - 1:,}", help="The node itself is not counted.", width="content"
    )
    row.metric(
        "Nodes heard after",
        f"{len(after.nodes) - 1:,}",
        f"{len(after.nodes) - len(before.nodes):+,}" if len(after.nodes) != len(before.nodes) else None,
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


def picture(title: str, field: ReceptiveField, seen: View, nodes: torch.Tensor, position: np.ndarray) -> None:
    """One of the two fields as rings."""
    heard = nodes[field.hops[nodes] >= 0]
    rings = ", ".join(
        f"{len(field.ring(hop)):,} after {hop} step{'s'[: hop > 1]}" for hop in range(1, len(field.links) + 1)
    )
    st.markdown(f"**{title}**: {rings}")
    links = field_links(field, seen.rewiring.layers[: seen.settings.layer + 1], seen.noisy, nodes=heard)
    chosen = selection()
    canvas(
        network_data(
            heard, links, position, seen.dataset.data.y, theme(), names=seen.dataset.names, focus=field.node
        ),
        key=f"field_{title.lower()}",
        height=470,
        alt=f"{title}: the nodes that node {field.node} hears, as rings by message steps: {rings}.",
        selected_nodes=chosen.nodes,
        selected_edges=chosen.edges,
        camera="field",
        image=st.session_state.image,
        on_select=lambda nodes, edges, add: select(nodes, edges, add=add),
    )  # fmt: skip


def ways(seen: View, before: ReceptiveField, after: ReceptiveField) -> pd.DataFrame:
    """The links that carried messages to the node and are pruned, and those that were added and carry them now."""
    layers, factors = seen.rewiring.layers[: seen.settings.layer + 1], list(seen.layer.torque.factors)
    rows = []
    for field, fate in ((before, "pruned"), (after, "added")):
        links = field_links(field, layers, seen.noisy)
        links = links[links.fate == FATES.index(fate)]
        steps = field.hops[links.pairs].max(dim=0).values
        for column in range(min(len(links), MOST_LISTED)):
            i, j = links.pairs[:, column].tolist()
            near, far = (i, j) if field.hops[i] < field.hops[j] else (j, i)
            numbers = [float(factor[column]) for factor in links.torque.factors.values()]
            torque = float(links.torque.value[column])
            spelled = f"{' × '.join(f'{number:.3f}' for number in numbers)} = {torque:.3f}"
            rows.append({
                "fate": fate, "step": int(steps[column]), "link": f"{name_of(seen, far)} → {name_of(seen, near)}",
                "injected": "yes" if bool(links.injected[column]) else "no",
                " × ".join(factors) + " = torque": "cut in an earlier layer" if torque != torque else spelled,
                "torque": torque,
            })  # fmt: skip
    columns = ["fate", "step", "link", "injected", " × ".join(factors) + " = torque", "torque"]
    return pd.DataFrame(rows, columns=columns).sort_values(["fate", "step", "torque"], ascending=[False, True, False])


def name_of(seen: View, node: int) -> str:
    return seen.dataset.names[node] if seen.dataset.names else str(node)


def influence(seen: View, node: int, before: ReceptiveField, after: ReceptiveField) -> None:
    """Who matters how much to the node, by hop and by class, before and after."""
    number = seen.settings.layer + 1
    old, new = (door.influence(*seen.key, node, number, rewired) for rewired in (False, True))
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
                influence_by_class(old, y), influence_by_class(new, y), theme(), groups="classes", own=own
            )
            st.plotly_chart(drawn.figure, key="influence_classes", alt=drawn.alt, config=chart_config())
        else:
            st.info("This graph has no classes.", icon=":material/info:")
    st.caption(
        "Influence: the share of each node in the Jacobian of the node's output, here its expectation for a GCN of "
        f"{number} layer{'s'[: number > 1]} whatever its weights: the share of random walks through the layers that "
        "end there."
    )


def prediction(seen: View, node: int) -> None:
    """What the last training on this graph says of the node, or where to get it."""
    run = runs.last_on(seen.settings)
    if run is None or not run.probabilities:
        st.caption(
            "What a model says of this node, before and after: train both on the page **Train**, with this data set "
            "and noise."
        )
        return
    label = int(seen.dataset.data.y[node])
    row = st.container(horizontal=True)
    for method, when in (("plain", "before: plain"), ("torque", "after: torque")):
        confidence, guess = run.probabilities[method][node].max(dim=0)
        verdict = "its class is unknown" if label < 0 else "right" if int(guess) == label else f"wrong: it is {label}"
        row.metric(
            f"Predicted class, {when}", f"{int(guess)}", f"confidence {percent(float(confidence))}, {verdict}",
            delta_color="off", delta_arrow="off", width="content",
            help="Of the last training in this session: the class of highest probability, and that probability.",
        )  # fmt: skip


def own_links(seen: View, node: int) -> pd.DataFrame:
    """Each link of the node in the layer shown: what its torque is made of, and what became of it."""
    table = edge_table(seen.layer, seen.injected, seen.dataset.data.y, seen.dataset.names)
    table = table[(table["source"] == node) | (table["target"] == node)]
    far = table["source"].where(table["source"] != node, table["target"])
    table = table.assign(neighbour=[name_of(seen, other) for other in far])
    table["class"] = table["source class"].where(table["source"] != node, table["target class"])
    columns = ["neighbour", "class", "fate", "injected", *seen.layer.torque.factors, "torque"]
    return table[columns].sort_values("torque", ascending=False)


def step(by: int, size: int) -> None:
    st.session_state.node = (st.session_state.node + by) % size


def anywhere(size: int) -> None:
    st.session_state.node = int(np.random.default_rng().integers(size))


seen = view(of_training=True)
size, y = seen.rewiring.num_nodes, seen.dataset.data.y
drop_missing(size)
number = seen.settings.layer + 1
st.markdown(
    f"**{seen.dataset.info.title}**: whom does one node listen to? It stands in the middle, around it those it hears "
    f"after one message step, then two, through **{number}** layer{'s'[: number > 1]}; choose the layer in the sidebar."
)
picker = st.container(horizontal=True, vertical_alignment="bottom")
with picker:
    node = node_input(size, purpose="The node whose receptive field is drawn.")
picker.button("Previous", icon=":material/chevron_left:", on_click=step, args=(-1, size), width="content",
              shortcut=SHORTCUTS["previous"].keys)  # fmt: skip
picker.button("Next", icon=":material/chevron_right:", on_click=step, args=(1, size), width="content",
              shortcut=SHORTCUTS["next"].keys)  # fmt: skip
picker.button("Random", icon=":material/casino:", on_click=anywhere, args=(size,), width="content")
label = int(y[node])
name = f" ({seen.dataset.names[node]})" if seen.dataset.names else ""
picker.markdown(f"Node **{node}**{name}, class **{'unknown' if label < 0 else label}**", width="content")

before, after = fields(seen, node)
numbers(before, after, y)
nodes, note = to_draw(before, after)
position = ring_positions(before, after)
left, right = st.columns(2, gap="medium")
with left:
    picture("Before", before, seen, nodes, position)
with right:
    picture("After", after, seen, nodes, position)
st.caption(
    "Grey: kept. **Dashed vermilion**: the layer prunes it. **Thick blue**: the layer adds it. ◆: injected by the "
    "noise. Only links from one ring to the next are drawn. Both pictures move together." + note
)
prediction(seen, node)
influence(seen, node, before, after)
st.markdown("**Who was thrown out, who came in, and by which link?** The far end is no longer heard, or heard now.")
links = harmless(ways(seen, before, after).drop(columns="torque"))
st.dataframe(links, hide_index=True, placeholder="–", column_config={
    "step": st.column_config.NumberColumn("step", help="How many message steps away the far end is."),
    "link": st.column_config.TextColumn("link", help="Whose message came to whom."),
})  # fmt: skip
st.markdown(f"**Its own links in layer {number}**: torque = {' × '.join(seen.layer.torque.factors)}")
st.dataframe(harmless(own_links(seen, node)), hide_index=True, placeholder="–", column_config={
    name: st.column_config.NumberColumn(name, format="%.3f") for name in (*seen.layer.torque.factors, "torque")
})  # fmt: skip
