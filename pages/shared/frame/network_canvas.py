"""Interactive network as a component, which draws the graph and reports the user's gestures."""

from collections.abc import Iterable

import streamlit as st

from pages.shared.frame.gestures import OnSelect, selection_callback
from torque_core.figures.network_page import network_script, network_style

__all__ = ["network_canvas"]

_draw = st.components.v2.component("network", css=network_style(), js=network_script("component"))


def network_canvas(
    network: dict[str, object],
    *,
    key: str,
    height: int = 560,
    alt: str,
    selected_nodes: Iterable[int] = (),
    selected_edges: Iterable[tuple[int, int]] = (),
    camera: str | None = None,
    image: str = "png",
    on_select: OnSelect | None = None,
) -> None:
    """Draw a network that can be dragged, zoomed, hovered and clicked.

    The caller holds the selection and passes it on every run; the component outlines it and keeps no state of it. It
    reports gestures to ``on_select``, which runs before the script and may write to the session::

        chosen = selection()
        canvas(
            network_data(nodes, layer_edges(layer, injected, nodes), position, y, theme()),
            key="network",
            alt="Network of layer 1",
            selected_nodes=chosen.nodes,
            selected_edges=chosen.edges,
            on_select=lambda nodes, edges, add: select(nodes, edges, add=add),
        )

    A click reports a node or an edge; with Ctrl, Shift or Command it extends the selection. A click on the background
    reports nothing selected. Shift and drag reports the nodes in a box, with the edges between them, and extends the
    selection. After a click on the button for a box or a lasso, a drag reports the same and replaces the selection.

    If the nodes and their positions are unchanged, a new network updates the drawn one in place, so that the camera and
    dragged nodes are kept. With focus, the arrow keys move the view, + and - zoom, and 0 shows the whole network. A
    button saves the picture.

    Args:
        network: See :func:`~torque_core.figures.network_data`.
        key: Key of the component.
        height: Height in pixels.
        alt: Description of the picture for screen readers.
        selected_nodes: Nodes to outline; nodes that are not drawn are ignored.
        selected_edges: Edges to outline, as pairs of nodes; edges that are not drawn are ignored.
        camera: Canvases with the same name on a page share their camera.
        image: ``png`` or ``svg``: format of saved pictures.
        on_select: Called with the nodes, the edges as pairs with the smaller node first, and whether to extend the
            selection. If None, nothing can be selected.
    """

    _draw(
        key=key,
        data={
            "network": network,
            "height": height,
            "alt": alt,
            "nodes": list(selected_nodes),
            "edges": list(selected_edges),
            "camera": camera,
            "image": image,
            "listens": on_select is not None,
        },
        on_gesture_change=selection_callback(key, on_select) if on_select else None,
    )
