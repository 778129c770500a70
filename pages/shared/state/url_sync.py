"""The address of the page: a session begins with it, follows it back and forward, and writes itself into it."""

import time
from dataclasses import dataclass, field

import streamlit as st

from pages.shared.state.declarations import SETTINGS, default_state
from pages.shared.state.history import History, current_state, history, restore
from pages.shared.state.lesson_steps import step_settings
from pages.shared.state.link import read_link, write_link

__all__ = ["load_state", "write_url"]

_UNDERWAY = 0.5  # seconds in which a new address has surely reached the browser


@dataclass
class _Address:
    """What this session has written."""

    page: str
    link: dict[str, str]
    before: dict[str, str]
    step: str = ""
    """Of the lesson; empty outside it."""
    since: float = field(default_factory=time.monotonic)
    known: set[tuple[str, frozenset[tuple[str, str]]]] = field(default_factory=set)
    """Where the browser's buttons can lead back to: pages with their links."""


def load_state(page: str) -> None:
    """Make the session's state complete, by the link if the session is new or the browser went back or forward."""
    asked = st.query_params.to_dict()
    if "address" not in st.session_state:
        _take(page, asked)
        st.session_state.address = _Address(page, asked, asked, _step(page))
        st.session_state.own_history = History({})
    kept = read_link(history().present)[0]
    for key, setting in SETTINGS.items():  # Streamlit forgets the value of a widget that is not drawn
        if key not in st.session_state:
            st.session_state[key] = kept.get(key, setting.default)
    went = _went(page, asked)
    if went:
        st.session_state.step = read_link(asked)[0].get("step", SETTINGS["step"].default)
    _turn(page)
    if went:
        _take(page, asked)
        st.session_state.address.link = asked
    st.session_state.address.page = page


def write_url(page: str) -> None:
    """Have the address say what the session shows."""
    usual = step_settings(page, st.session_state.step)
    link, address = write_link(st.session_state, defaults=usual), st.session_state.address
    if link != st.query_params.to_dict():
        st.query_params.from_dict(link)
    if link != address.link:
        address.before, address.link, address.since = address.link, link, time.monotonic()
    address.known.add((page, frozenset(link.items())))


def _take(page: str, link: dict[str, str]) -> None:
    values, st.session_state.problems = read_link(link)
    defaults = default_state()
    st.session_state.update(defaults | dict(step_settings(page, (defaults | values)["step"])) | values)


def _step(page: str) -> str:
    return str(st.session_state.step) if page == "learn" else ""


def _turn(page: str) -> None:
    """Each step of the lesson has settings and undo of its own; a person's wait until they leave the lesson."""
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


def _went(page: str, asked: dict[str, str]) -> bool:
    """Whether the browser's back or forward button brought the link that is asked for.

    It did if the link is an old one of this session and nobody did anything else. Two things look alike and are not:
    another page begins without a link, and so soon after a change the browser may not know the new link yet.
    """
    address = st.session_state.address
    if asked == address.link or current_state() != history().present:
        return False
    if (page, frozenset(asked.items())) not in address.known or (page != address.page and not asked):
        return False
    return asked != address.before or time.monotonic() - address.since > _UNDERWAY
