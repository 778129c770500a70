import math

import pytest

from torque_core.figures.mean_training_curves import mean_training_curves

RUNS = [
    {"validation": (0.5, 0.6, 0.8), "train": (0.6, 0.8, 1.0), "loss": (2.0, 1.0, 0.5)},
    {"validation": (0.7, 0.8), "train": (0.8, 0.8), "loss": (1.0, 1.0)},
    {"validation": (math.nan, math.nan), "train": (0.7,), "loss": (3.0,)},
]


def _by_label(figure):
    return {trace.name: trace for trace in figure.data if trace.name}


def test_mean_curves_end_where_half_of_the_runs_have_ended(styles):
    figure = mean_training_curves({"torque": RUNS}, styles)
    validation, training = (trace for trace in figure.data if trace.name)
    assert list(validation.y) == pytest.approx([60, 70, 80])  # one of two runs has three epochs
    assert list(training.y) == pytest.approx([70, 80])  # and one of three
    assert list(validation.x) == [1, 2, 3]
    assert list(validation.customdata) == pytest.approx(
        [math.sqrt(200), math.sqrt(200), 0]
    )  # of 50 and 70, of 60 and 80, of one run
    (band,) = (trace for trace in figure.data if trace.fill == "toself")
    assert list(band.y) == pytest.approx(
        [60 + math.sqrt(200), 70 + math.sqrt(200), 80, 80, 70 - math.sqrt(200), 60 - math.sqrt(200)]
    )
    assert validation.line.width > training.line.width
    assert (validation.showlegend, training.showlegend) == (True, False)


def test_losses_are_not_scaled(styles):
    figure = mean_training_curves({"torque": RUNS, "plain": RUNS[:1]}, styles, quantity="loss", title="loss (nats)")
    assert list(_by_label(figure)["torque"].y) == pytest.approx([2, 1])
    assert list(_by_label(figure)["plain"].y) == pytest.approx([2, 1, 0.5])
    assert figure.layout.yaxis.title.text == "loss (nats)"


def test_without_curves_there_is_an_empty_figure(styles):
    assert len(mean_training_curves({"torque": [{}, {"loss": (1.0,)}]}, styles).data) == 0
