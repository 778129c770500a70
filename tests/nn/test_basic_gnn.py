"""TorqueGNN as one of PyG's basic models."""

import copy
import inspect
from functools import partial

import pytest
import torch
from torch import nn
from torch.testing import assert_close
from torch_geometric.data import Data
from torch_geometric.nn import (
    GAT,
    GCN,
    ARMAConv,
    ChebConv,
    GATConv,
    GATv2Conv,
    GCNConv,
    GINEConv,
    GraphConv,
    GraphSAGE,
    LEConv,
    SAGEConv,
    SGConv,
    TAGConv,
)
from torch_geometric.nn.models.basic_gnn import BasicGNN
from torch_geometric.transforms import ToSparseTensor

from tests.conftest import PATH, STAR
from torque_core.errors import BadConfig
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.nn import FSGNN, GPRGNN, TorqueGNN

EDGES = torch.tensor([[0, 1, 1, 2, 3, 0], [1, 0, 2, 1, 0, 3]])
WEIGHT = torch.tensor([0.5, 0.5, 2.0, 2.0, 1.0, 1.0])
LAYER_GRAPHS = [pairs_to_edge_index(PATH), pairs_to_edge_index(STAR)]
PYG = {"gcn": GCN, "sage": GraphSAGE, "gat": GAT}
FULL = {"separate": True, "residual": True, "relations": ("kept", "pruned"), "norm": "batch", "jk": "max"}


def features(width=5):
    return torch.randn(4, width, generator=torch.Generator().manual_seed(0))


def seeded(make, *args, **options):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return make(*args, **options)


@pytest.mark.parametrize("backbone", PYG)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"num_layers": 1},
        {"out_channels": None},
        {"act": "elu", "act_kwargs": {"alpha": 0.5}, "dropout": 0.5},
        {"act": None, "norm": "graph_norm"},
        {"act": torch.tanh, "act_first": True, "norm": "LayerNorm", "norm_kwargs": {"eps": 0.1}},
        {"norm": nn.BatchNorm1d(8), "jk": "last"},
        {"jk": "cat", "dropout": 0.3, "norm": "batch"},
        {"jk": "max", "out_channels": None},
        {"jk": "lstm", "num_layers": 3},
    ],
    ids=lambda options: " ".join(options) or "defaults",
)
def test_on_one_graph_it_is_the_model_of_pyg(backbone, options):
    arguments = {"in_channels": 5, "hidden_channels": 8, "num_layers": 2, "out_channels": 3} | options
    published = seeded(PYG[backbone], **arguments)
    model = TorqueGNN(**arguments, backbone=backbone)
    model.load_state_dict(published.state_dict())
    assert isinstance(model, BasicGNN)
    assert str(model) == str(published).replace(type(published).__name__, "TorqueGNN")
    assert (model.out_channels, model.num_layers) == (published.out_channels, published.num_layers)
    for mode in (True, False):
        if mode and backbone == "gat" and "dropout" in options:
            continue  # PyG's model also drops out attention coefficients
        out, expected = (seeded(each.train(mode), features(), EDGES) for each in (model, published))
        assert_close(out, expected)


@pytest.mark.parametrize("options", [{}, {"concat": False}, {"jk": "cat"}, {"dropout": 0.4}], ids=str)
@pytest.mark.parametrize("v2", [False, True])
def test_attention_heads_are_those_of_pyg(options, v2):
    published = seeded(GAT, 5, 8, 2, 3, heads=4, v2=v2, **options)
    model = TorqueGNN(5, 8, 2, 3, backbone=GATv2Conv if v2 else "gat", heads=4, **options)
    model.load_state_dict(published.state_dict())
    assert_close(model.eval()(features(), EDGES), published.eval()(features(), EDGES))


