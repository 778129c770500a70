import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from tests.figures.conftest import Y, colours_of, make_layer
from torque_core.figures import backdrop, elements, shading
from torque_core.figures.backdrop import backdrop_figure
from torque_core.figures.graph import graph_figure
from torque_core.figures.overview import overview_figure
from torque_core.figures.palette import LIGHT, PRUNED, class_colour


def picture(drawing):
    """The pixels of the shading, (H, W, 4)."""
    (image,) = drawing.figure.layout.images
    head, content = image.source.split(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))).convert("RGBA")).astype(int)


def pixel_of(drawing, point):
    """Row and column of the shading where a point of the figure is."""
    (image,) = drawing.figure.layout.images
    pixels = picture(drawing)
    column = (point[0] - image.x) / image.sizex * pixels.shape[1]
    row = (image.y - point[1]) / image.sizey * pixels.shape[0]
    return int(row), int(column)


def colour_near(drawing, point, reach=4):
    """The most opaque colour around a point, as three numbers."""
    row, column = pixel_of(drawing, point)
    around = picture(drawing)[row - reach : row + reach + 1, column - reach : column + reach + 1].reshape(-1, 4)
    return around[around[:, 3].argmax()]


def rgb(colour):
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def trace_named(drawing, start):
    (trace,) = [trace for trace in drawing.figure.data if trace.name.startswith(start)]
    return trace


def test_pixels_along_an_edge_have_the_colour_of_its_kind(layer, injected, position, theme):
    drawing = backdrop_figure(layer, position, Y, injected, theme)
    # middles of 0 – 1, which was kept, of 3 – 4, pruned, and a point of 0 – 3, added
    for point, colour in (((0.5, 0.0), theme.kept), ((2.0, 1.5), PRUNED), ((1.5, 0.75), theme.added)):
        rendered = colour_near(drawing, point, reach=8)
        assert rendered[3] > 0
        assert np.abs(rendered[:3] - rgb(colour)).max() <= 12  # a palette of 256 colours rounds
    assert colour_near(drawing, (0.2, 1.8))[3] == 0  # no edge is there: the page shows through


def test_a_single_added_edge_is_visible_among_many_kept_edges(theme):
    generator = np.random.default_rng(0)
    kept = generator.integers(0, 200, (2, 5_000))
    position = generator.random((200, 2))
    position[:2] = [[0.1, 0.5], [0.9, 0.5]]
    layer = make_layer(kept.tolist(), [False] * 5_000, added=[[0], [1]])
    drawing = backdrop_figure(layer, position, torch.zeros(200, dtype=torch.long), torch.zeros(5_000).bool(), theme)
    # of ten places along it, the blue must be nearer than the grey in most
    blue = 0
    for x in np.linspace(0.15, 0.85, 10):
        row, column = pixel_of(drawing, (x, 0.5))
        around = picture(drawing)[row - 1 : row + 2, column, :3]
        blue += bool((np.abs(around - rgb(theme.added)).sum(1) < np.abs(around - rgb(theme.kept)).sum(1)).any())
    assert blue >= 8


def test_each_pixel_has_the_mean_colour_and_the_rank_of_its_density():
    generator = np.random.default_rng(1)
    densities = {name: generator.poisson(0.7, (20, 30)).astype(float) for name in ("kept", "pruned")}
    pixels = shading._pixels(densities, {"kept": "#102030", "pruned": "#D55E00"})
    fraction = {name: density / density.sum() for name, density in densities.items()}
    total = fraction["kept"] + fraction["pruned"]
    covered = np.sort(total[total > 0])
    for row in range(20):
        for column in range(30):
            value = total[row, column]
            if value:
                kept = fraction["kept"][row, column] / value
                pruned = fraction["pruned"][row, column] / value
                rank = (covered <= value).mean()
                expected = [
                    kept * one + pruned * other for one, other in zip(rgb("#102030"), rgb("#D55E00"), strict=True)
                ]
                assert np.abs(pixels[row, column] - [*expected, 255 * (0.15 + 0.85 * rank)]).max() <= 1  # cut off
            else:
                assert not pixels[row, column].any()


def test_the_image_covers_the_nodes(layer, injected, position, theme):
    drawing = backdrop_figure(layer, position, Y, injected, theme)
    (image,) = drawing.figure.layout.images
    assert (image.xref, image.yref, image.layer, image.sizing) == ("x", "y", "below", "stretch")
    assert (image.x, image.y) == pytest.approx((-0.01, 2.01))
    assert (image.sizex, image.sizey) == pytest.approx((2.02, 3.02))
    assert drawing.figure.layout.xaxis.range == pytest.approx((-0.01, 2.01))
    assert drawing.figure.layout.yaxis.range == pytest.approx((-1.01, 2.01))


