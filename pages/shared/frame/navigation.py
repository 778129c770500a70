"""Navigation between the pages."""

import streamlit as st

from pages.shared.state.paths import ASSETS

__all__ = ["PAGES", "navigate", "page_name", "page_script"]

PAGES = {
    "start": ("Start", ":material/home:"),
    "learn": ("Learn", ":material/school:"),
    "explore": ("Explore", ":material/hub:"),
    "layers": ("Layers", ":material/layers:"),
    "receptive_field": ("Receptive field", ":material/target:"),
    "compare": ("Compare", ":material/compare_arrows:"),
    "train": ("Train", ":material/model_training:"),
    "robustness": ("Robustness", ":material/monitoring:"),
    "your_graph": ("Your graph", ":material/upload_file:"),
    "verdict": ("Verdict", ":material/gavel:"),
    "evidence": ("Evidence", ":material/query_stats:"),
}
"""Title and icon of each page by its name; the first is the start page."""


def navigate() -> st.Page:
    """Draw the navigation bar and return the requested page."""
    # a file, as Streamlit would fetch a named icon from the network
    st.set_page_config(page_title="Torque Explorer", page_icon=str(ASSETS / "icon.svg"), layout="wide")
    first = next(iter(PAGES))
    return st.navigation(
        [
            st.Page(page_script(name), title=title, icon=icon, default=name == first)
            for name, (title, icon) in PAGES.items()
        ],
        position="top",
    )


def page_script(name: str) -> str:
    """Return the path of a page for ``st.switch_page``."""
    return f"pages/{name}.py"


def page_name(page: st.Page) -> str:
    """Return the name of a page in :data:`PAGES`."""
    return page.url_path or next(iter(PAGES))  # the first page is at the root
