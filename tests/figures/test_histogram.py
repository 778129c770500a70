import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torque_core.figures import LIGHT
from torque_core.figures.histogram import histogram_figure
from torque_core.figures.palette import INJECTED, PRUNED

edges = st.lists(st.tuples(st.floats(0, 4, width=32), st.booleans()), max_size=40)


def bars(drawing):
    """The bars of the graph's original edges and of the injected ones."""
    original, injected_bar = drawing.figure.data
    assert (original.marker.color, injected_bar.marker.color) == (LIGHT.kept, INJECTED)
    return original, injected_bar


@given(edges)
def test_every_edge_is_counted_in_the_bar_of_its_torque(drawn):
    torque = torch.tensor([value for value, _ in drawn])
    injected = torch.tensor([injected_bar for _, injected_bar in drawn], dtype=torch.bool)
    drawing = histogram_figure(torque, injected, math.inf, LIGHT)
    for bar, mask in zip(bars(drawing), (~injected, injected), strict=True):
        assert int(np.sum(bar.y)) == int(mask.sum())
        assert bar.name.endswith(f"({int(mask.sum())})")
        low, high = np.array(bar.customdata).T
        assert low == pytest.approx([0, *high[:-1]])
        low, high = low[bar.y > 0] * (1 - 1e-6), high[bar.y > 0] * (1 + 1e-6)
        assert all(((low <= value) & (value <= high)).any() for value in torque[mask].tolist())
    assert drawing.figure.layout.xaxis.range[1] >= max([0.0, *torque.tolist()])


def test_by_hand():
    torque, injected = torch.tensor([0.0, 0.5, 47.5, 48.0]), torch.tensor([False, True, False, True])
    original, injected_bar = bars(histogram_figure(torque, injected, 40.0, LIGHT))
    # 48 bars of width one
    assert np.flatnonzero(original.y).tolist() == [0, 47]
    assert np.flatnonzero(injected_bar.y).tolist() == [0, 47]
    assert original.x == pytest.approx(np.arange(48) + 0.5, rel=1e-5)
    assert original.customdata[3] == pytest.approx([3, 4], rel=1e-5)
    assert (original.name, injected_bar.name) == ("original (2)", "injected by the noise (2)")


def test_injected_bars_are_hatched_and_stacked_on_the_others():
    drawing = histogram_figure(torch.ones(2), torch.tensor([True, False]), math.inf, LIGHT)
    assert [bar.marker.pattern.shape for bar in bars(drawing)] == [None, "/"]
    assert drawing.figure.layout.barmode == "stack"


def test_selected_edges_are_outlined_in_front_of_the_stack(theme):
    torque, injected = torch.tensor([0.0, 0.5, 47.5, 48.0]), torch.tensor([False, True, False, True])
    selected = torch.tensor([True, True, True, False])
    outline = histogram_figure(torque, injected, math.inf, theme, selected=selected).figure.data[2]
    assert [(at, outline.y[at]) for at in np.flatnonzero(outline.y)] == [(0, 2), (47, 1)]
    assert set(outline.base) == {0}  # not on top of the others
    assert (outline.marker.color, outline.marker.line.color) == ("rgba(0, 0, 0, 0)", theme.text)
    assert outline.name == "selected (3)"


def test_the_cut_is_a_dashed_line():
    figure = histogram_figure(torch.rand(5), torch.zeros(5, dtype=torch.bool), 0.25, LIGHT).figure
    (line,) = figure.layout.shapes
    assert (line.x0, line.x1, line.line.color, line.line.dash) == (0.25, 0.25, PRUNED, "dash")
    assert [note.text for note in figure.layout.annotations] == ["cut at 0.250: pruned →"]


@pytest.mark.parametrize(("threshold", "side"), [(0.25, "left"), (0.75, "right")])
def test_the_label_of_the_cut_is_on_the_wider_side(threshold, side):
    drawing = histogram_figure(torch.ones(1), torch.zeros(1, dtype=torch.bool), threshold, LIGHT)
    assert drawing.figure.layout.annotations[0].xanchor == side


def test_an_infinite_threshold_has_no_line():
    figure = histogram_figure(torch.rand(5), torch.zeros(5, dtype=torch.bool), math.inf, LIGHT).figure
    assert not figure.layout.shapes
    assert not figure.layout.annotations


@pytest.mark.parametrize("count", [0, 3])
@pytest.mark.parametrize("threshold", [0.0, math.inf])
def test_all_torques_zero_or_no_edges(count, threshold):
    drawing = histogram_figure(torch.zeros(count), torch.zeros(count, dtype=torch.bool), threshold, LIGHT)
    original, injected_bar = bars(drawing)
    assert (original.y[0], int(np.sum(original.y)), int(np.sum(injected_bar.y))) == (count, count, 0)
    assert all(math.isfinite(end) for end in drawing.figure.layout.xaxis.range)
    assert drawing.figure.layout.xaxis.range[1] > 0


def test_alt_text():
    torque, injected = torch.tensor([0.1, 0.5, 0.5, 0.9]), torch.tensor([False, True, False, True])
    assert histogram_figure(torque, injected, 0.5, LIGHT).alt == (
        "Histogram of the torques of 4 edges, 2 of them injected; the cut at 0.500 prunes 3."
    )
    assert histogram_figure(torque, injected, math.inf, LIGHT, selected=injected).alt == (
        "Histogram of the torques of 4 edges, 2 of them injected; no edge is pruned. 2 edges are selected and outlined."
    )


def test_the_figure_size_does_not_depend_on_the_number_of_edges():
    torque = torch.rand(1_000_000, generator=torch.Generator().manual_seed(0))
    drawing = histogram_figure(torque, torque > 0.9, 0.8, LIGHT, selected=torque < 0.1)
    assert len(drawing.figure.to_json()) < 25_000
    assert "1,000,000 edges" in drawing.alt
