"""Sparse products that need no array of :math:`|\\mathcal{E}| \\times F`, on CPU and CUDA, differentiable."""

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

__all__ = [
    "MeanPattern",
    "PairPattern",
    "matrix_rows",
    "mean_operator",
    "mean_pattern",
    "pair_pattern",
    "pair_products",
    "row_starts",
    "sparse_mm",
    "weighted_degree",
]

with warnings.catch_warnings():  # torch warns once per process that CSR matrices are beta; trigger it here
    warnings.simplefilter("ignore")
    torch.sparse_csr_tensor(torch.tensor([0]), torch.tensor([]), torch.tensor([]), (0, 0), check_invariants=False)


@dataclass(frozen=True)
class MeanPattern:
    """Sparsity pattern of :func:`mean_operator`, in CSR form, which operators of one graph share.

    Attributes:
        starts: Row pointers, :math:`(|\\mathcal{V}| + 1,)`.
        columns: Columns of the entries, ascending within each row, :math:`(2 |\\mathcal{E}| + |\\mathcal{V}|,)`.
        edges: Position of the edge of each entry among the pairs, :math:`|\\mathcal{E}|` on the diagonal; the same
            shape.
    """

    starts: Tensor
    columns: Tensor
    edges: Tensor


def mean_pattern(pairs: Tensor, num_nodes: int) -> MeanPattern:
    """Build the pattern of the mean over a node and its neighbours.

    Args:
        pairs: Undirected edges, each once, :math:`i < j`, sorted, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Example:
        >>> mean_pattern(torch.tensor([[0, 1], [1, 2]]), 3).columns
        tensor([0, 1, 0, 1, 2, 1, 2], dtype=torch.int32)
    """
    low, high = pairs
    above, below = (torch.bincount(nodes, minlength=num_nodes) for nodes in (low, high))
    counts = above + below + 1  # entries of each row
    starts = torch.nn.functional.pad(counts.cumsum(0), (1, 0))
    size = int(starts[-1])
    index_type = torch.int32 if size < 1 << 31 else torch.int64  # half the memory
    columns, edges = (torch.empty(size, dtype=index_type, device=pairs.device) for _ in range(2))

    def fill(first: Tensor, count: Tensor, others: Tensor, at: Tensor) -> None:
        """Write entries that are sorted by row, ``count[i]`` of row ``i`` from ``first[i]`` on."""
        position = _repeated(first - (count.cumsum(0) - count), count).add_(
            torch.arange(len(others), device=low.device)
        )
        columns[position], edges[position] = others.to(index_type), at.to(index_type)

    # each row has its entries below the diagonal first, then the diagonal; pairs are sorted, so one sort is enough
    nodes, diagonal = torch.arange(num_nodes, device=pairs.device), starts[:-1] + below
    columns[diagonal], edges[diagonal] = nodes.to(index_type), pairs.size(1)
    fill(diagonal + 1, above, high, torch.arange(pairs.size(1), device=pairs.device))
    order = (high.int() if num_nodes < 1 << 31 else high).argsort(stable=True)
    fill(starts[:-1], below, low[order], order)
    return MeanPattern(starts.to(index_type), columns, edges)


def weighted_degree(
    pairs: Tensor, num_nodes: int, weight: Tensor | None = None, dtype: torch.dtype | None = None
) -> Tensor:
    """Weighted degrees with the self-loop, :math:`D_i = 1 + \\sum_k w_{ik}`, shape :math:`(|\\mathcal{V}|,)`.

    Args:
        pairs: See :func:`mean_pattern`.
        num_nodes: :math:`|\\mathcal{V}|`.
        weight: Edge weights, :math:`(|\\mathcal{E}|,)`; None for weights of 1.
        dtype: Type of the result, by default that of ``weight`` or the default of torch.

    Example:
        >>> weighted_degree(torch.tensor([[0, 1], [1, 2]]), 3)
        tensor([2., 3., 2.])
    """
    low, high = pairs
    if weight is None:
        neighbours = torch.bincount(low, minlength=num_nodes) + torch.bincount(high, minlength=num_nodes)
        return (neighbours + 1).to(dtype or torch.get_default_dtype())
    weight = weight.to(dtype or weight.dtype)
    return weight.new_ones(num_nodes).index_add(0, low, weight).index_add(0, high, weight)


def mean_operator(pattern: MeanPattern, degree: Tensor, weight: Tensor | None = None) -> Tensor:
    """Build the operator of the mean over a node and its neighbours, :math:`D^{-1} (A + I)`.

    Args:
        pattern: See :func:`mean_pattern`.
        degree: See :func:`weighted_degree`; its type is that of the entries.
        weight: Edge weights, :math:`(|\\mathcal{E}|,)`; None for weights of 1.

    Returns:
        The CSR matrix, :math:`(|\\mathcal{V}|, |\\mathcal{V}|)`.

    Example:
        >>> path = torch.tensor([[0, 1], [1, 2]])
        >>> mean_operator(mean_pattern(path, 3), weighted_degree(path, 3)).to_dense()
        tensor([[0.5000, 0.5000, 0.0000],
                [0.3333, 0.3333, 0.3333],
                [0.0000, 0.5000, 0.5000]])
    """
    counts = pattern.starts.diff()
    if weight is None:
        entries = _repeated(1 / degree, counts)
    else:
        with_diagonal = torch.cat([weight.to(degree), degree.new_ones(1)])
        entries = with_diagonal.index_select(0, pattern.edges) / _repeated(degree, counts)
    shape = (len(degree), len(degree))
    return torch.sparse_csr_tensor(pattern.starts, pattern.columns, entries, shape, check_invariants=False)


