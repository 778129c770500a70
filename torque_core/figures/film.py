"""Data of the film "Stand in the node": the messages that reach one node, before and after rewiring.

The film is a part of the stage, see :mod:`torque_core.figures.stage`; ``_static/film.js`` draws it. The browser
computes the receptive field and the influence of every node from the messages, so that it follows the cut while that
moves.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from torque_core.figures.columns import encode_column
from torque_core.figures.film_graph import FilmGraph, MessageStep
from torque_core.figures.network import network_data
from torque_core.figures.network_edges import NetworkEdges
from torque_core.figures.palette import Theme
from torque_core.figures.rings import ring_layout

__all__ = ["MAX_FILM_MESSAGES", "film_data"]

MAX_FILM_MESSAGES = 60_000
"""Largest number of messages of which a browser computes the influence in each frame of a drag of the cut."""
_MAX_ON_RING = 150  # nodes that are drawn


def film_data(
    graph: FilmGraph,
    y: Tensor,
    theme: Theme,
    *,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
) -> dict[str, object]:
    """Encode the messages of a film; columns are encoded as by :func:`~torque_core.figures.network.network_data`.

    Args:
        graph: The messages.
        y: Labels, which determine the colour and shape of each node, :math:`(|\\mathcal{V}|,)`.
        theme: Light or dark theme.
        names: Names of all nodes of the graph; by default their indices.
        classes: Names of the classes; by default their indices.

    Returns:
        A JSON-serialisable dictionary. Messages refer to the nodes by their position among the nodes of the film, -1
        for nodes that cannot reach the node in the middle.

    Example:
        >>> from torque_core import Noise, add_noise, load, rewire
        >>> from torque_core.figures import LIGHT
        >>> from torque_core.figures.film_graph import film_graph
        >>> noisy = add_noise(load("karate").data, Noise("insert", 0.2))
        >>> graph = film_graph(0, rewire(noisy.data, layers=2).layers, noisy)
        >>> data = film_data(graph, noisy.data.y, LIGHT)
        >>> len(data["steps"]), len(data["network"]["rings"])
        (2, 2)
    """
    field = graph.field
    layout = ring_layout(field, y=y, most=_MAX_ON_RING)
    nodes, none = field.nodes, torch.empty(0)
    network = network_data(
        nodes, NetworkEdges(torch.empty(2, 0), none, none, None), layout.position, y, theme, names=names,
        classes=classes, focus=field.node, rings=layout.rings,
    )  # fmt: skip
    position = torch.full_like(field.hops, -1)
    position[nodes] = torch.arange(len(nodes))
    return {
        "network": network,
        "ring": encode_column(field.hops[nodes], "<i4"),
        "degree": encode_column(graph.degree[nodes], "<f4"),
        "steps": [_step(step, position, nodes) for step in graph.steps],
    }


def _step(step: MessageStep, position: Tensor, nodes: Tensor) -> dict[str, object]:
    """Encode the messages of one layer."""
    factors = {"torque": step.torque.value, **step.torque.factors}
    return {
        "source": encode_column(position[step.source], "<i4"),
        "target": encode_column(position[step.target], "<i4"),
        "before": encode_column(step.before, "u1"),
        "fate": encode_column(step.fate, "u1"),
        "injected": encode_column(step.injected, "u1"),
        "limit": encode_column(step.limit, "<f4"),
        "numbers": {name: encode_column(values, "<f4") for name, values in factors.items()},
        "weight": None if step.weight is None else [encode_column(weight, "<f4") for weight in step.weight],
        "degree": None if step.degree is None else encode_column(step.degree[nodes], "<f4"),
    }
