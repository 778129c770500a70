"""Widgets of settings, drawn from their declarations."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.state.declarations import SETTINGS

__all__ = ["setting_widget"]


def setting_widget(
    key: str,
    *,
    container: DeltaGenerator | None = None,
    on_page: bool = False,
    persist: bool = False,
    label: str = "",
    unit: str = "",
    help_text: str = "",
    format_func: Callable[[str], str] = str,
    on_change: Callable[[], None] | None = None,
) -> Any:
    """Draw the widget of a setting with its title, help, range and choices; return its value.

    Args:
        key: Key of the setting.
        container: Where to draw; by default the current container.
        on_page: Whether the widget is drawn on a page and not in the sidebar. The present value is then its default,
            too: while another page loads, the browser may drop the widget and later begin with the default again.
        persist: Whether the value is kept while the widget is not drawn; always true on a page.
        label: Label in place of the title.
        unit: Unit after the number of a slider.
        help_text: Tooltip in place of that of the setting.
        format_func: Returns the text shown for an option.
        on_change: Called when the user changes the value.
    """
    setting, draw = SETTINGS[key], container or st
    common: dict[str, Any] = {
        "label": label or setting.label,
        "key": key,
        "help": help_text or setting.help or None,
        "on_change": on_change,
    }
    if on_page or persist:
        common["persist_state"] = "session"
    value = st.session_state[key] if on_page else None
    if setting.options is not None:
        options = list(setting.options())
        index = {"index": options.index(value)} if on_page else {}
        return draw.selectbox(options=options, format_func=format_func, **index, **common)
    if on_page:
        common["value"] = value
    if setting.widget == "switch":
        return draw.toggle(**common)
    whole = isinstance(setting.default, int)
    bounds = {
        "min_value": int(setting.low) if whole else float(setting.low),
        "max_value": int(setting.high) if whole else float(setting.high),
        "step": setting.step,
    }
    if setting.widget == "slider":
        unit = unit or ("%%" if setting.percent else "")
        return draw.slider(**bounds, format=f"%d {unit}" if unit else None, **common)
    return draw.number_input(**bounds, format=None if whole or not on_page else "%.5g", **common)
