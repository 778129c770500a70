from dataclasses import replace

import pytest
import torch
from torch_geometric.data import Batch, Data

from torque_core import Noise, TrainSpec, rewire
from torque_core.baselines import FoSR
from torque_core.datasets.trees import TreesSpec, sample_trees
from torque_core.errors import BadConfig
from torque_core.experiments import from_json, key, to_json
from torque_core.experiments.kinds import squashing_trees
from torque_core.experiments.kinds.squashing import Squashing
from torque_core.experiments.kinds.squashing_trees import TREE_METHODS, SquashingTrees
from torque_core.graph.pairs import undirected_pairs
from torque_core.rewiring.spec import RewireSpec

SHORT = TrainSpec(epochs=15, hidden=8, refresh_every=5)
KARATE = Squashing(dataset="karate", noise=Noise("insert", 0.5, 1), spec=SHORT, nodes=6, pairs=60)
TREES = SquashingTrees(depth=2, assignments=5, epochs=3, batch=8, hidden=8)
HOPS = ("hop_0", "hop_1", "hop_2", "hop_3")


def graph_of(tree, layer):
    return undirected_pairs(tree[f"edge_index_{layer}"], len(tree.x))


def test_nothing_is_heard_from_beyond_the_layers_and_nothing_is_cut_on_the_graph_as_it_is():
    found = replace(KARATE, layers=2).run().metrics
    assert sum(found[name] for name in HOPS) == pytest.approx(1)
    assert found["hop_3"] == found["disconnected"] == 0
    assert found["hop_1"] > 0
    assert found["resistance"] == found["resistance_before"] > 0


def test_a_model_that_is_blind_to_edges_hears_itself_alone():
    found = replace(KARATE, method="mlp").run().metrics
    assert found["hop_0"] == found["own_class"] == pytest.approx(1)
    assert [found[name] for name in (*HOPS[1:], "beyond")] == pytest.approx([0] * 4, abs=1e-6)


