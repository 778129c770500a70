import numpy as np
import pytest
import torch

from tests.figures.conftest import colours_of
from torque_core.diagnostics.graph_change import GraphChange, change_report
from torque_core.figures import LIGHT, elements, shading, side_by_side
from torque_core.figures.change_metrics import change_metrics_figure
from torque_core.figures.palette import PRUNED, class_colour
from torque_core.figures.side_by_side import side_by_side_figure
from torque_core.figures.styles import method_styles

Y = torch.tensor([0, 0, 0, 1, 1, -1])
EDGES = torch.tensor([[0, 0, 1, 2, 3], [1, 2, 2, 3, 4]])
KINDS = ("pruned", "added", "kept")


def a_change(pruned=(), added=()) -> GraphChange:
    gone = torch.zeros(EDGES.size(1), dtype=torch.bool)
    gone[list(pruned)] = True
    new = torch.tensor(added, dtype=torch.long).view(-1, 2).T
    return GraphChange("torque", EDGES, gone, new, 6, 0.1)


def of_panel(figure, panel: int) -> dict:
    """The traces of a panel by name."""
    axis = "x" if panel == 1 else f"x{panel}"
    return {trace.name: trace for trace in figure.data if (trace.xaxis or "x") == axis}


def segments(trace):
    """Ends of the lines that are drawn, (E, 2, 2); the first is nothing."""
    line = np.column_stack([trace.x, trace.y]).astype(float).reshape(-1, 3, 2)
    assert np.isnan(line[0]).all()
    assert np.isnan(line[:, 2]).all()
    return line[1:, :2]


def test_every_panel_draws_its_own_links_on_the_same_places(injected, position, theme):
    changes = [("Torque", a_change([3, 4], [[0, 3]])), ("FoSR", a_change([], [[0, 3], [1, 4]]))]
    drawn = side_by_side_figure(changes, position, Y, injected, theme)
    for panel, (_, change) in enumerate(changes, start=1):
        traces = of_panel(drawn.figure, panel)
        for kind, pairs in zip(KINDS, (change.pruned, change.added, change.kept), strict=True):
            np.testing.assert_allclose(segments(traces[kind]), position[pairs.T.numpy()])
        assert traces["pruned"].line.dash == "dash"
        assert traces["pruned"].line.color == PRUNED
        assert traces["added"].line.color == theme.added
        assert traces["kept"].line.color == theme.kept
        np.testing.assert_allclose(traces["nodes, coloured by class"].x, position[:, 0])
    assert drawn.sampling_note is None
    assert [note.text for note in drawn.figure.layout.annotations] == [
        "<b>Torque</b>: 3 kept · 2 pruned · 1 added",
        "<b>FoSR</b>: 5 kept · 0 pruned · 2 added",
    ]


def test_injected_edges_wear_a_diamond_and_every_mark_says_what_it_is(injected, position):
    drawn = side_by_side_figure([("Torque", a_change([3, 4], [[0, 3]]))], position, Y, injected, LIGHT)
    traces = of_panel(drawn.figure, 1)
    kept, pruned, new = (traces[name] for name in ("◇ injected, kept", "◇ injected, pruned", "added edge"))
    assert (kept.x[1:], kept.y[1:]) == ((1.0,), (0.5,))  # the middle of 1 - 2
    assert pruned.text == ("", "2 – 3: pruned, original", "3 – 4: pruned, injected by the noise")
    assert pruned.marker.symbol[1:] == ("circle", "diamond-open")
    assert new.text[1:] == ("0 – 3: added, new",)
    assert "added edge" not in {trace.name for trace in drawn.figure.data if trace.showlegend}


def test_one_camera_and_one_legend(injected, position):
    both = [("Torque", a_change([3])), ("FoSR", a_change([], [[0, 3]]))]
    figure = side_by_side_figure(both, position, Y, injected, LIGHT).figure
    assert (figure.layout.xaxis2.matches, figure.layout.yaxis2.matches) == ("x", "y")
    assert all((trace.xaxis or "x") == "x" for trace in figure.data if trace.showlegend)
    left, right = of_panel(figure, 1), of_panel(figure, 2)
    assert list(left) == list(right)
    assert all(left[name].legendgroup == right[name].legendgroup == name for name in left)


def test_nodes_say_their_name_and_class(injected, position):
    figure = side_by_side_figure([("Torque", a_change())], position, Y, injected, LIGHT, names=list("abcdef")).figure
    nodes = of_panel(figure, 1)["nodes, coloured by class"]
    assert nodes.text[0] == "a<br>class 0"
    assert nodes.text[5] == "f<br>class unknown"
    assert colours_of(nodes) == [class_colour(label) for label in Y.tolist()]
    plain = side_by_side_figure([("Torque", a_change())], position, Y, injected, LIGHT).figure
    assert of_panel(plain, 1)["nodes, coloured by class"].text[1] == "class 0"


def test_points_say_what_they_stand_for(injected, position):
    traces = of_panel(side_by_side_figure([("Torque", a_change([3, 4]))], position, Y, injected, LIGHT).figure, 1)
    assert traces["nodes, coloured by class"].customdata.tolist() == list(range(6))
    assert [list(ids) for ids in traces["◇ injected, pruned"].customdata[1:]] == [[2, 3], [3, 4]]


