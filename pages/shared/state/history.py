"""Undo and redo. Each step is a set of link parameters, so undo restores whatever a link restores."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from pages.shared.state.declarations import SETTINGS
from pages.shared.state.link import read_link, write_link

__all__ = ["DEPTH", "History", "current_state", "history", "redo", "restore", "undo"]

DEPTH = 100
"""Largest number of steps that can be undone."""

Link = dict[str, str]


@dataclass
class History:
    """Undo history of a session.

    Attributes:
        present: The present state.
        past: Former states, the latest last.
        future: Undone states, the next one last.
        message: Text on the last undo or redo; shown once.

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
    message: str = ""

    def record(self, state: Link) -> None:
        """Record a change by the user as a step; undone steps are discarded."""
        if state != self.present:
            self.past.append(self.present)
            self.future.clear()
            self.present = state

    def amend(self, state: Link) -> None:
        """Note a change by the page itself, such as a corrected value. It is not a step of its own to undo."""
        self.present = state
        if self.past and self.past[-1] == state:  # the page reverted what the user did, so nothing is left to undo
            self.past.pop()

    def undo(self) -> Link:
        """Go back one step and return the state there."""
        self.future.append(self.present)
        self.present = self.past.pop()
        return self.present

    def redo(self) -> Link:
        """Go forward one step and return the state there."""
        self.past.append(self.present)
        self.present = self.future.pop()
        return self.present

    @property
    def last_change(self) -> tuple[str, ...]:
        """Keys of the settings that undo would change."""
        return changed(self.past[-1], self.present) if self.past else ()

    @property
    def next_change(self) -> tuple[str, ...]:
        """Keys of the settings that redo would change."""
        return changed(self.present, self.future[-1]) if self.future else ()


def changed(one: Link, other: Link) -> tuple[str, ...]:
    """Return the keys of the settings in which two states differ, in the order of their declaration."""
    return tuple(key for key in SETTINGS if one.get(key) != other.get(key))


def history() -> History:
    """Return the undo history of this session."""
    if "history" not in st.session_state:
        st.session_state.history = History(current_state())
    return st.session_state.history


def current_state() -> Link:
    """Return this session's state for undo and session files: all settings that are not fixed."""
    link = write_link(st.session_state, whole=True)
    return {key: value for key, value in link.items() if not SETTINGS[key].fixed}


def restore(values: Mapping[str, object]) -> None:
    """Restore values, and reset all other settings to their defaults. Call it before widgets are drawn."""
    for key, setting in SETTINGS.items():
        if not setting.fixed:
            st.session_state[key] = values.get(key, setting.default)


def undo() -> None:
    """Undo the last step; callback of a button."""
    _move(-1)


def redo() -> None:
    """Redo the last undone step; callback of a button."""
    _move(1)


def _move(by: int) -> None:
    steps = history()
    if not (steps.past if by < 0 else steps.future):
        return  # the button was pressed twice before the page was redrawn
    before = steps.present
    after = steps.undo() if by < 0 else steps.redo()
    restore(read_link(after)[0])
    titles = ", ".join(SETTINGS[key].title for key in changed(before, after))
    steps.message = f"{'Undone' if by < 0 else 'Redone'}: {titles}"