def test_hops_are_those_of_the_graph_before_rewiring():
    """A path of 5 nodes is closed to a ring: node 4 is heard by node 0, though it was 4 hops away."""
    path = torch.tensor([[0, 1, 2, 3], [1, 2, 3, 4]])
    ring = torch.cat([path, torch.tensor([[0], [4]])], dim=1)
    edges = torch.cat([ring, ring.flip(0)], dim=1)
    data = Data(x=torch.ones(5, 1), y=torch.tensor([0, 1, 1, 1, 0]))

    class Sum(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.factor = torch.nn.Parameter(torch.ones(()))

        def forward(self, x, graphs, weights):
            return self.factor * torch.zeros_like(x).index_add(0, graphs[0][1], x[graphs[0][0]])

    found = replace(KARATE, nodes=5)._influence(Sum(), data, [edges], [None], path)
    # of the ten messages in the ring, eight come from a neighbour on the path and two from its other end
    assert found["hop_1"] == pytest.approx(0.8)
    assert found["beyond"] == pytest.approx(0.2)
    # 0 hears 1 and 4, 4 hears 3 and 0: half; 2 hears 1 and 3: all; 1 and 3 hear 2 and an end: half
    assert found["own_class"] == pytest.approx((0.5 + 0.5 + 1 + 0.5 + 0.5) / 5)


def test_resistance_is_of_the_pairs_that_stay_connected():
    path, cut = torch.tensor([[0, 1], [1, 2]]), torch.tensor([[0], [1]])
    drawn = torch.randint(3, (2, 1_000), generator=torch.Generator().manual_seed(0))
    low, high = drawn.sort(dim=0).values[:, drawn[0] != drawn[1]]
    found = replace(KARATE, split=0, pairs=1_000)._resistance(path, [path, cut], 3)
    of_path = (high - low).double().mean()  # one ohm an edge
    left = ((low == 0) & (high == 1)).double().mean()
    assert found["disconnected"] == pytest.approx(float(1 - left) / 2)
    assert found["resistance"] == found["resistance_before"] == pytest.approx(float(of_path + 1) / 2)
    nothing = replace(KARATE, pairs=60)._resistance(path, [path[:, :0]], 3)
    assert nothing == {"resistance": None, "resistance_before": None, "disconnected": 1.0}


def test_the_rewired_graph_is_looked_at():
    plain, torque, fosr = (
        replace(KARATE, method=method).run().metrics for method in ("plain", "torque_default", "fosr")
    )
    assert torque["hop_0"] > plain["hop_0"]  # fewer neighbours
    assert torque["resistance"] > torque["resistance_before"]
    assert fosr["resistance"] < fosr["resistance_before"]
    assert fosr["disconnected"] == 0


def test_the_same_again():
    assert KARATE.run().metrics == KARATE.run().metrics
    assert TREES.run() == TREES.run()


def test_trees_are_rewired_as_their_method_says():
    trees = sample_trees(TREES._spec()).train[:6]
    shape = undirected_pairs(trees[0].edge_index, 7)
    for tree in replace(TREES, method="plain")._rewired(trees):
        assert all(torch.equal(graph_of(tree, layer), shape) for layer in range(3))
    peer = undirected_pairs(FoSR(iterations=3)(Data(x=trees[0].x, edge_index=trees[0].edge_index)).edge_index, 7)
    for tree in replace(TREES, method="fosr")._rewired(trees):
        assert all(torch.equal(graph_of(tree, layer), peer) for layer in range(3))
    for tree in replace(TREES, method="fully_adjacent")._rewired(trees):
        assert [torch.equal(graph_of(tree, layer), shape) for layer in range(3)] == [True, True, False]
        assert tree.edge_index_2.tolist() == [[1, 2, 3, 4, 5, 6], [0] * 6]
    spec = RewireSpec(cut="fixed", fraction=0.1, additions=2.0, layers=3)
    for before, tree in zip(trees, replace(TREES, method="torque_forced")._rewired(trees), strict=True):
        layers = rewire(Data(x=before.x, edge_index=before.edge_index), spec).layers
        assert all(torch.equal(graph_of(tree, layer), layers[layer].rewired) for layer in range(3))


def test_changes_are_shares_of_a_trees_edges():
    (tree,) = replace(TREES, method="fosr")._rewired(sample_trees(TREES._spec()).train[:1])
    assert squashing_trees._changes(tree, 3) == [(0.0, 0.5)] * 3
    (tree,) = replace(TREES, method="fully_adjacent")._rewired(sample_trees(TREES._spec()).train[:1])
    assert squashing_trees._changes(tree, 3) == [(0.0, 0.0), (0.0, 0.0), (4 / 6, 4 / 6)]


@pytest.mark.parametrize("backbone", ["gcn", "sum"])
def test_a_batch_of_trees_is_what_each_of_them_is(backbone):
    trees = replace(TREES, method="torque_forced")._rewired(sample_trees(TREES._spec()).train[:4])
    model = squashing_trees._RootModel(TreesSpec(depth=2), 8, squashing_trees._CONVOLUTIONS[backbone])
    together = model(Batch.from_data_list(trees))
    alone = torch.cat([model(Batch.from_data_list([tree])) for tree in trees])
    assert together.shape == (4, 4)
    assert torch.allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("method", TREE_METHODS)
def test_every_method_learns_something(method):
    result = replace(TREES, method=method).run()
    metrics = result.metrics
    assert metrics["trees"] == 16
    assert metrics["epochs"] == 3 == len(result.curves["train"])
    assert metrics["fit"] == max(result.curves["train"])
    assert 0 <= metrics["held_out"] <= 1
    assert len(metrics["pruned"]) == len(metrics["added"]) == 3


def test_small_trees_are_learned_by_heart_and_training_ends_there():
    metrics = SquashingTrees(depth=2, assignments=3, backbone="sum", epochs=300, learning_rate=0.01).run().metrics
    assert metrics["fit"] == 1
    assert metrics["epochs"] < 300


def test_they_can_be_written_and_read_and_have_their_own_keys():
    for experiment in (KARATE, TREES):
        assert from_json(experiment.kind, to_json(experiment)) == experiment
    assert len({key(replace(TREES, method=method)) for method in TREE_METHODS}) == len(TREE_METHODS)


def test_equal_experiments_have_equal_fields():
    first = Squashing(dataset="karate", noise=Noise("dice", 0.0, 3))
    assert first == Squashing(dataset="karate", scheme="random-48-32-20")


@pytest.mark.parametrize(
    ("experiment", "fields", "message"),
    [
        (KARATE, {"dataset": "atlantis"}, "unknown data set 'atlantis'"),
        (KARATE, {"method": "magic"}, "method must be one of plain"),
        (KARATE, {"nodes": 0}, r"nodes must be an integer in \[1, 10000\], got 0"),
        (KARATE, {"pairs": 1.5}, r"pairs must be an integer in \[1, 1000000\], got 1.5"),
        (TREES, {"depth": 9}, r"depth must be an integer in \[2, 8\], got 9"),
        (
            TREES,
            {"method": "gdc"},
            "method must be one of plain, torque_default, torque_forced, fosr, fully_adjacent; got",
        ),
        (TREES, {"backbone": "gat"}, "backbone must be one of gcn, sum; got 'gat'"),
        (TREES, {"epochs": 0}, r"epochs must be an integer in \[1, 50000\], got 0"),
        (TREES, {"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be(experiment, fields, message):
    with pytest.raises(BadConfig, match=message):
        replace(experiment, **fields)
