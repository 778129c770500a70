"""Every transform and loader of PyG with the rewiring transforms: a right graph, or an error with the reason."""

import copy
import itertools

import pytest
import torch
import torch_geometric
import torch_geometric.loader as loaders
import torch_geometric.transforms as transforms
from torch_geometric.data import Batch, Data, InMemoryDataset
from torch_geometric.utils import to_undirected

from tests.conftest import all_pairs
from torque_core import BadGraph
from torque_core.baselines import PEERS
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.rewiring.rewiring_transform import LAYER_WEIGHT
from torque_core.rewiring.transform import TorqueRewire, layer_graphs

pytestmark = pytest.mark.filterwarnings("ignore:Sparse invariant checks:UserWarning")  # by ToSparseTensor

EDGE_FIELDS = {"edge_attr", "edge_type", "time"}
FILL = {"edge_attr": -1.0, "edge_type": 7, "time": -2}
TORQUE = {"cut": "fixed", "fraction": 0.3, "additions": 1.0}
# peers of every kind: they prune, add or replace edges, with weights, by training labels, and change the features
REWIRINGS = {
    "torque": lambda: TorqueRewire(**TORQUE, fill=FILL),
    "torque, 2 layers": lambda: TorqueRewire(**TORQUE, layers=2, fill=FILL),
    "gdc": lambda: PEERS["gdc"](k=4),
    "fosr": lambda: PEERS["fosr"](iterations=5),
    "sdrf": lambda: PEERS["sdrf"](iterations=5, removal_bound=0.5),
    "borf": lambda: PEERS["borf"](batches=2, add=3, remove=2),
    "jaccard": lambda: PEERS["jaccard"](),
    "cosine": lambda: PEERS["cosine"](fraction=0.2),
    "delaunay": lambda: PEERS["delaunay"](),
    "dhgr": lambda: PEERS["dhgr"](neighbours=2, hidden=4, epochs=2, finetuning=2),
    "jdr": lambda: PEERS["jdr"](iterations=1, components=3, k=4),
}
TRANSFORMS = {
    "ToDevice": lambda: transforms.ToDevice("cpu"),
    "ToSparseTensor": lambda: transforms.ToSparseTensor(),
    "ToSparseTensor, edges kept": lambda: transforms.ToSparseTensor(remove_edge_index=False),
    "Constant": lambda: transforms.Constant(),
    "NormalizeFeatures": lambda: transforms.NormalizeFeatures(),
    "SVDFeatureReduction": lambda: transforms.SVDFeatureReduction(3),
    "RemoveTrainingClasses": lambda: transforms.RemoveTrainingClasses([1]),
    "RandomNodeSplit": lambda: transforms.RandomNodeSplit(num_val=2, num_test=3),
    "RandomLinkSplit": lambda: transforms.RandomLinkSplit(is_undirected=True),
    "RandomLinkSplit, no negatives": lambda: transforms.RandomLinkSplit(add_negative_train_samples=False),
    "RandomLinkSplit, labels apart": lambda: transforms.RandomLinkSplit(split_labels=True, is_undirected=True),
    "NodePropertySplit": lambda: transforms.NodePropertySplit("popularity", [0.2, 0.2, 0.2, 0.2, 0.2]),
    "IndexToMask": lambda: transforms.IndexToMask(),
    "MaskToIndex": lambda: transforms.MaskToIndex(),
    "Pad": lambda: transforms.Pad(20, 120),
    "ToUndirected": lambda: transforms.ToUndirected(),
    "OneHotDegree": lambda: transforms.OneHotDegree(30),
    "TargetIndegree": lambda: transforms.TargetIndegree(cat=False),
    "LocalDegreeProfile": lambda: transforms.LocalDegreeProfile(),
    "AddSelfLoops": lambda: transforms.AddSelfLoops(),
    "AddRemainingSelfLoops": lambda: transforms.AddRemainingSelfLoops(),
    "RemoveSelfLoops": lambda: transforms.RemoveSelfLoops(),
    "RemoveIsolatedNodes": lambda: transforms.RemoveIsolatedNodes(),
    "RemoveDuplicatedEdges": lambda: transforms.RemoveDuplicatedEdges(),
    "ToDense": lambda: transforms.ToDense(),
    "TwoHop": lambda: transforms.TwoHop(),
    "LineGraph": lambda: transforms.LineGraph(),
    "LaplacianLambdaMax": lambda: transforms.LaplacianLambdaMax(),
    "GDC": lambda: transforms.GDC(sparsification_kwargs={"method": "topk", "k": 3, "dim": 0}),
    "SIGN": lambda: transforms.SIGN(2),
    "GCNNorm": lambda: transforms.GCNNorm(),
    "GCNNorm, no self-loops": lambda: transforms.GCNNorm(add_self_loops=False),
    "RootedEgoNets": lambda: transforms.RootedEgoNets(1),
    "LargestConnectedComponents": lambda: transforms.LargestConnectedComponents(),
    "VirtualNode": lambda: transforms.VirtualNode(),
    "AddLaplacianEigenvectorPE": lambda: transforms.AddLaplacianEigenvectorPE(2, is_undirected=True),
    "AddRandomWalkPE": lambda: transforms.AddRandomWalkPE(3),
    "FeaturePropagation": lambda: transforms.FeaturePropagation(torch.zeros(16, 6, dtype=torch.bool)),
    "HalfHop": lambda: transforms.HalfHop(),
    "Distance": lambda: transforms.Distance(),
    "Cartesian": lambda: transforms.Cartesian(),
    "LocalCartesian": lambda: transforms.LocalCartesian(),
    "Spherical": lambda: transforms.Spherical(),
    "PointPairFeatures": lambda: transforms.PointPairFeatures(),
    "Center": lambda: transforms.Center(),
    "NormalizeRotation": lambda: transforms.NormalizeRotation(),
    "NormalizeScale": lambda: transforms.NormalizeScale(),
    "RandomJitter": lambda: transforms.RandomJitter(0.1),
    "RandomFlip": lambda: transforms.RandomFlip(0, p=1.0),
    "LinearTransformation": lambda: transforms.LinearTransformation(2 * torch.eye(3)),
    "RandomScale": lambda: transforms.RandomScale((0.5, 0.9)),
    "RandomRotate": lambda: transforms.RandomRotate(90),
    "RandomShear": lambda: transforms.RandomShear(0.2),
    "Delaunay": lambda: transforms.Compose([transforms.Delaunay(), transforms.FaceToEdge()]),
    "FixedPoints": lambda: transforms.FixedPoints(9, replace=False),
}
NOT_FOR_SUCH_DATA = {
    "BaseTransform": "abstract",
    "Compose": "in the tests of the transform",
    "ComposeFilters": "no transform",
    "AddMetaPaths": "heterogeneous graphs",
    "AddRandomMetaPaths": "heterogeneous graphs",
    "AddGPSE": "needs a trained model; adds a node-level field, as AddRandomWalkPE does",
    "RootedRWSubgraph": "needs pyg-lib or torch-cluster; as RootedEgoNets",
    "KNNGraph": "needs pyg-lib or torch-cluster",
    "RadiusGraph": "needs pyg-lib or torch-cluster",
    "GridSampling": "needs torch-cluster",
    "Polar": "positions in two dimensions; as Spherical",
    "FaceToEdge": "meshes; with Delaunay",
    "SamplePoints": "meshes",
    "GenerateMeshNormals": "meshes",
    "ToSLIC": "images",
}
REFUSED = {
    "ToSparseTensor": "no edge_index",
    "ToSparseTensor, edges kept": "adj_t holds the edges as a matrix",
    "ToDense": "no edge_index",
    "LineGraph": "x has 16 rows, but num_nodes is 29",
    "FixedPoints": "edge_index contains node",
}
"""Transforms after which a graph cannot be rewired, with the reason."""

