"""Noise for robustness experiments: edges are inserted, deleted or swapped, or features are blurred.

All changes are counted exactly and recorded.
"""

import copy
from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.labels import class_labels
from torque_core.graph.pairs import (
    check_graph,
    directed_edges,
    direction_weights,
    pair_keys,
    pairs_to_edge_index,
    positions_among,
    undirected_pairs,
)
from torque_core.utils.display import ShortRepr
from torque_core.utils.fields import check_fields, spec_field
from torque_core.utils.random import check_seed

__all__ = ["NOISE_KINDS", "Noise", "NoisyGraph", "add_noise"]

NOISE_KINDS = {
    "insert": "Insert edges",
    "insert_by_degree": "Insert edges, by degree",
    "delete": "Delete edges",
    "dice": "DICE attack",
    "features": "Blur the features",
}
"""Kinds of noise with their titles; see :func:`add_noise`."""

_LIST_ALL_PAIRS_UP_TO = 2048  # nodes
_ROUNDS = 64


@dataclass(frozen=True)
class Noise:
    """Kind, rate and seed of the noise.

    Attributes:
        kind: A name in :data:`NOISE_KINDS`.
        rate: Noise rate in [0, 2]. For edges: number of inserted, deleted or swapped edges relative to
            :math:`|\\mathcal{E}|`, at most 1 for ``delete``. For features: standard deviation of the noise relative to
            that of the features.
        seed: Random seed; the same seed gives the same noise.

    Raises:
        BadConfig: If a value is out of range.

    Example:
        >>> Noise("insert", 3.0)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: rate must be in [0, 2], got 3.0 (0.5 means 50 %)
    """

    kind: str = spec_field(
        "insert", title="noise", choices=NOISE_KINDS, help="Kind of the noise that is added to the graph."
    )
    rate: float = spec_field(
        0.0,
        title="noise rate",
        low=0,
        high=2,
        unit="fraction",
        help="Changed edges relative to the number of edges; for features, the standard deviation of the noise "
        "relative to that of the features.",
    )
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` if a value is out of range."""
        check_fields(self)
        check_seed(self.seed)
        if self.kind == "delete" and self.rate > 1:
            raise BadConfig(f"rate of delete must be in [0, 1], got {self.rate}: at most all edges can be deleted")


@dataclass(frozen=True, repr=False)
class NoisyGraph(ShortRepr):
    """A graph with noise, and the exact edges that the noise changed; pairs with :math:`i < j`, each once."""

    data: Data
    injected: Tensor
    """Edges that the noise inserted, :math:`(2, I)`."""
    removed: Tensor
    """Edges that the noise deleted, :math:`(2, R)`."""

    def is_injected(self, pairs: Tensor) -> Tensor:
        """Mask of the given pairs that the noise inserted, bool, :math:`(P,)`."""
        num_nodes = len(self.data["x"])
        return torch.isin(pair_keys(pairs, num_nodes), pair_keys(self.injected.to(pairs.device), num_nodes))


def add_noise(data: Data, noise: Noise) -> NoisyGraph:
    """Add noise to a copy of a graph.

    ``insert`` samples distinct new edges uniformly from all non-adjacent pairs; ``insert_by_degree`` samples both end
    nodes with probability proportional to their degree, so that hubs remain hubs. ``delete`` removes edges uniformly at
    random. ``dice`` (Waniek et al., 2018: disconnect internally, connect externally) makes ``round(rate * E)`` changes:
    half of them delete edges within a class, half insert edges between classes. ``features`` adds Gaussian noise to the
    features. The number of changes is exact.

    The returned graph has every edge in both directions. In a graph with edge weights, however, remaining edges keep
    their directions and weights, and inserted edges have the median weight in both directions.

    Args:
        data: A PyG graph; ``dice`` needs ``y``.
        noise: Kind, rate and seed of the noise.

    Raises:
        BadGraph: If the graph is malformed, or has no labels and the kind is ``dice``.
        BadConfig: If the graph has not enough edges to delete or non-adjacent pairs to connect.

    Example:
        >>> graph = Data(x=torch.eye(4), edge_index=torch.tensor([[0, 1, 2], [1, 2, 3]]))
        >>> noisy = add_noise(graph, Noise("insert", 2 / 3))
        >>> noisy.injected.size(1), noisy.data.edge_index.size(1)
        (2, 10)
    """
    data = check_graph(data)
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

    removed_mask = torch.isin(pair_keys(pairs, num_nodes), pair_keys(removed, num_nodes))
    noisy_pairs = undirected_pairs(torch.cat([pairs[:, ~removed_mask], injected], dim=1), num_nodes)
    noisy = copy.copy(data)  # shares the unchanged tensors
    noisy.x = x
    noisy.edge_index = pairs_to_edge_index(noisy_pairs).to(edge_index.device)
    if data.get("edge_weight") is not None:
        weight = direction_weights(copy.copy(data).to("cpu", "edge_index", "edge_weight"), pairs)
        assert weight is not None  # because the graph has weights
        position, positive = positions_among(noisy_pairs, pairs, num_nodes), weight[weight > 0]
        usual = positive.median() if len(positive) else torch.tensor(1.0)
        edges, weights = directed_edges(noisy_pairs, torch.where(position >= 0, weight[:, position], usual))
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
    label = torch.tensor([]) if y is None else class_labels(y).cpu()
    if not bool((label >= 0).any()):
        raise BadGraph("dice needs node labels y; choose another noise, or give the graph labels")
    inside = pairs[:, (label[pairs[0]] == label[pairs[1]]) & (label[pairs[0]] >= 0)]
    deletions = changes // 2
    if deletions > inside.size(1):
        most = 2 * inside.size(1) / max(pairs.size(1), 1)
        fix = f"choose a rate of at most {most:.2f}" if most else "choose another noise"
        raise BadConfig(f"dice would delete {deletions} edges within classes, but there are {inside.size(1)}; {fix}")
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
    """Sample exactly ``count`` distinct non-adjacent pairs.

    Nodes are sampled with probability proportional to ``weight``; with ``label``, both nodes differ in class.
    """
    if not count:
        return pairs[:, :0]
    edge_keys = pair_keys(pairs, num_nodes)
    if num_nodes <= _LIST_ALL_PAIRS_UP_TO:  # list all pairs: exact even if nearly all of them are edges
        all_pairs = torch.triu_indices(num_nodes, num_nodes, offset=1)
        valid = ~torch.isin(pair_keys(all_pairs, num_nodes), edge_keys)
        if label is not None:
            valid &= _across(all_pairs, label)
        if weight is not None:
            valid &= (weight[all_pairs[0]] > 0) & (weight[all_pairs[1]] > 0)
        free = all_pairs[:, valid]
        if count > free.size(1):
            raise BadConfig(
                f"cannot insert {count} edges: only {free.size(1)} suitable pairs are not adjacent; choose a lower rate"
            )
        if weight is None:
            return _some_of(free, count, generator)
        # Efraimidis and Spirakis, 2006: the largest u^(1/w) are a weighted sample without replacement
        draw = torch.rand(free.size(1), generator=generator, dtype=torch.double).clamp(min=1e-300).log()
        chosen = (draw / (weight[free[0]] * weight[free[1]])).topk(count).indices.sort().values
        return free[:, chosen]
    sampled = edge_keys.new_empty(0)
    ends = torch.repeat_interleave(weight.long()) if weight is not None else None
    for _ in range(_ROUNDS):
        size = 2 * (count - len(sampled)) + 64
        high = num_nodes if ends is None else len(ends)
        drawn = torch.randint(high, (2, size), generator=generator)
        drawn = (drawn if ends is None else ends[drawn]).sort(dim=0).values
        valid = drawn[0] != drawn[1]
        if label is not None:
            valid &= _across(drawn, label)
        keys = pair_keys(drawn[:, valid], num_nodes)
        keys = keys[~torch.isin(keys, edge_keys)]
        sampled = _first_distinct(torch.cat([sampled, keys]))[:count]
        if len(sampled) == count:
            keys = sampled.sort().values
            return torch.stack([keys // num_nodes, keys % num_nodes])
    raise BadConfig(f"cannot insert {count} edges: too few suitable pairs after {_ROUNDS} rounds; choose a lower rate")


def _across(pairs: Tensor, label: Tensor) -> Tensor:
    return (label[pairs[0]] != label[pairs[1]]) & (label[pairs[0]] >= 0) & (label[pairs[1]] >= 0)


def _first_distinct(keys: Tensor) -> Tensor:
    """Distinct keys in the order of their first occurrence, so that small keys are not preferred."""
    ordered, order = keys.sort(stable=True)
    first = torch.ones(len(keys), dtype=torch.bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return keys[order[first].sort().values]
