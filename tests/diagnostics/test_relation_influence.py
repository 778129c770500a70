from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close
from torch_geometric.data import Data

from tests.conftest import PATH, pair_sets
from torque_core import BadConfig, RewireSpec, load, rewire
from torque_core.diagnostics import relation_influence, walk_influence, walk_influence_by_relation
from torque_core.graph.pairs import directed_edges, direction_weights, undirected_pairs
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.record import LayerRewiring
from torque_core.rewiring.spec import HIERARCHIES
from torque_core.scoring.torque import Torque

ONE = Torque(torch.ones(3), torch.ones(3))
# the path 0 - 1 - 2 - 3 with its last edge pruned, and 0 - 2 added
LAYER = LayerRewiring(
    pairs=PATH,
    torque=ONE,
    pruned_mask=torch.tensor([False, False, True]),
    added=torch.tensor([[0], [2]]),
    added_torque=ONE[torch.tensor([0])],
    cut=Cut(1.0, "By hand."),
    num_nodes=4,
)


def by_relation(influence):
    return dict(zip(influence.relations, influence.value.sum(dim=1).tolist(), strict=True))


def test_one_layer_by_hand():
    before = torch.cat([PATH, PATH.flip(0)], dim=1), None
    # node 2 has degree 3 with its loop, node 1 too, node 3 has 2: 1/3 itself, 1/3 along 1 - 2, 1/sqrt(6) along 2 - 3
    total = 2 / 3 + 6**-0.5
    value = by_relation(relation_influence(before, [LAYER], 2, rewired=False))
    assert value == pytest.approx({"self": 1 / 3 / total, "kept": 1 / 3 / total, "pruned": 6**-0.5 / total, "added": 0})
    # after: the triangle 0, 1, 2, where all degrees are 3
    value = by_relation(relation_influence(before, [LAYER], 2, rewired=True))
    assert value == pytest.approx({"self": 1 / 3, "kept": 1 / 3, "pruned": 0, "added": 1 / 3})


def test_two_layers_by_hand():
    # a single edge 0 - 1: every walk of two steps has probability 1/4, and its steps are loops or the edge
    edge = torch.tensor([[0, 1], [1, 0]])
    kinds = torch.zeros(2, dtype=torch.long)
    value = walk_influence_by_relation([edge] * 2, [None] * 2, [kinds] * 2, 0, 2, count=1)
    assert_close(value, torch.tensor([[0.25, 0.25], [0.25, 0.25]]))  # node 1: loop and edge, in either order


def test_directions_by_hand():
    # 0 -> 1 -> 2: node 1 takes from 0 along an edge, from 2 against one
    pairs, weight = PATH[:, :2], torch.tensor([[1.0, 1.0], [0.0, 0.0]])
    layer = replace(LAYER, pairs=pairs, torque=ONE[:2], pruned_mask=torch.tensor([False, True]), num_nodes=3,
                    added=PATH[:, :0], added_torque=ONE[:0], direction_weight=weight)  # fmt: skip
    before = directed_edges(pairs, weight)
    value = by_relation(relation_influence(before, [layer], 1, rewired=False, directed=True))
    own, other = 1 / 3, 6**-0.5
    total = own + 2 * other
    assert value == pytest.approx(
        {"self": own / total, "kept_forth": other / total, "kept_back": 0, "pruned_forth": 0,
         "pruned_back": other / total, "added_forth": 0, "added_back": 0}
    )  # fmt: skip
    value = by_relation(relation_influence(before, [layer], 1, rewired=True, directed=True))
    assert value == pytest.approx(
        {"self": 0.5, "kept_forth": 0.5, "kept_back": 0, "pruned_forth": 0, "pruned_back": 0, "added_forth": 0,
         "added_back": 0}
    )  # fmt: skip


@given(pair_sets(min_nodes=3), st.data())
def test_the_relations_sum_to_the_influence(graph, data):
    pairs, num_nodes = graph
    layers = data.draw(st.integers(1, 3))
    kinds = st.lists(st.integers(0, 2), min_size=pairs.size(1), max_size=pairs.size(1))
    edges = torch.cat([pairs, pairs.flip(0)], dim=1)
    relations = [torch.tensor(data.draw(kinds), dtype=torch.long).repeat(2) for _ in range(layers)]
    node = data.draw(st.integers(0, num_nodes - 1))
    weight = torch.rand(edges.size(1), generator=torch.Generator().manual_seed(0)) + 0.1
    value = walk_influence_by_relation([edges] * layers, [weight] * layers, relations, node, num_nodes, count=3)
    assert_close(value.sum(dim=0), walk_influence([edges] * layers, [weight] * layers, node, num_nodes))
    assert bool((value >= 0).all())
    merged = [torch.zeros_like(relation) for relation in relations]
    one = walk_influence_by_relation([edges] * layers, [weight] * layers, merged, node, num_nodes, count=1)
    assert_close(value[1:].sum(dim=0), one[1])
    assert_close(value[0], one[0])


@pytest.mark.parametrize("directed", [False, True])
@pytest.mark.parametrize("hierarchy", HIERARCHIES)
def test_a_rewiring_sums_to_the_influence(hierarchy, directed):
    data = load("karate").data
    if directed:
        data = Data(x=data.x, edge_index=data.edge_index[:, ::3], y=data.y)
    layers = rewire(data, RewireSpec(cut="fixed", fraction=0.3, layers=3, hierarchy=hierarchy)).layers
    pairs = undirected_pairs(data.edge_index, 34)
    before = directed_edges(pairs, direction_weights(data, pairs))
    for node in (0, 5, 33):
        for rewired in (False, True):
            graphs = [(layer.edge_index, layer.edge_weight) for layer in layers] if rewired else [before] * 3
            influence = relation_influence(before, layers, node, rewired=rewired)
            expected = walk_influence(*zip(*graphs, strict=True), node, 34)
            assert_close(influence.value.sum(dim=0), expected)
            both = relation_influence(before, layers, node, rewired=rewired, directed=True)
            ends = [torch.cat([edges, edges.flip(0)], dim=1) for edges, _ in graphs]
            weights = [None if weight is None else weight.repeat(2) for _, weight in graphs]
            assert_close(both.value.sum(dim=0), walk_influence(ends, weights, node, 34))
            absent = "added" if not rewired else "pruned"
            assert by_relation(influence)[absent] == 0


def test_a_node_that_does_not_exist_raises():
    with pytest.raises(BadConfig, match=r"node must be in \[0, 3\], got 4"):
        relation_influence((PATH, None), [LAYER], 4, rewired=True)
