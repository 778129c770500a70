from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close
from torch_geometric.data import Data

from torque_core.errors import BadConfig
from torque_core.nn import RELATIONS, TorqueGNN, relation_graphs
from torque_core.nn.relations import directed_relations, torque_weights
from torque_core.rewiring.rewire import rewire

# 0 -> 1 <-> 2, 3 -> 2, 3 -> 4, 4 -> 0
DIRECTED = torch.tensor([[0, 1, 2, 3, 3, 4], [1, 2, 1, 2, 4, 0]])
X = torch.tensor([[1.0, 0.0], [0.0, 2.0], [-1.0, 1.0], [3.0, 0.5], [0.5, 0.5]])
FURTHER = {"pruned": torch.tensor([[0, 4], [3, 2]]), "added": torch.tensor([[1], [4]]), "torque": DIRECTED[:, :4]}
EVERY = tuple(RELATIONS)
BACKBONE = pytest.mark.parametrize("backbone", ["gcn", "dir_gcn", "sage", "gat"])


def graphs(layers=2, order=None):
    """The further graphs of each layer, with the nodes in another order if there is one."""
    return {name: [(edges if order is None else order[edges], None)] * layers for name, edges in FURTHER.items()}


def made(seed=0, layers=2, **options):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return TorqueGNN(2, 4, layers, 3, **{"relations": EVERY, **options}).eval()


def opened(model):
    """The same model with gates that are neither closed nor alike."""
    with torch.no_grad():
        for number, gate in enumerate(model.gates.values()):
            gate.copy_(0.5 + 0.25 * torch.arange(len(gate)) + 0.1 * number)
    return model


def by_edge(x, edges, weight, back=False):
    """One direction of Dir-GNN's convolution as a loop over the edges."""
    edges = [(j, i) for i, j in edges.T.tolist()] if back else edges.T.tolist()
    sent = [max(1, sum(i == node for i, _ in edges)) for node in range(len(x))]
    received = [max(1, sum(j == node for _, j in edges)) for node in range(len(x))]
    out = torch.zeros(len(x), weight.size(0))
    for i, j in edges:
        out[j] += weight @ x[i] / (sent[i] * received[j]) ** 0.5
    return out


@pytest.mark.parametrize("back", [False, True])
def test_one_direction_of_a_directed_graph_by_hand(back):
    model = made(layers=1, backbone="dir_gcn", relations=("kept",), directions=("back" if back else "forth",))
    expected = by_edge(X, DIRECTED, model.convs[0].lin.weight, back)
    assert_close(model(X, DIRECTED), expected)
    # without features mixed in, node 3 has no incoming edge: it receives nothing along, two messages against the edges
    assert bool(expected[3].any()) is back


def test_every_relation_in_both_directions_is_the_formula():
    model = opened(made(layers=1, backbone="dir_gcn", directions=("forth", "back")))
    convs, gates = model.further_relations.convs, model.gates
    expected = by_edge(X, DIRECTED, model.convs[0].lin.weight)
    expected += gates["kept_back"] * by_edge(X, DIRECTED, convs["kept_back"][0].lin.weight, back=True)
    for name, edges in FURTHER.items():
        expected += gates[name] * by_edge(X, edges, convs[name][0].lin.weight)
        expected += gates[f"{name}_back"] * by_edge(X, edges, convs[f"{name}_back"][0].lin.weight, back=True)
    expected += gates["self"] * X @ convs["self"][0].weight.T
    assert_close(model(X, DIRECTED, relations=graphs(1)), expected)


