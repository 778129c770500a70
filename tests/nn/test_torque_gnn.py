from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close
from torch_geometric.nn import GATConv, GCNConv, GINConv, GraphConv, SAGEConv

from tests.conftest import PATH, STAR, graphs
from torque_core.errors import BadConfig
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.nn import BACKBONES, TorqueGNN

X = np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, 1.0], [3.0, 0.5]])
WEIGHTS = np.array([[1.0, -1.0, 0.5], [0.0, 2.0, -1.0]]), np.array([[1.0, 0.0], [-1.0, 1.0], [2.0, 0.5]])
BIASES = np.array([0.1, -0.2, 0.0]), np.array([0.5, -0.5])
PLAIN = {"gcn": GCNConv, "sage": SAGEConv, "gat": GATConv}
BACKBONE = pytest.mark.parametrize("backbone", PLAIN)
LAYER_NORM = {"norm": "layer", "norm_kwargs": {"mode": "node"}}
EVERY_OPTION = {"separate": True, "residual": True, **LAYER_NORM}


def dense(pairs):
    """The normalised adjacency matrix of 4 nodes, with self-loops, as the formula has it."""
    a = np.eye(4)
    for i, j in pairs.T.tolist():
        a[i, j] = a[j, i] = 1
    scale = np.diag(a.sum(axis=1) ** -0.5)
    return scale @ a @ scale


def model_with_weights(**options):
    model = TorqueGNN(2, 3, 2, 2, **options)
    with torch.no_grad():
        for conv, weight, bias in zip(model.convs, WEIGHTS, BIASES, strict=True):
            conv.lin.weight.copy_(torch.tensor(weight.T))
            conv.bias.copy_(torch.tensor(bias))
    return model.eval()


