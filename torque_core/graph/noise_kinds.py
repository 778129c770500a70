"""Registry of the kinds of noise."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadConfig

__all__ = ["NOISE_KINDS", "EdgeChange", "NoiseKind", "register_noise"]

EdgeChange = Callable[[Data, Tensor, int, int], tuple[Tensor, Tensor]]
"""Function from a graph, its edges :math:`(2, |\\mathcal{E}|)` on the CPU, the number of edges to change, and a
random seed, to the inserted and the deleted edges, :math:`(2, I)` and :math:`(2, R)` with :math:`i < j`."""


@dataclass(frozen=True, kw_only=True)
class NoiseKind:
    """A kind of noise.

    Attributes:
        title: Name for readers.
        description: One or two sentences on what it does.
        level: Meaning of the rate in percent, for the axis of a figure.
        change: Function that selects the changed edges; None if the features are changed instead.
        inserts: Whether it inserts edges, so that their detection can be measured.
        uses_split: Whether it depends on the training or test nodes, as attacks do.
        most: Largest rate.
        rates: Usual rates, at which curves over the rate are computed.
    """

    title: str
    description: str
    level: str
    change: EdgeChange | None = None
    inserts: bool = False
    uses_split: bool = False
    most: float = math.inf
    rates: tuple[float, ...] = (0.2, 0.5, 1.0)


NOISE_KINDS: dict[str, NoiseKind] = {}
"""Kinds of noise by key; :func:`register_noise` adds one."""


def register_noise(key: str, kind: NoiseKind) -> NoiseKind:
    """Add a kind of noise, which the command line, studies and the app then offer.

    Args:
        key: Its name in Python, on the command line and in URLs.
        kind: The kind.

    Raises:
        BadConfig: If another kind has this key.

    Example:
        >>> from torque_core import Noise, add_noise, load
        >>> def delete_first(data, pairs, changes, seed):
        ...     return pairs[:, :0], pairs[:, :changes]
        >>> _ = register_noise("first", NoiseKind(title="First", description="", level="", change=delete_first))
        >>> add_noise(load("karate").data, Noise("first", 1 / 78)).removed
        tensor([[0],
                [1]])
        >>> del NOISE_KINDS["first"]
    """
    if NOISE_KINDS.setdefault(key, kind) != kind:
        raise BadConfig(f"noise {key!r} is registered already; choose another key")
    return kind
