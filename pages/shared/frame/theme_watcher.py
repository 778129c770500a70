"""A component without a picture that runs the page again when the colour scheme of the browser changes."""

import streamlit as st

from pages.shared.state.paths import ASSETS

__all__ = ["watch_theme"]

_draw = st.components.v2.component("theme_watcher", js=(ASSETS / "theme_watcher.js").read_text(encoding="utf-8"))


def watch_theme() -> None:
    """Let charts follow the colour scheme of the system at once; the stage does so by itself, without the server."""
    with st.container(key="theme_watcher", height=1, border=False):
        _draw(key="theme", data={}, on_changed_change=_run_again)


def _run_again() -> None:
    """The change of the state is enough: Streamlit tells the new theme with the run that follows."""
