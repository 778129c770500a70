import pytest
import torch

from tests.figures.conftest import Y, make_change
from torque_core.diagnostics.change_report import change_report
from torque_core.figures import LIGHT
from torque_core.figures.change_metrics import change_metrics_figure
from torque_core.figures.styles import method_styles


def test_metrics_by_hand(injected, theme):
    reports = {
        "Torque": change_report(make_change([3, 4]), injected, Y),  # one of 2 pruned is one of 2 injected
        "FoSR": change_report(make_change([], [[0, 3]]), injected, Y),  # prunes nothing
    }
    figure = change_metrics_figure(reports, method_styles({"Torque": "rewiring", "FoSR": "peer"}, theme), theme)
    dots = {(trace.name, trace.xaxis or "x"): trace.x[0] for trace in figure.data}
    # homophily: 0 1, 0 2, 1 2 and 3 4 of 5 edges before; then 3 of 3, and 4 of 6
    assert dots == {
        ("Torque", "x"): 50.0, ("FoSR", "x"): None, ("Torque", "x2"): 50.0, ("FoSR", "x2"): 0.0,
        ("Torque", "x3"): pytest.approx(20), ("FoSR", "x3"): pytest.approx(100 * (4 / 6 - 4 / 5)),
    }  # fmt: skip
    assert figure.layout.yaxis.categoryarray == ("FoSR", "Torque")  # from bottom to top
    assert [line.x0 for line in figure.layout.shapes] == [0, 40]  # no change; 2 of 5 are injected
    assert figure.layout.xaxis3.title.text == "homophily change (points)"
    assert len({(t.marker.symbol, t.marker.color) for t in figure.data}) == 2


def test_a_tiny_change_looks_tiny_and_without_noise_there_is_no_reference_precision():
    untouched = change_report(make_change(), torch.zeros(5, dtype=torch.bool), Y)
    figure = change_metrics_figure({"FoSR": untouched}, method_styles({"FoSR": "peer"}, LIGHT), LIGHT)
    low, high = figure.layout.xaxis.range
    assert (low, high) == pytest.approx((-2.2, 2.2))
    assert len(figure.layout.shapes) == 1
