import pytest
import torch
from torch_geometric.data import Data

from torque_core import load, rewire
from torque_core.attacks.noise import Noise, add_noise
from torque_core.datasets import DatasetSpec
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.graph.propagation import Propagation, centred_unit
from torque_core.rewiring.scorer_factory import LayerScorerFactory
from torque_core.rewiring.screening import feature_distance, screen_by_features
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.scoring.label_energy import LabelEnergy
from torque_core.scoring.layer_scorer import LayerScorer

SIZE = 40


def groups(*between: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Two groups of 40 nodes with features of their own, a dense ring in each, and edges between them: x and pairs."""
    ring = torch.tensor([[i, (i + step) % SIZE] for i in range(SIZE) for step in range(1, 7)]).T
    edges = torch.cat([ring, ring + SIZE, torch.tensor(between, dtype=torch.long).reshape(-1, 2).T], dim=1)
    x = torch.eye(2).repeat_interleave(SIZE, dim=0) + 0.1 * torch.rand(
        2 * SIZE, 2, generator=torch.Generator().manual_seed(0)
    )
    return x, undirected_pairs(pairs_to_edge_index(edges), 2 * SIZE)


# the first three nodes of one group, each tied to eight of the other: their neighbourhoods become alike
HUBS = [(hub, SIZE + other) for hub in range(3) for other in range(10, 18)]


def test_the_cosine_distance_by_hand():
    x = torch.tensor([[3.0, 0.0], [0.0, 2.0], [1.0, 1.0], [0.0, 0.0]])
    pairs = torch.tensor([[0, 0, 1, 2], [1, 2, 2, 3]])
    half = 0.5**0.5
    torch.testing.assert_close(feature_distance(x, pairs), torch.tensor([1.0, 1 - half, 1 - half, 1.0]))


def test_features_that_agree_give_no_reason_to_doubt_an_edge():
    x, pairs = groups()
    assert screen_by_features(centred_unit(x), pairs) is None
    data = Data(x=x, edge_index=pairs_to_edge_index(pairs))
    screened, plain = (rewire(data, screen=screen, additions=0.0) for screen in (True, False))
    for one, other in zip(screened.layers, plain.layers, strict=True):
        assert one.screening is None
        assert torch.equal(one.torque.value, other.torque.value)


def test_edges_between_unlike_nodes_have_little_weight_in_propagation():
    x, pairs = groups(*HUBS)
    screening = screen_by_features(centred_unit(x), pairs)
    assert screening is not None
    confidence = screening(feature_distance(centred_unit(x), pairs))
    across = (pairs[0] < SIZE) & (pairs[1] >= SIZE)
    assert confidence[across].max() < 0.5 < confidence[~across].median()
    assert screening.doubted == int((confidence < 0.5).sum()) >= len(HUBS)


def test_edges_that_hide_each_other_are_found():
    x, pairs = groups(*HUBS)
    data = Data(x=x, edge_index=pairs_to_edge_index(pairs))
    screened, plain = (rewire(data, layers=1, additions=0.0, screen=screen).layers[0] for screen in (True, False))
    across = (pairs[0] < SIZE) & (pairs[1] >= SIZE)
    assert screened.torque.value[across].mean() > plain.torque.value[across].mean()
    assert screened.pruned_mask[across].float().mean() > 0.9
    assert screened.pruned_mask[~across].float().mean() < 0.1


def test_confidence_multiplies_the_weights_of_propagation_but_not_of_label_energies():
    x, pairs = groups(*HUBS)
    features, known = centred_unit(x), torch.full((2 * SIZE,), -1)
    known[::5] = (torch.arange(2 * SIZE) >= SIZE)[::5].long()
    weight = torch.rand(pairs.size(1), generator=torch.Generator().manual_seed(1)) + 0.5
    confidence = torch.rand(pairs.size(1), generator=torch.Generator().manual_seed(2)) + 0.01
    scorer = LayerScorer(features, pairs, weight, force="energy", known=known, confidence=confidence)
    torch.testing.assert_close(scorer.propagation.mean2, Propagation(features, pairs, weight * confidence).mean2)
    energy = LabelEnergy(Propagation(features, pairs, weight), known)
    dirichlet = LayerScorer(features, pairs, weight * confidence)(pairs)
    scored = scorer(pairs)
    torch.testing.assert_close(scored.lever, dirichlet.lever)
    torch.testing.assert_close(scored.force, dirichlet.force + energy.weight * energy(energy._graph.pairs))


def test_what_a_model_predicts_has_no_part_in_screening():
    x, pairs = groups(*HUBS)
    data = Data(x=x, edge_index=pairs_to_edge_index(pairs))
    none = torch.full((2 * SIZE,), -1)
    misled = ClassProbabilities(torch.tensor([9.0, 0.0]).repeat(2 * SIZE, 1), none)
    with_model, without = LayerScorerFactory(data, misled), LayerScorerFactory(data)
    one, other = (factory.screen(pairs, RewireSpec()) for factory in (with_model, without))
    assert one is not None
    assert other is not None
    assert torch.equal(one.curve.values, other.curve.values)
    assert without.screen(pairs, RewireSpec(screen=False)) is None


def test_numbers_of_nodes_do_not_matter():
    x, pairs = groups(*HUBS)
    order = torch.randperm(2 * SIZE, generator=torch.Generator().manual_seed(3))
    renamed = Data(x=x[order.argsort()], edge_index=pairs_to_edge_index(order[pairs].sort(dim=0).values))
    one = rewire(Data(x=x, edge_index=pairs_to_edge_index(pairs)), additions=0.0)
    other = rewire(renamed, additions=0.0)
    for before, after in zip(one.layers, other.layers, strict=True):
        # up to 200 nodes the null model is exact, so there is no chance in it
        of_pair = {
            frozenset(pair): torque for pair, torque in zip(after.pairs.T.tolist(), after.torque.value, strict=True)
        }
        moved = torch.stack([of_pair[frozenset(pair)] for pair in order[before.pairs].T.tolist()])
        torch.testing.assert_close(moved, before.torque.value, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("kind", ["metattack", "prbcd"])
def test_an_attack_on_digits_that_hides_from_the_lever_is_found(kind):
    spec = DatasetSpec("digits", "component-10-10-80", 0)
    noisy = add_noise(load(spec).data, Noise(kind, 0.25, 0))
    layers = [rewire(noisy.data, layers=1, additions=0.0, screen=screen).layers[0] for screen in (False, True)]
    injected = noisy.is_injected(layers[0].pairs)
    recall = [float(layer.pruned_mask[injected].float().mean()) for layer in layers]
    precision = float(injected[layers[1].pruned_mask].float().mean())
    assert recall[0] < 0.5
    assert recall[1] > 0.95
    assert precision > 0.9


def test_a_graph_without_edges_or_null_model_pairs():
    nothing = torch.empty(2, 0, dtype=torch.long)
    assert screen_by_features(torch.eye(3), nothing) is None
    complete = torch.triu_indices(4, 4, offset=1)
    assert screen_by_features(torch.eye(4), complete) is None
