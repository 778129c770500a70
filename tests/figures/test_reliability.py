import pytest
import torch

from torque_core.diagnostics import calibration
from torque_core.figures import reliability_figure
from torque_core.figures.styles import Style

STYLES = {"GCN": Style("#111111", "dot", "square-open", 2.0), "Torque": Style("#0072B2", "solid", "circle", 3.0)}
# two nodes 60 % sure, one of them right; two 90 % sure, both right
RESULT = calibration(
    torch.tensor([[0.6, 0.4], [0.4, 0.6], [0.9, 0.1], [0.1, 0.9]]), torch.tensor([0, 0, 0, 1]), bins=5
)  # fmt: skip


def test_each_bin_with_predictions_is_a_point(theme):
    diagonal, line = reliability_figure({"GCN": RESULT}, STYLES, theme).figure.data
    assert (list(diagonal.x), list(diagonal.y)) == ([0, 100], [0, 100])
    assert list(line.x) == pytest.approx([60, 90])
    assert list(line.y) == [50, 100]
    assert list(line.customdata) == [2, 2]
    assert (line.line.dash, line.marker.symbol) == ("dot", "square-open")


def test_larger_bins_are_larger_points(theme):
    many = calibration(torch.tensor([[0.9, 0.1]] * 9 + [[0.6, 0.4]]), torch.zeros(10, dtype=torch.long), bins=5)
    sizes = reliability_figure({"GCN": many}, STYLES, theme).figure.data[1].marker.size
    assert sizes[1] > sizes[0]


def test_the_error_is_in_legend_and_alt_text(theme):
    drawing = reliability_figure({"GCN": RESULT, "Torque": RESULT}, STYLES, theme)
    assert [line.name for line in drawing.figure.data[1:]] == ["GCN: ECE 10.0 %", "Torque: ECE 10.0 %"]
    assert drawing.alt == "Accuracy by confidence. Expected calibration error: GCN 10.0 %; Torque 10.0 %."
