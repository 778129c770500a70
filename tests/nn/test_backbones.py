import re
from functools import partial

import pytest
import torch
from torch import nn
from torch_geometric.nn import GATConv, GCNConv, GINConv, GraphConv, SAGEConv, SimpleConv

from torque_core.errors import BadConfig
from torque_core.nn import (
    BACKBONES,
    DirectedGCNConv,
    LowRankGCNConv,
    SoftMedianConv,
    SoftMedoidConv,
    WeightedGATConv,
    WeightedGCNConv,
    WeightedSAGEConv,
)
from torque_core.nn.backbones import NodewiseLinear, forward_takes, make_conv


def test_names():
    expected = {
        "gcn": WeightedGCNConv,
        "dir_gcn": DirectedGCNConv,
        "sage": WeightedSAGEConv,
        "gat": WeightedGATConv,
        "mlp": NodewiseLinear,
        "soft_median": SoftMedianConv,
        "soft_medoid": SoftMedoidConv,
        "gcn_svd": LowRankGCNConv,
    }
    assert expected == BACKBONES
    for name, conv in expected.items():
        made = make_conv(name, 5, 3)
        assert type(made) is conv
        assert made(torch.ones(2, 5), torch.tensor([[0], [1]])).shape == (2, 3)


def test_a_name_can_be_added(monkeypatch):
    monkeypatch.setitem(BACKBONES, "graph", GraphConv)
    assert isinstance(make_conv("graph", 5, 3), GraphConv)
    with pytest.raises(BadConfig, match=f"backbone must be one of {', '.join(BACKBONES)} or a graph"):
        make_conv("grap", 5, 3)


@pytest.mark.parametrize("backbone", [GCNConv, partial(GATConv, heads=2, concat=False), lambda i, o: GraphConv(i, o)])
def test_classes_and_factories(backbone):
    x, edge_index = torch.ones(2, 5), torch.tensor([[0, 1], [1, 0]])
    assert make_conv(backbone, 5, 3)(x, edge_index).shape == (2, 3)


@pytest.mark.parametrize("name", ["gcn", "gat", GCNConv, GATConv, partial(GATConv, heads=2, concat=False)])
def test_without_self_loops(name):
    assert make_conv(name, 5, 3).add_self_loops
    assert not make_conv(name, 5, 3, include_self=False).add_self_loops


@pytest.mark.parametrize("name", ["sage", SAGEConv])
def test_without_root_weight(name):
    assert make_conv(name, 5, 3).root_weight
    assert not make_conv(name, 5, 3, include_self=False).root_weight


def test_a_backbone_without_the_options_is_created_unchanged():
    made = make_conv(lambda i, o: GINConv(nn.Linear(i, o)), 5, 3, include_self=False)
    assert made(torch.ones(1, 5), torch.zeros(2, 0, dtype=torch.long)).shape == (1, 3)


@pytest.mark.parametrize(("conv", "takes"), [(GCNConv(5, 3), True), (SAGEConv(5, 3), False), (SimpleConv(), True)])
def test_backbones_that_take_edge_weights(conv, takes):
    assert forward_takes(conv, "edge_weight") is takes


@pytest.mark.parametrize("bad", ["gnc", "", None, 3])
def test_an_unknown_backbone_is_named(bad):
    message = f"backbone must be one of {', '.join(BACKBONES)} or a graph convolution class; got {bad!r}"
    with pytest.raises(BadConfig, match=re.escape(message)):
        make_conv(bad, 5, 3)