def test_the_positional_arguments_are_those_of_pyg():
    def positional(function):
        parameters = inspect.signature(function).parameters.values()
        return [(each.name, each.default) for each in parameters if each.kind == each.POSITIONAL_OR_KEYWORD]

    assert positional(TorqueGNN.__init__) == positional(BasicGNN.__init__)
    assert positional(TorqueGNN.forward) == positional(BasicGNN.forward)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((34, 16, 2, 0.5), "out_channels must be an integer of at least 1, got 0.5"),
        ((34, 16, 0.5, 4), "num_layers must be an integer of at least 1, got 0.5"),
        ((34, 16, 2, 4, "gat"), r"dropout must be a probability in \[0, 1\], got 'gat'"),
        ((34, 16, 2, 4, 7), r"dropout must be a probability in \[0, 1\], got 7"),
        ((34, 16, 2, 4, 0.5, 0.5), "act must be a name, a function or None, got 0.5"),
        ((34, 16, 2, 4, 0.5, "gat"), "Could not resolve 'gat'"),
        ((34, -1, 2, 4), "hidden_channels must be an integer of at least 1, got -1"),
        (((34, 34), 16, 2, 4), r"in_channels must be an integer of at least 1, got \(34, 34\)"),
        ((34, 16, True, 4), "num_layers must be an integer of at least 1, got True"),
    ],
)
def test_positional_arguments_in_a_wrong_order_are_refused(arguments, message):
    with pytest.raises(BadConfig, match=message):
        TorqueGNN(*arguments)


def test_too_many_positional_arguments_and_repeated_ones_are_refused():
    with pytest.raises(TypeError):
        TorqueGNN(34, 16, 2, 4, 0.5, "relu", False, None, None, None, None, "gat")
    with pytest.raises(TypeError, match="num_layers"):
        TorqueGNN(34, 16, 4, num_layers=2)  # classes in the place of the number of layers


@pytest.mark.parametrize("model", [partial(TorqueGNN, backbone="gat"), TorqueGNN, GPRGNN, FSGNN])
def test_one_graph_is_that_graph_in_each_layer(model):
    model = seeded(model, 5, 8, 2, 3)
    assert torch.equal(model(features(), EDGES), model(features(), [EDGES, EDGES]))
    assert torch.equal(model(features(), EDGES, WEIGHT), model(features(), (EDGES, EDGES), (WEIGHT, WEIGHT)))
    assert torch.equal(model(features(), EDGES, [WEIGHT, None]), model(features(), [EDGES] * 2, [WEIGHT, None]))


@pytest.mark.parametrize(
    ("graph", "weight", "message"),
    [
        ([EDGES, EDGES], WEIGHT, "edge_weight is one tensor, but edge_index is a list of graphs"),
        (EDGES, WEIGHT[:2], r"edge_weight of layer 0 has shape \(2,\), but edge_index has 6 columns"),
        (EDGES.T, None, r"edge_index of layer 0 must hold integers and have shape \(2, M\), got torch.int64 of shape"),
        (EDGES.float(), None, "edge_index of layer 0 must hold integers"),
        (torch.stack([EDGES, EDGES]), None, r"edge_index of layer 0 must hold integers and have shape \(2, M\)"),
    ],
)
@pytest.mark.parametrize("model", [TorqueGNN, GPRGNN, FSGNN])
def test_graphs_that_do_not_fit_are_refused(model, graph, weight, message):
    with pytest.raises(BadConfig, match=message):
        model(5, 8, 2, 3)(features(), graph, weight)


@pytest.mark.filterwarnings("ignore:Sparse invariant checks:UserWarning")  # by ToSparseTensor
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_a_sparse_adjacency_matrix_is_its_graph(weight):
    data = ToSparseTensor(layout=torch.sparse_csr, attr="edge_weight")(
        Data(edge_index=EDGES[:, 1:], edge_weight=None if weight is None else weight[1:], num_nodes=4)
    )
    model = seeded(TorqueGNN, 5, 8, 2, 3)
    expected = model(features(), EDGES[:, 1:], None if weight is None else weight[1:])  # 0 to 1 goes one way
    assert_close(model(features(), data.adj_t), expected)
    with pytest.raises(BadConfig, match="edge_index is a sparse matrix, whose values are the weights"):
        model(features(), data.adj_t, WEIGHT[1:])


