import copy
import re

import pytest
import torch
from torch_geometric.data import Batch, Data, HeteroData, InMemoryDataset
from torch_geometric.loader import DataLoader
from torch_geometric.transforms import Compose, NormalizeFeatures

from tests.conftest import all_pairs, as_set
from torque_core import BadConfig, BadGraph, load
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.nn import TorqueGNN
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.rewiring.transform import TorqueRewire, layer_graphs

SPEC = RewireSpec(cut="fixed", fraction=0.3, additions=1.0, layers=3)


def random_graph(nodes, seed, weighted=False):
    generator = torch.Generator().manual_seed(seed)
    pairs = all_pairs(nodes)
    pairs = pairs[:, torch.rand(pairs.size(1), generator=generator) < 0.4]
    data = Data(x=torch.randn(nodes, 6, generator=generator), edge_index=pairs_to_edge_index(pairs))
    data.y = torch.tensor([seed])  # of the whole graph
    if weighted:
        data.edge_weight = (1 + torch.rand(pairs.size(1), generator=generator)).repeat(2)
    return data


@pytest.fixture(params=[False, True], ids=["plain", "weighted"])
def graphs(request):
    return [random_graph(nodes, seed, request.param) for seed, nodes in enumerate((12, 9, 15, 10))]


def weighted_edges(edge_index, weight=None):
    """The weight of each edge by its source and target; fails if an edge occurs twice."""
    weights = [1.0] * edge_index.size(1) if weight is None else weight.tolist()
    edges = dict(zip(map(tuple, edge_index.T.tolist()), weights, strict=True))
    assert len(edges) == edge_index.size(1)
    return edges


def assert_same(first, second):
    assert set(first.keys()) == set(second.keys())
    for key, value in first:
        assert torch.equal(value, second[key]) if isinstance(value, torch.Tensor) else value == second[key]


def test_a_graph_stores_the_edges_of_every_layer(graphs):
    data = graphs[0]
    del data.y
    rewired, rewiring = TorqueRewire(SPEC)(data), rewire(data, SPEC)
    edge_indices, edge_weights = layer_graphs(rewired, 3)
    for layer, edge_index, edge_weight in zip(rewiring.layers, edge_indices, edge_weights, strict=True):
        assert weighted_edges(edge_index, edge_weight) == weighted_edges(layer.edge_index, layer.edge_weight)
        assert (edge_weight is None) == (layer.edge_weight is None)
    union = set().union(*(weighted_edges(layer.edge_index) for layer in rewiring.layers))
    assert list(weighted_edges(rewired.edge_index)) == sorted(union)
    assert rewired.edge_layer_weight.shape == (len(union), 3)
    first = {edge: weight for edge, weight in weighted_edges(rewired.edge_index, rewired.edge_weight).items() if weight}
    assert first == weighted_edges(rewiring.layers[0].edge_index, rewiring.layers[0].edge_weight)


def test_one_layer_gives_an_ordinary_graph(graphs):
    data = graphs[0]
    rewired = TorqueRewire()(data)
    assert set(rewired.keys()) == {"x", "edge_index", "edge_weight", "y"}
    layer = rewire(Data(x=data.x, edge_index=data.edge_index, edge_weight=data.edge_weight), layers=1).layers[0]
    assert torch.equal(rewired.edge_index, layer.edge_index)
    assert weighted_edges(rewired.edge_index, rewired.edge_weight) == weighted_edges(
        layer.edge_index, layer.edge_weight
    )


def test_the_input_graph_is_not_changed(graphs):
    before = copy.deepcopy(graphs[0])
    TorqueRewire(SPEC)(graphs[0])
    assert_same(graphs[0], before)


def test_transform_in_a_composition():
    data = random_graph(12, 0)
    data.x = data.x.abs()
    chained = Compose([NormalizeFeatures(), TorqueRewire(SPEC)])(data)
    assert_same(chained, TorqueRewire(SPEC)(NormalizeFeatures()(data)))


class Given(InMemoryDataset):
    """Graphs that are there already."""

    def __init__(self, root, given, **options):
        self.given = given
        super().__init__(root, **options)
        self.load(self.processed_paths[0])

    @property
    def processed_file_names(self):
        return "data.pt"

    def process(self):
        self.save(list(map(self.pre_transform or copy.copy, self.given)), self.processed_paths[0])


@pytest.mark.parametrize("when", ["transform", "pre_transform"])
def test_transform_of_a_data_set(graphs, tmp_path, when):
    dataset = Given(tmp_path, graphs, log=False, **{when: TorqueRewire(SPEC)})
    assert len(dataset) == len(graphs)
    for result, data in zip(dataset, graphs, strict=True):
        expected = TorqueRewire(SPEC)(data)
        assert all(torch.equal(result[key], value) for key, value in expected if key.startswith("edge"))


@pytest.mark.parametrize("y", [torch.tensor(1), torch.tensor([1]), torch.ones(1, 19), torch.arange(12)])
def test_labels_are_not_changed(y):
    data = random_graph(12, 0)
    data.y = y
    rewired = TorqueRewire(layers=2)(data)
    assert rewired.y is data.y is y
    expected = TorqueRewire(layers=2)(random_graph(12, 0))
    assert torch.equal(rewired.edge_index, expected.edge_index)
    assert torch.equal(rewired.edge_layer_weight, expected.edge_layer_weight)


def test_node_labels_are_available_to_forces():
    data = random_graph(12, 0)
    data.train_mask = torch.arange(12) < 8
    with pytest.raises(BadGraph, match="give y and train_mask, or class_probabilities"):
        TorqueRewire(force="pair")(data)
    data.y = torch.arange(12) % 2
    edge_indices, _ = layer_graphs(TorqueRewire(force="pair", layers=2)(data), 2)
    assert weighted_edges(edge_indices[1]) == weighted_edges(rewire(data, RewireSpec(force="pair")).edge_indices[1])


