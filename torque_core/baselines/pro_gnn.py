"""Pro-GNN: learn a sparse graph of low rank together with a GCN."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch_geometric.data import Data

from torque_core.baselines.peer import PEERS, Peer, RewiredGraph
from torque_core.errors import BadConfig
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.scoring.class_probabilities import training_labels
from torque_core.utils.random import check_seed
from torque_core.utils.validation import check_ranges

__all__ = ["MOST_NODES", "ProGNN", "shrink_entries", "shrink_spectrum"]

MOST_NODES = 4096
"""Largest number of nodes, for which the dense matrices take about half a gigabyte."""

_MODEL_STEPS = 2  # per step of the graph
_MODEL_RATE, _WEIGHT_DECAY = 0.01, 5e-4
_TOLERANCE = 1e-6


@PEERS.register("pro_gnn")
class ProGNN(Peer):
    """Pro-GNN (Jin et al., KDD 2020): graph structure learning for robust graph neural networks.

    A symmetric matrix :math:`S` with entries in [0, 1] replaces the adjacency matrix :math:`A`. It minimises

    .. math::
        \\|A - S\\|_F^2 + \\alpha \\|S\\|_1 + \\beta \\|S\\|_* + \\gamma \\mathcal{L}_{\\mathrm{GCN}}(S)
        + \\frac{\\lambda}{2} \\sum_{ij} S_{ij} \\Big\\| \\frac{x_i}{\\sqrt{d_i}} - \\frac{x_j}{\\sqrt{d_j}} \\Big\\|^2

    together with the weights of a two-layer GCN, whose loss :math:`\\mathcal{L}_{\\mathrm{GCN}}` is the cross-entropy
    at the training nodes. Each epoch takes one gradient step on the smooth terms, followed by the proximal operators of
    the nuclear norm and the :math:`\\ell_1` norm, see :func:`shrink_spectrum` and :func:`shrink_entries`, and the
    projection to [0, 1]; then two steps on the weights of the GCN. The result is weighted; entries up to 0.000001 are
    removed.

    **Cost**: each epoch decomposes a dense matrix, which takes time cubic in the number of nodes: with
    the default of 100 epochs about 15 seconds for 1,000 nodes and three minutes for 2,500 on one core. The learned
    graph can be dense. Graphs of more than 4,096 nodes are refused.

    Differences from the paper: the model is trained anew on the learned graph, in place of the GCN that learned it;
    the graph of the last epoch is used, since validation labels are not available to a rewiring; the diagonal of
    :math:`S` stays 0; and without labels of training nodes the term with :math:`\\gamma` is omitted. The defaults of
    the weights are those of the authors' code.

    Args:
        epochs: Number of epochs.
        sparsity: :math:`\\alpha`.
        low_rank: :math:`\\beta`.
        supervision: :math:`\\gamma`.
        smoothness: :math:`\\lambda`.
        learning_rate: Step size for :math:`S`.
        hidden: Width of the GCN's hidden layer.
        seed: Random seed of the GCN's weights.

    Raises:
        BadConfig: If an option is out of range, or the graph has more than 4,096 nodes.

    Example:
        >>> from torque_core import load
        >>> learned = ProGNN(epochs=5, low_rank=20.0)(load("karate").data)
        >>> learned.is_undirected(), bool((learned.edge_weight < 1).all())
        (True, True)
    """

    weighted = True
    uses_labels = True

    def __init__(
        self,
        *,
        epochs: int = 100,
        sparsity: float = 5e-4,
        low_rank: float = 1.5,
        supervision: float = 1.0,
        smoothness: float = 0.0,
        learning_rate: float = 0.01,
        hidden: int = 16,
        seed: int = 0,
    ) -> None:
        self.epochs = epochs
        self.sparsity = sparsity
        self.low_rank = low_rank
        self.supervision = supervision
        self.smoothness = smoothness
        self.learning_rate = learning_rate
        self.hidden = hidden
        self.seed = seed
        weights = dict.fromkeys(("sparsity", "low_rank", "supervision", "smoothness"), (0, 1e6))
        ranges = {"epochs": (0, 100_000), "learning_rate": (0, 1), "hidden": (1, 4096), **weights}
        check_ranges(self, ranges, whole=("epochs", "hidden"))
        check_seed(seed)

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the new edges and weights for a graph without labels, see :meth:`Peer.rewire`."""
        return self.learn(pairs, x, torch.full((len(x),), -1))

    def rewire_graph(self, pairs: Tensor, x: Tensor, data: Data) -> RewiredGraph:
        """Return the new edges and weights; the labels of the training nodes in ``data`` are used, if there are any."""
        labels = training_labels(data)
        return RewiredGraph(*self.learn(pairs, x, torch.full((len(x),), -1) if labels is None else labels.cpu()))

    def learn(self, pairs: Tensor, x: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the new edges and weights.

        Args:
            pairs: See :meth:`Peer.rewire`.
            x: See :meth:`Peer.rewire`.
            labels: Labels of the training nodes, -1 for the other nodes, :math:`(|\\mathcal{V}|,)`.
        """
        nodes = len(x)
        if nodes > MOST_NODES:
            raise BadConfig(
                f"Pro-GNN decomposes dense matrices and is not run on more than {MOST_NODES:,} nodes; this graph has "
                f"{nodes:,}. Choose another method or a smaller graph"
            )
        given = torch.zeros(nodes, nodes)
        given[tuple(pairs_to_edge_index(pairs))] = 1
        model = _DenseGCN(x, labels, self.hidden, self.seed)
        optimizer = torch.optim.Adam(model.parameters, lr=_MODEL_RATE, weight_decay=_WEIGHT_DECAY)
        learned = given
        for _ in range(self.epochs):
            learned = self._step(learned, given, model)
            for _ in range(_MODEL_STEPS if model.supervised and self.supervision else 0):
                optimizer.zero_grad()
                model.loss(learned).backward()
                optimizer.step()
        edge_index = (learned > _TOLERANCE).nonzero().T
        return edge_index, learned[tuple(edge_index)]

    def _step(self, learned: Tensor, given: Tensor, model: "_DenseGCN") -> Tensor:
        """One proximal gradient step on the graph, (N, N)."""
        variable = learned.clone().requires_grad_()
        loss = (variable - given).square().sum()
        if model.supervised and self.supervision:
            loss = loss + self.supervision * model.loss(variable)
        if self.smoothness:
            loss = loss + self.smoothness * _roughness(variable, model.x)
        (gradient,) = torch.autograd.grad(loss, variable)
        moved = learned - self.learning_rate * (gradient + gradient.T) / 2
        moved = shrink_spectrum(moved, self.learning_rate * self.low_rank)
        moved = shrink_entries(moved, self.learning_rate * self.sparsity).clamp(0, 1)
        return moved.fill_diagonal_(0)


class _DenseGCN:
    """A GCN of two layers on a dense graph, and its loss at the labelled nodes."""

    def __init__(self, x: Tensor, labels: Tensor, hidden: int, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.x, self.labels, self.known = x, labels, labels >= 0
        self.supervised = bool(self.known.any())
        shapes = (x.size(1), hidden), (hidden, max(int(labels.max()) + 1, 1))
        self.parameters = [
            ((6 / sum(shape)) ** 0.5 * (2 * torch.rand(shape, generator=generator) - 1)).requires_grad_()
            for shape in shapes
        ]

    def loss(self, adjacency: Tensor) -> Tensor:
        """Cross-entropy at the labelled nodes."""
        first, second = self.parameters
        with_loops = adjacency + torch.eye(len(adjacency))
        scale = with_loops.sum(dim=1).rsqrt()
        propagation = scale[:, None] * with_loops * scale
        logits = propagation @ (torch.relu(propagation @ (self.x @ first)) @ second)
        return cross_entropy(logits[self.known], self.labels[self.known])


def _roughness(adjacency: Tensor, x: Tensor) -> Tensor:
    """The term with :math:`\\lambda`, without that factor."""
    degree = adjacency.sum(dim=1)
    scaled = x / (degree + 1e-3).sqrt()[:, None]
    return (degree * scaled.square().sum(dim=1)).sum() - (scaled * (adjacency @ scaled)).sum()


def shrink_spectrum(matrix: Tensor, amount: float) -> Tensor:
    """Proximal operator of the nuclear norm: reduce the magnitude of all eigenvalues of a symmetric matrix.

    Example:
        >>> shrink_spectrum(torch.tensor([[2.0, 0.0], [0.0, -1.0]]), 0.25)
        tensor([[ 1.7500,  0.0000],
                [ 0.0000, -0.7500]])
    """
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * shrink_entries(values, amount)) @ vectors.T


def shrink_entries(matrix: Tensor, amount: float) -> Tensor:
    """Proximal operator of the :math:`\\ell_1` norm: reduce the magnitude of all entries.

    Example:
        >>> shrink_entries(torch.tensor([-2.0, 0.5, 3.0]), 1.0)
        tensor([-1., 0., 2.])
    """
    return matrix.sign() * (matrix.abs() - amount).clamp(min=0)
