"""The keyboard shortcuts of the whole app, each declared once: buttons take their keys from here."""

from dataclasses import dataclass

__all__ = ["SHORTCUTS", "Shortcut"]


@dataclass(frozen=True)
class Shortcut:
    """Keys, as ``st.button`` takes them, and what they do where; Streamlit keeps C and R for itself."""

    keys: str
    does: str
    page: str = "everywhere"


SHORTCUTS = {
    "undo": Shortcut("Ctrl+Z", "Undo the last step"),
    "redo": Shortcut("Ctrl+Shift+Z", "Do again what was undone"),
    "clear": Shortcut("X", "Clear the selection"),
    "previous": Shortcut("Left", "A step back", "Layers, Receptive field"),
    "next": Shortcut("Right", "A step on", "Layers, Receptive field"),
    "lesson_back": Shortcut("B", "The step before", "Learn"),
    "lesson_next": Shortcut("N", "The next step", "Learn"),
    "play": Shortcut("P", "Play or pause", "Layers"),
    "cancel": Shortcut("Escape", "Cancel the training", "Train"),
}
"""By name. On a Mac, Ctrl is ⌘."""
