"""Synchronisation of the session with the URL, including the browser's back and forward buttons."""

import time
from dataclasses import dataclass, field

import streamlit as st

from pages.shared.state.declarations import SETTINGS, default_state
from pages.shared.state.history import History, current_state, history, restore
from pages.shared.state.lesson_steps import step_settings
from pages.shared.state.link import read_link, write_link

__all__ = ["load_state", "write_url"]

_DELAY = 0.5  # seconds within which a new URL has surely reached the browser


@dataclass
class _Address:
    """The URL that this session wrote last.

    Attributes:
        page: Name of the page.
        link: Its link parameters.
        previous: The link parameters before.
        step: Step of the lesson; empty on other pages.
        since: Time at which the link was written.
        visited: Pages with their links to which the browser's buttons can lead.
    """

    page: str
    link: dict[str, str]
    previous: dict[str, str]
    step: str = ""
    since: float = field(default_factory=time.monotonic)
    visited: set[tuple[str, frozenset[tuple[str, str]]]] = field(default_factory=set)


def load_state(page: str) -> None:
    """Complete the session's state. It is read from the URL if the session is new or the browser went back or forward.

    Args:
        page: Name of the page.
    """
    link = st.query_params.to_dict()
    if "address" not in st.session_state:
        _read(page, link)
        st.session_state.address = _Address(page, link, link, _step(page))
        st.session_state.own_history = History({})
    present = read_link(history().present)[0]
    for key, setting in SETTINGS.items():  # Streamlit drops the value of a widget that is not drawn
        if key not in st.session_state:
            st.session_state[key] = present.get(key, setting.default)
    navigated = _has_navigated(page, link)
    if navigated:
        st.session_state.step = read_link(link)[0].get("step", SETTINGS["step"].default)
    _switch_step(page)
    if navigated:
        _read(page, link)
        st.session_state.address.link = link
    st.session_state.address.page = page


def write_url(page: str) -> None:
    """Write the session's state to the URL."""
    defaults = step_settings(page, st.session_state.step)
    link, address = write_link(st.session_state, defaults=defaults), st.session_state.address
    if link != st.query_params.to_dict():
        st.query_params.from_dict(link)
    if link != address.link:
        address.previous, address.link, address.since = address.link, link, time.monotonic()
    address.visited.add((page, frozenset(link.items())))


def _read(page: str, link: dict[str, str]) -> None:
    values, st.session_state.problems = read_link(link)
    defaults = default_state()
    st.session_state.update(defaults | dict(step_settings(page, (defaults | values)["step"])) | values)


def _step(page: str) -> str:
    return str(st.session_state.step) if page == "learn" else ""


def _switch_step(page: str) -> None:
    """Switch between the steps of the lesson, each with its settings and history, and the user's own."""
    state, step = st.session_state, _step(page)
    if step == state.address.step:
        return
    if not state.address.step:
        state.own_history = history()
    if step:
        restore(step_settings(page, step))
        state.history = History(current_state())
    else:
        restore(read_link(state.own_history.present)[0])
        state.history = state.own_history
    state.address.step = step


def _has_navigated(page: str, link: dict[str, str]) -> bool:
    """Return True if the current URL was reached through the browser's back or forward button.

    It was if the link is a former one of this session and the user did nothing else. Two cases look alike: a page that
    is opened from the navigation has no link, and shortly after a change the browser may still have the former link.
    """
    address = st.session_state.address
    if link == address.link or current_state() != history().present:
        return False
    if (page, frozenset(link.items())) not in address.visited or (page != address.page and not link):
        return False
    return link != address.previous or time.monotonic() - address.since > _DELAY
