"""Sparse products that need no array of :math:`|\\mathcal{E}| \\times F`, on CPU and CUDA, differentiable."""

import warnings
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["PairPattern", "mean_operator", "pair_pattern", "pair_products", "row_starts", "sparse_mm"]

with warnings.catch_warnings():  # torch says once in a process that CSR matrices are beta: say it here, to nobody
    warnings.simplefilter("ignore")
    torch.sparse_csr_tensor(torch.tensor([0]), torch.tensor([]), torch.tensor([]), (0, 0), check_invariants=False)


def mean_operator(
    pairs: Tensor, num_nodes: int, weight: Tensor | None = None, dtype: torch.dtype | None = None
) -> tuple[Tensor, Tensor]:
    """The mean over a node and its neighbours, :math:`D^{-1} (A + I)` with :math:`D_i = 1 + \\sum_k w_{ik}`.

    Args:
        pairs: Undirected edges, each once, :math:`i < j`, sorted, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        weight: Their weights, :math:`(|\\mathcal{E}|,)`; None for ones.
        dtype: Of the entries; that of ``weight``, or torch's default.

    Returns:
        The matrix, CSR, :math:`(|\\mathcal{V}|, |\\mathcal{V}|)`, and :math:`D`, :math:`(|\\mathcal{V}|,)`.

    Example:
        >>> matrix, mass = mean_operator(torch.tensor([[0, 1], [1, 2]]), 3)
        >>> matrix.to_dense(), mass
        (tensor([[0.5000, 0.5000, 0.0000],
                [0.3333, 0.3333, 0.3333],
                [0.0000, 0.5000, 0.5000]]), tensor([2., 3., 2.]))
    """
    low, high = pairs
    nodes, edges = torch.arange(num_nodes, device=pairs.device), torch.arange(len(low), device=pairs.device)
    above, below = torch.bincount(low, minlength=num_nodes), torch.bincount(high, minlength=num_nodes)
    counts = above + below + 1  # entries of each row
    starts = torch.nn.functional.pad(counts.cumsum(0), (1, 0))
    by_high, order = high.sort(stable=True)
    # in a row the entries below the diagonal stand first, then the diagonal: pairs are sorted, so one sort is enough
    diagonal = starts[:-1] + below
    upper = edges - (above.cumsum(0) - above)[low] + diagonal[low] + 1
    lower = edges - (below.cumsum(0) - below)[by_high] + starts[by_high]
    columns = torch.empty(int(starts[-1]), dtype=torch.long, device=pairs.device)
    columns[upper], columns[lower], columns[diagonal] = high, low[order], nodes
    if weight is None:
        mass = counts.to(dtype or torch.get_default_dtype())
        entries = (1 / mass).repeat_interleave(counts, output_size=len(columns))
    else:
        weight = weight.to(dtype or weight.dtype)
        mass = weight.new_ones(num_nodes).index_add(0, low, weight).index_add(0, high, weight)
        entries = weight.new_empty(len(columns))
        entries[upper], entries[lower], entries[diagonal] = weight / mass[low], (weight / mass[high])[order], 1 / mass
    shape = (num_nodes, num_nodes)
    return torch.sparse_csr_tensor(starts, columns, entries, shape, check_invariants=False), mass


def row_starts(rows: Tensor, count: int) -> Tensor:
    """Where each row of a CSR matrix begins, and the last ends, :math:`(R + 1,)`.

    Args:
        rows: The row of every entry, in any order.
        count: Number of rows :math:`R`.

    Example:
        >>> row_starts(torch.tensor([0, 2, 2]), 3)
        tensor([0, 1, 1, 3])
    """
    return torch.nn.functional.pad(torch.bincount(rows, minlength=count).cumsum(0), (1, 0))


def sparse_mm(matrix: Tensor, x: Tensor) -> Tensor:
    """:math:`A X` of a CSR matrix, :math:`(|\\mathcal{V}|, F)`.

    Example:
        >>> matrix, _ = mean_operator(torch.tensor([[0, 1], [1, 2]]), 3)
        >>> sparse_mm(matrix, torch.tensor([[6.0], [0.0], [12.0]])).flatten()
        tensor([3., 6., 6.])
    """
    # the reducing product is a kernel of the CPU alone, and there many times faster
    return torch.sparse.mm(matrix, x) if x.is_cuda else torch.sparse.mm(matrix, x, reduce="sum")


@dataclass(frozen=True)
class PairPattern:
    """The places of a matrix at which :func:`pair_products` is to look.

    Attributes:
        rows: The range of rows in which they lie.
        places: CSR, with an entry at every place, (rows in the range, :math:`|\\mathcal{V}|`).
    """

    rows: slice
    places: Tensor


def pair_pattern(pairs: Tensor, like: Tensor) -> PairPattern:
    """The places :math:`(i, j)` as :func:`pair_products` wants them.

    Args:
        pairs: :math:`(2, P)`, its first row ascending; no more than the matrix has places in their rows.
        like: The rows to be multiplied, :math:`(|\\mathcal{V}|, F)`: their number, type and device.
    """
    rows = slice(int(pairs[0, 0]), int(pairs[0, -1]) + 1) if pairs.size(1) else slice(0, 0)
    size = (rows.stop - rows.start, len(like))
    starts = row_starts(pairs[0] - rows.start, size[0])
    entries = torch.zeros(pairs.size(1), dtype=like.dtype, device=like.device)
    return PairPattern(rows, torch.sparse_csr_tensor(starts, pairs[1], entries, size, check_invariants=False))


def pair_products(left: Tensor, right: Tensor, pattern: PairPattern) -> Tensor:
    """:math:`\\langle a_i, b_j \\rangle` of every pair :math:`(i, j)`, :math:`(P,)`.

    A sampled dense-dense product (SDDMM): of :math:`A B^\\top` only the entries at the pairs are computed, row by row.
    On a CPU that is an order of magnitude faster than to gather both ends first.

    Args:
        left: Rows :math:`a`, :math:`(|\\mathcal{V}|, F)`, float32 or float64.
        right: Rows :math:`b`, :math:`(|\\mathcal{V}|, F)`.
        pattern: The pairs, see :func:`pair_pattern`.

    Example:
        >>> rows = torch.tensor([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]])
        >>> pair_products(rows, rows, pair_pattern(torch.tensor([[0, 1], [1, 2]]), rows))
        tensor([2., 3.])
    """
    return torch.sparse.sampled_addmm(pattern.places, left[pattern.rows], right.T, beta=0).values()
