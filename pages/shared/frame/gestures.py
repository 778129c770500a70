"""Gestures of the user on the figures of a graph."""

from collections.abc import Callable, Sequence

import streamlit as st

__all__ = ["OnSelect", "selection_callback"]

OnSelect = Callable[[Sequence[int], Sequence[tuple[int, int]], bool], None]
"""Called with the nodes, the edges as pairs with the smaller node first, and whether to extend the selection."""


def selection_callback(key: str, on_select: OnSelect) -> Callable[[], None]:
    """Return a callback that passes the last gesture of a component to ``on_select``.

    Args:
        key: Key of the component.
        on_select: Receives the gesture.
    """

    def report() -> None:
        gesture = st.session_state[key]["gesture"]
        on_select(gesture["nodes"], [(i, j) for i, j in gesture["edges"]], gesture["add"])

    return report
