import pytest
from hypothesis import given
from hypothesis import strategies as st

from torque_core.figures import TrainingCurve, training_curves_figure
from torque_core.figures.styles import Style
from torque_core.figures.training_curves import smoothed
from torque_core.training import Epoch

DOTTED, SOLID = Style("#111111", "dot", "square-open", 2.0), Style("#0072B2", "solid", "circle", 3.0)
PLAIN = TrainingCurve(
    "GCN", DOTTED, [Epoch(1, 2.0, 0.25, 0.5, 0.375, 3.0, 4.0), Epoch(2, 1.0, 0.5, 0.75, 0.625, 2.5, 3.5)]
)
REWIRED = TrainingCurve("Torque", SOLID, [Epoch(1, 1.5, 0.75, None)], refreshes=[1, 2], key=("a", "torque"))


def draw(theme, quantity, curves=(PLAIN, REWIRED), **more):
    return training_curves_figure(curves, theme, quantity=quantity, title="accuracy (%)", epochs=20, **more)


def test_scores_in_per_cent(theme):
    lines = [line for line in draw(theme, "score").figure.data if line.mode == "lines"]
    assert [(line.name, list(line.x), list(line.y), line.line.width) for line in lines] == [
        ("GCN", [1, 2], [50, 75], 2.0),
        ("GCN", [1, 2], [25, 50], 1),
        ("Torque", [1], [None], 3.0),
        ("Torque", [1], [75], 1),
    ]


def test_losses(theme):
    lines = [line for line in draw(theme, "loss", test=True).figure.data if line.y]
    assert [(line.name, list(line.y), line.line.width) for line in lines] == [
        ("GCN", [3.0, 2.5], 2.0),
        ("GCN", [2.0, 1.0], 1),
        ("GCN", [4.0, 3.5], 1.5),
        ("Torque", [None], 3.0),
        ("Torque", [1.5], 1),
        ("Torque", [None], 1.5),
    ]


@pytest.mark.parametrize("test", [False, True])
def test_test_scores_are_drawn_only_on_request(theme, test):
    marked = [line for line in draw(theme, "score", [PLAIN], test=test).figure.data if line.mode == "lines+markers"]
    assert [(list(line.y), line.marker.symbol) for line in marked] == [([37.5, 62.5], "square-open")] * test


@pytest.mark.parametrize("quantity", ["score", "loss"])
def test_models_differ_by_more_than_colour_with_one_legend_entry_each(theme, quantity):
    lines = draw(theme, quantity).figure.data
    assert {(line.name, line.line.dash) for line in lines if line.mode == "lines"} == {
        ("GCN", "dot"),
        ("Torque", "solid"),
    }
    assert [line.name for line in lines if line.showlegend] == ["GCN", "Torque"]


def test_rewirings_are_marked_at_recorded_epochs(theme):
    (marks,) = [line for line in draw(theme, "score").figure.data if line.mode == "markers"]
    # above the training curve, as there are no validation nodes, by a twentieth of what is drawn: 25 to 75 %
    assert (list(marks.x), list(marks.y)) == ([1], [77.5])
    assert [list(data) for data in marks.customdata] == [["a", "torque", 1]]
    assert "click" in marks.hovertemplate
    assert not any(line.mode == "markers" for line in draw(theme, "loss").figure.data)


def test_the_axis_is_fixed(theme):
    figure = draw(theme, "score").figure
    assert figure.layout.xaxis.range == pytest.approx((-0.4, 20.4))
    assert figure.layout.yaxis.title.text == "accuracy (%)"


def test_alt_text(theme):
    assert draw(theme, "score").alt == (
        "accuracy (%) by epoch: GCN 75 (validation, epoch 2); Torque 75 (training, epoch 1)."
    )
    assert (
        draw(theme, "loss").alt
        == "accuracy (%) by epoch: GCN 2.5 (validation, epoch 2); Torque 1.5 (training, epoch 1)."
    )
    assert draw(theme, "loss", []).alt == "accuracy (%) by epoch: no epochs yet."


def test_before_the_first_epoch(theme):
    assert len(draw(theme, "score", []).figure.data) == 0
    assert [len(line.x) for line in draw(theme, "score", [TrainingCurve("GCN", DOTTED, [])]).figure.data] == [0, 0]


def test_axes_stay_within_what_scores_can_be_and_one_line_crosses_all_curves(theme):
    for quantity in ("score", "loss"):
        figure = draw(theme, quantity=quantity).figure
        assert figure.layout.yaxis.minallowed == 0
        assert (figure.layout.yaxis.maxallowed is None) == (quantity == "loss")
        assert figure.layout.hovermode == ("x" if quantity == "loss" else "closest")  # else no marker could be clicked
        assert figure.layout.xaxis.showspikes
        assert (figure.layout.legend.y, figure.layout.legend.yanchor) == (1.02, "bottom")  # no title is there


@given(st.lists(st.none() | st.floats(0, 1), max_size=12), st.floats(0, 0.99))
def test_smoothing_is_the_weighted_mean_of_the_epochs_so_far(values, weight):
    result = smoothed(values, weight)
    for last, value in enumerate(result):
        if values[last] is None:
            assert value is None
            continue
        known = [entry for entry in values[: last + 1] if entry is not None]
        weights = [weight ** (len(known) - 1 - place) for place in range(len(known))]
        assert value == pytest.approx(sum(w * v for w, v in zip(weights, known, strict=True)) / sum(weights))


def test_without_smoothing_nothing_changes():
    assert smoothed([0.5, None, 0.25], 0.0) == [0.5, None, 0.25]
