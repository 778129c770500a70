import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import PATH, as_set, graphs
from torque_core import BlockModel, DatasetSpec, Noise, add_noise, load
from torque_core.nn import TorqueGate, TorqueGNN
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.record import LayerRewiring, Rewiring
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.torque import Torque


def torques(*values):
    """Torques equal to their lever arms."""
    return Torque(torch.tensor(values), torch.ones(len(values)))


def by_hand(edges=(0.1, 0.2, 0.9), links=(0.05,), threshold=0.9, weight=None):
    """The path 0 - 1 - 2 - 3 and one link, 0 - 2, in one layer."""
    edges = torques(*edges)
    added = torch.tensor([[0], [2]])[:, : len(links)]
    cut = Cut(threshold, "By hand.")
    layer = LayerRewiring(
        pairs=PATH,
        torque=edges,
        pruned_mask=edges.value >= threshold,
        added=added,
        added_torque=torques(*links),
        cut=cut,
        num_nodes=4,
        direction_weight=weight,
    )
    return Rewiring((layer,), 4, RewireSpec(layers=1))


def kept(gate, layer=0, part=0):
    """Which judged edges (part 0) or links (part 1) of a layer pass."""
    weight = gate()[1][layer].detach()
    edges = gate.rewiring.layers[layer].pairs.size(1)
    return weight.view(2, -1)[0].split([edges, weight.numel() // 2 - edges])[part]


@pytest.fixture(scope="module")
def noisy():
    model = BlockModel(nodes=200, degree=8, homophily=0.9, signal=1.0)
    return add_noise(load(DatasetSpec("block_model", block_model=model)).data, Noise("insert", 0.5)).data


@pytest.fixture(scope="module", params=["gap", "fixed", "otsu", "budget", "none"])
def cut_somewhere(request, noisy):
    return rewire(noisy, RewireSpec(cut=request.param, fraction=0.3, additions=1.0, add="bernoulli"))


def test_it_starts_where_the_rewiring_cut(cut_somewhere):
    gate = TorqueGate(cut_somewhere).eval()
    for index, layer in enumerate(cut_somewhere.layers):
        assert torch.equal(kept(gate, index), (~layer.pruned_mask).float())
        assert bool((kept(gate, index, part=1) == 1).all())


@given(graphs(max_nodes=12), st.sampled_from([0.0, 0.2, 0.5, 1.0]))
@settings(max_examples=30)
def test_it_starts_where_the_rewiring_cut_on_any_graph(data, fraction):
    rewiring = rewire(data, RewireSpec(cut="fixed", fraction=fraction, additions=2.0))
    gate = TorqueGate(rewiring).eval()
    for index, layer in enumerate(rewiring.layers):
        logs = layer.torque.value.double().log()
        stay, go = logs[~layer.pruned_mask], logs[layer.pruned_mask]
        clear = torch.ones_like(layer.pruned_mask)
        if len(stay) and len(go) and go.min() - stay.max() < 1e-6:  # no number lies between their logarithms
            clear = (logs - go.min()).abs() > 1e-6
        assert torch.equal(kept(gate, index)[clear], (~layer.pruned_mask).float()[clear])
        assert torch.equal(gate.record().layers[index].pruned_mask[clear], layer.pruned_mask[clear])


def test_thresholds_by_hand():
    gate = TorqueGate(by_hand())
    logs = torch.tensor([0.1, 0.2, 0.9]).log()
    # edges: half way between .2, which stays, and .9, which goes; the link: two widths above it, a tenth each
    expected = [float(logs[1] + logs[2]) / 2, math.log(0.05) + 0.2]
    torch.testing.assert_close(gate.threshold.detach(), torch.tensor([expected]))
    torch.testing.assert_close(gate.log_width.detach().exp(), torch.tensor([[float(logs.std()) / 2, 0.1]]))


@pytest.mark.parametrize(("threshold", "passes"), [(math.inf, [1, 1, 1]), (0.9, [1, 1, 0]), (0.1, [0, 0, 0])])
def test_it_may_start_with_all_or_nothing(threshold, passes):
    assert kept(TorqueGate(by_hand(threshold=threshold)).eval()).tolist() == passes


def test_zero_torques_are_finite():
    gate = TorqueGate(by_hand(edges=(0.0, 0.0, 0.5), links=(0.0,), threshold=0.5))
    assert bool(torch.isfinite(gate.threshold).all() & torch.isfinite(gate.log_width).all())
    assert kept(gate.eval()).tolist() == [1, 1, 0]
    assert kept(gate.eval(), part=1).tolist() == [1]
    gate.train()()[1][0].sum().backward()
    assert bool(torch.isfinite(gate.threshold.grad).all() & torch.isfinite(gate.log_width.grad).all())


def test_without_edges_there_is_nothing_to_keep():
    nothing = torch.empty(2, 0, dtype=torch.long)
    layer = LayerRewiring(
        pairs=nothing,
        torque=torques(),
        pruned_mask=torch.empty(0).bool(),
        added=nothing,
        added_torque=torques(),
        cut=Cut(math.inf, ""),
        num_nodes=4,
    )
    gate = TorqueGate(Rewiring((layer,), 4, RewireSpec(layers=1)))
    edge_indices, edge_weights = gate()
    assert (edge_indices[0].shape, edge_weights[0].shape) == ((2, 0), (0,))
    assert gate.record().layers[0].rewired.shape == (2, 0)


def draws(gate, times=4_000):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return torch.stack([kept(gate) for _ in range(times)])


def test_in_training_an_edge_is_kept_or_not_with_the_sigmoids_probability():
    gate = TorqueGate(by_hand())
    drawn = draws(gate)
    assert set(drawn.unique().tolist()) == {0, 1}
    logs = torch.tensor([0.1, 0.2, 0.9]).log()
    threshold, width = gate.threshold[0, 0].detach(), gate.log_width[0, 0].detach().exp()
    expected = ((threshold - logs) / width).sigmoid()
    # four standard deviations of 4,000 draws are less than .032
    torch.testing.assert_close(drawn.mean(dim=0), expected, atol=0.032, rtol=0)
    assert expected.tolist() == sorted(expected.tolist(), reverse=True)  # the more torque, the less likely


def test_in_evaluation_nothing_is_drawn():
    gate = TorqueGate(by_hand()).eval()
    assert len(draws(gate, 9).unique(dim=0)) == 1


@pytest.mark.parametrize("sign", [-1, 1])
def test_gradients_reach_thresholds_and_widths(sign):
    # if keeping edges lowers the loss, the threshold is to rise, and the other way round
    gate = TorqueGate(by_hand())
    loss = sign * gate()[1][0].sum()
    loss.backward()
    assert bool((sign * gate.threshold.grad > 0).all())
    assert bool(torch.isfinite(gate.log_width.grad).all() & (gate.log_width.grad != 0).all())


def test_the_gradient_is_the_sigmoids():
    gate = TorqueGate(by_hand(edges=(0.1, 0.2, 0.9)))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        gate()[1][0].sum().backward()
        torch.manual_seed(0)
        logs, noise = torch.tensor([0.1, 0.2, 0.9]).log(), torch.rand(3).logit()
    threshold = gate.threshold[0, 0].detach().clone().requires_grad_()
    soft = ((threshold - logs) / gate.log_width[0, 0].detach().exp() + noise).sigmoid()
    (2 * soft.sum()).backward()  # each edge goes both ways
    torch.testing.assert_close(gate.threshold.grad[0, 0], threshold.grad)


def test_a_model_teaches_it():
    # node 3 has its class from its neighbour 2 alone: the gate learns to keep that edge, whose torque is highest
    x, y = torch.tensor([[1.0], [1.0], [-1.0], [0.0]]), torch.tensor([0, 0, 1, 1])
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = TorqueGNN(1, 4, 1, 2, dropout=0.0, separate=True)
        gate = TorqueGate(by_hand(threshold=0.5, links=()))
        assert kept(gate.eval()).tolist() == [1, 1, 0]
        gate.train()
        optimizer = torch.optim.Adam([*model.parameters(), *gate.parameters()], lr=0.05)
        for _ in range(200):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x, *gate()), y).backward()
            optimizer.step()
    assert kept(gate.eval())[2] == 1


