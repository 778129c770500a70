import re

import pytest
import torch

from torque_core.errors import BadConfig
from torque_core.nn import FSGNN

PATH = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
ADJACENCY = torch.tensor([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]])


def model(num_layers=2, **options):
    torch.manual_seed(0)
    return FSGNN(3, 4, num_layers, 2, **options).eval()


def normalised(adjacency):
    scale = adjacency.sum(dim=1).clamp(min=1).rsqrt()
    return scale[:, None] * adjacency * scale


def by_hand(gnn, x, powers):
    """The formula, with dense matrices: one of ``powers`` for each part."""
    shares = gnn.choice.softmax(dim=0)
    maps, biases = gnn.first.weight.chunk(len(shares)), gnn.first.bias.chunk(len(shares))
    rows = []
    for share, weight, bias, power in zip(shares, maps, biases, powers, strict=True):
        h = power @ x @ weight.T + bias
        rows.append(share * h / h.norm(dim=1, keepdim=True))
    return gnn.last(torch.cat(rows, dim=1).relu())


def test_it_is_the_formula_on_one_graph():
    gnn, x = model(num_layers=2), torch.randn(3, 3, generator=torch.Generator().manual_seed(1))
    apart, looped = normalised(ADJACENCY), normalised(ADJACENCY + torch.eye(3))
    with torch.no_grad():
        gnn.choice.copy_(torch.tensor([0.0, 1.0, -1.0, 0.5, 2.0]))
        expected = by_hand(gnn, x, [torch.eye(3), apart, apart @ apart, looped, looped @ looped])
        torch.testing.assert_close(gnn(x, [PATH] * 2), expected)


def test_each_hop_has_its_graph():
    gnn, x, one = model(num_layers=2), torch.eye(3), PATH[:, :2]
    lone = torch.tensor([[0.0, 1, 0], [1, 0, 0], [0, 0, 0]])
    first, second = normalised(lone), normalised(ADJACENCY)
    looped = normalised(lone + torch.eye(3)), normalised(ADJACENCY + torch.eye(3))
    with torch.no_grad():
        expected = by_hand(gnn, x, [torch.eye(3), first, second @ first, looped[0], looped[1] @ looped[0]])
        torch.testing.assert_close(gnn(x, [one, PATH]), expected)


def test_all_parts_start_alike():
    assert model(num_layers=3).choice.detach().tolist() == [0.0] * 7


def test_bad_options_are_named():
    with pytest.raises(BadConfig, match=re.escape("num_layers must be at least 1, got 0")):
        model(num_layers=0)
    with pytest.raises(BadConfig, match="1 graphs for 2 layers; give one per layer"):
        model()(torch.eye(3), [PATH])
