import copy
from dataclasses import replace
from typing import ClassVar

import pytest
import torch

from torque_core import DatasetSpec, add_noise, load, train
from torque_core.baselines import GCNJaccard, rewire_at_random
from torque_core.diagnostics import edge_homophily
from torque_core.diagnostics.calibration import calibration
from torque_core.errors import BadConfig
from torque_core.experiments import METHODS, Training, key
from torque_core.experiments.kinds import rewirers, training
from torque_core.experiments.kinds.rewirers import with_errors
from torque_core.graph.noise import Noise
from torque_core.graph.pairs import undirected_pairs
from torque_core.methods.catalog import Method
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.training import Epoch, Finished, TrainSpec

SHORT = TrainSpec(epochs=12, warmup=3, refresh_every=4, hidden=8, seed=2)
BLOCK = Training(dataset="block_model", split=2, noise=Noise("insert", 0.5, 1), spec=SHORT)
TIMES = ("seconds", "rewire_seconds")


def timeless(result):
    return {name: value for name, value in result.metrics.items() if name not in TIMES}, result.curves


def by_hand(experiment, rewiring=None, spec=None):
    """The graph, and what training says about it."""
    dataset = DatasetSpec(experiment.dataset, scheme=experiment.scheme, split=experiment.split)
    data = add_noise(load(dataset).data, experiment.noise).data
    *events, end = train(data, spec or experiment.spec, rewiring=rewiring, layers=experiment.layers)
    assert isinstance(end, Finished)
    return data, [event for event in events if isinstance(event, Epoch)], end


@pytest.mark.parametrize("method", ["plain", "mlp", "torque", "ablation_fixed"])
def test_it_is_what_training_says(method):
    options = {"torque": (("lever", "feature"), ("cut", "otsu")), "ablation_fixed": (("fraction", 0.25),)}.get(
        method, ()
    )
    experiment = replace(BLOCK, method=method, options=options)
    rewiring = {
        "torque": RewireSpec(lever="feature", force="dirichlet", cut="otsu", screen=False, seed=2),
        "ablation_fixed": RewireSpec(force="dirichlet", cut="fixed", fraction=0.25, screen=False, seed=2),
    }.get(method)
    data, epochs, end = by_hand(experiment, rewiring, replace(SHORT, backbone="mlp" if method == "mlp" else "gcn"))
    result = experiment.run()
    metrics = result.metrics
    assert (metrics["test"], metrics["validation"], metrics["best_epoch"], metrics["epochs"]) == (
        end.test, end.validation, end.best_epoch, 12,
    )  # fmt: skip
    assert result.curves == {
        "loss": tuple(epoch.loss for epoch in epochs),
        "train": tuple(epoch.train for epoch in epochs),
        "validation": tuple(epoch.validation for epoch in epochs),
    }
    assert metrics["ece"] == calibration(end.probabilities[data.test_mask], data.y[data.test_mask]).error
    pairs = undirected_pairs(data.edge_index, len(data.y))
    if rewiring is None:
        assert metrics["pruned"] == metrics["added"] == [0.0, 0.0]
        assert metrics["homophily"] == edge_homophily(pairs, data.y)
        assert metrics["rewire_seconds"] == 0.0
    else:
        layers = end.rewiring.layers
        assert metrics["pruned"] == [layer.pruned.size(1) / pairs.size(1) for layer in layers]
        assert metrics["added"] == [layer.added.size(1) / pairs.size(1) for layer in layers]
        assert sum(metrics["pruned"]) > 0
        share = sum(edge_homophily(layer.rewired, data.y) for layer in layers) / 2
        assert metrics["homophily"] == pytest.approx(share)
        assert metrics["rewire_seconds"] > 0
    assert metrics["seconds"] > 0
    assert metrics["device"] in ("cpu", "cuda", "mps")


def test_the_same_again():
    experiment = replace(BLOCK, method="torque_default")
    assert timeless(experiment.run()) == timeless(experiment.run())