def test_what_is_selected_is_marked_in_every_panel(injected, position, theme):
    both = [("Torque", a_change([3])), ("FoSR", a_change())]
    drawn = side_by_side_figure(both, position, Y, injected, theme, selected_nodes=[5], selected_edges=[(0, 4)])
    for panel in (1, 2):
        trace = of_panel(drawn.figure, panel)["selected"]
        points = np.column_stack([trace.x, trace.y]).reshape(2, 3, 2)
        np.testing.assert_allclose(points[:, :2], position[[[5, 5], [0, 4]]])
        assert np.isnan(points[:, 2]).all()
    nothing = side_by_side_figure(both, position, Y, injected, theme)
    assert "selected" not in of_panel(nothing.figure, 1)


def test_in_a_crowd_only_diamonds_are_marked(injected, position, monkeypatch):
    monkeypatch.setattr(side_by_side, "_CROWDED", 3)
    change = a_change([3], [[0, 3], [0, 4], [1, 3]])
    drawn = side_by_side_figure([("GDC", change), ("FoSR", a_change([0, 1, 2]))], position, Y, injected, LIGHT)
    traces = of_panel(drawn.figure, 1)
    assert (len(segments(traces["added"])), len(segments(traces["kept"]))) == (3, 4)
    assert "added edge" not in traces
    assert "3 added edges in blue" in drawn.alt
    assert "2 edges were injected by the noise and are marked with a diamond." in drawn.alt


@pytest.mark.parametrize("limits", [{"nodes": 5, "edges": 100}, {"nodes": 100, "edges": 5}])
def test_a_large_graph_is_shaded_in_every_panel(injected, position, theme, monkeypatch, limits):
    monkeypatch.setattr(shading, "MAX_DRAWN_AS_LINES", limits)
    changes = [("Torque", a_change([3, 4], [[0, 3]])), ("FoSR", a_change())]
    drawn = side_by_side_figure(changes, position, Y, injected, theme, selected_nodes=[5])
    first, second = drawn.figure.layout.images
    assert [(image.xref, image.yref, image.layer) for image in (first, second)] == [
        ("x", "y", "below"),
        ("x2", "y2", "below"),
    ]
    assert first.source != second.source
    for panel in (1, 2):
        traces = of_panel(drawn.figure, panel)
        assert set(traces) == {"pruned", "added", "kept", "selected", "nodes, coloured by class"}
        assert all(traces[kind].x == (None,) for kind in KINDS)
        np.testing.assert_allclose(traces["nodes, coloured by class"].x, position[:, 0])
    assert drawn.figure.layout.xaxis2.range == pytest.approx((-0.01, 2.01))
    assert drawn.sampling_note.startswith("The image shows the density of all edges")
    assert drawn.alt.endswith("2 edges were injected by the noise.")


def test_of_a_huge_graph_the_nodes_of_most_edges_are_drawn(injected, position, monkeypatch):
    monkeypatch.setattr(shading, "MAX_DRAWN_AS_LINES", {"nodes": 5, "edges": 5})
    monkeypatch.setattr(elements, "MAX_DRAWN_NODES", 5)
    monkeypatch.setattr(elements, "MAX_HUBS", 1)
    drawn = side_by_side_figure([("Torque", a_change([3]))], position, Y, injected, LIGHT)
    assert of_panel(drawn.figure, 1)["nodes, coloured by class"].customdata.tolist() == [2]
    assert drawn.sampling_note.endswith("Nodes drawn: the 1 of 6 with the highest degree.")


def test_dots_by_hand(injected, theme):
    reports = {
        "Torque": change_report(a_change([3, 4]), injected, Y),  # one of 2 pruned is one of 2 injected
        "FoSR": change_report(a_change([], [[0, 3]]), injected, Y),  # prunes nothing
    }
    figure = change_metrics_figure(reports, method_styles({"Torque": "rewiring", "FoSR": "peer"}, theme), theme)
    dots = {(trace.name, trace.xaxis or "x"): trace.x[0] for trace in figure.data}
    # homophily: 0 1, 0 2, 1 2 and 3 4 of 5 edges before; then 3 of 3, and 4 of 6
    assert dots == {
        ("Torque", "x"): 50.0, ("FoSR", "x"): None, ("Torque", "x2"): 50.0, ("FoSR", "x2"): 0.0,
        ("Torque", "x3"): pytest.approx(20), ("FoSR", "x3"): pytest.approx(100 * (4 / 6 - 4 / 5)),
    }  # fmt: skip
    assert figure.layout.yaxis.categoryarray == ("FoSR", "Torque")  # upwards: the first stands on top
    assert [line.x0 for line in figure.layout.shapes] == [0, 40]  # no change; 2 of 5 are injected
    assert figure.layout.xaxis3.title.text == "homophily change (points)"
    assert len({(t.marker.symbol, t.marker.color) for t in figure.data}) == 2


def test_a_change_of_next_to_nothing_looks_like_it_and_without_noise_there_is_no_chance():
    untouched = change_report(a_change(), torch.zeros(5, dtype=torch.bool), Y)
    figure = change_metrics_figure({"FoSR": untouched}, method_styles({"FoSR": "peer"}, LIGHT), LIGHT)
    low, high = figure.layout.xaxis3.range
    assert (low, high) == pytest.approx((-2.2, 2.2))
    assert len(figure.layout.shapes) == 1
