import math
import re
from dataclasses import replace

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional
from torch_geometric.data import Data

from tests.conftest import graphs
from torque_core.attacks import SoftTorque
from torque_core.datasets import BlockModel, sample_block_model
from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.nn import TorqueGNN
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec

FIXED = RewireSpec(cut="fixed", fraction=0.2, additions=0.5)


def model_for(data, layers=2, **options):
    torch.manual_seed(0)
    return TorqueGNN(data.x.size(1), 8, layers, 3, **options).eval()


def hard(model, data, spec):
    rewiring = rewire(data, spec)
    return model(data.x, rewiring.edge_indices, rewiring.edge_weights)


block_model = sample_block_model(BlockModel(nodes=60))


@pytest.mark.parametrize("hierarchy", ["independent", "nested"])
@pytest.mark.parametrize("lever", ["structural", "neighbourhood", "feature"])
@pytest.mark.parametrize("additions", [0.0, 0.5])
@pytest.mark.parametrize("product", ["scalar", "cross"])
def test_cold_it_is_the_hard_pipeline(hierarchy, lever, additions, product):
    spec = replace(FIXED, hierarchy=hierarchy, lever=lever, additions=additions, product=product, layers=3)
    model, rewiring = model_for(block_model, layers=3), rewire(block_model, spec)
    soft = SoftTorque(model, rewiring, temperature=1e-7)
    logits = soft(block_model.x, block_model.edge_index, torch.ones(block_model.num_edges))
    torch.testing.assert_close(logits, hard(model, block_model, spec))
    assert all(layer.pruned.size(1) > 0 for layer in rewiring.layers)
    assert not torch.allclose(logits, model(block_model.x, [block_model.edge_index] * 3), atol=1e-3)


@given(graphs(min_nodes=5, max_nodes=10), st.sampled_from(["independent", "nested"]), st.sampled_from([0.0, 0.3, 1.0]))
def test_cold_it_is_the_hard_pipeline_on_any_graph(data, hierarchy, fraction):
    spec = replace(FIXED, hierarchy=hierarchy, fraction=fraction)
    rewiring = rewire(data, spec)
    # torques of two edges that differ by rounding only are not told apart
    assume(all(bool((layer.torque.value.sort().values.diff() > 1e-4).all()) for layer in rewiring.layers))
    model = model_for(data)
    logits = SoftTorque(model, rewiring, temperature=1e-9)(data.x, data.edge_index)
    torch.testing.assert_close(logits, hard(model, data, spec), atol=1e-4, rtol=1e-4)


def test_cold_with_training_labels_it_is_the_hard_pipeline():
    data = Data(**block_model.to_dict(), train_mask=torch.arange(60) % 3 == 0)
    known = torch.where(data.train_mask, data.y, -1)
    spec, model = replace(FIXED, force="energy"), model_for(data)
    weight = torch.ones(data.num_edges, requires_grad=True)
    logits = SoftTorque(model, rewire(data, spec), temperature=1e-7, known=known)(data.x, data.edge_index, weight)
    torch.testing.assert_close(logits, hard(model, data, spec))
    soft = SoftTorque(model, rewire(data, spec), temperature=0.5, known=known)
    soft(data.x, data.edge_index, weight).sum().backward()
    assert bool(weight.grad.isfinite().all())
    assert float((weight.grad != 0).float().mean()) > 0.9


def test_a_flip_is_seen_as_if_it_were_made():
    # an edge of weight 0 is none, a new one of weight 1 is one
    pairs = undirected_pairs(block_model.edge_index, 60)
    new = torch.tensor([[0, 3], [59, 50]])
    flipped = Data(x=block_model.x, edge_index=pairs_to_edge_index(torch.cat([pairs[:, 5:], new], dim=1)))
    every = torch.cat([pairs, new], dim=1)
    weight = torch.ones(every.size(1)).index_fill(0, torch.arange(5), 0.0).repeat(2)
    model = model_for(block_model)
    soft = SoftTorque(model, rewire(flipped, FIXED), temperature=1e-7)
    logits = soft(block_model.x, pairs_to_edge_index(every), weight)
    torch.testing.assert_close(logits, hard(model, flipped, FIXED))


def test_warm_it_keeps_by_a_sigmoid():
    """One layer, by hand: log torque against the threshold between what stays and what goes."""
    spec = replace(FIXED, layers=1, additions=0.0)
    layer = rewire(block_model, spec).layers[0]
    model = model_for(block_model, layers=1)
    logs, pruned = layer.torque.value.log(), layer.pruned_mask
    bar = (logs[pruned].min() + logs[~pruned].max()) / 2
    keep = torch.sigmoid((bar - logs) / 0.5)
    soft = SoftTorque(model, rewire(block_model, spec), temperature=0.5)
    logits = soft(block_model.x, block_model.edge_index, torch.ones(block_model.num_edges))
    expected = model(block_model.x, [pairs_to_edge_index(layer.pairs)], [keep.repeat(2)])
    torch.testing.assert_close(logits, expected)


