"""Nettack: flip edges at chosen nodes so that a surrogate model misclassifies these nodes."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.attacks.degree_test import DegreeTest
from torque_core.attacks.poisoning import PoisoningInput, flip_pairs
from torque_core.attacks.spec import MetattackSpec
from torque_core.attacks.surrogate import LinearSurrogate
from torque_core.errors import BadConfig
from torque_core.graph.labels import node_mask
from torque_core.graph.pairs import is_among, pairs_to_edge_index
from torque_core.utils.sparse import row_starts, sparse_mm

__all__ = ["nettack"]

_EXTRA_FLIPS = 2  # beyond the degree of a target, as in the paper


def nettack(data: Data, targets: Tensor, *, flips: int | None = None, seed: int = 0) -> Iterator[Tensor]:
    """Flip edges at target nodes so that models misclassify these nodes.

    Nettack (Zügner et al., KDD 2018, arXiv 1805.07984), direct attack on the structure: the
    :class:`~torque_core.attacks.surrogate.LinearSurrogate` is trained on the original graph and remains fixed. Each
    step flips the pair of the target :math:`v` and another node that increases the margin of the surrogate most,

    .. math::
        \\max_{c \\ne \\hat{y}_v} \\big[ \\hat{A}'^2 X W^\\top \\big]_{vc}
        - \\big[ \\hat{A}'^2 X W^\\top \\big]_{v \\hat{y}_v}

    with the class :math:`\\hat{y}_v` that it predicts on the original graph. The margin after each possible flip is
    exact. Flips pass the :class:`~torque_core.attacks.degree_test.DegreeTest`, isolate no node and flip no pair twice.

    Args:
        data: Undirected graph without edge weights, with ``y`` and ``train_mask``.
        targets: The target nodes, attacked one after another: node indices or a mask.
        flips: Number of flips at each target; None for its degree plus 2, as in the paper.
        seed: Random seed of the surrogate's initial weights.

    Yields:
        The flipped pairs of each target in order, :math:`(2, B)` with :math:`i < j`; fewer than asked for if no allowed
        flip increases the margin.

    Raises:
        BadConfig: If ``flips`` is less than 1, or the attack needs more memory than is available.
        BadGraph: If the graph is directed, weighted, has no labelled training nodes, or a target does not exist.

    Example:
        >>> from torque_core import load
        >>> data = load("karate").data
        >>> (flips,) = nettack(data, torch.tensor([12]))
        >>> bool((flips == 12).any(dim=0).all()), flips.size(1) <= 4
        (True, True)
    """
    spec = MetattackSpec(seed=seed)
    given = PoisoningInput.of(data, spec)
    if flips is not None and flips < 1:
        raise BadConfig(f"flips must be at least 1, got {flips}")
    targets = torch.as_tensor(targets).cpu()
    mask = node_mask(targets, len(given.x), "targets")
    nodes = mask.nonzero().flatten() if targets.dtype == torch.bool else targets.flatten()
    return _attacks(given, spec, nodes.tolist(), flips)


def _attacks(given: PoisoningInput, spec: MetattackSpec, targets: list[int], flips: int | None) -> Iterator[Tensor]:
    surrogate = LinearSurrogate(given.x, given.labels, spec)
    weights = surrogate.initial_weights(torch.Generator().manual_seed(spec.seed))
    scores = surrogate.node_scores(given.pairs, weights)
    predicted = surrogate.logits(given.pairs, weights).argmax(dim=1)
    test = DegreeTest(given.degree(given.pairs), spec.degree_threshold)
    done = given.pairs[:, :0]
    for target in targets:
        before = done.size(1)
        budget = flips or int((given.pairs == target).sum()) + _EXTRA_FLIPS
        for _ in range(budget):
            pairs = flip_pairs(given.pairs, done, len(given.x))
            flip = _best_flip(scores, pairs, done, test, target, int(predicted[target]))
            if flip is None:
                break
            done = torch.cat([done, flip], dim=1)
        yield done[:, before:]


def _best_flip(scores: Tensor, pairs: Tensor, done: Tensor, test: DegreeTest, target: int, label: int) -> Tensor | None:
    """The allowed flip of largest margin, (2, 1); None if no flip increases it."""
    num_nodes = len(scores)
    after, now = logits_after_flips(scores, pairs, target)
    margin, current = (_margin(logits, label) for logits in (after, now[None]))
    other = torch.arange(num_nodes)
    candidates = torch.stack([other.clamp(max=target), other.clamp(min=target)])  # (2, N)
    is_edge = is_among(candidates, pairs, num_nodes)
    degree = torch.bincount(pairs.flatten(), minlength=num_nodes)
    allowed = other != target
    for edge, change in ((False, 1), (True, -1)):
        table, row = test.allowed_flips(degree, change)
        allowed &= (is_edge != edge) | table[row[target], row]
    allowed &= ~is_edge | ((degree > 1) & (degree[target] > 1))
    earlier = done[:, (done == target).any(dim=0)]
    allowed[earlier.flatten()] = False
    margin = margin.masked_fill(~allowed, -torch.inf)
    best = int(margin.argmax())
    return candidates[:, best : best + 1] if float(margin[best]) > float(current) else None


def _margin(logits: Tensor, label: int) -> Tensor:
    """Largest score of another class minus that of the class, (N,)."""
    others = logits.clone()
    others[:, label] = -torch.inf
    return others.max(dim=1).values - logits[:, label]


def logits_after_flips(scores: Tensor, pairs: Tensor, target: int) -> tuple[Tensor, Tensor]:
    """Compute the surrogate's logits at a node after the flip of each of its pairs, without a new propagation.

    Args:
        scores: :math:`X W^\\top`, :math:`(|\\mathcal{V}|, C)`.
        pairs: The edges, :math:`(2, |\\mathcal{E}|)`.
        target: The node :math:`v`.

    Returns:
        Row :math:`v` of :math:`\\hat{A}'^2 X W^\\top` after the flip of :math:`(v, u)` for each node :math:`u`,
        :math:`(|\\mathcal{V}|, C)`, without meaning for :math:`u = v`; and the row before any flip, :math:`(C,)`.
    """
    num_nodes = len(scores)
    loops = torch.arange(num_nodes).expand(2, -1)
    column, row = torch.cat([pairs_to_edge_index(pairs), loops], dim=1)
    order = row.argsort(stable=True)
    starts = row_starts(row, num_nodes)
    ones = torch.ones(len(row), dtype=scores.dtype)
    adjacency = torch.sparse_csr_tensor(starts, column[order], ones, (num_nodes, num_nodes), check_invariants=False)
    degree = starts.diff().to(scores.dtype)[:, None]  # (N, 1), with self-loops, as in all of the following
    near = torch.zeros(num_nodes, 1, dtype=scores.dtype)  # 1 for the neighbours, and for v
    near[column[row == target]] = 1
    scaled = scores * degree.rsqrt()  # (N, C)
    sums = sparse_mm(adjacency, scaled)  # (N, C) of each neighbourhood
    change = 1 - 2 * near  # 1 adds the edge, -1 removes it
    new_scaled = scores * (degree + change).clamp(min=1).rsqrt()  # of u after the flip
    new_degree = degree[target] + change  # (N, 1) of v after the flip with u
    new_target = scores[target] * new_degree.clamp(min=1).rsqrt()  # (N, C)
    by_target = new_target - scaled[target]
    # neighbours k of v other than v and u, with and without an edge to u
    total, count = (near * sums / degree).sum(dim=0), (near / degree).sum()
    own = sums[target] / degree[target]
    common = sparse_mm(adjacency, near / degree) - near * (1 / degree[target] + 1 / degree)
    rest = (
        total
        - own
        - near * sums / degree
        + by_target * (count - 1 / degree[target] - near / degree)
        + (new_scaled - scaled) * common
    )
    at_target = (sums[target] + by_target + torch.where(near > 0, -scaled, new_scaled)) / new_degree
    at_other = (1 - near) * (sums + new_scaled - scaled + new_target) / (degree + change)
    return (rest + at_target + at_other) * new_degree.rsqrt(), total * degree[target].rsqrt()
