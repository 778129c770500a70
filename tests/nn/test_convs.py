from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close
from torch_geometric.nn import GATConv, GCNConv, SAGEConv

from tests.conftest import PATH, pair_sets
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.nn import WeightedGATConv, WeightedGCNConv, WeightedSAGEConv

# ours, and the plain convolution it extends
PAIRS = {
    "gcn": (WeightedGCNConv, GCNConv),
    "gcn without self-loops": (partial(WeightedGCNConv, add_self_loops=False), partial(GCNConv, add_self_loops=False)),
    "sage": (WeightedSAGEConv, SAGEConv),
    "sage of neighbours": (partial(WeightedSAGEConv, root_weight=False), partial(SAGEConv, root_weight=False)),
    "sage without bias": (partial(WeightedSAGEConv, bias=False), partial(SAGEConv, bias=False)),
    "gat": (WeightedGATConv, GATConv),
    "gat without self-loops": (partial(WeightedGATConv, add_self_loops=False), partial(GATConv, add_self_loops=False)),
    "gat, heads side by side": (partial(WeightedGATConv, heads=3), partial(GATConv, heads=3)),
    "gat, mean of heads": (partial(WeightedGATConv, heads=3, concat=False), partial(GATConv, heads=3, concat=False)),
}
NAMES = pytest.mark.parametrize("name", PAIRS)
LINE = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])  # 0 - 1 - 2
LINE_WEIGHTS = torch.tensor([0.5, 0.25, 2.0, 3.0])
LINE_X = torch.tensor([[1.0], [2.0], [6.0]])


