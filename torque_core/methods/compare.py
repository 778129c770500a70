"""Comparison of what different methods do to the same graph."""

import time
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadConfig
from torque_core.graph.pairs import (
    check_graph,
    direction_weights,
    is_among,
    pairs_to_edge_index,
    positions_among,
    undirected_pairs,
)
from torque_core.methods.catalog import Method, find_method, methods_for
from torque_core.rewiring.graph_change import GraphChange
from torque_core.rewiring.record import LayerRewiring
from torque_core.rewiring.spec import RewireSpec

__all__ = ["MethodResult", "compare", "compared_methods", "default_options"]

_ORDER = ("rewiring", "peer", "control", "backbone")


@dataclass(frozen=True, kw_only=True)
class MethodResult(GraphChange):
    """The change that a compared method makes to a graph, with its running time.

    Attributes:
        method: A key of :data:`~torque_core.methods.catalog.METHODS`.
        seconds: Running time of the method.
        weight: See :attr:`~torque_core.rewiring.graph_change.GraphChange.weight`.
        layer: The record with the torques, for a method that rewires in training; None for the others.
        x: The new features, :math:`(|\\mathcal{V}|, F)`, for a method that changes them; None for the others.
    """

    method: str
    seconds: float
    weight: Tensor | None = None
    layer: LayerRewiring | None = None
    x: Tensor | None = None


def compared_methods() -> dict[str, Method]:
    """Return the methods that the comparison offers: torque, its peers, its ablations, and the original graph.

    Example:
        >>> list(compared_methods())
        ['torque', 'gdc', 'jaccard', 'cosine', 'fosr', 'sdrf', 'borf', 'delaunay', ..., 'ablation_random', 'plain']
    """
    offered = methods_for("compare")
    return {key: offered[key] for key in sorted(offered, key=lambda key: _ORDER.index(offered[key].kind))}


def default_options(method: str) -> dict[str, object]:
    """Return the default options of a method that rewires by a transform; empty for all others.

    Example:
        >>> default_options("fosr")
        {'iterations': 50, 'power_iterations': 50, 'seed': 0}
    """
    transform = find_method(method).transform
    return {} if transform is None else dict(vars(transform()))


def compare(data: Data, method: str, spec: RewireSpec | None = None, *, layer: int = 0) -> MethodResult:
    """Run a method on a graph and record what it does to the edges.

    A method that rewires by a transform runs with its default options and gives one graph. One that rewires in
    training, as torque does, gives one graph per layer, of which ``layer`` is recorded; the time is that of all layers
    up to it. An edge counts as pruned if it is missing in the end, even if another edge replaced it. The record is on
    the CPU.

    Args:
        data: A graph with ``x`` and ``edge_index``; torque computes on its device, peers on the CPU.
        method: A key of :data:`~torque_core.methods.catalog.METHODS`.
        spec: How to rewire, for methods that rewire in training; the method's own options take precedence.
        layer: Index of the layer to record, from 0.

    Raises:
        BadConfig: If there is no such method or layer, the graph is too large for the method, or the method needs a
            package that is not installed.
        BadGraph: See :func:`~torque_core.graph.pairs.check_graph`.

    Example:
        >>> from torque_core import load
        >>> karate = load("karate").data
        >>> by_fosr = compare(karate, "fosr")
        >>> by_fosr.kept.size(1), by_fosr.pruned.size(1), by_fosr.added.size(1), by_fosr.layer
        (78, 0, 50, None)
        >>> by_torque = compare(karate, "torque", RewireSpec(cut="fixed", fraction=0.1))
        >>> by_torque.kept.size(1), by_torque.pruned.size(1), by_torque.added.size(1)
        (70, 8, 2)
    """
    entry, spec = find_method(method), spec or RewireSpec()
    if not 0 <= layer < spec.layers:
        raise BadConfig(f"layer must be in [0, {spec.layers - 1}], as the spec has {spec.layers} layers; got {layer}")
    data = check_graph(data)
    nodes = len(data["x"])
    if entry.most_nodes is not None and nodes > entry.most_nodes:
        raise BadConfig(
            f"{entry.title} is not run on graphs of more than {entry.most_nodes:,} nodes, since it would take very "
            f"long or too much memory; this graph has {nodes:,}. Choose another method or a smaller graph"
        )
    weight = data.get("edge_weight")
    pairs = undirected_pairs(data["edge_index"] if weight is None else data["edge_index"][:, weight > 0], nodes).cpu()
    _warm_up(method)
    started = time.perf_counter()
    graph, weight, x, record = _run(data, entry, replace(spec, layers=layer + 1))
    seconds = time.perf_counter() - started
    after = undirected_pairs(graph, nodes)
    added = after[:, ~is_among(after, pairs, nodes)]
    position = positions_among(torch.cat([pairs, added], dim=1), after, nodes)  # -1: not among them
    if weight is not None and bool((weight == 1).all()):
        weight = None
    weight = direction_weights(Data(edge_index=graph, edge_weight=weight, num_nodes=nodes), after)
    if weight is not None:
        weight = weight[:, position] * (position >= 0)
    return MethodResult(
        pairs=pairs,
        pruned_mask=position[: pairs.size(1)] < 0,
        added=added,
        num_nodes=nodes,
        method=method,
        seconds=seconds,
        weight=weight,
        layer=record,
        x=x,
    )


def _run(
    data: Data, method: Method, spec: RewireSpec
) -> tuple[Tensor, Tensor | None, Tensor | None, LayerRewiring | None]:
    """Edges of the rewired graph, their weights, new features, and the record of its last layer; on the CPU."""
    if method.rewiring is not None:
        record = method.rewirer(data, replace(spec, **method.rewiring)).to("cpu").layers[-1]
        return record.edge_index, record.edge_weight, None, record
    rewired = data if method.transform is None else method.transform()(data)
    weight, x = rewired.get("edge_weight"), None if rewired["x"] is data["x"] else rewired["x"].cpu()
    return rewired["edge_index"].cpu(), None if weight is None else weight.cpu(), x, None


@cache
def _warm_up(method: str) -> None:
    """Run once on two triangles, so that the import of solvers is not measured as time of the method."""
    pairs = torch.tensor([[0, 0, 1, 2, 3, 3, 4], [1, 2, 2, 3, 4, 5, 5]])
    _run(Data(x=torch.eye(6), edge_index=pairs_to_edge_index(pairs)), find_method(method), RewireSpec(layers=1))
