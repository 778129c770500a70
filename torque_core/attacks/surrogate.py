"""A linear graph convolutional network, and the gradient of its loss after training with respect to the edges."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from torque_core.attacks.spec import MetattackSpec
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.nn.normalisation import symmetric_norm
from torque_core.utils.sparse import row_starts, sparse_mm

__all__ = ["LinearSurrogate", "pair_gradient", "symmetric_operator"]

_SPARSE_BELOW = 0.1  # fraction of non-zero features below which a sparse product is faster


def symmetric_operator(pairs: Tensor, num_nodes: int, dtype: torch.dtype | None = None) -> tuple[Tensor, Tensor]:
    """Return :math:`\\hat{A} = D^{-1/2} (A + I) D^{-1/2}` as a CSR matrix, and the degrees :math:`D` with self-loops.

    Args:
        pairs: Undirected edges, each once, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        dtype: Type of the entries; None for torch's default.

    Example:
        >>> operator, degree = symmetric_operator(torch.tensor([[0], [1]]), 2)
        >>> operator.to_dense(), degree
        (tensor([[0.5000, 0.5000],
                [0.5000, 0.5000]]), tensor([2., 2.]))
    """
    dtype = dtype or torch.get_default_dtype()
    (column, row), entries = symmetric_norm(pairs_to_edge_index(pairs), None, num_nodes, dtype)
    order = (row * num_nodes + column).argsort()
    shape = (num_nodes, num_nodes)
    starts = row_starts(row, num_nodes)
    operator = torch.sparse_csr_tensor(starts, column[order], entries[order], shape, check_invariants=False)
    return operator, starts.diff().to(dtype)


def pair_gradient(
    operator: Tensor,
    degree: Tensor,
    by_logits: tuple[Tensor, Tensor],
    by_rows: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """Backpropagate a gradient with respect to :math:`M = \\hat{A}^2 X` to the weight of every pair of nodes.

    The gradient is given as :math:`\\partial L / \\partial M = P Q + S_T E`, where :math:`S_T` places the rows of
    :math:`E` at the nodes :math:`T`, so that only the products :math:`X Q^\\top` and :math:`X E^\\top` are needed. With
    :math:`\\hat{A}` symmetric,

    .. math::
        \\frac{\\partial L}{\\partial \\hat{A}} = P (\\hat{A} X Q^\\top)^\\top + \\hat{A} P (X Q^\\top)^\\top
        + S_T (\\hat{A} X E^\\top)^\\top + \\hat{A} S_T (X E^\\top)^\\top,

    .. math::
        \\frac{\\partial L}{\\partial A_{ij}} = \\frac{\\partial L / \\partial \\hat{A}_{ij} +
        \\partial L / \\partial \\hat{A}_{ji}}{\\sqrt{D_i D_j}} + b_i + b_j, \\qquad
        b_i = - \\frac{1}{2 D_i} \\sum_j \\hat{A}_{ij} \\Big( \\frac{\\partial L}{\\partial \\hat{A}_{ij}}
        + \\frac{\\partial L}{\\partial \\hat{A}_{ji}} \\Big)

    Args:
        operator: :math:`\\hat{A}`, see :func:`symmetric_operator`.
        degree: :math:`D`, :math:`(|\\mathcal{V}|,)`.
        by_logits: :math:`P` and :math:`X Q^\\top`, each :math:`(|\\mathcal{V}|, R)`.
        by_rows: :math:`T`, :math:`(|T|,)`, and :math:`X E^\\top`, :math:`(|\\mathcal{V}|, |T|)`; None for no such term.

    Returns:
        Symmetric matrix, :math:`(|\\mathcal{V}|, |\\mathcal{V}|)`; the diagonal has no meaning.
    """
    left, right = by_logits
    left_1, right_1 = sparse_mm(operator, left), sparse_mm(operator, right)
    left_2, right_2 = sparse_mm(operator, left_1), sparse_mm(operator, right_1)
    by_degree = (left * right_2 + 2 * left_1 * right_1 + left_2 * right).sum(dim=1)
    if by_rows is not None:
        nodes, rows = by_rows
        rows_1 = sparse_mm(operator, rows)
        rows_2 = sparse_mm(operator, rows_1)
        column = torch.arange(len(nodes))
        selection = torch.zeros_like(rows)
        selection[nodes, column] = 1
        selection_1 = sparse_mm(operator, selection)
        by_degree[nodes] += rows_2[nodes, column]
        by_degree += 2 * (selection_1 * rows_1).sum(dim=1) + (sparse_mm(operator, selection_1) * rows).sum(dim=1)
    scale, node = degree.rsqrt(), -by_degree / (2 * degree)
    ones = torch.ones_like(node)[:, None]
    # the last column adds b_i to row i, and b_j to column j once the transpose is added
    half = (
        torch.cat([scale[:, None] * left, scale[:, None] * left_1, node[:, None]], dim=1)
        @ torch.cat([scale[:, None] * right_1, scale[:, None] * right, ones], dim=1).T
    )
    if by_rows is not None:
        half[nodes] += scale[nodes, None] * scale * rows_1.T
        half += sparse_mm((scale[:, None] * selection_1).to_sparse_csr(), (scale[:, None] * rows).T.contiguous())
    return half + half.T


class _Step(NamedTuple):
    """A step of the training, each (C, T): B before it, the probabilities at the training nodes, and B after it."""

    before: Tensor
    probabilities: Tensor
    after: Tensor


class LinearSurrogate:
    """The attacked model of Metattack: a graph convolutional network without non-linearity and with one weight matrix.

    .. math::
        f_W(A, X) = \\mathrm{softmax}(\\hat{A}^2 X W^\\top)

    Gradient descent with momentum on the cross-entropy at the training nodes :math:`T` moves :math:`W` within the
    span of the columns of :math:`M = X^\\top \\hat{A}^2 S_T`, the propagated features of these nodes: after every step
    :math:`W = W_0 - B M^\\top` with a matrix :math:`B` of :math:`C \\times |T|`. Training, and its reverse pass, thus
    need only the logits :math:`W_0 M` and the matrix :math:`M^\\top M`.

    Args:
        x: Features, :math:`(|\\mathcal{V}|, F)`.
        labels: Class of each training node, -1 for all others, :math:`(|\\mathcal{V}|,)`.
        spec: Number of steps, learning rate, momentum, objective and form of the gradient.

    The features are divided by the root mean square of the norms of their rows, so that the learning rate does not
    depend on their scale.
    """

    def __init__(self, x: Tensor, labels: Tensor, spec: MetattackSpec) -> None:
        self.x = x / x.square().sum(dim=1).mean().sqrt().clamp(min=torch.finfo(x.dtype).tiny)
        sparse = int(x.count_nonzero()) < _SPARSE_BELOW * x.numel()
        self._x, self._x_transposed = (
            matrix.to_sparse_csr() if sparse else matrix.contiguous() for matrix in (self.x, self.x.T)
        )
        self.spec = spec
        self.train = (labels >= 0).nonzero().flatten()
        self.classes = int(labels.max()) + 1
        self.targets = labels

    def initial_weights(self, generator: torch.Generator) -> Tensor:
        """Sample :math:`W_0` uniformly as Glorot and Bengio do, :math:`(C, F)`."""
        size = (self.classes, self.x.size(1))
        bound = (6 / sum(size)) ** 0.5
        return bound * (2 * torch.rand(size, generator=generator, dtype=self.x.dtype) - 1)

    def logits(self, pairs: Tensor, weights: Tensor) -> Tensor:
        """Class scores of the trained model, :math:`(|\\mathcal{V}|, C)`.

        Args:
            pairs: The edges, :math:`(2, |\\mathcal{E}|)`.
            weights: :math:`W_0`, :math:`(C, F)`.
        """
        operator, _ = symmetric_operator(pairs, len(self.x), self.x.dtype)
        return _twice(operator, self.node_scores(pairs, weights))

    def node_scores(self, pairs: Tensor, weights: Tensor) -> Tensor:
        """Scores of each node's own features, :math:`X W^\\top`, after training on a graph; see :meth:`logits`."""
        operator, _ = symmetric_operator(pairs, len(self.x), self.x.dtype)
        m = self._propagated_at_training_nodes(operator)
        *_, last = self._training_steps(weights @ m, m.T @ m)
        return self._x @ (weights - last.after @ m.T).T

    def label_all_nodes(self, pairs: Tensor, weights: Tensor) -> None:
        """Set the targets of the other nodes to the predictions on a graph, as self-training does."""
        predicted = self.logits(pairs, weights).argmax(dim=1)
        predicted[self.train] = self.targets[self.train]
        self.targets = predicted

    def loss(self, pairs: Tensor, weights: Tensor) -> Tensor:
        """Loss after training on a graph that the attack increases; a scalar."""
        nodewise = cross_entropy(self.logits(pairs, weights), self.targets.clamp(min=0), reduction="none")
        return (self._importance() * nodewise).sum()

    def gradient(self, pairs: Tensor, weights: Tensor) -> Tensor:
        """Gradient of :meth:`loss` with respect to all pairs of nodes, through the training.

        The form ``first_order`` (A-Meta in the paper) sums the gradients of the loss at all steps of the training, with
        the weights of each step as constants. It needs no reverse pass through the training.

        Args:
            pairs: The edges, :math:`(2, |\\mathcal{E}|)`.
            weights: :math:`W_0`, :math:`(C, F)`.

        Returns:
            See :func:`pair_gradient`.
        """
        operator, degree = symmetric_operator(pairs, len(self.x), self.x.dtype)
        m = self._propagated_at_training_nodes(operator)  # (F, T)
        kernel = m.T @ m
        steps = list(self._training_steps(weights @ m, kernel))
        if self.spec.gradient == "first_order":
            return pair_gradient(operator, degree, self._first_order(operator, m, weights, steps))
        last = steps[-1].after
        trained = weights - last @ m.T  # (C, F)
        projected = self._x @ trained.T  # (N, C)
        by_logits = self._by_logits(_twice(operator, projected))  # (N, C)
        by_trained = self._x_transposed @ _twice(operator, by_logits)  # (F, C)
        by_start, by_kernel = self._reverse(steps, kernel, -by_trained.T @ m)
        by_m = weights.T @ by_start + m @ (by_kernel + by_kernel.T) - by_trained @ last  # (F, T)
        return pair_gradient(operator, degree, (by_logits, projected), (self.train, self._x @ by_m))

    def _propagated_at_training_nodes(self, operator: Tensor) -> Tensor:
        selection = torch.zeros(len(self.x), len(self.train), dtype=self.x.dtype)
        selection[self.train, torch.arange(len(self.train))] = 1
        return self._x_transposed @ _twice(operator, selection)  # (F, T)

    def _training_steps(self, start: Tensor, kernel: Tensor) -> Iterator[_Step]:
        """Yield the steps of gradient descent from the initial logits, (C, T), and the matrix M'M, (T, T)."""
        spec, target = self.spec, one_hot(self.targets[self.train], self.classes).T.to(start.dtype)
        velocity = after = torch.zeros_like(start)
        for _ in range(spec.steps):
            before, probabilities = after, (start - after @ kernel).softmax(dim=0)
            velocity = spec.momentum * velocity + (probabilities - target) / len(kernel)
            after = after + spec.learning_rate * velocity
            yield _Step(before, probabilities, after)

    def _reverse(self, steps: list[_Step], kernel: Tensor, by_last: Tensor) -> tuple[Tensor, Tensor]:
        """Backpropagate from the last B, (C, T), to the initial logits, (C, T), and the matrix M'M, (T, T)."""
        spec, by_after, by_velocity, by_scores = self.spec, by_last, torch.zeros_like(by_last), []
        for step in reversed(steps):
            by_velocity = by_velocity + spec.learning_rate * by_after
            weighted = step.probabilities * by_velocity / len(kernel)
            by_score = weighted - step.probabilities * weighted.sum(dim=0)  # through the softmax
            by_after = by_after - by_score @ kernel
            by_velocity = spec.momentum * by_velocity
            by_scores.append(by_score)
        before = torch.cat([step.before for step in reversed(steps)])
        return torch.stack(by_scores).sum(dim=0), -before.T @ torch.cat(by_scores)

    def _by_logits(self, logits: Tensor) -> Tensor:
        """Gradient of the loss with respect to the logits, (N, C)."""
        target = one_hot(self.targets.clamp(min=0), self.classes)
        return self._importance()[:, None] * (logits.softmax(dim=1) - target)

    def _importance(self) -> Tensor:
        """Weight of each node in the loss, (N,): the mean over the other nodes, the training nodes, or half of both."""
        is_train = torch.zeros(len(self.x), dtype=self.x.dtype)
        is_train[self.train] = 1
        of_train, of_others = {"self": (0.0, 1.0), "train": (1.0, 0.0), "both": (0.5, 0.5)}[self.spec.objective]
        others = 1 - is_train
        return of_train * is_train / is_train.sum() + of_others * others / others.sum()

    def _first_order(self, operator: Tensor, m: Tensor, weights: Tensor, steps: list[_Step]) -> tuple[Tensor, Tensor]:
        """P and X Q' of the sum over the steps t of G_t W_t, where G_t is the gradient with respect to the logits."""
        projected = self._x @ torch.cat([weights.T, m], dim=1)  # (N, C + T)
        start, kernel = _twice(operator, projected).T.contiguous().split([self.classes, len(self.train)])
        by_initial, by_span = torch.zeros_like(start.T), torch.zeros_like(kernel.T)
        for step in steps:
            by_logits = self._by_logits((start - step.after @ kernel).T)
            by_initial += by_logits
            by_span -= by_logits @ step.after
        return torch.cat([by_initial, by_span], dim=1), projected


def _twice(operator: Tensor, rows: Tensor) -> Tensor:
    return sparse_mm(operator, sparse_mm(operator, rows))