def test_tuning_does_not_look_at_test_nodes(monkeypatch):
    experiment = replace(BLOCK, method="torque_default", read_test=False)
    seen = []

    def spy(data, *arguments, **options):
        seen.append(data)
        return train(data, *arguments, **options)

    monkeypatch.setattr(training, "train", spy)
    result = experiment.run()
    assert (result.metrics["test"], result.metrics["ece"]) == (None, None)
    (data,) = seen
    assert not data.test_mask.any()
    read = replace(experiment, read_test=True).run()
    assert read.metrics["test"] is not None  # the graph that is kept in memory is as it was
    assert read.curves == result.curves
    assert read.metrics["validation"] == result.metrics["validation"]


def test_at_random():
    experiment = replace(BLOCK, method="ablation_random", options=(("cut", "fixed"), ("fraction", 0.25)))
    rewiring = RewireSpec(force="dirichlet", cut="fixed", fraction=0.25, screen=False, seed=2)
    data = add_noise(load(DatasetSpec("block_model", split=2)).data, BLOCK.noise).data
    *_, end = train(data, SHORT, rewiring=rewiring, rewirer=rewire_at_random)
    metrics, torque = experiment.run().metrics, replace(experiment, method="torque").run().metrics
    assert (metrics["test"], metrics["validation"]) == (end.test, end.validation)
    assert metrics["pruned"] == pytest.approx([0.25, 0.25], abs=0.01)
    assert metrics["rewire_seconds"] > 0
    assert metrics["homophily"] < torque["homophily"]


def test_layers_and_seed_reach_the_rewiring(monkeypatch):
    seen = []

    def spy(data, spec, *, class_probabilities=None):
        seen.append(spec)
        return rewire(data, spec, class_probabilities=class_probabilities)

    monkeypatch.setitem(METHODS, "torque_default", replace(METHODS["torque_default"], rewirer=spy))
    result = replace(BLOCK, method="torque_default", layers=3, spec=replace(SHORT, seed=5)).run()
    assert set(seen) == {RewireSpec(force="dirichlet", cut="gap", screen=False, layers=3, seed=5)}
    assert len(result.metrics["pruned"]) == 3


class Peer:
    """Cuts the first edge, links 0 with the last node twice as strongly, and remembers what it was shown."""

    shown: ClassVar[list] = []

    def __init__(self, weight=1.0):
        self.weight = weight

    def __call__(self, data):
        self.shown.append(data)
        pairs = undirected_pairs(data.edge_index, len(data.x))
        last = len(data.x) - 1
        pairs = torch.cat([pairs[:, 1:], torch.tensor([[0], [last]])], dim=1)
        rewired = copy.copy(data)
        rewired.edge_index = torch.cat([pairs, pairs.flip(0)], dim=1)
        rewired.edge_weight = torch.full((rewired.edge_index.size(1),), self.weight)
        return rewired


@pytest.fixture
def peer(monkeypatch):
    Peer.shown = []
    training._transformed.cache_clear()
    monkeypatch.setitem(METHODS, "mine", Method(title="Mine", kind="peer", transform=Peer))
    yield
    training._transformed.cache_clear()


def test_a_peer_rewires_before_training(peer):
    base = Training(dataset="karate", spec=SHORT)
    experiment = replace(base, method="mine", options=(("weight", 2.0),))
    metrics = experiment.run().metrics
    assert metrics["pruned"] == metrics["added"] == [1 / 78, 1 / 78]
    assert metrics["rewire_seconds"] >= 0
    data = load("karate").data
    rewired = Peer(2.0)(data)
    *_, end = train(rewired, SHORT)
    assert metrics["test"] == end.test
    assert metrics["homophily"] == edge_homophily(undirected_pairs(rewired.edge_index, 34), data.y)


