import pytest
import torch
from torch.nn.functional import cross_entropy

from torque_core.attacks import MetattackSpec
from torque_core.attacks.surrogate import LinearSurrogate

NODES = 9


@pytest.fixture(scope="module")
def graph():
    """Features, edges and labels; four nodes are labelled."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(NODES, 4, generator=generator, dtype=torch.double)
    every = torch.triu_indices(NODES, NODES, offset=1)
    pairs = every[:, torch.rand(every.size(1), generator=generator) < 0.35]
    labels = torch.full((NODES,), -1)
    labels[:4] = torch.tensor([0, 1, 2, 0])
    return x, pairs, labels


def surrogate_of(graph, **options):
    x, pairs, labels = graph
    surrogate = LinearSurrogate(x, labels, MetattackSpec(steps=12, **options))
    weights = surrogate.initial_weights(torch.Generator().manual_seed(1))
    surrogate.label_all_nodes(pairs, weights)
    return surrogate, weights


def adjacency_of(pairs):
    adjacency = torch.zeros(NODES, NODES, dtype=torch.double)
    adjacency[pairs[0], pairs[1]] = adjacency[pairs[1], pairs[0]] = 1
    return adjacency


def trained_logits(adjacency, surrogate, weights):
    """Logits after each step of training with autograd on a dense adjacency matrix; the weights before each step."""
    full = adjacency + torch.eye(NODES, dtype=torch.double)
    scale = full.sum(dim=1).rsqrt()
    operator = scale[:, None] * full * scale
    propagated = operator @ operator @ surrogate.x
    w, velocity, spec = weights.T.clone().requires_grad_(), 0, surrogate.spec
    for _ in range(spec.steps):
        loss = cross_entropy(propagated[surrogate.train] @ w, surrogate.targets[surrogate.train])
        (gradient,) = torch.autograd.grad(loss, w, create_graph=True)
        velocity = spec.momentum * velocity + gradient
        w = w - spec.learning_rate * velocity
        yield propagated @ w, propagated, w


def objective(logits, surrogate):
    """The loss that the attack increases."""
    others = torch.ones(NODES, dtype=torch.bool)
    others[surrogate.train] = False
    by_part = {
        name: cross_entropy(logits[part], surrogate.targets[part])
        for name, part in (("self", others), ("train", ~others))
    }
    return by_part.get(surrogate.spec.objective, sum(by_part.values()) / 2)


OFF_DIAGONAL = ~torch.eye(NODES, dtype=torch.bool)


@pytest.mark.parametrize("name", ["self", "train", "both"])
def test_training_and_meta_gradient_equal_those_of_autograd(graph, name):
    surrogate, weights = surrogate_of(graph, objective=name)
    adjacency = adjacency_of(graph[1]).requires_grad_()
    *_, (logits, _, _) = trained_logits(adjacency, surrogate, weights)
    torch.testing.assert_close(surrogate.logits(graph[1], weights), logits.detach())
    loss = objective(logits, surrogate)
    torch.testing.assert_close(surrogate.loss(graph[1], weights), loss.detach())
    (expected,) = torch.autograd.grad(loss, adjacency)
    found = surrogate.gradient(graph[1], weights)
    torch.testing.assert_close(found[OFF_DIAGONAL], (expected + expected.T)[OFF_DIAGONAL])


def test_meta_gradient_equals_finite_differences(graph):
    """The loss is recomputed, training included, with one pair's weight moved up and down."""
    surrogate, weights = surrogate_of(graph)
    found, base, step = surrogate.gradient(graph[1], weights), adjacency_of(graph[1]), 1e-5
    for i, j in [(0, 1), (2, 7), (5, 8), (3, 4)]:
        losses = []
        for sign in (1, -1):
            adjacency = base.clone()
            adjacency[i, j] += sign * step
            adjacency[j, i] += sign * step
            *_, (logits, _, _) = trained_logits(adjacency, surrogate, weights)
            losses.append(float(objective(logits, surrogate).detach()))
        assert float(found[i, j]) == pytest.approx((losses[0] - losses[1]) / (2 * step), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("name", ["self", "both"])
def test_first_order_gradient_sums_the_gradients_at_constant_weights(graph, name):
    surrogate, weights = surrogate_of(graph, objective=name, gradient="first_order")
    adjacency = adjacency_of(graph[1]).requires_grad_()
    total = sum(
        objective(propagated @ w.detach(), surrogate)
        for _, propagated, w in trained_logits(adjacency, surrogate, weights)
    )
    (expected,) = torch.autograd.grad(total, adjacency)
    found = surrogate.gradient(graph[1], weights)
    torch.testing.assert_close(found[OFF_DIAGONAL], (expected + expected.T)[OFF_DIAGONAL])


def test_sparse_features_give_the_same_gradient(graph):
    x = torch.zeros(NODES, 60, dtype=torch.double)
    x[torch.arange(NODES), 5 * torch.arange(NODES)] = 1.0
    x[:, 59] = torch.arange(NODES) % 3
    sparse, weights = surrogate_of((x, *graph[1:]))
    assert sparse._x.layout == torch.sparse_csr
    dense, _ = surrogate_of((x, *graph[1:]))
    dense._x, dense._x_transposed = dense.x, dense.x.T
    torch.testing.assert_close(sparse.gradient(graph[1], weights), dense.gradient(graph[1], weights))


def test_scale_of_the_features_does_not_matter(graph):
    (surrogate, weights), (scaled, _) = surrogate_of(graph), surrogate_of((1e4 * graph[0], *graph[1:]))
    torch.testing.assert_close(surrogate.gradient(graph[1], weights), scaled.gradient(graph[1], weights))
