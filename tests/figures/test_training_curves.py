import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from torque_core.figures import TrainingCurve, training_curves_figure
from torque_core.figures.epoch_statistics import mean_epochs
from torque_core.figures.styles import Style
from torque_core.figures.training_curve import smoothed
from torque_core.training import Epoch

DOTTED, SOLID = Style("#111111", "dot", "square-open", 2.0), Style("#0072B2", "solid", "circle", 3.0)
PLAIN = TrainingCurve(
    "GCN", DOTTED, [Epoch(1, 2.0, 0.25, 0.5, 0.375, 3.0, 4.0), Epoch(2, 1.0, 0.5, 0.75, 0.625, 2.5, 3.5)]
)
REWIRED = TrainingCurve("Torque", SOLID, [Epoch(1, 1.5, 0.75, None)], refreshes=[1, 2], key=("a", "torque"))


def draw(theme, curves=(PLAIN, REWIRED), **more):
    return training_curves_figure(curves, theme, metric="accuracy", epochs=20, **more)


def lines_of(theme, axis, *args, **more):
    """The lines of the scores (y) or of the losses (y2)."""
    return [line for line in draw(theme, *args, **more).figure.data if line.yaxis == axis and line.mode != "markers"]


def test_scores_in_per_cent(theme):
    lines = lines_of(theme, "y")
    assert [(line.name, list(line.x), list(line.y), line.line.width) for line in lines] == [
        ("GCN", [1, 2], [50, 75], 2.0),
        ("GCN", [1, 2], [25, 50], 1),
        ("Torque", [1], [None], 3.0),
        ("Torque", [1], [75], 1),
    ]


def test_losses(theme):
    lines = lines_of(theme, "y2", test=True)
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
    marked = [line for line in draw(theme, [PLAIN], test=test).figure.data if line.mode == "lines+markers"]
    assert [(list(line.y), line.marker.symbol) for line in marked] == [
        ([37.5, 62.5], "square-open"), ([4.0, 3.5], "square-open"),
    ][: 2 * test]  # fmt: skip


def test_models_differ_by_more_than_colour_with_one_legend_entry_each(theme):
    for axis in ("y", "y2"):
        assert {(line.name, line.line.dash) for line in lines_of(theme, axis)} == {("GCN", "dot"), ("Torque", "solid")}
    assert [line.name for line in draw(theme).figure.data if line.showlegend] == ["GCN", "Torque"]
    groups = {(line.name.split(":")[0], line.legendgroup) for line in draw(theme).figure.data}
    assert len(groups) == 2  # a click in the legend hides a model in both charts


def test_thin_lines_are_faint_without_a_layer_of_their_own(theme):
    lines = lines_of(theme, "y") + lines_of(theme, "y2")
    assert {line.opacity for line in lines} == {None}
    assert {line.line.width == 1 for line in lines if line.line.color.endswith(", 0.7)")} == {True}
    assert sum(line.line.color.endswith(", 0.7)") for line in lines) == 4


def test_rewirings_are_marked_at_recorded_epochs(theme):
    (marks,) = [line for line in draw(theme).figure.data if line.mode == "markers"]
    # above the training curve, as there are no validation nodes, by a twentieth of what is drawn: 25 to 75 %
    assert (list(marks.x), list(marks.y)) == ([1], [77.5])
    assert [list(data) for data in marks.customdata] == [["a", "torque", 1]]
    assert "click" in marks.hovertemplate
    assert marks.yaxis is None  # with the scores


def test_the_axis_is_fixed(theme):
    figure = draw(theme).figure
    assert figure.layout.xaxis.range == pytest.approx((-0.4, 20.4))
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis2.title.text) == (
        "accuracy (%)", "cross-entropy loss (nats)",
    )  # fmt: skip


def test_alt_text(theme):
    assert draw(theme).alt == (
        "accuracy (%) by epoch: GCN 75 (validation, epoch 2); Torque 75 (training, epoch 1). "
        "Loss: GCN 2.5 (validation, epoch 2); Torque 1.5 (training, epoch 1)."
    )
    assert draw(theme, []).alt == "accuracy (%) by epoch: no epochs yet."


