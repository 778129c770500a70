import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torque_core.datasets import BlockModel, sample_block_model
from torque_core.errors import BadConfig


def pairs_of(data):
    return data.edge_index[:, data.edge_index[0] < data.edge_index[1]]


def share_within(data):
    source, target = pairs_of(data)
    return (data.y[source] == data.y[target]).double().mean().item()


@pytest.mark.parametrize(
    "model",
    [
        BlockModel(nodes=4_000, classes=5, degree=10, homophily=0.8),
        BlockModel(nodes=4_001, classes=7, degree=3.5, homophily=0.1, seed=1),
        BlockModel(nodes=20_000, classes=2, degree=8, homophily=0.5, seed=2),
    ],
)
def test_degree_and_homophily_match_the_settings(model):
    data = sample_block_model(model)
    expected = model.nodes * model.degree / 2
    # Five standard deviations: a binomial count varies by less than the root of its mean.
    assert abs(pairs_of(data).size(1) - expected) < 5 * math.sqrt(expected)
    spread = math.sqrt(model.homophily * (1 - model.homophily) / expected)
    assert abs(share_within(data) - model.homophily) < 5 * spread


@given(st.integers(2, 40), st.integers(2, 40), st.floats(0.1, 3), st.floats(0, 1), st.integers(0, 2**63 - 1))
def test_simple_graph_balanced_classes_one_graph_per_seed(nodes, classes, degree, homophily, seed):
    try:
        model = BlockModel(nodes=nodes, classes=classes, degree=degree, homophily=homophily, features=3, seed=seed)
    except BadConfig:
        return
    data = sample_block_model(model)
    assert not data.has_self_loops()
    assert data.is_undirected()
    assert data.is_coalesced()
    sizes = data.y.bincount(minlength=classes)
    assert sizes.max() - sizes.min() <= 1
    assert int((sizes * (sizes - 1) // 2).sum()) == model.pairs_within
    again = sample_block_model(model)
    assert all(torch.equal(data[key], again[key]) for key in ("x", "y", "edge_index"))


def test_global_random_state_is_neither_used_nor_changed():
    torch.manual_seed(1)
    first = sample_block_model(BlockModel())
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = sample_block_model(BlockModel())
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first.edge_index, second.edge_index)
    assert not torch.equal(first.edge_index[:, :50], sample_block_model(BlockModel(seed=1)).edge_index[:, :50])


@pytest.mark.parametrize(
    ("model", "fraction"),
    [
        (BlockModel(homophily=1.0), 1.0),
        (BlockModel(homophily=0.0), 0.0),
        (BlockModel(classes=1, homophily=1.0), 1.0),
        (BlockModel(nodes=6, classes=6, degree=5, homophily=0.0), 0.0),
    ],
)
def test_extremes(model, fraction):
    assert share_within(sample_block_model(model)) == fraction


def test_complete_graph():
    data = sample_block_model(BlockModel(nodes=6, classes=2, degree=5, homophily=6 / 15))
    assert pairs_of(data).size(1) == 15


def test_every_pair_is_equally_likely():
    # 4 nodes, 2 classes: each of the 2 pairs within has chance 0.5, each of the 4 between 0.25.
    counts = torch.zeros(4, 4)
    draws = 4_000
    for seed in range(draws):
        source, target = pairs_of(
            sample_block_model(BlockModel(nodes=4, classes=2, degree=1, homophily=0.5, seed=seed))
        )
        counts[source, target] += 1
    chance = torch.tensor([[0, 0.5, 0.25, 0.25], [0, 0, 0.25, 0.25], [0, 0, 0, 0.5], [0, 0, 0, 0]])
    assert torch.allclose(counts / draws, chance, atol=5 * 0.5 / math.sqrt(draws))


def test_features_follow_the_formula():
    silent = sample_block_model(BlockModel(nodes=2_000, classes=4, features=64, signal=0))
    assert silent.x.norm(dim=1).mean().item() == pytest.approx(1, abs=0.02)
    loud = sample_block_model(BlockModel(nodes=2_000, classes=4, features=64, signal=3))
    means = (loud.x - silent.x) / 3  # the seed is the same, and so is the noise
    assert len(means.mul(1e4).round().unique(dim=0)) == 4
    assert means.norm(dim=1).mean().item() == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"nodes": 1}, "nodes must be an integer in .2, 200000., got 1"),
        ({"nodes": 300_000}, "got 300000"),
        ({"nodes": 10.0}, "nodes must be an integer"),
        ({"classes": 201}, "classes must be at most nodes = 200, got 201"),
        ({"degree": 0}, "degree must be greater than 0 and at most nodes - 1 = 199, got 0"),
        ({"degree": float("nan")}, "degree must be"),
        ({"homophily": 1.4}, "homophily must be in .0, 1., got 1.4"),
        ({"signal": -1}, "signal must be in .0, 1000000.0., got -1"),
        ({"signal": float("inf")}, "signal must be in .0, 1000000.0., got inf"),
        ({"features": 0}, "features must be an integer in .1, 4096., got 0"),
        ({"seed": -1}, "seed must be an integer"),
        ({"nodes": 20_000, "degree": 5_000}, "50,000,000 edges exceed the limit"),
        ({"classes": 1}, "needs 120 edges between the classes, but there are only 0 such pairs; raise homophily"),
        ({"classes": 200}, "needs 480 edges within the classes, but there are only 0 such pairs; lower homophily"),
    ],
)
def test_invalid_settings_raise_with_the_correction(options, message):
    with pytest.raises(BadConfig, match=message):
        BlockModel(**({"nodes": 200, "classes": 4, "degree": 6.0, "homophily": 0.8} | options))