def test_customdata_and_hover_text_of_points(layer, injected, position, theme, monkeypatch):
    monkeypatch.setattr(elements, "MAX_DRAWN_NODES", 5)
    monkeypatch.setattr(elements, "MAX_HUBS", 2)
    monkeypatch.setattr(backdrop, "MAX_HUBS", 2)
    monkeypatch.setattr(backdrop, "_MAX_TOP_EDGES", 1)
    drawing = backdrop_figure(layer, position, Y, injected, theme, names=list("ABCDEF"), selected_nodes=[5])
    # node 2 has three edges; 0, 1 and 3 have two, and ties are broken by index
    hubs = trace_named(drawing, "nodes of highest degree")
    assert hubs.customdata.tolist() == [2, 0]
    assert hubs.text.tolist() == ["C<br>class 0", "A<br>class 0"]
    # 3 – 4 has the torque 0.9, and was injected
    assert trace_named(drawing, "endpoints of those edges").customdata.tolist() == [3, 4]
    mark = trace_named(drawing, "◇ injected")
    assert mark.customdata == ([3, 4],)
    assert mark.text == ("3 – 4<br>torque 0.900<br>injected by the noise",)
    assert mark.marker.symbol == ("diamond-open",)
    assert trace_named(drawing, "pruned edges of highest torque (1)").line.dash == "dash"
    assert trace_named(drawing, "selected nodes (1)").x.tolist() == [0.0]
    assert [trace.customdata.tolist() for trace in drawing.figure.data if trace.name.startswith("selected, ")] == [[5]]
    assert [label.text for label in drawing.figure.layout.annotations] == ["F"]
    assert drawing.sampling_note == (
        "The image shows the density of all edges; a colour is stronger where its kind is more frequent than "
        "elsewhere. Drawn individually: 1 of 2 pruned edges, those of highest torque; and 5 of 6 nodes: the 2 of "
        "highest degree, the endpoints of those edges, and the selected nodes."
    )


def test_all_nodes_of_a_small_graph_are_drawn(layer, injected, position, theme, monkeypatch):
    monkeypatch.setattr(elements, "MAX_DRAWN_NODES", 6)
    monkeypatch.setattr(elements, "_WEBGL_FROM", 5)
    drawing = backdrop_figure(layer, position, Y, injected, theme, selected_nodes=[5])
    nodes = trace_named(drawing, "nodes, coloured by class (6)")
    assert nodes.type == "scattergl"
    assert nodes.customdata.tolist() == list(range(6))
    assert colours_of(nodes) == [class_colour(label) for label in Y.tolist()]
    assert not [trace for trace in drawing.figure.data if trace.name.startswith("selected, ")]
    assert {trace.type for trace in drawing.figure.data if trace.mode == "lines"} == {"scatter"}
    assert drawing.sampling_note.endswith("Drawn individually: 2 of 2 pruned edges, those of highest torque.")


def test_a_pruned_original_edge_is_marked_with_a_cross(layer, position, theme):
    drawing = backdrop_figure(layer, position, Y, torch.zeros(5, dtype=torch.bool), theme)
    assert trace_named(drawing, "◇ injected (0)").marker.symbol == ("x-thin-open", "x-thin-open")


def test_kinds_differ_by_more_than_colour_in_the_legend(layer, injected, position, theme):
    drawing = backdrop_figure(layer, position, Y, injected, theme, selected_edges=[(0, 4)])
    styles = {trace.name: (trace.line.color, trace.line.dash) for trace in drawing.figure.data[:3]}
    assert styles == {
        "kept (3)": (theme.kept, "solid"),
        "pruned (2)": (PRUNED, "dash"),
        "added (1)": (theme.added, "solid"),
    }
    assert trace_named(drawing, "selected edges (1)").x[:2].tolist() == [0.0, 2.0]


def test_alt_text(layer, injected, position, theme):
    assert backdrop_figure(layer, position, Y, injected, theme, number=2).alt == (
        "Graph of layer 2: 6 nodes and the density of all edges: 3 kept in grey, 2 pruned in vermilion, 1 added in "
        "blue; 2 of the edges were injected by the noise."
    )


def test_a_graph_without_edges(theme):
    layer = make_layer([[], []], [])
    position, y = np.arange(6.0).reshape(3, 2), torch.zeros(3, dtype=torch.long)
    drawing = backdrop_figure(layer, position, y, torch.zeros(0, dtype=torch.bool), theme)
    assert not picture(drawing)[..., 3].any()
    assert trace_named(drawing, "nodes, coloured by class (3)").customdata.tolist() == [0, 1, 2]


def test_the_figure_stays_small():
    generator = np.random.default_rng(0)
    pairs = generator.integers(0, 5_000, (2, 100_000))
    layer = make_layer(pairs.tolist(), (generator.random(100_000) < 0.3).tolist())
    y, injected = torch.zeros(5_000, dtype=torch.long), torch.zeros(100_000, dtype=torch.bool)
    drawing = backdrop_figure(layer, generator.random((5_000, 2)), y, injected, LIGHT)
    assert len(drawing.figure.to_json()) < 3_000_000


@pytest.mark.parametrize(
    ("limit", "few"),
    [({"nodes": 6, "edges": 5}, True), ({"nodes": 5, "edges": 5}, False), ({"nodes": 6, "edges": 4}, False)],
)
def test_the_size_of_a_graph_determines_how_it_is_drawn(layer, injected, position, theme, monkeypatch, limit, few):
    monkeypatch.setattr(shading, "MAX_DRAWN_AS_LINES", limit)
    options = {"number": 2, "names": list("ABCDEF"), "selected_nodes": [1], "selected_edges": [(0, 1)]}
    drawing = overview_figure(layer, position, Y, injected, theme, **options)
    expected = (graph_figure if few else backdrop_figure)(layer, position, Y, injected, theme, **options)
    assert drawing.figure.to_json() == expected.figure.to_json()
    assert (drawing.alt, drawing.sampling_note) == (expected.alt, expected.sampling_note)
