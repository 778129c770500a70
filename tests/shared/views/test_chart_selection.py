"""A click in a chart of torque, as Streamlit reports it."""

import numpy as np
import pytest
import streamlit as st
import torch
from streamlit.util import AttributeDictionary

from pages.shared.views.chart_selection import cut_at_click


@pytest.fixture
def clicked(monkeypatch):
    def click(*points):
        chart = AttributeDictionary({"selection": {"points": list(points)}})
        state = AttributeDictionary({"threshold": "", "chart": chart})
        monkeypatch.setattr(st, "session_state", state)
        cut_at_click("chart")
        return state.threshold

    return click


def test_the_cut_is_the_torque_that_was_clicked(clicked):
    torques = torch.rand(50, generator=torch.Generator().manual_seed(0))
    for torque in torques:
        text = clicked({"x": float(torque), "y": 0.3}, {"x": float(torque), "y": 0.1})
        assert int((torques >= float(text)).sum()) == int((torques >= torque).sum())  # and prunes that edge
        assert len(text) <= 12


@pytest.mark.parametrize("points", [[], [{"x": 0.0}], [{"x": np.nan}]])
def test_what_is_no_cut_sets_none(clicked, points):
    assert clicked(*points) == ""
