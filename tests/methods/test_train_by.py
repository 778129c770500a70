"""A method on a graph in hand is the same method in a study."""

import sys

import pytest
import torch
from torch_geometric.data import Data

from tests.conftest import runnable
from torque_core import BadConfig, Noise, RewireSpec, TrainSpec, add_noise, load
from torque_core.datasets import DatasetSpec
from torque_core.experiments import METHODS, Training, experiment, train_by
from torque_core.training import Epoch, Finished

SPEC = TrainSpec(epochs=4, hidden=8, refresh_every=2)
NOISE = Noise("insert", 0.5)


@pytest.mark.parametrize("method", runnable(name for name in METHODS if name != "gdc"))
def test_it_is_what_a_study_runs(method):
    data = add_noise(load(DatasetSpec("karate")).data, NOISE).data
    *_, end = train_by(method, data, SPEC, RewireSpec(**experiment.REWIRING, seed=SPEC.seed), device="cpu")
    assert isinstance(end, Finished)
    there = Training(dataset="karate", noise=NOISE, method=method, spec=SPEC).trained().end
    assert torch.equal(end.probabilities, there.probabilities)


def test_the_methods_own_options_come_first_and_the_others_stay():
    data = load("karate").data
    *_, end = train_by("ablation_cosine", data, SPEC, RewireSpec(lever="combined", cut="fixed", fraction=0.5, layers=1))
    spec = end.rewiring.spec
    assert (spec.lever, spec.force, spec.cut, spec.fraction, spec.layers) == ("unit", "cosine", "fixed", 0.5, 1)


def test_the_callers_graph_stays_and_the_test_can_be_watched():
    data = load("karate").data
    edges = data.edge_index.clone()
    events = list(train_by("fosr", data, SPEC, watch_test=True))
    assert torch.equal(data.edge_index, edges)
    assert all(event.test is not None for event in events if isinstance(event, Epoch))


def test_the_labels_of_training_nodes_and_changed_features_are_used(monkeypatch):
    data, received = load("karate").data, {}

    def train(graph, *_, **__):
        received.update(graph.to_dict())
        return iter(())

    # the package exports the function of this name, which hides the module
    monkeypatch.setattr(sys.modules["torque_core.methods.train_by"], "train", train)
    list(train_by("jdr", data))
    expected = METHODS["jdr"].transform()(data)
    assert torch.equal(received["x"], expected.x)
    assert torch.equal(received["edge_weight"], expected.edge_weight)
    list(train_by("dhgr", data))
    assert torch.equal(received["edge_index"], METHODS["dhgr"].transform()(data).edge_index)
    unlabelled = METHODS["dhgr"].transform()(Data(x=data.x, edge_index=data.edge_index))
    assert not torch.equal(received["edge_index"], unlabelled.edge_index)


def test_an_unknown_method_is_named():
    with pytest.raises(BadConfig, match="magic"):
        train_by("magic", load("karate").data)