def seeded(make, *args, seed=0, **options):
    """A module in evaluation mode, the same one for the same seed."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return make(*args, **options).eval()


def features(num_nodes=4, width=5, seed=0):
    return torch.randn(num_nodes, width, generator=torch.Generator().manual_seed(seed))


def forward(model, *graphs):
    return model(torch.tensor(X).float(), [pairs_to_edge_index(pairs) for pairs in graphs]).detach().numpy()


@pytest.mark.parametrize("graphs", [(PATH, STAR), (STAR, PATH), (PATH, PATH), (PATH, PATH[:, :0])])
def test_forward_is_the_formula_with_a_graph_per_layer(graphs):
    hidden = np.maximum(dense(graphs[0]) @ X @ WEIGHTS[0] + BIASES[0], 0)
    expected = dense(graphs[1]) @ hidden @ WEIGHTS[1] + BIASES[1]
    np.testing.assert_allclose(forward(model_with_weights(), *graphs), expected, atol=1e-5)


def test_one_layer_has_no_relu():
    model = TorqueGNN(2, 9, 1, 2).eval()
    with torch.no_grad():
        model.convs[0].lin.weight.copy_(-torch.eye(2))
    np.testing.assert_allclose(forward(model, PATH), -dense(PATH) @ X, atol=1e-6)


def test_dropout_in_training_only():
    model = model_with_weights(dropout=0.5)
    assert np.array_equal(forward(model, PATH, STAR), forward(model, PATH, STAR))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model.train()
        assert not np.array_equal(forward(model, PATH, STAR), forward(model, PATH, STAR))


def test_widths():
    model = TorqueGNN(5, 7, 4, 3)
    assert [(conv.in_channels, conv.out_channels) for conv in model.convs] == [(5, 7), (7, 7), (7, 7), (7, 3)]


def test_errors_name_the_value():
    with pytest.raises(BadConfig, match="1 graphs for 2 layers; give one per layer, or a single"):
        forward(model_with_weights(), PATH)
    with pytest.raises(BadConfig, match="3 graphs for 2 layers; give one per layer, or a single"):
        forward(model_with_weights(), PATH, PATH, PATH)
    with pytest.raises(BadConfig, match="num_layers must be an integer of at least 1, got 0"):
        TorqueGNN(2, 3, 0, 2)


def test_the_default_is_the_gcn_whose_results_were_published():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        expected = [GCNConv(5, 8), GCNConv(8, 8), GCNConv(8, 3)]
    model = seeded(TorqueGNN, 5, 8, 3, 3)
    names = [f"convs.{layer}.{part}" for layer in range(3) for part in ("bias", "lin.weight")]
    assert list(model.state_dict()) == names
    for conv, plain in zip(model.convs, expected, strict=True):
        assert torch.equal(conv.lin.weight, plain.lin.weight)
        assert torch.equal(conv.bias, plain.bias)


@BACKBONE
@pytest.mark.parametrize("options", [{}, {"residual": True}, {"norm": "batch"}, {"residual": True, **LAYER_NORM}])
def test_a_seed_gives_the_convolutions_the_same_weights_whatever_else_there_is(backbone, options):
    bare = seeded(TorqueGNN, 5, 8, 2, 3, backbone=backbone)
    assert_close(
        seeded(TorqueGNN, 5, 8, 2, 3, backbone=backbone, **options).convs.state_dict(), bare.convs.state_dict()
    )


@BACKBONE
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_plain_model_built_by_hand(backbone, layers):
    model = seeded(TorqueGNN, 5, 8, layers, 3, backbone=backbone)
    edge_indices = [pairs_to_edge_index(pairs) for pairs in (PATH, STAR, PATH)[:layers]]
    h = features()
    for layer, edge_index in enumerate(edge_indices):
        conv = PLAIN[backbone](*((5, 8, 8)[layer], 3 if layer == layers - 1 else 8))
        conv.load_state_dict(model.convs[layer].state_dict())
        h = conv(h.relu() if layer else h, edge_index)
    assert_close(model(features(), edge_indices), h)


@BACKBONE
@given(graph=graphs(features=5), data=st.data())
def test_names_of_nodes_do_not_matter(backbone, graph, data):
    order = torch.tensor(data.draw(st.permutations(range(graph.num_nodes))))
    model = seeded(TorqueGNN, 5, 8, 2, 3, backbone=backbone, **EVERY_OPTION)
    weight = torch.rand(graph.num_edges, generator=torch.Generator().manual_seed(0))
    renamed = model(graph.x[order], [order.argsort()[graph.edge_index]] * 2, [weight, None])
    assert_close(renamed, model(graph.x, [graph.edge_index] * 2, [weight, None])[order], atol=1e-5, rtol=1e-4)


@BACKBONE
def test_each_layer_has_a_graph_and_weights_of_its_own(backbone):
    model = seeded(TorqueGNN, 5, 8, 3, 3, backbone=backbone)
    path, star = pairs_to_edge_index(PATH), pairs_to_edge_index(STAR)
    h = features()
    weights = [torch.tensor([0.5, 1, 0, 1, 1, 0]), None, torch.tensor([0, 0.2, 1, 1, 0, 1])]
    for layer, (edge_index, weight) in enumerate(zip((path, star, path), weights, strict=True)):
        h = model.convs[layer](h.relu() if layer else h, edge_index, weight)
    assert_close(model(features(), (path, star, path), weights), h)
    for other in [(star, star, path), (path, path, path), (path, star, star)]:
        assert not torch.allclose(model(features(), other, weights), h)


@BACKBONE
@pytest.mark.parametrize("options", [{}, EVERY_OPTION])
def test_closed_gates_are_missing_edges_and_open_ones_plain_edges(backbone, options):
    model = seeded(TorqueGNN, 5, 8, 2, 3, backbone=backbone, **options)
    path, star = pairs_to_edge_index(PATH), pairs_to_edge_index(STAR)
    gates = torch.tensor([1.0, 0, 1, 1, 0, 1]), torch.tensor([0.0, 1, 1, 0, 1, 1])
    cut = [path[:, gates[0] > 0], star[:, gates[1] > 0]]
    assert_close(model(features(), [path, star], gates), model(features(), cut), atol=1e-6, rtol=1e-6)
    opened = model(features(), [path, star], [torch.ones(6), torch.ones(6)])
    assert_close(opened, model(features(), [path, star]), atol=1e-6, rtol=1e-6)


@BACKBONE
@pytest.mark.parametrize("options", [{}, EVERY_OPTION])
def test_gradients_reach_the_weights_of_every_layer(backbone, options):
    model = seeded(TorqueGNN, 5, 8, 3, 3, backbone=backbone, **options)
    # 2 - 3 is closed and would be the only edge of node 3
    gates = [torch.tensor([1.0, 0.5, 0, 1, 0.5, 0], requires_grad=True) for _ in range(3)]
    model(features(), [pairs_to_edge_index(PATH)] * 3, gates).square().sum().backward()
    for gate in gates:
        assert bool(gate.grad.isfinite().all())
        assert bool((gate.grad[:2] != 0).any())


def test_separate_gcn_is_the_formula():
    model = seeded(TorqueGNN, 2, 3, 1, 2, separate=True)
    a = np.zeros((4, 4))
    for i, j in PATH.T.tolist():
        a[i, j] = a[j, i] = 1
    scale = np.diag(a.sum(axis=1) ** -0.5)
    w, u = (weight.detach().numpy().T for weight in (model.convs[0].lin.weight, model.egos[0].weight))
    np.testing.assert_allclose(forward(model, PATH), scale @ a @ scale @ X @ w + X @ u, atol=1e-5)


def test_separate_sage_is_sage():
    model, plain = seeded(TorqueGNN, 5, 8, 2, 3, backbone="sage", separate=True), TorqueGNN(5, 8, 2, 3, backbone="sage")
    names = {"convs.0.lin_r.weight": "egos.0.weight", "convs.1.lin_r.weight": "egos.1.weight"}
    plain.load_state_dict({key: model.state_dict()[names.get(key, key)] for key in plain.state_dict()})
    edge_indices = [pairs_to_edge_index(PATH), pairs_to_edge_index(STAR)]
    assert_close(model(features(), edge_indices), plain.eval()(features(), edge_indices))


@pytest.mark.parametrize("backbone", ["gcn", "sage", "gat"])
def test_separate_tells_a_node_from_its_neighbours(backbone):
    # with no way in for the node itself, two nodes with an edge between them swap their features
    model = seeded(TorqueGNN, 5, 8, 1, 3, backbone=backbone, separate=True)
    nn.init.zeros_(model.egos[0].weight)
    x, edge_index = features(2), torch.tensor([[0, 1], [1, 0]])
    changed = torch.stack([x[0], torch.zeros(5)])
    out, other = model(x, [edge_index]), model(changed, [edge_index])
    assert torch.equal(out[1], other[1])
    assert not torch.allclose(out[0], other[0])


def test_residual_is_the_formula():
    model = seeded(TorqueGNN, 5, 8, 3, 3, residual=True)
    edge_index, x = pairs_to_edge_index(PATH), features()
    first = (model.convs[0](x, edge_index) + x @ model.skips[0].weight.T).relu()
    second = (model.convs[1](first, edge_index) + first).relu()  # widths are the same
    expected = model.convs[2](second, edge_index) + second @ model.skips[2].weight.T
    assert_close(model(x, [edge_index] * 3), expected)


@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_norm_is_before_the_relu_and_not_after_the_last_layer(norm):
    model = seeded(TorqueGNN, 5, 8, 2, 3, **(LAYER_NORM if norm == "layer" else {"norm": norm})).train()
    edge_index, x = pairs_to_edge_index(PATH), features()
    h = model.convs[0](x, edge_index)
    dim = 0 if norm == "batch" else 1
    h = (h - h.mean(dim, keepdim=True)) / (h.var(dim, correction=0, keepdim=True) + 1e-5).sqrt()
    assert_close(model(x, [edge_index] * 2), model.convs[1](h.relu(), edge_index))


@pytest.mark.parametrize("options", [{}, EVERY_OPTION])
def test_dropout_is_before_every_layer_of_every_part(options):
    model = TorqueGNN(
        5, 8, 2, 3, dropout=1.0, input_dropout=1.0, **options
    )  # everything is dropped: what is left are biases
    edge_indices = [pairs_to_edge_index(PATH)] * 2
    assert_close(model.train()(features(), edge_indices), torch.zeros(4, 3))
    assert not torch.allclose(model.eval()(features(), edge_indices), torch.zeros(4, 3))


@pytest.mark.parametrize("options", [{}, EVERY_OPTION])
@pytest.mark.parametrize(
    "backbone",
    [GraphConv, partial(GATConv, heads=2, concat=False), lambda i, o: GINConv(nn.Linear(i, o))],
    ids=["class", "partial", "factory"],
)
def test_any_convolution_will_do(backbone, options):
    model = seeded(TorqueGNN, 5, 8, 2, 3, backbone=backbone, **options)
    edge_indices = [pairs_to_edge_index(PATH), pairs_to_edge_index(STAR)]
    out = model(features(), edge_indices, [None, None])
    assert out.shape == (4, 3)
    assert torch.equal(out, model(features(), edge_indices))


def test_a_class_that_takes_weights_gets_them():
    model = seeded(TorqueGNN, 5, 8, 1, 3, backbone=GraphConv)
    edge_index, weight = pairs_to_edge_index(PATH), torch.rand(6)
    assert torch.equal(model(features(), [edge_index], [weight]), model.convs[0](features(), edge_index, weight))


@BACKBONE
@pytest.mark.parametrize("options", [{}, {"separate": True}, {"residual": True}])
def test_sparse_features_are_dense_ones(backbone, options):
    model = seeded(TorqueGNN, 5, 5, 2, 3, backbone=backbone, **options)
    x, edge_indices = features().relu(), [pairs_to_edge_index(PATH), pairs_to_edge_index(STAR)]
    assert_close(model(x.to_sparse(), edge_indices), model(x, edge_indices))
    gradients = []
    for each in (x, x.to_sparse()):
        model.zero_grad()
        model(each, edge_indices).square().sum().backward()
        gradients.append([parameter.grad for parameter in model.parameters()])
    assert_close(*gradients)


@BACKBONE
@pytest.mark.parametrize("sparse", [False, True])
def test_in_inference_mode(backbone, sparse):
    model, edge_index = seeded(TorqueGNN, 5, 8, 2, 3, backbone=backbone), pairs_to_edge_index(PATH)
    expected = model(features(), [edge_index] * 2).detach()
    with torch.inference_mode():
        x, same = features(), edge_index.clone()  # nobody counts the changes of tensors that are made here
        assert_close(model(x.to_sparse() if sparse else x, [same] * 2), expected)
        same.copy_(pairs_to_edge_index(STAR))
        changed = model(x, [same] * 2)
    assert_close(changed, model(features(), [pairs_to_edge_index(STAR)] * 2).detach())


def test_sparse_features_that_are_there_twice_add_up():
    model, edge_index = seeded(TorqueGNN, 2, 8, 1, 3), pairs_to_edge_index(PATH)
    twice = torch.sparse_coo_tensor([[0, 0, 2], [1, 1, 0]], [1.0, 2.0, 5.0], (4, 2), check_invariants=True)
    assert_close(model(twice, [edge_index]), model(twice.to_dense(), [edge_index]))


def test_dropout_of_sparse_features_has_the_same_distribution():
    model = TorqueGNN(1, 2, 1, 1, input_dropout=0.25)
    nn.init.ones_(model.convs[0].lin.weight)
    x, alone = torch.tensor([2.0, 0.0]).repeat(20_000).unsqueeze(1), torch.zeros(2, 0, dtype=torch.long)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        out = model(x.to_sparse(), [alone]).detach()[:, 0]
    assert torch.equal(out[1::2], torch.zeros(20_000))
    assert_close(out.unique(), torch.tensor([0.0, 2 / 0.75]))
    assert abs(float((out[::2] == 0).float().mean()) - 0.25) < 0.015


@BACKBONE
@pytest.mark.parametrize("options", [{}, EVERY_OPTION, {"norm": "batch"}])
@pytest.mark.parametrize("weighted", [False, True])
def test_bfloat16(backbone, options, weighted):
    model = seeded(TorqueGNN, 5, 8, 2, 3, backbone=backbone, **options)
    edge_indices = [pairs_to_edge_index(PATH), pairs_to_edge_index(STAR)]
    gates = [torch.tensor([0, 1, 0.5, 1, 0.25, 0], requires_grad=True), None] if weighted else None
    expected = model(features(), edge_indices, gates)
    out = model.to(torch.bfloat16)(features().bfloat16(), edge_indices, gates)
    assert out.dtype == torch.bfloat16
    assert_close(out.float(), expected, atol=0.1, rtol=0.05)
    if weighted:
        out.sum().backward()
        assert gates[0].grad.dtype == torch.float32


@BACKBONE
@pytest.mark.parametrize("options", [{}, EVERY_OPTION])
def test_compiled_in_one_graph(backbone, options):
    model = seeded(TorqueGNN, 5, 8, 2, 3, backbone=backbone, **options)
    edge_indices = [pairs_to_edge_index(PATH), pairs_to_edge_index(STAR)]
    weights = [torch.tensor([0, 1, 0.5, 1, 0.25, 0], requires_grad=True)] * 2
    torch._dynamo.reset()  # it counts what it compiled over all models
    compiled = torch.compile(model, backend="aot_eager", fullgraph=True)
    for gates in (None, weights):
        answers = []
        for each in (model, compiled):
            model.zero_grad()
            out = each(features(), edge_indices, gates)
            out.square().sum().backward()
            answers.append([out.detach(), *(parameter.grad for parameter in model.parameters())])
        assert_close(*answers)
    rewired = [edge_indices[0][:, :4], edge_indices[1][:, 1:]]
    assert_close(compiled(features(), rewired), model(features(), rewired))


@pytest.mark.parametrize("backbone", [SAGEConv, GATConv, partial(GATConv, heads=1)])
def test_weights_for_a_backbone_that_takes_none(backbone):
    model, edge_index = TorqueGNN(5, 8, 2, 3, backbone=backbone), pairs_to_edge_index(PATH)
    name = getattr(backbone, "func", backbone).__name__
    message = f"backbone {name} takes no edge_weight; use gcn, sage, gat or a class whose forward does, or omit it"
    with pytest.raises(BadConfig, match=message):
        model(features(), [edge_index] * 2, [None, torch.ones(6)])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([torch.ones(6)], "1 edge weights for 2 layers; give one per layer, or a single one"),
        ([], "0 edge weights for 2 layers; give one per layer, or a single one"),
        (
            [None, torch.ones(3)],
            r"edge_weight of layer 1 has shape \(3,\), but edge_index has 6 columns",
        ),
        (
            [torch.ones(6, 1), None],
            r"edge_weight of layer 0 has shape \(6, 1\), but edge_index has 6 columns",
        ),
    ],
)
def test_weights_that_do_not_fit_are_named(weights, message):
    with pytest.raises(BadConfig, match=message):
        TorqueGNN(5, 8, 2, 3)(features(), [pairs_to_edge_index(PATH)] * 2, weights)


def test_unknown_options_are_named():
    names = ", ".join(BACKBONES)
    with pytest.raises(BadConfig, match=f"backbone must be one of {names} or a graph convolution class; got 'gc"):
        TorqueGNN(5, 8, 2, 3, backbone="gcm")
    for options, message in [
        ({"norm": "batchh"}, "Could not resolve 'batchh'"),
        ({"act": "rellu"}, "Could not resolve 'rellu'"),
        ({"act": nn.ReLU}, "act must be a name, a function or None, got <class"),
        ({"jk": "sum"}, "jk must be one of None, last, cat, max, lstm; got 'sum'"),
        ({"relations": ("pruned",)}, "relations must begin with 'kept'"),
        (
            {"relations": ("kept", "kept")},
            "relations must be one or more of kept, pruned, added, torque, self, each on",
        ),
        ({"directions": ("up",)}, "directions must be one or more of forth, back"),
        ({"gate": "edge"}, "gate must be one of layer, node; got 'edge'"),
        ({"relation_weights": "none"}, "relation_weights must be one of own, shared, low_rank; got 'none'"),
        ({"backbone": "soft_median", "directions": ("back",)}, "'soft_median' has no argument flow"),
        ({"backbone": "gat", "heads": 3}, "8 channels cannot be divided among 3 heads; choose a multiple"),
    ]:
        with pytest.raises(BadConfig, match=message):
            TorqueGNN(5, 8, 2, 3, **options)
    with pytest.raises(TypeError, match="headz"):
        TorqueGNN(5, 8, 2, 3, headz=3)


PRUNED = {"pruned": [(pairs_to_edge_index(pairs), None) for pairs in (STAR, PATH)]}


@BACKBONE
def test_pruned_edges_have_no_effect_while_the_gates_are_closed(backbone):
    plain, relational = (
        seeded(TorqueGNN, 5, 8, 2, 3, backbone=backbone, relations=relations)
        for relations in (("kept",), ("kept", "pruned"))
    )
    graphs = [pairs_to_edge_index(pairs) for pairs in (PATH, STAR)]
    assert relational.gates["pruned"].tolist() == [0.0, 0.0]
    assert_close(relational(features(), graphs, relations=PRUNED), plain(features(), graphs))
    with torch.no_grad():
        relational.gates["pruned"][1] = 0.5
    assert not torch.allclose(relational(features(), graphs, relations=PRUNED), plain(features(), graphs))
    assert_close(relational(features(), graphs), plain(features(), graphs))  # no pruned edges


def test_pruned_edges_join_the_sum_through_the_gate():
    model = model_with_weights(relations=("kept", "pruned"))
    with torch.no_grad():
        model.gates["pruned"].copy_(torch.tensor([2.0, -1.0]))
        for conv, weight in zip(model.further_relations.convs["pruned"], WEIGHTS, strict=True):
            conv.lin.weight.copy_(torch.tensor(weight.T))
            conv.bias.zero_()

    def without_self_loops(pairs):
        a = np.zeros((4, 4))
        for i, j in pairs.T.tolist():
            a[i, j] = a[j, i] = 1
        scale = np.diag(np.maximum(a.sum(axis=1), 1) ** -0.5)
        return scale @ a @ scale

    hidden = np.maximum(dense(PATH) @ X @ WEIGHTS[0] + BIASES[0] + 2 * without_self_loops(STAR) @ X @ WEIGHTS[0], 0)
    expected = dense(STAR) @ hidden @ WEIGHTS[1] + BIASES[1] - without_self_loops(PATH) @ hidden @ WEIGHTS[1]
    graphs = [pairs_to_edge_index(pairs) for pairs in (PATH, STAR)]
    found = model(torch.tensor(X).float(), graphs, relations=PRUNED).detach().numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)


@BACKBONE
def test_gates_learn_although_they_start_at_zero(backbone):
    model = seeded(TorqueGNN, 5, 8, 2, 3, backbone=backbone, relations=("kept", "pruned"))
    graphs = [pairs_to_edge_index(pairs) for pairs in (PATH, STAR)]
    model(features(), graphs, relations=PRUNED).square().sum().backward()
    assert bool((model.gates["pruned"].grad != 0).all())
