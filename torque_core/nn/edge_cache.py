"""Sums over neighbours as sparse matrix products, cached as long as the edges stay the same."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch_geometric.utils import scatter

from torque_core.utils.sparse import row_starts, sparse_mm

__all__ = ["EdgeSum", "EdgeSumCache", "supports_edge_sum"]

Normalise = Callable[[Tensor, Tensor | None, int], tuple[Tensor, Tensor]]
"""``(edge_index, edge_weight, num_nodes)`` to the edges and coefficients of the sum, (2, M) and (M,)."""


class EdgeSum:
    """:math:`h'_i = \\sum_{j \\in \\mathcal{N}(i)} w_{ji} h_j` over fixed edges, differentiable in :math:`h`.

    The edges are sorted once, by target and by source, so that each sum and each gradient is a product with a CSR
    matrix. On a CPU this is 5 to 30 times faster than gathering and scattering messages, and it needs no array of size
    :math:`M \\times F`.

    Args:
        edge_index: Edges, :math:`(2, M)`; repeated edges are summed.
        weight: Edge weights, :math:`(M,)`.
        num_nodes: Number of nodes :math:`|\\mathcal{V}|`.

    Example:
        >>> EdgeSum(torch.tensor([[0, 1], [2, 2]]), torch.tensor([1.0, 10.0]), 3)(torch.tensor([[1.0], [2.0], [3.0]]))
        tensor([[ 0.],
                [ 0.],
                [21.]])
    """

    def __init__(self, edge_index: Tensor, weight: Tensor, num_nodes: int) -> None:
        source, target = edge_index
        self._matrix = _csr(target, source, weight, num_nodes)
        self._transposed = _csr(source, target, weight, num_nodes)

    def __call__(self, h: Tensor) -> Tensor:
        """Sum the rows of ``h`` over the edges, :math:`(|\\mathcal{V}|, F)`."""
        return _Product.apply(h, self._matrix, self._transposed)  # type: ignore[no-untyped-call]


class EdgeSumCache:
    """The :class:`EdgeSum` of the most recent graph, built again only when the graph changes.

    A layer receives the same edge tensors in every epoch until the graph is rewired. Tensors are compared by identity
    and version counter instead of by value: this is cheap, and it detects changes in place.

    Args:
        normalise: Function that computes the edges and coefficients of the sum from ``edge_index``, ``edge_weight``
            and the number of nodes.
    """

    def __init__(self, normalise: Normalise) -> None:
        self._normalise = normalise
        self._edge_sum: EdgeSum | None = None
        self._key: tuple[object, ...] = ()
        self._keyed_tensors: tuple[Tensor | None, ...] = ()  # kept alive, so that no other tensor can get their id

    def get(self, edge_index: Tensor, edge_weight: Tensor | None, num_nodes: int) -> EdgeSum:
        """Return the cached sum over these edges, or build and cache it."""
        tensors = (edge_index, edge_weight)
        if any(tensor is not None and tensor.is_inference() for tensor in tensors):
            # inference tensors have no version counter, so a change in place would go unnoticed
            return EdgeSum(*self._normalise(edge_index, edge_weight, num_nodes), num_nodes)
        key = (num_nodes, *((id(tensor), tensor._version) for tensor in tensors if tensor is not None))
        if self._edge_sum is None or key != self._key:
            self._edge_sum = EdgeSum(*self._normalise(edge_index, edge_weight, num_nodes), num_nodes)
            self._key, self._keyed_tensors = key, tensors
        return self._edge_sum

    def propagation(self, edge_index: Tensor, edge_weight: Tensor | None, h: Tensor) -> Callable[[Tensor], Tensor]:
        """Return the function that sums rows such as those of ``h`` over these edges.

        It is the cached :class:`EdgeSum` if possible; otherwise, as for edge weights that require a gradient, it
        gathers and scatters.
        """
        if supports_edge_sum(h, edge_weight):
            return self.get(edge_index, edge_weight, len(h))
        (source, target), weight = self._normalise(edge_index, edge_weight, len(h))
        return lambda rows: scatter(weight[:, None] * rows[source], target, dim_size=len(rows), reduce="sum")


def supports_edge_sum(h: Tensor, edge_weight: Tensor | None) -> bool:
    """Return True if :class:`EdgeSum` applies: edges without gradient, and a dtype and device with CSR products."""
    return (
        not torch.compiler.is_compiling()
        and (edge_weight is None or not edge_weight.requires_grad)
        and h.dtype in (torch.float32, torch.float64)
        and h.device.type in ("cpu", "cuda")
    )


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, h: Tensor, matrix: Tensor, transposed: Tensor) -> Tensor:
        ctx.transposed = transposed
        return sparse_mm(matrix.to(h.dtype), h)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        return sparse_mm(ctx.transposed.to(gradient.dtype), gradient.contiguous()), None, None


def _csr(rows: Tensor, columns: Tensor, weight: Tensor, num_nodes: int) -> Tensor:
    order = rows.argsort(stable=True)
    shape = (num_nodes, num_nodes)
    starts = row_starts(rows, num_nodes)
    return torch.sparse_csr_tensor(starts, columns[order], weight[order], shape, check_invariants=False)
