"""What pages ask of the core about one node: whom a node hears, whom to draw, and by which links messages came."""

import numpy as np
import pandas as pd
import torch

from pages.shared.core.view import View
from torque_core.diagnostics import ReceptiveField, receptive_field
from torque_core.diagnostics.fates import FATES
from torque_core.figures import receptive_field_edges, ring_positions
from torque_core.graph.pairs import undirected_pairs
from torque_core.io.tables import edge_table

__all__ = [
    "changed_edges",
    "edges_of_node",
    "neighbourhood",
    "nodes_to_draw",
    "receptive_fields",
    "same_class_fraction",
]

_MOST_DRAWN = 250  # nodes of a field
_MOST_LISTED = 500  # links of each fate


def receptive_fields(seen: View, node: int) -> tuple[ReceptiveField, ReceptiveField]:
    """Through the layers up to the one shown: over the noisy graph, and over the layers' own."""
    size = seen.rewiring.num_nodes
    layers = seen.rewiring.layers[: seen.settings.layer + 1]
    noisy = undirected_pairs(seen.noisy.data.edge_index, size)
    before = receptive_field(node, [noisy] * len(layers), size)
    return before, receptive_field(node, [layer.rewired for layer in layers], size)


def neighbourhood(seen: View, node: int, *, most: int) -> tuple[torch.Tensor, np.ndarray, str]:
    """The node and those it has an edge with, before or after, in a ring; and a note if some were left out."""
    links = torch.cat([seen.layer.pairs, seen.layer.added], dim=1)
    near = receptive_field(node, [links], seen.rewiring.num_nodes)
    drawn = torch.cat([torch.tensor([node]), near.ring(1)[:most]])
    left_out = len(near.nodes) - len(drawn)
    return drawn, ring_positions(near), f" Left out: {left_out:,} more." if left_out else ""


def nodes_to_draw(before: ReceptiveField, after: ReceptiveField) -> tuple[torch.Tensor, str]:
    """The nodes of both fields, the nearest first if they are too many; and a note if so."""
    heard = torch.cat([before.nodes, after.nodes]).unique()
    if len(heard) <= _MOST_DRAWN:
        return heard, ""
    hops = torch.where(before.hops < 0, after.hops, before.hops)[heard]
    nearest = heard[torch.argsort(hops, stable=True)[:_MOST_DRAWN]].sort().values
    return nearest, f" Drawn: the nearest {_MOST_DRAWN} of {len(heard):,} nodes; every number counts all."


def same_class_fraction(field: ReceptiveField, y: torch.Tensor) -> float | None:
    """Share of the nodes heard, the node itself not counted, that have its class; None without labels."""
    others = field.nodes[field.nodes != field.node]
    others = others[y[others] >= 0]
    if not len(others) or int(y[field.node]) < 0:
        return None
    return float((y[others] == y[field.node]).float().mean())


def changed_edges(seen: View, before: ReceptiveField, after: ReceptiveField) -> pd.DataFrame:
    """The links that carried messages to the node and are pruned, and those that were added and carry them now."""
    layers, factors = seen.rewiring.layers[: seen.settings.layer + 1], list(seen.layer.torque.factors)
    rows = []
    for field, fate in ((before, "pruned"), (after, "added")):
        links = receptive_field_edges(field, layers, seen.noisy)
        links = links[links.fate == FATES.index(fate)]
        steps = field.hops[links.pairs].max(dim=0).values
        for column in range(min(len(links), _MOST_LISTED)):
            i, j = links.pairs[:, column].tolist()
            near, far = (i, j) if field.hops[i] < field.hops[j] else (j, i)
            numbers = [float(factor[column]) for factor in links.torque.factors.values()]
            torque = float(links.torque.value[column])
            spelled = f"{' × '.join(f'{number:.3f}' for number in numbers)} = {torque:.3f}"
            rows.append({
                "fate": fate, "step": int(steps[column]), "edge": f"{seen.node_name(far)} → {seen.node_name(near)}",
                "injected": "yes" if bool(links.injected[column]) else "no",
                " × ".join(factors) + " = torque": "pruned in an earlier layer" if torque != torque else spelled,
                "torque": torque,
            })  # fmt: skip
    columns = ["fate", "step", "edge", "injected", " × ".join(factors) + " = torque", "torque"]
    return pd.DataFrame(rows, columns=columns).sort_values(["fate", "step", "torque"], ascending=[False, True, False])


def edges_of_node(seen: View, node: int) -> pd.DataFrame:
    """Each link of the node in the layer shown: what its torque is made of, and what became of it."""
    table = edge_table(seen.layer, seen.injected, seen.dataset.data.y, seen.dataset.names, seen.dataset.class_names)
    table = table[(table["source"] == node) | (table["target"] == node)]
    far = table["source"].where(table["source"] != node, table["target"])
    table = table.assign(neighbour=[seen.node_name(other) for other in far])
    table["class"] = table["source class"].where(table["source"] != node, table["target class"])
    columns = ["neighbour", "class", "fate", "injected", *seen.layer.torque.factors, "torque"]
    return table[columns].sort_values("torque", ascending=False)
