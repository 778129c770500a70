import numpy as np
import pytest

from tests.figures.conftest import Y, colours_of, make_change
from torque_core.figures import LIGHT, elements, shading, side_by_side
from torque_core.figures.palette import PRUNED, class_colour
from torque_core.figures.side_by_side import side_by_side_figure

KINDS = ("pruned", "added", "kept")


def panel_traces(figure, panel: int) -> dict:
    """The traces of a panel by name."""
    axis = "x" if panel == 1 else f"x{panel}"
    return {trace.name: trace for trace in figure.data if (trace.xaxis or "x") == axis}


def segments(trace):
    """Endpoints of the drawn segments, (E, 2, 2); the first segment is empty."""
    line = np.column_stack([trace.x, trace.y]).astype(float).reshape(-1, 3, 2)
    assert np.isnan(line[0]).all()
    assert np.isnan(line[:, 2]).all()
    return line[1:, :2]


def test_panels_share_node_positions(injected, position, theme):
    changes = [("Torque", make_change([3, 4], [[0, 3]])), ("FoSR", make_change([], [[0, 3], [1, 4]]))]
    drawing = side_by_side_figure(changes, position, Y, injected, theme)
    for panel, (_, change) in enumerate(changes, start=1):
        traces = panel_traces(drawing.figure, panel)
        for kind, pairs in zip(KINDS, (change.pruned, change.added, change.kept), strict=True):
            np.testing.assert_allclose(segments(traces[kind]), position[pairs.T.numpy()])
        assert traces["pruned"].line.dash == "dash"
        assert traces["pruned"].line.color == PRUNED
        assert traces["added"].line.color == theme.added
        assert traces["kept"].line.color == theme.kept
        np.testing.assert_allclose(traces["nodes, coloured by class"].x, position[:, 0])
    assert drawing.sampling_note is None
    assert [note.text for note in drawing.figure.layout.annotations] == [
        "<b>Torque</b>: 3 kept · 2 pruned · 1 added",
        "<b>FoSR</b>: 5 kept · 0 pruned · 2 added",
    ]


def test_injected_edges_are_marked_with_a_diamond_and_markers_have_hover_text(injected, position):
    drawing = side_by_side_figure([("Torque", make_change([3, 4], [[0, 3]]))], position, Y, injected, LIGHT)
    traces = panel_traces(drawing.figure, 1)
    kept, pruned, new = (traces[name] for name in ("◇ injected, kept", "◇ injected, pruned", "added edge"))
    assert (kept.x[1:], kept.y[1:]) == ((1.0,), (0.5,))  # the middle of 1 - 2
    assert pruned.text == ("", "2 – 3: pruned, original", "3 – 4: pruned, injected by the noise")
    assert pruned.marker.symbol[1:] == ("circle", "diamond-open")
    assert new.text[1:] == ("0 – 3: added, new",)
    assert "added edge" not in {trace.name for trace in drawing.figure.data if trace.showlegend}


def test_panels_share_camera_and_legend(injected, position):
    both = [("Torque", make_change([3])), ("FoSR", make_change([], [[0, 3]]))]
    figure = side_by_side_figure(both, position, Y, injected, LIGHT).figure
    assert (figure.layout.xaxis2.matches, figure.layout.yaxis2.matches) == ("x", "y")
    assert all((trace.xaxis or "x") == "x" for trace in figure.data if trace.showlegend)
    left, right = panel_traces(figure, 1), panel_traces(figure, 2)
    assert list(left) == list(right)
    assert all(left[name].legendgroup == right[name].legendgroup == name for name in left)


def test_hover_text_of_nodes(injected, position):
    figure = side_by_side_figure([("Torque", make_change())], position, Y, injected, LIGHT, names=list("abcdef")).figure
    nodes = panel_traces(figure, 1)["nodes, coloured by class"]
    assert nodes.text[0] == "a<br>class 0"
    assert nodes.text[5] == "f<br>class unknown"
    assert colours_of(nodes) == [class_colour(label) for label in Y.tolist()]
    plain = side_by_side_figure([("Torque", make_change())], position, Y, injected, LIGHT).figure
    assert panel_traces(plain, 1)["nodes, coloured by class"].text[1] == "class 0"


