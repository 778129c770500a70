import re

import pytest
import torch
from torch_geometric.data import Data

from torque_core.errors import BadGraph
from torque_core.graph.labels import class_labels, labels_of_part, node_mask

INTEGERS = [torch.int8, torch.int16, torch.int32, torch.int64]
FLOATS = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


@pytest.mark.parametrize("column", [False, True])
@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_labels_of_signed_dtypes(dtype, column):
    y = torch.tensor([3, 0, -1, 1, -7], dtype=dtype)
    labels = class_labels(y[:, None] if column else y)
    assert (labels.dtype, labels.tolist()) == (torch.int64, [3, 0, -1, 1, -1])


@pytest.mark.parametrize("dtype", [torch.bool, torch.uint8, torch.uint16, torch.uint32, torch.uint64])
def test_labels_of_unsigned_dtypes(dtype):
    labels = class_labels(torch.tensor([1, 0, 1], dtype=dtype))
    assert (labels.dtype, labels.tolist()) == (torch.int64, [1, 0, 1])


def test_uint8_labels_above_127():
    assert class_labels(torch.tensor([255, 128], dtype=torch.uint8)).tolist() == [255, 128]


@pytest.mark.parametrize("dtype", FLOATS)
def test_nan_is_an_unknown_label(dtype):
    assert class_labels(torch.tensor([[torch.nan], [2.0], [-1.0]], dtype=dtype)).tolist() == [-1, 2, -1]


def test_labels_of_no_nodes():
    assert class_labels(torch.empty(0)).tolist() == class_labels(torch.empty(0, 1)).tolist() == []


def test_the_given_labels_are_not_modified():
    y = torch.tensor([-3, 2])
    class_labels(y)
    assert y.tolist() == [-3, 2]


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (torch.zeros(34, 3), "y has shape (34, 3); one class per node is needed"),
        (torch.zeros(34, 1, 1), "y has shape (34, 1, 1)"),
        (torch.tensor(3), "y has shape (); one class"),
        (torch.zeros(34, 0), "y has shape (34, 0)"),
        (torch.tensor([1.0, 0.25]), "y must hold class indices, got 0.25 for node 1; round or bin"),
        (torch.tensor([[torch.nan], [-0.5]]), "got -0.5 for node 1"),
        (torch.tensor([torch.inf, 0.0]), "got inf for node 0"),
        (torch.tensor([1j]), "y must hold class indices, got torch.complex64"),
        (["a", "b"], "y must be a tensor with one class index per node, got list"),
    ],
)
def test_other_targets_are_refused(y, message):
    with pytest.raises(BadGraph, match=re.escape(message)):
        class_labels(y)


MASK = [False, True, False, True, True]


@pytest.mark.parametrize("column", [False, True])
@pytest.mark.parametrize("dtype", [torch.bool, torch.uint8, *INTEGERS, *FLOATS])
def test_masks_of_every_dtype(dtype, column):
    part = torch.tensor(MASK).to(dtype)
    mask = node_mask(part[:, None] if column else part, 5)
    assert (mask.dtype, mask.tolist()) == (torch.bool, MASK)


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("index", [[4, 1, 3], [1, 3, 4, 4, 3], [1, 3, 4, 1, 3, 4]])
def test_node_indices(dtype, index):
    """Indices differ from a mask by a value that is neither 0 nor 1, even if there is one for each node."""
    assert node_mask(torch.tensor(index, dtype=dtype), 5).tolist() == MASK


def test_an_index_of_all_nodes():
    assert node_mask(torch.arange(5), 5).all()


def test_no_nodes():
    assert not node_mask(torch.tensor([], dtype=torch.long), 5).any()
    assert not node_mask(torch.tensor([]), 5).any()


def test_numpy_masks_and_lists():
    assert node_mask(torch.tensor(MASK).numpy(), 5).tolist() == node_mask(MASK, 5).tolist() == MASK


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (torch.ones(5, 10).bool(), "val_mask has shape (5, 10), not (5,); choose one split of several"),
        (torch.ones(7).bool(), "val_mask has shape (7,), not (5,), and torch.bool holds no node indices"),
        (torch.ones(3, dtype=torch.uint8), "val_mask has shape (3,), not (5,), and torch.uint8 holds"),
        (torch.tensor([0.5, 1.0]), "val_mask has shape (2,), not (5,), and torch.float32 holds"),
        (torch.tensor([0.5, 1.0, 0, 0, 0]), "torch.float32 holds no node indices"),
        (torch.tensor([2, 5]), "val_mask holds node indices from 2 to 5, but the nodes are 0 to 4"),
        (torch.tensor([-1, 2]), "val_mask holds node indices from -1 to 2"),
        (torch.tensor(3), "val_mask has shape (), not (5,)"),
    ],
)
def test_parts_that_are_no_mask_are_refused(part, message):
    with pytest.raises(BadGraph, match=re.escape(message)):
        node_mask(part, 5, "val_mask")


def test_labels_of_a_part():
    y = torch.tensor([[2.0], [torch.nan], [1.0]])
    for part in (torch.tensor([True, True, False]), torch.tensor([1, 0]), torch.tensor([[1], [1], [0]])):
        assert labels_of_part(Data(y=y, train_mask=part), "train_mask").tolist() == [2, -1, -1]
    with pytest.raises(BadGraph, match=r"y has shape \(3, 1\) and train_mask \(3, 2\); choose one split of several"):
        labels_of_part(Data(y=y, train_mask=torch.ones(3, 2).bool()), "train_mask")
