import re
from dataclasses import replace
from functools import partial

import pytest
import torch
from torch_geometric.data import Data

from tests.conftest import as_set
from torque_core import Noise, add_noise
from torque_core.attacks import AttackSpec, SoftTorque, attack, predict
from torque_core.baselines import GCNJaccard
from torque_core.datasets import BlockModel, sample_block_model
from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.nn import TorqueGNN
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.training import TrainSpec, train

QUICK = AttackSpec(epochs=20, block_size=2_000)
REWIRED = RewireSpec(cut="fixed", fraction=0.1)


def block_model():
    data = sample_block_model(BlockModel(nodes=150, homophily=0.8))
    node = torch.arange(150)
    data.train_mask, data.val_mask, data.test_mask = node % 5 == 0, node % 5 == 1, node % 5 > 1
    return data


def trained(data, rewiring=None):
    *_, end = train(data, TrainSpec(epochs=40, refresh_every=2000), rewiring=rewiring, device="cpu")
    return end.model


@pytest.fixture(scope="module")
def data():
    return block_model()


@pytest.fixture(scope="module")
def plain(data):
    return trained(data)


@pytest.fixture(scope="module")
def rewired(data):
    return trained(data, REWIRED)


def accuracy(logits, data):
    return float((logits.argmax(dim=1) == data.y)[data.test_mask].double().mean())


def edges_of(data):
    return as_set(undirected_pairs(data.edge_index, len(data.x)))


def check_books(data, found):
    """What was added is new, what was removed was there, the graph is what the two leave, and the budget holds."""
    before, added, removed = edges_of(data), as_set(found.added), as_set(found.removed)
    assert not added & before
    assert removed <= before
    assert all(0 <= i < j < len(data.x) for i, j in added)
    assert edges_of(found.data) == (before - removed) | added
    assert found.data.is_undirected()
    assert found.data.num_edges == 2 * len(edges_of(found.data))
    assert 0 < len(added) + len(removed) <= found.budget


@pytest.mark.parametrize("budget", [0.01, 0.1, 0.3])
def test_the_books_are_right_and_accuracy_falls(data, plain, budget):
    found = attack(plain, data, replace(QUICK, budget=budget))
    check_books(data, found)
    assert found.budget == round(budget * len(edges_of(data)))
    assert found.before == pytest.approx(accuracy(predict(plain, data), data))
    assert found.after == pytest.approx(accuracy(predict(plain, found.data), data))
    assert found.after < found.before


def test_gradients_are_stronger_than_random_flips(data, plain):
    found = attack(plain, data, QUICK)
    free = as_set(torch.triu_indices(150, 150, offset=1)) - edges_of(data)
    for seed in range(5):
        drawn = torch.randperm(len(free), generator=torch.Generator().manual_seed(seed))[: found.budget]
        new = torch.tensor(sorted(free)).T[:, drawn]
        random = Data(x=data.x, edge_index=torch.cat([data.edge_index, pairs_to_edge_index(new)], dim=1))
        assert accuracy(predict(plain, random), data) > found.after + 0.05


def test_through_the_rewiring(data, rewired):
    found = attack(rewired, data, QUICK, rewiring=REWIRED)
    check_books(data, found)
    assert found.before == pytest.approx(accuracy(predict(rewired, data, rewiring=REWIRED), data))
    assert found.after == pytest.approx(accuracy(predict(rewired, found.data, rewiring=REWIRED), data))
    assert found.after < found.before - 0.1


def test_an_edge_filter_is_part_of_the_attacked_pipeline(data):
    """The attack adds edges that pass the filter, and is evaluated on the filtered graph."""
    prune = GCNJaccard()
    edge_filter = partial(prune.keeps, data.x)
    model = trained(prune(data))
    found = attack(model, data, QUICK, edge_filter=edge_filter)
    check_books(data, found)
    assert found.before == pytest.approx(accuracy(predict(model, prune(data)), data))
    assert found.after == pytest.approx(accuracy(predict(model, prune(found.data)), data))
    assert bool(edge_filter(found.added).double().mean() > 0.8)
    blind = attack(model, prune(data), QUICK)
    assert found.after < accuracy(predict(model, prune(blind.data)), data)