def test_before_the_first_epoch(theme):
    assert len(draw(theme, []).figure.data) == 0
    assert [len(line.x) for line in draw(theme, [TrainingCurve("GCN", DOTTED, [])]).figure.data] == [0] * 4


def test_axes_stay_within_what_scores_can_be(theme):
    layout = draw(theme).figure.layout
    assert (layout.yaxis.minallowed, layout.yaxis.maxallowed) == (0, 105)
    assert (layout.yaxis2.minallowed, layout.yaxis2.maxallowed) == (0, None)
    assert (layout.legend.y, layout.legend.yanchor) == (1.02, "bottom")  # no title is there


def test_one_line_marks_the_same_epoch_in_both_charts(theme):
    figure = draw(theme).figure
    # a spike crosses all charts of its axis, so there must be one axis of epochs, and the charts must not overlap
    assert {line.xaxis for line in figure.data} == {None}
    assert (figure.layout.xaxis.showspikes, figure.layout.xaxis.spikemode) == (True, "across")
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert figure.layout.hovermode == "closest"  # else no marker could be clicked


SEEDS = [
    [Epoch(1, 2.0, 0.5, 0.2), Epoch(2, 1.0, 0.6, 0.4)],
    [Epoch(1, 3.0, 0.5, 0.4), Epoch(2, 1.5, 0.8, 0.6)],
    [Epoch(1, 4.0, 0.5, 0.6)],
    [],
]


def test_seeds_are_averaged_as_far_as_half_of_them_came():
    means, deviations = mean_epochs(SEEDS)
    assert [(event.epoch, event.loss, event.train, event.validation) for event in means] == [
        (1, pytest.approx(3), pytest.approx(0.5), pytest.approx(0.4)),
        (2, pytest.approx(1.25), pytest.approx(0.7), pytest.approx(0.5)),
    ]
    assert [event.validation for event in deviations] == pytest.approx([0.2, math.sqrt(0.02)])
    assert [event.loss for event in deviations] == pytest.approx([1.0, math.sqrt(0.125)])
    assert all(event.test is None and event.validation_loss is None for event in (*means, *deviations))
    assert mean_epochs([[], []]) == ([], [])


def test_seeds_are_drawn_as_a_mean_in_a_band(theme):
    means, deviations = mean_epochs(SEEDS)
    curve = TrainingCurve("Torque", SOLID, means, [1], ("a", "torque"), deviations)
    score, loss = [trace for trace in draw(theme, [curve]).figure.data if trace.fill == "toself"]
    assert (score.yaxis, loss.yaxis) == ("y", "y2")
    assert list(score.x) == [1, 2, 2, 1]
    spread = 100 * math.sqrt(0.02)
    assert list(score.y) == pytest.approx([60, 50 + spread, 50 - spread, 20])
    # without losses of validation nodes, the band is that of the training curve
    assert list(loss.y) == pytest.approx([4, 1.25 + math.sqrt(0.125), 1.25 - math.sqrt(0.125), 2])
    assert not score.showlegend
    assert not any(trace.fill for trace in draw(theme).figure.data)


def test_a_band_stays_within_what_scores_can_be():
    curve = TrainingCurve("a", SOLID, [Epoch(1, 0.1, 1.0, 0.9)], deviations=[Epoch(1, 0.5, 0.0, 0.3)])
    assert curve.band("score") == ([1], [pytest.approx(60)], [100])
    assert curve.band("loss") == ([1], [0], [pytest.approx(0.6)])


def test_the_band_is_smoothed_as_its_line_is():
    means, deviations = mean_epochs(SEEDS[:2])
    curve = TrainingCurve("a", SOLID, means, deviations=deviations)
    _, low, high = curve.band("score", 0.5)
    middle = [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    assert middle == pytest.approx(curve.lines("score", 0.5)[0])


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
