"""Metattack: poison a graph by meta-gradients through the training of a surrogate model."""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.attacks.degree_test import DegreeTest
from torque_core.attacks.known_defence import KNOWN_DEFENCES, KnownDefence
from torque_core.attacks.poisoning import PoisoningInput, flip_pairs
from torque_core.attacks.spec import MetattackSpec
from torque_core.attacks.surrogate import LinearSurrogate
from torque_core.errors import BadConfig
from torque_core.graph.pairs import is_among, pair_keys, pairs_to_edge_index

__all__ = ["metattack"]

_REFRESH = 25  # flips until a known defence judges all pairs anew


def metattack(data: Data, spec: MetattackSpec | None = None, *, done: Tensor | None = None) -> Iterator[Tensor]:
    """Flip edges so that models trained on the changed graph misclassify (poisoning).

    Metattack (Zügner and Günnemann, ICLR 2019, arXiv 1902.08412) treats the adjacency matrix as a hyper-parameter. In
    each step a :class:`~torque_core.attacks.surrogate.LinearSurrogate` is trained on the current graph, and the loss of
    the trained model is differentiated with respect to all pairs of nodes, through the training. The pair whose flip
    increases the loss most is flipped:

    .. math::
        \\arg\\max_{i < j} \\; (1 - 2 A_{ij}) \\, \\frac{d}{d A_{ij}} \\mathcal{L}(f_{W^*(A)}(A, X))

    among the flips that pass the :class:`~torque_core.attacks.degree_test.DegreeTest`, isolate no node and flip no pair
    twice. The attacker knows the features, the graph and the training labels, but neither the attacked model nor any
    other label: the loss compares with the predictions of the surrogate on the original graph.

    If the attacker knows a defence (``spec.knows``), the attack is adaptive: the surrogate is trained, and the gradient
    taken, on the edges that the defence keeps, and no flip is tried that the defence would undo. A defence that depends
    on the graph is applied anew for each gradient, and judges all pairs every 25 flips.

    Args:
        data: Undirected graph without edge weights, with ``y`` and ``train_mask``.
        spec: Attack specification.
        done: Flips of an interrupted run, in order, :math:`(2, B)`; the run continues after them.

    Yields:
        The flipped pairs in order, each :math:`(2, K)` with :math:`i < j`, where :math:`K` is at most
        ``spec.flips_per_gradient``. The first flips are the attack with a smaller budget. The iterator ends early if no
        pair is left that may be flipped.

    Raises:
        BadConfig: If the budget is less than one flip or exceeds the number of pairs, or the attack needs more memory
            than is available. Raised before the first step.
        BadGraph: If the graph is directed, weighted, has no labelled training nodes, or has no others.

    Example:
        >>> from torque_core import load
        >>> flips = torch.cat(list(metattack(load("karate").data, MetattackSpec(budget=0.05))), dim=1)
        >>> flips.shape
        torch.Size([2, 4])
    """
    spec = spec or MetattackSpec()
    given = PoisoningInput.of(data, spec)
    budget = _num_flips(spec, given.pairs.size(1), len(given.x))
    defence = None if spec.knows == "nothing" else KNOWN_DEFENCES[spec.knows](copy.copy(data).to("cpu"))
    return _flips(given, spec, budget, given.pairs[:, :0] if done is None else done, defence)