@BACKBONE
@pytest.mark.parametrize("gate", ["layer", "node"])
@pytest.mark.parametrize("weights", ["own", "shared", "low_rank"])
def test_closed_gates_are_the_plain_model(backbone, gate, weights):
    options = {"backbone": backbone, "directions": ("forth", "back")}
    if backbone == "gat" and weights != "own":
        options["heads"] = 2
    model = made(gate=gate, relation_weights=weights, **options)
    assert {name: gate.tolist() for name, gate in model.gates.items() if name.startswith("kept")} == {
        "kept_back": [1.0, 1.0]
    }
    plain = made(relations=("kept",), gate=gate, relation_weights=weights, **options)
    plain.load_state_dict(model.state_dict(), strict=False)
    assert_close(model(X, DIRECTED, relations=graphs()), plain(X, DIRECTED))
    assert not torch.allclose(opened(model)(X, DIRECTED, relations=graphs()), plain(X, DIRECTED))


def test_a_relation_given_twice_is_the_wider_model():
    """Two relations over the same edges: the sum of their weight matrices, or with shared ones a multiple."""
    both = {"pruned": [(DIRECTED, None)]}
    own = opened(made(layers=1, relations=("kept", "pruned"), backbone="dir_gcn"))
    plain = made(layers=1, relations=("kept",), backbone="dir_gcn")
    gate = own.gates["pruned"][0].detach()
    plain.convs[0].lin.weight.data = (
        own.convs[0].lin.weight + gate * own.further_relations.convs["pruned"][0].lin.weight
    ).detach()
    assert_close(own(X, DIRECTED, relations=both), plain(X, DIRECTED))
    shared = opened(made(layers=1, relations=("kept", "pruned"), backbone="dir_gcn", relation_weights="shared"))
    alone = made(layers=1, relations=("kept",), backbone="dir_gcn")
    assert_close(shared(X, DIRECTED, relations=both), (1 + gate) * alone(X, DIRECTED))


@BACKBONE
@pytest.mark.parametrize("gate", ["layer", "node"])
def test_it_is_permutation_equivariant(backbone, gate):
    model = opened(made(backbone=backbone, gate=gate, directions=("forth", "back"), separate=True, jk="max"))
    order = torch.tensor([3, 0, 4, 1, 2])  # the new name of each node
    permuted = torch.empty_like(X)
    permuted[order] = X
    expected = model(X, DIRECTED, relations=graphs())
    assert_close(model(permuted, order[DIRECTED], relations=graphs(order=order))[order], expected)


@pytest.mark.parametrize("backbone", ["gcn", "dir_gcn", "sage"])
def test_a_kept_sum_gives_the_same_in_both_directions(backbone):
    cached, plain = (
        opened(made(backbone=backbone, directions=("forth", "back"), cached=cached)) for cached in (True, False)
    )
    given = graphs()
    for _ in range(2):
        assert_close(cached(X, DIRECTED, relations=given), plain(X, DIRECTED, relations=given))


@pytest.mark.parametrize("backbone", ["gcn", "dir_gcn", "sage", "gat"])
def test_against_the_edges_is_along_the_reversed_edges(backbone):
    forth, back = (made(backbone=backbone, relations=("kept",), directions=(way,)) for way in ("forth", "back"))
    weight = torch.rand(6, generator=torch.Generator().manual_seed(0))
    assert_close(back(X, DIRECTED, weight), forth(X, DIRECTED.flip(0), weight))
    weight.requires_grad_()  # sums messages without sorted edges
    assert_close(back(X, DIRECTED, weight), forth(X, DIRECTED.flip(0), weight))


def test_weights_are_shared_as_requested():
    sizes = {
        weights: sum(parameter.numel() for parameter in made(relation_weights=weights).parameters())
        for weights in ("own", "low_rank", "shared")
    }
    model = made(relation_weights="shared")
    assert model.further_relations.convs["pruned"][0].lin is model.convs[0].lin
    # three relations over two layers; the matrices of layer 1 are 4 x 2 and 3 x 4, and rank 8 is wider than these
    assert sizes["own"] - sizes["shared"] == 3 * (8 + 12)
    assert sizes["low_rank"] - sizes["shared"] == 3 * 8 * (4 + 2 + 3 + 4)
    with pytest.raises(BadConfig, match="give in_channels instead of -1"):
        TorqueGNN(-1, 4, 2, 3, relations=("kept", "pruned"), relation_weights="low_rank")
    with pytest.raises(BadConfig, match="NoLinearMap has no weights to share"):
        TorqueGNN(2, 4, 2, 3, relations=("kept", "pruned"), relation_weights="shared", backbone=NoLinearMap)