def test_the_record_holds_the_edges_kept_in_evaluation(cut_somewhere):
    gate = TorqueGate(cut_somewhere).eval()
    with torch.no_grad():  # thresholds in the middle of the torques
        for index, layer in enumerate(cut_somewhere.layers):
            gate.threshold[index, 0] = layer.torque.value.median().log()
            if layer.added.size(1):
                gate.threshold[index, 1] = layer.added_torque.value.median().log()
    edge_indices, edge_weights = gate()
    rewiring = gate.record()
    assert (rewiring.num_nodes, rewiring.spec) == (cut_somewhere.num_nodes, cut_somewhere.spec)
    for index, (layer, before) in enumerate(zip(rewiring.layers, cut_somewhere.layers, strict=True)):
        assert as_set(layer.edge_index) == as_set(edge_indices[index][:, edge_weights[index] > 0])
        assert torch.equal(layer.pruned_mask, layer.torque.value >= layer.cut.threshold)
        assert torch.equal(layer.pruned_mask, kept(gate, index) == 0)
        assert layer.pruned.size(1) == pytest.approx(layer.pairs.size(1) / 2, abs=1)
        assert torch.equal(layer.added, before.added[:, kept(gate, index, part=1) == 1])
        assert layer.added.size(1) == layer.added_torque.value.numel() == pytest.approx(before.added.size(1) / 2, abs=1)
        assert (layer.cut.reason, layer.cut.gap) == ("Learned in training.", None)


