"""Picture of a large graph before rewiring, which is there seconds before its torques are."""

import html

import streamlit as st

from pages.shared.core import queries
from pages.shared.frame.page import theme
from pages.shared.state.settings import Settings, default_view
from torque_core.figures.shading import StyledEdges, shade_edges

__all__ = ["draw_input_preview"]

_MIN_EDGES = 200_000  # smaller graphs are rewired within about two seconds


def draw_input_preview(settings: Settings) -> None:
    """Draw the density of the noisy graph, if it is large and the whole graph is to be shown; see ``load_view``.

    It is a plain image: the browser shows it at once, and has nothing to undo when the rewired graph replaces it.
    """
    pairs = queries.noisy_pairs(settings.dataset, settings.noise)
    size = len(queries.dataset(settings.dataset).data.x)
    if pairs.size(1) < _MIN_EDGES or (st.session_state.view or default_view(size)) != "whole":
        return
    edges = StyledEdges(pairs.numpy(), theme().kept, "solid")
    shading = shade_edges({"kept": edges}, queries.layout(settings.dataset))
    alt = f"Graph before rewiring: {size:,} nodes and the density of its {pairs.size(1):,} edges."
    left, _ = st.columns([3, 2], gap="medium")
    style = "width: 100%; height: 500px"
    left.html(f'<img class="input-preview" src="{shading.picture}" alt="{html.escape(alt)}" style="{style}">')
    left.caption("The graph before rewiring.")