def _flips(
    given: PoisoningInput, spec: MetattackSpec, budget: int, done: Tensor, defence: KnownDefence | None
) -> Iterator[Tensor]:
    surrogate, num_nodes = LinearSurrogate(given.x, given.labels, spec), len(given.x)
    original = given.pairs if defence is None else defence.receives(given.pairs)
    surrogate.label_all_nodes(original, surrogate.initial_weights(_generator(spec, 0)))
    test = DegreeTest(given.degree(given.pairs), spec.degree_threshold)
    judged, refused, useless = -1, torch.empty(0), None
    while done.size(1) < budget:
        pairs = received = flip_pairs(given.pairs, done, num_nodes)
        if defence is not None:
            received = defence.receives(pairs)
            # after a multiple of flips, so that a continued run sees what an uninterrupted one does
            if judged != (judged := done.size(1) // _REFRESH * _REFRESH):
                refused = defence.refuses(flip_pairs(given.pairs, done[:, :judged], num_nodes))
            useless = refused.clone()
            useless[*pairs_to_edge_index(pairs[:, ~is_among(pairs, received, num_nodes)])] = True
        gradient = surrogate.gradient(received, surrogate.initial_weights(_generator(spec, done.size(1))))
        count = min(spec.flips_per_gradient, budget - done.size(1))
        flips = _best_flips(gradient, pairs, done, test, given.degree(pairs), count, useless)
        if not flips.size(1):
            return
        yield flips
        done = torch.cat([done, flips], dim=1)


def _generator(spec: MetattackSpec, step: int) -> torch.Generator:
    # of the number of flips so far, so that a continued run draws what an uninterrupted one does
    return torch.Generator().manual_seed((spec.seed * 1_000_003 + step) % 2**63)


def _best_flips(
    score: Tensor,
    pairs: Tensor,
    done: Tensor,
    test: DegreeTest,
    degree: Tensor,
    count: int,
    useless: Tensor | None = None,
) -> Tensor:
    """The allowed flips that increase the loss most to first order, best first, (2, at most count).

    Args:
        score: Gradient of the loss, (N, N); it is overwritten.
        pairs: The current edges.
        done: Earlier flips.
        test: Test of the degree distribution.
        degree: The current degrees.
        count: Number of flips.
        useless: Mask of the pairs that a defence would not let the network see flipped, (N, N).
    """
    may_add, row = test.allowed_flips(degree, 1)
    may_remove, _ = test.allowed_flips(degree, -1)
    removable = may_remove[row[pairs[0]], row[pairs[1]]] & (degree[pairs] > 1).all(dim=0)
    by_removal = torch.where(removable, -score[*pairs], -torch.inf)
    if not bool(may_add.all()):
        score.masked_fill_(~may_add[row][:, row], -torch.inf)
    score[*pairs_to_edge_index(pairs)] = by_removal.repeat(2)
    score[*pairs_to_edge_index(done)] = -torch.inf
    score.fill_diagonal_(-torch.inf)
    if useless is not None:
        score.masked_fill_(useless, -torch.inf)
    best, partner = score.max(dim=1)  # of each node; far faster than the largest of all pairs
    node = best.argsort(descending=True, stable=True)[: 2 * count]
    node = node[best[node] > -torch.inf]
    flips = torch.stack([torch.minimum(node, partner[node]), torch.maximum(node, partner[node])])
    again = (flips[:, :, None] == flips[:, None, :]).all(dim=0).tril(-1).any(dim=1)  # found from its other end
    return _together(flips[:, ~again][:, :count], pairs, degree, test)


def _together(flips: Tensor, pairs: Tensor, degree: Tensor, test: DegreeTest) -> Tensor:
    """The flips that also keep the constraints after those before them."""
    if flips.size(1) < 2:
        return flips
    num_nodes, accepted, degree = len(degree), [], degree.clone()
    edges = set(pair_keys(pairs, num_nodes).tolist())
    for position, (i, j) in enumerate(flips.T.tolist()):
        change = -1 if i * num_nodes + j in edges else 1
        changed = degree.clone()
        changed[[i, j]] += change
        if int(changed[[i, j]].min()) and float(test.statistic(changed)) < test.threshold:
            accepted.append(position)
            degree = changed
    return flips[:, accepted]


def _num_flips(spec: MetattackSpec, edges: int, num_nodes: int) -> int:
    flips, most = round(spec.budget * edges), num_nodes * (num_nodes - 1) // 2
    if not flips:
        raise BadConfig(f"a budget of {spec.budget} of {edges} edges is not a single flip; raise budget")
    if flips > most:
        raise BadConfig(f"a budget of {flips:,} flips exceeds the {most:,} pairs of {num_nodes:,} nodes; lower budget")
    return flips
