"""The game "Catch the false links" as a component, see ``torque_core/figures/_static/game.js``."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.shared.frame.stage import draw_part

__all__ = ["game_stage"]

Pairs = Sequence[tuple[int, int]]


def game_stage(
    network: dict[str, object],
    *,
    key: str,
    place: str,
    alt: str,
    word: str,
    on_compare: Callable[[Pairs], None],
    marks: Pairs | None = None,
    height: int = 430,
) -> None:
    """Draw a small graph whose edges can be marked; the marks are reported when the user asks for the comparison.

    With focus, the arrow keys lead from edge to edge, and Enter or space marks one.

    Args:
        network: See :func:`~torque_core.figures.network_data`. Until the comparison it must not tell which edges are
            injected or pruned, as the browser has all that it contains.
        key: Key of the component.
        place: Name of the place; another one begins without marks.
        alt: Description of the picture for screen readers.
        word: What the reader calls an edge.
        on_compare: Called with the marked edges, as pairs with the smaller node first.
        marks: The marked edges in the comparison; None before it.
        height: Height of the picture in pixels.
    """

    def compare() -> None:
        on_compare([(min(i, j), max(i, j)) for i, j in st.session_state[key]["marks"]])

    draw_part(
        key=key,
        data={
            "part": "game",
            "group": key,
            "network": network,
            "place": place,
            "alt": alt,
            "word": word,
            "revealed": marks is not None,
            "marks": list(marks or ()),
            "height": height,
            "image": st.session_state.image,
        },
        on_marks_change=compare,
    )
