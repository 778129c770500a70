"""The controls that move the cut of the displayed layer by hand."""

import math

import streamlit as st

from pages.shared.core.view import View

__all__ = ["draw_manual_cut"]


def draw_manual_cut(view: View) -> None:
    """Draw a slider and a number field for the threshold; the layer is cut again immediately."""
    torque, threshold = view.layer.torque.value, view.layer.cut.threshold
    if not len(torque):
        return
    highest = float(torque.max())
    if not highest > 0:
        return
    top = highest * 1.001
    displayed = min(threshold, top) if math.isfinite(threshold) else top
    st.session_state.update(cut_dragged=displayed, cut_typed=displayed)

    def move(key: str) -> None:
        value = st.session_state[key]
        st.session_state.threshold = f"{value:.6g}" if value > 0 else ""

    row = st.container(horizontal=True, vertical_alignment="bottom")
    row.slider(
        "Cut by hand", 0.0, top, key="cut_dragged", step=top / 500, format="%.3f", on_change=move,
        args=("cut_dragged",),
        help="Drag to move the cut of this layer only. The other layers and the added edges do not change.",
    )  # fmt: skip
    row.number_input(
        "Torque", 0.0, top, key="cut_typed", step=top / 100, format="%.4f", on_change=move, args=("cut_typed",),
        width=150, help="Type the cut instead of dragging it.",
    )  # fmt: skip
    row.button(
        "Reset the cut", icon=":material/restart_alt:", disabled=view.threshold is None, width="content",
        on_click=lambda: st.session_state.update(threshold=""), help="Return to the cut chosen by the cut rule.",
    )  # fmt: skip
