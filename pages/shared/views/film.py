"""The film "Stand in the node": what one node receives before and after rewiring, message by message."""

import streamlit as st

from pages.shared.core.view import View
from pages.shared.frame.film import film
from pages.shared.frame.page import theme
from pages.shared.views.manual_cut import live_state
from torque_core.figures.film import MAX_FILM_MESSAGES, film_data
from torque_core.figures.film_graph import FilmGraph, film_graph

__all__ = ["draw_film"]


def draw_film(view: View, node: int, *, key: str, word: str = "edge", height: int = 420, opening: bool = False) -> None:
    """Draw the film of a node through the layers up to the one shown.

    Args:
        view: The view.
        node: The node.
        key: Key of the component.
        word: What the page calls an edge.
        height: Height of the picture in pixels.
        opening: Whether it opens a page, see :func:`~pages.shared.frame.film.film`.
    """
    follows = not opening and _follows_the_cut(view)
    last = view.layer_by_rule if follows else view.layer
    layers = (*view.rewiring.layers[: view.settings.layer], last)
    graph = film_graph(node, layers, view.noisy, additions=view.rewiring.spec.additions)
    if len(graph) > MAX_FILM_MESSAGES:
        st.info(
            f"{len(graph):,} messages can reach node {node}; the film shows at most {MAX_FILM_MESSAGES:,}. Choose a "
            "node with fewer neighbours, or fewer layers.",
            icon=":material/movie:",
        )
        return
    film(
        film_data(graph, view.dataset.data.y, theme(), names=view.dataset.names, classes=view.dataset.class_names),
        key=key,
        group="layer",
        alt=_alt(view, graph, node),
        word=word,
        height=height,
        live=live_state(view) if follows else None,
        opening=opening,
    )


def _follows_the_cut(view: View) -> bool:
    """Return True if the browser can compute all weights at any cut: those of the input graph must be 1."""
    return all(layer.direction_weight is None for layer in (view.rewiring.layers[0], view.layer_by_rule))


def _alt(view: View, graph: FilmGraph, node: int) -> str:
    size, depth = len(graph.field.nodes) - 1, view.settings.layer + 1
    return (
        f"Film: messages of {size:,} nodes travel through {depth} layer{'s'[: depth > 1]} to node "
        f"{view.node_name(node)}, where a pie counts the influence of each class, before and after rewiring."
    )