def test_where_nothing_is_pruned_the_record_says_so():
    layer = TorqueGate(by_hand(threshold=math.inf)).record().layers[0]
    assert (layer.cut.threshold, layer.pruned.size(1)) == (math.inf, 0)


def test_learned_thresholds_apply_to_another_rewiring():
    gate = TorqueGate(by_hand()).eval()
    before = gate.threshold.clone(), gate.log_width.clone()
    gate.set_rewiring(by_hand(edges=(0.8, 0.3, 0.01)))
    assert torch.equal(gate.threshold, before[0])
    assert torch.equal(gate.log_width, before[1])
    assert kept(gate).tolist() == [0, 1, 1]  # the threshold is at .42
    assert gate.record().layers[0].cut.threshold == pytest.approx(0.8)


def test_weights_and_directions_stay():
    # the second edge goes back only; the link weighs 3, the median of 2, 3 and 4
    weight = torch.tensor([[2.0, 0.0, 5.0], [3.0, 4.0, 5.0]])
    gate = TorqueGate(by_hand(weight=weight)).eval()
    edge_indices, edge_weights = gate()
    found = {tuple(edge): w for edge, w in zip(edge_indices[0].T.tolist(), edge_weights[0].tolist(), strict=True)}
    assert found == {
        (0, 1): 2,
        (1, 0): 3,
        (1, 2): 0,
        (2, 1): 4,
        (2, 3): 0,  # pruned
        (3, 2): 0,
        (0, 2): 3,
        (2, 0): 3,
    }
    recorded = gate.record().layers[0]
    assert {
        tuple(edge): w for edge, w in zip(recorded.edge_index.T.tolist(), recorded.edge_weight.tolist(), strict=True)
    } == {edge: w for edge, w in found.items() if w}


def test_layers_have_thresholds_of_their_own(noisy):
    rewiring = rewire(noisy, RewireSpec(cut="fixed", layers=3))
    gate = TorqueGate(
        replace(rewiring, layers=(rewiring.layers[0], rewiring.layers[1].recut(math.inf), rewiring.layers[2]))
    )
    assert gate.threshold.shape == gate.log_width.shape == (3, 2)
    assert bool((kept(gate.eval(), 1) == 1).all())
    assert not bool((kept(gate.eval(), 0) == 1).all())
