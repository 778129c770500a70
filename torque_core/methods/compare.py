"""Comparison: what torque, its peers and its controls each make of one and the same graph."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.baselines import PEERS, rewire_at_random
from torque_core.bench.cases import METHODS as TIMED
from torque_core.diagnostics.graph_change import GraphChange
from torque_core.errors import BadConfig
from torque_core.graph.pairs import check_graph, direction_weights, is_among, positions_among, undirected_pairs
from torque_core.rewiring.record import LayerRewiring
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec

__all__ = ["COMPARED", "SLOW_FROM", "Compared", "compare", "peer_options"]

SLOW_FROM = 5_000
"""Beyond so many nodes a method that is ``slow`` takes seconds to minutes, so a view should ask before it runs it."""


@dataclass(frozen=True)
class Compared:
    """A method that can be compared.

    Attributes:
        title: For a reader.
        group: As of :func:`~torque_core.figures.styles.method_styles`: ``rewiring``, ``peer``, ``control`` or
            ``backbone``, which is the graph as it is.
        about: What it does, in a sentence.
        slow: Whether it takes its time on graphs of more than :data:`SLOW_FROM` nodes.
        most_nodes: It is not tried on graphs of more nodes, as in the bench; None if there is no limit.
    """

    title: str
    group: str
    about: str
    slow: bool = False
    most_nodes: int | None = None


COMPARED: Mapping[str, Compared] = MappingProxyType(
    {
        "torque": Compared("Torque", "rewiring", "Prunes edges of high torque and adds links of low torque."),
        "gdc": Compared(
            "GDC",
            "peer",
            "Graph diffusion convolution (Gasteiger et al., 2019): for each node the largest entries of a personalised "
            "PageRank take the place of its edges. The links have weights and directions, which are not drawn.",
            slow=True,
            most_nodes=TIMED["gdc_approximate"].most_nodes,
        ),
        "sdrf": Compared(
            "SDRF",
            "peer",
            "Stochastic discrete Ricci flow (Topping et al., 2022): adds links around the edges of the most negative "
            "curvature.",
            slow=True,
            most_nodes=TIMED["sdrf"].most_nodes,
        ),
        "fosr": Compared(
            "FoSR",
            "peer",
            "First-order spectral rewiring (Karhadkar et al., 2023): adds the links that widen the spectral gap most.",
            most_nodes=TIMED["fosr"].most_nodes,
        ),
        "borf": Compared(
            "BORF",
            "peer",
            "Batch Ollivier-Ricci flow (Nguyen et al., 2023): adds links around the edges of the lowest curvature and "
            "removes the edges of the highest.",
            slow=True,
            most_nodes=TIMED["borf"].most_nodes,
        ),
        "jaccard": Compared(
            "GCN-Jaccard", "peer", "Wu et al., 2019: drops the edges whose ends have no feature in common."
        ),
        "cosine": Compared(
            "Cosine similarity",
            "peer",
            "Prunes the edges whose ends have the least similar features and links each node to the most similar ones.",
        ),
        "random": Compared(
            "At random", "control", "Prunes and adds as many as torque does, drawn at random: torque's own control."
        ),
        "plain": Compared("Graph as it is", "backbone", "Nothing is pruned or added: what the others are measured by."),
    }
)
"""Every method by name, in the order of the views: torque, its peers, its control, and the graph as it is."""


def peer_options(method: str) -> dict[str, object]:
    """What :func:`compare` runs a peer with, its defaults; nothing for torque and the controls.

    Example:
        >>> peer_options("fosr")
        {'iterations': 50, 'power_iterations': 50, 'seed': 0}
    """
    return dict(vars(PEERS[method]())) if method in PEERS else {}


def compare(data: Data, method: str, spec: RewireSpec | None = None, *, layer: int = 0) -> GraphChange:
    """Run a method on a graph and say what became of its edges.

    Peers run with their defaults and make one graph. Torque and the control make one for each layer, of which one is
    looked at; their seconds are those of the layers up to it. An edge counts as pruned if it is not there in the end,
    even if a method took it out and another edge for it. The record is on the CPU.

    Args:
        data: A graph with ``x`` and ``edge_index``; torque computes on its device, peers on the CPU.
        method: A name in :data:`COMPARED`.
        spec: What is asked of torque and of its control.
        layer: Which of their layers, from 0.

    Raises:
        BadConfig: There is no such method or layer; the graph is too large for the method; or the method needs what is
            not installed.
        BadGraph: See :func:`~torque_core.graph.pairs.check_graph`.

    Example:
        >>> from torque_core import load
        >>> karate = load("karate").data
        >>> added = compare(karate, "fosr")
        >>> added.kept.size(1), added.pruned.size(1), added.added.size(1), added.layer
        (78, 0, 50, None)
        >>> by_torque = compare(karate, "torque", RewireSpec(cut="fixed", fraction=0.1))
        >>> by_torque.kept.size(1), by_torque.pruned.size(1), by_torque.added.size(1)
        (70, 8, 2)
    """
    spec = spec or RewireSpec()
    if method not in COMPARED:
        raise BadConfig(f"method must be one of {', '.join(COMPARED)}; got {method!r}")
    if not 0 <= layer < spec.layers:
        raise BadConfig(f"layer must be in 0 to {spec.layers - 1}, as the spec asks for {spec.layers}; got {layer}")
    check_graph(data)
    asked, nodes = COMPARED[method], len(data["x"])
    if asked.most_nodes is not None and nodes > asked.most_nodes:
        raise BadConfig(
            f"{asked.title} is not tried on graphs of more than {asked.most_nodes:,} nodes, where it would take very "
            f"long or too much memory; this one has {nodes:,}. Choose another method or a smaller graph"
        )
    weight = data.get("edge_weight")
    pairs = undirected_pairs(data["edge_index"] if weight is None else data["edge_index"][:, weight > 0], nodes).cpu()
    _warm_up(method)
    started = time.perf_counter()
    graph, weight, record = _run(data, method, replace(spec, layers=layer + 1))
    seconds = time.perf_counter() - started
    after = undirected_pairs(graph, nodes)
    added = after[:, ~is_among(after, pairs, nodes)]
    at = positions_among(torch.cat([pairs, added], dim=1), after, nodes)
    if weight is not None and bool((weight == 1).all()):
        weight = None
    if weight is not None:
        weight = direction_weights(Data(edge_index=graph, edge_weight=weight, num_nodes=nodes), after)
    now = None if weight is None else weight[:, at] * (at >= 0)
    return GraphChange(method, pairs, at[: pairs.size(1)] < 0, added, nodes, seconds, now, record)


def _run(data: Data, method: str, spec: RewireSpec) -> tuple[Tensor, Tensor | None, LayerRewiring | None]:
    """The edges that the method leaves, their weights, and the record of the last layer; on the CPU."""
    if method in ("torque", "random"):
        record = (rewire if method == "torque" else rewire_at_random)(data, spec).to("cpu").layers[-1]
        return record.edge_index, record.edge_weight, record
    rewired = data if method == "plain" else PEERS[method]()(data)
    weight = rewired.get("edge_weight")
    return rewired["edge_index"].cpu(), None if weight is None else weight.cpu(), None


@cache
def _warm_up(method: str) -> None:
    """Run once on two triangles: the first call imports solvers, whose time is none of the method's."""
    edges = torch.tensor([[0, 0, 1, 2, 3, 3, 4], [1, 2, 2, 3, 4, 5, 5]])
    _run(Data(x=torch.eye(6), edge_index=edges), method, RewireSpec(layers=1))
