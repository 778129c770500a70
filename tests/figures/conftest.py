import math

import numpy as np
import pytest
import torch

from torque_core.figures.palette import DARK, LIGHT
from torque_core.figures.styles import method_styles
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.graph_change import GraphChange
from torque_core.rewiring.record import LayerRewiring
from torque_core.scoring.torque import Torque

Y = torch.tensor([0, 0, 0, 1, 1, -1])
EDGES = torch.tensor([[0, 0, 1, 2, 3], [1, 2, 2, 3, 4]])
GROUPS = {"plain": "backbone", "mlp": "backbone", "torque": "rewiring", "gdc": "peer", "random": "control"}


def ones(lever):
    """Torques equal to their lever arms."""
    return Torque(torch.tensor(lever), torch.ones(len(lever)))


def make_layer(pairs, pruned, added=((), ()), lever=None, added_lever=None) -> LayerRewiring:
    pairs, added = (torch.tensor(columns, dtype=torch.long) for columns in (pairs, added))
    return LayerRewiring(
        pairs=pairs,
        torque=ones(lever or [0.1] * pairs.size(1)),
        pruned_mask=torch.tensor(pruned, dtype=torch.bool),
        added=added,
        added_torque=ones(added_lever or [0.05] * added.size(1)),
        cut=Cut(math.inf, "By hand."),
        num_nodes=6,
    )


def make_change(pruned=(), added=()) -> GraphChange:
    """Change that prunes the edges with these indices and adds these pairs."""
    pruned_mask = torch.zeros(EDGES.size(1), dtype=torch.bool)
    pruned_mask[list(pruned)] = True
    new = torch.tensor(added, dtype=torch.long).view(-1, 2).T
    return GraphChange(pairs=EDGES, pruned_mask=pruned_mask, added=new, num_nodes=6)


def colours_of(nodes) -> list[str]:
    """The colour of each point, by the scale of its trace."""
    marker = nodes.marker
    last = len(marker.colorscale) - 1
    places = (np.asarray(marker.color) - marker.cmin) / (marker.cmax - marker.cmin) * last
    return [marker.colorscale[round(place)][1] for place in places]


@pytest.fixture
def layer() -> LayerRewiring:
    """Three kept edges, two pruned and one added; node 5 has no edge."""
    return make_layer(
        [[0, 0, 1, 2, 3], [1, 2, 2, 3, 4]],
        [False, False, False, True, True],
        added=[[0], [3]],
        lever=[0.1, 0.2, 0.3, 0.8, 0.9],
    )


@pytest.fixture
def injected() -> torch.Tensor:
    """The noise inserted the edges (1, 2), which was kept, and (3, 4), which was pruned."""
    return torch.tensor([False, False, True, False, True])


@pytest.fixture
def position() -> np.ndarray:
    return np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [0.0, -1.0]])


@pytest.fixture(params=[LIGHT, DARK], ids=lambda theme: theme.name)
def theme(request):
    return request.param


@pytest.fixture
def styles(theme):
    return method_styles(GROUPS, theme)
