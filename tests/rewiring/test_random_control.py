import math
from dataclasses import replace

import pytest
import torch
from torch_geometric.data import Data

from tests.conftest import as_set
from torque_core import (
    BadConfig,
    BadGraph,
    BlockModel,
    ClassProbabilities,
    DatasetSpec,
    RewireSpec,
    TrainSpec,
    load,
    load_rewiring,
    rewire,
    save_rewiring,
    train,
)
from torque_core.baselines import rewire_at_random
from torque_core.graph.pairs import is_among, undirected_pairs
from torque_core.rewiring.scorer_factory import LayerScorerFactory

SPEC = RewireSpec(cut="fixed", fraction=0.3, additions=1.0, layers=3)
HIERARCHIES = ("independent", "nested")


@pytest.fixture
def data():
    return load(DatasetSpec("block_model", block_model=BlockModel(nodes=120))).data


@pytest.fixture
def weighted(data):
    edge_index = data.edge_index[:, 5:]  # some edges go one way
    weight = 0.1 + torch.rand(edge_index.size(1), generator=torch.Generator().manual_seed(0))
    return Data(x=data.x, edge_index=edge_index, edge_weight=weight, y=data.y, train_mask=data.train_mask)


def class_probabilities_of(data):
    known = torch.where(data.train_mask, data.y, -1)
    logits = torch.randn(len(data.y), int(data.y.max()) + 1, generator=torch.Generator().manual_seed(0))
    return ClassProbabilities(logits, known, 0.4)


@pytest.mark.parametrize("hierarchy", HIERARCHIES)
@pytest.mark.parametrize("graph", ["data", "weighted"])
def test_random_control_has_the_budget_of_torque(request, graph, hierarchy):
    data, spec = request.getfixturevalue(graph), replace(SPEC, hierarchy=hierarchy)
    by_torque, drawn = rewire(data, spec), rewire_at_random(data, spec)
    assert drawn.spec == spec
    assert len(drawn.layers) == 3
    for index, (torque_layer, layer) in enumerate(zip(by_torque.layers, drawn.layers, strict=True)):
        assert int(layer.pruned_mask.sum()) == int(torque_layer.pruned_mask.sum()) > 0
        assert layer.added.size(1) == torque_layer.added.size(1) > 0
        assert layer.pairs.shape == torque_layer.pairs.shape
        assert not torch.equal(layer.pruned_mask, torque_layer.pruned_mask)
        assert not is_among(layer.added, layer.pairs, drawn.num_nodes).any()
        assert torch.equal(layer.added, undirected_pairs(layer.added, drawn.num_nodes))
        assert layer.cut.threshold == math.inf
        assert layer.cut.reason == (
            f"Random control: {int(layer.pruned_mask.sum()):,} edges, as many as torque would prune."
        )
        if hierarchy == "nested" and index:
            assert torch.equal(layer.pairs, drawn.layers[index - 1].rewired)
        else:
            assert torch.equal(layer.pairs, by_torque.layers[0].pairs)
        for torque in (layer.torque, layer.added_torque):
            assert bool((torque.value.isfinite() & (torque.value >= 0)).all())
        assert len(layer.added_torque.value) == layer.added.size(1)
        if graph == "weighted":
            assert layer.direction_weight.shape == (2, layer.pairs.size(1))
            assert layer.edge_weight.shape == layer.edge_index.shape[1:]


@pytest.mark.parametrize("hierarchy", HIERARCHIES)
@pytest.mark.parametrize("force", ["dirichlet", "pair"])
@pytest.mark.parametrize("with_probabilities", [False, True])
@pytest.mark.parametrize("graph", ["data", "weighted"])
def test_torques_equal_those_of_rewire(request, graph, hierarchy, force, with_probabilities):
    data = request.getfixturevalue(graph)
    class_probabilities = class_probabilities_of(data) if with_probabilities else None
    spec = replace(SPEC, hierarchy=hierarchy, force=force)
    rewiring = rewire(data, spec, class_probabilities=class_probabilities)
    scorers = LayerScorerFactory(data, class_probabilities)
    for index, layer in enumerate(rewiring.layers):
        scorer = scorers.of_layer(index, rewiring.graph_before(index), rewiring.spec, screening=layer.screening)
        for pairs, expected in ((layer.pairs, layer.torque), (layer.added, layer.added_torque)):
            torch.testing.assert_close(scorer(pairs).value, expected.value)


def test_class_probabilities_are_used(data):
    informed = rewire_at_random(data, SPEC, class_probabilities=class_probabilities_of(data))
    assert torch.equal(
        informed.layers[0].torque.value,
        rewire(data, SPEC, class_probabilities=class_probabilities_of(data)).layers[0].torque.value,
    )
    assert not torch.equal(informed.layers[0].torque.value, rewire_at_random(data, SPEC).layers[0].torque.value)


@pytest.mark.parametrize("hierarchy", HIERARCHIES)
def test_choices_depend_on_the_seed_and_the_layer(data, hierarchy):
    spec = replace(SPEC, hierarchy=hierarchy)
    state = torch.get_rng_state()
    first, again, other = (rewire_at_random(data, replace(spec, seed=seed)) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), state)
    for one, same in zip(first.layers, again.layers, strict=True):
        assert torch.equal(one.rewired, same.rewired)
    assert not torch.equal(first.layers[0].pruned_mask, other.layers[0].pruned_mask)
    assert not torch.equal(first.layers[0].added, other.layers[0].added)
    assert not torch.equal(first.layers[0].pruned_mask, first.layers[1].pruned_mask)
    assert as_set(first.layers[0].added) != as_set(first.layers[1].added)