def test_an_edge_weighs_the_mean_of_its_directions_and_self_loops_are_not_looked_at():
    soft = SoftTorque(model_for(block_model), rewire(block_model, FIXED))
    half = torch.full((block_model.num_edges,), 0.5)
    upward = (block_model.edge_index[0] < block_model.edge_index[1]).float()
    loops = torch.arange(60).expand(2, -1)
    one = soft(block_model.x, block_model.edge_index, half)
    torch.testing.assert_close(soft(block_model.x, block_model.edge_index, upward), one)
    looped = torch.cat([block_model.edge_index, loops], dim=1)
    torch.testing.assert_close(soft(block_model.x, looped, torch.cat([half, torch.ones(60)])), one)


@pytest.mark.parametrize("backbone", ["gcn", "sage", "gat"])
def test_gradients_are_there_and_finite(backbone):
    model = model_for(block_model, backbone=backbone)
    soft = SoftTorque(model, rewire(block_model, FIXED))
    for value in (1.0, 1e-7):
        weight = torch.full((block_model.num_edges,), value, requires_grad=True)
        functional.cross_entropy(soft(block_model.x, block_model.edge_index, weight), block_model.y).backward()
        assert bool(weight.grad.isfinite().all())
        assert float((weight.grad != 0).float().mean()) > 0.9


def test_the_gradient_goes_through_what_a_mask_hides():
    """An edge that is pruned in both layers has no say in the masked model; here it has, by the others' torques."""
    data = sample_block_model(BlockModel(nodes=40, degree=4, seed=1))
    soft = SoftTorque(model_for(data), rewire(data, replace(FIXED, additions=0.0)))
    weight = torch.ones(data.num_edges, requires_grad=True)
    kept = [weight * torch.isin(_keys(data.edge_index), _keys(graph)) for graph in soft.rewiring.edge_indices]
    masked = soft.model(data.x, [data.edge_index] * 2, kept)
    (hidden,) = torch.autograd.grad(masked.square().sum(), weight)
    (through,) = torch.autograd.grad(soft(data.x, data.edge_index, weight).square().sum(), weight)
    pruned = kept[0] + kept[1] == 0
    assert bool(pruned.any())
    assert float(hidden[pruned].abs().max()) == 0
    assert float(through[pruned].abs().min()) > 0


def _keys(edge_index):
    return edge_index[0] * 1000 + edge_index[1]


@pytest.mark.parametrize("hierarchy", ["independent", "nested"])
@pytest.mark.parametrize("lever", ["structural", "neighbourhood"])
@pytest.mark.parametrize("product", ["scalar", "cross"])
def test_gradients_are_finite_differences(hierarchy, lever, product):
    data = sample_block_model(BlockModel(nodes=8, classes=2, degree=4, homophily=0.7))
    spec = replace(FIXED, hierarchy=hierarchy, lever=lever, product=product)
    soft = SoftTorque(model_for(data).double(), rewire(data, spec), temperature=0.5).double()
    pairs = undirected_pairs(data.edge_index, 8)
    weight = torch.linspace(0.2, 0.9, pairs.size(1), dtype=torch.double, requires_grad=True)

    def logits(weight):
        return soft(data.x.double(), pairs_to_edge_index(pairs), weight.repeat(2))

    assert torch.autograd.gradcheck(logits, weight)


def test_cutting_nothing_and_cutting_all():
    ones = torch.ones(block_model.num_edges, requires_grad=True)
    model = model_for(block_model)
    nothing = SoftTorque(model, rewire(block_model, replace(FIXED, fraction=0.0)))
    logits = nothing(block_model.x, block_model.edge_index, ones)
    torch.testing.assert_close(logits, model(block_model.x, [block_model.edge_index] * 2))
    everything = SoftTorque(model, rewire(block_model, replace(FIXED, fraction=1.0, additions=0.0)))
    logits = everything(block_model.x, block_model.edge_index, ones)
    torch.testing.assert_close(logits, model(block_model.x, [block_model.edge_index[:, :0]] * 2))
    (gradient,) = torch.autograd.grad(logits.sum(), ones)
    assert bool(gradient.isfinite().all())


def test_another_rewiring_can_be_set():
    model = model_for(block_model)
    soft = SoftTorque(model, rewire(block_model, FIXED), temperature=1e-7)
    other = replace(FIXED, fraction=0.5)
    soft.set_rewiring(rewire(block_model, other))
    logits = soft(block_model.x, block_model.edge_index)
    torch.testing.assert_close(logits, hard(model, block_model, other))


@pytest.mark.parametrize("force", ["pair", "free", "disparity", "pagerank_sum", "pagerank_difference"])
def test_a_force_without_gradient_is_refused(force):
    data = Data(**block_model.to_dict(), train_mask=torch.ones(60, dtype=torch.bool))
    message = (
        f"force '{force}' has no gradient with respect to the edges; choose one of dirichlet, energy, cosine, unit"
    )
    with pytest.raises(BadConfig, match=message):
        SoftTorque(model_for(data), rewire(data, replace(FIXED, force=force)))


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan])
def test_the_temperature_is_over_zero(temperature):
    with pytest.raises(BadConfig, match=f"temperature must be greater than 0, got {temperature}"):
        SoftTorque(model_for(block_model), rewire(block_model, FIXED), temperature=temperature)


def test_directions_and_weights_are_refused():
    one_way = Data(x=block_model.x, edge_index=undirected_pairs(block_model.edge_index, 60))
    with pytest.raises(BadGraph, match=re.escape("the rewired graph has directions or edge weights")):
        SoftTorque(model_for(block_model), rewire(one_way, FIXED))
