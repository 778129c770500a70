import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Data
from torch_geometric.utils import to_undirected

from tests.conftest import graphs
from tests.figures.conftest import Y, colours_of, make_layer
from torque_core.figures import LIGHT, graph, graph_figure, side_by_side_figure
from torque_core.figures.palette import PRUNED, class_colour
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec

KINDS = ("pruned", "kept", "added")


def lines(drawing):
    """The traces that draw edges, by fate."""
    edge_traces = {trace.name.split(" ")[0]: trace for trace in drawing.figure.data if trace.mode == "lines"}
    edge_traces.pop("selected", None)
    assert set(edge_traces) == set(KINDS)
    return edge_traces


def marks(drawing):
    """The marks in the middle of edges, by fate."""
    return {trace.name.split(", ")[1].split(" ")[0]: trace for trace in drawing.figure.data if trace.name[0] == "◇"}


def segments(trace):
    """Ends of the segments that a line with gaps draws, (E, 2, 2)."""
    line = np.column_stack([trace.x, trace.y]).astype(float).reshape(-1, 3, 2)
    assert np.isfinite(line[:, :2]).all()
    assert np.isnan(line[:, 2]).all()
    return line[:, :2]


def test_segments_connect_the_endpoints(layer, injected, position, theme):
    drawn = lines(graph_figure(layer, position, Y, injected, theme))
    for name, pairs in (("kept", layer.kept), ("pruned", layer.pruned), ("added", layer.added)):
        assert segments(drawn[name]).tolist() == position[pairs.T.numpy()].tolist()
        assert drawn[name].name == f"{name} ({pairs.size(1)})"


@given(graphs(max_nodes=12), st.sampled_from([0.0, 0.3, 1.0]), st.integers(0, 99))
@settings(max_examples=30)
def test_every_edge_is_drawn_once(data, fraction, seed):
    generator = torch.Generator().manual_seed(seed)
    layer = rewire(data, RewireSpec(cut="fixed", fraction=fraction, additions=2.0, layers=1)).layers[0]
    position = torch.rand(len(data.x), 2, generator=generator).numpy()
    injected = torch.rand(layer.pairs.size(1), generator=generator) < 0.5
    drawing = graph_figure(layer, position, torch.zeros(len(data.x), dtype=torch.long), injected, LIGHT)
    counts = {name: len(segments(trace)) for name, trace in lines(drawing).items()}
    assert counts == {name: getattr(layer, name).size(1) for name in KINDS}
    diamonds = sum(trace.marker.symbol.count("diamond-open") for trace in marks(drawing).values())
    assert diamonds == int(injected.sum())
    assert drawing.sampling_note is None


def test_fates_differ_by_more_than_colour(layer, injected, position, theme):
    drawn = lines(graph_figure(layer, position, Y, injected, theme))
    assert {name: trace.line.dash for name, trace in drawn.items()} == {
        "pruned": "dash",
        "kept": "solid",
        "added": "solid",
    }
    assert [drawn[name].line.color for name in KINDS] == [PRUNED, theme.kept, theme.added]
    assert drawn["added"].line.width > drawn["pruned"].line.width > drawn["kept"].line.width


def test_injected_edges_are_marked_with_a_diamond(layer, injected, position, theme):
    edge_traces = marks(graph_figure(layer, position, Y, injected, theme))
    assert edge_traces["kept"].marker.symbol == ("circle", "circle", "diamond-open")
    assert (edge_traces["kept"].x.tolist(), edge_traces["kept"].y.tolist()) == ([0.5, 0.5, 1.0], [0.0, 0.5, 0.5])
    assert edge_traces["kept"].text[2] == "1 – 2<br>torque 0.300<br>injected by the noise"
    assert edge_traces["kept"].customdata == ([0, 1], [0, 2], [1, 2])
    assert edge_traces["added"].customdata == ([0, 3],)
    assert edge_traces["pruned"].marker.symbol == ("circle", "diamond-open")
    assert edge_traces["pruned"].text == (
        "2 – 3<br>torque 0.800<br>original",
        "3 – 4<br>torque 0.900<br>injected by the noise",
    )
    assert edge_traces["added"].marker.symbol == ("circle",)
    assert edge_traces["added"].text == ("0 – 3<br>torque 0.050<br>not in the original graph",)
    shown = {name: trace.showlegend for name, trace in edge_traces.items()}
    assert shown == {"kept": True, "pruned": True, "added": False}
    assert {trace.name for trace in edge_traces.values()} == {
        f"◇ injected, {n} ({c})" for n, c in zip(KINDS, (1, 1, 0), strict=True)
    }


