import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import PATH, STAR, all_pairs, as_set
from torque_core.diagnostics import receptive_field
from torque_core.errors import BadConfig


def slow_field(node, layers):
    """Hops by node, and the messages of each step, by loops over sets."""
    hops, links = {node: 0}, []
    for step, edges in enumerate(reversed(layers), start=1):
        inside = {(a, b) for i, j in edges for a, b in ((i, j), (j, i)) if a in hops}
        links.append(inside)
        for _, speaker in inside:
            hops.setdefault(speaker, step)
        # listeners were fixed before the step, so a message travels one link a layer
    return hops, links


@st.composite
def layered(draw):
    num_nodes = draw(st.integers(2, 7))
    every = all_pairs(num_nodes)
    masks = st.lists(st.booleans(), min_size=every.size(1), max_size=every.size(1)).map(torch.tensor)
    graphs = draw(st.lists(masks.map(lambda mask: every[:, mask]), max_size=4))
    return draw(st.integers(0, num_nodes - 1)), graphs, num_nodes


@given(layered())
def test_fast_is_naive(drawn):
    node, graphs, num_nodes = drawn
    field = receptive_field(node, graphs, num_nodes)
    hops, links = slow_field(node, [as_set(pairs) for pairs in graphs])
    assert field.hops.tolist() == [hops.get(other, -1) for other in range(num_nodes)]
    assert [as_set(messages) for messages in field.messages] == links
    assert field.nodes.tolist() == sorted(hops)
    for hop in range(len(graphs) + 1):
        assert field.ring(hop).tolist() == sorted(other for other, at in hops.items() if at == hop)


def test_a_different_graph_in_every_layer():
    # the last layer is the path, so node 0 hears 1; the first is the star around 0, so 0 hears all, and 1 hears 0
    field = receptive_field(0, [STAR, PATH], 5)
    assert field.hops.tolist() == [0, 1, 2, 2, -1]
    assert [as_set(messages) for messages in field.messages] == [{(0, 1)}, {(0, 1), (0, 2), (0, 3), (1, 0)}]
    # the other way round: all leaves first, then the path adds nothing new
    assert receptive_field(0, [PATH, STAR], 5).hops.tolist() == [0, 1, 1, 1, -1]


def test_an_edge_pruned_in_one_layer_only():
    cut = torch.tensor([[0, 2], [1, 3]])  # the path without 1 - 2
    assert receptive_field(0, [cut, PATH], 4).nodes.tolist() == [0, 1]
    assert receptive_field(1, [cut, PATH], 4).hops.tolist() == [1, 0, 1, 2]
    assert receptive_field(1, [PATH, cut], 4).hops.tolist() == [1, 0, 2, -1]


def test_no_layers():
    field = receptive_field(1, [], 3)
    assert field.hops.tolist() == [-1, 0, -1]
    assert field.messages == ()


@pytest.mark.parametrize("node", [-1, 4])
def test_a_nonexistent_node_raises(node):
    with pytest.raises(BadConfig, match=rf"node must be in \[0, 3\], got {node}"):
        receptive_field(node, [PATH], 4)
