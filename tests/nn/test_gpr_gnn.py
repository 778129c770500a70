import re

import pytest
import torch

from torque_core.errors import BadConfig
from torque_core.nn import GPRGNN

PATH = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])


def model(num_layers=2, **options):
    torch.manual_seed(0)
    return GPRGNN(3, 4, num_layers, 2, **options).eval()


def test_weights_start_as_personalised_pagerank():
    weight = model(steps=2, alpha=0.5).weight
    torch.testing.assert_close(weight.detach(), torch.tensor([0.5, 0.25, 0.25]))
    assert float(model().weight.detach().sum()) == pytest.approx(1)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_it_is_a_polynomial_of_the_normalised_adjacency(layers):
    gnn, x = model(steps=3, num_layers=layers), torch.eye(3)
    with torch.no_grad():
        gnn.weight.copy_(torch.tensor([1.0, -2.0, 3.0, 0.5]))
        h = gnn.second(torch.relu(gnn.first(x)))
        looped = torch.eye(3) + torch.tensor([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]])
        scale = looped.sum(dim=1).rsqrt()
        a = scale[:, None] * looped * scale
        expected = h - 2 * a @ h + 3 * a @ a @ h + 0.5 * a @ a @ a @ h
        torch.testing.assert_close(gnn(x, [PATH] * layers), expected)


def test_each_stage_has_its_graph():
    gnn, x, empty = model(steps=2), torch.eye(3), PATH[:, :0]
    with torch.no_grad():
        gnn.weight.copy_(torch.tensor([0.0, 0.0, 1.0]))
        h = gnn.second(torch.relu(gnn.first(x)))
        torch.testing.assert_close(gnn(x, [empty, empty]), h)  # with no edge but its loop a node hears itself
        once = model(steps=1, num_layers=1)
        once.load_state_dict(gnn.state_dict() | {"weight": torch.tensor([0.0, 1.0])})
        torch.testing.assert_close(gnn(x, [PATH, empty]), once(x, [PATH]))
        torch.testing.assert_close(gnn(x, [empty, PATH]), once(x, [PATH]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_layers": 0}, "num_layers must be in [1, 10], the number of propagations; got 0"),
        ({"num_layers": 3, "steps": 2}, "num_layers must be in [1, 2], the number of propagations; got 3"),
        ({"alpha": 1.0}, "alpha must be in (0, 1), got 1.0"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(BadConfig, match=re.escape(message)):
        model(**options)


def test_a_graph_per_stage_is_needed():
    with pytest.raises(BadConfig, match="1 graphs for 2 layers; give one per layer"):
        model()(torch.eye(3), [PATH])