class NoLinearMap(torch.nn.Module):
    """A convolution without a linear map."""

    def __init__(self, in_channels, out_channels):
        super().__init__()

    def forward(self, x, edge_index):
        return x


def test_gates_and_low_rank_differences_learn():
    model = made(gate="node", relation_weights="low_rank", directions=("forth", "back"))
    for _ in range(2):
        model(X, DIRECTED, relations=graphs()).square().sum().backward()
        assert all(bool(gate.grad.any()) for gate in model.gates.values())
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 0.1 * (0 if parameter.grad is None else parameter.grad)
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_resetting_closes_the_gates():
    model = opened(made(directions=("forth", "back"), relation_weights="low_rank"))
    model.reset_parameters()
    assert {name for name, gate in model.gates.items() if bool(gate.any())} == {"kept_back"}


def test_names_of_directed_relations():
    assert directed_relations(("kept",), ("back",)) == [("kept", "back")]
    assert len(directed_relations(EVERY, ("forth", "back"))) == 2 * 4 + 1


def test_graphs_of_a_directed_rewiring_by_hand():
    data = Data(x=torch.randn(5, 8, generator=torch.Generator().manual_seed(0)), edge_index=DIRECTED)
    rewiring = rewire(data, cut="fixed", fraction=0.4, additions=1.0, layers=1)
    layer = rewiring.layers[0]
    found = relation_graphs(rewiring, EVERY)
    assert list(found) == ["kept", "pruned", "added", "torque"]
    edges = {name: set(map(tuple, graph[0][0].T.tolist())) for name, graph in found.items()}
    pruned = set(map(tuple, layer.pruned.T.tolist()))
    every = set(map(tuple, DIRECTED.T.tolist()))
    assert len(pruned) == 2
    assert edges["pruned"] == {(i, j) for i, j in every if (min(i, j), max(i, j)) in pruned}
    assert edges["kept"] == edges["torque"] == every - edges["pruned"]
    added = set(map(tuple, layer.added.T.tolist()))
    assert edges["added"] == added | {(j, i) for i, j in added}
    weight = dict(zip(map(tuple, found["torque"][0][0].T.tolist()), found["torque"][0][1].tolist(), strict=True))
    by_pair = dict(zip(map(tuple, layer.pairs.T.tolist()), torque_weights(layer.torque.value).tolist(), strict=True))
    assert weight == {(i, j): by_pair[min(i, j), max(i, j)] for i, j in weight}
    together = relation_graphs(rewiring, ("kept", "pruned"))
    assert set(map(tuple, together["kept"][0][0].T.tolist())) == edges["kept"] | edges["added"]
    assert together["kept"][0][0] is layer.edge_index


def test_torque_multiplies_the_weights_of_edges():
    data = Data(x=torch.randn(5, 8, generator=torch.Generator().manual_seed(0)), edge_index=DIRECTED)
    data.edge_weight = torch.arange(1.0, 7.0)
    rewiring = rewire(data, cut="none", layers=1)
    kept, torque = (relation_graphs(rewiring, ("kept", "torque"))[name][0] for name in ("kept", "torque"))
    assert torch.equal(kept[0], torque[0])
    ratio = dict(zip(map(tuple, kept[0].T.tolist()), (torque[1] / kept[1]).tolist(), strict=True))
    assert ratio[1, 2] == pytest.approx(ratio[2, 1])
    alike = replace(rewiring.layers[0], torque=rewiring.layers[0].torque[torch.zeros(5, dtype=torch.long)])
    same = relation_graphs(replace(rewiring, layers=(alike,)), ("kept", "torque"))["torque"][0]
    assert_close(same[1], kept[1] / 2)


def test_torque_weights_of_no_edge():
    assert torque_weights(torch.empty(0)).shape == (0,)
