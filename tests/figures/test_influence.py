import pytest
import torch

from torque_core.figures.influence import influence_figure
from torque_core.figures.palette import LIGHT

BEFORE, AFTER = torch.tensor([0.5, 0.25, 0.25]), torch.tensor([0.75, 0.25])


def test_bars_are_side_by_side(theme):
    figure = influence_figure(BEFORE, AFTER, theme).figure
    before, after = figure.data
    assert (before.x, before.y) == (("0", "1", "2"), (50, 25, 25))
    assert (after.x, after.y) == (("0", "1", "2"), (75, 25, 0))  # no influence from a hop outside the receptive field
    assert figure.layout.barmode == "group"
    assert figure.layout.xaxis.title.text == "distance from the node (hops)"
    assert figure.layout.yaxis.title.text == "influence (%)"


def test_before_is_hatched_and_grey(theme):
    before, after = influence_figure(BEFORE, AFTER, theme).figure.data
    assert (before.marker.color, before.marker.pattern.shape) == (theme.kept, "/")
    assert (after.marker.color, after.marker.pattern.shape) == (theme.added, None)


def test_the_class_of_the_node_is_marked():
    drawing = influence_figure(BEFORE, BEFORE, LIGHT, groups="classes", own_group=1, names=["art", "law", "tax", "war"])
    assert drawing.figure.data[0].x == ("art", "law (this node)", "tax")
    assert drawing.figure.layout.xaxis.title.text == "class"
    assert drawing.alt == (
        "Influence on the node by class, before to after, in percent: art 50.0 to 50.0; law (this node) 25.0 to 25.0; "
        "tax 25.0 to 25.0."
    )


def test_alt_text_describes_at_most_eight_groups():
    shares = torch.full((10,), 0.1)
    assert influence_figure(shares, shares, LIGHT).alt.endswith("7 10.0 to 10.0 and 2 more.")


@pytest.mark.parametrize(("before", "after"), [(BEFORE, BEFORE[:0]), (BEFORE[:0], BEFORE)])
def test_one_side_may_be_empty(before, after):
    bars = influence_figure(before, after, LIGHT).figure.data
    assert sorted(sum(bar.y) for bar in bars) == [0, 100]