def test_customdata_of_points(injected, position):
    drawing = side_by_side_figure([("Torque", make_change([3, 4]))], position, Y, injected, LIGHT)
    traces = panel_traces(drawing.figure, 1)
    assert traces["nodes, coloured by class"].customdata.tolist() == list(range(6))
    assert [list(ids) for ids in traces["◇ injected, pruned"].customdata[1:]] == [[2, 3], [3, 4]]


def test_the_selection_is_marked_in_every_panel(injected, position, theme):
    both = [("Torque", make_change([3])), ("FoSR", make_change())]
    drawing = side_by_side_figure(both, position, Y, injected, theme, selected_nodes=[5], selected_edges=[(0, 4)])
    for panel in (1, 2):
        trace = panel_traces(drawing.figure, panel)["selected"]
        points = np.column_stack([trace.x, trace.y]).reshape(2, 3, 2)
        np.testing.assert_allclose(points[:, :2], position[[[5, 5], [0, 4]]])
        assert np.isnan(points[:, 2]).all()
    nothing = side_by_side_figure(both, position, Y, injected, theme)
    assert "selected" not in panel_traces(nothing.figure, 1)


def test_a_crowded_graph_has_markers_only_for_injected_edges(injected, position, monkeypatch):
    monkeypatch.setattr(side_by_side, "_CROWDED", 3)
    change = make_change([3], [[0, 3], [0, 4], [1, 3]])
    drawing = side_by_side_figure([("GDC", change), ("FoSR", make_change([0, 1, 2]))], position, Y, injected, LIGHT)
    traces = panel_traces(drawing.figure, 1)
    assert (len(segments(traces["added"])), len(segments(traces["kept"]))) == (3, 4)
    assert "added edge" not in traces
    assert "3 added edges in blue" in drawing.alt
    assert "2 edges were injected by the noise and are marked with a diamond." in drawing.alt


@pytest.mark.parametrize("limits", [{"nodes": 5, "edges": 100}, {"nodes": 100, "edges": 5}])
def test_a_large_graph_is_drawn_as_density_in_every_panel(injected, position, theme, monkeypatch, limits):
    monkeypatch.setattr(shading, "MAX_DRAWN_AS_LINES", limits)
    changes = [("Torque", make_change([3, 4], [[0, 3]])), ("FoSR", make_change())]
    drawing = side_by_side_figure(changes, position, Y, injected, theme, selected_nodes=[5])
    first, second = drawing.figure.layout.images
    assert [(image.xref, image.yref, image.layer) for image in (first, second)] == [
        ("x", "y", "below"),
        ("x2", "y2", "below"),
    ]
    assert first.source != second.source
    for panel in (1, 2):
        traces = panel_traces(drawing.figure, panel)
        assert set(traces) == {"pruned", "added", "kept", "selected", "nodes, coloured by class"}
        assert all(traces[kind].x == (None,) for kind in KINDS)
        np.testing.assert_allclose(traces["nodes, coloured by class"].x, position[:, 0])
    assert drawing.figure.layout.xaxis2.range == pytest.approx((-0.01, 2.01))
    assert drawing.sampling_note.startswith("The image shows the density of all edges")
    assert drawing.alt.endswith("2 edges were injected by the noise.")


def test_a_huge_graph_shows_only_nodes_of_highest_degree(injected, position, monkeypatch):
    monkeypatch.setattr(shading, "MAX_DRAWN_AS_LINES", {"nodes": 5, "edges": 5})
    monkeypatch.setattr(elements, "MAX_DRAWN_NODES", 5)
    monkeypatch.setattr(elements, "MAX_HUBS", 1)
    drawing = side_by_side_figure([("Torque", make_change([3]))], position, Y, injected, LIGHT)
    assert panel_traces(drawing.figure, 1)["nodes, coloured by class"].customdata.tolist() == [2]
    assert drawing.sampling_note.endswith("Nodes drawn: the 1 of 6 with the highest degree.")
