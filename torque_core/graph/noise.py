"""Noise: edges inserted, deleted or swapped, features blurred, all of it counted and known exactly."""

import copy
from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.pairs import (
    check_graph,
    directed_edges,
    direction_weights,
    pair_keys,
    pairs_to_edge_index,
    positions_among,
    undirected_pairs,
)
from torque_core.utils.random import check_seed

__all__ = ["NOISE_KINDS", "Noise", "NoisyGraph", "add_noise"]

NOISE_KINDS = {
    "insert": "Insert edges",
    "insert_by_degree": "Insert edges, by degree",
    "delete": "Delete edges",
    "dice": "DICE attack",
    "features": "Blur the features",
}
"""Kinds of noise and a title for each; :func:`add_noise` says what they do."""

_LIST_ALL_PAIRS_UP_TO = 2048  # nodes
_ROUNDS = 64


@dataclass(frozen=True)
class Noise:
    """Which noise, how much, and its seed.

    Attributes:
        kind: A name in :data:`NOISE_KINDS`.
        rate: In [0, 2]. For edges: how many are inserted, deleted or swapped, relative to
            :math:`|\\mathcal{E}|`; ``delete`` takes at most 1. For features: standard deviation of the noise,
            relative to that of the features.
        seed: The same seed gives the same noise.

    Example:
        >>> Noise("insert", 3.0)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: rate must be in [0, 2], got 3.0 (0.5 means 50 %)
    """

    kind: str = "insert"
    rate: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` for a value that cannot be."""
        if self.kind not in NOISE_KINDS:
            raise BadConfig(f"noise must be one of {', '.join(NOISE_KINDS)}; got {self.kind!r}")
        if not 0 <= self.rate <= 2:
            raise BadConfig(f"rate must be in [0, 2], got {self.rate} (0.5 means 50 %)")
        check_seed(self.seed)
        if self.kind == "delete" and self.rate > 1:
            raise BadConfig(f"rate of delete must be in [0, 1], got {self.rate}: there are no more edges than all")


@dataclass(frozen=True)
class NoisyGraph:
    """A graph after noise, and exactly what was done to it; pairs with :math:`i < j`, each once."""

    data: Data
    injected: Tensor
    """Edges that the noise inserted, :math:`(2, I)`."""
    removed: Tensor
    """Edges that the noise deleted, :math:`(2, R)`."""

    def is_injected(self, pairs: Tensor) -> Tensor:
        """Which of the given pairs the noise inserted, bool, :math:`(P,)`."""
        num_nodes = len(self.data["x"])
        return torch.isin(pair_keys(pairs, num_nodes), pair_keys(self.injected.to(pairs.device), num_nodes))


def add_noise(data: Data, noise: Noise) -> NoisyGraph:
    """Disturb a copy of a graph; the graph itself stays as it is.

    ``insert`` draws distinct new edges uniformly from all pairs that are none; ``insert_by_degree`` draws both ends
    in proportion to their degree, so that hubs stay hubs; ``dice`` (Waniek et al., 2018: disconnect internally,
    connect externally) does ``round(rate * E)`` changes, half of them deletions within a class, half insertions
    across classes. Counts are exact; what the graph has no room for raises. Edges go both
    ways afterwards; but where they have weights, those that stay keep their directions and weights, and one that is
    inserted has the median weight both ways.

    Args:
        data: A PyG graph; ``dice`` needs ``y``.
        noise: Kind, rate, seed.

    Example:
        >>> graph = Data(x=torch.eye(4), edge_index=torch.tensor([[0, 1, 2], [1, 2, 3]]))
        >>> noisy = add_noise(graph, Noise("insert", 2 / 3))
        >>> noisy.injected.size(1), noisy.data.edge_index.size(1)
        (2, 10)
    """
    check_graph(data)
    x, y, edge_index = data["x"], data.y, data["edge_index"]
    num_nodes = len(x)
    pairs = undirected_pairs(edge_index, num_nodes).cpu()
    generator = torch.Generator().manual_seed(noise.seed)
    changes = round(noise.rate * pairs.size(1))
    injected = removed = pairs[:, :0]
    if noise.kind in ("insert", "insert_by_degree"):
        degree = torch.bincount(pairs.flatten(), minlength=num_nodes).double()
        by_degree = noise.kind == "insert_by_degree"
        injected = _new_pairs(pairs, num_nodes, changes, generator, weight=degree if by_degree else None)
    elif noise.kind == "delete":
        removed = _some_of(pairs, changes, generator)
    elif noise.kind == "dice":
        injected, removed = _dice(pairs, y if isinstance(y, Tensor) else None, num_nodes, changes, generator)
    elif noise.rate > 0:
        deviation = noise.rate * float(x.float().std(unbiased=False))
        x = x + deviation * torch.randn(x.shape, generator=generator).to(x.device, torch.result_type(x, 1.0))

    gone = torch.isin(pair_keys(pairs, num_nodes), pair_keys(removed, num_nodes))
    noisy_pairs = undirected_pairs(torch.cat([pairs[:, ~gone], injected], dim=1), num_nodes)
    noisy = copy.copy(data)  # shares the tensors that stay as they are
    noisy.x = x
    noisy.edge_index = pairs_to_edge_index(noisy_pairs).to(edge_index.device)
    if data.get("edge_weight") is not None:
        weight = direction_weights(copy.copy(data).to("cpu", "edge_index", "edge_weight"), pairs)
        assert weight is not None  # as there are weights
        at, there = positions_among(noisy_pairs, pairs, num_nodes), weight[weight > 0]
        usual = there.median() if len(there) else torch.tensor(1.0)
        edges, weights = directed_edges(noisy_pairs, torch.where(at >= 0, weight[:, at], usual))
        weights = torch.ones_like(edges[0]).float() if weights is None else weights
        noisy.edge_index, noisy.edge_weight = edges.to(edge_index.device), weights.to(edge_index.device)
    return NoisyGraph(noisy, injected, removed)


def _some_of(pairs: Tensor, count: int, generator: torch.Generator) -> Tensor:
    chosen = torch.randperm(pairs.size(1), generator=generator)[:count].sort().values
    return pairs[:, chosen]


def _dice(
    pairs: Tensor, y: Tensor | None, num_nodes: int, changes: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """``changes // 2`` edges within classes to delete, the others across classes to insert."""
    if y is None or not bool((y >= 0).any()):
        raise BadGraph("dice needs labels y to tell classes apart; choose another noise, or give the graph labels")
    label = y.cpu()
    inside = pairs[:, (label[pairs[0]] == label[pairs[1]]) & (label[pairs[0]] >= 0)]
    deletions = changes // 2
    if deletions > inside.size(1):
        most = 2 * inside.size(1) / max(pairs.size(1), 1)
        way_out = f"choose a rate of at most {most:.2f}" if most else "choose another noise"
        raise BadConfig(
            f"dice would delete {deletions} edges within classes, but there are {inside.size(1)}; {way_out}"
        )
    injected = _new_pairs(pairs, num_nodes, changes - deletions, generator, label=label)
    return injected, _some_of(inside, deletions, generator)


def _new_pairs(
    pairs: Tensor,
    num_nodes: int,
    count: int,
    generator: torch.Generator,
    *,
    weight: Tensor | None = None,
    label: Tensor | None = None,
) -> Tensor:
    """Exactly ``count`` distinct pairs that are no edges; ends by ``weight``; of two classes if ``label`` is given."""
    if not count:
        return pairs[:, :0]
    taken = pair_keys(pairs, num_nodes)
    if num_nodes <= _LIST_ALL_PAIRS_UP_TO:  # few enough pairs to list them all: exact however full the graph is
        every = torch.triu_indices(num_nodes, num_nodes, offset=1)
        fit = ~torch.isin(pair_keys(every, num_nodes), taken)
        if label is not None:
            fit &= _across(every, label)
        if weight is not None:
            fit &= (weight[every[0]] > 0) & (weight[every[1]] > 0)
        free = every[:, fit]
        if count > free.size(1):
            raise BadConfig(f"{count} edges to insert, but only {free.size(1)} pairs are free; choose a lower rate")
        if weight is None:
            return _some_of(free, count, generator)
        # Efraimidis and Spirakis, 2006: the largest u^(1/w) are a weighted sample without replacement
        draw = torch.rand(free.size(1), generator=generator, dtype=torch.double).clamp(min=1e-300).log()
        chosen = (draw / (weight[free[0]] * weight[free[1]])).topk(count).indices.sort().values
        return free[:, chosen]
    found = taken.new_empty(0)
    ends = torch.repeat_interleave(weight.long()) if weight is not None else None
    for _ in range(_ROUNDS):
        size = 2 * (count - len(found)) + 64
        high = num_nodes if ends is None else len(ends)
        drawn = torch.randint(high, (2, size), generator=generator)
        drawn = (drawn if ends is None else ends[drawn]).sort(dim=0).values
        fit = drawn[0] != drawn[1]
        if label is not None:
            fit &= _across(drawn, label)
        keys = pair_keys(drawn[:, fit], num_nodes)
        keys = keys[~torch.isin(keys, taken)]
        found = _first_distinct(torch.cat([found, keys]))[:count]
        if len(found) == count:
            keys = found.sort().values
            return torch.stack([keys // num_nodes, keys % num_nodes])
    raise BadConfig(f"no room for {count} edges after {_ROUNDS} rounds of drawing; choose a lower rate")


def _across(pairs: Tensor, label: Tensor) -> Tensor:
    return (label[pairs[0]] != label[pairs[1]]) & (label[pairs[0]] >= 0) & (label[pairs[1]] >= 0)


def _first_distinct(keys: Tensor) -> Tensor:
    """Keys without repeats in the order of their first appearance, so that none is favoured by its size."""
    ordered, order = keys.sort(stable=True)
    first = torch.ones(len(keys), dtype=torch.bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return keys[order[first].sort().values]
