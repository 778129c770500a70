"""The controls of the lesson: those of the app, with the same keys."""

from collections.abc import Callable

import streamlit as st

from pages.shared.core.view import View
from pages.shared.frame.layer_choice import layer_choice
from pages.shared.frame.page import node_input
from pages.shared.frame.rewiring_controls import additions_slider, fraction_slider
from pages.shared.frame.sidebar import noise_slider
from pages.shared.lesson.queries import chosen_edge, ranked_edges
from pages.shared.lesson.results import results_controls
from pages.shared.state.selection import select
from pages.shared.views.manual_cut import draw_manual_cut

__all__ = ["CONTROLS"]

_HIGHEST = 10


def _node(view: View) -> None:
    node_input(view.rewiring.num_nodes, purpose="The node in the middle.")


def _edge(view: View) -> None:
    """Draw a list of the links, for readers who cannot click in the picture."""
    st.session_state.lesson_edge, _ = chosen_edge(view)
    st.selectbox(
        "Link, by torque", ranked_edges(view), format_func=lambda edge: f"{edge[0]} – {edge[1]}", key="lesson_edge",
        on_change=lambda: select(edges=[st.session_state.lesson_edge]), help="Sorted by decreasing torque.",
    )  # fmt: skip


def _highest(view: View) -> None:
    st.button(
        f"Select the {_HIGHEST} of highest torque", icon=":material/select_all:",
        on_click=lambda: select(edges=ranked_edges(view)[:_HIGHEST]),
    )  # fmt: skip


CONTROLS: dict[str, Callable[[View], None]] = {
    "node": _node,
    "picked": _edge,
    "highest": _highest,
    "threshold": draw_manual_cut,
    "fraction": lambda view: fraction_slider(),
    "additions": lambda view: additions_slider(),
    "layer": lambda view: layer_choice(),
    "rate": lambda view: noise_slider(),
    "disturbance": lambda view: results_controls(),
}
"""By the setting that the control changes; ``highest`` changes the selection."""
