import threading

import pytest
import torch
from torch import nn
from torch_geometric.nn import GATConv, GCNConv, SAGEConv

from torque_core.utils.random import draw_from

MODULES = pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Linear(3, 2),
        lambda: GCNConv(3, 2),
        lambda: SAGEConv(3, 2),
        lambda: GATConv(3, 2, heads=2),
        lambda: nn.init.orthogonal_(torch.empty(3, 3)),
        lambda: nn.init.trunc_normal_(torch.empty(3, 3)),
        lambda: torch.bernoulli(torch.full((9,), 0.5)),
        lambda: torch.randperm(9),
    ],
)


def values(made):
    return list(made.state_dict().values()) if isinstance(made, nn.Module) else [made]


@MODULES
def test_samples_equal_those_of_the_seeded_global_state(make):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        expected = values(make())
    state = torch.get_rng_state()
    with draw_from(torch.Generator().manual_seed(3)):
        drawn = values(make())
    assert all(map(torch.equal, drawn, expected))
    assert torch.equal(torch.get_rng_state(), state)


def test_an_explicit_generator_takes_precedence():
    with draw_from(torch.Generator().manual_seed(3)):
        drawn = torch.rand(3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(drawn, torch.rand(3, generator=torch.Generator().manual_seed(0)))


def test_other_threads_are_not_affected():
    generator, drawn = torch.Generator().manual_seed(3), []
    state = generator.get_state()
    with draw_from(generator):
        thread = threading.Thread(target=lambda: drawn.append(torch.rand(3)))
        thread.start()
        thread.join()
    assert len(drawn) == 1
    assert torch.equal(generator.get_state(), state)
