"""The choice of the format in which figures are saved, one for all pages."""

import streamlit as st

__all__ = ["choose_image_format"]


def choose_image_format() -> None:
    """Draw the choice."""
    st.segmented_control(
        "File format for saving figures", ("png", "svg"), format_func=str.upper, key="image",
        required=True, persist_state="session",
    )  # fmt: skip