REFUSED_WITH_EDGE_FIELDS = REFUSED | {
    "AddSelfLoops": "has 58 entries for 74 edges",
    "AddRemainingSelfLoops": "has 58 entries for 74 edges",
    "GCNNorm": "has 58 entries for 74 edges",
    "TwoHop": "has 58 entries for",
    "Delaunay": "has 58 entries for|fill names 'edge_attr', which the graph does not have",
}
"""Transforms that leave edge-level fields of the old length."""

WEIGHTED = ("gdc", "jdr")
DIRECTED = "this graph has directions"
MAKES_DIRECTED = {"RandomLinkSplit, no negatives", "LineGraph", "GDC", "HalfHop"}
"""Transforms after which some edges have one direction only, which GDC and JDR refuse."""

ONLY_WITHOUT_EDGE_FIELDS = {"GDC", "FeaturePropagation", "HalfHop"}
"""Transforms of PyG that fail on such fields."""

LAYERS_UNKNOWN_AFTER = {
    "AddSelfLoops",
    "AddRemainingSelfLoops",
    "Delaunay",
    "FixedPoints",
    "GCNNorm",
    "GCNNorm, no self-loops",
    "GDC",
    "LineGraph",
    "ToDense",
    "ToSparseTensor",
    "TwoHop",
    "VirtualNode",
}
"""Transforms after which the layers of a rewiring are not known, so that layer_graphs raises BadGraph."""


