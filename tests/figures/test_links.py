import pytest
import torch
from torch_geometric.data import Data

from tests.conftest import PATH
from tests.figures.conftest import make_layer
from torque_core.diagnostics import receptive_field
from torque_core.figures import Link, field_links, layer_links
from torque_core.noise import NoisyGraph


def brief(links):
    return [(link.source, link.target, link.fate, link.injected) for link in links]


def test_links_of_a_layer(layer, injected):
    links = layer_links(layer, injected)
    assert brief(links) == [
        (0, 1, "kept", False),
        (0, 2, "kept", False),
        (1, 2, "kept", True),
        (2, 3, "pruned", False),
        (3, 4, "pruned", True),
        (0, 3, "added", False),
    ]
    assert links[0].title == "0 – 1: kept\ntorque 0.100 = lever arm 0.100 × force 1.000"
    assert links[4].title == "3 – 4: pruned, injected by the noise\ntorque 0.900 = lever arm 0.900 × force 1.000"
    assert links[5].title == "0 – 3: added\ntorque 0.050 = lever arm 0.050 × force 1.000"


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([0, 2, 3], [(0, 2, "kept"), (2, 3, "pruned"), (0, 3, "added")]),
        ([1, 4, 5], []),
        ([], []),
    ],
)
def test_links_among_some_nodes(layer, injected, nodes, expected):
    links = layer_links(layer, injected, torch.tensor(nodes, dtype=torch.long))
    assert [(link.source, link.target, link.fate) for link in links] == expected


@pytest.fixture
def nested():
    """The path 0 - 1 - 2 - 3. Layer 1 prunes (1, 2), adds (0, 2); layer 2 judges that, prunes (2, 3), adds (1, 3)."""
    first = make_layer(PATH.tolist(), [False, True, False], added=[[0], [2]], lever=[0.1, 0.7, 0.2])
    second = make_layer(first.rewired.tolist(), [False, False, True], added=[[1], [3]], lever=[0.3, 0.4, 0.8])
    assert second.pairs.tolist() == [[0, 0, 2], [1, 2, 3]]
    noisy = NoisyGraph(Data(x=torch.eye(4)), injected=torch.tensor([[1], [2]]), removed=PATH[:, :0])
    return [first, second], noisy


def test_the_field_before_with_the_fate_of_its_links(nested):
    layers, noisy = nested
    # node 0 hears 1 by the second layer, and 2 through it by the first
    links = field_links(receptive_field(0, [PATH, PATH], 4), layers, noisy)
    assert brief(links) == [(0, 1, "kept", False), (1, 2, "pruned", True)]
    assert "torque 0.300" in links[0].title  # the second layer's
    assert "1 – 2: pruned, injected by the noise\ntorque 0.700" in links[1].title  # the first layer's


def test_pruned_in_an_earlier_layer(nested):
    layers, noisy = nested
    # node 1 would hear 2 by the second layer, which did not judge that link any more
    links = field_links(receptive_field(1, [PATH, PATH], 4), layers, noisy)
    assert brief(links) == [(0, 1, "kept", False), (1, 2, "pruned", True), (2, 3, "kept", False)]
    assert links[1] == Link(1, 2, "pruned", True, "1 – 2: pruned in an earlier layer")
    assert "torque 0.200" in links[2].title  # kept by the first layer, which carries it


def test_the_field_after(nested):
    layers, noisy = nested
    rewired = [layer.rewired for layer in layers]
    # node 3 hears 1 by the added link and 0 through it
    links = field_links(receptive_field(3, rewired, 4), layers, noisy)
    assert brief(links) == [(1, 3, "added", False), (0, 1, "kept", False)]
    assert "torque 0.050" in links[0].title
    # what the first layer added is an edge like any other in the second
    assert brief(field_links(receptive_field(0, rewired, 4), layers, noisy)) == [
        (0, 1, "kept", False),
        (0, 2, "kept", False),
        (2, 3, "kept", False),
    ]


def test_the_field_among_some_nodes(nested):
    layers, noisy = nested
    field = receptive_field(1, [PATH, PATH], 4)
    assert brief(field_links(field, layers, noisy, nodes=torch.tensor([0, 1]))) == [(0, 1, "kept", False)]
    assert field_links(field, layers, noisy, nodes=torch.tensor([1])) == []


def test_links_within_a_ring_carry_nothing_new():
    triangle = make_layer([[0, 0, 1], [1, 2, 2]], [False, False, False])
    noisy = NoisyGraph(Data(x=torch.eye(3)), injected=PATH[:, :0], removed=PATH[:, :0])
    links = field_links(receptive_field(0, [triangle.rewired] * 2, 3), [triangle] * 2, noisy)
    assert brief(links) == [(0, 1, "kept", False), (0, 2, "kept", False)]


def test_a_node_that_hears_nobody(nested):
    layers, noisy = nested
    assert field_links(receptive_field(3, [PATH[:, :2]] * 2, 4), layers, noisy) == []
