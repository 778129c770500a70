"""Teacher mode: links that hide controls, so that a class sees only what a lesson needs."""

from urllib.parse import urlencode

import streamlit as st

from pages.shared.state.declarations import HIDEABLE
from pages.shared.state.link import write_link

__all__ = ["class_link_controls", "hidden_controls"]

_HIDDEN_BY_DEFAULT = ("method", "device")


def hidden_controls() -> frozenset[str]:
    """Return the names of the controls that the link hides; their values still apply."""
    state = st.session_state
    return frozenset(state.hide or _HIDDEN_BY_DEFAULT) if state.teach else frozenset()


def class_link_controls() -> str:
    """Draw the choice of controls to hide, and return the query string of the link that hides them."""
    hide = st.multiselect(
        "Controls that the link for a class hides",
        list(HIDEABLE),
        list(_HIDDEN_BY_DEFAULT),
        format_func=HIDEABLE.__getitem__,
        help="They keep their present values. To see them again, one must remove teach=1 from the URL.",
    )
    return urlencode(write_link(st.session_state.to_dict() | {"teach": int(bool(hide)), "hide": hide}))
