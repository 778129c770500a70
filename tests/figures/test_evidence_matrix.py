import numpy as np
import pandas as pd
import pytest

from torque_core.figures import DARK, LIGHT
from torque_core.figures.evidence_matrix import evidence_matrix_figure


@pytest.fixture
def matrix():
    return pd.DataFrame(
        {
            "row": ["A", "A", "B, 2 layers"],
            "column": pd.Categorical(["clean", "+50 %", "clean"], ["clean", "+50 %"], ordered=True),
            "difference": [0.0, 0.04, -0.5], "low": [np.nan, 0.01, -0.6], "high": [np.nan, 0.07, -0.4],
            "p": [np.nan, 0.01, 0.001], "verdict": ["undecided", "better", "worse"], "n": [1, 10, 10],
            "label": ["torque_screened"] * 3,
            "mlp": [np.nan, -0.1, 0.0], "control": [0.0, 0.02, np.nan], "control_label": ["x", "x", None],
        }
    )  # fmt: skip


def named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_cell_can_be_clicked_and_has_a_number_and_a_mark(matrix, theme):
    drawn = evidence_matrix_figure(matrix, theme)
    cells = drawn.figure.data[0]
    assert list(cells.customdata) == [0, 1, 2]
    assert [float(base) for base in cells.base] == pytest.approx([-0.47, 0.53, -0.47])
    assert list(cells.y) == [1, 1, 0]
    assert len(set(cells.marker.color)) == 3
    text = next(trace.text for trace in drawn.figure.data[1:] if trace.mode == "text")
    assert list(text) == ["0.0", "+4.0 ▲", "-50.0 ▼"]
    assert drawn.alt.endswith("A, clean: 0.0, undecided. A, +50 %: +4.0, better. B, 2 layers, clean: -50.0, worse.")


def test_positions_share_one_scale_and_stay_in_their_cell(matrix):
    drawn = evidence_matrix_figure(matrix, LIGHT)
    torque = named(drawn.figure, "torque, with its confidence interval")
    scale = float(drawn.sampling_note.split("+")[1].split()[0]) / 100
    assert list(torque.x) == pytest.approx([0, 1 + 0.42 * 0.04 / scale, -0.42 * min(1, 0.5 / scale)])
    mlp = np.array(named(drawn.figure, "MLP").x, dtype=float)
    assert np.isnan(mlp[0])
    assert (np.abs(np.array(torque.x) - [0, 1, 0]) <= 0.42).all()


def test_the_hover_text_has_interval_p_and_the_controls(matrix):
    text = evidence_matrix_figure(matrix, LIGHT).figure.data[0].text
    assert text[1] == (
        "<b>A, +50 %</b>: better<br>torque_screened +4.0 points<br>95 % CI +1.0 to +7.0, p = 0.01, n = 10"
        "<br>MLP -10.0<br>x +2.0"
    )
    assert text[0] == "<b>A, clean</b>: undecided<br>torque_screened 0.0 points<br>x 0.0"