def test_a_peer_sees_no_labels_and_is_asked_once_for_all_splits(peer):
    for split in range(3):
        Training(dataset="karate", method="mine", split=split, spec=SHORT).run()
    (shown,) = Peer.shown
    assert sorted(shown.keys()) == ["edge_index", "x"]
    Training(dataset="karate", method="mine", noise=Noise("insert", 0.5), spec=SHORT).run()
    Training(dataset="karate", method="mine", options=(("weight", 3.0),), spec=SHORT).run()
    assert len(Peer.shown) == 3
    assert Peer.shown[1].edge_index.size(1) == 2 * 117


def test_a_peer_may_leave_no_edge(peer, monkeypatch):
    def nothing(self, data):
        rewired = copy.copy(data)
        rewired.edge_index = data.edge_index[:, :0]
        return rewired

    monkeypatch.setattr(Peer, "__call__", nothing)
    metrics = Training(dataset="karate", method="mine", spec=SHORT).run().metrics
    assert (metrics["pruned"], metrics["added"], metrics["homophily"]) == ([1.0, 1.0], [0.0, 0.0], None)


def test_equal_experiments_have_equal_fields():
    first = Training(dataset="minesweeper", options=(("fraction", 0.5), ("cut", "fixed")), method="torque")
    second = Training(
        dataset="minesweeper",
        scheme="own",
        options=(("cut", "fixed"), ("fraction", 0.5)),
        method="torque",
        noise=Noise("dice", 0.0, 7),
        spec=TrainSpec(metric="roc_auc"),
    )
    assert first == second
    assert hash(first) == hash(second)
    assert Training(dataset="karate", method="gat").spec.backbone == "gat"
    assert Training(dataset="karate", method="torque", spec=TrainSpec(backbone="sage")).spec.backbone == "sage"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"dataset": "atlantis"}, "unknown data set 'atlantis'"),
        ({"split": 1000}, "split of 'random-48-32-20' must be an integer in 0 to 999, got 1000"),
        ({"scheme": "own"}, "has no split scheme 'own'"),
        ({"method": "magic"}, "method must be one of plain"),
        ({"layers": 0}, r"layers must be an integer in \[1, 16\], got 0"),
        ({"layers": 2.0}, r"layers must be an integer in \[1, 16\], got 2.0"),
        ({"options": (("cut", "gap"),)}, "the method 'plain' does not rewire and has no options"),
        ({"method": "torque", "options": (("cut", "axe"),)}, "cut must be one of"),
        ({"method": "torque", "options": (("colour", 1),)}, "options must be those of RewireSpec, .*colour"),
        ({"method": "torque", "options": (("cut", "gap"), ("cut", "none"))}, "options must not repeat a name"),
        ({"method": "torque", "options": (("seed", 1),)}, "options must not contain 'seed'"),
    ],
)
def test_what_cannot_be(fields, message):
    with pytest.raises(BadConfig, match=message):
        Training(**{"dataset": "karate", **fields})


LOGITS = torch.tensor([[9.0, 0, 0], [0, 9.0, 0], [0, 0, 9.0], [0.1, 0, 0], [0, 9.0, 0], [9.0, 0, 0]])
BELIEFS = ClassProbabilities(LOGITS, torch.tensor([-1, -1, -1, -1, 1, -1]))  # five are sure, of which one is known


@pytest.mark.parametrize(("share", "wrong"), [(0.0, 0), (0.25, 1), (0.5, 2), (1.0, 4)])
def test_sure_beliefs_become_wrong_and_stay_sure(share, wrong):
    made = with_errors(BELIEFS, share, torch.Generator().manual_seed(0))
    changed = made.labels != BELIEFS.labels
    assert int(changed.sum()) == wrong
    assert not changed[[3, 4]].any()  # one was not sure, one is known
    assert torch.equal(made.logits.sort(dim=1).values, LOGITS.sort(dim=1).values)
    assert torch.equal(made.known, BELIEFS.known)
    assert torch.equal(BELIEFS.logits, LOGITS)  # what was given is as it was


def test_all_other_classes_are_drawn():
    many = ClassProbabilities(torch.tensor([[0, 9.0, 0]]).repeat(300, 1), torch.full((300,), -1))
    labels = with_errors(many, 1.0, torch.Generator().manual_seed(0)).labels
    assert min(labels.bincount()[[0, 2]]) > 110
    assert labels.bincount()[1] == 0


