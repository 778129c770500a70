"""The frame of every page: title, icon, and the bar on top."""

from pathlib import Path

import streamlit as st

__all__ = ["ASSETS", "navigate"]

ASSETS = Path(__file__).parents[2] / "assets"


def navigate() -> st.Page:
    """Draw the bar and return the page that is asked for."""
    # an icon of our own: Streamlit would fetch a named one from the network
    st.set_page_config(page_title="Torque Explorer", page_icon=str(ASSETS / "icon.svg"), layout="wide")
    return st.navigation(
        [
            st.Page("pages/explore.py", title="Explore", icon=":material/hub:", default=True),
            st.Page("pages/receptive_field.py", title="Receptive field", icon=":material/target:"),
            st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
            st.Page("pages/evidence.py", title="Evidence", icon=":material/query_stats:"),
        ],
        position="top",
    )
