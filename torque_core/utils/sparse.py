"""Sparse products that need no array of :math:`|\\mathcal{E}| \\times F`, on CPU and CUDA, differentiable."""

import warnings
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["PairPattern", "mean_operator", "pair_pattern", "pair_products", "row_starts", "sparse_mm"]

with warnings.catch_warnings():  # torch warns once per process that CSR matrices are beta; trigger it here
    warnings.simplefilter("ignore")
    torch.sparse_csr_tensor(torch.tensor([0]), torch.tensor([]), torch.tensor([]), (0, 0), check_invariants=False)


def mean_operator(
    pairs: Tensor, num_nodes: int, weight: Tensor | None = None, dtype: torch.dtype | None = None
) -> tuple[Tensor, Tensor]:
    """Build the operator of the mean over a node and its neighbours, :math:`D^{-1} (A + I)`.

    The weighted degree :math:`D_i = 1 + \\sum_k w_{ik}` includes the self-loop.

    Args:
        pairs: Undirected edges, each once, :math:`i < j`, sorted, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        weight: Edge weights, :math:`(|\\mathcal{E}|,)`; None for weights of 1.
        dtype: Type of the entries, by default that of ``weight`` or the default of torch.

    Returns:
        The CSR matrix, :math:`(|\\mathcal{V}|, |\\mathcal{V}|)`, and :math:`D`, :math:`(|\\mathcal{V}|,)`.

    Example:
        >>> matrix, degree = mean_operator(torch.tensor([[0, 1], [1, 2]]), 3)
        >>> matrix.to_dense(), degree
        (tensor([[0.5000, 0.5000, 0.0000],
                [0.3333, 0.3333, 0.3333],
                [0.0000, 0.5000, 0.5000]]), tensor([2., 3., 2.]))
    """
    low, high = pairs
    above, below = torch.bincount(low, minlength=num_nodes), torch.bincount(high, minlength=num_nodes)
    counts = above + below + 1  # entries of each row
    starts = torch.nn.functional.pad(counts.cumsum(0), (1, 0))
    # each row has its entries below the diagonal first, then the diagonal; pairs are sorted, so one sort is enough
    diagonal = starts[:-1] + below
    size = int(starts[-1])
    index_type = torch.int32 if size < 1 << 31 else torch.int64  # half the memory
    columns = torch.empty(size, dtype=index_type, device=pairs.device)
    columns[diagonal] = torch.arange(num_nodes, dtype=index_type, device=pairs.device)
    if weight is None:
        degree = counts.to(dtype or torch.get_default_dtype())
        entries = (1 / degree).repeat_interleave(counts, output_size=size)
    else:
        weight = weight.to(dtype or weight.dtype)
        degree = weight.new_ones(num_nodes).index_add(0, low, weight).index_add(0, high, weight)
        entries = weight.new_empty(size)
        entries[diagonal] = 1 / degree

    def fill(rows: Tensor, first: Tensor, others: Tensor, weights: Tensor | None) -> None:
        """Write entries that are sorted by row, those of row ``i`` from ``first[i]`` on."""
        number = torch.bincount(rows, minlength=num_nodes)
        position = torch.arange(len(rows), device=rows.device).add_((first - (number.cumsum(0) - number))[rows])
        columns[position] = others.to(index_type)
        if weights is not None:
            entries[position] = weights / degree[rows]

    fill(low, diagonal + 1, high, weight)  # one half after the other, as each needs memory
    by_high, order = high.sort(stable=True)
    fill(by_high, starts[:-1], low[order], None if weight is None else weight[order])
    shape = (num_nodes, num_nodes)
    matrix = torch.sparse_csr_tensor(starts.to(index_type), columns, entries, shape, check_invariants=False)
    return matrix, degree


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
        >>> matrix, _ = mean_operator(torch.tensor([[0, 1], [1, 2]]), 3)
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
