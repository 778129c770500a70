import numpy as np
import pytest
import torch

from torque_core.errors import BadConfig
from torque_core.figures import DARK, LIGHT, plot_rewiring
from torque_core.rewiring.record import Rewiring
from torque_core.rewiring.spec import RewireSpec


@pytest.fixture
def rewiring(layer):
    return Rewiring((layer, layer.recut(0.15)), 6, RewireSpec())


def traces(figure):
    return {trace.name: trace for trace in figure.data}


def test_a_record_plots_itself(rewiring):
    assert {"kept (3)", "pruned (2)", "added (1)", "nodes (6)"} <= set(traces(rewiring.plot()))
    assert {"kept (1)", "pruned (4)"} <= set(traces(rewiring.plot(layer=1)))


def test_injected_edges_are_marked_in_either_direction(rewiring, position):
    injected = torch.tensor([[2, 3], [1, 4]])  # (1, 2), which was kept, and (3, 4), which was pruned
    drawn = traces(rewiring.plot(injected=injected, position=position, y=torch.zeros(6, dtype=torch.long)))
    assert {"◇ injected, kept (1)", "◇ injected, pruned (1)", "nodes, coloured by class (6)"} <= set(drawn)
    assert drawn["◇ injected, kept (1)"].x.tolist() == [0.5, 0.5, 1.0]


def test_layers_share_the_positions_of_the_nodes(rewiring):
    first, second = (traces(rewiring.plot(layer))["nodes (6)"] for layer in (0, 1))
    assert np.array_equal(first.x, second.x)
    assert np.array_equal(first.y, second.y)


@pytest.mark.parametrize(("name", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_theme(rewiring, name, theme):
    figure = plot_rewiring(rewiring, theme=name)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == theme.background
    assert figure.layout.meta.startswith("Graph of layer 0: 6 nodes")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"layer": 2}, "layer must be in 0 to 1, got 2"), ({"theme": "pink"}, "theme must be one of light, dark")],
)
def test_what_does_not_exist_is_an_error(rewiring, arguments, message):
    with pytest.raises(BadConfig, match=message):
        plot_rewiring(rewiring, **arguments)


def test_a_note_on_elements_that_are_left_out_is_the_title(rewiring, position, monkeypatch):
    monkeypatch.setattr("torque_core.figures.graph.MAX_DRAWN_EDGES", 2)
    assert "Drawn: 2 of 3 kept edges" in rewiring.plot(position=position).layout.title.text
