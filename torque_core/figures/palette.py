"""One palette, safe for colour-blind eyes, and never colour alone: dash, width and shape say it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

__all__ = [
    "ADDED",
    "CLASS_COLOURS",
    "CLASS_SHAPES",
    "DARK",
    "INJECTED",
    "LIGHT",
    "PRUNED",
    "Theme",
    "class_colour",
    "class_colours",
    "class_name",
]

PRUNED = "#D55E00"
"""Vermilion, drawn dashed."""
ADDED = "#0072B2"
"""Blue, drawn solid and wide."""
INJECTED = "#CC79A7"
"""Reddish purple, drawn hatched in bars and as a diamond on edges."""

CLASS_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#AA4499", "#882255", "#44AA99", "#999933")
"""Okabe and Ito (2008), less the colours that edges have, and four of Tol's muted scheme."""
CLASS_SHAPES = ("dot", "square", "triangle", "diamond", "star", "triangleDown", "hexagon", "ellipse")
"""Shapes of vis-network for the same classes."""
_UNKNOWN = "#BBBBBB"


@dataclass(frozen=True)
class Theme:
    """The colours that follow the page: light or dark."""

    name: str
    background: str
    text: str
    kept: str
    outline: str
    added: str


LIGHT = Theme("light", "#FFFFFF", "#31333F", "#949494", "#444444", ADDED)
# on black, the blue of added links is too dark to be seen at line width
DARK = Theme("dark", "#0E1117", "#FAFAFA", "#7A7F87", "#DDDDDD", "#4AA8E0")


def class_name(label: int, classes: Sequence[str] | None = None) -> str:
    """What a class is called; by its number if the classes have no names.

    Example:
        >>> class_name(1), class_name(1, ("woman", "event")), class_name(-1)
        ('1', 'event', 'unknown')
    """
    return "unknown" if label < 0 else classes[label] if classes else str(label)


def class_colour(label: int) -> str:
    """Colour of a class; labels below 0 are unknown and grey, beyond eight classes colours repeat.

    Example:
        >>> class_colour(0), class_colour(-1)
        ('#E69F00', '#BBBBBB')
    """
    return _UNKNOWN if label < 0 else CLASS_COLOURS[label % len(CLASS_COLOURS)]


def class_colours(y: Tensor) -> dict[str, Any]:
    """The same of many nodes, for the ``marker`` of a Plotly trace: numbers and a scale.

    Plotly checks colours one by one, which takes it a second for 50,000 nodes; numbers it takes as they are.

    Example:
        >>> import torch
        >>> marker = class_colours(torch.tensor([0, 9, -1]))
        >>> marker["color"].tolist(), marker["colorscale"][1]
        ([0, 1, -1], (0.125, '#E69F00'))
    """
    colours = (_UNKNOWN, *CLASS_COLOURS)
    last = len(colours) - 1
    return {
        "color": y.remainder(len(CLASS_COLOURS)).where(y >= 0, -1).numpy(),
        "colorscale": [(place / last, colour) for place, colour in enumerate(colours)],
        "cmin": -1,
        "cmax": last - 1,
    }
