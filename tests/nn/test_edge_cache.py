import copy
import gc
import io
import pickle
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck
from torch.optim.swa_utils import AveragedModel
from torch_geometric.nn import GCNConv, GraphConv, SAGEConv

from torque_core.nn import BACKBONES, FSGNN, GPRGNN, TorqueGNN, WeightedGCNConv, WeightedSAGEConv
from torque_core.nn import edge_cache as module
from torque_core.nn.backbones import CACHING_CONVS
from torque_core.nn.edge_cache import EdgeSum, EdgeSumCache
from torque_core.nn.normalisation import mean_norm

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
    cache = EdgeSumCache(lambda edge_index, edge_weight, num_nodes: (edge_index, edge_weight), enabled=True)
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
    gnn, x, graphs = GPRGNN(3, 4, 2, 2, cached=True).eval(), torch.randn(4, 3), [EDGES, EDGES[:, :2]]
    first = gnn(x, graphs)
    torch.testing.assert_close(gnn(x, graphs), first)
    assert len(made) == 2
    slow = gnn(x, graphs, [torch.ones(5, requires_grad=True), torch.ones(2, requires_grad=True)])
    torch.testing.assert_close(slow, first)
    assert len(made) == 2


CACHED = {"cached": True}


def models():
    """A model of each kind that caches sums, in evaluation mode."""
    torch.manual_seed(0)
    stacks = [
        TorqueGNN(
            3,
            4,
            2,
            2,
            backbone=name,
            separate=True,
            relations=("kept", "pruned"),
            **(CACHED if BACKBONES[name] in CACHING_CONVS else {}),
        )
        for name in BACKBONES
    ]
    return [model.eval() for model in (*stacks, GPRGNN(3, 4, 2, 2, **CACHED), FSGNN(3, 4, 2, 2, **CACHED))]


def through_torch_save(model):
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


COPIES = [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model)), through_torch_save, AveragedModel]