WEIGHTED = [GCNConv, GraphConv, LEConv, SGConv, ARMAConv, partial(TAGConv, K=2), partial(ChebConv, K=2)]


@pytest.mark.parametrize("conv", WEIGHTED, ids=lambda conv: getattr(conv, "func", conv).__name__)
def test_edge_weights_reach_any_convolution_that_takes_them(conv):
    model = seeded(TorqueGNN, 5, 8, 2, 3, backbone=conv).eval()
    hidden = model.convs[0](features(), EDGES, edge_weight=WEIGHT).relu()
    assert model.supports_edge_weight
    expected = model.convs[1](hidden, EDGES, edge_weight=WEIGHT)
    assert_close(model(features(), EDGES.int(), WEIGHT.double()), expected)


@pytest.mark.parametrize("conv", [SAGEConv, GATConv, GATv2Conv])
def test_edge_weights_for_another_convolution_are_refused(conv):
    model = TorqueGNN(5, 8, 2, 3, backbone=conv)
    assert not model.supports_edge_weight
    with pytest.raises(BadConfig, match=f"backbone {conv.__name__} takes no edge_weight"):
        model(features(), EDGES, WEIGHT)


def test_edge_features():
    attributes = torch.randn(6, 2, generator=torch.Generator().manual_seed(1))
    model = seeded(TorqueGNN, 5, 8, 2, 3, backbone=lambda i, o: GINEConv(nn.Linear(i, o), edge_dim=2))
    hidden = model.convs[0](features(), EDGES, attributes).relu()
    assert_close(model(features(), EDGES, edge_attr=attributes), model.convs[1](hidden, EDGES, attributes))
    with pytest.raises(BadConfig, match="backbone WeightedGCNConv takes no edge_attr"):
        TorqueGNN(5, 8, 2, 3)(features(), EDGES, edge_attr=attributes)


@pytest.mark.parametrize("options", [{}, FULL], ids=["plain", "full"])
@pytest.mark.parametrize("backbone", ["gcn", "sage", "gat", "mlp", GraphConv])
@pytest.mark.parametrize("sparse", [False, True])
def test_the_number_of_features_can_be_left_open(backbone, options, sparse):
    x = features().relu()
    lazy, model = (seeded(TorqueGNN, width, 8, 2, 3, backbone=backbone, **options) for width in (-1, 5))
    if backbone is not GraphConv:
        x = x.to_sparse() if sparse else x
    copied = copy.deepcopy(lazy)
    for each in (lazy, copied):
        each.eval()(x, EDGES).sum().backward()
    lazy(x, LAYER_GRAPHS, relations={"pruned": [(EDGES, None)] * 2})
    assert {name: value.shape for name, value in lazy.state_dict().items()} == {
        name: value.shape for name, value in model.state_dict().items()
    }
    model.load_state_dict(lazy.state_dict())
    assert_close(model.eval()(x, EDGES), lazy(x, EDGES))


@pytest.mark.parametrize("model", [GPRGNN, FSGNN])
def test_the_number_of_features_of_the_complete_models_can_be_left_open(model):
    lazy, explicit = model(-1, 8, 2, 3), model(5, 8, 2, 3)
    lazy(features().to_sparse(), EDGES)
    explicit.load_state_dict(lazy.state_dict())
    assert_close(lazy(features(), EDGES), explicit(features(), EDGES))


@pytest.mark.parametrize("model", [partial(TorqueGNN, **FULL), GPRGNN, FSGNN])
def test_reset_parameters(model):
    model = model(5, 8, 2, 3)
    fresh = copy.deepcopy(model.state_dict())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(7.0)
    model.reset_parameters()
    for name, parameter in model.named_parameters():
        assert bool((parameter != 7).all()), name
        if fresh[name].unique().numel() == 1:  # constants, such as a gate
            assert torch.equal(parameter, fresh[name]), name


@pytest.mark.parametrize("options", [{}, {"separate": True, "residual": True, "norm": "batch", "jk": "last"}], ids=str)
def test_inference_by_layer_equals_the_forward_pass(options):
    model = seeded(TorqueGNN, 5, 8, 2, 3, act="elu", **options).eval()
    h = features()
    for layer in range(2):  # as BasicGNN.inference does with a loader
        h = torch.cat([model.inference_per_layer(layer, h[order], edges, 2)[:2] for order, edges in _halves()])
    assert_close(h, model(features(), EDGES))


