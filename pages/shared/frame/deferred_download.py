"""Download buttons whose file is made when they are clicked."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.core.markdown import escape_markdown

__all__ = ["deferred_download"]


def deferred_download(
    place: DeltaGenerator, label: str, make: Callable[[], str | bytes], file_name: str, **options: Any
) -> None:
    """Draw a download button, and below it why its last file could not be made.

    Streamlit calls ``make`` outside of the page's script, where neither the session, nor its caches, nor the theme are
    available: whatever it needs must be gathered before. If it fails, Streamlit says so at once, and the reason follows
    when the page is next drawn.

    Args:
        place: Where to draw.
        label: Label of the button.
        make: Returns the content of the file.
        file_name: Name of the file.
        options: Further arguments of ``st.download_button``.
    """
    failures: dict[str, str] = st.session_state.setdefault("failed_downloads", {})

    def make_or_note() -> str | bytes:
        try:
            return make()
        except Exception as error:
            failures[label] = f"{type(error).__name__}: {error}"
            raise

    place.download_button(label, make_or_note, file_name, on_click="ignore", **options)
    if reason := failures.pop(label, ""):
        place.error(f"{label} failed. {escape_markdown(reason)}", icon=":material/error:")
