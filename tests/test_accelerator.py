"""Everything that takes a graph runs on an accelerator, with the results of the CPU."""

import dataclasses
from collections.abc import Mapping
from functools import partial

import pytest
import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.nn import GCNConv

from tests.accelerator import DEVICE, Accelerator
from tests.conftest import runnable
from torque_core import ADDITIONS, CUTS, FORCES, LEVERS, Noise, TorqueRewire, add_noise, load, rewire
from torque_core import diagnostics as measures
from torque_core.attacks import AttackSpec, MetattackSpec, SoftTorque, attack, metattack, predict
from torque_core.baselines import PEERS, rewire_at_random
from torque_core.diagnostics.change_report import change_report
from torque_core.graph.noise import NOISE_KINDS
from torque_core.graph.pairs import input_graph
from torque_core.graph.random_noise import RANDOM_NOISE
from torque_core.io.export_folder import export_rewiring
from torque_core.io.rewiring_file import load_rewiring, save_rewiring
from torque_core.io.tables import edge_table, node_table
from torque_core.nn import BACKBONES, FSGNN, GPRGNN, TorqueGate, TorqueGNN
from torque_core.nn.edge_cache import EdgeSum
from torque_core.nn.sparse_features import feature_map
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.training import MODELS, Finished, TrainSpec, loop, train

pytestmark = pytest.mark.filterwarnings("ignore:Sparse invariant checks:UserWarning")


@pytest.fixture(scope="module")
def data():
    """A graph of 34 nodes with edge features."""
    data = load("karate").data.clone()
    data.edge_attr = data.edge_index.sum(dim=0).float()[:, None]
    return data


@pytest.fixture(scope="module")
def graph(data):
    """The same graph without edge features."""
    graph = data.clone()
    del graph.edge_attr
    return graph


@pytest.fixture(scope="module")
def noisy(graph):
    return add_noise(graph, Noise("insert", 0.3))


@pytest.fixture(scope="module")
def rewiring(noisy):
    return rewire(noisy.data, cut="fixed", fraction=0.3, additions=1.0)


