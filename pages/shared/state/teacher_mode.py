"""Links for a class, which hide controls that a lesson does not need, and links with notes for its teacher."""

from urllib.parse import urlencode

import streamlit as st

from pages.shared.state.declarations import HIDEABLE
from pages.shared.state.lesson_steps import State, step_settings
from pages.shared.state.link import write_link

__all__ = ["class_link_controls", "hidden_controls", "lesson_links"]

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
    return _link(teach=int(bool(hide)), hide=hide)


def lesson_links() -> tuple[str, str]:
    """Return the query strings of two links to the present step: for a class, and with the notes for its teacher."""
    defaults = step_settings("learn", st.session_state.step)
    return _link(defaults, teach=1), _link(defaults, teach=0, notes=1)


def _link(defaults: State | None = None, **values: object) -> str:
    """Query string of the present view with other values; notes are only for who asks for them."""
    return urlencode(write_link(st.session_state.to_dict() | {"notes": 0} | values, defaults=defaults))
