"""The choice of the layer, which stands at the figure that shows it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.state.declarations import SETTINGS
from pages.shared.state.teacher_mode import hidden_controls

__all__ = ["layer_choice"]


def layer_choice(container: DeltaGenerator | None = None) -> None:
    """Draw the choice of the layer that the views show, if there is more than one and the link does not hide it.

    Args:
        container: Where to draw; by default the current container.
    """
    layers = st.session_state.layers
    if layers > 1 and "layer" not in hidden_controls():
        (container or st).segmented_control(
            "Layer", range(1, layers + 1), default=st.session_state.layer, format_func="Layer {}".format, key="layer",
            label_visibility="collapsed", required=True, help=SETTINGS["layer"].help, persist_state="session",
        )  # fmt: skip
