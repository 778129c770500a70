import copy
import math

import pytest
import torch
from torch_geometric.data import Data
from torch_geometric.transforms import Compose, NormalizeFeatures

from tests.conftest import PATH, SPARSIFIERS, all_pairs, as_set, runnable
from torque_core import BadConfig, BadGraph, DatasetSpec, load
from torque_core.baselines import (
    BORF,
    DHGR,
    GDC,
    JDR,
    PEERS,
    SDRF,
    ChanceTriangles,
    CosineRewire,
    DelaunayRewire,
    FoSR,
    GCNJaccard,
    LocalDegree,
    LocalSimilarity,
    NeighbourhoodJaccard,
    Peer,
    ProGNN,
    StructuralSimilarity,
    Triangles,
)
from torque_core.graph.pairs import check_graph, pairs_to_edge_index, undirected_pairs

SMALL = {
    "gdc": {"k": 4},
    "fosr": {"iterations": 5},
    "sdrf": {"iterations": 5, "removal_bound": 0.5},
    "borf": {"batches": 2, "add": 3, "remove": 2},
    "jaccard": {},
    "cosine": {"fraction": 0.2},
    "delaunay": {},
    "dhgr": {"neighbours": 2, "hidden": 8, "epochs": 5, "finetuning": 3},
    "jdr": {"iterations": 2, "components": 4, "k": 4},
    "pro_gnn": {"epochs": 2, "low_rank": 5.0},
    **{name: {"fraction": 0.2} for name in SPARSIFIERS},
}
WEIGHTED = {"gdc", "jdr", "pro_gnn"}


@pytest.fixture
def karate():
    data = load("karate").data
    data.x = torch.randn(data.num_nodes, 8, generator=torch.Generator().manual_seed(0))
    return data


def test_names():
    classes = {
        "gdc": GDC,
        "fosr": FoSR,
        "sdrf": SDRF,
        "borf": BORF,
        "jaccard": GCNJaccard,
        "cosine": CosineRewire,
        "delaunay": DelaunayRewire,
        "dhgr": DHGR,
        "jdr": JDR,
        "pro_gnn": ProGNN,
        "triangles": Triangles,
        "neighbourhood_jaccard": NeighbourhoodJaccard,
        "local_similarity": LocalSimilarity,
        "local_degree": LocalDegree,
        "chance_triangles": ChanceTriangles,
        "structural_similarity": StructuralSimilarity,
    }
    assert dict(PEERS) == classes
    assert all(issubclass(peer, Peer) for peer in classes.values())
    assert (
        PEERS.describe("fosr") == "FoSR (Karhadkar, Banerjee and Montufar, ICLR 2023): first-order spectral rewiring."
    )
    with pytest.raises(BadConfig, match=r"peer must be one of .*fosr.*; got 'magic'"):
        PEERS.get_or_raise("magic")


@pytest.mark.parametrize("name", runnable(PEERS))
def test_a_copy_with_other_edges(karate, name):
    before = copy.deepcopy(karate)
    peer = PEERS[name](**SMALL[name])
    rewired = peer.forward(karate)
    assert set(karate.keys()) == set(before.keys())
    assert all(torch.equal(value, before[key]) for key, value in karate if isinstance(value, torch.Tensor))
    assert (rewired.x is karate.x) is not PEERS[name].changes_features
    assert rewired.x.dtype == karate.x.dtype
    assert rewired.y is karate.y
    assert not torch.equal(rewired.edge_index, karate.edge_index)
    assert rewired.edge_index.dtype == torch.long
    check_graph(rewired)
    assert PEERS[name].weighted is (name in WEIGHTED)
    if name not in WEIGHTED:
        pairs = undirected_pairs(rewired.edge_index, 34)
        assert torch.equal(rewired.edge_index, pairs_to_edge_index(pairs))
        assert "edge_weight" not in rewired


@pytest.mark.parametrize("name", runnable(PEERS))
def test_the_same_options_give_the_same_graph(karate, name):
    state = torch.get_rng_state()
    first, again = (PEERS[name](**SMALL[name])(karate) for _ in range(2))
    assert torch.equal(first.edge_index, again.edge_index)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("name", runnable(PEERS))
def test_directions_repeats_loops_weights_and_labels_do_not_matter(karate, name):
    pairs = undirected_pairs(karate.edge_index, 34)
    loop, absent = torch.tensor([[3], [3]]), torch.tensor([[9], [10]])  # the last has no weight
    assert (9, 10) not in as_set(pairs)
    edge_index = torch.cat([pairs.flip(0), pairs[:, :7], loop, absent], dim=1)
    weight = torch.rand(edge_index.size(1), generator=torch.Generator().manual_seed(0)) + 0.1
    weight[-1] = 0
    other = Data(x=karate.x.double(), edge_index=edge_index, edge_weight=weight)
    if name in WEIGHTED:  # replaces all edges, and has no directions to give them
        with pytest.raises(BadGraph, match=r"replaces all edges by undirected ones, and this graph has directions"):
            PEERS[name]()(other)
        other.edge_index = torch.cat([edge_index, edge_index.flip(0)], dim=1)
        other.edge_weight = weight.repeat(2)
    if PEERS[name].uses_labels:
        del karate.train_mask
    first, second = PEERS[name](**SMALL[name])(karate), PEERS[name](**SMALL[name])(other)
    before, after = as_set(edge_index[:, :-1]), as_set(second.edge_index)
    if name in WEIGHTED:
        assert torch.equal(first.edge_index, second.edge_index)
        assert second.edge_weight is not None
        return
    assert second.get("edge_weight") is None
    assert torch.equal(undirected_pairs(first.edge_index, 34), undirected_pairs(second.edge_index, 34))
    for i, j in after:  # edges keep their directions, and new ones go both ways
        assert (i, j) in before or ((j, i) in after and (j, i) not in before)


