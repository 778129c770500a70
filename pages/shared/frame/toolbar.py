"""The toolbar on top of every page: undo and redo, the selection, the link, session files, shortcuts."""

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
    """Draw it, for the page of that name."""
    steps = history()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="toolbar"):
        _step("Undo", "undo", undo, steps.last_change)
        _step("Redo", "redo", redo, steps.next_change)
        _status()
        copy_link("Copy link", key="copy_link", help_text="Copy the address: it brings back all that is set and shown.")
        if page != "learn":  # the lesson's settings are its own, and its link is enough
            with st.popover("Session", icon=":material/save:", type="tertiary"):
                _session(page)
        with st.popover("Shortcuts", icon=":material/keyboard:", type="tertiary", key="toolbar_shortcuts"):
            st.table({_as_written(s.keys): f"{s.action} ({s.page})" for s in SHORTCUTS.values()}, border="horizontal")
            st.caption("On a Mac, ⌘ in place of Ctrl. Not while you type into a field.")


def _step(label: str, name: str, do: Callable[[], None], changes: tuple[str, ...]) -> None:
    what = ", ".join(SETTINGS[key].title for key in changes)
    st.button(
        label,
        icon=f":material/{name}:",
        type="tertiary",
        key=f"toolbar_{name}",
        shortcut=SHORTCUTS[name].keys,
        on_click=do,
        disabled=not changes,
        help=f"{label} ({SHORTCUTS[name].keys}): {what}" if what else f"Nothing to {name}.",
    )


def _status() -> None:
    """What undo or redo did last, and what is selected."""
    steps, chosen = history(), selection()
    most = ", the most there can be" if len(chosen) == MAX_SELECTED else ""
    more = f"; the link holds the first {MAX_SELECTED_IN_LINK}" if len(chosen) > MAX_SELECTED_IN_LINK else ""
    said = [steps.message, f"{chosen} selected{most}{more}" if len(chosen) else ""]
    steps.message = ""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="toolbar_status"):
        st.caption(" · ".join(filter(None, said)), width="content")
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
        help="Every setting, the whole selection and the page, as JSON. No data.",
    )
    st.file_uploader(
        "Restore from a file",
        "json",
        key="session_file",
        on_change=_restore,
        max_upload_size=-(-MAX_BYTES // 1_000_000),
        help="One that this app has saved. Undo brings back what was before.",
    )
    if not st.session_state.teach:
        query = class_link_controls()
        copy_link(
            "Copy link for a class",
            key="copy_class_link",
            help_text="Copy an address that brings all this back without the controls named above.",
            query=query,
        )


def _restore() -> None:
    file = st.session_state.session_file
    if file is None:  # it was taken out again
        return
    try:
        read = read_session(file.getvalue(), PAGES)
    except BadConfig as error:
        st.session_state.problems = [str(error)]
        return
    restore(read.values)
    st.session_state.problems = read.problems
    st.session_state.goto = read.page


def _as_written(keys: str) -> str:
    return " + ".join(f"`{key}`" for key in keys.split("+"))
