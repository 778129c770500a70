"""The network as a component: it draws what Python says, and reports what a person does with it."""

from collections.abc import Callable, Iterable, Sequence

import streamlit as st

from torque_core.figures.network_page import network_script, network_style

__all__ = ["network_canvas"]

_draw = st.components.v2.component("network", css=network_style(), js=network_script())


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
    on_select: Callable[[Sequence[int], Sequence[tuple[int, int]], bool], None] | None = None,
) -> None:
    """Draw a network that can be dragged, zoomed, hovered and clicked.

    What is selected is the caller's to know: it comes in with every run and is outlined. The component keeps none of
    it. It only reports gestures to ``on_select``, which runs before the script does and may write to the session::

        chosen = selection()
        canvas(
            network_data(nodes, layer_edges(layer, injected, nodes), position, y, theme()),
            key="network",
            alt="Network of layer 1",
            selected_nodes=chosen.nodes,
            selected_edges=chosen.edges,
            on_select=lambda nodes, edges, add: select(nodes, edges, add=add),
        )

    A click reports a node or a link; with Ctrl, Shift or Command it is to be added to what is selected. A click on
    nothing reports nothing, to clear the selection. Shift and drag, or the button and drag, report the nodes in a box,
    or after another button in a lasso, and the links that have both ends there; as Shift is down to draw it, they are
    to be added, but not after the buttons.

    Where the nodes and their places stay the same, a new network changes the drawn one in place: what a person has
    dragged and zoomed stays. With focus, the arrow keys move the picture, + and - zoom, 0 shows all. A button saves
    the picture.

    Args:
        network: See :func:`~torque_core.figures.network_data`.
        key: Of the component.
        height: In pixels.
        alt: What the picture shows, for those who cannot see it.
        selected_nodes: To be outlined; those that the network lacks are no error.
        selected_edges: Pairs of nodes, likewise.
        camera: Canvases of one name on a page share zoom and place.
        image: ``png`` or ``svg``: how the picture is saved.
        on_select: Gets nodes, edges as pairs with the smaller node first, and whether to add them. Without it nothing
            can be selected.
    """

    def report() -> None:
        assert on_select is not None
        gesture = st.session_state[key]["gesture"]
        on_select(gesture["nodes"], [(i, j) for i, j in gesture["edges"]], gesture["add"])

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
        on_gesture_change=report if on_select else None,
    )
