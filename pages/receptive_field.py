"""Receptive field: which nodes one node listens to, before and after rewiring, layer by layer."""

import numpy as np
import pandas as pd
import streamlit as st
import torch

from pages.shared.view import View, node_input, percent, theme, view
from torque_core.diagnostics import ReceptiveField, receptive_field
from torque_core.figures import field_links, network_html, ring_positions
from torque_core.graph import undirected_pairs

MOST_DRAWN = 250  # nodes of a field


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
    page = network_html(
        heard.tolist(),
        links,
        position,
        seen.dataset.data.y,
        theme(),
        names=seen.dataset.names,
        focus=field.node,
        height=470,
    )
    st.iframe(
        page, height=485, alt=f"{title}: the nodes that node {field.node} hears, as rings by message steps: {rings}."
    )


def own_links(seen: View, node: int) -> pd.DataFrame:
    """Each link of the node in the layer shown: what its torque is made of, and what became of it."""
    layer, y = seen.layer, seen.dataset.data.y
    rows = []
    for pairs, torque, added in ((layer.pairs, layer.torque, False), (layer.added, layer.added_torque, True)):
        columns = (pairs == node).any(dim=0).nonzero().flatten()
        injected = seen.noisy.is_injected(pairs[:, columns]).tolist()
        for column, from_noise in zip(columns.tolist(), injected, strict=True):
            other = int(pairs[:, column].sum()) - node
            fate = "added" if added else "pruned" if bool(layer.pruned_mask[column]) else "kept"
            rows.append(
                {
                    "neighbour": seen.dataset.names[other] if seen.dataset.names else str(other),
                    "class": "unknown" if int(y[other]) < 0 else str(int(y[other])),
                    "fate": fate,
                    "injected": "yes" if from_noise else "no",
                    **{name: float(factor[column]) for name, factor in torque.factors.items()},
                    "torque": float(torque.value[column]),
                }
            )
    columns = ["neighbour", "class", "fate", "injected", *layer.torque.factors, "torque"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("torque", ascending=False)


def step(by: int, size: int) -> None:
    st.session_state.node = (st.session_state.node + by) % size


def anywhere(size: int) -> None:
    st.session_state.node = int(np.random.default_rng().integers(size))


seen = view()
size, y = seen.rewiring.num_nodes, seen.dataset.data.y
number = seen.settings.layer + 1
st.markdown(
    f"**{seen.dataset.info.title}**: whom does one node listen to? It stands in the middle, around it those it hears "
    f"after one message step, then two, through **{number}** layer{'s'[: number > 1]}; choose the layer in the sidebar."
)
picker = st.container(horizontal=True, vertical_alignment="bottom")
with picker:
    node = node_input(size, purpose="The node whose receptive field is drawn.")
picker.button("Previous", icon=":material/chevron_left:", on_click=step, args=(-1, size), width="content")
picker.button("Next", icon=":material/chevron_right:", on_click=step, args=(1, size), width="content")
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
    "noise. Only links from one ring to the next are drawn." + note
)
st.markdown(f"**Its own links in layer {number}**: torque = {' × '.join(seen.layer.torque.factors)}")
st.dataframe(own_links(seen, node).style.format(precision=3), hide_index=True)
