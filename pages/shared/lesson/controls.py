"""The controls that the lesson points at: the app's own, under the same keys."""

from collections.abc import Callable

import streamlit as st

from pages.shared.core.view import View
from pages.shared.frame.page import node_input
from pages.shared.frame.rewiring_controls import fraction_to_cut, links_added
from pages.shared.frame.sidebar import layer_shown, noise_level
from pages.shared.lesson.queries import chosen_edge, ranked_edges
from pages.shared.lesson.results import results_controls
from pages.shared.state.selection import select
from pages.shared.views.torque_charts import cut_by_hand

__all__ = ["CONTROLS"]

_FEW = 10


def _node(seen: View) -> None:
    node_input(seen.rewiring.num_nodes, purpose="The node that is looked at.")


def _edge(seen: View) -> None:
    """A list of the links beside the picture, for those who cannot click there."""
    st.session_state.lesson_edge, _ = chosen_edge(seen)
    st.selectbox(
        "Link, by its torque", ranked_edges(seen), format_func=lambda edge: f"{edge[0]} – {edge[1]}", key="lesson_edge",
        on_change=lambda: select(edges=[st.session_state.lesson_edge]), help="The highest torque first.",
    )  # fmt: skip


def _highest(seen: View) -> None:
    st.button(
        f"Select the {_FEW} of highest torque", icon=":material/select_all:",
        on_click=lambda: select(edges=ranked_edges(seen)[:_FEW]),
    )  # fmt: skip


CONTROLS: dict[str, Callable[[View], None]] = {
    "node": _node,
    "picked": _edge,
    "highest": _highest,
    "threshold": cut_by_hand,
    "fraction": lambda seen: fraction_to_cut(),
    "additions": lambda seen: links_added(),
    "layer": lambda seen: layer_shown(),
    "rate": lambda seen: noise_level(),
    "disturbance": lambda seen: results_controls(),
}
"""By the setting that they move; the highest torques are a selection."""