@pytest.mark.parametrize("name", runnable(PEERS))
def test_a_graph_without_edges_and_a_complete_graph(name):
    for pairs in (PATH[:, :0], all_pairs(5)):
        x = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
        rewired = PEERS[name](**SMALL[name])(Data(x=x, edge_index=pairs_to_edge_index(pairs)))
        check_graph(rewired)
        assert name in WEIGHTED or not rewired.has_self_loops()


@pytest.mark.parametrize("y", [torch.tensor(1), torch.tensor([1]), torch.ones(1, 19)])
@pytest.mark.parametrize("name", runnable(PEERS))
def test_a_label_of_the_whole_graph_is_kept(karate, name, y):
    del karate.train_mask  # the labels of nodes, where they are used, are gone in the second graph
    expected = PEERS[name](**SMALL[name])(karate)
    karate.y = y
    rewired = PEERS[name](**SMALL[name])(karate)
    assert rewired.y is y
    assert torch.equal(rewired.edge_index, expected.edge_index)


@pytest.mark.parametrize("name", runnable(PEERS))
def test_edge_level_fields_follow_their_edges(karate, name):
    karate.edge_type = karate.edge_index[0] * 100 + karate.edge_index[1]
    peer = PEERS[name](**SMALL[name])
    peer.fill = -1
    rewired = peer(karate)
    old = set(map(tuple, karate.edge_index.T.tolist()))
    expected = [100 * i + j if (i, j) in old else -1 for i, j in rewired.edge_index.T.tolist()]
    assert rewired.edge_type.tolist() == expected


@pytest.mark.parametrize("name", runnable(PEERS))
def test_what_is_no_graph(name):
    with pytest.raises(BadGraph, match="edge_index contains node 5"):
        PEERS[name]()(Data(x=torch.eye(3), edge_index=torch.tensor([[0], [5]])))


def test_in_a_chain():
    data = load(DatasetSpec("karate")).data
    assert Compose([NormalizeFeatures(), FoSR(iterations=3)])(data).num_edges == data.num_edges + 6


def test_options_are_shown():
    assert repr(FoSR(iterations=3)) == "FoSR(iterations=3, power_iterations=50, seed=0)"
    assert repr(SDRF(removal_bound=0.5)).endswith("removal_bound=0.5, seed=0)")


@pytest.mark.parametrize(
    ("name", "option", "value", "says"),
    [
        ("gdc", "alpha", 0.0, "alpha must be in .*, got 0.0"),
        ("gdc", "k", 0, "k must be an integer in .*, got 0"),
        ("gdc", "avg_degree", 1.5, "avg_degree must be an integer in .*, got 1.5"),
        ("fosr", "iterations", -1, "iterations must be an integer in .*, got -1"),
        ("fosr", "power_iterations", 0.5, "power_iterations must be an integer in .*, got 0.5"),
        ("fosr", "seed", -1, "seed must be an integer from 0 .*, got -1"),
        ("sdrf", "iterations", 2.0, "iterations must be an integer in .*, got 2.0"),
        ("sdrf", "temperature", math.nan, "temperature must be in .*, got nan"),
        ("sdrf", "temperature", math.inf, "temperature must be in .*, got inf"),
        ("sdrf", "removal_bound", -3, "removal_bound must be in .*, got -3"),
        ("sdrf", "seed", 0.5, "seed must be an integer from 0 .*, got 0.5"),
        ("borf", "batches", -1, "batches must be an integer in .*, got -1"),
        ("borf", "add", 0.5, "add must be an integer in .*, got 0.5"),
        ("borf", "remove", -2, "remove must be an integer in .*, got -2"),
        ("jaccard", "threshold", 1.5, "threshold must be in .*, got 1.5"),
        ("cosine", "fraction", 1.1, "fraction must be in .*, got 1.1"),
        ("delaunay", "reduction", "tsne", "reduction must be one of pca, umap; got 'tsne'"),
        ("delaunay", "seed", -1, "seed must be an integer from 0 .*, got -1"),
        ("dhgr", "neighbours", 1.5, "neighbours must be an integer in .*, got 1.5"),
        ("dhgr", "growth", 2.0, "growth must be in .*, got 2.0"),
        ("dhgr", "pruning", -2.0, "pruning must be in .*, got -2.0"),
        ("dhgr", "epochs", -1, "epochs must be an integer in .*, got -1"),
        ("jdr", "components", 0, "components must be an integer in .*, got 0"),
        ("jdr", "mixing", 1.5, "mixing must be in .*, got 1.5"),
        ("jdr", "order", "size", "order must be one of magnitude, value; got 'size'"),
        ("pro_gnn", "epochs", 0.5, "epochs must be an integer in .*, got 0.5"),
        ("pro_gnn", "low_rank", -1.0, "low_rank must be in .*, got -1.0"),
        ("triangles", "fraction", 1.1, "fraction must be in .*, got 1.1"),
        ("cosine", "neighbours", -1, "neighbours must be an integer in .*, got -1"),
    ],
)
def test_options_that_cannot_be(name, option, value, says):
    with pytest.raises(BadConfig, match=says):
        PEERS[name](**{option: value})
    with pytest.raises(TypeError):
        PEERS[name](value)
