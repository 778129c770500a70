"""Class probabilities of the nodes, from a model or from the training labels alone."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot
from torch_geometric.data import Data

from torque_core.errors import BadGraph
from torque_core.graph.labels import class_labels, labels_of_part
from torque_core.graph.propagation import Propagation

__all__ = ["ClassProbabilities", "cross_fitted_probabilities", "known_labels", "training_labels"]

_RIDGES = (0.1, 1.0, 10.0)
_SMALLEST_SINGULAR = 1e-6  # relative to the largest


@dataclass(frozen=True)
class ClassProbabilities:
    """Class scores of the nodes, and the known labels.

    Attributes:
        logits: Calibrated class scores :math:`z`, :math:`(|\\mathcal{V}|, C)`.
        known: Labels of the training nodes, -1 for the other nodes, int64, :math:`(|\\mathcal{V}|,)`; converted from
            any dtype that :func:`~torque_core.graph.labels.class_labels` accepts.
        confidence: Smallest class probability that gives a node a pseudo-label, in [0, 1].

    Example:
        >>> logits = torch.tensor([[9.0, 0.0], [0.0, 0.1], [0.0, 0.0]])
        >>> class_probabilities = ClassProbabilities(logits, torch.tensor([-1, -1, 1]))
        >>> class_probabilities.labels.tolist()
        [0, -1, 1]
    """

    logits: Tensor
    known: Tensor
    confidence: float = 0.9

    def __post_init__(self) -> None:
        """Raise :class:`BadGraph` if the shapes of logits and labels do not match."""
        if self.known.dim() == 1:
            object.__setattr__(self, "known", class_labels(self.known))
        if self.logits.dim() != 2 or self.known.shape != self.logits.shape[:1]:
            raise BadGraph(
                f"logits must have shape (nodes, classes) and known (nodes,), got {tuple(self.logits.shape)} "
                f"and {tuple(self.known.shape)}"
            )
        if len(self.known) and int(self.known.max()) >= self.logits.size(1):
            raise BadGraph(f"known holds class {int(self.known.max())}, but logits has {self.logits.size(1)} classes")

    def to(self, device: torch.device | str) -> "ClassProbabilities":
        """The same class probabilities on ``device``."""
        return ClassProbabilities(self.logits.to(device), self.known.to(device), self.confidence)

    @cached_property
    def probabilities(self) -> Tensor:
        """:math:`p = \\mathrm{softmax}(z)`, and one-hot rows where the label is known, :math:`(|\\mathcal{V}|, C)`."""
        certain = one_hot(self.known.clamp(min=0), self.logits.size(1)).to(self.logits)
        return torch.where((self.known >= 0)[:, None], certain, self.logits.softmax(dim=1))

    @cached_property
    def labels(self) -> Tensor:
        """Labels and pseudo-labels, -1 for nodes without either, :math:`(|\\mathcal{V}|,)`."""
        best = self.probabilities.max(dim=1)
        return torch.where(best.values >= self.confidence, best.indices, -1)

    @cached_property
    def directions(self) -> Tensor:
        """Centred class probabilities, of length 1 for certain nodes and 0 for nodes without a label, (N, C)."""
        classes = self.logits.size(1)
        # length of the row of a certain node; at least that of two classes, so that a single class gives zeros
        length = max(1 - 1 / classes, 0.5) ** 0.5
        centred = (self.probabilities - 1 / classes) / length
        return torch.where((self.labels >= 0)[:, None], centred, 0)

    def free_energy(self, temperature: float = 1.0) -> Tensor:
        """:math:`E_i = -T \\log \\sum_c e^{z_{ic} / T}` (GNNSafe, Wu et al., ICLR 2023), (N,)."""
        return -temperature * (self.logits / temperature).logsumexp(dim=1)


def known_labels(data: Data) -> Tensor:
    """Labels of the training nodes, -1 for the other nodes, :math:`(|\\mathcal{V}|,)`.

    Args:
        data: A graph with ``y``, see :func:`~torque_core.graph.labels.class_labels`, and ``train_mask``, see
            :func:`~torque_core.graph.labels.node_mask`.

    Raises:
        BadGraph: If the graph has no ``y`` or no ``train_mask``, they do not match, or ``y`` is not one class per node.

    Example:
        >>> known_labels(Data(y=torch.tensor([2, 0, 1]), train_mask=torch.tensor([True, False, True])))
        tensor([ 2, -1,  1])
    """
    if data.get("y") is None or data.get("train_mask") is None:
        raise BadGraph("this force needs class probabilities; give y and train_mask, or class_probabilities")
    return labels_of_part(data, "train_mask")


def training_labels(data: Data) -> Tensor | None:
    """Labels as :func:`known_labels` returns them, or None if the graph has no classes or none is known in training.

    Args:
        data: A graph with ``x``, and with or without ``y`` and ``train_mask``.

    Example:
        >>> training_labels(Data(x=torch.eye(3), y=torch.tensor([2, 0, 1]))) is None
        True
    """
    try:
        known = known_labels(data)
    except BadGraph:  # no labels, several per node, numbers that are no classes, or several splits
        return None
    return known.to(data["x"].device) if bool((known >= 0).any()) else None


def cross_fitted_probabilities(
    propagation: Propagation, known: Tensor, *, confidence: float = 0.9
) -> ClassProbabilities:
    """Class probabilities from the known labels alone: ridge regression, cross-fitted and calibrated in closed form.

    One-hot labels are regressed on the features of a node, either its own or those propagated twice. Since a model is
    over-confident on its training nodes, a training node gets its **leave-one-out** prediction
    :math:`\\hat{y}_{i \\setminus i} = (\\hat{y}_i - H_{ii} y_i) / (1 - H_{ii})`, :math:`H` the hat matrix. Features,
    penalty and softmax temperature are those with the lowest leave-one-out cross-entropy. The penalty shrinks all
    predictions towards the class frequencies of the training nodes.

    Args:
        propagation: Features propagated over the graph.
        known: Labels of the training nodes, -1 for the other nodes, :math:`(|\\mathcal{V}|,)`.
        confidence: See :class:`ClassProbabilities`.

    Raises:
        BadGraph: If fewer than two nodes have a known label.

    Example:
        >>> x = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9], [0.95, 0.0], [0.0, 0.95]])
        >>> propagation = Propagation(x, torch.tensor([[0, 2], [1, 3]]))
        >>> cross_fitted_probabilities(propagation, torch.tensor([0, 0, 1, 1, -1, -1])).logits.argmax(dim=1)
        tensor([0, 0, 1, 1, 0, 1])
    """
    known = class_labels(known)
    train = (known >= 0).nonzero().flatten()
    if len(train) < 2:
        raise BadGraph(
            f"class probabilities need at least 2 nodes with a known label (train_mask and y), got {len(train)}"
        )
    targets = one_hot(known[train]).double()
    prior = targets.mean(dim=0)
    best: tuple[float, Tensor] | None = None
    for rows in (propagation.x.double(), propagation.mean2.double()):
        left, spectrum, right = _svd(rows[train])
        part = left.T @ (targets - prior)
        for ridge in _RIDGES:
            shrink = spectrum.square() / (spectrum.square() + ridge)
            fitted = left @ (shrink[:, None] * part)
            own = (left.square() @ shrink)[:, None]
            left_out = prior + (fitted - own * (targets - prior)) / (1 - own).clamp(min=1e-9)
            scale, loss = _calibrate(left_out, known[train])
            if best is None or loss < best[0]:
                scores = prior + rows @ (right @ (part * (spectrum / (spectrum.square() + ridge))[:, None]))
                scores[train] = left_out
                best = loss, scale * scores
    assert best is not None
    return ClassProbabilities(best[1].to(propagation.x), known, confidence)


def _svd(rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Thin singular value decomposition by the smaller Gram matrix, without zero singular values."""
    wide = rows.size(0) <= rows.size(1)
    values, vectors = torch.linalg.eigh(rows @ rows.T if wide else rows.T @ rows)
    kept = values > _SMALLEST_SINGULAR**2 * values[-1].clamp(min=1e-12)
    spectrum, vectors = values[kept].sqrt(), vectors[:, kept]
    if wide:
        return vectors, spectrum, rows.T @ vectors / spectrum
    return rows @ vectors / spectrum, spectrum, vectors


def _calibrate(scores: Tensor, labels: Tensor) -> tuple[float, float]:
    """Factor of the scores that minimises the cross-entropy of the softmax, and that cross-entropy."""
    from scipy.optimize import minimize_scalar

    optimum = minimize_scalar(
        lambda exponent: float(cross_entropy(10**exponent * scores, labels)), bounds=(-2, 2), method="bounded"
    )
    return float(10**optimum.x), float(optimum.fun)
