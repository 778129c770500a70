"""Data of an interactive network: the columns and styles that ``_static/network.js`` draws with vis-network.

The script turns the columns into the nodes and edges of vis-network, both in the app and in a standalone page. The
appearance of a class, a fate or a selection is defined there and in the palette only.
"""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import torch
from torch import Tensor

from torque_core.datasets.attributes import GraphAttributes
from torque_core.figures.columns import encode_column
from torque_core.figures.network_edges import NetworkEdges
from torque_core.figures.palette import CLASS_SHAPES, INJECTED, PRUNED, Theme, class_colour, class_name
from torque_core.figures.rings import Ring
from torque_core.utils.text import visible

__all__ = ["network_data"]

_CROWDED = 1_000  # edges; above it, lines are thinner and pruned edges fainter


def network_data(
    nodes: Sequence[int] | Tensor,
    edges: NetworkEdges,
    position: np.ndarray,
    y: Tensor,
    theme: Theme,
    *,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    focus: int | None = None,
    rings: Sequence[Ring] = (),
    attributes: GraphAttributes | None = None,
) -> dict[str, object]:
    """Encode a graph or a neighbourhood for the interactive network figure.

    A column is encoded by :func:`~torque_core.figures.columns.encode_column`: ids, endpoints and labels as int32;
    coordinates, torque and its factors as float32; fate, injected and direction as uint8.

    Args:
        nodes: Nodes to draw, :math:`(K,)`.
        edges: Edges between these nodes.
        position: Coordinates of every node of the graph, :math:`(|\\mathcal{V}|, 2)`.
        y: Labels, which determine the colour and shape of each node, :math:`(|\\mathcal{V}|,)`.
        theme: Light or dark theme.
        names: Names of all nodes of the graph; by default their indices.
        classes: Names of the classes; by default their indices.
        focus: Node that is drawn larger.
        rings: Rings to draw around the origin as guides; only the stage draws them.
        attributes: Attributes of the nodes and edges of the graph, shown on hover.

    Returns:
        A JSON-serialisable dictionary.

    Example:
        >>> from torque_core.figures import LIGHT
        >>> from torque_core.scoring.torque import Torque
        >>> empty = torch.tensor([])
        >>> edges = NetworkEdges(torch.empty(2, 0), empty, empty, Torque(empty, empty))
        >>> data = network_data([0, 1], edges, np.array([[0, 0], [1, 0.5]]), torch.tensor([1, -1]), LIGHT)
        >>> data["nodes"]["id"]
        'AAAAAAEAAAA='
        >>> data["style"]["classes"]["-1"]
        {'name': 'unknown', 'color': '#BBBBBB', 'shape': 'dot'}
    """
    ids = torch.as_tensor(nodes, dtype=torch.long)
    labels = y.cpu()[ids]
    coordinates = position[ids.numpy()]
    numbers = {} if edges.torque is None else {"torque": edges.torque.value, **edges.torque.factors}
    data: dict[str, object] = {
        "nodes": {
            "id": encode_column(ids, "<i4"),
            "x": encode_column(coordinates[:, 0], "<f4"),
            "y": encode_column(coordinates[:, 1], "<f4"),
            "label": encode_column(labels, "<i4"),
            "name": None if names is None else [visible(names[node]) for node in ids.tolist()],
            "focus": focus,
            "about": None if attributes is None else attributes.node_texts(ids.tolist()),
        },
        "edges": {
            "source": encode_column(edges.pairs[0], "<i4"),
            "target": encode_column(edges.pairs[1], "<i4"),
            "fate": encode_column(edges.fate, "u1"),
            "injected": encode_column(edges.injected, "u1"),
            "weight": None if edges.weight is None else encode_column(edges.weight, "<f4"),
            "direction": None if edges.direction is None else encode_column(edges.direction, "u1"),
            "numbers": {name: encode_column(values, "<f4") for name, values in numbers.items()},
            "about": None if attributes is None else attributes.edge_texts(edges.pairs.cpu()),
        },
        "style": {
            "background": theme.background,
            "text": theme.text,
            "outline": theme.outline,
            "classes": {str(label): _class_style(label, classes) for label in labels.unique().tolist()},
            "injected": INJECTED,
            "fates": _fate_styles(theme, crowded=len(edges) > _CROWDED),
        },
    }
    if rings:
        data["rings"] = [asdict(ring) for ring in rings]
    return data


def _fate_styles(theme: Theme, *, crowded: bool) -> list[dict[str, object]]:
    """Line styles by fate; in a crowded graph, pruned edges must not hide the kept ones."""
    thin, faint = (0.5, "70") if crowded else (1.0, "")
    return [
        {"name": "kept", "color": theme.kept, "width": 1.2 * thin, "dashes": False},
        {"name": "pruned", "color": PRUNED + faint, "width": 2 * thin, "dashes": [7, 5]},
        {"name": "added", "color": theme.added, "width": 3 * thin, "dashes": False},
    ]


def _class_style(label: int, classes: Sequence[str] | None) -> dict[str, object]:
    return {
        "name": visible(class_name(label, classes)),
        "color": class_colour(label),
        "shape": "dot" if label < 0 else CLASS_SHAPES[label % len(CLASS_SHAPES)],
    }
