"""Keyboard shortcuts of the app; buttons take their keys from here."""

from dataclasses import dataclass

__all__ = ["SHORTCUTS", "Shortcut"]


@dataclass(frozen=True)
class Shortcut:
    """Keyboard shortcut; Streamlit reserves C and R.

    Attributes:
        keys: Keys in the form of ``st.button``.
        action: What the shortcut does.
        page: Titles of the pages on which it works.
    """

    keys: str
    action: str
    page: str = "everywhere"


SHORTCUTS = {
    "undo": Shortcut("Ctrl+Z", "Undo the last step"),
    "redo": Shortcut("Ctrl+Shift+Z", "Redo the undone step"),
    "clear": Shortcut("X", "Clear the selection"),
    "previous": Shortcut("Left", "Previous step", "Layers, Receptive field"),
    "next": Shortcut("Right", "Next step", "Layers, Receptive field"),
    "lesson_back": Shortcut("B", "Previous step", "Learn"),
    "lesson_next": Shortcut("N", "Next step", "Learn"),
    "play": Shortcut("P", "Play or pause", "Layers"),
    "cancel": Shortcut("Escape", "Cancel the training", "Train"),
}
"""Shortcuts by name; on a Mac, Ctrl is ⌘."""
