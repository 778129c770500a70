"""Loops over edges in compiled code, for large graphs on a CPU, if numba is installed.

Up to rounding the results are those of the same computation by torch, which needs more passes over memory. They have no
gradient.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import numpy as np
import torch
from torch import Tensor

__all__ = ["compiled_agreements", "compiled_distances", "compiled_mm", "has_gradient", "is_worth_compiling"]

_MIN_NUMBERS = 1 << 24  # of features; below, loading the compiled code takes longer than it saves
_PAIRS_AT_ONCE, _ROWS_AT_ONCE = 1 << 14, 1 << 11


def is_worth_compiling(num_nodes: int, num_features: int) -> bool:
    """True if a graph is so large that loading compiled code saves time, and numba is installed.

    It depends on the size of the graph alone, so that its parts are treated alike, whether they are computed together
    or in blocks.

    Example:
        >>> is_worth_compiling(num_nodes=2708, num_features=1433)
        False
    """
    return num_nodes * num_features >= _MIN_NUMBERS and find_spec("numba") is not None


def has_gradient(*tensors: Tensor) -> bool:
    """True if autograd records what is computed from these tensors.

    Example:
        >>> has_gradient(torch.ones(2), torch.ones(2, requires_grad=True))
        True
    """
    return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)


def compiled_distances(
    pairs: Tensor, weight: Tensor, degree: Tensor, shortest: Tensor, rows: tuple[Tensor, Tensor, Tensor], *, depth: int
) -> Tensor:
    """Cosine distances of the representations of both ends of every pair, the pair itself excluded, :math:`(P,)`.

    See :mod:`torque_core.scoring.pair_features`. The rows of both ends are read once, and subtracted before they are
    multiplied.

    Args:
        pairs: Node pairs, :math:`(2, P)`.
        weight: Weight of each pair, 0 for pairs that are not edges, :math:`(P,)`.
        degree: Weighted degrees, :math:`(|\\mathcal{V}|,)`.
        shortest: Length below which a sum without one edge consists only of rounding errors, :math:`(|\\mathcal{V}|,)`.
        rows: The features, and those after one and after two propagations, each :math:`(|\\mathcal{V}|, F)`; the last
            may be anything for ``depth=1``.
        depth: Number of propagations, 1 or 2.

    Raises:
        ModuleNotFoundError: If numba is not installed.

    Example:
        The path 0 - 1 - 2 without the edge (0, 1): node 0 has only its own feature, and :math:`(x_1 + x_2) / 2` is left
        of the other's representation.

        >>> x = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> mean1 = torch.tensor([[1.0, 0.0], [2 / 3, 1 / 3], [0.5, 0.5]])
        >>> degree, shortest = torch.tensor([2.0, 3.0, 2.0]), torch.full((3,), 1e-5)
        >>> compiled_distances(torch.tensor([[0], [1]]), torch.ones(1), degree, shortest, (x, mean1, mean1), depth=1)
        tensor([0.2929])
    """
    x, mean1, mean2 = rows
    older, old, new = (x, x, mean1) if depth == 1 else (x, mean1, mean2)
    nodes = [array.detach().numpy() for array in (degree, shortest.square(), older, old, new)]
    weight = weight.detach()
    distance = torch.empty(pairs.size(1), dtype=x.dtype)

    def compute(first: int) -> None:
        part = slice(first, first + _PAIRS_AT_ONCE)
        low, high, w = (array[part].contiguous().numpy() for array in (*pairs, weight))
        _kernels().cosine_distances(low, high, w, *nodes, depth == 2, distance[part].numpy())

    _in_threads(compute, range(0, pairs.size(1), _PAIRS_AT_ONCE))
    return distance


def compiled_agreements(
    pairs: Tensor,
    weight: Tensor,
    degree: Tensor,
    projections: tuple[Tensor, Tensor, Tensor],
    prior: Tensor,
    known: Tensor,
) -> Tensor:
    """Probability that both ends of every pair have the same class, the pair itself excluded, :math:`(P,)`.

    See :class:`torque_core.scoring.label_energy.LabelEnergy`.

    Args:
        pairs: Node pairs, :math:`(2, P)`.
        weight: Weight of each pair, 0 for pairs that are not edges, :math:`(P,)`.
        degree: Weighted degrees, :math:`(|\\mathcal{V}|,)`.
        projections: Products of the scaled class means with the features, and with those after one and after two
            propagations, each :math:`(|\\mathcal{V}|, C)`.
        prior: Logarithms of the class frequencies, :math:`(C,)`.
        known: Class of each node, -1 if unknown, :math:`(|\\mathcal{V}|,)`.

    Raises:
        ModuleNotFoundError: If numba is not installed.

    Example:
        >>> scores, unknown = torch.tensor([[0.0, 0.0], [9.0, 0.0]]), torch.tensor([-1, -1])
        >>> pair, rest = torch.tensor([[0], [1]]), (torch.zeros(1), torch.ones(2), (scores, scores, scores))
        >>> compiled_agreements(pair, *rest, torch.zeros(2), unknown), compiled_agreements(
        ...     pair, *rest, torch.zeros(2), torch.tensor([0, 1])
        ... )
        (tensor([0.5000]), tensor([0.]))
    """
    nodes = [array.detach().contiguous().numpy() for array in (degree, *projections, prior)]
    weight, classes = weight.detach(), known.numpy()
    agreement = torch.empty(pairs.size(1), dtype=degree.dtype)

    def compute(first: int) -> None:
        part = slice(first, first + _PAIRS_AT_ONCE)
        low, high, w = (array[part].contiguous().numpy() for array in (*pairs, weight))
        scores = np.empty((2, len(low), len(prior)), dtype=w.dtype)
        _kernels().class_scores(low, high, w, *nodes, scores)
        np.exp(scores, out=scores)  # several numbers at once, which compiled code does not do for this function
        _kernels().agreements(low, high, classes, scores, agreement[part].numpy())

    _in_threads(compute, range(0, pairs.size(1), _PAIRS_AT_ONCE))
    return agreement


def compiled_mm(matrix: Tensor, x: Tensor) -> Tensor:
    """Multiply a CSR matrix by a dense one, :math:`A X`, :math:`(R, F)`.

    Args:
        matrix: CSR matrix, :math:`(R, |\\mathcal{V}|)`.
        x: :math:`(|\\mathcal{V}|, F)`.

    Raises:
        ModuleNotFoundError: If numba is not installed.

    Example:
        >>> compiled_mm(torch.tensor([[0.0, 2.0], [1.0, 0.5]]).to_sparse_csr(), torch.tensor([[6.0], [4.0]])).flatten()
        tensor([8., 8.])
    """
    parts = (matrix.crow_indices(), matrix.col_indices(), matrix.values(), x.contiguous())
    arrays = [part.detach().numpy() for part in parts]
    count = matrix.size(0)
    product = torch.empty(count, x.size(1), dtype=x.dtype)
    out = product.numpy()
    _in_threads(
        lambda first: _kernels().sparse_product(*arrays, out, first, min(first + _ROWS_AT_ONCE, count)),
        range(0, count, _ROWS_AT_ONCE),
    )
    return product


def _in_threads(compute: Callable[[int], None], starts: range) -> None:
    """Compute the blocks that begin at these positions, in as many threads as torch uses."""
    if len(starts) == 1:
        compute(starts[0])
        return
    with ThreadPoolExecutor(torch.get_num_threads()) as threads:
        list(threads.map(compute, starts))  # the list raises what a thread raised


@cache
def _kernels() -> ModuleType:
    return import_module("torque_core.utils._kernels")