def graph(seed=0, nodes=16):
    """Two components and an isolated node, with fields of every kind."""
    generator = torch.Generator().manual_seed(seed)
    pairs = all_pairs(nodes)
    same = (pairs[0] < nodes - 5) == (pairs[1] < nodes - 5)
    pairs = pairs[:, same & (pairs[1] < nodes - 1) & (torch.rand(pairs.size(1), generator=generator) < 0.45)]
    edge_index = pairs_to_edge_index(pairs)
    num_edges = edge_index.size(1)
    return Data(
        x=torch.rand(nodes, 6, generator=generator),
        edge_index=edge_index,
        edge_attr=torch.rand(num_edges, 2, generator=generator),
        edge_type=torch.randint(0, 4, (num_edges,), generator=generator),
        time=torch.arange(num_edges),
        pos=torch.rand(nodes, 3, generator=generator),
        norm=torch.rand(nodes, 3, generator=generator),
        y=torch.arange(nodes) % 3,
        train_mask=torch.arange(nodes) % 2 == 0,
        node_id=torch.arange(nodes),
        label_of_graph=torch.tensor([seed]),
    )


def plain(seed=0, nodes=16):
    """The same graph without edge-level fields."""
    data = graph(seed, nodes)
    del data.edge_attr, data.edge_type, data.time
    return data


def table(data, key):
    """The values of an edge-level field by source and target."""
    return {
        (i, j): value.tolist()
        for (i, j), value in zip(data.edge_index.T.tolist(), data[key], strict=True)
        if i != j  # rewiring ignores self-loops
    }


def assert_follows(before, after, fill):
    """Each edge-level field has the values of before for its edges, and the fill for others; by loops."""
    for key in EDGE_FIELDS & set(before.keys()):
        if len(before[key]) != before.num_edges:
            assert torch.equal(after[key], before[key])
            continue
        old, filled = table(before, key), torch.full_like(before[key][0], fill.get(key, 0)).tolist()
        assert len(after[key]) == after.num_edges
        for edge, value in table(after, key).items():
            assert value == old.get(edge, filled)


def run(transform, data):
    """The graphs that a transform returns; RandomLinkSplit returns three."""
    with torch.random.fork_rng():
        torch_geometric.seed_everything(0)
        result = transform(copy.copy(data))
    return list(result) if isinstance(result, tuple) else [result]


def test_every_transform_of_pyg_is_in_the_contract():
    names = {name.split(",")[0] for name in TRANSFORMS} | set(NOT_FOR_SUCH_DATA)
    assert names == set(transforms.__all__)


@pytest.mark.parametrize("rewiring", REWIRINGS)
@pytest.mark.parametrize("name", [name for name in TRANSFORMS if name not in ONLY_WITHOUT_EDGE_FIELDS])
def test_a_transform_before_the_rewiring(name, rewiring):
    reason = REFUSED_WITH_EDGE_FIELDS.get(name)
    fill = FILL if rewiring.startswith("torque") else {}
    if name == "LineGraph":  # its nodes are the edges of the graph, and so are the entries of the fields
        reason, fill = None, {}
    if rewiring in WEIGHTED and name in MAKES_DIRECTED:
        reason = DIRECTED
    check_order(name, graph(), rewiring, fill, reason)