def made(make, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        conv = make(4, 3).eval()
        if getattr(conv, "bias", None) is not None:
            torch.nn.init.normal_(conv.bias)  # zeros would hide a missing bias
        return conv


def features(num_nodes, seed=0):
    return torch.randn(num_nodes, 4, generator=torch.Generator().manual_seed(seed))


def identity(conv):
    """The convolution of one feature with weight 1, bias 0 and flat attention."""
    with torch.no_grad():
        for key, parameter in conv.named_parameters():
            parameter.fill_(1.0 if key.startswith("lin") and key.endswith("weight") else 0.0)
    return conv


@pytest.mark.parametrize(
    ("conv", "expected"),
    [
        # degrees with self-loops 1.25, 4.5, 3
        (
            WeightedGCNConv,
            [
                1 / 1.25 + 0.25 * 2 / (1.25 * 4.5) ** 0.5,
                0.5 * 1 / (1.25 * 4.5) ** 0.5 + 2 / 4.5 + 3 * 6 / (4.5 * 3) ** 0.5,
                2 * 2 / (4.5 * 3) ** 0.5 + 6 / 3,
            ],
        ),
        # degrees 1 (0.25 is raised), 3.5, 2
        (
            partial(WeightedGCNConv, add_self_loops=False),
            [0.25 * 2 / 3.5**0.5, 0.5 * 1 / 3.5**0.5 + 3 * 6 / 7**0.5, 2 * 2 / 7**0.5],
        ),
        (WeightedSAGEConv, [1 + 0.25 * 2, 2 + (0.5 * 1 + 3 * 6) / 3.5, 6 + 2]),
        (partial(WeightedSAGEConv, root_weight=False), [0.25 * 2, (0.5 * 1 + 3 * 6) / 3.5, 2]),
        (WeightedGATConv, [(1 + 0.25 * 2) / 1.25, (2 + 0.5 * 1 + 3 * 6) / 4.5, (6 + 2 * 2) / 3]),
        (partial(WeightedGATConv, add_self_loops=False), [2, (0.5 * 1 + 3 * 6) / 3.5, 2]),
    ],
)
def test_a_path_of_three_nodes(conv, expected):
    out = identity(conv(1, 1))(LINE_X, LINE, LINE_WEIGHTS)
    assert_close(out, torch.tensor(expected).unsqueeze(1))


def test_nodes_without_incoming_edges_send_messages():
    conv = identity(WeightedGCNConv(1, 1, add_self_loops=False))
    assert conv(LINE_X, LINE[:, :1]).flatten().tolist() == [0, 1, 0]


def test_attention_times_weight():
    conv = identity(WeightedGATConv(1, 1))
    with torch.no_grad():
        conv.att_src.fill_(1.0)  # an edge's score is its source's feature
    attention = LINE_X.flatten().exp() * torch.tensor([0.5, 1.0, 3.0])
    assert_close(conv(LINE_X, LINE, LINE_WEIGHTS)[1], (attention @ LINE_X) / attention.sum())


@NAMES
def test_the_parameters_are_those_of_the_plain_convolution(name):
    ours, plain = (made(make) for make in PAIRS[name])
    assert list(ours.state_dict()) == list(plain.state_dict())
    for key, value in plain.state_dict().items():
        assert torch.equal(ours.state_dict()[key], value)


@NAMES
@given(graph=pair_sets(), seed=st.integers(0, 99))
def test_weight_one_is_the_plain_convolution(name, graph, seed):
    pairs, num_nodes = graph
    edge_index, x = pairs_to_edge_index(pairs), features(num_nodes, seed)
    ours, plain = (made(make, seed) for make in PAIRS[name])
    expected = plain(x, edge_index)
    assert_close(ours(x, edge_index), expected, atol=1e-6, rtol=1e-6)
    assert_close(ours(x, edge_index, torch.ones(edge_index.size(1))), expected, atol=1e-6, rtol=1e-6)


@NAMES
@given(graph=pair_sets(), seed=st.integers(0, 99), soft=st.booleans())
def test_weight_zero_is_no_edge(name, graph, seed, soft):
    pairs, num_nodes = graph
    edge_index, x = pairs_to_edge_index(pairs), features(num_nodes, seed)
    weight = torch.rand(edge_index.size(1), generator=torch.Generator().manual_seed(seed))
    open_ = weight > 0.5  # edge by edge, so graphs are directed too
    weight = torch.where(open_, weight if soft else 1.0, 0.0)
    conv = made(PAIRS[name][0], seed)
    expected = conv(x, edge_index[:, open_], weight[open_] if soft else None)  # and all weights 1 are no weights
    assert_close(conv(x, edge_index, weight), expected, atol=1e-6, rtol=1e-6)


@NAMES
def test_gradients_reach_the_weights(name):
    conv, x = made(PAIRS[name][0]).double(), features(4).double()
    weight = torch.tensor([0.3, 0.9, 0.6, 0.8, 0.1, 0.7], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda w: conv(x, pairs_to_edge_index(PATH), w), (weight,))


@NAMES
@pytest.mark.parametrize("gates", [[0.0] * 6, [1.0, 0, 0, 1, 0, 0]])
def test_gradients_of_closed_gates_are_finite(name, gates):
    weight = torch.tensor(gates, requires_grad=True)
    made(PAIRS[name][0])(features(4), pairs_to_edge_index(PATH), weight).square().sum().backward()
    assert bool(weight.grad.isfinite().all())
    assert bool((weight.grad != 0).any())


@pytest.mark.parametrize("name", [name for name in PAIRS if name != "gat without self-loops"])
def test_the_last_edge_of_a_node_fades_out(name):
    conv, x, edge_index = made(PAIRS[name][0]), features(2), torch.tensor([[0, 1], [1, 0]])
    assert_close(conv(x, edge_index, torch.full((2,), 1e-6)), conv(x, edge_index[:, :0]), atol=1e-4, rtol=0)


def test_attention_is_dropped_after_it_is_normalised():
    # heads enough to see both what is dropped and what is kept, twice as large
    conv = WeightedGATConv(1, 1, heads=64, dropout=0.5, add_self_loops=False)
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(0)
        conv.lin.weight.fill_(1.0)
        out = conv(torch.ones(2, 1), torch.tensor([[0], [1]]), torch.tensor([0.3]))[1]
    assert set(out.tolist()) == {0.0, 2.0}


@NAMES
def test_bfloat16(name):
    conv, x, edge_index = made(PAIRS[name][0]), features(4), pairs_to_edge_index(PATH)
    weight = torch.tensor([0.0, 1.0, 0.5, 1.0, 0.25, 0.0])
    expected = conv(x, edge_index, weight)
    out = conv.bfloat16()(x.bfloat16(), edge_index, weight.bfloat16())
    assert out.dtype == torch.bfloat16
    assert_close(out.float(), expected, atol=0.05, rtol=0.05)
