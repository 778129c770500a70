"""Confusion: which classes are taken for which."""

import torch
from torch import Tensor

from torque_core.errors import BadGraph

__all__ = ["confusion"]


def confusion(predictions: Tensor, y: Tensor, classes: int) -> Tensor:
    """Count nodes by their class and the class that was predicted.

    .. math:: M_{ab} = | \\{ i : y_i = a, \\hat y_i = b \\} |

    Args:
        predictions: Predicted classes, :math:`(P,)`.
        y: True classes, -1 where unknown: such nodes are left out, :math:`(P,)`.
        classes: :math:`C`.

    Returns:
        :math:`(C, C)`, int64, on the CPU; a row a true class.

    Raises:
        BadGraph: Predictions and labels do not fit each other, or name a class that there is not.

    Example:
        >>> confusion(torch.tensor([0, 1, 1, 0]), torch.tensor([0, 0, 1, -1]), 2)
        tensor([[1, 1],
                [0, 1]])
    """
    if predictions.dim() != 1 or predictions.shape != y.shape:
        raise BadGraph(
            f"predictions and y must have one shape (nodes,), got {tuple(predictions.shape)} and {tuple(y.shape)}"
        )
    known = y >= 0
    label, predicted = y[known].cpu(), predictions[known].cpu()
    for name, values in (("y", label), ("predictions", predicted)):
        if len(values) and not 0 <= int(values.min()) <= int(values.max()) < classes:
            raise BadGraph(f"{name} must hold classes from 0 to {classes - 1}")
    return torch.bincount(label * classes + predicted, minlength=classes * classes).view(classes, classes)
