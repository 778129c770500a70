import sys
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch_geometric.data import Data

from tests.conftest import PATH, all_pairs, as_set, graphs
from torque_core.datasets import BlockModel, sample_block_model
from torque_core.diagnostics.edge_scores import (
    EDGE_SCORES,
    cosine_score,
    detection_scores,
    jaccard_score,
    random_score,
    torque_score,
)
from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.noise import Noise, NoisyGraph, add_noise
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.forces import FORCES
from torque_core.scoring.levers import LEVERS


def block_model(**options):
    data = sample_block_model(BlockModel(nodes=120, signal=2.0, **options))
    return Data(**data.to_dict(), train_mask=torch.arange(120) % 2 == 0)


def test_torque_of_a_path_is_hand_computed():
    # features centred at zero already; without (0, 1) node 0 has only x0, and node 1 reaches x1 and x2
    x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [-1.0, -1.0]])
    data = Data(x=x, edge_index=pairs_to_edge_index(torch.tensor([[0, 1], [1, 2]])))
    # h1 of 1 and 2 without the edge: (x1 + x2) / 2 each, so h2 of node 1 points along x1: cosine 0, and force 1
    assert torque_score(data, torch.tensor([[0], [1]])).tolist() == pytest.approx([1.0])


@pytest.mark.parametrize("force", FORCES)
@pytest.mark.parametrize("lever", LEVERS)
def test_torque_equals_that_of_rewiring(lever, force):
    data = block_model()
    pairs = undirected_pairs(data.edge_index, 120)
    layer = rewire(data, RewireSpec(lever=lever, force=force, screen=False, layers=1)).layers[0]
    assert torch.equal(torque_score(data, pairs, lever=lever, force=force), layer.torque.value)


def test_a_force_with_class_probabilities_needs_labels():
    with pytest.raises(BadGraph, match="give y and train_mask"):
        torque_score(Data(x=torch.eye(4), edge_index=PATH), PATH, force="pair")
    with pytest.raises(BadConfig, match=r"force must be one of .*; got 'dark'"):
        torque_score(Data(x=torch.eye(4), edge_index=PATH), PATH, force="dark")


def test_cosine_is_hand_computed():
    x = torch.tensor([[3.0, 0.0], [1.0, 1.0], [-2.0, 0.0], [0.0, 0.0]])
    pairs = torch.tensor([[0, 0, 0, 1], [1, 2, 3, 3]])
    assert cosine_score(Data(x=x), pairs).tolist() == pytest.approx([1 - 0.5**0.5, 2, 1, 1])
    assert cosine_score(Data(x=x.long()), pairs[:, [1]]).tolist() == pytest.approx([2])


@given(graphs())
def test_jaccard_equals_that_of_sets(data):
    num_nodes = len(data.x)
    edges = as_set(undirected_pairs(data.edge_index, num_nodes))
    around = [{j for j in range(num_nodes) if (min(i, j), max(i, j)) in edges} for i in range(num_nodes)]
    pairs = all_pairs(num_nodes)
    expected = [
        1 - len(around[i] & around[j]) / len(around[i] | around[j]) if around[i] | around[j] else 1
        for i, j in pairs.T.tolist()
    ]
    assert jaccard_score(data, pairs).tolist() == pytest.approx(expected)


def test_jaccard_in_blocks_is_the_same(monkeypatch):
    data = block_model()
    pairs = undirected_pairs(data.edge_index, 120)
    whole = jaccard_score(data, pairs)
    monkeypatch.setattr(sys.modules["torque_core.diagnostics.edge_scores"], "_BLOCK_PAIRS", 7)
    assert torch.equal(jaccard_score(data, pairs), whole)


def test_random_scores_depend_on_the_seed_only():
    pairs = all_pairs(100)
    torch.manual_seed(1)
    first = random_score(Data(), pairs)
    assert torch.equal(first, random_score(Data(), pairs))
    assert not torch.equal(first, random_score(Data(), pairs, seed=1))
    assert float(first.mean()) == pytest.approx(0.5, abs=0.02)


def test_detection_is_hand_computed():
    # path 0 - 1 - 2 - 3 with (0, 3) injected; the edges (0, 1), (0, 3), (1, 2), (2, 3) have the given scores
    data = Data(x=torch.eye(4), edge_index=pairs_to_edge_index(torch.cat([PATH, torch.tensor([[0], [3]])], dim=1)))
    noisy = NoisyGraph(data, torch.tensor([[0], [3]]), PATH[:, :0])
    scores = {
        "above all": lambda data, pairs: torch.tensor([1.0, 9.0, 1.0, 1.0]),
        "above one, beside one": lambda data, pairs: torch.tensor([1.0, 2.0, 2.0, 3.0]),
        "below all": lambda data, pairs: torch.tensor([1.0, 0.0, 1.0, 1.0]),
    }
    assert detection_scores(noisy, scores) == {"above all": 1, "above one, beside one": 0.5, "below all": 0}


def test_torque_detects_injected_edges_and_random_scores_do_not():
    noisy = add_noise(block_model(homophily=0.95, features=32), Noise("insert", 0.5))
    result = detection_scores(noisy)
    assert list(result) == ["torque", "cosine", "jaccard", "random"] == list(EDGE_SCORES)
    assert result["torque"] > 0.8 > 0.6 > result["random"] > 0.4
    assert result["torque"] > result["jaccard"] > 0.5
    forms = {force: partial(torque_score, lever="unit", force=force) for force in ("dirichlet", "cosine")}
    one, other = detection_scores(noisy, forms).values()
    assert one == other  # in the first layer they are the same


@given(graphs(min_nodes=4), st.sampled_from(list(EDGE_SCORES)))
def test_scores_are_one_finite_number_per_pair(data, name):
    pairs = all_pairs(len(data.x))
    score = EDGE_SCORES[name](data, pairs)
    assert score.shape == pairs.shape[1:]
    assert bool((score.isfinite() & (score >= 0)).all())
    assert EDGE_SCORES.describe(name).endswith(("edge.", "zero.", "graph.", "scores."))


@pytest.mark.parametrize("kind", ["none", "all"])
def test_there_must_be_injected_edges_and_others(kind):
    data = Data(x=torch.eye(4), edge_index=pairs_to_edge_index(PATH))
    noisy = NoisyGraph(data, PATH if kind == "all" else PATH[:, :0], PATH[:, :0])
    with pytest.raises(BadGraph, match=f"{3 if kind == 'all' else 0} of 3 edges are injected; .* a noise that inserts"):
        detection_scores(noisy)
