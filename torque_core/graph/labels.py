"""Class labels and node masks in the forms that PyG data sets have, converted to one."""

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadGraph

__all__ = ["class_labels", "labels_of_part", "node_mask"]

_INDEX_DTYPES = (torch.int8, torch.int16, torch.int32, torch.int64)


def class_labels(y: Tensor) -> Tensor:
    """One class index per node, int64, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Args:
        y: Labels, :math:`(|\\mathcal{V}|,)` or :math:`(|\\mathcal{V}|, 1)`, of any integer dtype, bool, or float. NaN
            and negative numbers mark unknown labels.

    Raises:
        BadGraph: If ``y`` has several columns, as for multi-label classification, or holds numbers that are not
            classes, as for regression.

    Example:
        >>> class_labels(torch.tensor([[2.0], [0.0], [torch.nan]]))
        tensor([ 2,  0, -1])
        >>> class_labels(torch.zeros(34, 3))
        Traceback (most recent call last):
        ...
        torque_core.errors.BadGraph: y has shape (34, 3); one class per node is needed, of shape (nodes,) or (nodes, 1)
    """
    if not isinstance(y, Tensor):
        raise BadGraph(f"y must be a tensor with one class index per node, got {type(y).__name__}")
    if y.dim() != 1 and not (y.dim() == 2 and y.size(1) == 1):
        raise BadGraph(f"y has shape {tuple(y.shape)}; one class per node is needed, of shape (nodes,) or (nodes, 1)")
    if y.layout != torch.strided:
        y = y.to_dense()
    y = y.flatten()
    if y.is_complex():
        raise BadGraph(f"y must hold class indices, got {y.dtype}")
    if y.is_floating_point():
        known = ~y.isnan()
        invalid = known & (~y.isfinite() | (y != y.trunc()))
        if bool(invalid.any()):
            node = int(invalid.nonzero()[0])
            raise BadGraph(
                f"y must hold class indices, got {float(y[node])} for node {node}; "
                "round or bin numbers, and use NaN or -1 where a label is unknown"
            )
        y = torch.where(known, y, -1)
    return y.long().clamp(min=-1)


def node_mask(part: Tensor, num_nodes: int, name: str = "mask") -> Tensor:
    """Mask of a part of the nodes, bool, :math:`(|\\mathcal{V}|,)`.

    Args:
        part: A mask of bool, uint8, or any dtype with the values 0 and 1, of shape :math:`(|\\mathcal{V}|,)` or
            :math:`(|\\mathcal{V}|, 1)`; or node indices of a signed integer dtype.
        num_nodes: Number of nodes :math:`|\\mathcal{V}|`.
        name: Name of the part in error messages.

    Raises:
        BadGraph: If ``part`` is neither a mask nor node indices.

    Example:
        >>> node_mask(torch.tensor([3, 1]), 4)
        tensor([False,  True, False,  True])
        >>> node_mask(torch.tensor([0, 1, 0, 1], dtype=torch.uint8), 4)
        tensor([False,  True, False,  True])
    """
    part = torch.as_tensor(part)
    shape = tuple(part.shape)
    if shape == (num_nodes, 1):
        part = part.flatten()
    is_mask = part.dtype in (torch.bool, torch.uint8) or bool(((part == 0) | (part == 1)).all())
    if part.shape == (num_nodes,) and is_mask:
        return part.bool()
    if part.dim() != 1:
        raise BadGraph(f"{name} has shape {shape}, not ({num_nodes},); choose one split of several")
    if part.dtype not in _INDEX_DTYPES and part.numel():
        raise BadGraph(f"{name} has shape {shape}, not ({num_nodes},), and {part.dtype} holds no node indices")
    mask = torch.zeros(num_nodes, dtype=torch.bool, device=part.device)
    if not part.numel():
        return mask
    low, high = int(part.min()), int(part.max())
    if low < 0 or high >= num_nodes:
        raise BadGraph(f"{name} holds node indices from {low} to {high}, but the nodes are 0 to {num_nodes - 1}")
    mask[part.long()] = True
    return mask


def labels_of_part(data: Data, name: str) -> Tensor:
    """Labels of the nodes in a part, -1 for the other nodes, int64, :math:`(|\\mathcal{V}|,)`.

    Args:
        data: A graph with ``y``, see :func:`class_labels`, and the part, see :func:`node_mask`.
        name: Attribute of the part, such as ``train_mask``.

    Raises:
        BadGraph: If ``y`` holds no class per node, or the part is neither a mask nor node indices.

    Example:
        >>> labels_of_part(Data(y=torch.tensor([2, 0, 1]), train_mask=torch.tensor([0, 2])), "train_mask")
        tensor([ 2, -1,  1])
    """
    labels, part = class_labels(data["y"]), torch.as_tensor(data[name])
    if part.dim() > 1 and part.shape != (len(labels), 1):
        raise BadGraph(
            f"y has shape {tuple(data['y'].shape)} and {name} {tuple(part.shape)}; choose one split of several"
        )
    return torch.where(node_mask(part, len(labels), name), labels, -1)
