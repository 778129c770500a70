import gc

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck
from torch.testing import assert_close

from torque_core.nn import sparse_features
from torque_core.nn.dropout import dropout
from torque_core.nn.sparse_features import FeatureMap, feature_map


def random_features(rows, columns, seed=0, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, columns, generator=generator, dtype=dtype)
    return x * (torch.rand(rows, columns, generator=generator) < 0.3)


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 5), st.integers(0, 99))
def test_it_is_the_map_of_the_dense_matrix_and_so_is_its_gradient(rows, columns, width, seed):
    x = random_features(rows, columns, seed)
    by_dense, by_sparse = (torch.ones(width, columns, requires_grad=True) for _ in range(2))
    expected, found = x @ by_dense.T, feature_map(x.to_sparse(), by_sparse)
    assert_close(found, expected)
    for out in (expected, found):
        (out * torch.arange(out.numel()).view_as(out)).sum().backward()
    assert_close(by_sparse.grad, by_dense.grad)


def test_the_gradient_of_weight_and_bias():
    x = random_features(5, 4, dtype=torch.double).to_sparse()
    weight, bias = (torch.randn(*shape, dtype=torch.double, requires_grad=True) for shape in ((3, 4), (3,)))
    assert gradcheck(lambda weight, bias: feature_map(x, weight, bias), (weight, bias))


def test_entries_that_are_there_twice_add_up():
    x = torch.sparse_coo_tensor([[1, 0, 1], [0, 1, 0]], [1.0, 2.0, 4.0], (2, 2), check_invariants=True)
    assert feature_map(x, torch.eye(2)).tolist() == [[0, 2], [5, 0]]


def test_features_without_an_entry():
    x = torch.zeros(3, 4).to_sparse()
    weight = torch.ones(2, 4, requires_grad=True)
    out = feature_map(x, weight, torch.ones(2))
    out.sum().backward()
    assert out.tolist() == [[1, 1]] * 3
    assert not weight.grad.any()


def test_entries_are_sorted_once_for_all_epochs(monkeypatch):
    x = random_features(6, 5).to_sparse().coalesce()
    layer = FeatureMap(5, 2)
    layer(x)
    monkeypatch.setattr(torch, "bincount", None)  # used by sorting
    for _ in range(3):
        layer(dropout(x, 0.5, training=True)).sum().backward()
    with pytest.raises(TypeError):
        layer(random_features(6, 5).to_sparse())


def test_cached_orders_are_freed_with_the_features():
    gc.collect()
    before = len(sparse_features._orders)
    x = random_features(6, 5).to_sparse().coalesce()
    layer = FeatureMap(5, 2)
    layer(dropout(x, 0.5, training=True)).sum().backward()
    assert len(sparse_features._orders) == before + 1
    del x
    gc.collect()
    assert len(sparse_features._orders) == before


def test_features_that_learn_have_gradients():
    x = random_features(4, 3).to_sparse().requires_grad_()
    feature_map(x, torch.ones(2, 3)).sum().backward()
    assert x.grad.to_dense().any()
