import pytest
import torch

from torque_core.nn.dropout import dropout


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("probability", [0.0, 0.2, 0.5, 0.99, 1.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_equals_the_dropout_of_torch(probability, dtype):
    x = torch.arange(1.0, 501.0, dtype=dtype).view(20, 25).requires_grad_()
    with torch.random.fork_rng():
        torch.manual_seed(3)
        expected = torch.nn.functional.dropout(x, probability)
    out = dropout(x, probability, training=True, generator=generator(3))
    assert torch.equal(out, expected)
    first, second = (torch.autograd.grad(y.square().sum(), x)[0] for y in (out, expected))
    assert torch.equal(first, second)


def test_only_stored_entries_of_a_sparse_matrix_are_drawn():
    x = torch.eye(100).to_sparse()
    out = dropout(x, 0.5, training=True, generator=generator())
    expected = dropout(torch.ones(100), 0.5, training=True, generator=generator())
    assert torch.equal(out.to_dense(), expected.diag())


def test_in_evaluation_nothing_is_drawn():
    source, x = generator(), torch.ones(3)
    state = source.get_state()
    assert torch.equal(dropout(x, 0.5, training=False, generator=source), x)
    assert torch.equal(source.get_state(), state)


def test_the_global_state_is_used_only_without_a_generator():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        state = torch.get_rng_state()
        dropout(torch.ones(3), 0.5, training=True, generator=generator())
        assert torch.equal(torch.get_rng_state(), state)
        dropout(torch.ones(3), 0.5, training=True)
        assert not torch.equal(torch.get_rng_state(), state)
