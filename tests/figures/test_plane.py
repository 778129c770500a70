import math

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from tests.figures.conftest import make_layer
from torque_core.figures import plane
from torque_core.figures.palette import INJECTED, LIGHT, PRUNED
from torque_core.figures.plane import torque_plane
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.record import LayerRewiring
from torque_core.scoring.torque import Torque

PAIRS = torch.tensor([[0, 0, 1, 2, 3], [1, 2, 2, 3, 4]])
LEVER, FORCE = torch.tensor([0.2, 0.5, 0.5, 1.0, 1.0]), torch.tensor([1.0, 0.5, 1.0, 1.0, 0.5])


def scored_layer(lever=LEVER, force=FORCE, threshold=0.5, sine=None):
    torque = Torque(lever, force, sine)
    none = torch.empty(2, 0, dtype=torch.long)
    added = Torque(torch.empty(0), torch.empty(0))
    pairs = PAIRS[:, : len(lever)]
    return LayerRewiring(
        pairs=pairs,
        torque=torque,
        pruned_mask=torque.value >= threshold,
        added=none,
        added_torque=added,
        cut=Cut(threshold, "By hand."),
        num_nodes=5,
    )


def points(drawing):
    """Traces of the four kinds of edge, by their names."""
    return {trace.name.rsplit(" ", 1)[0]: trace for trace in drawing.figure.data if trace.customdata is not None}


def curve(drawing):
    (traces,) = [trace for trace in drawing.figure.data if trace.mode == "lines"]
    return traces


def test_each_edge_is_a_point_of_its_kind(injected, theme):
    drawing = torque_plane(scored_layer(), injected, 0.5, theme)
    traces = points(drawing)
    assert {name: trace.customdata.tolist() for name, trace in traces.items()} == {
        "kept": [0, 1],
        "pruned": [3],
        "injected, kept": [],
        "injected, pruned": [2, 4],
    }
    assert traces["kept"].x.tolist() == pytest.approx([0.2, 0.5])
    assert traces["kept"].y.tolist() == pytest.approx([1.0, 0.5])
    assert [trace.name for trace in traces.values()] == [
        "kept (2)",
        "pruned (1)",
        "injected, kept (0)",
        "injected, pruned (2)",
    ]
    assert [trace.showlegend for trace in traces.values()] == [True, True, False, True]
    assert drawing.sampling_note is None


def test_kinds_differ_by_shape_and_colour(injected, theme):
    markers = [
        (trace.marker.symbol, trace.marker.color)
        for trace in points(torque_plane(scored_layer(), injected, 1, theme)).values()
    ]
    assert markers == [
        ("circle", theme.kept),
        ("x-thin-open", PRUNED),
        ("diamond-open", INJECTED),
        ("diamond-x-open", PRUNED),
    ]


@pytest.mark.parametrize("names", [None, list("ABCDE")])
def test_hover_text_of_an_edge(injected, names):
    y = torch.tensor([0, 1, 1, -1, 0])
    traces = points(torque_plane(scored_layer(), injected, 0.5, LIGHT, y=y, names=names))
    ends = "C – D" if names else "2 – 3"
    (text,) = traces["pruned"].text
    assert text == f"{ends}<br>classes 1 – unknown<br>lever arm 1.000<br>force 1.000<br>torque 1.000"
    assert "classes" not in points(torque_plane(scored_layer(), injected, 0.5, LIGHT))["pruned"].text[0]


def test_the_torque_along_the_curve_equals_the_threshold(injected):
    drawing = torque_plane(scored_layer(), injected, 0.5, LIGHT)
    line = curve(drawing)
    assert np.array(line.x) * np.array(line.y) == pytest.approx(np.full(100, 0.5))
    assert (max(line.x), max(line.y)) == pytest.approx(
        (drawing.figure.layout.xaxis.range[1], drawing.figure.layout.yaxis.range[1])
    )
    assert line.line.dash == "dash"
    assert line.name == "cut at torque 0.500"


def test_selected_edges_are_marked_with_a_ring(injected, theme):
    selected = torch.tensor([True, False, False, False, True])
    drawing = torque_plane(scored_layer(), injected, math.inf, theme, selected=selected)
    ring = drawing.figure.data[-1]
    assert (ring.name, ring.marker.symbol, ring.marker.color) == ("selected", "circle-open", theme.text)
    assert np.column_stack([ring.x, ring.y]).ravel().tolist() == pytest.approx([0.2, 1.0, 1.0, 0.5])
    assert drawing.alt.endswith("2 are selected and marked with a ring.")


@pytest.mark.parametrize(
    ("threshold", "explanation"),
    [
        (math.inf, "No edge is pruned."),
        (0.0, "The cut at torque 0.000 prunes every edge."),
        (2.0, "The cut at torque 2.000 is above the torque of every edge."),
    ],
)
def test_a_threshold_outside_the_range_has_no_curve(injected, threshold, explanation):
    drawing = torque_plane(scored_layer(), injected, threshold, LIGHT)
    assert all(trace.mode == "markers" for trace in drawing.figure.data)
    assert drawing.alt.endswith(explanation)


