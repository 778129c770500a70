import math

import pytest
import torch
from torch.nn.functional import one_hot

from torque_core.datasets import BlockModel, sample_block_model
from torque_core.graph.pairs import undirected_pairs
from torque_core.graph.propagation import Propagation
from torque_core.scoring.label_energy import LabelEnergy
from torque_core.scoring.layer_scorer import LayerScorer, layer_features

GRAPH = BlockModel(homophily=0.8, signal=1.0, seed=1)


@pytest.fixture(scope="module")
def blocks():
    """Features, pairs and training labels of a small assortative graph."""
    data = sample_block_model(GRAPH)
    known = torch.where(torch.arange(len(data.y)) % 3 == 0, data.y, -1)
    return layer_features(data.x).double(), undirected_pairs(data.edge_index, len(data.x)), known


def slow_energy(x, pairs, known, pair, name, means, prior):
    """The energy of one pair by its definition: drop the pair's edge, propagate again, compare with class means."""
    i, j = pair
    kept = pairs[:, ~((pairs[0] == i) & (pairs[1] == j))]
    similarity = (x[kept[0]] * x[kept[1]]).sum(dim=1).clamp(min=1e-3)
    rows = Propagation(x, kept, similarity).rows(name)
    scores = rows @ means + prior
    certain = one_hot(known.clamp(min=0), len(prior)).double()
    p = torch.where((known >= 0)[:, None], certain, scores.softmax(dim=1))
    return -math.log(min(1.0, max(0.02, float(p[i] @ p[j]))))


def test_fast_is_naive(blocks):
    x, pairs, known = blocks
    energy = LabelEnergy(Propagation(x, pairs), known)
    some = torch.cat([pairs[:, ::40], torch.tensor([[0, 3], [119, 7]])], dim=1)
    some = some[:, some[0].argsort(stable=True)]
    naive = [slow_energy(x, pairs, known, pair, energy._name, energy._means, energy._prior) for pair in some.T.tolist()]
    assert energy(some).tolist() == pytest.approx(naive, rel=1e-5, abs=1e-9)


def test_the_factor_is_assortativity_by_hand():
    # both edges join training nodes of one class; a = (1/2, 1/2), so r = (1 - 1/2) / (1 - 1/2) and E = log 2
    pairs, known = torch.tensor([[0, 2], [1, 3]]), torch.tensor([0, 0, 1, 1])
    assert float(LabelEnergy(Propagation(torch.eye(4), pairs), known).weight) == pytest.approx(1 / math.log(2))
    across = torch.tensor([[0, 1], [2, 3]])
    assert float(LabelEnergy(Propagation(torch.eye(4), across), known).weight) == 0


def test_labels_raise_the_torque_of_edges_across_classes(blocks):
    x, pairs, known = blocks
    plain, labelled = (LayerScorer(x, pairs, force="energy", known=labels) for labels in (None, known))
    across = (known[pairs[0]] != known[pairs[1]]) & (known[pairs] >= 0).all(dim=0)
    within = (known[pairs[0]] == known[pairs[1]]) & (known[pairs] >= 0).all(dim=0)
    difference = labelled(pairs).force - plain(pairs).force
    assert difference[across].min() > difference[within].max()
    assert difference[within].abs().max() < 1e-6


@pytest.mark.parametrize("known", [[0, -1, -1, -1], [1, 1, -1, -1], [0, 1, 2, 2]])
def test_few_labels_give_finite_energies(known):
    propagation = Propagation(torch.eye(4), torch.tensor([[0, 1], [1, 2]]))
    energy = LabelEnergy(propagation, torch.tensor(known))
    assert bool(torch.isfinite(energy(torch.tensor([[0, 0, 2], [1, 3, 3]]))).all())
    assert bool(torch.isfinite(energy.weight))


def test_permuting_the_nodes_permutes_the_energies(blocks):
    x, pairs, known = blocks
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    rank = order.argsort()
    renamed = undirected_pairs(rank[pairs], len(x))
    before, after = LabelEnergy(Propagation(x, pairs), known), LabelEnergy(Propagation(x[order], renamed), known[order])
    original = order[renamed].sort(dim=0).values
    position = original[0].argsort(stable=True)
    torch.testing.assert_close(after(renamed)[position], before(original[:, position]), rtol=1e-6, atol=1e-8)
    assert float(after.weight) == pytest.approx(float(before.weight))