@pytest.mark.parametrize("rewiring", REWIRINGS)
@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_transform_before_the_rewiring_without_edge_level_fields(name, rewiring):
    directed = rewiring in WEIGHTED and name in MAKES_DIRECTED - {"LineGraph"}
    check_order(name, plain(), rewiring, {}, DIRECTED if directed else REFUSED.get(name))


def check_order(name, data, rewiring, fill, reason):
    """The rewiring of a transformed graph is right, or refused for the reason."""
    transform = REWIRINGS[rewiring]()
    transform.fill = fill
    for before in run(TRANSFORMS[name](), data):
        if reason:
            with pytest.raises(BadGraph, match=reason):
                transform(before)
            return
        check_rewired(before, transform(before), fill, rewiring)


def check_rewired(before, after, fill, rewiring):
    """The rewired graph is that of a bare graph with the same edges, and all other fields are consistent with it."""
    bare = Data(x=before.x, edge_index=before.edge_index, edge_weight=before.get("edge_weight"))
    for key in ("y", "train_mask"):  # rewiring uses the labels of training nodes
        if key in before:
            bare[key] = before[key]
    expected = REWIRINGS[rewiring]
    transform = expected()
    transform.fill = 0
    bare = transform(bare)
    assert set(map(tuple, bare.edge_index.T.tolist())) == set(map(tuple, after.edge_index.T.tolist()))
    for key in ("edge_weight", LAYER_WEIGHT):
        assert (key in bare) == (key in after)
        if key in bare:
            assert table(bare, key) == table(after, key)
    assert_follows(before, after, fill)
    for key, value in before:
        if key == "x" and rewiring == "jdr":
            assert torch.equal(after.x, bare.x)
        elif isinstance(value, torch.Tensor) and key not in EDGE_FIELDS | {"edge_index", "edge_weight"}:
            assert torch.equal(after[key], value)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_transform_after_a_rewiring_with_several_layers(name):
    data = TorqueRewire(**TORQUE, layers=2)(plain())
    if name == "HalfHop":  # refuses weights
        with pytest.raises(ValueError, match="not supported if"):
            run(TRANSFORMS[name](), data)
        return
    original = [
        {
            edge: 1.0 if weight is None else weight[column].item()
            for column, edge in enumerate(zip(*edges.tolist(), strict=True))
        }
        for edges, weight in zip(*layer_graphs(data, 2), strict=True)
    ]
    for result in run(TRANSFORMS[name](), data):
        if name in LAYERS_UNKNOWN_AFTER:
            with pytest.raises(BadGraph, match=r"before the rewiring|apply it before|are not known"):
                layer_graphs(result, 2)
            continue
        number = result.node_id.tolist()
        scale = 2.0 if name == "ToUndirected" else 1.0  # PyG adds the weights of both directions
        for old, edges, weight in zip(original, *layer_graphs(result, 2), strict=True):
            weights = [1.0] * edges.size(1) if weight is None else weight.tolist()
            new = {(number[i], number[j]): w for (i, j), w in zip(edges.T.tolist(), weights, strict=True)}
            assert len(new) == edges.size(1)
            kept = {edge: scale * w for edge, w in old.items() if set(edge) <= set(number)}
            if name.startswith("RandomLinkSplit"):
                assert new.items() <= kept.items()
            else:
                assert new == kept


@pytest.mark.parametrize("rewiring", REWIRINGS)
@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_transform_after_a_rewiring_finds_a_graph_like_any_other(name, rewiring):
    data = REWIRINGS[rewiring]()(graph())
    if name in ONLY_WITHOUT_EDGE_FIELDS:
        transform = REWIRINGS[rewiring]()
        transform.fill = 0
        data = transform(plain())
    results = []
    for start in (data, Data(**{key: value.clone() for key, value in data})):
        try:
            results.append(run(TRANSFORMS[name](), start))
        except ValueError as error:
            assert name == "HalfHop"
            results.append(str(error))
    first, second = results
    if isinstance(first, str):
        assert first == second
        return
    for one, other in zip(first, second, strict=True):
        assert set(one.keys()) == set(other.keys())
        for key, value in one:
            found, expected = torch.as_tensor(value).to_dense(), torch.as_tensor(other[key]).to_dense()
            # eigenvalues are computed from a random start
            torch.testing.assert_close(found, expected, equal_nan=True, rtol=1e-5, atol=1e-5)


