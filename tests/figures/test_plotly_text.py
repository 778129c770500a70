"""Names in figures are text, whatever markup they look like."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from torque_core.diagnostics import calibration
from torque_core.figures import LIGHT
from torque_core.figures.confusion import confusion_figure
from torque_core.figures.graph import graph_figure
from torque_core.figures.influence import influence_figure
from torque_core.figures.network import network_data
from torque_core.figures.network_edges import layer_edges
from torque_core.figures.plane import torque_plane
from torque_core.figures.plotly_text import plotly_text
from torque_core.figures.reliability import reliability_figure
from torque_core.figures.report import NumbersSection, report_html
from torque_core.figures.side_by_side import side_by_side_figure
from torque_core.figures.styles import Style
from torque_core.figures.training_curve import TrainingCurve
from torque_core.figures.training_curves import training_curves_figure
from torque_core.training import Epoch


def strings(value: object) -> Iterator[str]:
    """All texts of a figure."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings(list(value.values()))
    elif isinstance(value, list | tuple | np.ndarray):
        for part in value:
            yield from strings(part)


def test_a_variable_of_hover_templates_is_text():
    assert plotly_text("%{x} of 5 %") == "&#37;{x} of 5 %"


@pytest.mark.parametrize("name", ["<a href='//x'>y</a>", "<br>b", "\u202ea"])
def test_figures_show_names_as_text(name, layer, injected, position):
    y, names, classes = torch.tensor([0, 0, 0, 1, 1, -1]), [name] * 6, [name, "b"]
    run = calibration(torch.tensor([[0.9, 0.1]]), torch.tensor([0]), bins=2)
    style, counts = Style("#000000", "solid", "circle", 2.0), torch.tensor([[3, 1], [0, 4]])
    curve = TrainingCurve(name, style, [Epoch(1, 2.0, 0.5, 0.25)], [1])
    shown = {"names": names, "classes": classes, "selected_nodes": [0]}
    for drawn in (
        confusion_figure(counts, LIGHT, names=classes),
        influence_figure(counts[0] / 4, counts[1] / 4, LIGHT, groups="classes", own_group=0, names=classes),
        reliability_figure({name: run}, {name: style}, LIGHT),
        training_curves_figure([curve], LIGHT, metric="accuracy", epochs=9),
        graph_figure(layer, position, y, injected, LIGHT, **shown),
        side_by_side_figure([(name, layer)], position, y, injected, LIGHT, **shown),
        torque_plane(layer, injected, 0.5, LIGHT, y=y, names=names, classes=classes),
    ):
        drawn.figure.for_each_trace(lambda trace: trace.update(legendgroup=None))  # is not shown
        texts = "\n".join(strings(drawn.figure.to_dict()))
        assert name not in texts
        assert plotly_text(name) in texts


def test_networks_and_reports_show_what_reorders_a_name(layer, injected, position):
    y, names = torch.tensor([0, 0, 0, 1, 1, -1]), ["\u202ea"] * 6
    network = network_data(range(6), layer_edges(layer, injected), position, y, LIGHT, names=names, classes=names)
    assert network["nodes"]["name"] == [r"\u202ea"] * 6
    assert network["style"]["classes"]["0"]["name"] == r"\u202ea"
    page = report_html("\u202ea", {"\u202ea": "\u202ea"}, [("\u202ea", NumbersSection({"\u202ea": "\u202ea"}))])
    assert "\u202e" not in page
    assert page.count(r"\u202ea") == 7
