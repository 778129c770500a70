"""Noise for robustness experiments: edges are inserted, deleted or swapped, or features are blurred.

All changes are counted exactly and recorded.
"""

import copy
from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadConfig
from torque_core.graph.noise_kinds import NOISE_KINDS, register_noise
from torque_core.graph.pairs import (
    check_graph,
    directed_edges,
    direction_weights,
    is_among,
    pair_keys,
    pairs_to_edge_index,
    positions_among,
    undirected_pairs,
)
from torque_core.graph.random_noise import RANDOM_NOISE
from torque_core.utils.display import ShortRepr
from torque_core.utils.fields import check_fields, spec_field
from torque_core.utils.random import check_seed

__all__ = ["NOISE_KINDS", "Noise", "NoisyGraph", "add_noise"]

for _key, _kind in RANDOM_NOISE.items():
    register_noise(_key, _kind)


@dataclass(frozen=True)
class Noise:
    """Kind, rate and seed of the noise.

    Attributes:
        kind: A key of :data:`~torque_core.graph.noise_kinds.NOISE_KINDS`.
        rate: Noise rate in [0, 2]. For edges: number of changed edges relative to :math:`|\\mathcal{E}|`, up to the
            largest rate of the kind. For features: standard deviation of the noise relative to that of the features.
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
        "insert", title="noise", choices=lambda: NOISE_KINDS, help="Kind of the noise that is added to the graph."
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
        if self.rate > (most := NOISE_KINDS[self.kind].most):
            raise BadConfig(f"rate of {self.kind} must be in [0, {most:g}], got {self.rate} (0.5 means 50 %)")


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
        return is_among(pairs, undirected_pairs(self.injected.to(pairs.device), num_nodes), num_nodes)


def add_noise(data: Data, noise: Noise) -> NoisyGraph:
    """Add noise to a copy of a graph.

    ``insert`` samples distinct new edges uniformly from all non-adjacent pairs; ``insert_by_degree`` samples both end
    nodes with probability proportional to their degree, so that hubs remain hubs. ``delete`` removes edges uniformly at
    random. ``dice`` (Waniek et al., 2018: disconnect internally, connect externally) makes ``round(rate * E)`` changes:
    half of them delete edges within a class, half insert edges between classes. ``features`` adds Gaussian noise to the
    features. The number of changes is exact. :mod:`torque_core.attacks.noise` adds attacks as kinds of noise.

    A pair of nodes that is joined in both directions counts as one edge. Remaining edges keep their directions and
    weights. An inserted edge has the directions of an edge that is sampled uniformly from the graph: both in an
    undirected graph, and in a directed one as often as there. In a graph with edge weights it has the median weight.

    Args:
        data: A PyG graph; ``dice`` needs ``y``.
        noise: Kind, rate and seed of the noise.

    Raises:
        BadGraph: If the graph is malformed, or has no labels and the kind is ``dice``.
        BadConfig: If the graph has not enough edges to delete or non-adjacent pairs to connect.

    Example:
        >>> graph = Data(x=torch.eye(4), edge_index=torch.tensor([[0, 1, 2], [1, 2, 3]]))  # each in one direction
        >>> noisy = add_noise(graph, Noise("insert", 2 / 3))
        >>> noisy.injected.size(1), noisy.data.edge_index.size(1)
        (2, 5)
    """
    data = check_graph(data)
    x, edge_index, kind = data["x"], data["edge_index"], NOISE_KINDS[noise.kind]
    num_nodes = len(x)
    pairs = undirected_pairs(edge_index, num_nodes).cpu()
    injected = removed = pairs[:, :0]
    if kind.change is None and noise.rate > 0:
        x = _blurred(x, noise)
    elif kind.change is not None and noise.rate > 0:
        injected, removed = kind.change(data, pairs, round(noise.rate * pairs.size(1)), noise.seed)

    noisy_pairs = pairs
    if removed.size(1):
        noisy_pairs = pairs[:, ~torch.isin(pair_keys(pairs, num_nodes), pair_keys(removed, num_nodes))]
    if injected.size(1):
        noisy_pairs = undirected_pairs(torch.cat([noisy_pairs, injected], dim=1), num_nodes)
    noisy = copy.copy(data)  # shares the unchanged tensors
    noisy.x = x
    edges, weights = pairs_to_edge_index(noisy_pairs), None
    weight = direction_weights(copy.copy(data).to("cpu", "edge_index", "edge_weight"), pairs)
    if weight is not None:
        position = positions_among(noisy_pairs, pairs, num_nodes)
        weight = torch.where(position >= 0, weight[:, position], _usual_weight(weight, len(position), noise.seed))
        edges, weights = directed_edges(noisy_pairs, weight)
    noisy.edge_index = edges.to(edge_index.device)
    if data.get("edge_weight") is not None:
        weights = torch.ones_like(edges[0]).float() if weights is None else weights
        noisy.edge_weight = weights.to(edge_index.device)
    return NoisyGraph(noisy, injected, removed)


def _usual_weight(weight: Tensor, count: int, seed: int) -> Tensor:
    """Median weight, in the directions of sampled edges, (2, count)."""
    present = weight > 0
    present = present[:, present.any(dim=0)]
    if not present.numel():
        return torch.ones(2, count)
    sampled = torch.randint(present.size(1), (count,), generator=torch.Generator().manual_seed(seed))
    return weight[weight > 0].median() * present[:, sampled]


def _blurred(x: Tensor, noise: Noise) -> Tensor:
    deviation = noise.rate * float(x.float().std(unbiased=False))
    drawn = torch.randn(x.shape, generator=torch.Generator().manual_seed(noise.seed))
    return x + deviation * drawn.to(x.device, torch.result_type(x, 1.0))
