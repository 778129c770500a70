"""Sparse products that need no array of :math:`|\\mathcal{E}| \\times F`, on CPU and CUDA, differentiable."""

import warnings

import torch
from torch import Tensor

__all__ = ["adjacency", "pair_pattern", "pair_products", "sparse_mm"]

with warnings.catch_warnings():  # torch says once in a process that CSR matrices are beta: say it here, to nobody
    warnings.simplefilter("ignore")
    torch.sparse_csr_tensor(torch.tensor([0]), torch.tensor([]), torch.tensor([]), (0, 0), check_invariants=False)


def adjacency(pairs: Tensor, num_nodes: int, weight: Tensor | None = None, dtype: torch.dtype | None = None) -> Tensor:
    """The symmetric adjacency matrix, CSR, :math:`(|\\mathcal{V}|, |\\mathcal{V}|)`.

    Args:
        pairs: Undirected edges, each once, :math:`i < j`, sorted, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        weight: Their weights, :math:`(|\\mathcal{E}|,)`; None for ones.
        dtype: Of the entries; that of ``weight``, or torch's default.

    Example:
        >>> adjacency(torch.tensor([[0, 1], [1, 2]]), 3).to_dense()
        tensor([[0., 1., 0.],
                [1., 0., 1.],
                [0., 1., 0.]])
    """
    low, high = pairs
    edges = torch.arange(len(low), device=pairs.device)
    above = torch.bincount(low, minlength=num_nodes).cumsum(0)  # entries above the diagonal up to and with a row
    below = torch.bincount(high, minlength=num_nodes).cumsum(0)
    starts = torch.nn.functional.pad(above + below, (1, 0))
    by_high, order = high.sort(stable=True)
    # in a row the entries below the diagonal stand first: pairs are sorted, so one sort is enough
    upper = edges + below[low]
    lower = edges + torch.nn.functional.pad(above, (1, 0))[by_high]
    columns = torch.empty(2 * len(low), dtype=torch.long, device=pairs.device)
    columns[upper], columns[lower] = high, low[order]
    if weight is None:
        entries = torch.ones(len(columns), dtype=dtype, device=pairs.device)
    else:
        entries = torch.empty(len(columns), dtype=dtype or weight.dtype, device=pairs.device)
        entries[upper], entries[lower] = weight.to(entries), weight[order].to(entries)
    return torch.sparse_csr_tensor(starts, columns, entries, (num_nodes, num_nodes), check_invariants=False)


def sparse_mm(matrix: Tensor, x: Tensor) -> Tensor:
    """:math:`A X` of a CSR matrix, :math:`(|\\mathcal{V}|, F)`.

    Example:
        >>> sparse_mm(adjacency(torch.tensor([[0, 1], [1, 2]]), 3), torch.tensor([[1.0], [2.0], [4.0]])).flatten()
        tensor([2., 5., 2.])
    """
    # the reducing product is a kernel of the CPU alone, and there many times faster
    return torch.sparse.mm(matrix, x) if x.is_cuda else torch.sparse.mm(matrix, x, reduce="sum")


def pair_pattern(pairs: Tensor, like: Tensor) -> Tensor:
    """The places :math:`(i, j)` of a CSR matrix at which :func:`pair_products` is to look.

    Args:
        pairs: :math:`(2, P)`, its first row ascending.
        like: The rows to be multiplied, :math:`(|\\mathcal{V}|, F)`: their number, type and device.
    """
    counts = torch.bincount(pairs[0], minlength=len(like))
    starts = torch.nn.functional.pad(counts.cumsum(0), (1, 0))
    entries = torch.zeros(pairs.size(1), dtype=like.dtype, device=like.device)
    return torch.sparse_csr_tensor(starts, pairs[1], entries, (len(like), len(like)), check_invariants=False)


def pair_products(left: Tensor, right: Tensor, pattern: Tensor) -> Tensor:
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
    return torch.sparse.sampled_addmm(pattern, left, right.T, beta=0).values()
