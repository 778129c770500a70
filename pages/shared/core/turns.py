"""Large views are computed one at a time on this server, and only as long as their session waits for them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shared.core.budget import LARGE_BYTES
from pages.shared.runs.registry import any_active
from pages.shared.state.owner import session_id

__all__ = ["checkpoint", "in_turn"]

_TURN = threading.Lock()
_SECONDS = 0.5  # between two looks at the session


@contextmanager
def in_turn(size: int) -> Iterator[None]:
    """Wait until no other large view is computed; a view that is not large does not wait.

    Args:
        size: Estimated bytes of the view.
    """
    if size < LARGE_BYTES:
        yield
        return
    while not _TURN.acquire(timeout=_SECONDS):
        checkpoint()
    try:
        checkpoint()  # the session may have gone in the meantime
        yield
    finally:
        _TURN.release()


def checkpoint() -> None:
    """End the script between two steps of a computation if its page was closed, or wants to be drawn anew.

    Outside of a script nothing happens.
    """
    if get_script_run_ctx() is None or not st.runtime.exists():
        return
    if not any_active([session_id()]):
        st.stop()
    st.empty()  # drawing ends the script if a widget has changed