def test_choices_are_uniform(data):
    counts = torch.zeros(undirected_pairs(data.edge_index, 120).size(1))
    ends = torch.zeros(120)
    for seed in range(200):
        layer = rewire_at_random(data, replace(SPEC, layers=1, seed=seed)).layers[0]
        counts += layer.pruned_mask
        ends += torch.bincount(layer.added.flatten(), minlength=120)
    share = float(layer.pruned_mask.float().mean())
    deviation = (200 * share * (1 - share)) ** 0.5
    assert float((counts - 200 * share).abs().max()) < 5 * deviation
    # a node is drawn as often as it has pairs that are free
    free = 119 - torch.bincount(layer.pairs.flatten(), minlength=120)
    expected = ends.sum() * free / free.sum()
    assert float(((ends - expected).abs() / expected.sqrt()).max()) < 5


def test_only_pruning_or_only_additions_at_random(data):
    by_torque = rewire(data, SPEC)
    pruning, adding = (
        rewire_at_random(data, SPEC, **{option: False}) for option in ("random_additions", "random_pruning")
    )
    for layer, pruned, added in zip(by_torque.layers, pruning.layers, adding.layers, strict=True):
        assert torch.equal(pruned.added, layer.added)
        assert torch.equal(pruned.added_torque.value, layer.added_torque.value)
        assert not torch.equal(pruned.pruned_mask, layer.pruned_mask)
        assert torch.equal(added.pruned_mask, layer.pruned_mask)
        assert added.cut == layer.cut
        assert not torch.equal(added.added, layer.added)
        assert torch.equal(added.torque.value, layer.torque.value)


@pytest.mark.parametrize("options", [{}, {"cut": "fixed", "add": "gap", "seed": 1, "layers": 1}])
def test_options_by_name_equal_a_spec(data, options):
    by_name, by_spec = rewire_at_random(data, **options), rewire_at_random(data, RewireSpec(**options))
    assert by_name.spec == by_spec.spec == RewireSpec(**options)
    for layer, expected in zip(by_name.layers, by_spec.layers, strict=True):
        assert torch.equal(layer.pruned_mask, expected.pruned_mask)
        assert torch.equal(layer.added, expected.added)


def test_a_spec_and_options_are_exclusive(data):
    with pytest.raises(TypeError, match="give a RewireSpec or options by name, not both"):
        rewire_at_random(data, SPEC, layers=1)
    with pytest.raises(TypeError, match=r"got 'gap'; give options by name instead, such as cut='gap'"):
        rewire_at_random(data, "gap")


def test_nothing_to_choose(data):
    for spec in (RewireSpec(cut="none"), RewireSpec(cut="fixed", fraction=0.2, additions=0.0)):
        drawn = rewire_at_random(data, spec)
        assert [layer.added.size(1) for layer in drawn.layers] == [0, 0]
    alone = Data(x=torch.eye(3), edge_index=torch.empty(2, 0, dtype=torch.long))
    assert rewire_at_random(alone).layers[0].rewired.shape == (2, 0)
    assert [layer.pruned.size(1) for layer in rewire_at_random(data, RewireSpec(cut="none")).layers] == [0, 0]


@pytest.mark.parametrize("graph", ["data", "weighted"])
@pytest.mark.parametrize("hierarchy", HIERARCHIES)
def test_the_record_is_saved_and_loaded(request, tmp_path, graph, hierarchy):
    drawn = rewire_at_random(request.getfixturevalue(graph), replace(SPEC, hierarchy=hierarchy))
    loaded = load_rewiring(save_rewiring(drawn, tmp_path / "drawn.npz"))
    assert loaded.spec == drawn.spec
    for layer, again in zip(drawn.layers, loaded.layers, strict=True):
        assert torch.equal(layer.edge_index, again.edge_index)
        assert torch.equal(layer.torque.value, again.torque.value)
        assert torch.equal(layer.added_torque.value, again.added_torque.value)
        assert layer.cut.threshold == again.cut.threshold


def test_training_accepts_the_random_control(data):
    *events, end = train(
        data, TrainSpec(epochs=4, warmup=1, refresh_every=2), rewiring=SPEC, rewirer=rewire_at_random, device="cpu"
    )
    assert [type(event).__name__ for event in events].count("Refresh") == 2
    assert end.rewiring.layers[0].cut.reason.startswith("Random control")


@pytest.mark.parametrize("options", [{"cut": "bernoulli"}, {"add": "bernoulli"}])
def test_learned_rules_have_no_random_control(data, options):
    with pytest.raises(BadConfig, match=r"is learned in training, .*; choose rules that are not learned"):
        rewire_at_random(data, RewireSpec(**options))


def test_torques_are_permuted_with_the_pruned_edges_on_request(data):
    by_torque, at_random = rewire(data, SPEC).layers[0], rewire_at_random(data, SPEC, random_torque=True).layers[0]
    torque, permuted = by_torque.torque.value, at_random.torque.value
    assert torch.equal(torque.sort().values, permuted.sort().values)
    assert not torch.equal(torque, permuted)
    assert float(permuted[at_random.pruned_mask].min()) >= float(permuted[~at_random.pruned_mask].max())
    with pytest.raises(BadConfig, match="set random_pruning=True"):
        rewire_at_random(data, SPEC, random_torque=True, random_pruning=False)


@pytest.mark.parametrize("option", ["random_pruning", "random_additions"])
def test_a_nested_hierarchy_needs_both_at_random(data, option):
    with pytest.raises(
        BadConfig, match="both random_pruning and random_additions must be True; choose hierarchy indep"
    ):
        rewire_at_random(data, replace(SPEC, hierarchy="nested"), **{option: False})


def test_invalid_graphs_raise():
    with pytest.raises(BadGraph, match="edge_index contains node 5"):
        rewire_at_random(Data(x=torch.eye(3), edge_index=torch.tensor([[0], [5]])))