def test_one_class_has_no_errors():
    alone = ClassProbabilities(torch.zeros(4, 1), torch.full((4,), -1))
    assert torch.equal(with_errors(alone, 1.0, torch.Generator()).labels, alone.labels)


def test_the_rewiring_is_told_wrong_beliefs_anew_each_time(monkeypatch):
    told = []

    def spy(data, spec, *, class_probabilities=None):
        told.append(class_probabilities)
        return rewire(data, spec, class_probabilities=class_probabilities)

    drawn = []

    def drawing(class_probabilities, share, generator):
        made = with_errors(class_probabilities, share, generator)
        drawn.append((class_probabilities, share, made))
        return made

    monkeypatch.setitem(METHODS, "torque_default", replace(METHODS["torque_default"], rewirer=spy))
    monkeypatch.setattr(rewirers, "with_errors", drawing)
    sure = replace(SHORT, confidence=0.0)  # every belief counts
    experiment = replace(BLOCK, method="torque_default", spec=sure, pseudo_label_errors=0.5)
    result = experiment.run()
    assert told[0] is None  # the first rewiring looks at features alone
    assert told[1:] == [made for _, _, made in drawn]
    assert len(drawn) == 2
    for given, share, made in drawn:
        unknown = int((given.known < 0).sum())
        assert share == 0.5
        assert int((made.labels != given.labels).sum()) == round(unknown / 2)
    places = [(made.labels != given.labels).nonzero().flatten().tolist() for given, _, made in drawn]
    assert places[0] != places[1]
    assert timeless(experiment.run()) == timeless(result)


def test_no_errors_leave_the_key_as_it_was():
    experiment = replace(BLOCK, method="torque_default")
    assert key(experiment) == key(replace(experiment, pseudo_label_errors=0.0))
    assert key(experiment) != key(replace(experiment, pseudo_label_errors=0.1))


def test_a_training_hands_over_its_model_and_graph():
    experiment = replace(BLOCK, method="torque_default")
    done, result = experiment.trained(), experiment.run()
    assert done.end.test == result.metrics["test"]
    assert len(done.epochs) == result.metrics["epochs"]
    assert torch.equal(done.before, undirected_pairs(done.data.edge_index, len(done.data.x)))
    assert done.end.rewiring.num_nodes == len(done.data.x)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"method": "torque_default", "pseudo_label_errors": 1.5}, r"pseudo_label_errors must be in \[0, 1\], got 1.5"),
        (
            {"pseudo_label_errors": 0.5},
            "the method 'plain' rewires without pseudo-labels; pseudo_label_errors must be 0",
        ),
    ],
)
def test_errors_that_cannot_be(fields, message):
    with pytest.raises(BadConfig, match=message):
        Training(**{"dataset": "karate", **fields})


def test_a_peer_rewires_the_graph_under_the_attack_on_its_own_split():
    """An attack depends on the training nodes, unlike random noise, which is the same for all splits."""
    graphs = []
    for split in (0, 1):
        noise = Noise("metattack", 0.1, 5)
        run = Training(dataset="karate", split=split, noise=noise, method="jaccard", spec=TrainSpec(epochs=1))
        attacked = add_noise(load(DatasetSpec("karate", split=split)).data, noise).data
        assert torch.equal(run.trained().data.edge_index, GCNJaccard()(attacked).edge_index)
        graphs.append(undirected_pairs(attacked.edge_index, 34))
    assert not torch.equal(*graphs)


def test_an_attack_is_computed_once_for_all_methods(monkeypatch):
    calls = []

    def counted(data, noise):
        calls.append(noise)
        return add_noise(data, noise)

    monkeypatch.setattr(training, "add_noise", counted)
    noise = Noise("metattack", 0.05, 11)
    for method in ("plain", "mlp", "jaccard"):
        Training(dataset="karate", noise=noise, method=method, spec=TrainSpec(epochs=1)).run()
    assert calls == [noise]
