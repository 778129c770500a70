"""The film "Stand in the node" as a component, see :mod:`torque_core.figures.film`."""

import streamlit as st

from pages.shared.frame.stage import draw_part
from pages.shared.state.declarations import SETTINGS

__all__ = ["film"]


def film(
    data: dict[str, object],
    *,
    key: str,
    group: str,
    alt: str,
    word: str = "edge",
    height: int = 420,
    live: dict[str, object] | None = None,
    opening: bool = False,
) -> None:
    """Draw the film, which is played, paused, stepped and scrubbed in the browser.

    The frame at which it comes to rest is the setting ``film``. With focus, the arrow keys step, Home and End go to the
    first and to the last frame, and space plays or pauses.

    Args:
        data: See :func:`~torque_core.figures.film.film_data`.
        key: Key of the component.
        group: Name of the view; the film follows the control of the cut of the same group.
        alt: Description of the film for screen readers.
        word: What the reader calls an edge.
        height: Height of the picture in pixels.
        live: The cut, see :func:`~torque_core.figures.stage.live_cut`; None if the film cannot follow it.
        opening: Whether the film plays by itself at first and can be skipped; its frame is then no setting.
    """

    def rest() -> None:
        frame = int(st.session_state[key]["frame"])
        if SETTINGS["film"].allows(str(frame)):
            st.session_state.film = frame

    draw_part(
        key=key,
        data={
            "part": "film",
            "group": group,
            "film": data,
            "height": height,
            "alt": alt,
            "word": word,
            "live": live,
            "frame": None if opening else st.session_state.film,
            "opening": opening,
        },
        on_frame_change=rest,
    )