def test_graphs_are_selected_by_the_hard_pipeline(data):
    """Kept edges are weighted by their confidence, in the search as in the result."""
    gap = RewireSpec()
    noisy = add_noise(data, Noise("insert", 0.5)).data
    assert rewire(noisy, gap).layers[0].edge_confidence is not None
    model, seen = trained(noisy, gap), []
    hook = model.register_forward_pre_hook(lambda _, inputs: seen.append(inputs))
    attack(model, noisy, replace(QUICK, epochs=5), rewiring=gap)
    hook.remove()
    assert all(len(inputs) == 3 and inputs[2][0] is not None for inputs in seen)


def test_adaptive_attacks_are_stronger(data, rewired):
    blind = attack(rewired, data, QUICK)
    knowing = attack(rewired, data, QUICK, rewiring=REWIRED)
    assert knowing.after < accuracy(predict(rewired, blind.data, rewiring=REWIRED), data)


@pytest.mark.parametrize("rewiring", [None, REWIRED])
def test_a_seed_gives_one_attack_whatever_else_draws(data, plain, rewiring):
    spec = replace(QUICK, epochs=5)
    torch.manual_seed(1)
    first = attack(plain, data, spec, rewiring=rewiring)
    after = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(1), after)  # torch's own numbers go on as if nothing was
    again = attack(plain, data, spec, rewiring=rewiring)
    other = attack(plain, data, replace(spec, seed=1), rewiring=rewiring)
    assert torch.equal(first.data.edge_index, again.data.edge_index)
    assert as_set(first.added) != as_set(other.added)


@pytest.mark.parametrize("rewiring", [None, REWIRED])
def test_graph_and_model_are_not_modified(plain, rewiring):
    data, untouched = block_model(), block_model()
    weights = {name: value.clone() for name, value in plain.state_dict().items()}
    gradients = [parameter.grad.clone() for parameter in plain.parameters()]
    plain.train()
    found = attack(plain, data, replace(QUICK, epochs=5), rewiring=rewiring)
    assert plain.training
    plain.eval()
    attack(plain, data, replace(QUICK, epochs=5), rewiring=rewiring)
    assert not plain.training
    assert all(torch.equal(value, weights[name]) for name, value in plain.state_dict().items())
    assert all(map(torch.equal, (parameter.grad for parameter in plain.parameters()), gradients))
    assert data.keys() == untouched.keys() == found.data.keys()
    for key in data.keys():  # noqa: SIM118, a Data is no dict
        assert torch.equal(data[key], untouched[key])
        assert key == "edge_index" or torch.equal(found.data[key], data[key])


def test_predict_is_the_model_on_the_graphs_of_the_rewiring(data, rewired):
    rewired.eval()
    with torch.no_grad():
        rewiring = rewire(data, REWIRED)
        assert torch.equal(predict(rewired, data, rewiring=REWIRED), rewired(data.x, rewiring.edge_indices))
        assert torch.equal(predict(rewired, data), rewired(data.x, [data.edge_index] * 2))


def test_number_of_layers_of_a_plain_model(data):
    model = TorqueGNN(data.num_features, 8, 3, 3)
    assert predict(model, data, layers=3).shape == (150, 3)
    check_books(data, attack(model, data, replace(QUICK, epochs=5), layers=3))


def test_a_model_that_ignores_edges_is_robust(data):
    model = TorqueGNN(data.num_features, 8, 2, 3, backbone="mlp")
    found = attack(model, data, replace(QUICK, epochs=5))
    assert found.after == found.before


