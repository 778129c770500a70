"""Toolbar above every page: undo and redo, selection, link, session files and shortcuts."""

from collections.abc import Callable

import streamlit as st

from pages.shared.frame.copy_link import copy_link
from pages.shared.frame.navigation import PAGES
from pages.shared.state.declarations import MAX_SELECTED, MAX_SELECTED_IN_LINK, SETTINGS
from pages.shared.state.history import current_state, history, redo, restore, undo
from pages.shared.state.selection import clear, selection
from pages.shared.state.session_file import MAX_BYTES, read_session, write_session
from pages.shared.state.shortcuts import SHORTCUTS
from pages.shared.state.teacher_mode import class_link_controls
from torque_core import BadConfig

__all__ = ["toolbar"]


def toolbar(page: str) -> None:
    """Draw the toolbar of a page."""
    steps = history()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="toolbar"):
        _step("Undo", "undo", undo, steps.last_change)
        _step("Redo", "redo", redo, steps.next_change)
        _status()
        copy_link(
            "Copy link", key="copy_link", help_text="Copy the URL, which restores all settings and the view.",
            compact=True,
        )  # fmt: skip
        if page != "learn":  # the lesson has its own settings, and its link is enough
            with st.popover("Session", icon=":material/save:", type="tertiary"):
                _session(page)
        with st.popover("Shortcuts", icon=":material/keyboard:", type="tertiary", key="toolbar_shortcuts"):
            st.table({_format_keys(s.keys): f"{s.action} ({s.page})" for s in SHORTCUTS.values()}, border="horizontal")
            st.caption("On a Mac, use ⌘ in place of Ctrl. Shortcuts do not work while you type in a field.")


def _step(label: str, name: str, action: Callable[[], None], changes: tuple[str, ...]) -> None:
    titles = ", ".join(SETTINGS[key].title for key in changes)
    st.button(
        label,
        icon=f":material/{name}:",
        type="tertiary",
        key=f"toolbar_{name}",
        shortcut=SHORTCUTS[name].keys,
        on_click=action,
        disabled=not changes,
        help=f"{label} ({SHORTCUTS[name].keys}): {titles}" if titles else f"Nothing to {name}.",
    )


def _status() -> None:
    """Draw the last undo or redo, and the selection."""
    steps, chosen = history(), selection()
    most = ", the maximum" if len(chosen) == MAX_SELECTED else ""
    more = f"; the link holds the first {MAX_SELECTED_IN_LINK}" if len(chosen) > MAX_SELECTED_IN_LINK else ""
    texts = [steps.message, f"{chosen} selected{most}{more}" if len(chosen) else ""]
    steps.message = ""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="toolbar_status"):
        st.caption(" · ".join(filter(None, texts)), width="content")
        if len(chosen):
            st.button(
                "Clear",
                icon=":material/close:",
                type="tertiary",
                key="toolbar_clear",
                shortcut=SHORTCUTS["clear"].keys,
                on_click=clear,
                help=f"Clear the selection ({SHORTCUTS['clear'].keys}).",
            )


def _session(page: str) -> None:
    st.download_button(
        "Save as a file",
        write_session(page, current_state()),
        f"torque-{st.session_state.data}.json",
        "application/json",
        icon=":material/download:",
        on_click="ignore",
        help="All settings, the whole selection and the page as JSON; no data.",
    )
    st.file_uploader(
        "Restore from a file",
        "json",
        key="session_file",
        on_change=_restore,
        max_upload_size=-(-MAX_BYTES // 1_000_000),
        help="A file that this app saved. Undo restores the former state.",
    )
    if not st.session_state.teach:
        query = class_link_controls()
        copy_link(
            "Copy link for a class",
            key="copy_class_link",
            help_text="Copy a URL that restores this view without the controls named above.",
            query=query,
        )


def _restore() -> None:
    file = st.session_state.session_file
    if file is None:  # the file was removed
        return
    try:
        session = read_session(file.getvalue(), PAGES)
    except BadConfig as error:
        st.session_state.problems = [str(error)]
        return
    restore(session.values)
    st.session_state.problems = session.problems
    st.session_state.goto = session.page


def _format_keys(keys: str) -> str:
    return " + ".join(f"`{key}`" for key in keys.split("+"))
