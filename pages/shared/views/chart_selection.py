"""Clicks in the charts of torque: select the edges that were clicked, highlight those selected, and set the cut."""

import numpy as np
import streamlit as st
import torch

from pages.shared.core.view import View
from pages.shared.state.declarations import SETTINGS
from pages.shared.state.selection import Selection, select
from torque_core.graph.pairs import pair_keys

__all__ = ["cut_at_click", "select_clicked_bars", "select_clicked_points", "selected_mask"]


def selected_mask(view: View, selected: Selection) -> torch.Tensor | None:
    """Mask of the selected edges among the layer's candidate pairs; None if no edge is selected."""
    if not selected.edges:
        return None
    size = view.rewiring.num_nodes
    return torch.isin(pair_keys(view.layer.pairs, size), pair_keys(torch.tensor(selected.edges).T, size))


def select_clicked_bars(view: View) -> None:
    """Select the edges in the bars of the histogram that were clicked or boxed."""
    bars = _clicked_data("histogram")
    if bars:
        torque = view.layer.torque.value
        inside = torch.zeros_like(torque, dtype=torch.bool)
        # Streamlit returns a row of a matrix as a dictionary by column
        for low, high in {tuple(bar.values()) for bar in bars}:
            inside |= (torque >= low) & (torque < high)
        select(edges=view.layer.pairs[:, inside].T.tolist())


def select_clicked_points(view: View) -> None:
    """Select the edges of the points in the torque plane that were clicked or lassoed."""
    points = _clicked_data("plane")
    if points:
        columns = torch.tensor([point[0] if isinstance(point, list) else point for point in points]).unique()
        select(edges=view.layer.pairs[:, columns].T.tolist())


def cut_at_click(chart: str) -> None:
    """Set the cut to the torque at which the chart of the gap was clicked.

    Args:
        chart: Key of the chart.
    """
    points = st.session_state[chart].selection.points
    if points:
        # torques are single-precision numbers; their shortest text, so that the edge at the cut is pruned
        text = str(np.float32(points[0]["x"]))
        if SETTINGS["threshold"].allows(text):
            st.session_state.threshold = text


def _clicked_data(chart: str) -> list:
    return [point["customdata"] for point in st.session_state[chart].selection.points if "customdata" in point]