def test_a_tiny_graph_is_attacked():
    data = Data(x=torch.eye(4), edge_index=torch.tensor([[0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2]]))
    data.y, data.test_mask = torch.tensor([0, 0, 1, 1]), torch.ones(4, dtype=torch.bool)
    found = attack(TorqueGNN(4, 8, 2, 2), data, AttackSpec(budget=0.5, epochs=5, block_size=8))
    assert found.budget == 2
    check_books(data, found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"budget": 0.0}, "budget must be in (0, 0.5], got 0.0"),
        ({"budget": 0.6}, "budget must be in (0, 0.5], got 0.6"),
        ({"epochs": 4}, "epochs must be an integer in [5, 2000], got 4"),
        ({"epochs": 9.5}, "epochs must be an integer in [5, 2000], got 9.5"),
        ({"block_size": 0}, "block_size must be an integer in [1, 50000000], got 0"),
        ({"learning_rate": 0.0}, "learning_rate must be in [1e-06, 1000000000.0], got 0.0"),
        ({"temperature": 0.0}, "temperature must be in [0.001, 100], got 0.0"),
        ({"seed": -1}, "seed must be an integer from 0"),
    ],
)
def test_invalid_specifications_are_refused(options, message):
    with pytest.raises(BadConfig, match=re.escape(message)):
        AttackSpec(**options)


def test_budgets_that_do_not_fit_the_graph_are_refused(data, plain):
    edges = len(edges_of(data))
    with pytest.raises(BadConfig, match=f"a budget of 0.0001 of {edges} edges is not a single flip; raise budget"):
        attack(plain, data, AttackSpec(budget=0.0001))
    flips = round(0.1 * edges)
    with pytest.raises(BadConfig, match=f"block_size must be at least {4 * flips} for {flips} flips, got 100"):
        attack(plain, data, AttackSpec(block_size=100))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": None}, "an attack needs labels y and a test_mask"),
        ({"test_mask": None}, "an attack needs labels y and a test_mask"),
        ({"test_mask": torch.ones(150, 2).bool()}, "test_mask (150, 2); choose one split of several"),
        ({"test_mask": torch.zeros(150).bool()}, "test_mask must hold one node or more, and labelled ones only"),
        ({"y": torch.full((150,), -1)}, "test_mask must hold one node or more, and labelled ones only"),
        ({"edge_index": torch.tensor([[0], [1]])}, "the graph has directions or edge weights; make it undirected"),
        ({"edge_index": torch.tensor([[0], [999]])}, "edge_index contains node 999"),
    ],
)
def test_graphs_that_cannot_be_attacked_are_refused(plain, change, message):
    data = block_model()
    for key, value in change.items():
        data[key] = value
    with pytest.raises(BadGraph, match=re.escape(message)):
        attack(plain, data, QUICK)


def test_every_rewiring_of_the_search_sees_the_training_labels(data, rewired, monkeypatch):
    spec, seen = replace(REWIRED, force="energy"), []

    def spy(graph, *options):
        seen.append(graph)
        return rewire(graph, *options)

    monkeypatch.setattr("torque_core.attacks.prbcd.rewire", spy)
    found = attack(rewired, data, QUICK, rewiring=spec)
    assert len(seen) > 2
    assert all(torch.equal(graph.train_mask, data.train_mask) for graph in seen)
    logits = predict(rewired, found.data, rewiring=spec)  # with labels, as anyone who rewires the graph has them
    assert found.after == pytest.approx(accuracy(logits, data))


def test_the_relaxation_sees_the_training_labels(data, rewired, monkeypatch):
    known, made = [], SoftTorque.__init__

    def spy(*args, **options):
        known.append(options["known"])
        made(*args, **options)

    monkeypatch.setattr(SoftTorque, "__init__", spy)
    attack(rewired, data, QUICK, rewiring=replace(REWIRED, force="energy"))
    assert [labels.tolist() for labels in known] == [torch.where(data.train_mask, data.y, -1).tolist()]
