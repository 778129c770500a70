import pytest
import torch
from torch.testing import assert_close

from torque_core import RewireSpec, TrainSpec, load
from torque_core.diagnostics import relation_gates
from torque_core.nn import RELATIONS, TorqueGNN
from torque_core.training import train

X = torch.tensor([[1.0], [2.0], [3.0], [4.0], [5.0]])
KEPT = torch.tensor([[0, 3], [1, 4]])  # 0 -> 1, 3 -> 4
PRUNED = torch.tensor([[2], [1]])  # 2 -> 1
Y = torch.tensor([-1, 0, -1, 3, 1])


def model(layers=1, **options):
    """A model whose messages are sums of features."""
    options = {"backbone": "dir_gcn", "relations": ("kept", "pruned"), **options}
    made = TorqueGNN(1, 1, layers, 1, **options)
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            parameter.fill_(0.0 if "bias" in name or "gate_map" in name else 1.0)
        for gate in made.gates.values():
            gate.fill_(0.5)
    return made


def test_one_layer_by_hand():
    gates = relation_gates(model(), X, Y, KEPT, relations={"pruned": [(PRUNED, None)]})
    assert gates.relations == ("kept", "pruned")
    # class 0: node 1 receives 1 along the kept edge, 0.5 * 3 along the pruned one; class 1: node 4 receives 4 only
    # class 2 has no nodes; class 3: node 3 receives nothing
    expected = torch.tensor([[[0.4, 1.0, torch.nan, 0.0]], [[0.6, 0.0, torch.nan, 0.0]]])
    assert_close(gates.contribution, expected, equal_nan=True)
    assert_close(gates.gate, torch.tensor([[[1.0, 1.0, torch.nan, 1.0]], [[0.5, 0.5, torch.nan, 0.5]]]), equal_nan=True)


def test_the_gates_of_nodes_by_hand():
    made = model(gate="node")
    with torch.no_grad():
        made.further_relations.gate_maps["pruned"][0].weight.fill_(1.0)
    gates = relation_gates(made, X, torch.tensor([0, 0, 0, 1, 1]), KEPT, relations={"pruned": [(PRUNED, None)]})
    open_ = 2 * 0.5 * torch.sigmoid(X.flatten())
    assert_close(gates.gate[1, 0], torch.stack([open_[:3].mean(), open_[3:].mean()]))
    pruned = 3 * open_[1] / (1 + 3 * open_[1])
    assert_close(
        gates.contribution[1, 0], torch.stack([pruned / 3, torch.tensor(0.0)])
    )  # nodes 0 and 2 receive nothing


def test_the_second_layer_receives_what_the_first_sends():
    relations = {"pruned": [(PRUNED, None), (KEPT, None)]}
    gates = relation_gates(model(2), X, Y, [PRUNED, KEPT], relations=relations)
    # layer 1: node 1 receives 3 and 0.5 * 3; layer 2: node 1 receives from node 0, which received nothing
    assert_close(gates.contribution[:, :, 0], torch.tensor([[1 / 1.5, 0.0], [0.5 / 1.5, 0.0]]))


@pytest.mark.parametrize("gate", ["layer", "node"])
@pytest.mark.parametrize("backbone", ["gcn", "dir_gcn", "sage", "gat"])
def test_contributions_sum_to_one_in_any_order_of_the_nodes(backbone, gate):
    torch.manual_seed(0)
    edges = torch.tensor([[0, 1, 2, 3, 4], [1, 2, 3, 4, 0]])  # every node has an incoming and an outgoing edge
    further = {"pruned": PRUNED, "added": KEPT, "torque": edges}
    made = TorqueGNN(3, 4, 2, 3, backbone=backbone, relations=tuple(RELATIONS), directions=("forth", "back"), gate=gate)
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if "gates" in name:
                parameter.uniform_(-1, 1)
    x, y, order = torch.randn(5, 3), torch.tensor([0, 1, 0, 1, 1]), torch.tensor([3, 0, 4, 1, 2])
    gates = relation_gates(made, x, y, edges, relations={name: [(part, None)] * 2 for name, part in further.items()})
    assert gates.relations == ("kept", *made.further_relations.convs)
    assert gates.gate.shape == gates.contribution.shape == (9, 2, 2)
    assert_close(gates.contribution.sum(dim=0), torch.ones(2, 2))
    assert bool((gates.contribution >= 0).all())
    permuted = {name: [(order[part], None)] * 2 for name, part in further.items()}
    place = order.argsort()
    again = relation_gates(made, x[place], y[place], order[edges], relations=permuted)
    assert_close(again.contribution, gates.contribution)
    assert_close(again.gate, gates.gate)


def test_a_plain_model_has_none_and_no_model_is_changed():
    assert relation_gates(model(relations=("kept",)), X, Y, KEPT) is None
    made = model().train()
    before = made(X, KEPT)
    relation_gates(made, X, Y, KEPT)
    assert made.training
    assert not made.further_relations._forward_pre_hooks
    assert_close(made(X, KEPT), before)


def test_training_ends_with_the_gates_of_the_best_epoch():
    data = load("karate").data
    spec = TrainSpec(epochs=8, hidden=8, relations=("kept", "pruned"), backbone="sage")
    *_, end = train(data, spec, rewiring=RewireSpec(cut="fixed", fraction=0.3), device="cpu")
    assert end.gates.relations == ("kept", "pruned")
    assert_close(end.gates.gate[1], end.model.gates["pruned"].detach()[:, None].expand(2, 4))
    assert_close(end.gates.contribution.sum(dim=0), torch.ones(2, 4))
    assert float(end.gates.contribution[1].max()) > 0
    *_, plain = train(data, TrainSpec(epochs=1), device="cpu")
    assert plain.gates is None
