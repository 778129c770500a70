"""Undo and redo: every step is a link's parameters, so whatever a link can bring back, a step can."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from pages.shared.state.declarations import SETTINGS
from pages.shared.state.link import read_link, write_link

__all__ = ["DEPTH", "History", "current_state", "history", "redo", "restore", "undo"]

DEPTH = 100
"""So many steps back are kept."""

Link = dict[str, str]


@dataclass
class History:
    """The steps of a session.

    Example:
        >>> steps = History({})
        >>> steps.record({"seed": "1"})
        >>> steps.record({"seed": "2"})
        >>> steps.undo(), steps.undo(), steps.redo()
        ({'seed': '1'}, {}, {'seed': '1'})
        >>> steps.last_change
        ('seed',)
    """

    present: Link
    past: deque[Link] = field(default_factory=lambda: deque(maxlen=DEPTH))
    future: list[Link] = field(default_factory=list)
    """What was undone, the nearest last."""
    said: str = ""
    """What the last run's undo or redo did."""

    def record(self, now: Link) -> None:
        """Somebody did something: if it changed the state, it is a step, and what was undone is gone."""
        if now != self.present:
            self.past.append(self.present)
            self.future.clear()
            self.present = now

    def settle(self, now: Link) -> None:
        """The page itself put values right or chose some: no step, or undo would fight with the page."""
        self.present = now
        if self.past and self.past[-1] == now:  # it put right what somebody did: nothing to undo
            self.past.pop()

    def undo(self) -> Link:
        """Go back one step, to what is returned."""
        self.future.append(self.present)
        self.present = self.past.pop()
        return self.present

    def redo(self) -> Link:
        """Go forward again, to what is returned."""
        self.past.append(self.present)
        self.present = self.future.pop()
        return self.present

    @property
    def last_change(self) -> tuple[str, ...]:
        """The settings that undo would change."""
        return changed(self.past[-1], self.present) if self.past else ()

    @property
    def next_change(self) -> tuple[str, ...]:
        """The settings that redo would change."""
        return changed(self.present, self.future[-1]) if self.future else ()


def changed(one: Link, other: Link) -> tuple[str, ...]:
    """The settings in which two states differ, in the order of their declaration."""
    return tuple(key for key in SETTINGS if one.get(key) != other.get(key))


def history() -> History:
    """The steps of this session."""
    if "history" not in st.session_state:
        st.session_state.history = History(current_state())
    return st.session_state.history


def current_state() -> Link:
    """This session's state as undo and session files keep it: whole, but for what the address alone says."""
    link = write_link(st.session_state, whole=True)
    return {key: value for key, value in link.items() if not SETTINGS[key].fixed}


def restore(values: Mapping[str, object]) -> None:
    """Bring values back, and all other settings to their defaults; before any widget is drawn."""
    for key, setting in SETTINGS.items():
        if not setting.fixed:
            st.session_state[key] = values.get(key, setting.default)


def undo() -> None:
    """Take the last step back: for a button."""
    _move(-1)


def redo() -> None:
    """Do again what was undone last: for a button."""
    _move(1)


def _move(by: int) -> None:
    steps = history()
    if not (steps.past if by < 0 else steps.future):
        return  # the button was pressed twice before it could be drawn again
    before = steps.present
    after = steps.undo() if by < 0 else steps.redo()
    restore(read_link(after)[0])
    what = ", ".join(SETTINGS[key].title for key in changed(before, after))
    steps.said = f"{'Undone' if by < 0 else 'Done again'}: {what}"
