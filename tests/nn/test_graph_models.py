"""What all models that bring their own propagation have in common."""

import pytest
import torch

from torque_core.nn import FSGNN, GPRGNN

PATH = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])


@pytest.fixture(params=[FSGNN, GPRGNN])
def model(request):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return request.param(3, 4, 2, 2, cached=True).eval()


def test_weight_zero_is_no_edge_and_gradients_reach_it(model):
    weight = torch.tensor([1.0, 1.0, 0.0, 0.0], requires_grad=True)
    out = model(torch.eye(3), [PATH] * 2, [weight, weight])
    torch.testing.assert_close(out, model(torch.eye(3), [PATH[:, :2]] * 2))
    out.square().sum().backward()
    assert bool((weight.grad != 0).any())
    assert bool(weight.grad.isfinite().all())


def test_edges_that_want_no_gradient_are_summed_alike(model):
    weight = torch.tensor([0.5, 0.5, 2.0, 2.0])
    learned = [weight.clone().requires_grad_() for _ in range(2)]
    torch.testing.assert_close(model(torch.eye(3), [PATH] * 2, [weight] * 2), model(torch.eye(3), [PATH] * 2, learned))


def test_sparse_features_are_dense_ones(model):
    torch.testing.assert_close(model(torch.eye(3).to_sparse(), [PATH] * 2), model(torch.eye(3), [PATH] * 2))
