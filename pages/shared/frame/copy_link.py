"""A button that copies the page's URL; a component, as only the browser can write to the clipboard."""

import streamlit as st

from pages.shared.state.paths import ASSETS

__all__ = ["copy_link"]

_HTML = """
<button type="button">
  <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-6l-1.5 1.5M14 10a4 4 0 0
  0-6-.5l-3 3a4 4 0 0 0 6 6l1.5-1.5"/></svg><span class="label">Copy link</span>
</button>
<span role="status"></span>
<input hidden readonly aria-label="The address, to be copied by hand">
"""
_CSS = """
:host { position: relative; }
button {
  display: inline-flex; align-items: center; gap: 0.35rem; min-height: 2rem; padding: 0.1rem 0.4rem; border: none;
  border-radius: var(--st-button-radius); background: none; color: var(--st-text-color); font: inherit;
  font-size: 0.875rem; white-space: nowrap; cursor: pointer;
}
button:hover { color: var(--st-primary-color); }
:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
svg { width: 1.1rem; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round; }
[role="status"] { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
input { width: 16rem; max-width: 100%; font: inherit; }
@media (max-width: 640px) {
  .label.compact { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
}
"""
_draw = st.components.v2.component(
    "copy_link", html=_HTML, css=_CSS, js=(ASSETS / "copy_link.js").read_text(encoding="utf-8")
)


def copy_link(label: str, *, key: str, help_text: str, query: str | None = None, compact: bool = False) -> None:
    """Draw the button.

    Args:
        label: Label of the button.
        key: Key of the component.
        help_text: Tooltip.
        query: Query string to copy in place of that of the page, without the question mark.
        compact: Whether to show only the icon on a narrow screen.
    """
    _draw(key=key, data={"label": label, "help": help_text, "query": query, "compact": compact}, width="content")
