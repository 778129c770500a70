import math

import pytest
import torch
import traitlets

from torque_core.errors import BadConfig
from torque_core.figures.widget import RewiringWidget
from torque_core.rewiring.record import Rewiring
from torque_core.rewiring.spec import RewireSpec


@pytest.fixture
def rewiring(layer):
    """Torques 0.1, 0.2, 0.3, 0.8, 0.9; the first layer prunes nothing, the second from 0.3 on."""
    return Rewiring((layer.recut(math.inf), layer.recut(0.3)), 6, RewireSpec())


@pytest.fixture
def widget(rewiring, position):
    return RewiringWidget(rewiring, position=position)


def test_the_cut_is_that_of_the_layer(widget, rewiring):
    assert (widget.layer, widget.threshold) == (0, None)
    assert widget.layer_rewiring.cut is rewiring.layers[0].cut
    widget.layer = 1
    assert widget.threshold == 0.3
    assert widget.layer_rewiring.pruned.T.tolist() == [[1, 2], [2, 3], [3, 4]]


@pytest.mark.parametrize(("threshold", "pruned"), [(0.0, 5), (0.8, 2), (0.85, 1), (None, 0), (math.inf, 0)])
def test_another_cut_recuts_the_layer(widget, threshold, pruned):
    widget.threshold = threshold
    assert widget.layer_rewiring.pruned.size(1) == pruned
    assert widget.layer_rewiring.added.T.tolist() == [[0, 3]]


def test_a_cut_that_was_not_moved_keeps_the_edge_confidence():
    from torque_core import load, rewire

    first = rewire(load("karate").data, cut="gap").layers[0]
    widget = RewiringWidget(Rewiring((first,), 34, RewireSpec(layers=1)))
    assert widget.layer_rewiring.cut is first.cut


def test_the_selection_can_be_set_and_observed(widget):
    seen = []
    widget.observe(lambda change: seen.append(change["new"]), "selected_nodes")
    widget.set_state({"selected_nodes": [3], "selected_edges": [[0, 1]]})  # a message of the browser
    assert (widget.selected_nodes, widget.selected_edges, seen) == ([3], [(0, 1)], [[3]])


def test_initial_values_and_theme(rewiring, position):
    widget = RewiringWidget(rewiring, position=position, layer=1, threshold=0.5, theme="dark", selected_nodes=[2])
    assert (widget.layer, widget.threshold, widget.selected_nodes) == (1, 0.5, [2])
    dark = widget._network["style"]["background"]
    widget.theme = "light"
    assert widget._network["style"]["background"] != dark
    assert widget.threshold == 0.5


def test_some_nodes_and_their_edges(rewiring, position):
    whole = RewiringWidget(rewiring, position=position)._network
    part = RewiringWidget(rewiring, position=position, nodes=[0, 1, 2], injected=torch.tensor([[2], [1]]))._network
    assert len(part["nodes"]["id"]) < len(whole["nodes"]["id"])
    assert part["edges"]["injected"] == "AAAB"  # (0, 1), (0, 2), (1, 2): the last one


@pytest.mark.parametrize("state", [{"layer": 2}, {"theme": "pink"}, {"threshold": "high"}])
def test_values_out_of_range(rewiring, position, state):
    with pytest.raises(traitlets.TraitError):
        RewiringWidget(rewiring, position=position, **state)


def test_too_many_nodes(rewiring, monkeypatch):
    monkeypatch.setattr("torque_core.figures.widget.MAX_NODES", 5)
    with pytest.raises(BadConfig, match=r"at most 5 nodes, got 6; choose some with nodes="):
        RewiringWidget(rewiring)
