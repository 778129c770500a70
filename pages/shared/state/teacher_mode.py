"""Teacher mode: a link that hides controls, so that a class sees what the lesson needs."""

from urllib.parse import urlencode

import streamlit as st

from pages.shared.state.declarations import HIDEABLE
from pages.shared.state.link import write_link

__all__ = ["class_link_controls", "hidden_controls"]

_USUALLY = ("method", "device")


def hidden_controls() -> frozenset[str]:
    """The names of the controls that the link hides; what they are set to holds all the same."""
    state = st.session_state
    return frozenset(state.hide or _USUALLY) if state.teach else frozenset()


def class_link_controls() -> str:
    """Draw the choice of what to hide, and return the parameters of the link that does."""
    hide = st.multiselect(
        "Controls that a link for a class hides",
        list(HIDEABLE),
        list(_USUALLY),
        format_func=HIDEABLE.__getitem__,
        help="They keep the values that they have now. Who has the link can see them again only by taking teach=1 out "
        "of the address.",
    )
    return urlencode(write_link(st.session_state.to_dict() | {"teach": int(bool(hide)), "hide": hide}))
