"""A graph or a neighbourhood as an interactive network: what to draw, as columns, and a page that draws it.

``_static/network.js`` turns the columns into nodes and edges of vis-network, in the app and in a page of its own alike;
how a class, a fate or a selection looks is decided there and in the palette, once.
"""

import html
import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from torque_core.figures.palette import CLASS_SHAPES, PRUNED, Theme, class_colour, class_name
from torque_core.scoring.torque import Torque

__all__ = ["FATES", "NetworkLinks", "network_data", "network_html", "network_script", "network_style"]

FATES = ("kept", "pruned", "added")
"""What can become of a link; :attr:`NetworkLinks.fate` holds positions in it."""

_CROWDED = 1_000  # links
_STATIC = Path(__file__).with_name("_static")
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><style>body {{ margin: 0; }}
{style}</style></head>
<body><script type="module">{script}
draw(document.body, {data});
</script></body>
</html>
"""


@dataclass(frozen=True)
class NetworkLinks:
    """Links to be drawn, a column each.

    Attributes:
        pairs: Their ends, :math:`(2, P)`.
        fate: What became of them, as positions in :data:`FATES`, uint8, :math:`(P,)`.
        injected: Whether the noise inserted them, bool, :math:`(P,)`.
        torque: Their torques; NaN where a layer did not judge a link, because an earlier one had pruned it.
    """

    pairs: Tensor
    fate: Tensor
    injected: Tensor
    torque: Torque

    def __len__(self) -> int:
        return self.pairs.size(1)

    def __getitem__(self, index: Tensor) -> "NetworkLinks":
        return NetworkLinks(self.pairs[:, index], self.fate[index], self.injected[index], self.torque[index])


def network_data(
    nodes: Sequence[int] | Tensor,
    links: NetworkLinks,
    position: np.ndarray,
    y: Tensor,
    theme: Theme,
    *,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    focus: int | None = None,
) -> dict[str, object]:
    """What ``_static/network.js`` draws: columns of nodes and of links, and a table of styles.

    A column is the base64 text of a little-endian array (ids, ends and labels int32; coordinates, torque and factors
    float32; fate and injected uint8). As a list of numbers it would take many times as long to write and to read.

    Args:
        nodes: The nodes to draw, :math:`(K,)`.
        links: The links among them.
        position: Where each node of the graph stands, :math:`(|\\mathcal{V}|, 2)`.
        y: Labels, which give each node its colour and shape, :math:`(|\\mathcal{V}|,)`.
        theme: Light or dark.
        names: Names of all nodes of the graph; by default their numbers.
        classes: Names of the classes; by default their numbers.
        focus: A node to be drawn larger.

    Returns:
        A dictionary that ``json.dumps`` takes.

    Example:
        >>> from torque_core.figures import LIGHT
        >>> nothing = torch.tensor([])
        >>> links = NetworkLinks(torch.empty(2, 0), nothing, nothing, Torque(nothing, nothing))
        >>> data = network_data([0, 1], links, np.array([[0, 0], [1, 0.5]]), torch.tensor([1, -1]), LIGHT)
        >>> data["nodes"]["id"]
        'AAAAAAEAAAA='
        >>> data["style"]["classes"]["-1"]
        {'name': 'unknown', 'color': '#BBBBBB', 'shape': 'dot'}
    """
    ids = torch.as_tensor(nodes, dtype=torch.long)
    labels = y.cpu()[ids]
    where = position[ids.numpy()]
    numbers = {"torque": links.torque.value, **links.torque.factors}
    return {
        "nodes": {
            "id": _column(ids, "<i4"),
            "x": _column(where[:, 0], "<f4"),
            "y": _column(where[:, 1], "<f4"),
            "label": _column(labels, "<i4"),
            "name": None if names is None else [names[node] for node in ids.tolist()],
            "focus": focus,
        },
        "links": {
            "source": _column(links.pairs[0], "<i4"),
            "target": _column(links.pairs[1], "<i4"),
            "fate": _column(links.fate, "u1"),
            "injected": _column(links.injected, "u1"),
            "numbers": {name: _column(values, "<f4") for name, values in numbers.items()},
        },
        "style": {
            "background": theme.background,
            "text": theme.text,
            "outline": theme.outline,
            "classes": {str(label): _class_style(label, classes) for label in labels.unique().tolist()},
            "fates": _fate_styles(theme, crowded=len(links) > _CROWDED),
        },
    }


def _fate_styles(theme: Theme, *, crowded: bool) -> list[dict[str, object]]:
    """How links of each fate look; where they are many, those that go must not hide those that stay."""
    thin, faint = (0.5, "70") if crowded else (1.0, "")
    return [
        {"name": "kept", "color": theme.kept, "width": 1.2 * thin, "dashes": False},
        {"name": "pruned", "color": PRUNED + faint, "width": 2 * thin, "dashes": [7, 5]},
        {"name": "added", "color": theme.added, "width": 3 * thin, "dashes": False},
    ]


def _class_style(label: int, classes: Sequence[str] | None) -> dict[str, object]:
    return {
        "name": class_name(label, classes),
        "color": class_colour(label),
        "shape": "dot" if label < 0 else CLASS_SHAPES[label % len(CLASS_SHAPES)],
    }


def _column(values: Tensor | np.ndarray, kind: str) -> str:
    if isinstance(values, Tensor):
        values = values.detach().cpu().numpy()
    return b64encode(values.astype(kind).tobytes()).decode()


def network_html(
    nodes: Sequence[int] | Tensor,
    links: NetworkLinks,
    position: np.ndarray,
    y: Tensor,
    theme: Theme,
    *,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    focus: int | None = None,
    height: int = 560,
    alt: str = "Network",
) -> str:
    """A page of its own that draws a network; it can be dragged, zoomed and hovered, also by keyboard.

    Args:
        nodes: As all that is not named here, see :func:`network_data`.
        links: The links.
        position: Of the nodes.
        y: Labels.
        theme: Light or dark.
        names: Of the nodes.
        classes: Names of the classes.
        focus: A node to be drawn larger.
        height: Of the picture, in pixels.
        alt: What the picture shows, for those who cannot see it; also the title of the page.

    Returns:
        One HTML document that loads nothing from anywhere.
    """
    network = network_data(nodes, links, position, y, theme, names=names, classes=classes, focus=focus)
    data = json.dumps({"network": network, "height": height, "alt": alt})
    return _PAGE.format(
        title=html.escape(alt),
        style=network_style(),
        script=network_script(),
        data=data.replace("<", "\\u003c"),  # a name must not end the script
    )


@cache
def network_script() -> str:
    """An ES module that draws networks: the bundle of vis-network that pyvis brings, and ours, in ``_static/``."""
    import pyvis

    bundle = Path(pyvis.__file__).with_name("templates") / "lib" / "vis-9.1.2" / "vis-network.min.js"
    ours = (_STATIC / name for name in ("network_picture.js", "network.js"))
    return "\n".join(path.read_text(encoding="utf-8") for path in (bundle, *ours))


@cache
def network_style() -> str:
    """The style sheet that belongs to :func:`network_script`."""
    return (_STATIC / "network.css").read_text(encoding="utf-8")