# ---------------------------------------------------------------- batches, data sets, loaders


def mixed_graphs(name):
    """Graphs of which the torque gap cuts some, weighted and not; one has a single node. GDC gets undirected ones."""
    generator = torch.Generator().manual_seed(1)
    graphs = []
    for number in range(12):
        nodes = 12 + number
        label = torch.randint(0, 2, (nodes,), generator=generator)
        x = torch.randn(nodes, 6, generator=generator) + 3 * label[:, None]
        edge_index = torch.randint(0, nodes, (2, 3 * nodes), generator=generator)
        edge_index = edge_index[:, label[edge_index[0]] == label[edge_index[1]]] if number % 2 else edge_index
        edge_index = to_undirected(edge_index) if name in WEIGHTED else edge_index
        graphs.append(Data(x=x, edge_index=edge_index, y=torch.tensor([number % 2])))
    graphs.append(Data(x=torch.ones(1, 6), edge_index=torch.empty(2, 0, dtype=torch.long), y=torch.tensor([1])))
    return graphs


def of_graph(batch, number):
    """The weights of the edges of one graph of a batch, by hand."""
    start, end = batch.ptr[number].item(), batch.ptr[number + 1].item()
    source = batch.edge_index[0]
    mask = (source >= start) & (source < end)
    fields = {key: batch[key][mask] for key in ("edge_weight", LAYER_WEIGHT) if key in batch}
    return batch.edge_index[:, mask] - start, fields


BATCHED = {
    "default": lambda: TorqueRewire(),
    "gap": lambda: TorqueRewire(force="dirichlet", cut="gap"),
    "2 layers": lambda: TorqueRewire(layers=2),
} | {name: REWIRINGS[name] for name in PEERS if name in REWIRINGS}


def assert_batch(batch, graphs):
    assert batch.num_graphs == len(graphs)
    for number, data in enumerate(graphs):
        edge_index, fields = of_graph(batch, number)
        assert torch.equal(edge_index, data.edge_index)
        assert torch.equal(batch.y[number], data.y[0])
        assert fields.keys() == {key for key in ("edge_weight", LAYER_WEIGHT) if key in data}
        for key, value in fields.items():
            assert torch.equal(value, data[key])


@pytest.mark.parametrize("name", BATCHED)
def test_the_same_fields_for_every_graph_in_every_order_of_a_batch(name):
    graphs, transform = mixed_graphs(name), BATCHED[name]()
    rewired = [transform(data) for data in graphs]
    if name == "gap":
        weighted = [bool((data.edge_weight != 1).any()) for data in rewired]
        assert True in weighted
        assert False in weighted
    assert len({frozenset(data.keys()) for data in rewired}) == 1
    for first, second in itertools.permutations(range(len(graphs)), 2):
        assert_batch(Batch.from_data_list([rewired[first], rewired[second]]), [rewired[first], rewired[second]])
    for order in (1, -1):
        assert_batch(Batch.from_data_list(rewired[::order]), rewired[::order])
        assert_batch(transform(Batch.from_data_list(graphs[::order])), rewired[::order])