@pytest.mark.parametrize("model", models(), ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("duplicate", COPIES, ids=["deepcopy", "pickle", "save", "average"])
def test_copies_after_a_forward_pass_give_equal_outputs(model, duplicate):
    x, graphs = torch.randn(4, 3), [EDGES, EDGES[:, :2]]
    expected = model(x, graphs)
    duplicated = duplicate(model)
    assert torch.equal(duplicated(x, graphs), expected)
    assert torch.equal(model(x, graphs), expected)


def test_pickled_bytes_do_not_contain_the_graph():
    conv, x = WeightedGCNConv(3, 2, cached=True), torch.randn(5000, 3)
    before = len(pickle.dumps(conv))
    conv(x, torch.randint(5000, (2, 20_000)))
    assert len(pickle.dumps(conv)) == before


# in a process of its own, whose memory has few gaps: new tensors are allocated where deleted ones were
REUSED_ADDRESSES = """
import gc, pickle, torch
from torque_core.nn import TorqueGNN

torch.manual_seed(0)
x, model, tries = torch.randn(20, 6), TorqueGNN(6, 4, 2, 2, cached=True).eval(), 0
for _ in range(50):
    old = torch.randint(20, (2, 40))
    model(x, [old] * 2)
    loaded, identity = pickle.loads(pickle.dumps(model)), id(old)
    del old
    gc.collect()
    others = []
    for _ in range(50):
        others.append(torch.randint(20, (2, 40)))
        if id(others[-1]) == identity:
            break
    else:
        continue
    tries += 1
    fresh = TorqueGNN(6, 4, 2, 2).eval()
    fresh.load_state_dict(loaded.state_dict())
    expected = fresh(x, [others[-1]] * 2)
    assert torch.equal(loaded(x, [others[-1]] * 2), expected)
    assert torch.equal(model(x, [others[-1]] * 2), expected)
    if tries == 5:
        break
assert tries
"""


def test_a_copy_does_not_use_the_sums_of_a_graph_at_the_same_address():
    run = subprocess.run([sys.executable, "-c", REUSED_ADDRESSES], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def plain_cache():
    return EdgeSumCache(lambda edge_index, edge_weight, num_nodes: (edge_index, edge_weight), enabled=True)


@pytest.mark.parametrize("change", ["data", "set", "resize", "index"])
def test_every_change_of_a_tensor_is_noticed(change):
    edges, weight, cache = EDGES.clone(), WEIGHT.clone(), plain_cache()
    cache.get(edges, weight, 4)
    other, h = EDGES.flip(1).contiguous(), torch.randn(4, 2, dtype=torch.double)
    if change == "data":
        edges.data = other
    elif change == "set":
        edges.set_(other)
    elif change == "resize":
        edges.resize_(2, 3)
        weight.resize_(3)
    else:
        edges[:, 0] = 3
    torch.testing.assert_close(cache.get(edges, weight, 4)(h), EdgeSum(edges, weight, 4)(h))


def test_a_view_of_the_same_memory_is_another_graph():
    edges, weight, cache = EDGES.clone(), WEIGHT.clone(), plain_cache()
    h = torch.randn(4, 2, dtype=torch.double)
    cache.get(edges, weight, 4)
    fewer = cache.get(edges[:, :3], weight[:3], 4)(h)
    torch.testing.assert_close(fewer, EdgeSum(EDGES[:, :3], WEIGHT[:3], 4)(h))


def test_a_sum_without_weights_is_not_used_with_weights():
    cache, h = EdgeSumCache(mean_norm, enabled=True), torch.randn(4, 2, dtype=torch.double)
    unweighted = cache.get(EDGES, None, 4, torch.double)(h)
    weighted = cache.get(EDGES, WEIGHT.square(), 4, torch.double)(h)
    assert not torch.allclose(unweighted, weighted)
    torch.testing.assert_close(cache.get(EDGES, None, 4, torch.double)(h), unweighted)


def test_the_cache_keeps_no_graph_alive():
    edges, cache = EDGES.clone(), EdgeSumCache(mean_norm, enabled=True)
    cache.get(edges, None, 4)
    reference = weakref.ref(edges)
    del edges
    gc.collect()
    assert reference() is None


def test_threads_with_different_graphs_get_their_own_sums():
    h, cache = torch.randn(4, 2, dtype=torch.double), plain_cache()
    graphs = [(EDGES[:, :count].clone(), WEIGHT[:count].clone()) for count in range(1, 6)]

    def wrong(graph):
        expected = EdgeSum(*graph, 4)(h)
        return sum(not torch.equal(cache.get(*graph, 4)(h), expected) for _ in range(300))

    with ThreadPoolExecutor(len(graphs)) as pool:
        assert list(pool.map(wrong, graphs)) == [0] * len(graphs)


def test_coefficients_have_the_precision_of_the_features(made):
    conv, published = WeightedGCNConv(3, 2).double(), GCNConv(3, 2).double()
    published.load_state_dict(conv.state_dict())
    x = torch.randn(4, 3, dtype=torch.double)
    torch.testing.assert_close(conv(x, EDGES), published(x, EDGES), rtol=0, atol=1e-14)
    conv.float()(x.float(), EDGES)
    assert len(made) == 2


DTYPES = [torch.float64, torch.float16, torch.bfloat16]


@pytest.mark.parametrize("layout", [torch.strided, torch.sparse_coo, torch.sparse_csr])
@pytest.mark.parametrize("model", models(), ids=lambda model: type(model).__name__)
def test_every_layout_and_dtype_of_features_trains(model, layout):
    torch.manual_seed(0)
    x, graphs = torch.randn(4, 3) * (torch.rand(4, 3) < 0.7), [EDGES, EDGES[:, :2]]
    expected = model(x, graphs)
    x = x if layout == torch.strided else x.to_sparse(layout=layout)
    torch.testing.assert_close(model(x, graphs), expected)
    for dtype in DTYPES:
        other = copy.deepcopy(model).to(dtype)
        torch.testing.assert_close(other(x.to(dtype), graphs).float(), expected, rtol=0.1, atol=0.1)
        other.train()(x.to(dtype), graphs, [torch.ones(5), None]).sum().backward()
        assert all(parameter.grad.isfinite().all() for parameter in other.parameters() if parameter.grad is not None)


@pytest.mark.parametrize("layout", [torch.strided, torch.sparse_coo, torch.sparse_csr])
@pytest.mark.parametrize("model", models(), ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("weights", ["none", "fixed", "learned"])
def test_autocast(model, layout, weights):
    torch.manual_seed(0)
    weight = None if weights == "none" else torch.rand(5, requires_grad=weights == "learned")
    x, graphs, weights = torch.randn(4, 3), [EDGES, EDGES], [weight, weight]
    expected = model(x, graphs, weights)
    x = x if layout == torch.strided else x.to_sparse(layout=layout)
    with torch.autocast("cpu", torch.bfloat16):
        out = model(x, graphs, weights)
    torch.testing.assert_close(out.float(), expected, rtol=0.1, atol=0.1)
    out.float().sum().backward()


@pytest.mark.parametrize("model", models(), ids=lambda model: type(model).__name__)
def test_edges_and_weights_of_any_dtype(model):
    torch.manual_seed(0)
    x, weights = torch.randn(4, 3), WEIGHT.float()
    expected = model(x, [EDGES] * 2, [weights] * 2)
    for index_dtype, weight_dtype in [(torch.int32, torch.float64), (torch.int64, torch.int64)]:
        out = model(x, [EDGES.to(index_dtype)] * 2, [weights.to(weight_dtype)] * 2)
        torch.testing.assert_close(out, expected)
        learned = weights.to(index_dtype).double().requires_grad_()
        torch.testing.assert_close(model(x, [EDGES.to(index_dtype)] * 2, [learned] * 2), expected)


@pytest.mark.parametrize("make", [WeightedGCNConv, WeightedSAGEConv])
def test_sums_are_kept_only_on_request_and_equal(made, make):
    uncached, cached = make(3, 2), make(3, 2, cached=True)
    cached.load_state_dict(uncached.state_dict())
    x = torch.randn(4, 3)
    for _ in range(3):
        assert torch.equal(uncached(x, EDGES), cached(x, EDGES))
    assert len(made) == 3 + 1


def test_int32_edges_and_double_weights_are_converted_once(made):
    conv, edges, weight = WeightedGCNConv(3, 2, cached=True), EDGES.int(), WEIGHT.clone()
    for _ in range(3):
        conv(torch.ones(4, 3), edges, weight)
    assert len(made) == 1


def test_convolutions_of_pyg_take_int32_edges_and_double_weights():
    torch.manual_seed(0)
    model, x = TorqueGNN(3, 4, 2, 2, backbone=GraphConv).eval(), torch.randn(4, 3)
    out = model(x, [EDGES.int()] * 2, [WEIGHT] * 2)
    torch.testing.assert_close(out, model(x, [EDGES] * 2, [WEIGHT.float()] * 2))
