"""Confusion matrix."""

import torch
from torch import Tensor

from torque_core.errors import BadGraph
from torque_core.graph.labels import class_labels

__all__ = ["confusion"]


def confusion(predictions: Tensor, y: Tensor, classes: int) -> Tensor:
    """Count nodes by true and predicted class.

    .. math:: M_{ab} = | \\{ i : y_i = a, \\hat y_i = b \\} |

    Args:
        predictions: Predicted classes, :math:`(P,)`.
        y: True classes, -1 where unknown; such nodes are ignored, :math:`(P,)`.
        classes: Number of classes :math:`C`.

    Returns:
        Confusion matrix with one row per true class, int64, on the CPU, :math:`(C, C)`.

    Raises:
        BadGraph: If predictions and labels do not match, or contain a class that does not exist.

    Example:
        >>> confusion(torch.tensor([0, 1, 1, 0]), torch.tensor([0, 0, 1, -1]), 2)
        tensor([[1, 1],
                [0, 1]])
    """
    predictions, y = class_labels(predictions), class_labels(y)
    if predictions.dim() != 1 or predictions.shape != y.shape:
        raise BadGraph(
            f"predictions and y must have the same shape (nodes,), got {tuple(predictions.shape)} and {tuple(y.shape)}"
        )
    known = y >= 0
    label, predicted = y[known].cpu(), predictions[known].cpu()
    for name, values in (("y", label), ("predictions", predicted)):
        if len(values) and not 0 <= int(values.min()) <= int(values.max()) < classes:
            raise BadGraph(f"{name} must contain classes from 0 to {classes - 1}")
    return torch.bincount(label * classes + predicted, minlength=classes * classes).view(classes, classes)
