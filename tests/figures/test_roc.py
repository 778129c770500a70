import pytest
import torch

from torque_core.diagnostics.detection import roc_curve
from torque_core.figures.palette import PRUNED
from torque_core.figures.roc import roc_figure

POSITIVE = torch.tensor([True, True, False, False])


@pytest.fixture
def curves():
    return {
        "torque": roc_curve(torch.tensor([0.9, 0.5, 0.5, 0.1]), POSITIVE, threshold=0.5),
        "force": roc_curve(torch.tensor([0.1, 0.3, 0.2, 0.4]), POSITIVE),
    }


def test_each_detector_is_a_line_named_with_its_area(curves, theme):
    random_guessing, torque, force, _ = roc_figure(curves, theme).figure.data
    assert (random_guessing.x, random_guessing.y, random_guessing.line.dash) == ((0, 100), (0, 100), "dot")
    assert (torque.x.tolist(), torque.y.tolist()) == ([0, 0, 50, 100], [0, 50, 100, 100])
    assert force.x.tolist() == [0, 50, 50, 100, 100]
    assert [line.name for line in (random_guessing, torque, force)] == [
        "random guessing: AUROC 0.500",
        "torque: AUROC 0.875",
        "force: AUROC 0.250",
    ]
    assert (torque.line.color, torque.line.dash) == (theme.added, "solid")
    assert torque.line.width > force.line.width


def test_the_cut_is_a_star_on_its_curve(curves, theme):
    star = roc_figure(curves, theme).figure.data[-1]
    assert (star.x, star.y, star.name) == ((50,), (100,), "cut on torque")
    assert (star.marker.symbol, star.marker.color) == ("star", PRUNED)


def test_no_two_lines_look_alike(curves, theme):
    many = dict.fromkeys("abcdef", curves["force"])
    looks = [(line.line.color, line.line.dash) for line in roc_figure(many, theme).figure.data]
    assert len(set(looks)) == 7
    assert len({dash for _, dash in looks[1:]}) == 6


def test_alt_text(curves, theme):
    assert roc_figure(curves, theme).alt == (
        "ROC curves of 2 detectors of injected edges, by area under the curve: torque 0.875; force 0.250; "
        "the cut on torque prunes 100.0 % of the injected edges and 50.0 % of the original edges."
    )


def test_without_injected_edges_only_the_diagonal_is_drawn(theme):
    drawing = roc_figure({}, theme)
    assert len(drawing.figure.data) == 1
    assert drawing.alt == "No ROC curve: both injected and original edges are required."
