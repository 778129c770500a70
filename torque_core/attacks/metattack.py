"""Metattack: poison a graph by meta-gradients through the training of a surrogate model."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.attacks.degree_test import DegreeTest
from torque_core.attacks.spec import MetattackSpec
from torque_core.attacks.surrogate import LinearSurrogate
from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.labels import labels_of_part
from torque_core.graph.pairs import check_graph, direction_weights, pair_keys, pairs_to_edge_index, undirected_pairs
from torque_core.utils.memory import check_memory

__all__ = ["flip_pairs", "metattack"]


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
        >>> data = load("karate").data
        >>> flips = torch.cat(list(metattack(data, MetattackSpec(budget=0.05))), dim=1)
        >>> flips.shape, flip_pairs(undirected_pairs(data.edge_index, 34), flips, 34).shape
        (torch.Size([2, 4]), torch.Size([2, ...]))
    """
    spec = spec or MetattackSpec()
    data = check_graph(data)
    x, labels = data["x"].to("cpu", torch.get_default_dtype()), _training_labels(data).cpu()
    pairs = undirected_pairs(data["edge_index"], len(x)).cpu()
    if direction_weights(data, pairs.to(data["edge_index"].device)) is not None:
        raise BadGraph("the graph has directions or edge weights; make it undirected (to_undirected) without weights")
    budget = _num_flips(spec, pairs.size(1), len(x))
    check_memory(_bytes_needed(x, labels, spec), f"Metattack on {len(x):,} nodes")
    return _flips(LinearSurrogate(x, labels, spec), pairs, budget, pairs[:, :0] if done is None else done)


def flip_pairs(pairs: Tensor, flips: Tensor, num_nodes: int) -> Tensor:
    """Return the edges after flips: pairs that are edges are removed, others are added.

    Args:
        pairs: The edges, :math:`i < j`, sorted, :math:`(2, |\\mathcal{E}|)`.
        flips: Distinct pairs, :math:`i < j`, :math:`(2, B)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Example:
        >>> flip_pairs(torch.tensor([[0, 1], [1, 2]]), torch.tensor([[0, 0], [1, 2]]), 3)
        tensor([[0, 1],
                [2, 2]])
    """
    keys, counts = torch.cat([pair_keys(pairs, num_nodes), pair_keys(flips, num_nodes)]).unique(return_counts=True)
    kept = keys[counts == 1]
    return torch.stack([kept // num_nodes, kept % num_nodes])


def _flips(surrogate: LinearSurrogate, original: Tensor, budget: int, done: Tensor) -> Iterator[Tensor]:
    spec, num_nodes = surrogate.spec, len(surrogate.x)
    surrogate.label_all_nodes(original, surrogate.initial_weights(_generator(spec, 0)))
    test = DegreeTest(_degree(original, num_nodes), spec.degree_threshold)
    while done.size(1) < budget:
        pairs = flip_pairs(original, done, num_nodes)
        gradient = surrogate.gradient(pairs, surrogate.initial_weights(_generator(spec, done.size(1))))
        count = min(spec.flips_per_gradient, budget - done.size(1))
        flips = _best_flips(gradient, pairs, done, test, count)
        if not flips.size(1):
            return
        yield flips
        done = torch.cat([done, flips], dim=1)


def _generator(spec: MetattackSpec, step: int) -> torch.Generator:
    # of the number of flips so far, so that a continued run draws what an uninterrupted one does
    return torch.Generator().manual_seed((spec.seed * 1_000_003 + step) % 2**63)


def _degree(pairs: Tensor, num_nodes: int) -> Tensor:
    return torch.bincount(pairs.flatten(), minlength=num_nodes)


def _best_flips(score: Tensor, pairs: Tensor, done: Tensor, test: DegreeTest, count: int) -> Tensor:
    """The allowed flips that increase the loss most to first order, best first, (2, at most count).

    Args:
        score: Gradient of the loss, (N, N); it is overwritten.
        pairs: The current edges.
        done: Earlier flips.
        test: Test of the degree distribution.
        count: Number of flips.
    """
    degree = _degree(pairs, len(score))
    may_add, row = test.allowed_flips(degree, 1)
    may_remove, _ = test.allowed_flips(degree, -1)
    removable = may_remove[row[pairs[0]], row[pairs[1]]] & (degree[pairs] > 1).all(dim=0)
    by_removal = torch.where(removable, -score[*pairs], -torch.inf)
    if not bool(may_add.all()):
        score.masked_fill_(~may_add[row][:, row], -torch.inf)
    score[*pairs_to_edge_index(pairs)] = by_removal.repeat(2)
    score[*pairs_to_edge_index(done)] = -torch.inf
    score.fill_diagonal_(-torch.inf)
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


def _training_labels(data: Data) -> Tensor:
    """Labels of the training nodes, -1 for all others, (N,)."""
    if data.get("y") is None or data.get("train_mask") is None:
        raise BadGraph(
            "Metattack needs labels y and a train_mask, since its surrogate is trained; choose another noise"
        )
    labels = labels_of_part(data, "train_mask")
    if not bool((labels >= 0).any()):
        raise BadGraph("train_mask must contain at least one labelled node (y >= 0); choose another split")
    if bool((labels >= 0).all()):
        raise BadGraph("train_mask contains all nodes; Metattack needs others, which it attacks; choose another split")
    return labels


def _num_flips(spec: MetattackSpec, edges: int, num_nodes: int) -> int:
    flips, most = round(spec.budget * edges), num_nodes * (num_nodes - 1) // 2
    if not flips:
        raise BadConfig(f"a budget of {spec.budget} of {edges} edges is not a single flip; raise budget")
    if flips > most:
        raise BadConfig(f"a budget of {flips:,} flips exceeds the {most:,} pairs of {num_nodes:,} nodes; lower budget")
    return flips


def _bytes_needed(x: Tensor, labels: Tensor, spec: MetattackSpec) -> float:
    """Estimate of the peak memory."""
    nodes, features = x.shape
    train, classes = int((labels >= 0).sum()), int(labels.max()) + 1
    factors = 8 * nodes * (train + classes)
    training = 8 * spec.steps * train * classes + 4 * train**2
    return x.element_size() * (6 * nodes * features + factors + training + 3 * nodes**2)
