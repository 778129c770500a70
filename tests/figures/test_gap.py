import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.figures.conftest import make_layer
from torque_core.figures.gap import gap_figure
from torque_core.figures.palette import LIGHT, PRUNED
from torque_core.rewiring.cuts import Cut, CutInputs, gap_cut


def cut_by_gap(torque, null_model):
    """A star whose edges have these torques, cut by the gap."""
    count = len(torque)
    layer = make_layer([[0] * count, list(range(1, count + 1))], [False] * count, lever=torque)
    cut = gap_cut(CutInputs(layer.torque.value, torch.tensor(null_model), torch.ones(len(null_model))))
    return replace(layer, cut=cut, pruned_mask=layer.torque.value >= cut.threshold)


def traces(drawing):
    return {trace.name: trace for trace in drawing.figure.data}


def test_by_hand(theme):
    # the upper two of four edges coincide with the two null-model pairs; their median is the lower of these
    layer = cut_by_gap([0.1, 0.2, 0.9, 1.0], [0.9, 1.0])
    curves = traces(gap_figure(layer, theme))
    ranked, expected, height = (
        curves[n] for n in ("edges with at least this torque", "expected under the null model", "gap")
    )
    for trace in (ranked, expected, height):
        assert trace.x.tolist() == pytest.approx([0.1, 0.2, 0.9, 1.0])
    assert ranked.y.tolist() == pytest.approx([1, 0.75, 0.5, 0.25])
    assert expected.y.tolist() == pytest.approx([0.5, 0.5, 0.5, 0.25])
    assert height.y.tolist() == pytest.approx([0, 0.25, 0.5, 0.25])
    assert [trace.yaxis for trace in (ranked, expected, height)] == ["y", "y", "y2"]
    assert len({trace.line.dash for trace in (ranked, expected)}) == 2
    error = math.sqrt(math.log(40) / 8)
    assert set(curves[f"sampling error, {error:.3f}"].y) == {error}


@given(st.lists(st.floats(0, 4, width=32), min_size=1, max_size=60), st.lists(st.floats(0, 4, width=32), min_size=1))
def test_curves_match_the_statistics_of_the_cut(torque, null_model):
    layer = cut_by_gap(torque, null_model)
    curves, gap = traces(gap_figure(layer, LIGHT)), layer.cut.gap
    values, ordered = np.array(torque, np.float32), np.sort(np.array(null_model, np.float32))
    ranked, expected = curves["edges with at least this torque"], curves["expected under the null model"]
    assert ranked.y.tolist() == pytest.approx([(values >= at).mean() for at in ranked.x])
    under_null_model = [gap.null_fraction * (ordered >= at).mean() for at in expected.x]
    assert expected.y.tolist() == pytest.approx(under_null_model, abs=1e-9)
    assert curves["gap"].y.tolist() == pytest.approx(gap.heights.tolist())


def clear_gap():
    return cut_by_gap(
        np.linspace(0, 0.4, 80).tolist() + np.linspace(0.8, 1.2, 40).tolist(), np.linspace(0.8, 1.2, 500).tolist()
    )


def test_the_cut_is_a_dashed_line_through_both_panels(theme):
    layer = clear_gap()
    figure = gap_figure(layer, theme).figure
    assert {(line.x0, line.line.color, line.line.dash) for line in figure.layout.shapes} == {
        (layer.cut.threshold, PRUNED, "dash")
    }
    assert {line.yref for line in figure.layout.shapes} == {"y domain", "y2 domain"}
    notes = [note.text for note in figure.layout.annotations]
    assert notes == ["cut at 0.800: pruned →"]
    assert figure.layout.xaxis.matches == "x2"  # zoomed together


@pytest.mark.parametrize("threshold", [0.5, math.inf])
def test_without_a_gap_there_is_one_panel(layer, theme, threshold):
    drawing = gap_figure(replace(layer, cut=Cut(threshold, "By hand.")), theme)
    (ranked,) = drawing.figure.data
    assert ranked.y.tolist() == pytest.approx([1, 0.8, 0.6, 0.4, 0.2])
    assert len(drawing.figure.layout.shapes) == (threshold < 1)
    assert "yaxis2" not in drawing.figure.layout
    assert drawing.figure.layout.xaxis.title.text == "torque (no unit)"


def test_thinned_curves_include_the_maximum_of_the_gap():
    generator = np.random.default_rng(0)
    torque = np.concatenate([generator.random(9_000), 1.5 + generator.random(3_000)])
    layer = cut_by_gap(torque.tolist(), (1.5 + generator.random(5_000)).tolist())
    curves = traces(gap_figure(layer, LIGHT))
    for name in ("edges with at least this torque", "expected under the null model", "gap"):
        assert len(curves[name].x) <= 2_001
        assert (curves[name].x[0], curves[name].x[-1]) == pytest.approx((torque.min(), torque.max()))
    assert curves["gap"].y.max() == float(layer.cut.gap.heights.max())
    assert curves["gap"].x[curves["gap"].y.argmax()] == layer.cut.threshold


def test_alt_text(layer):
    assert gap_figure(replace(layer, cut=Cut(0.5, "By hand.")), LIGHT).alt == (
        "Ranked torques of the edges, from 0.100 to 0.900. The cut at 0.500 prunes 40.0% of them. By hand."
    )
    above = gap_figure(replace(layer, cut=Cut(2.0, "By hand.")), LIGHT).alt
    assert "The cut at 2.000 prunes 0.0% of them." in above
    assert gap_figure(layer, LIGHT).alt == "Ranked torques of the edges, from 0.100 to 0.900. By hand."
    assert gap_figure(clear_gap(), LIGHT).alt == (
        "Ranked torques of the edges, from 0.000 to 1.200. The cut at 0.800 prunes 33.3% of them. An estimated "
        "33.2% of the edges follow the null model; the maximum of the gap is 0.331, at torque 0.800; sampling error "
        f"alone reaches 0.124. {clear_gap().cut.reason}"
    )


@pytest.mark.parametrize("cut", [Cut(0.5, "By hand."), gap_cut(CutInputs(*[torch.empty(0)] * 3))])
def test_a_graph_without_edges(theme, cut):
    drawing = gap_figure(replace(make_layer([[], []], []), cut=cut), theme)
    assert drawing.alt == f"Ranked torques: none. {cut.reason}"
