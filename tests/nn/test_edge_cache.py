import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck
from torch_geometric.nn import GCNConv, SAGEConv

from torque_core.nn import GPRGNN, WeightedGCNConv, WeightedSAGEConv
from torque_core.nn import edge_cache as module
from torque_core.nn.edge_cache import EdgeSum, EdgeSumCache

EDGES = torch.tensor([[0, 1, 1, 3, 1], [1, 0, 2, 2, 2]])  # one twice, node 3 has no incoming edge
WEIGHT = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0], dtype=torch.double)


def test_sums():
    h = torch.tensor([[1.0], [10.0], [100.0], [1000.0]], dtype=torch.double)
    assert EdgeSum(EDGES, WEIGHT, 4)(h).flatten().tolist() == [20, 1, 4080, 0]


def test_gradients():
    h = torch.randn(4, 3, dtype=torch.double, generator=torch.Generator().manual_seed(0)).requires_grad_()
    assert gradcheck(EdgeSum(EDGES, WEIGHT, 4), h)
    assert gradgradcheck(lambda rows: EdgeSum(EDGES, WEIGHT, 4)(rows).square(), h)


def test_no_edges():
    assert EdgeSum(EDGES[:, :0], WEIGHT[:0], 4)(torch.ones(4, 2, dtype=torch.double)).tolist() == [[0, 0]] * 4


@pytest.fixture
def made(monkeypatch):
    """The sums that were made."""
    sums = []

    class Watched(EdgeSum):
        def __init__(self, *graph):
            super().__init__(*graph)
            sums.append(self)

    monkeypatch.setattr(module, "EdgeSum", Watched)
    return sums


def test_the_sum_is_built_once_and_again_after_a_change(made):
    edges, weight = EDGES.clone(), WEIGHT.clone()
    cache = EdgeSumCache(lambda edge_index, edge_weight, num_nodes: (edge_index, edge_weight))
    h = torch.ones(4, 1, dtype=torch.double)
    first = cache.get(edges, weight, 4)(h)
    assert torch.equal(cache.get(edges, weight, 4)(h), first)
    assert len(made) == 1
    weight[0] = 7.0
    assert cache.get(edges, weight, 4)(h)[1] == 7
    edges[1, 0] = 3
    assert cache.get(edges, weight, 4)(h).flatten().tolist() == [2, 0, 12, 7]
    cache.get(edges.clone(), weight, 4)
    cache.get(edges, weight, 5)
    assert len(made) == 5


@pytest.mark.parametrize(
    "conv", [WeightedGCNConv(3, 2), WeightedGCNConv(3, 2, add_self_loops=False), WeightedSAGEConv(3, 2)]
)
@pytest.mark.parametrize("weighted", [False, True])
def test_cached_sums_equal_message_passing(made, conv, weighted):
    torch.manual_seed(0)
    x, weight = torch.randn(4, 3, requires_grad=True), WEIGHT.float() if weighted else None
    learned = (torch.ones(5) if weight is None else weight).clone().requires_grad_()  # these go as messages
    fast, slow = conv(x, EDGES, weight), conv(x, EDGES, learned)
    assert len(made) == 1
    torch.testing.assert_close(fast, slow)
    expected = torch.autograd.grad(slow.square().sum(), x)[0]
    torch.testing.assert_close(torch.autograd.grad(fast.square().sum(), x)[0], expected)


@pytest.mark.parametrize(("conv", "published"), [(WeightedGCNConv, GCNConv), (WeightedSAGEConv, SAGEConv)])
def test_convolutions_equal_those_of_pyg(made, conv, published):
    torch.manual_seed(0)
    ours, theirs, x = conv(3, 2), published(3, 2), torch.randn(4, 3)
    theirs.load_state_dict(ours.state_dict())
    edges = EDGES[:, :4]
    torch.testing.assert_close(ours(x, edges), theirs(x, edges))
    assert len(made) == 1


def test_other_dtypes_use_message_passing(made):
    conv = WeightedGCNConv(3, 2).bfloat16()
    assert conv(torch.ones(4, 3, dtype=torch.bfloat16), EDGES).dtype == torch.bfloat16
    assert made == []


def test_gpr_gnn_caches_the_sum_of_each_stage(made):
    torch.manual_seed(0)
    gnn, x, graphs = GPRGNN(3, 4, 2).eval(), torch.randn(4, 3), [EDGES, EDGES[:, :2]]
    first = gnn(x, graphs)
    torch.testing.assert_close(gnn(x, graphs), first)
    assert len(made) == 2
    slow = gnn(x, graphs, [torch.ones(5, requires_grad=True), torch.ones(2, requires_grad=True)])
    torch.testing.assert_close(slow, first)
    assert len(made) == 2