def test_a_batch_is_rewired_graph_by_graph(graphs):
    together = TorqueRewire(SPEC)(Batch.from_data_list(graphs))
    assert isinstance(together, Batch)
    for result, data in zip(together.to_data_list(), graphs, strict=True):
        expected = TorqueRewire(SPEC)(data)
        assert all(torch.equal(result[key], value) for key, value in expected if key.startswith("edge"))
    for source, target in layer_graphs(together, 3)[0]:
        assert torch.equal(together.batch[source], together.batch[target])


@pytest.mark.parametrize("first", [1.0, 2.0])
def test_graphs_with_weights_of_one_can_be_batched(first):
    data = random_graph(8, 0)
    graphs = [copy.copy(data), copy.copy(data)]
    for graph, weight in zip(graphs, (first, 3 - first), strict=True):
        graph.edge_weight = torch.full((data.num_edges,), weight)
    batch = TorqueRewire(cut="none", layers=2)(Batch.from_data_list(graphs))
    expected = torch.tensor([first, 3 - first]).repeat_interleave(data.num_edges)
    assert torch.equal(batch.edge_weight, expected)
    assert torch.equal(layer_graphs(batch, 2)[1][1], expected)


@pytest.mark.parametrize("backbone", ["gcn", "sage", "gat"])
def test_batches_give_the_same_result_as_single_graphs(graphs, backbone):
    rewired = [TorqueRewire(SPEC)(data) for data in graphs]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = TorqueGNN(6, 8, 3, 3, backbone=backbone).eval()
    alone = [model(data.x, *layer_graphs(data, 3)) for data in rewired]
    seen = 0
    for batch in DataLoader(rewired, batch_size=2):
        edge_indices, edge_weights = layer_graphs(batch, 3)
        for number, edge_index in enumerate(edge_indices):
            first, second = rewired[seen : seen + 2]
            shifted = [layer_graphs(first, 3)[0][number], layer_graphs(second, 3)[0][number] + len(first.x)]
            assert torch.equal(edge_index, torch.cat(shifted, dim=1))
        torch.testing.assert_close(model(batch.x, edge_indices, edge_weights), torch.cat(alone[seen : seen + 2]))
        seen += 2
    assert seen == len(graphs)


def test_layer_graphs_of_a_graph_that_was_not_rewired():
    data = random_graph(8, 0, weighted=True)
    edge_indices, edge_weights = layer_graphs(data, 3)
    assert [edge_index is data.edge_index for edge_index in edge_indices] == [True] * 3
    assert [weight is data.edge_weight for weight in edge_weights] == [True] * 3


@pytest.mark.parametrize("layers", [1, 2, 4])
def test_layer_graphs_of_another_number_of_layers(layers):
    rewired = TorqueRewire(SPEC)(random_graph(8, 0))
    with pytest.raises(BadGraph, match=f"the graph was rewired for 3 layers, not {layers}"):
        layer_graphs(rewired, layers)


def test_several_graphs_in_one_raise():
    data = random_graph(8, 0)
    data.batch = torch.tensor([0] * 4 + [1] * 4)
    with pytest.raises(BadGraph, match=r"data\.batch assigns the nodes to several graphs, which no edge may join"):
        TorqueRewire()(data)
    data.batch = torch.zeros(8, dtype=torch.long)
    assert len(layer_graphs(TorqueRewire(layers=2)(data), 2)[0]) == 2


def test_heterogeneous_graphs_raise():
    with pytest.raises(BadGraph, match=re.escape("HeteroData.to_homogeneous() converts one")):
        TorqueRewire()(HeteroData())


def test_options_by_name_replace_the_spec():
    assert TorqueRewire(cut="none", layers=4).spec == RewireSpec(cut="none", layers=4)
    assert TorqueRewire().spec == RewireSpec(layers=1)
    assert TorqueRewire(RewireSpec()).spec == RewireSpec()
    assert repr(TorqueRewire(SPEC)) == f"TorqueRewire({SPEC})"
    assert repr(TorqueRewire(SPEC, fill=2)) == f"TorqueRewire({SPEC}, fill=2)"
    with pytest.raises(BadConfig, match="layers must be an integer"):
        TorqueRewire(layers=0)
    with pytest.raises(TypeError, match="give a RewireSpec or options by name, not both"):
        TorqueRewire(SPEC, layers=2)


def test_edges_are_added_within_a_graph_only(graphs):
    together = TorqueRewire(SPEC)(Batch.from_data_list(graphs))
    before, after = as_set(Batch.from_data_list(graphs).edge_index), as_set(together.edge_index)
    assert all(together.batch[i] == together.batch[j] for i, j in after - before)
    assert after - before


def test_a_second_rewiring_replaces_the_first():
    data = load("karate").data
    again = TorqueRewire(layers=1)(TorqueRewire(layers=3)(data))
    assert set(again.keys()) == {*data.keys(), "edge_weight"}
    edge_indices, _ = layer_graphs(again, 2)
    assert torch.equal(edge_indices[1], again.edge_index)


def test_a_graph_of_one_node_can_be_batched():
    alone = Data(x=torch.ones(1, 34), edge_index=torch.empty(2, 0, dtype=torch.long))
    karate = Data(x=torch.eye(34), edge_index=load("karate").data.edge_index)
    batch = TorqueRewire(layers=2)(Batch.from_data_list([alone, karate]))
    expected = TorqueRewire(layers=2)(karate)
    for of_batch, of_graph in zip(layer_graphs(batch, 2)[0], layer_graphs(expected, 2)[0], strict=True):
        assert torch.equal(of_batch, of_graph + 1)
