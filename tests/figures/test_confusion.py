import pytest
import torch

from torque_core.diagnostics import confusion
from torque_core.errors import BadGraph
from torque_core.figures import LIGHT, confusion_figure

COUNTS = torch.tensor([[3, 1, 0], [0, 0, 0], [2, 0, 2]])


def test_rows_are_true_classes_coloured_by_percentage(theme):
    (cells,) = confusion_figure(COUNTS, theme, names=["art", "law", "tax"]).figure.data
    assert cells.z.tolist() == [[75, 25, 0], [0, 0, 0], [50, 0, 50]]  # a class without nodes has no share
    assert cells.customdata.tolist() == COUNTS.tolist()
    assert (list(cells.x), list(cells.y)) == (["art", "law", "tax"],) * 2


def test_alt_text():
    assert confusion_figure(COUNTS, LIGHT).alt == (
        "Confusion matrix of 8 nodes, 5 correct. Most frequent error: class 2 predicted as class 0 (2 nodes)."
    )
    assert confusion_figure(torch.eye(2, dtype=torch.long), LIGHT).alt.endswith("2 correct.")


def test_counts_are_shown_only_if_they_fit():
    written = [confusion_figure(torch.eye(size), LIGHT).figure.data[0].texttemplate for size in (12, 13)]
    assert written == ["%{text}", None]


@pytest.mark.parametrize(
    ("predictions", "y", "message"),
    [
        (torch.tensor([0]), torch.tensor([0, 1]), "the same shape"),
        (torch.tensor([2]), torch.tensor([0]), "predictions must contain classes from 0 to 1"),
        (torch.tensor([0]), torch.tensor([2]), "y must contain classes from 0 to 1"),
    ],
)
def test_what_does_not_fit_is_named(predictions, y, message):
    with pytest.raises(BadGraph, match=message):
        confusion(predictions, y, 2)


def test_no_known_class_is_no_count():
    assert confusion(torch.tensor([0, 1]), torch.tensor([-1, -1]), 2).tolist() == [[0, 0], [0, 0]]