def to_device(value):
    """A value with every tensor on the accelerator."""
    if isinstance(value, Data):
        return value.clone().to(DEVICE)
    if dataclasses.is_dataclass(value):
        fields = {field.name: to_device(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    if isinstance(value, tuple):
        return tuple(map(to_device, value))
    return value.to(DEVICE) if isinstance(value, Tensor) else value


def leaves(value, path="result"):
    """The tensors and numbers of a result with their places in it."""
    if isinstance(value, Data):
        value = value.to_dict()
    elif dataclasses.is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    else:
        return [(path, value)] if isinstance(value, Tensor | float | int) else []
    return [leaf for key, each in items for leaf in leaves(each, f"{path}.{key}")]


def check(function, *inputs, on_device=True):
    """Compare the results of a function on the CPU and on the accelerator."""
    expected = leaves(function(*inputs))
    with Accelerator() as accelerator:
        found = leaves(function(*map(to_device, inputs)))
        if on_device:
            assert any(accelerator.holds(value) for _, value in found), "no result is on the accelerator"
        found = [(path, value.cpu() if isinstance(value, Tensor) else value) for path, value in found]
    assert [path for path, _ in found] == [path for path, _ in expected]
    for (path, value), (_, reference) in zip(found, expected, strict=True):
        torch.testing.assert_close(
            value, reference, rtol=1e-4, atol=1e-5, equal_nan=True, msg=lambda m, p=path: f"{p}: {m}"
        )


# the stand-in itself


def test_tensors_of_two_devices_do_not_mix():
    with Accelerator():
        moved = torch.ones(3).to(DEVICE)
        assert (moved + 1).device == DEVICE
        assert (moved + moved).cpu().tolist() == [2, 2, 2]
        assert moved.cpu().device.type == "cpu"
        for operation in (
            lambda: moved + torch.ones(3),
            lambda: torch.ones(3)[moved.long()],
            lambda: torch.cat([moved, torch.ones(1)]),
            moved.numpy,
            lambda: torch.rand(3, device=DEVICE, generator=torch.Generator()),
            lambda: torch.randperm(3, generator=torch.Generator(DEVICE)),
        ):
            with pytest.raises((RuntimeError, TypeError)):
                operation()
    with pytest.raises(RuntimeError, match="outside of `with Accelerator"):
        moved + 1


def test_numbers_samples_and_sparse_tensors_are_on_the_accelerator():
    with Accelerator() as accelerator:
        assert torch.tensor([1, 2], device=DEVICE).tolist() == [1, 2]
        generator = torch.Generator(DEVICE).manual_seed(0)
        assert torch.rand(2, device=DEVICE, generator=generator).device == generator.device == DEVICE
        sparse = torch.eye(3).to(DEVICE).to_sparse()
        assert accelerator.holds(sparse)
        assert (sparse @ torch.ones(3, 1).to(DEVICE)).device == DEVICE
        with pytest.raises(RuntimeError, match="same device"):
            sparse @ torch.ones(3, 1)


# rewiring


@pytest.mark.parametrize("lever", LEVERS)
def test_levers(graph, lever):
    check(lambda data: rewire(data, lever=lever, layers=1), graph)


@pytest.mark.parametrize("force", FORCES)
def test_forces(graph, force):
    check(lambda data: rewire(data, force=force, layers=1), graph)


@pytest.mark.parametrize("cut", CUTS)
def test_cuts(graph, cut):
    check(lambda data: rewire(data, cut=cut, fraction=0.3, layers=1), graph)


@pytest.mark.parametrize("add", ADDITIONS)
def test_additions(graph, add):
    check(lambda data: rewire(data, cut="fixed", add=add, fraction=0.3, additions=1.0), graph)


@pytest.mark.parametrize(
    "options", [{"lever": "auto", "force": "auto"}, {"hierarchy": "independent"}, {"product": "cross"}], ids=str
)
def test_other_options(graph, options):
    check(lambda data: rewire(data, **options), graph)


def test_directions_and_edge_weights(graph):
    directed = graph.clone()
    directed.edge_index = directed.edge_index[:, :120]
    directed.edge_weight = torch.linspace(0.5, 2, 120)
    check(lambda data: rewire(data, weight_by_confidence=True), directed)


def test_class_probabilities_of_a_model(graph):
    logits = torch.nn.functional.one_hot(graph.y).float() * 5

    def rewired(data, logits):
        labels = torch.where(data.train_mask, data.y, -1)
        return rewire(data, force="disparity", class_probabilities=ClassProbabilities(logits, labels, 0.9))

    check(rewired, graph, logits)


@pytest.mark.parametrize("layers", [1, 2])
def test_transform_with_edge_features(data, layers):
    check(TorqueRewire(layers=layers, fill=-1, cut="fixed"), data)


@pytest.mark.parametrize("peer", runnable(PEERS))
def test_peers(data, peer):
    check(PEERS[peer](**{"epochs": 5} if peer in ("dhgr", "pro_gnn") else {}), data)


def test_random_control(graph):
    check(rewire_at_random, graph)


@pytest.mark.parametrize("kind", RANDOM_NOISE)
def test_random_noise(graph, kind):
    check(lambda data: add_noise(data, Noise(kind, 0.2)), graph)


@pytest.mark.parametrize("kind", sorted(set(NOISE_KINDS) - set(RANDOM_NOISE)))
def test_noise_by_attacks(graph, kind, monkeypatch):
    monkeypatch.setattr("torque_core.attacks.noise._PRBCD_EPOCHS", 5)
    graph = graph.clone()
    graph.x = torch.rand(
        len(graph.x), 8, generator=torch.Generator().manual_seed(0)
    )  # similar, so that filters keep them
    monkeypatch.setattr("torque_core.training.TrainSpec", lambda **_: TrainSpec(epochs=2, hidden=4))
    with Accelerator() as accelerator:
        noisy = add_noise(to_device(graph), Noise(kind, 0.03))
        assert accelerator.holds(noisy.data.edge_index)
        assert noisy.injected.size(1) + noisy.removed.size(1) == 2


# diagnostics and files


@pytest.mark.parametrize(
    "measure",
    [
        *(measures.edge_homophily, measures.node_homophily, measures.class_insensitive_homophily),
        *(measures.adjusted_homophily, measures.label_informativeness),
    ],
)
def test_homophily(graph, measure):
    check(lambda data: measure(input_graph(data)[0], data.y), graph, on_device=False)


@pytest.mark.parametrize(
    "measure",
    [
        lambda data, pairs: measures.structure(pairs, data.num_nodes, data.y),
        lambda data, pairs: measures.spectral_gap(pairs, data.num_nodes),
        lambda data, pairs: measures.effective_resistance(pairs, data.num_nodes, pairs[:, :5]),
        lambda data, pairs: measures.total_effective_resistance(pairs, data.num_nodes),
        lambda data, pairs: measures.dirichlet_energy(data.x, pairs),
        lambda data, pairs: measures.mean_average_distance(data.x, pairs),
        lambda data, pairs: measures.receptive_field(3, [pairs, pairs], data.num_nodes),
        lambda data, pairs: measures.walk_influence([data.edge_index] * 2, [None] * 2, 3, data.num_nodes),
        lambda data, pairs: measures.confusion(data.y.flip(0), data.y, 4),
        lambda data, pairs: measures.calibration(torch.nn.functional.one_hot(data.y).float(), data.y),
    ],
    ids=lambda measure: measure.__code__.co_names[1],
)
def test_measures(graph, measure):
    check(lambda data: measure(data, input_graph(data)[0]), graph, on_device=False)


def test_detection_and_fates(noisy, rewiring):
    def reports(noisy, rewiring):
        layer = rewiring.layers[0]
        injected = noisy.is_injected(layer.pairs)
        return [
            measures.detection(layer.torque.value, layer.pruned_mask, injected),
            measures.detector_curves(layer, noisy.data, injected),
            measures.edge_fates(rewiring, injected),
            measures.detection_scores(noisy),
            measures.influence_by_class(torch.ones_like(noisy.data.y).float() / 34, noisy.data.y),
        ]

    check(reports, noisy, rewiring)


def test_changes_of_the_measures(noisy, rewiring):
    def reports(noisy, rewiring):
        layer, y = rewiring.layers[0], noisy.data.y
        graphs = [measures.structure(pairs, 34, y) for pairs in (layer.pairs, layer.rewired)]
        return measures.changes(*graphs), change_report(layer, noisy.is_injected(layer.pairs), y)

    check(reports, noisy, rewiring, on_device=False)


def test_files_and_tables(tmp_path, noisy, rewiring):
    with Accelerator():
        moved, on_device = to_device(rewiring), to_device(noisy)
        assert load_rewiring(save_rewiring(moved, tmp_path / "rewiring")).layers[0].pairs.tolist() == (
            rewiring.layers[0].pairs.tolist()
        )
        export_rewiring(moved, on_device, tmp_path / "folder", {})
        tables = []
        for noisy_graph, record in ((noisy, rewiring), (on_device, moved)):
            layer, y = record.layers[0], noisy_graph.data.y
            tables.append([edge_table(layer, noisy_graph.is_injected(layer.pairs), y), node_table(layer, y)])
        assert all(first.equals(second) for first, second in zip(*tables, strict=True))
        assert str(moved) == str(rewiring)


# models, training and attacks

STACKS = [partial(TorqueGNN, backbone=name) for name in (*BACKBONES, GCNConv)]
FULL = partial(TorqueGNN, separate=True, residual=True, norm="batch", jk="max", relations=("kept", "pruned"))
CACHED = [partial(TorqueGNN, cached=True), partial(GPRGNN, cached=True), partial(FSGNN, cached=True)]


@pytest.mark.parametrize("make", [*STACKS, FULL, *CACHED], ids=str)
def test_models_and_their_gradients(noisy, rewiring, make):
    torch.manual_seed(0)
    model = make(34, 8, 2, 4).eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}

    def outputs(data, rewiring):
        home = data.x.device
        moved = make(34, 8, 2, 4).to(home).eval()
        moved.load_state_dict({name: value.to(home) for name, value in state.items()})
        relations = {"relations": {"pruned": rewiring.pruned_graphs}} if make is FULL else {}
        out = moved(data.x, rewiring.edge_indices, **relations)
        out.square().sum().backward()
        return [out.detach(), *(each.grad for each in moved.parameters() if each.grad is not None)]

    check(outputs, noisy.data, rewiring)


def test_sums_and_sparse_features(graph):
    def products(data):
        h = data.x.clone().requires_grad_()
        weight = torch.ones(data.num_edges, device=h.device)
        EdgeSum(data.edge_index, weight, 34)(h).square().sum().backward()
        return h.grad, feature_map(data.x.to_sparse(), data.x[:3])

    check(products, graph)


def test_gate(rewiring):
    def gated(rewiring):
        gate = TorqueGate(rewiring).eval()
        gate.to(rewiring.layers[0].pairs.device)
        assert gate.train()(generator=torch.Generator(rewiring.layers[0].pairs.device))[1][0].requires_grad
        return [*gate.eval()(), gate.record()]

    check(gated, rewiring)


def test_influence(noisy):
    torch.manual_seed(0)
    model = TorqueGNN(34, 4, 2, 2)

    def influence(data):
        found = measures.jacobian_influence(model.to(data.x.device), data.x, [data.edge_index] * 2, 3)
        return found, measures.influence_by_class(found, data.y), measures.influence_by_hop(found, data.y.clamp(min=0))

    check(influence, noisy.data)


@pytest.fixture(autouse=True)
def train_on_the_accelerator(monkeypatch):
    """Let training accept the name of the accelerator, which `pick_device` does not offer."""
    pick = loop.pick_device
    monkeypatch.setattr(loop, "pick_device", lambda name: DEVICE if name == DEVICE.type else pick(name))


def trained(data, spec, device, rewiring):
    *_, end = train(data, spec, rewiring=rewiring, device=device)
    assert isinstance(end, Finished)
    return end.probabilities, end.validation, end.rewiring


@pytest.mark.parametrize("backbone", MODELS)
def test_training(graph, backbone):
    spec = TrainSpec(epochs=3, refresh_every=2, hidden=4, dropout=0, backbone=backbone)
    expected = trained(graph, spec, "cpu", RewireSpec())
    with Accelerator() as accelerator:
        found = trained(graph, spec, DEVICE.type, RewireSpec())
        assert accelerator.holds(found[2].layers[0].pairs)
    torch.testing.assert_close(found[:2], expected[:2], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("rewiring", "options"),
    [
        (None, {}),
        (RewireSpec(cut="bernoulli"), {}),
        (
            RewireSpec(cut="fixed"),
            {"relations": ("kept", "pruned"), "separate": True, "residual": True, "norm": "batch"},
        ),
    ],
    ids=["plain", "learned", "relational"],
)
def test_training_with_dropout_and_options(graph, rewiring, options):
    with Accelerator():
        probabilities, _, _ = trained(graph, TrainSpec(epochs=3, hidden=4, **options), DEVICE.type, rewiring)
    assert probabilities.isfinite().all()


def test_attacks(graph):
    torch.manual_seed(0)
    model = TorqueGNN(34, 4, 2, 4)
    with Accelerator():
        data, model = graph.clone().to(DEVICE), model.to(DEVICE)
        found = attack(model, data, AttackSpec(budget=0.05, epochs=5, block_size=200))
        assert found.data.edge_index.device == DEVICE
        assert predict(model, data, rewiring=RewireSpec()).shape == (34, 4)
        soft = SoftTorque(model, rewire(data))
        with torch.no_grad():  # the stand-in does not differentiate with respect to the values of sparse matrices
            assert soft(data.x, data.edge_index, torch.ones(data.num_edges, device=DEVICE)).device == DEVICE
        flips = next(metattack(data, MetattackSpec(budget=0.05)))
    assert flips.size(1) >= 1
