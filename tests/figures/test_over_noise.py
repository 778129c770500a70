"""Mean scores over the noise level."""

import math

import pandas as pd
import pytest

from torque_core.figures.over_noise import accuracy_over_noise, detection_over_noise
from torque_core.figures.styles import method_styles


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


def test_accuracy_over_noise_in_percent_in_the_order_of_the_styles(theme, styles):
    figure = accuracy_over_noise(OVER_NOISE, styles, theme, title="test ROC AUC (%)", noise_kind="insert")
    line_by_label = lines(figure)
    assert list(line_by_label) == ["plain", "torque"]  # as in the styles; labels without rows are left out
    assert list(line_by_label["torque"].x) == [0, 50]
    assert list(line_by_label["torque"].y) == pytest.approx([80, 75])
    assert line_by_label["torque"].line.dash == "solid"
    assert line_by_label["plain"].line.dash == "dot"
    assert figure.layout.yaxis.title.text == "test ROC AUC (%)"
    assert figure.layout.xaxis.title.text == "inserted edges (% of the original edges)"


def test_bands_show_the_intervals_and_need_two_points(theme, styles):
    band = bands(accuracy_over_noise(OVER_NOISE, styles, theme))
    assert list(band) == ["torque"]  # of plain, one level has an interval
    assert list(band["torque"].x) == [0, 50, 50, 0]
    assert list(band["torque"].y) == pytest.approx([82, 80, 70, 78])
    assert band["torque"].fillcolor.endswith(", 0.13)")


def test_hover_text_contains_interval_and_n(theme, styles):
    figure = accuracy_over_noise(OVER_NOISE, styles, theme)
    assert lines(figure)["torque"].text[1] == "<b>torque</b> at 50 % 75.0<br>95 % CI 70.0 to 80.0, n = 5"
    assert lines(figure)["plain"].text[1] == "<b>plain</b> at 50 % 60.0<br>n = 1"
    assert figure.layout.xaxis.title.text == "noise level (%)"


def test_detection_marks_random_guessing(theme):
    scores = method_styles({"torque": "other", "cosine": "other"}, theme)
    figure = detection_over_noise(OVER_NOISE, scores, theme, noise_kind="dice")
    assert list(lines(figure)["torque"].y) == pytest.approx([0.8, 0.75])
    assert [line.y0 for line in figure.layout.shapes] == [0.5]
    assert [note.text for note in figure.layout.annotations] == ["random guessing"]
    assert "AUROC" in figure.layout.yaxis.title.text
