"""Picture of a large graph before rewiring, which is there seconds before its torques are."""

import streamlit as st
import torch

from pages.shared.core import queries
from pages.shared.frame.page import chart_config, theme
from pages.shared.state.settings import Settings, default_view
from pages.shared.views.graph_figures import fits_stage
from torque_core.figures import side_by_side_figure
from torque_core.graph.pairs import undirected_pairs
from torque_core.rewiring.graph_change import GraphChange

__all__ = ["draw_input_preview"]


def draw_input_preview(settings: Settings) -> None:
    """Draw the density of the noisy graph, if it is large and the whole graph is to be shown; see ``load_view``."""
    data = queries.noisy(settings.dataset, settings.noise).data
    size = len(data.x)
    pairs = undirected_pairs(data.edge_index, size)
    if fits_stage(size, pairs.size(1)) or (st.session_state.view or default_view(size)) != "whole":
        return
    unchanged = torch.zeros(pairs.size(1), dtype=torch.bool)
    before = GraphChange(pairs=pairs, pruned_mask=unchanged, added=pairs[:, :0], num_nodes=size)
    loaded = queries.dataset(settings.dataset)
    figure = side_by_side_figure(
        [("Before rewiring", before)], queries.layout(settings.dataset), loaded.data.y, unchanged, theme(),
        names=loaded.names, classes=loaded.class_names,
    )  # fmt: skip
    left, _ = st.columns([3, 2], gap="medium")
    left.plotly_chart(figure.figure, key="preview", alt=figure.alt, config=chart_config(scrollZoom=True))
