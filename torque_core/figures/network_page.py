"""A standalone HTML page with an interactive network, and the script and style sheet that draw it."""

import html
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from torch import Tensor

from torque_core.figures.network import network_data
from torque_core.figures.network_edges import NetworkEdges
from torque_core.figures.palette import Theme, themes
from torque_core.utils.optional import require

__all__ = ["network_html", "network_script", "network_style", "themes_script"]

_STATIC = Path(__file__).with_name("_static")
_SCRIPTS = ("network.js", "network_camera.js", "network_pointer.js", "network_image.js")
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><style>body {{ margin: 0; }}
{style}</style></head>
<body><script type="module">{script}
draw(document.body, {data});
</script></body>
</html>
"""


def network_html(
    nodes: Sequence[int] | Tensor,
    edges: NetworkEdges,
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
    """Create a standalone page with a network that can be dragged, zoomed and hovered, also by keyboard.

    Args:
        nodes: Nodes to draw; this and all arguments up to ``focus`` are passed to
            :func:`~torque_core.figures.network.network_data`.
        edges: Edges between these nodes.
        position: Coordinates of every node of the graph, :math:`(|\\mathcal{V}|, 2)`.
        y: Labels, :math:`(|\\mathcal{V}|,)`.
        theme: Light or dark theme.
        names: Names of all nodes of the graph.
        classes: Names of the classes.
        focus: Node that is drawn larger.
        height: Height of the figure in pixels.
        alt: Alternative text of the figure; also the title of the page.

    Returns:
        An HTML document that loads no external resources.
    """
    network = network_data(nodes, edges, position, y, theme, names=names, classes=classes, focus=focus)
    data = json.dumps({"network": network, "height": height, "alt": alt})
    return _PAGE.format(
        title=html.escape(alt),
        style=network_style(),
        script=network_script(),
        data=data.replace("<", "\\u003c"),  # a node name must not close the script element
    )


@cache
def network_script(host: str | None = None) -> str:
    """Return an ES module that draws networks: the vis-network bundle shipped with pyvis and the scripts in _static.

    Args:
        host: Script in _static that connects the network to the program that shows it: ``component`` for the app,
            ``widget`` for a notebook. By default the module exports nothing and defines ``draw``.

    Raises:
        MissingDependency: If pyvis is not installed.
    """
    bundle = (
        Path(str(require("pyvis", extra="figures").__file__)).with_name("templates")
        / "lib"
        / "vis-9.1.2"
        / "vis-network.min.js"
    )
    names = [*_SCRIPTS, *(["theme.js"] if host == "component" else []), *([] if host is None else [f"{host}.js"])]
    # a page with an AMD loader, such as VS Code's notebooks, would otherwise receive the bundle through it
    head = ["const define = undefined;", *([themes_script()] if host == "component" else [])]
    return "\n".join([*head, *(path.read_text("utf-8") for path in (bundle, *(_STATIC / name for name in names)))])


def themes_script() -> str:
    """Return the script that declares the colours of both themes, for ``_static/theme.js``."""
    return f"const THEMES = {json.dumps(themes())};"


@cache
def network_style() -> str:
    """Return the style sheet for :func:`network_script`."""
    return (_STATIC / "network.css").read_text(encoding="utf-8")