def test_without_noise_there_is_no_diamond(layer, position, theme):
    edge_traces = marks(graph_figure(layer, position, Y, torch.zeros(5, dtype=torch.bool), theme))
    assert set(edge_traces) == set(KINDS)
    assert {symbol for trace in edge_traces.values() for symbol in trace.marker.symbol} == {"circle"}
    assert not any(trace.showlegend for trace in edge_traces.values())


@pytest.mark.parametrize("classes", [None, ("art", "law", "tax")])
@pytest.mark.parametrize("names", [None, list("ABCDEF")])
def test_nodes(layer, injected, position, theme, names, classes):
    nodes = graph_figure(layer, position, Y, injected, theme, names=names, classes=classes).figure.data[-1]
    assert np.column_stack([nodes.x, nodes.y]).tolist() == position.tolist()
    assert colours_of(nodes) == [class_colour(label) for label in Y.tolist()]
    first, last = ("A<br>", "F<br>") if names else ("", "")
    assert (nodes.text[0], nodes.text[5]) == (f"{first}class {classes[0] if classes else 0}", f"{last}class unknown")
    assert ("node %{customdata}" in nodes.hovertemplate) == (names is None)
    assert nodes.customdata.tolist() == list(range(6))
    assert nodes.name == "nodes, coloured by class (6)"


def test_alt_text(layer, injected, position, theme):
    drawing = graph_figure(layer, position, Y, injected, theme, number=2)
    assert drawing.alt == (
        "Graph of layer 2: 6 nodes, 3 kept edges in grey, 2 pruned edges in dashed vermilion, 1 added edges in blue; "
        "2 of the edges were injected by the noise and are marked with a diamond."
    )


def test_too_many_edges_are_sampled_with_a_note(layer, injected, position, theme, monkeypatch):
    monkeypatch.setattr(graph, "MAX_DRAWN_EDGES", 2)
    drawing = graph_figure(layer, position, Y, injected, theme)
    assert drawing.sampling_note == "Drawn: 2 of 3 kept edges, sampled evenly. All counts include every edge."
    drawn = lines(drawing)
    assert segments(drawn["kept"]).tolist() == position[[[0, 1], [1, 2]]].tolist()  # the first and the last
    assert {name: trace.name for name, trace in drawn.items()} == {
        "pruned": "pruned (2)",
        "kept": "kept (3)",
        "added": "added (1)",
    }
    assert "3 kept edges" in drawing.alt


def test_counts_include_injected_edges_that_are_not_drawn(layer, position, theme, monkeypatch):
    monkeypatch.setattr(graph, "MAX_DRAWN_EDGES", 1)
    drawing = graph_figure(layer, position, Y, torch.ones(5, dtype=torch.bool), theme)
    assert (
        drawing.sampling_note
        == "Drawn: 1 of 2 pruned edges, 1 of 3 kept edges, sampled evenly. All counts include every edge."
    )
    edge_traces = marks(drawing)
    assert [len(edge_traces[name].x) for name in KINDS] == [1, 1, 1]
    assert [edge_traces[name].name for name in KINDS] == [
        f"◇ injected, {n} ({c})" for n, c in zip(KINDS, (2, 3, 0), strict=True)
    ]
    # the one pruned edge that is drawn is not injected; the legend counts the other one nevertheless
    other = marks(graph_figure(layer, position, Y, torch.tensor([False] * 4 + [True]), theme))["pruned"]
    assert other.marker.symbol == ("circle",)
    assert (other.name, other.showlegend) == ("◇ injected, pruned (1)", True)


def test_large_graphs_are_drawn_with_webgl(layer, injected, position, theme, monkeypatch):
    small = graph_figure(layer, position, Y, injected, theme).figure
    assert all(isinstance(trace, go.Scatter) for trace in small.data)
    monkeypatch.setattr(graph, "_WEBGL_FROM", 11)  # six nodes and six edges
    large = graph_figure(layer, position, Y, injected, theme).figure
    assert all(isinstance(trace, go.Scattergl) for trace in large.data)


def test_a_graph_without_edges(theme):
    layer = make_layer([[], []], [])
    y = torch.zeros(3, dtype=torch.long)
    drawing = graph_figure(layer, np.zeros((3, 2)), y, torch.zeros(0, dtype=torch.bool), theme)
    assert all(len(segments(trace)) == 0 for trace in lines(drawing).values())
    assert drawing.alt.startswith("Graph of layer 1: 3 nodes, 0 kept edges")


