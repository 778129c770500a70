import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torque_core.figures import LIGHT, torque_histogram
from torque_core.figures.palette import INJECTED, PRUNED

edges = st.lists(st.tuples(st.floats(0, 4, width=32), st.booleans()), max_size=40)


def bars(figure):
    """The bars of the graph's own edges and of the injected ones."""
    own, noisy = figure.data
    assert (own.marker.color, noisy.marker.color) == (LIGHT.kept, INJECTED)
    return own, noisy


@given(edges)
def test_every_edge_is_in_the_bar_that_has_its_torque(drawn):
    torque = torch.tensor([value for value, _ in drawn])
    injected = torch.tensor([noisy for _, noisy in drawn], dtype=torch.bool)
    figure = torque_histogram(torque, injected, math.inf, LIGHT)
    for bar, chosen in zip(bars(figure), (~injected, injected), strict=True):
        assert int(np.sum(bar.y)) == int(chosen.sum())
        assert bar.name.endswith(f"({int(chosen.sum())})")
        low, high = np.array(bar.customdata).T
        assert low == pytest.approx([0, *high[:-1]])
        low, high = low[bar.y > 0] * (1 - 1e-6), high[bar.y > 0] * (1 + 1e-6)
        assert all(((low <= value) & (value <= high)).any() for value in torque[chosen].tolist())
    assert figure.layout.xaxis.range[1] >= max([0.0, *torque.tolist()])


def test_by_hand():
    torque, injected = torch.tensor([0.0, 0.5, 47.5, 48.0]), torch.tensor([False, True, False, True])
    own, noisy = bars(torque_histogram(torque, injected, 40.0, LIGHT))
    # 48 bars of width one
    assert np.flatnonzero(own.y).tolist() == [0, 47]
    assert np.flatnonzero(noisy.y).tolist() == [0, 47]
    assert own.x == pytest.approx(np.arange(48) + 0.5, rel=1e-5)
    assert (own.name, noisy.name) == ("original (2)", "injected by the noise (2)")


def test_injected_bars_are_hatched_and_stand_on_the_others():
    figure = torque_histogram(torch.ones(2), torch.tensor([True, False]), math.inf, LIGHT)
    assert [bar.marker.pattern.shape for bar in bars(figure)] == ["", "/"]
    assert figure.layout.barmode == "stack"


def test_the_cut_is_a_dashed_line():
    figure = torque_histogram(torch.rand(5), torch.zeros(5, dtype=torch.bool), 0.25, LIGHT)
    (line,) = figure.layout.shapes
    assert (line.x0, line.x1, line.line.color, line.line.dash) == (0.25, 0.25, PRUNED, "dash")
    assert [note.text for note in figure.layout.annotations] == ["cut at 0.250: pruned →"]


def test_without_a_cut_there_is_no_line():
    figure = torque_histogram(torch.rand(5), torch.zeros(5, dtype=torch.bool), math.inf, LIGHT)
    assert not figure.layout.shapes
    assert not figure.layout.annotations


@pytest.mark.parametrize("count", [0, 3])
@pytest.mark.parametrize("threshold", [0.0, math.inf])
def test_torques_that_are_all_zero_or_none(count, threshold):
    figure = torque_histogram(torch.zeros(count), torch.zeros(count, dtype=torch.bool), threshold, LIGHT)
    own, noisy = bars(figure)
    assert (own.y[0], int(np.sum(own.y)), int(np.sum(noisy.y))) == (count, count, 0)
    assert all(math.isfinite(end) for end in figure.layout.xaxis.range)
    assert figure.layout.xaxis.range[1] > 0