class Graphs(InMemoryDataset):
    """A data set of the graphs above."""

    processed_file_names = "graphs.pt"

    def __init__(self, root, graphs, pre_transform):
        self.graphs = graphs
        super().__init__(root, pre_transform=pre_transform, log=False)
        self.load(self.processed_paths[0])

    def process(self):
        self.save([self.pre_transform(data) for data in self.graphs], self.processed_paths[0])


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("name", BATCHED)
def test_a_stored_data_set(name, order, tmp_path):
    transform = BATCHED[name]()
    graphs = mixed_graphs(name)[::order]
    expected = [transform(data) for data in graphs]
    for _ in range(2):  # the second time from the file
        dataset = Graphs(tmp_path, graphs, transform)
        for data, other in zip(dataset, expected, strict=True):
            assert set(data.keys()) == set(other.keys())
            assert all(torch.equal(data[key], value) for key, value in other)
        assert_batch(next(iter(loaders.DataLoader(dataset, batch_size=len(expected)))), expected)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize(
    "name", ["DataLoader", "DynamicBatchSampler", "ImbalancedSampler", "PrefetchLoader", "CachedLoader"]
)
def test_loaders_of_graphs(name, layers):
    rewired = [TorqueRewire(layers=layers)(data) for data in mixed_graphs("default")]
    for number, data in enumerate(rewired):
        data.number = torch.tensor([number])
    if name == "DynamicBatchSampler":
        loader = loaders.DataLoader(rewired, batch_sampler=loaders.DynamicBatchSampler(rewired, max_num=60))
    elif name == "ImbalancedSampler":
        sampler = loaders.ImbalancedSampler(torch.cat([data.y for data in rewired]))
        loader = loaders.DataLoader(rewired, batch_size=4, sampler=sampler)
    else:
        loader = loaders.DataLoader(rewired, batch_size=4, shuffle=True)
        if name != "DataLoader":
            loader = getattr(loaders, name)(loader)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for batch in loader:
            assert_batch(batch, [rewired[number] for number in batch.number.tolist()])


def test_list_loader():
    rewired = [TorqueRewire()(data) for data in mixed_graphs("default")]
    (graphs,) = loaders.DataListLoader(rewired, batch_size=len(rewired))
    assert_batch(Batch.from_data_list(graphs), rewired)


def test_dense_loader():
    graphs = [TorqueRewire(**TORQUE)(plain(seed)) for seed in range(3)]
    for data in graphs:  # ToDense reads weights from edge_attr
        data.edge_attr = data.edge_weight
        del data.edge_weight
    (batch,) = loaders.DenseDataLoader([transforms.ToDense(16)(copy.copy(data)) for data in graphs], batch_size=3)
    for adjacency, data in zip(batch.adj, graphs, strict=True):
        assert set(map(tuple, adjacency.nonzero().tolist())) == set(map(tuple, data.edge_index.T.tolist()))


@pytest.mark.parametrize("layers", [1, 2])
def test_loader_of_random_nodes(layers):
    data = TorqueRewire(**TORQUE, layers=layers, fill=FILL)(graph())
    with torch.random.fork_rng():
        torch.manual_seed(0)
        parts = list(loaders.RandomNodeLoader(data, num_parts=3))
    whole = layer_graphs(data, layers)
    for part in parts:
        number = part.node_id.tolist()
        for key in EDGE_FIELDS:
            old = table(data, key)
            assert {(number[i], number[j]): value for (i, j), value in table(part, key).items()}.items() <= old.items()
        for edges, old in zip(layer_graphs(part, layers)[0], whole[0], strict=True):
            expected = {edge for edge in map(tuple, old.T.tolist()) if set(edge) <= set(number)}
            assert {(number[i], number[j]) for i, j in edges.T.tolist()} == expected


@pytest.mark.parametrize("change", ["nodes removed", "edges removed", "field lost"])
def test_a_batch_that_was_changed(change):
    batch = Batch.from_data_list([graph(seed) for seed in range(3)])
    if change == "nodes removed":
        batch = transforms.LargestConnectedComponents()(batch)
    elif change == "edges removed":
        batch.edge_index = batch.edge_index[:, batch.edge_index[0] > 3]
    else:
        batch.edge_count = torch.tensor([1, 2, 3, 4])
    with pytest.raises(BadGraph, match="the batch was changed after it was created"):
        TorqueRewire()(batch)


def test_a_batch_that_follows_a_field():
    batch = Batch.from_data_list([plain(seed) for seed in range(3)], follow_batch=["y"])
    rewired = TorqueRewire(**TORQUE)(batch)
    assert torch.equal(rewired.y_batch, batch.y_batch)
