import math

import pandas as pd
import pytest

from torque_core.figures.accuracy_dot_plot import accuracy_dot_plot


def test_dots_are_sorted_with_whiskers_and_the_baseline(theme, styles):
    cell = pd.DataFrame(
        [("plain", 0, 5, 0.6, 0.55, 0.65), ("torque", 0, 5, 0.7, 0.68, 0.72), ("mlp", 0, 1, 0.5, math.nan, math.nan),
         ("unwanted", 0, 5, 0.9, 0.8, 1.0)],
        columns=["label", "rate", "n", "mean", "low", "high"],
    )  # fmt: skip
    figure = accuracy_dot_plot(cell, styles, theme, baseline="plain", title="test accuracy (%)")
    assert list(figure.layout.yaxis.categoryarray) == ["mlp", "plain", "torque"]  # from below
    assert [trace.x[0] for trace in figure.data] == pytest.approx([50, 60, 70])
    assert [trace.error_x.array[0] for trace in figure.data] == pytest.approx([0, 5, 2])
    assert [trace.error_x.arrayminus[0] for trace in figure.data] == pytest.approx([0, 5, 2])
    assert [line.x0 for line in figure.layout.shapes] == pytest.approx([60])
    assert not accuracy_dot_plot(cell, styles, theme).layout.shapes
