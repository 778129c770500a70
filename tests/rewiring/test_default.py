"""The default settings: safe on clean graphs of every kind, and finding injected edges where torque separates."""

import copy
from itertools import pairwise

import pytest
import torch
from torch.nn.functional import one_hot
from torch_geometric.data import Data
from torch_geometric.utils import grid

from torque_core import BlockModel, DatasetSpec, Noise, add_noise, load, rewire
from torque_core.diagnostics import detection
from torque_core.rewiring import RewireSpec
from torque_core.scoring import ClassProbabilities


def block(**settings):
    model = BlockModel(**{"nodes": 300, "homophily": 1.0, "signal": 1.5, **settings})
    data = load(DatasetSpec("block_model", block_model=model)).data
    data.train_mask = torch.arange(model.nodes) % 10 == 0
    return data


def mines(side=24):
    """A grid whose nodes are mines at random; half of the nodes know the number of mines around them."""
    generator = torch.Generator().manual_seed(0)
    edge_index, _ = grid(side, side)
    edge_index = edge_index[:, edge_index[0] != edge_index[1]]
    y = (torch.rand(side * side, generator=generator) < 0.2).long()
    around = torch.zeros(side * side).index_add(0, edge_index[0], y[edge_index[1]].float()).long()
    x = one_hot(around.clamp(max=5), 7).float()
    hidden = torch.rand(side * side, generator=generator) < 0.5
    x[hidden] = one_hot(torch.tensor(6), 7).float()
    return Data(x=x, edge_index=edge_index, y=y, train_mask=torch.arange(side * side) % 2 == 0)


CLEAN = {
    "homophilous": block,
    "two classes": lambda: block(classes=2),
    "many classes": lambda: block(classes=10),
    "heterophilous": lambda: block(homophily=0.1),
    "features without information": lambda: block(signal=0.0),
    "hardly informative features": mines,
}


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize("kind", CLEAN)
def test_hardly_anything_is_pruned_on_clean_graphs(kind, labelled):
    data = CLEAN[kind]()
    if not labelled:
        del data.train_mask
    for layer in rewire(data, layers=3).layers:
        assert float(layer.pruned_mask.float().mean()) < 0.02


def test_the_former_default_prunes_a_clean_grid():
    first = rewire(mines(), layers=1, force="dirichlet", cut="gap").layers[0]
    assert float(first.pruned_mask.float().mean()) > 0.1


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize("rate", [0.3, 0.6, 1.0])
def test_injected_edges_of_three_classes_are_pruned(rate, labelled):
    noisy = add_noise(block(), Noise("insert", rate))
    data = copy.copy(noisy.data)
    if not labelled:
        del data.train_mask
    for layer in rewire(data).layers:
        found = detection(layer.torque.value, layer.pruned_mask, noisy.is_injected(layer.pairs))
        assert found.recall > 0.6  # a third of the injected edges join nodes of one class
        assert found.precision > 0.8


def test_no_layer_is_more_reliable_than_the_one_before():
    data = add_noise(block(classes=2, homophily=0.8), Noise("insert", 0.5)).data
    reliability = [layer.cut.gap.reliability for layer in rewire(data, layers=4).layers]
    assert all(after <= before for before, after in pairwise(reliability))


def test_predictions_of_a_model_do_not_make_an_unreliable_cut_reliable():
    data = mines()
    predicted = ClassProbabilities(9.0 * one_hot(data.y).float(), torch.where(data.train_mask, data.y, -1))
    gap = rewire(data, layers=1, class_probabilities=predicted).layers[0].cut.gap
    assert gap.reliability <= rewire(data, layers=1).layers[0].cut.gap.reliability < 0.1
    former = rewire(data, layers=1, class_probabilities=predicted, force="dirichlet", cut="gap").layers[0]
    assert float(former.pruned_mask.float().mean()) > 0.1


def test_the_former_default_is_reachable_by_name():
    data = add_noise(block(), Noise("insert", 0.5)).data
    spec = RewireSpec(force="dirichlet", cut="gap")
    layer = rewire(data, spec).layers[0]
    assert spec != RewireSpec()
    assert layer.cut.gap.null_model == ""
    assert layer.cut.gap.reliability == 1
