"""DHGR: add and remove edges by a learned similarity of neighbourhoods."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize, one_hot
from torch_geometric.data import Data

from torque_core.baselines.peer import PEERS, Peer, RewiredGraph
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.graph.scipy_graph import adjacency
from torque_core.scoring.class_probabilities import training_labels
from torque_core.utils.nearest import NearestRows
from torque_core.utils.random import check_seed
from torque_core.utils.validation import check_ranges

__all__ = ["DHGR", "label_similarity", "neighbourhood_means"]

_BATCH = 1024  # nodes on either side of a block of similarities
_BLOCK_ELEMENTS = 1 << 24
_MIN_LABELLED = 3
_LEARNING_RATE, _WEIGHT_DECAY = 0.001, 0.005


@PEERS.register("dhgr")
class DHGR(Peer):
    """DHGR (Bi et al., 2022; IEEE TKDE 2024): deep heterophily graph rewiring.

    A node is represented by linear maps of its own features and of the mean of its neighbours',

    .. math::
        h_i = W_1 x_i , \\qquad z_i = W_2 \\frac{1}{d_i} \\sum_{j \\in \\mathcal{N}(i)} h_j ,

    and the similarity of two nodes is the cosine of their :math:`z`, centred by the mean over all nodes. It is learned
    in two steps: first it is fitted to the similarity of the neighbours' features themselves, the cosine of the centred
    :math:`\\frac{1}{d_i} \\sum_j x_j`, by the root mean square error over pairs of nodes; then, if the graph has labels
    ``y`` of training nodes ``train_mask``, to that of the neighbours' labels, see :func:`label_similarity`, over the
    nodes with at least 3 labelled neighbours.

    The graph is rewired by the cosine of the centred :math:`[h_i, z_i]`: each node is connected to its ``neighbours``
    most similar nodes whose similarity is at least ``growth``, and edges of similarity ``pruning`` or less are removed.

    Differences from the authors' code, whose defaults are used otherwise: each epoch samples up to 1,024 nodes for
    either side of the pairs, instead of 10,000 in a fixed order, so that no array of all pairs is needed; labelled
    nodes are not added to these samples; only the first moment (the mean) of the neighbours' features is used; and
    ``growth`` is a constant, where the code can also take the quantile that adds as many edges as there are. More than
    8,192 nodes are searched approximately for similar ones, see :class:`~torque_core.utils.nearest.NearestRows`.

    Args:
        neighbours: Largest number of edges that are added for each node.
        growth: Smallest similarity of an added edge, in [-1, 1].
        pruning: Edges of at most this similarity are removed; in [-1, 1], or None to remove none.
        hidden: Number of entries of :math:`h` and :math:`z`.
        epochs: Number of epochs of the first step.
        finetuning: Number of epochs of the second step.
        seed: Random seed of the weights and the sampled nodes.

    Raises:
        BadConfig: If an option is out of range.

    Example:
        >>> from torque_core import load
        >>> DHGR(neighbours=2, growth=0.9, epochs=5)(load("karate").data).has_self_loops()
        False
    """

    uses_labels = True

    def __init__(
        self,
        *,
        neighbours: int = 8,
        growth: float = 0.5,
        pruning: float | None = 0.0,
        hidden: int = 64,
        epochs: int = 200,
        finetuning: int = 30,
        seed: int = 0,
    ) -> None:
        self.neighbours = neighbours
        self.growth = growth
        self.pruning = pruning
        self.hidden = hidden
        self.epochs = epochs
        self.finetuning = finetuning
        self.seed = seed
        ranges = {
            "neighbours": (0, 1024),
            "growth": (-1, 1),
            "pruning": (-1, 1),
            "hidden": (1, 4096),
            "epochs": (0, 100_000),
            "finetuning": (0, 100_000),
        }
        check_ranges(self, ranges, whole=("neighbours", "hidden", "epochs", "finetuning"), optional="pruning")
        check_seed(seed)

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the new edges for a graph without labels, see :meth:`Peer.rewire`."""
        return self.rewire_labelled(pairs, x, torch.full((len(x),), -1))

    def rewire_graph(self, pairs: Tensor, x: Tensor, data: Data) -> RewiredGraph:
        """Return the new edges; the labels of the training nodes in ``data`` are used, if there are any."""
        labels = training_labels(data)
        return RewiredGraph(
            *(self.rewire(pairs, x) if labels is None else self.rewire_labelled(pairs, x, labels.cpu()))
        )

    def rewire_labelled(self, pairs: Tensor, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the new edges.

        Args:
            pairs: See :meth:`Peer.rewire`.
            x: See :meth:`Peer.rewire`.
            labels: Labels of the training nodes, -1 for the other nodes, :math:`(|\\mathcal{V}|,)`.
        """
        unit = self._representation(pairs, x, labels)
        kept = pairs
        if self.pruning is not None:
            kept = pairs[:, (unit[pairs[0]] * unit[pairs[1]]).sum(dim=1) > self.pruning]
        added = _most_similar(unit, min(self.neighbours, len(x) - 1), self.growth)
        return pairs_to_edge_index(undirected_pairs(torch.cat([kept, added], dim=1), len(x))), None

    def _representation(self, pairs: Tensor, x: Tensor, labels: Tensor) -> Tensor:
        """Rows of length one whose products are the learned similarities, :math:`(N, 2 H)`."""
        means = neighbourhood_means(pairs, x)
        model = self._trained(pairs, means, labels)
        with torch.no_grad():
            return _centred_unit(torch.cat([model.own(x), model.neighbours(means)], dim=1))

    def _trained(self, pairs: Tensor, means: Tensor, labels: Tensor) -> "_Learner":
        """Fit the similarity to that of the neighbours' features, and then to that of their labels."""
        generator = torch.Generator().manual_seed(self.seed)
        model = _Learner.of_size(means.size(1), self.hidden, generator)
        optimizer = torch.optim.Adam(model.parameters, lr=_LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
        of_features = _centred_unit(means)
        for _ in range(self.epochs):
            first, second = (torch.randperm(len(means), generator=generator)[:_BATCH] for _ in range(2))
            unit = _centred_unit(model.neighbours(means))
            error = unit[first] @ unit[second].T - of_features[first] @ of_features[second].T
            _step(optimizer, error.square().mean())
        labelled = (_neighbour_labels(pairs, labels).sum(dim=1) >= _MIN_LABELLED).nonzero().flatten()
        labelled = labelled[torch.randperm(len(labelled), generator=generator)[:_BATCH]]
        if len(labelled):
            target = label_similarity(pairs, labels, labelled)
            for _ in range(self.finetuning):
                unit = _centred_unit(model.neighbours(means))[labelled]
                _step(optimizer, (unit @ unit.T - target).square().sum() / len(labelled))
        return model


@dataclass(frozen=True)
class _Learner:
    """The linear maps :math:`W_1` and :math:`W_2` with their biases."""

    parameters: tuple[Tensor, Tensor, Tensor, Tensor]

    @classmethod
    def of_size(cls, features: int, hidden: int, generator: torch.Generator) -> "_Learner":
        """Kaiming-normal weights and biases of zero."""
        first = torch.randn(features, hidden, generator=generator) * (2 / max(features, 1)) ** 0.5
        second = torch.randn(hidden, hidden, generator=generator) * (2 / hidden) ** 0.5
        parameters = (first, torch.zeros(hidden), second, torch.zeros(hidden))
        return cls(tuple(parameter.requires_grad_() for parameter in parameters))  # type: ignore[arg-type]

    def own(self, x: Tensor) -> Tensor:
        """:math:`h`, :math:`(N, H)`."""
        return x @ self.parameters[0] + self.parameters[1]

    def neighbours(self, means: Tensor) -> Tensor:
        """:math:`z` from the mean features of the neighbours, :math:`(N, H)`."""
        return self.own(means) @ self.parameters[2] + self.parameters[3]


def neighbourhood_means(pairs: Tensor, x: Tensor) -> Tensor:
    """Compute the mean features of the neighbours of each node, 0 without neighbours, :math:`(|\\mathcal{V}|, F)`.

    Example:
        >>> neighbourhood_means(torch.tensor([[0, 1], [1, 2]]), torch.tensor([[1.0], [5.0], [3.0]])).flatten()
        tensor([5., 2., 5.])
    """
    graph = adjacency(pairs, len(x))
    degree = torch.from_numpy(graph.sum(axis=1)).clamp(min=1)
    return (torch.from_numpy(graph @ x.double().numpy()) / degree[:, None]).float()


def label_similarity(pairs: Tensor, labels: Tensor, nodes: Tensor) -> Tensor:
    """Compute the similarity of the labels around nodes.

    This is the cosine similarity of the numbers of labels among the neighbours, times that among the nodes to which two
    edges lead, without the node itself.

    Args:
        pairs: Edges, each once, :math:`i < j`, :math:`(2, |\\mathcal{E}|)`.
        labels: Labels of the training nodes, -1 for the other nodes, :math:`(|\\mathcal{V}|,)`.
        nodes: The nodes to compare, :math:`(L,)`.

    Returns:
        Similarities, :math:`(L, L)`.

    Example:
        Nodes 0 and 2 have the same neighbours, 1 and 3, and two edges lead from each of them to the other.

        >>> square = torch.tensor([[0, 0, 1, 2], [1, 3, 2, 3]])
        >>> label_similarity(square, torch.tensor([0, 1, 0, 1]), torch.tensor([0, 2]))
        tensor([[1., 1.],
                [1., 1.]])
    """
    counts = normalize(_neighbour_labels(pairs, labels)[nodes], dim=1)
    graph, known = adjacency(pairs, len(labels)), _one_hot(labels).numpy()
    farther = []
    for block in nodes.split(
        max(1, _BLOCK_ELEMENTS // len(labels))
    ):  # bounds the memory, since two steps can reach all nodes
        reached = (graph[block.numpy()] @ graph).toarray() > 0
        reached[torch.arange(len(block)).numpy(), block.numpy()] = False
        farther.append(torch.from_numpy(reached @ known))
    twice = normalize(torch.cat(farther), dim=1)
    return (counts @ counts.T) * (twice @ twice.T)


def _neighbour_labels(pairs: Tensor, labels: Tensor) -> Tensor:
    """Numbers of neighbours of each class with a known label, :math:`(N, C)`."""
    return torch.from_numpy(adjacency(pairs, len(labels)) @ _one_hot(labels).numpy()).float()


def _one_hot(labels: Tensor) -> Tensor:
    """One-hot labels, rows of 0 for those that are unknown, :math:`(N, C)`."""
    return one_hot(labels + 1, max(int(labels.max()) + 2, 2))[:, 1:].float()


def _centred_unit(rows: Tensor) -> Tensor:
    """Rows minus their mean, which no gradient passes, of length one."""
    return normalize(rows - rows.detach().mean(dim=0), dim=1)


def _step(optimizer: torch.optim.Optimizer, mean_square: Tensor) -> None:
    """Minimise the root of a mean square."""
    optimizer.zero_grad()
    (mean_square + 1e-12).sqrt().backward()
    optimizer.step()


def _most_similar(unit: Tensor, neighbours: int, threshold: float) -> Tensor:
    """Pairs of each node and the most similar other nodes above the threshold, (2, P)."""
    if not neighbours:
        return torch.empty(2, 0, dtype=torch.long)
    target = NearestRows(unit).search(unit, neighbours + 1)
    source = torch.arange(len(unit))[:, None].expand_as(target)
    valid = (target >= 0) & (target != source)  # -1: the searched cells hold fewer rows
    valid &= valid.cumsum(dim=1) <= neighbours
    source, target = source[valid], target[valid]
    similar = (unit[source] * unit[target]).sum(dim=1) >= threshold
    return torch.stack([source, target])[:, similar]
