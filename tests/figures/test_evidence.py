import math

import pandas as pd
import pytest

from tests.figures.test_palette import contrast
from torque_core.figures.evidence import accuracy_bars, accuracy_over_noise, detection_over_noise, training_curves
from torque_core.figures.styles import method_styles

GROUPS = {"plain": "backbone", "mlp": "backbone", "torque": "rewiring", "gdc": "peer", "random": "control"}


@pytest.fixture
def styles(theme):
    return method_styles(GROUPS, theme)


def summary(rows):
    return pd.DataFrame(rows, columns=["label", "rate", "n", "mean", "low", "high"])


OVER_NOISE = summary(
    [
        ("torque", 0.5, 5, 0.75, 0.7, 0.8),
        ("torque", 0.0, 5, 0.8, 0.78, 0.82),
        ("plain", 0.0, 5, 0.8, 0.75, 0.85),
        ("plain", 0.5, 1, 0.6, math.nan, math.nan),
    ]
)


def lines(figure):
    return {trace.name: trace for trace in figure.data if trace.name}


def bands(figure):
    return {trace.legendgroup: trace for trace in figure.data if trace.fill == "toself"}


def test_methods_of_one_group_share_a_colour_and_no_two_methods_look_alike(theme):
    groups = (
        GROUPS
        | {"unheard of": "other"}
        | {f"peer {i}": "peer" for i in range(7)}
        | {f"control {i}": "control" for i in range(3)}
    )
    drawn = method_styles(groups, theme)
    assert len({(style.colour, style.dash) for style in drawn.values()}) == len(groups)
    assert len({(style.dash, style.symbol, style.colour) for style in drawn.values()}) == len(groups)
    for group, colour in (("backbone", theme.text), ("rewiring", theme.added), ("control", theme.kept)):
        assert {style.colour for name, style in drawn.items() if groups[name] == group} == {colour}
    assert drawn["random"].dash != "solid"
    assert drawn["torque"].width > drawn["plain"].width


def test_what_has_no_group_of_its_own_is_a_peer(theme):
    assert method_styles({"new": "other"}, theme)["new"] == method_styles({"new": "peer"}, theme)["new"]


def test_lines_of_backbones_torque_and_controls_stand_out_from_the_page(theme, styles):
    for name in ("plain", "torque", "random"):
        assert contrast(styles[name].colour, theme.background) >= 3


def test_accuracy_over_noise_in_per_cent_and_in_order(theme, styles):
    figure = accuracy_over_noise(OVER_NOISE, styles, theme, title="test ROC AUC (%)", noise_kind="insert")
    drawn = lines(figure)
    assert list(drawn) == ["plain", "torque"]  # as in the styles; what has no rows is not there
    assert list(drawn["torque"].x) == [0, 50]
    assert list(drawn["torque"].y) == pytest.approx([80, 75])
    assert drawn["torque"].line.dash == "solid"
    assert drawn["plain"].line.dash == "dot"
    assert figure.layout.yaxis.title.text == "test ROC AUC (%)"
    assert figure.layout.xaxis.title.text == "edges inserted (% of the edges)"


def test_bands_are_the_intervals_and_one_point_makes_none(theme, styles):
    band = bands(accuracy_over_noise(OVER_NOISE, styles, theme))
    assert list(band) == ["torque"]  # of plain, one level has an interval
    assert list(band["torque"].x) == [0, 50, 50, 0]
    assert list(band["torque"].y) == pytest.approx([82, 80, 70, 78])
    assert band["torque"].fillcolor.endswith(",0.13)")


def test_hover_says_interval_and_n(theme, styles):
    figure = accuracy_over_noise(OVER_NOISE, styles, theme)
    assert lines(figure)["torque"].text[1] == "<b>torque</b> at 50 % 75.0<br>95 % interval 70.0 to 80.0, n = 5"
    assert lines(figure)["plain"].text[1] == "<b>plain</b> at 50 % 60.0<br>n = 1"
    assert figure.layout.xaxis.title.text == "noise level (%)"


def test_detection_is_an_area_and_chance_is_marked(theme):
    scores = method_styles({"torque": "other", "cosine": "other"}, theme)
    figure = detection_over_noise(OVER_NOISE, scores, theme, noise_kind="dice")
    assert list(lines(figure)["torque"].y) == pytest.approx([0.8, 0.75])
    assert [line.y0 for line in figure.layout.shapes] == [0.5]
    assert [note.text for note in figure.layout.annotations] == ["chance"]
    assert "AUROC" in figure.layout.yaxis.title.text


def test_dots_are_sorted_with_whiskers_and_the_baseline(theme, styles):
    cell = summary(
        [("plain", 0, 5, 0.6, 0.55, 0.65), ("torque", 0, 5, 0.7, 0.68, 0.72), ("mlp", 0, 1, 0.5, math.nan, math.nan),
         ("unwanted", 0, 5, 0.9, 0.8, 1.0)]
    )  # fmt: skip
    figure = accuracy_bars(cell, styles, theme, baseline="plain", title="test accuracy (%)")
    assert list(figure.layout.yaxis.categoryarray) == ["mlp", "plain", "torque"]  # from below
    assert [trace.x[0] for trace in figure.data] == pytest.approx([50, 60, 70])
    assert [trace.error_x.array[0] for trace in figure.data] == pytest.approx([0, 5, 2])
    assert [trace.error_x.arrayminus[0] for trace in figure.data] == pytest.approx([0, 5, 2])
    assert [line.x0 for line in figure.layout.shapes] == pytest.approx([60])
    assert not accuracy_bars(cell, styles, theme).layout.shapes


RUNS = [
    {"validation": (0.5, 0.6, 0.8), "train": (0.6, 0.8, 1.0), "loss": (2.0, 1.0, 0.5)},
    {"validation": (0.7, 0.8), "train": (0.8, 0.8), "loss": (1.0, 1.0)},
    {"validation": (math.nan, math.nan), "train": (0.7,), "loss": (3.0,)},
]


def test_curves_are_means_as_far_as_half_of_the_runs_go(styles):
    figure = training_curves({"torque": RUNS}, styles)
    validation, training = (trace for trace in figure.data if trace.name)
    assert list(validation.y) == pytest.approx([60, 70, 80])  # one of two runs has three epochs
    assert list(training.y) == pytest.approx([70, 80])  # and one of three
    assert list(validation.x) == [1, 2, 3]
    assert list(validation.customdata) == pytest.approx([10, 10, 0])
    assert list(bands(figure)["torque"].y) == pytest.approx([70, 80, 80, 80, 60, 50])
    assert validation.line.width > training.line.width
    assert (validation.showlegend, training.showlegend) == (True, False)


def test_losses_are_not_in_per_cent(styles):
    figure = training_curves({"torque": RUNS, "plain": RUNS[:1]}, styles, quantity="loss", title="loss (nats)")
    assert list(lines(figure)["torque"].y) == pytest.approx([2, 1])
    assert list(lines(figure)["plain"].y) == pytest.approx([2, 1, 0.5])
    assert figure.layout.yaxis.title.text == "loss (nats)"


def test_without_curves_there_is_an_empty_figure(styles):
    assert len(training_curves({"torque": [{}, {"loss": (1.0,)}]}, styles).data) == 0
