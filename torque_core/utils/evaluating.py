"""Temporary evaluation mode of a model."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

__all__ = ["evaluating"]


@contextmanager
def evaluating(model: object) -> Iterator[None]:
    """Set a module to evaluation mode, and restore the mode of each submodule afterwards.

    Args:
        model: The module; anything else is left as it is.

    Example:
        >>> layers = nn.Sequential(nn.Dropout(), nn.Dropout().eval())
        >>> with evaluating(layers):
        ...     [layer.training for layer in layers]
        [False, False]
        >>> [layer.training for layer in layers]
        [True, False]
    """
    modes = [(part, part.training) for part in model.modules()] if isinstance(model, nn.Module) else []
    try:
        for part, _ in modes:
            part.training = False
        yield
    finally:
        for part, mode in modes:
            part.training = mode