def test_a_third_factor_leaves_no_curve(injected):
    drawing = torque_plane(scored_layer(sine=torch.tensor([1.0, 0.5, 0.1, 1.0, 1.0])), injected, 0.5, LIGHT)
    assert all(trace.mode == "markers" for trace in drawing.figure.data)
    assert points(drawing)["pruned"].customdata.tolist() == [3]
    assert "sine 1.000" in points(drawing)["pruned"].text[0]
    assert drawing.alt.endswith(
        "The torque also depends on the sine, so no curve separates pruned from kept edges; the markers distinguish "
        "them."
    )


def test_points_are_spread_along_the_axis_of_a_constant_factor(injected):
    drawing = torque_plane(scored_layer(force=torch.full((5,), 2.0), threshold=1.0), injected, 1.0, LIGHT)
    y = np.concatenate([trace.y for trace in points(drawing).values()])
    assert len(np.unique(y)) == 5
    assert abs(y - 2).max() <= 0.5
    assert drawing.figure.layout.yaxis.title.text == "force (no unit): 2 for all edges,<br>points spread for visibility"
    assert drawing.figure.layout.yaxis.showticklabels is False
    assert curve(drawing).x == (0.5, 0.5)
    turned = torque_plane(scored_layer(lever=torch.full((5,), 2.0), force=LEVER, threshold=1.0), injected, 1.0, LIGHT)
    assert curve(turned).y == (0.5, 0.5)


@pytest.mark.parametrize(("lever", "force", "torque"), [(1.0, 0.5, "0.500"), (None, 0.0, "0.000")])
def test_constant_torque_has_no_curve(injected, lever, force, torque):
    arm = LEVER if lever is None else torch.full((5,), lever)
    drawing = torque_plane(scored_layer(arm, torch.full((5,), force)), injected, 0.25, LIGHT)
    assert drawing.alt.endswith(f"All edges have torque {torque}; the cut is at 0.250.")


def large(count=400):
    generator = torch.Generator().manual_seed(0)
    pairs = torch.stack([torch.zeros(count, dtype=torch.long), torch.arange(1, count + 1)])
    torque = Torque(torch.rand(count, generator=generator), torch.rand(count, generator=generator))
    none, added = torch.empty(2, 0, dtype=torch.long), Torque(torch.empty(0), torch.empty(0))
    layer = LayerRewiring(
        pairs=pairs,
        torque=torque,
        pruned_mask=torque.value >= 0.5,
        added=none,
        added_torque=added,
        cut=Cut(0.5, "By hand."),
        num_nodes=count + 1,
    )
    return layer, torch.rand(count, generator=generator) < 0.1


def test_a_sample_is_drawn_over_a_heatmap_of_all_edges(theme):
    layer, injected = large()
    selected = torch.arange(400) % 40 == 7
    drawing = torque_plane(layer, injected, 0.5, theme, selected=selected, max_points=100)
    drawn = np.concatenate([trace.customdata for trace in points(drawing).values()])
    assert len(np.unique(drawn)) == len(drawn) <= 100
    assert set(selected.nonzero().flatten().tolist()) <= set(drawn.tolist())
    (heatmap,) = [trace for trace in drawing.figure.data if isinstance(trace, go.Heatmap)]
    assert float(np.nansum(np.expm1(heatmap.z))) == pytest.approx(400)
    names = sum(int(trace.name.rsplit("(", 1)[1][:-1]) for trace in points(drawing).values())
    assert names == 400  # the legend counts all
    assert drawing.sampling_note.startswith(f"Points: {len(drawn)} of 400 edges (")
    assert drawing.sampling_note.endswith(
        "they include 10 of 10 selected edges. The heatmap and all counts include every edge."
    )
    again = torque_plane(layer, injected, 0.5, theme, selected=selected, max_points=100)
    assert again.figure == drawing.figure


def test_many_points_are_drawn_with_webgl(monkeypatch):
    layer, injected = large()
    assert all(isinstance(trace, go.Scatter) for trace in points(torque_plane(layer, injected, 0.5, LIGHT)).values())
    monkeypatch.setattr(plane, "_WEBGL_FROM", 399)
    assert all(isinstance(trace, go.Scattergl) for trace in points(torque_plane(layer, injected, 0.5, LIGHT)).values())


def test_alt_text(injected):
    assert torque_plane(scored_layer(), injected, 0.5, LIGHT).alt == (
        "Lever arm against force of 5 edges: 2 kept, 1 pruned, 0 injected, kept, 2 injected, pruned. A dashed curve "
        "marks the cut at torque 0.500: edges beyond it are pruned."
    )


def test_a_graph_without_edges(theme):
    drawing = torque_plane(make_layer([[], []], []), torch.zeros(0, dtype=torch.bool), math.inf, theme)
    assert all(len(trace.x) == 0 for trace in drawing.figure.data)
    assert drawing.alt.startswith("Lever arm against force of 0 edges")
