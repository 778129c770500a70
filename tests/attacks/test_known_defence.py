from dataclasses import replace

import pytest
import torch
from torch_geometric.data import Data

from tests.attacks.test_metattack import QUICK, accuracy, data, flips, flips_of, pairs_of
from tests.conftest import all_pairs, as_set
from torque_core import rewire
from torque_core.attacks import MetattackSpec, flip_pairs, metattack
from torque_core.attacks.known_defence import KNOWN_DEFENCES, KnownFilter, KnownTorque
from torque_core.attacks.spec import KNOWS
from torque_core.baselines import GCNJaccard
from torque_core.errors import BadConfig
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.nn.gnn_guard import importance_weights
from torque_core.rewiring.spec import RewireSpec

__all__ = ["data", "flips"]  # fixtures

X = torch.tensor([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 1.0]])
PATH = torch.tensor([[0, 1, 2], [1, 2, 3]])


def refused(known, pairs, num_nodes):
    mask = known.refuses(pairs)
    assert torch.equal(mask, mask.T)
    assert not bool(mask.diagonal().any())
    every = all_pairs(num_nodes)
    return as_set(every[:, mask[*every]])


def test_each_defence_has_a_name_for_readers():
    assert set(KNOWS) == {"nothing", *KNOWN_DEFENCES}


def test_jaccard_refuses_pairs_without_a_common_feature():
    known = KNOWN_DEFENCES["jaccard"](Data(x=X))
    assert as_set(known.receives(PATH)) == {(0, 1), (2, 3)}
    assert refused(known, PATH, 4) == {(0, 2), (1, 2), (1, 3)}


def test_gnn_guard_refuses_the_pairs_that_get_no_weight():
    x = torch.randn(12, 3, generator=torch.Generator().manual_seed(0))
    every = all_pairs(12)
    weight, _ = importance_weights(x, pairs_to_edge_index(every), None, 0.1)
    expected = as_set(every[:, weight[: every.size(1)] == 0])
    known = KNOWN_DEFENCES["gnnguard"](Data(x=x))
    assert refused(known, every, 12) == expected
    assert as_set(known.receives(every)) == as_set(every) - expected


def test_a_filter_is_asked_about_all_pairs():
    known = KnownFilter(lambda pairs: pairs.sum(dim=0) != 3, 4)
    assert refused(known, PATH, 4) == {(0, 3), (1, 2)}
    assert as_set(known.receives(PATH)) == {(0, 1), (2, 3)}


@pytest.mark.parametrize("quantile", [0.5, 1.0])
def test_torque_refuses_what_it_prunes_what_it_adds_and_what_stands_out(data, flips, quantile):
    pairs = flip_pairs(pairs_of(data), flips, 150)
    layer = rewire(
        Data(x=data.x, edge_index=pairs_to_edge_index(pairs), y=data.y, train_mask=data.train_mask), layers=1
    ).layers[0]
    known = KnownTorque(data, quantile=quantile)
    found = refused(known, pairs, 150)
    edges = as_set(pairs)
    assert as_set(known.receives(pairs)) == as_set(layer.rewired)
    assert found & edges == as_set(layer.pruned)
    assert as_set(layer.added) <= found - edges
    if quantile == 1.0:  # candidates of low torque that were not added
        assert len(found - edges) < 150 * 149 // 2 - len(edges)
    else:
        assert found > refused(KnownTorque(data), pairs, 150)


@pytest.mark.parametrize("knows", ["jaccard", "gnnguard"])
def test_every_flip_passes_the_filter_that_the_attacker_knows(data, flips, knows):
    known = KNOWN_DEFENCES[knows](data)
    mask = known.refuses(pairs_of(data))
    assert bool(mask[*flips].any())  # without the knowledge some are undone
    adaptive = flips_of(data, replace(QUICK, knows=knows))
    assert adaptive.size(1) == flips.size(1)
    assert not bool(mask[*adaptive].any())


def test_an_attack_that_knows_the_filter_harms_the_filtered_graph_more(data, flips):
    pairs, keeps = pairs_of(data), GCNJaccard().keeps
    adaptive = flips_of(data, replace(QUICK, knows="jaccard"))
    unaware, aware = (flip_pairs(pairs, found, 150) for found in (flips, adaptive))
    filtered = [graph[:, keeps(data.x, graph)] for graph in (unaware, aware)]
    assert accuracy(data, filtered[1]) < accuracy(data, filtered[0])


def test_torque_finds_fewer_edges_of_an_attacker_who_knows_it(data, flips):
    pairs = pairs_of(data)
    aware = flips_of(data, replace(QUICK, knows="torque"))
    recall = []
    for found in (flips, aware):
        graph = flip_pairs(pairs, found, 150)
        attacked = Data(x=data.x, edge_index=pairs_to_edge_index(graph), y=data.y, train_mask=data.train_mask)
        inserted = as_set(found) - as_set(pairs)
        recall.append(len(inserted & as_set(rewire(attacked, RewireSpec(layers=1)).layers[0].pruned)) / len(inserted))
    assert recall[1] < recall[0]


def test_an_interrupted_adaptive_attack_continues(data):
    spec = MetattackSpec(budget=0.1, steps=10, knows="torque")
    whole = flips_of(data, spec)
    assert whole.size(1) > 27  # the defence judges all pairs again within it
    assert torch.equal(torch.cat([whole[:, :27], flips_of(data, spec, done=whole[:, :27])], dim=1), whole)


def test_an_unknown_defence_is_refused_before_the_attack():
    with pytest.raises(BadConfig, match="knows must be one of nothing, jaccard, gnnguard, torque; got 'svd'"):
        metattack(Data(x=X, edge_index=PATH), MetattackSpec(knows="svd"))