def test_selected_nodes_and_edges_are_marked(layer, injected, position, theme):
    drawing = graph_figure(
        layer,
        position,
        Y,
        injected,
        theme,
        selected_nodes=[5, 2],
        selected_edges=[(3, 4), (0, 5)],
        names=list("ABCDEF"),
    )
    below, *_, above = drawing.figure.data
    assert (below.name, above.name) == ("selected edges (2)", "selected nodes (2)")
    # (0, 5) is no edge, and marked all the same
    assert segments(below).tolist() == position[[[3, 4], [0, 5]]].tolist()
    assert below.line.width > 2 * max(trace.line.width for trace in lines(drawing).values())
    assert np.column_stack([above.x, above.y]).tolist() == position[[5, 2]].tolist()
    assert (above.marker.symbol, above.marker.color) == ("circle-open", theme.text)
    assert above.hoverinfo == "skip"  # the node inside can be clicked
    labels = drawing.figure.layout.annotations
    assert [(label.text, label.x, label.y) for label in labels] == [("F", 0.0, -1.0), ("C", 1.0, 1.0)]


def test_many_selected_nodes_have_rings_but_no_labels(layer, injected, theme):
    position, y = np.random.default_rng(0).random((40, 2)), torch.zeros(40, dtype=torch.long)
    few, many = (
        graph_figure(layer, position, y, injected, theme, selected_nodes=range(count)).figure for count in (12, 13)
    )
    assert [label.text for label in few.layout.annotations] == [str(node) for node in range(12)]
    assert len(many.layout.annotations) == 0
    assert len(many.data[-1].x) == 13


def test_many_kept_edges_are_faint(layer, injected, position, theme, monkeypatch):
    plain = lines(graph_figure(layer, position, Y, injected, theme))
    monkeypatch.setattr(graph, "_MAX_OPAQUE", 1)
    faint = lines(graph_figure(layer, position, Y, injected, theme))
    assert [plain[name].opacity for name in KINDS] == [0.9, 0.9, 0.9]
    assert [faint[name].opacity for name in KINDS] == [0.9, 0.35, 0.9]
    monkeypatch.setattr(graph, "_MAX_OPAQUE", 2)
    assert lines(graph_figure(layer, position, Y, injected, theme))["kept"].opacity == pytest.approx(2 / 3)


def test_in_a_crowded_graph_only_nodes_are_clickable_and_injected_edges_keep_their_diamond(
    layer, injected, position, theme, monkeypatch
):
    monkeypatch.setattr(graph, "_CROWDED", 4)
    drawing = graph_figure(layer, position, Y, injected, theme)
    assert [trace.name for trace in drawing.figure.data if trace.customdata is not None] == [
        "nodes, coloured by class (6)"
    ]
    outline = marks(drawing)["kept"]  # one edge, from (1, 0) to (1, 1)
    assert outline.line.color == theme.kept
    assert np.nanmean(outline.x) == pytest.approx(1.0, abs=0.01)
    assert np.nanmean(outline.y) == pytest.approx(0.5, abs=0.01)
    assert set(marks(drawing)) == {"kept", "pruned"}


def test_arrowheads_show_where_edges_go_one_way():
    edge_index = torch.tensor([[0, 1, 2, 3, 4, 0, 2], [1, 2, 3, 4, 0, 2, 0]])  # 0 and 2 are linked both ways
    data = Data(x=torch.eye(5), edge_index=edge_index)
    layer = rewire(data, cut="fixed", fraction=0.4, layers=1, additions=1.0).layers[0]
    position, none = np.random.default_rng(0).random((5, 2)), torch.zeros(6, dtype=torch.bool)
    drawn = graph_figure(layer, position, Y[:5], none, LIGHT).figure
    side = side_by_side_figure([("a", layer), ("b", layer)], position, Y[:5], none, LIGHT).figure
    one_way = sorted([(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)])
    for figure, panels in ((drawn, 1), (side, 2)):
        arrows = [trace for trace in figure.data if trace.marker.symbol == "arrow"]
        assert {trace.marker.angleref for trace in arrows} == {"previous"}
        assert not any(trace.showlegend for trace in arrows)
        ends = np.concatenate([np.column_stack([trace.x, trace.y]).reshape(-1, 3, 2)[:, :2] for trace in arrows])
        nodes = [tuple(int(np.abs(position - end).sum(axis=1).argmin()) for end in pair) for pair in ends]
        assert sorted(nodes) == sorted(one_way * panels)
    two_way = rewire(Data(x=torch.eye(5), edge_index=to_undirected(edge_index)), layers=1).layers[0]
    assert all(
        trace.marker.symbol != "arrow" for trace in graph_figure(two_way, position, Y[:5], none, LIGHT).figure.data
    )
