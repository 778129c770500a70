"""Colour-blind safe palette; dash, width or shape always repeat what a colour conveys."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
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
    "themes",
    "translucent",
]

PRUNED = "#D55E00"
"""Colour of pruned edges: vermilion, drawn dashed."""
ADDED = "#0072B2"
"""Colour of added edges: blue, drawn solid and wide."""
INJECTED = "#CC79A7"
"""Colour of injected edges: reddish purple, drawn hatched in bars and as a diamond on edges."""

CLASS_COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#AA4499", "#882255", "#44AA99", "#999933")
"""Class colours: those of Okabe and Ito (2008) that are not used for edges, and four of Tol's muted scheme."""
CLASS_SHAPES = ("dot", "square", "triangle", "diamond", "star", "triangleDown", "hexagon", "ellipse")
"""Node shapes of vis-network for the same classes."""
_UNKNOWN = "#BBBBBB"


@dataclass(frozen=True)
class Theme:
    """Colours that depend on the theme of the page."""

    name: str
    background: str
    text: str
    kept: str
    outline: str
    added: str


LIGHT = Theme("light", "#FFFFFF", "#31333F", "#949494", "#444444", ADDED)
# the blue of added edges is too dark for thin lines on a black background
DARK = Theme("dark", "#0E1117", "#FAFAFA", "#7A7F87", "#DDDDDD", "#4AA8E0")


def themes() -> dict[str, dict[str, str]]:
    """Return the colours of both themes by purpose, for a script that follows the theme of its page.

    Example:
        >>> themes()["dark"]["text"]
        '#FAFAFA'
    """
    return {
        theme.name: {key: colour for key, colour in asdict(theme).items() if key != "name"} for theme in (LIGHT, DARK)
    }


def class_name(label: int, classes: Sequence[str] | None = None) -> str:
    """Return the name of a class, or its index if the classes have no names.

    Example:
        >>> class_name(1), class_name(1, ("woman", "event")), class_name(-1)
        ('1', 'event', 'unknown')
    """
    return "unknown" if label < 0 else classes[label] if classes else str(label)


def class_colour(label: int) -> str:
    """Return the colour of a class; grey for unknown (negative) labels. Colours repeat after eight classes.

    Example:
        >>> class_colour(0), class_colour(-1)
        ('#E69F00', '#BBBBBB')
    """
    return _UNKNOWN if label < 0 else CLASS_COLOURS[label % len(CLASS_COLOURS)]


def class_colours(y: Tensor) -> dict[str, Any]:
    """Return the class colours of many nodes as numbers and a colour scale, for the ``marker`` of a Plotly trace.

    Plotly validates colours one by one, which takes a second for 50,000 nodes, but does not validate numbers.

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
        "colorscale": [(index / last, colour) for index, colour in enumerate(colours)],
        "cmin": -1,
        "cmax": last - 1,
    }


def translucent(colour: str, opacity: float) -> str:
    """Return a colour with an opacity, for lines and areas.

    Browsers draw a trace with an opacity of its own as a separate layer, whose rectangle can show on dark pages.

    Args:
        colour: Hexadecimal notation, such as ``#0072B2``.
        opacity: From 0 to 1.

    Example:
        >>> translucent("#0072B2", 0.5)
        'rgba(0, 114, 178, 0.5)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"
