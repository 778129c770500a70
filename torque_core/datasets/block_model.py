"""Contextual stochastic block model: a random graph with given classes, homophily and feature signal."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadConfig
from torque_core.graph.pairs import ascending, pairs_to_edge_index, sorted_edges
from torque_core.utils.fields import check_fields, spec_field
from torque_core.utils.random import check_seed

__all__ = ["BlockModel", "sample_block_model"]

MAX_NODES = 200_000
MAX_FEATURES = 4_096
MAX_EDGES = 5_000_000
MAX_SIGNAL = 1e6


@dataclass(frozen=True)
class BlockModel:
    """Settings of a contextual stochastic block model.

    Attributes:
        nodes: Number of nodes :math:`|\\mathcal{V}|`, 2 to 200,000.
        classes: Number of classes :math:`K`, 1 to ``nodes``; their sizes differ by at most one.
        degree: Expected mean degree, greater than 0, at most ``nodes - 1``.
        homophily: Expected fraction of edges within a class, in [0, 1].
        signal: :math:`s`, the length of the mean feature vector of a class, 0 to :math:`10^6`; the noise has a length
            of about 1.
        features: Number of features :math:`F`, 1 to 4,096.
        seed: Random seed, 0 to 2**63 - 1.

    Raises:
        BadConfig: If a value is out of range, or there are not enough pairs of nodes within or between the classes for
            that degree and homophily.

    Example:
        >>> BlockModel(nodes=10, classes=5, degree=4, homophily=0.9)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: homophily 0.9 at degree 4 needs 18 edges within the classes, but
        there are only 5 such pairs; lower homophily, classes or degree
    """

    nodes: int = spec_field(120, title="nodes", low=2, high=MAX_NODES, help="Number of nodes.")
    classes: int = spec_field(3, title="classes", low=1, high=MAX_NODES, help="Number of classes, of equal sizes.")
    degree: float = spec_field(
        6.0, title="mean degree", low=0, high=MAX_NODES - 1, help="Expected mean number of edges per node."
    )
    homophily: float = spec_field(
        0.9,
        title="homophily",
        low=0,
        high=1,
        unit="fraction",
        help="Expected fraction of the edges that join nodes of the same class.",
    )
    signal: float = spec_field(
        0.6,
        title="feature signal",
        low=0,
        high=MAX_SIGNAL,
        help="Length of the mean feature vector of a class; the noise has a length of about 1.",
    )
    features: int = spec_field(16, title="features", low=1, high=MAX_FEATURES, help="Number of features.")
    seed: int = 0

    def __post_init__(self) -> None:
        """Validate each field, then their combination."""
        check_fields(self)
        check_seed(self.seed)
        if self.classes > self.nodes:
            raise BadConfig(f"classes must be at most nodes = {self.nodes}, got {self.classes}")
        if not 0 < self.degree <= self.nodes - 1:
            raise BadConfig(
                f"degree must be greater than 0 and at most nodes - 1 = {self.nodes - 1}, got {self.degree}"
            )
        edges = self.nodes * self.degree / 2
        if edges > MAX_EDGES:
            raise BadConfig(f"{edges:,.0f} edges exceed the limit of {MAX_EDGES:,}; lower nodes or degree")
        within = self.pairs_within
        between = self.nodes * (self.nodes - 1) // 2 - within
        for place, fraction, pairs, remedy in (
            ("within", self.homophily, within, "lower homophily, classes or degree"),
            ("between", 1 - self.homophily, between, "raise homophily or classes, or lower degree"),
        ):
            # the factor tolerates rounding for a complete graph, never a whole pair
            if fraction * edges > pairs * (1 + 1e-9):
                raise BadConfig(
                    f"homophily {self.homophily:g} at degree {self.degree:g} needs {fraction * edges:.4g} edges "
                    f"{place} the classes, but there are only {pairs:,} such pairs; {remedy}"
                )

    @property
    def pairs_within(self) -> int:
        """Number of node pairs within a class."""
        size, larger = divmod(self.nodes, self.classes)
        return self.classes * (size * (size - 1) // 2) + larger * size


def sample_block_model(model: BlockModel) -> Data:
    r"""Sample a graph and its features from a contextual stochastic block model.

    Each pair of nodes is an edge independently of the others, with one probability within classes and another between
    classes, such that the expected degree and homophily are those of the settings. The features of a node are

    .. math:: x_v = s \, \mu_{y_v} + z_v / \sqrt{F}, \quad
              \mu_c \sim \mathcal{N}(0, I_F / F), \; z_v \sim \mathcal{N}(0, I_F),

    the model of Deshpande et al. (2018), `arXiv:1807.09596 <https://arxiv.org/abs/1807.09596>`_, with
    :math:`s = \sqrt{\mu / n}` and a mean vector per class instead of :math:`\pm u`.

    Time and memory are linear in the number of edges, not in :math:`|\mathcal{V}|^2`.

    Args:
        model: The settings.

    Returns:
        ``x`` :math:`(|\mathcal{V}|, F)`, ``edge_index`` :math:`(2, 2|\mathcal{E}|)` and ``y``
        :math:`(|\mathcal{V}|,)`, with nodes sorted by class.

    Example:
        >>> data = sample_block_model(BlockModel(nodes=6, classes=2, degree=2, homophily=1, seed=1))
        >>> data.y
        tensor([0, 0, 0, 1, 1, 1])
        >>> bool((data.y[data.edge_index[0]] == data.y[data.edge_index[1]]).all())
        True
    """
    generator = torch.Generator().manual_seed(model.seed)
    node = torch.arange(model.nodes)
    y = node * model.classes // model.nodes  # (N,)
    start = torch.searchsorted(y, y)  # (N,) first node of the class of each node
    within, between = node - start, start  # (N,) earlier nodes of the same class, of other classes

    edges = model.nodes * model.degree / 2
    pairs = torch.cat(
        [
            _sample_pairs(within, start, model.homophily * edges, generator),
            _sample_pairs(between, torch.zeros_like(start), (1 - model.homophily) * edges, generator),
        ],
        dim=1,
    )
    means = torch.randn(model.classes, model.features, generator=generator)
    noise = torch.randn(model.nodes, model.features, generator=generator)
    x = (model.signal * means[y] + noise) / math.sqrt(model.features)
    return Data(x=x, edge_index=sorted_edges(pairs_to_edge_index(pairs), model.nodes), y=y)


def _sample_pairs(counts: Tensor, first: Tensor, expected: float, generator: torch.Generator) -> Tensor:
    """Sample pairs uniformly, ``expected`` of them on average, among ``counts[j]`` pairs for each node ``j``.

    The pairs of node ``j`` are :math:`(first_j, j), (first_j + 1, j), \\ldots`, so each pair has a number. Independent
    sampling with one probability is the same as sampling a binomial count of distinct numbers.
    """
    ends = counts.cumsum(0)  # (N,)
    total = int(ends[-1])
    if total == 0:
        return torch.empty(2, 0, dtype=torch.long)
    probability = torch.tensor(min(1.0, expected / total), dtype=torch.float64)
    count = int(torch.binomial(torch.tensor(total, dtype=torch.float64), probability, generator=generator))
    number = _sample_distinct(total, count, generator)  # (E,)
    j = torch.searchsorted(ends, number, right=True)
    i = first[j] + number - (ends - counts)[j]
    return torch.stack([i, j])  # (2, E)


def _sample_distinct(total: int, count: int, generator: torch.Generator) -> Tensor:
    """Sample ``count`` distinct numbers below ``total``; all sets of this size are equally likely."""
    if 2 * count >= total:
        return torch.randperm(total, generator=generator)[:count]
    sampled = torch.empty(0, dtype=torch.long)
    while len(sampled) < count:  # each round samples only the missing ones, so there are never too many
        more = torch.randint(total, (count - len(sampled),), generator=generator)
        sampled = ascending(torch.cat([sampled, more])).unique_consecutive()
    return sampled
