"""Linear maps of node features that are mostly zero."""

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn.functional import linear
from torch_geometric.nn import Linear
from torch_geometric.nn.dense.linear import is_uninitialized_parameter
from torch_geometric.nn.inits import reset

from torque_core.utils.sparse import row_starts, sparse_mm

__all__ = ["FeatureMap", "MappedConv", "feature_map", "initialised_weight"]


def feature_map(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """:math:`X W^\\top + b` as :func:`torch.nn.functional.linear`, several times faster on a CPU if ``x`` is sparse.

    PyTorch multiplies a COO matrix entry by entry. Converted to CSR, and for the gradient to its transpose in CSR, the
    product takes a quarter of the time. The entries are sorted once for all matrices that share their indices, such as
    those that :func:`~torque_core.nn.dropout.dropout` returns in each epoch.

    Args:
        x: Features, dense or sparse, :math:`(|\\mathcal{V}|, F)`. CSR and other compressed layouts are converted to
            COO, in each call.
        weight: Weight matrix :math:`W`, :math:`(F', F)`.
        bias: Bias :math:`b`, :math:`(F',)`.

    Example:
        >>> x = torch.tensor([[0.0, 2.0], [3.0, 0.0]])
        >>> feature_map(x.to_sparse(), torch.tensor([[1.0, 10.0]]))
        tensor([[20.],
                [ 3.]])
    """
    if x.layout != torch.strided:
        x = x.to_sparse_coo()
    fast = x.is_sparse and not x.requires_grad and x.device.type == "cpu" and x.dtype == weight.dtype
    if not fast or x.dtype not in (torch.float32, torch.float64):
        return linear(x, weight, bias)
    x = x.coalesce()
    out: Tensor = _Product.apply(weight, x.indices(), x.values(), x.shape)  # type: ignore[no-untyped-call]
    return out if bias is None else out + bias


def initialised_weight(linear_map: Linear, x: Tensor) -> Tensor:
    """The weight matrix of a linear map, :math:`(F', F)`, initialised for the width of ``x`` if ``in_channels`` is -1.

    Example:
        >>> initialised_weight(Linear(-1, 4), torch.ones(2, 3)).shape
        torch.Size([4, 3])
    """
    if is_uninitialized_parameter(linear_map.weight):
        linear_map.initialize_parameters(linear_map, (x,))  # type: ignore[no-untyped-call]  # as before its first call
    return linear_map.weight


class FeatureMap(Linear):
    """PyG's ``Linear`` for dense or sparse features, computed by :func:`feature_map`; ``in_channels`` may be -1."""

    def forward(self, x: Tensor) -> Tensor:
        """:math:`X W^\\top + b`, :math:`(|\\mathcal{V}|, F')`."""
        return feature_map(x, self.weight, self.bias)


class MappedConv(nn.Module):
    """Base class of graph convolutions that map the features first and add a bias last, as ``GCNConv`` does.

    Args:
        in_channels: Width of the input; -1 for that of the first input.
        out_channels: Width of the output.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.lin = FeatureMap(in_channels, out_channels, bias=False, weight_initializer="glorot")
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def reset_parameters(self) -> None:
        """Initialise all parameters again."""
        reset(self.lin)
        nn.init.zeros_(self.bias)


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weight: Tensor, indices: Tensor, values: Tensor, shape: torch.Size) -> Tensor:
        ctx.order, ctx.shape = _entry_order(indices, shape), shape
        ctx.save_for_backward(values)
        matrix = torch.sparse_csr_tensor(ctx.order.row_starts, indices[1], values, shape, check_invariants=False)
        return sparse_mm(matrix, weight.T.contiguous())

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        (values,), order, shape = ctx.saved_tensors, ctx.order, ctx.shape[::-1]
        values = values[order.by_column]
        transposed = torch.sparse_csr_tensor(order.column_starts, order.rows, values, shape, check_invariants=False)
        return sparse_mm(transposed, gradient.contiguous()).T, None, None, None


@dataclass(frozen=True)
class _EntryOrder:
    """Row and column pointers of the entries of a sparse matrix, and the permutation that sorts them by column."""

    row_starts: Tensor
    column_starts: Tensor
    by_column: Tensor
    rows: Tensor

    @classmethod
    def of(cls, indices: Tensor, shape: torch.Size) -> "_EntryOrder":
        rows, columns = indices
        by_column = columns.argsort(stable=True)
        return cls(row_starts(rows, shape[0]), row_starts(columns, shape[1]), by_column, rows[by_column])


# Weak keys, so that an order is freed with the indices that it belongs to. The storage is the key, as each coalesced
# matrix has another tensor object over the same indices.
_orders: "WeakKeyDictionary[torch.UntypedStorage, dict[tuple[object, ...], _EntryOrder]]" = WeakKeyDictionary()


def _entry_order(indices: Tensor, shape: torch.Size) -> _EntryOrder:
    """Return the order of these entries, from the cache if their indices are the same, unchanged storage."""
    if indices.is_inference():  # no version counter: a change in place would go unnoticed
        return _EntryOrder.of(indices, shape)
    orders = _orders.setdefault(indices.untyped_storage(), {})
    key = (indices.storage_offset(), indices.shape, indices._version, shape)
    if key not in orders:
        orders[key] = _EntryOrder.of(indices, shape)
    return orders[key]