def _repeated(values: Tensor, counts: Tensor) -> Tensor:
    """``values.repeat_interleave(counts)``; on a CPU by numpy, which is several times faster there than torch."""
    if values.requires_grad or values.device.type != "cpu":
        return values.repeat_interleave(counts)
    return torch.from_numpy(np.repeat(values.numpy(), counts.numpy()))


def matrix_rows(matrix: Tensor, rows: Tensor) -> Tensor:
    """Some rows of a CSR matrix, in the given order, as a CSR matrix, :math:`(R, |\\mathcal{V}|)`.

    Example:
        >>> path = torch.tensor([[0, 1], [1, 2]])
        >>> matrix = mean_operator(mean_pattern(path, 3), weighted_degree(path, 3))
        >>> matrix_rows(matrix, torch.tensor([2, 0])).to_dense()
        tensor([[0.0000, 0.5000, 0.5000],
                [0.5000, 0.5000, 0.0000]])
    """
    starts = matrix.crow_indices()
    counts = starts.diff()[rows]
    kept = torch.nn.functional.pad(counts.cumsum(0), (1, 0))
    at = torch.arange(int(kept[-1]), device=rows.device) + _repeated(starts[rows] - kept[:-1], counts)
    entries = kept.to(starts.dtype), matrix.col_indices()[at], matrix.values()[at]
    return torch.sparse_csr_tensor(*entries, (len(rows), matrix.size(1)), check_invariants=False)


def row_starts(rows: Tensor, count: int) -> Tensor:
    """Row pointers of a CSR matrix: the start of each row and the end of the last, :math:`(R + 1,)`.

    Args:
        rows: Row index of every entry, in any order.
        count: Number of rows :math:`R`.

    Example:
        >>> row_starts(torch.tensor([0, 2, 2]), 3)
        tensor([0, 1, 1, 3])
    """
    return torch.nn.functional.pad(torch.bincount(rows, minlength=count).cumsum(0), (1, 0))


def sparse_mm(matrix: Tensor, x: Tensor) -> Tensor:
    """Multiply a CSR matrix by a dense one, :math:`A X`, :math:`(|\\mathcal{V}|, F)`.

    Example:
        >>> path = torch.tensor([[0, 1], [1, 2]])
        >>> matrix = mean_operator(mean_pattern(path, 3), weighted_degree(path, 3))
        >>> sparse_mm(matrix, torch.tensor([[6.0], [0.0], [12.0]])).flatten()
        tensor([3., 6., 6.])
    """
    # the kernel with `reduce` exists only for the CPU, where it is many times faster
    return torch.sparse.mm(matrix, x) if x.is_cuda else torch.sparse.mm(matrix, x, reduce="sum")


@dataclass(frozen=True)
class PairPattern:
    """Sparsity pattern of the entries that :func:`pair_products` computes.

    Attributes:
        rows: Range of the rows that contain the entries.
        places: CSR matrix with a zero at every entry, (rows in the range, :math:`|\\mathcal{V}|`).
    """

    rows: slice
    places: Tensor


def pair_pattern(pairs: Tensor, like: Tensor) -> PairPattern:
    """Build the pattern of the pairs :math:`(i, j)` for :func:`pair_products`.

    Args:
        pairs: Distinct pairs with ascending first row, :math:`(2, P)`.
        like: Rows with the number, type and device of those to be multiplied, :math:`(|\\mathcal{V}|, F)`.
    """
    rows = slice(int(pairs[0, 0]), int(pairs[0, -1]) + 1) if pairs.size(1) else slice(0, 0)
    size = (rows.stop - rows.start, len(like))
    starts = row_starts(pairs[0] - rows.start, size[0])
    entries = torch.zeros(pairs.size(1), dtype=like.dtype, device=like.device)
    return PairPattern(rows, torch.sparse_csr_tensor(starts, pairs[1], entries, size, check_invariants=False))


def pair_products(left: Tensor, right: Tensor, pattern: PairPattern) -> Tensor:
    """Dot product :math:`\\langle a_i, b_j \\rangle` of every pair :math:`(i, j)`, :math:`(P,)`.

    This is a sampled dense-dense matrix product (SDDMM): only the entries of :math:`A B^\\top` at the pairs are
    computed, row by row. On a CPU it is an order of magnitude faster than gathering the rows of both ends first.

    Args:
        left: Rows :math:`a`, :math:`(|\\mathcal{V}|, F)`, float32 or float64.
        right: Rows :math:`b`, :math:`(|\\mathcal{V}|, F)`.
        pattern: The pairs, see :func:`pair_pattern`.

    Example:
        >>> rows = torch.tensor([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0]])
        >>> pair_products(rows, rows, pair_pattern(torch.tensor([[0, 1], [1, 2]]), rows))
        tensor([2., 3.])
    """
    # a copy, as the values alone would keep the indices of the product in memory
    return torch.sparse.sampled_addmm(pattern.places, left[pattern.rows], right.T, beta=0).values().clone()