def _halves():
    """Two loader batches of two nodes each: the nodes, those of the batch first, and the edges among them."""
    for order in (torch.tensor([0, 1, 2, 3]), torch.tensor([2, 3, 0, 1])):
        yield order, order.argsort()[EDGES]


def test_sampled_neighbours_are_trimmed_as_in_pyg():
    # 0 is the seed; 1 was sampled in the first hop, 2 and 3 in the second
    edges, nodes_per_hop, edges_per_hop = torch.tensor([[1, 2, 3], [0, 1, 1]]), [1, 1, 2], [1, 2]
    published, weight = seeded(GCN, 5, 8, 2, 3), torch.tensor([0.5, 2.0, 3.0])
    model = TorqueGNN(5, 8, 2, 3)
    model.load_state_dict(published.state_dict())
    options = {"num_sampled_nodes_per_hop": nodes_per_hop[1:], "num_sampled_edges_per_hop": edges_per_hop}
    assert_close(model(features(), edges, weight, **options), published(features(), edges, weight, **options))
    assert len(model(features(), edges, **options)) == 2


@pytest.mark.parametrize("backbone", ["gcn", "sage", "gat", GraphConv], ids=str)
@pytest.mark.parametrize("options", [{}, FULL], ids=["plain", "full"])
def test_export_for_graphs_of_any_size(backbone, options):
    model = seeded(TorqueGNN, 5, 8, 2, 3, backbone=backbone, **options).eval()
    sizes = {"x": {0: torch.export.Dim.DYNAMIC}, "edge_index": {1: torch.export.Dim.DYNAMIC}}
    exported = torch.export.export(model, (features(), EDGES), dynamic_shapes=sizes).module()
    for nodes, edges in ((4, EDGES), (7, torch.tensor([[0, 6, 3], [6, 0, 5]]))):
        x = torch.randn(nodes, 5, generator=torch.Generator().manual_seed(0))
        assert_close(exported(x, edges), model(x, edges))


@pytest.mark.parametrize("model", [partial(GPRGNN, steps=1), FSGNN], ids=["gprgnn", "fsgnn"])
def test_complete_models_are_compiled_in_one_graph_and_exported(model):
    model = seeded(model, 5, 8, 1, 3, cached=True).eval()
    torch._dynamo.reset()
    with torch.no_grad():
        compiled = torch.compile(model, backend="eager", fullgraph=True)
        assert_close(compiled(features(), EDGES, WEIGHT), model(features(), EDGES, WEIGHT))
        exported = torch.export.export(model, (features(), EDGES)).module()
        assert_close(exported(features(), EDGES), model(features(), EDGES))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize(
    ("backbone", "options"),
    [("gcn", FULL), ("gat", {"heads": 2, "jk": "lstm"}), ("sage", {"norm": "graph_norm", "residual": True})],
    ids=["gcn", "gat", "sage"],
)
def test_other_dtypes_and_autocast(backbone, options, dtype):
    model = seeded(TorqueGNN, -1, 8, 2, 3, backbone=backbone, **options).eval()
    expected = model(features(), EDGES, WEIGHT)
    with torch.autocast("cpu", torch.bfloat16):
        assert_close(model(features(), EDGES, WEIGHT).float(), expected, rtol=0.1, atol=0.1)
    out = model.to(dtype)(features().to(dtype), EDGES.int(), WEIGHT)
    assert out.dtype == dtype
    assert_close(out.float(), expected, rtol=0.1, atol=0.1)
    model.train()(features().to(dtype), EDGES, WEIGHT).sum().backward()


def test_the_default_dtype_is_that_of_the_parameters():
    torch.set_default_dtype(torch.float64)
    try:
        assert TorqueGNN(-1, 8, 2, 3, **FULL)(features().double(), EDGES, WEIGHT.float()).dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
