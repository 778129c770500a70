import pytest

from torque_core.figures import score_curves
from torque_core.train import Epoch

PLAIN = [Epoch(1, 2.0, 0.25, 0.5), Epoch(2, 1.0, 0.5, 0.75)]
REWIRED = [Epoch(1, 1.5, 0.75, None)]


def draw(theme, quantity, runs=None, refreshes=()):
    runs = {"GCN": PLAIN, "TorqueGNN": REWIRED} if runs is None else runs
    return score_curves(runs, refreshes, theme, quantity=quantity, title="accuracy (%)", epochs=20)


def test_scores_in_per_cent(theme):
    figure = draw(theme, "score")
    assert [(line.name, list(line.x), list(line.y)) for line in figure.data] == [
        ("GCN, validation", [1, 2], [50, 75]),
        ("GCN, training", [1, 2], [25, 50]),
        ("TorqueGNN, validation", [1], [None]),
        ("TorqueGNN, training", [1], [75]),
    ]


def test_losses(theme):
    figure = draw(theme, "loss")
    assert [(line.name, list(line.y)) for line in figure.data] == [
        ("GCN, training loss", [2, 1]),
        ("TorqueGNN, training loss", [1.5]),
    ]


@pytest.mark.parametrize("quantity", ["score", "loss"])
def test_models_differ_by_more_than_colour(theme, quantity):
    styles = {(line.name.split(",")[0], line.line.color, line.line.dash) for line in draw(theme, quantity).data}
    assert styles == {("GCN", theme.text, "dot"), ("TorqueGNN", theme.added, "solid")}


def test_validation_is_drawn_bolder_than_training(theme):
    validation, training = draw(theme, "score").data[:2]
    assert validation.line.width > training.line.width
    assert validation.opacity > training.opacity


def test_rewirings_are_marked_and_the_axis_stays(theme):
    figure = draw(theme, "score", refreshes=[5, 11])
    assert [(line.x0, line.x1) for line in figure.layout.shapes] == [(5, 5), (11, 11)]
    assert [(note.x, note.text) for note in figure.layout.annotations] == [(5, "rewired"), (11, "rewired")]
    assert figure.layout.xaxis.range == (0, 21)
    assert figure.layout.yaxis.title.text == "accuracy (%)"


def test_before_the_first_epoch(theme):
    assert len(draw(theme, "score", runs={}).data) == 0
    assert [len(line.x) for line in draw(theme, "score", runs={"GCN": []}).data] == [0, 0]
