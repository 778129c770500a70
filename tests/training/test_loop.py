import copy
import re
import threading
from dataclasses import replace
from itertools import zip_longest

import pytest
import torch
from torch_geometric.data import Data

from torque_core import BlockModel, DatasetSpec, Noise, add_noise, load
from torque_core import train as train_function
from torque_core.diagnostics import auroc
from torque_core.errors import BadConfig, BadGraph
from torque_core.nn import TorqueGate, torque_gnn
from torque_core.nn.dropout import dropout
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.scoring.levers import LEVERS
from torque_core.training import METRICS, MODELS, Epoch, Finished, Refresh, TrainSpec, train
from torque_core.training import task as task_module
from torque_core.training.spec import NORMS

SHORT = TrainSpec(epochs=12, warmup=3, refresh_every=4, hidden=8)


def block(classes=3, **more):
    model = BlockModel(**{"nodes": 120, "classes": classes, "degree": 6, "signal": 1.0} | more)
    data = load(DatasetSpec("block_model", block_model=model)).data
    part = torch.arange(len(data.y)) % 4
    data.train_mask, data.val_mask, data.test_mask = part < 2, part == 2, part == 3
    return data


@pytest.fixture
def data():
    return block()


def run(data, spec=SHORT, **options):
    return list(train(data, spec, device="cpu", **options))


def curves(events):
    return [(e.epoch, e.loss, e.train, e.validation) for e in events if isinstance(e, Epoch)]


def same_end(first, second):
    return (
        (first.best_epoch, first.validation, first.test) == (second.best_epoch, second.validation, second.test)
    ) and torch.equal(first.predictions, second.predictions)


def test_it_is_public():
    assert train_function is train


def test_events_of_the_plain_model(data):
    *epochs, end = run(data)
    assert [event.epoch for event in epochs] == list(range(1, 13))
    assert all(isinstance(event, Epoch) for event in epochs)
    assert isinstance(end, Finished)
    assert end.rewiring is None


def test_events_of_the_rewired_model(data):
    events = run(data, rewiring=RewireSpec())
    names = [(type(event).__name__, event.epoch) for event in events[:-1]]
    expected = []
    for epoch in range(1, 13):
        expected += [("Refresh", epoch)] * (epoch in (4, 8, 12)) + [("Epoch", epoch)]
    assert names == expected
    assert isinstance(events[-1], Finished)


def test_later_rewirings_also_use_class_probabilities(data):
    first, second, _ = (event.rewiring for event in run(data, rewiring=RewireSpec()) if isinstance(event, Refresh))
    plain = rewire(data, RewireSpec()).layers[0].torque.value
    assert torch.equal(first.layers[0].torque.value, plain)
    assert not torch.allclose(second.layers[0].torque.value, plain, atol=1e-3)


def test_class_probabilities_below_the_confidence_are_ignored(data):
    # no probability reaches 1: what is left are the labels of the training nodes, all classes alike elsewhere
    spec = TrainSpec(epochs=8, warmup=3, refresh_every=4, hidden=8, confidence=1.0)
    _, second = (event.rewiring for event in run(data, spec, rewiring=RewireSpec()) if isinstance(event, Refresh))
    class_probabilities = ClassProbabilities(
        torch.zeros(120, 3), torch.where(data.train_mask, data.y, -1), confidence=1.0
    )
    expected = rewire(data, RewireSpec(), class_probabilities=class_probabilities).layers[0].torque.value
    torch.testing.assert_close(second.layers[0].torque.value, expected)


def test_confident_class_probabilities_are_used(data):
    spec = TrainSpec(epochs=8, warmup=3, refresh_every=4, hidden=8, confidence=0.0)
    unsure = TrainSpec(epochs=8, warmup=3, refresh_every=4, hidden=8, confidence=1.0)
    *_, first = (event.rewiring for event in run(data, spec, rewiring=RewireSpec()) if isinstance(event, Refresh))
    *_, second = (event.rewiring for event in run(data, unsure, rewiring=RewireSpec()) if isinstance(event, Refresh))
    assert not torch.equal(first.layers[0].torque.value, second.layers[0].torque.value)


def test_warmup_is_the_plain_model(data):
    plain, rewired = curves(run(data)), curves(run(data, rewiring=RewireSpec(cut="fixed", fraction=0.5)))
    assert plain[:3] == rewired[:3]
    assert plain[3] != rewired[3]


def test_a_rewiring_that_changes_nothing_is_the_plain_model(data):
    spec = TrainSpec(epochs=12, warmup=0, refresh_every=4, hidden=8)
    plain, rewired = run(data, spec), run(data, spec, rewiring=RewireSpec(cut="none", additions=0.0))
    assert curves(rewired) == curves(plain)
    assert same_end(rewired[-1], plain[-1])


def test_warmup_longer_than_training_is_the_plain_model(data):
    spec = TrainSpec(epochs=5, warmup=5, hidden=8)
    plain, rewired = run(data, spec), run(data, spec, rewiring=RewireSpec())
    assert curves(rewired) == curves(plain)
    assert same_end(rewired[-1], plain[-1])
    assert rewired[-1].rewiring is None


def test_alternating_trainings_do_not_interfere(data):
    def both():
        other = TrainSpec(epochs=9, warmup=2, refresh_every=3, hidden=8, seed=1)
        return train(data, SHORT, device="cpu"), train(data, other, rewiring=RewireSpec(), device="cpu")

    first, second = map(list, both())
    turns = list(zip_longest(*both()))
    for alone, index in ((first, 0), (second, 1)):
        in_turns = [turn[index] for turn in turns if turn[index] is not None]
        assert curves(in_turns) == curves(alone)
        assert same_end(in_turns[-1], alone[-1])


@pytest.mark.parametrize("rewiring", [None, RewireSpec(cut="bernoulli")])
def test_trainings_in_threads_run_concurrently_and_do_not_interfere(data, monkeypatch, rewiring):
    """Both threads meet inside each training step, which is possible only if no step holds a lock."""
    specs = [replace(SHORT, seed=seed, backbone="gat", refresh_every=3) for seed in (0, 1)]
    alone = [run(data, spec, rewiring=rewiring) for spec in specs]
    assert curves(alone[0]) != curves(alone[1])
    events, barrier = {}, threading.Barrier(2, timeout=60)

    def meeting(*args, **options):
        barrier.wait()
        mask = dropout(*args, **options)
        barrier.wait()
        return mask

    monkeypatch.setattr(torque_gnn, "dropout", meeting)
    threads = [
        threading.Thread(target=lambda index=index: events.update({index: run(data, specs[index], rewiring=rewiring)}))
        for index in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in range(2):
        assert curves(events[index]) == curves(alone[index])
        assert same_end(events[index][-1], alone[index][-1])


def test_many_threads_do_not_interfere(data):
    alone = run(data)[-1]
    ends = {}

    def work(name):
        ends[name] = run(data)[-1]

    threads = [threading.Thread(target=work, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ends) == 3
    assert all(torch.equal(end.probabilities, alone.probabilities) for end in ends.values())


def test_seeds(data):
    assert curves(run(data)) == curves(run(data))
    assert curves(run(data)) != curves(run(data, TrainSpec(epochs=12, hidden=8, seed=1)))


def test_global_random_state_is_neither_used_nor_changed(data):
    torch.manual_seed(1)
    first = run(data, rewiring=RewireSpec())
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = []
    for event in train(data, SHORT, rewiring=RewireSpec(), device="cpu"):
        assert torch.equal(torch.get_rng_state(), state)
        second.append(event)
    assert curves(first) == curves(second)


def test_it_can_be_stopped(data):
    events = train(data, SHORT, device="cpu")
    assert next(events).epoch == 1
    events.close()
    assert list(events) == []


@pytest.mark.parametrize("rewired", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_the_end_is_that_of_the_best_epoch(data, monkeypatch, rewired, seed):
    dice = torch.Generator().manual_seed(seed)  # so that no two rewirings are alike
    monkeypatch.setitem(LEVERS, "dice", lambda links: torch.rand(links.pairs.size(1), generator=dice))
    rewiring = RewireSpec(lever="dice", cut="fixed", fraction=0.5) if rewired else None
    events = run(data, replace(SHORT, refresh_every=1, seed=seed), rewiring=rewiring)
    end = events[-1]
    scores = {e.epoch: e.validation for e in events if isinstance(e, Epoch) and (not rewiring or e.epoch > 3)}
    best = max(scores.values())
    assert end.validation == best
    assert end.best_epoch == max(epoch for epoch, score in scores.items() if score == best)
    for mask, score in ((data.val_mask, end.validation), (data.test_mask, end.test)):
        assert float((end.predictions == data.y)[mask].float().mean()) == pytest.approx(score)
    if rewiring:
        at_best = [e for e in events if isinstance(e, Refresh) and e.epoch <= end.best_epoch][-1]
        assert end.rewiring is at_best.rewiring


def test_labels_of_the_test_nodes_are_not_used(data):
    other = copy.deepcopy(data)
    other.y[data.test_mask] = (data.y[data.test_mask] + 1) % 3
    first, second = run(data, rewiring=RewireSpec()), run(other, rewiring=RewireSpec())
    assert curves(first) == curves(second)
    assert torch.equal(first[-1].predictions, second[-1].predictions)
    assert first[-1].test != second[-1].test


def test_labels_of_the_validation_nodes_choose_the_epoch_only(data):
    other = copy.deepcopy(data)
    other.y[data.val_mask] = (data.y[data.val_mask] + 1) % 3
    first, second = (curves(run(graph, rewiring=RewireSpec())) for graph in (data, other))
    assert [row[:3] for row in first] == [row[:3] for row in second]


def test_without_validation_nodes_the_last_epoch_is_kept(data):
    del data.val_mask
    *epochs, end = run(data)
    assert {event.validation for event in epochs} == {None}
    assert (end.best_epoch, end.validation) == (12, None)
    assert end.test is not None


def test_epochs_have_a_test_score_only_if_requested(data):
    quiet, watched = run(data), run(data, watch_test=True)
    assert all(event.test is event.test_loss is None for event in quiet[:-1])
    assert [replace(event, test=None, test_loss=None) for event in watched[:-1]] == quiet[:-1]
    scores = [event.test for event in watched[:-1]]
    assert scores[watched[-1].best_epoch - 1] == watched[-1].test == quiet[-1].test
    assert len(set(scores)) > 1


def test_the_loss_of_validation_nodes_is_that_of_the_probabilities(data):
    *epochs, end = run(data, watch_test=True)
    best = epochs[end.best_epoch - 1]
    for mask, loss in ((data.val_mask, best.validation_loss), (data.test_mask, best.test_loss)):
        true = end.probabilities[mask].gather(1, data.y[mask, None])
        assert loss == pytest.approx(float(-true.log().mean()), rel=1e-4)


def test_without_test_nodes_there_is_no_test_score(data):
    del data.test_mask
    assert run(data)[-1].test is None


def test_one_class_is_no_trouble():
    data = block(classes=1, homophily=1.0)
    events = run(data, rewiring=RewireSpec())
    for event in events:
        if isinstance(event, Refresh):
            assert bool(torch.isfinite(event.rewiring.layers[0].torque.value).all())
    assert events[-1].test == 1


def test_the_input_graph_is_not_modified(data):
    before = copy.deepcopy(data)
    run(data, rewiring=RewireSpec())
    assert data.keys() == before.keys()
    assert all(torch.equal(data[key], value) for key, value in before)


def test_it_learns():
    data = block(signal=3.0, homophily=0.9)
    spec = TrainSpec(epochs=60, warmup=10, hidden=16)
    for rewiring in (None, RewireSpec()):
        events = run(data, spec, rewiring=rewiring)
        assert events[-2].train > 0.9
        assert events[-1].test > 0.9
        assert events[-2].loss < events[0].loss / 2


def test_rewiring_helps_where_edges_are_noise():
    noisy = add_noise(block(nodes=120, signal=2.0, homophily=0.9), Noise("insert", 2.0)).data
    spec = TrainSpec(epochs=60, warmup=10, hidden=16)
    plain, rewired = run(noisy, spec)[-1], run(noisy, spec, rewiring=RewireSpec())[-1]
    assert rewired.test > plain.test + 0.05


def test_number_of_layers(data):
    assert len(run(data, rewiring=RewireSpec(layers=3))[-1].rewiring.layers) == 3
    assert curves(run(data, layers=1)) != curves(run(data, layers=3))


def test_roc_auc_of_two_classes():
    data = block(classes=2)
    *_, last, end = run(data, TrainSpec(epochs=12, hidden=8, metric="roc_auc"))
    assert 0.5 < last.train <= 1
    assert 0.5 < end.test <= 1
    # the area under the curve of hard predictions is another number, but not by much
    hard = auroc(end.predictions[data.test_mask].float(), data.y[data.test_mask] == 1)
    assert end.test == pytest.approx(hard, abs=0.3)
    assert METRICS == ("accuracy", "roc_auc")


def test_no_edges_at_all(data):
    data.edge_index = data.edge_index[:, :0]
    assert run(data, rewiring=RewireSpec())[-1].test is not None


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"y": None}, BadGraph, "training needs labels y, one class index per node"),
        ({"train_mask": None}, BadGraph, "training needs at least one node in train_mask; choose another split"),
        ({"train_mask": torch.zeros(120).bool()}, BadGraph, "training needs at least one node in train_mask"),
        ({"y": torch.full((120,), -1)}, BadGraph, "a node of a mask has no label (y < 0); leave unlabelled nodes out"),
        ({"val_mask": torch.ones(120, 10).bool()}, BadGraph, "val_mask has shape (120, 10), not (120,); choose one"),
        ({"test_mask": torch.ones(7).bool()}, BadGraph, "test_mask has shape (7,), not (120,)"),
        ({"x": torch.full((120, 2), torch.nan)}, BadGraph, "x contains NaN or infinity, first in row 0"),
    ],
)
def test_a_bad_graph_is_named(data, changes, error, message):
    for key, value in changes.items():
        data[key] = value
    with pytest.raises(error, match=re.escape(message)):
        run(data)


def test_bad_settings_are_named(data):
    with pytest.raises(BadConfig, match="metric roc_auc needs two classes, 0 and 1; the graph has 3"):
        run(data, TrainSpec(metric="roc_auc"))
    with pytest.raises(BadConfig, match="device must be one of"):
        next(train(data, device="tpu"))
    with pytest.raises(BadConfig, match="num_layers must be an integer of at least 1, got 0"):
        run(data, layers=0)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("epochs", 1, 2000),
        ("learning_rate", 1e-6, 10),
        ("weight_decay", 0, 1),
        ("hidden", 1, 4096),
        ("dropout", 0, 0.99),
        ("warmup", 0, 2000),
        ("refresh_every", 1, 2000),
        ("confidence", 0, 1),
        ("patience", 1, 2000),
    ],
)
def test_ranges(name, low, high):
    for value in (low, high):
        assert getattr(TrainSpec(**{name: value}), name) == value
    whole = name in ("epochs", "hidden", "warmup", "refresh_every", "patience")
    wanted = f"{name} must be {'an integer ' if whole else ''}in [{low}, {high}], got "
    for value in (low - 1, high + 1, float("nan"), *((1.5, 2.0, True) if whole else ())):
        with pytest.raises(BadConfig, match=re.escape(f"{wanted}{value}")):
            TrainSpec(**{name: value})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": "f1"}, "metric must be one of accuracy, roc_auc; got 'f1'"),
        ({"backbone": "gin"}, f"backbone must be one of {', '.join(MODELS)}; got 'gin'"),
        ({"norm": "instance"}, "norm must be one of None, batch, layer, unit; got 'instance'"),
        ({"relations": ("pruned",)}, "relations must begin with 'kept'"),
        ({"directions": ("back",), "backbone": "gprgnn"}, "backbone 'gprgnn' sends messages along the edges only"),
        (
            {"backbone": "fsgnn", "relations": ("kept", "pruned")},
            "backbone 'fsgnn' cannot use several relations",
        ),
        ({"seed": -1}, "seed must be an integer from 0 to 2**63 - 1, got -1"),
    ],
)
def test_unknown_choices_are_named(options, message):
    with pytest.raises(BadConfig, match=re.escape(message)):
        TrainSpec(**options)


@pytest.mark.parametrize("backbone", MODELS)
@pytest.mark.parametrize(
    "options", [{}, {"separate": True, "residual": True}, *({"norm": norm} for norm in NORMS if norm)]
)
def test_models_of_every_kind_learn(backbone, options):
    data = block(signal=3.0, homophily=0.9)
    spec = TrainSpec(epochs=25, warmup=5, refresh_every=10, hidden=16, backbone=backbone, **options)
    events = run(data, spec, rewiring=RewireSpec(cut="fixed", fraction=0.2))
    assert events[-1].test > 0.7
    assert events[-2].loss < events[0].loss


def test_options_of_the_model_count(data):
    plain = curves(run(data))
    for options in (
        {"backbone": "sage"},
        {"backbone": "mlp"},
        {"backbone": "gprgnn"},
        {"backbone": "fsgnn"},
        {"separate": True},
        {"residual": True},
        {"norm": "batch"},
        {"norm": "unit"},
        {"jk": "max"},
        {"backbone": "dir_gcn"},
        {"relations": ("kept", "self")},
    ):
        assert curves(run(data, replace(SHORT, **options))) != plain


def test_pruned_edges_are_a_separate_relation_if_requested(data):
    spec, half = replace(SHORT, relations=("kept", "pruned")), RewireSpec(cut="fixed", fraction=0.5)
    relational = run(data, spec, rewiring=half)
    assert relational[-1].model.gates["pruned"].abs().sum() > 0
    assert curves(relational) != curves(run(data, SHORT, rewiring=half))
    uncut = run(data, spec, rewiring=RewireSpec(cut="none"))
    assert uncut[-1].model.gates["pruned"].tolist() == [0.0, 0.0]  # without pruned edges the gates get no gradient


def test_a_plain_model_has_no_relations_of_a_rewiring(data):
    with pytest.raises(BadConfig, match="a model without rewiring has no relations pruned, torque"):
        run(data, replace(SHORT, relations=("kept", "torque", "self", "pruned")))


def test_directions_matter_in_a_directed_graph_only(data):
    back = replace(SHORT, backbone="dir_gcn", directions=("back",))
    same = [run(data, replace(back, directions=way))[-2].loss for way in (("forth",), ("back",))]
    assert same[0] == pytest.approx(same[1], rel=1e-4)  # the order of a sum differs
    one_way = copy.copy(data)
    one_way.edge_index = data.edge_index[:, data.edge_index[0] < data.edge_index[1]]
    other = [run(one_way, replace(back, directions=way))[-2].loss for way in (("forth",), ("back",))]
    assert other[0] != pytest.approx(other[1], rel=1e-2)


def test_a_learned_cut_excludes_a_relation_of_pruned_edges(data):
    with pytest.raises(BadConfig, match=r'set relations=\("kept",\)'):
        run(data, replace(SHORT, relations=("kept", "pruned")), rewiring=RewireSpec(cut="bernoulli"))


def test_edges_between_classes_are_informative_as_a_separate_relation():
    """Half of the edges connect different classes: discarded they are lost, as a relation they lower the loss."""
    data = block(signal=0.6, homophily=0.5, nodes=400)
    spec = TrainSpec(epochs=120, hidden=16, refresh_every=2000, weight_decay=5e-4)
    unlike = data.y[data.edge_index[0]] != data.y[data.edge_index[1]]

    def by_class(graph, rewiring, *, class_probabilities=None):
        found = rewire(graph, rewiring, class_probabilities=class_probabilities)
        cut = [data.y[layer.pairs[0]] != data.y[layer.pairs[1]] for layer in found.layers]
        return replace(found, layers=tuple(replace(x, pruned_mask=m) for x, m in zip(found.layers, cut, strict=True)))

    assert 0.3 < float(unlike.double().mean()) < 0.7
    losses = {
        relations: run(data, replace(spec, relations=relations), rewiring=RewireSpec(additions=0.0), rewirer=by_class)[
            -2
        ].loss
        for relations in (("kept",), ("kept", "pruned"))
    }
    assert losses["kept", "pruned"] < losses[("kept",)]


def test_an_mlp_ignores_the_edges(data):
    spec = replace(SHORT, backbone="mlp")
    without = copy.copy(data)
    without.edge_index = data.edge_index[:, :0]
    assert curves(run(data, spec)) == curves(run(without, spec))


def test_the_plain_model_uses_weighted_self_loops(data):
    loops = torch.arange(120).expand(2, -1)
    looped = copy.copy(data)
    looped.edge_index = torch.cat([data.edge_index, loops], dim=1)
    plain = curves(run(data))
    assert curves(run(looped)) == plain  # the convolution's own loops weigh 1
    looped.edge_weight = torch.ones(looped.num_edges)
    assert curves(run(looped)) == plain
    looped.edge_weight[-120:] = 5.0
    assert curves(run(looped)) != plain
    assert curves(run(looped, rewiring=RewireSpec())) == curves(run(data, rewiring=RewireSpec()))


@pytest.mark.parametrize("rewiring", [None, RewireSpec()])
def test_patience_ends_training_and_keeps_the_best_epoch(data, rewiring):
    whole = run(data, replace(SHORT, epochs=60, warmup=10), rewiring=rewiring)
    *short, end = run(data, replace(SHORT, epochs=60, warmup=10, patience=5), rewiring=rewiring)
    assert curves(short) == curves(whole)[: len(curves(short))]
    first = 10 if rewiring else 0  # the warm-up does not count
    validation = [event.validation for event in short if isinstance(event, Epoch)]
    since = validation[first:]
    assert len(validation) < 60
    assert len(since) == since.index(max(since)) + 1 + 5
    assert end.validation == max(since)


def test_another_rewirer_may_take_its_place(data):
    calls = []

    def upside_down(graph, spec, *, class_probabilities=None):
        calls.append(class_probabilities)
        return rewire(graph, replace(spec, cut="none"), class_probabilities=class_probabilities)

    events = run(data, rewiring=RewireSpec(cut="fixed", fraction=0.5), rewirer=upside_down)
    assert [class_probabilities is None for class_probabilities in calls] == [True, False, False]
    assert not any(layer.pruned_mask.any() for layer in events[-1].rewiring.layers)


def test_probabilities_and_model_are_those_of_the_end(data):
    end = run(data)[-1]
    torch.testing.assert_close(end.probabilities.sum(dim=1), torch.ones(120))
    with torch.no_grad():
        logits = end.model(data.x, [data.edge_index] * 2)
    torch.testing.assert_close(logits.softmax(dim=1), end.probabilities)


@pytest.fixture
def gates(monkeypatch):
    """The gates that a training makes."""
    made = []

    class Watched(TorqueGate):
        def __init__(self, rewiring):
            super().__init__(rewiring)
            self.start = self.threshold.detach().clone()
            made.append(self)

    monkeypatch.setitem(train.__globals__, "TorqueGate", Watched)
    return made


LEARNED = {"cut": {"cut": "bernoulli"}, "additions": {"cut": "fixed", "add": "bernoulli", "additions": 2.0}}


@pytest.mark.parametrize("what", LEARNED)
def test_thresholds_are_learned(data, gates, what):
    events = run(data, replace(SHORT, epochs=24, refresh_every=8), rewiring=RewireSpec(**LEARNED[what]))
    (gate,) = gates  # one for all rewirings
    refreshes = [event.rewiring for event in events if isinstance(event, Refresh)]
    assert len(refreshes) == 3
    assert gate.rewiring is refreshes[-1]
    assert bool((gate.threshold.detach() - gate.start)[:, 0].abs().min() > 0.01)
    end = events[-1]
    assert {layer.cut.reason for layer in end.rewiring.layers} == {"Learned in training."}
    for layer in end.rewiring.layers:
        assert torch.equal(layer.pruned_mask, layer.torque.value >= layer.cut.threshold)
    for mask, score in ((data.val_mask, end.validation), (data.test_mask, end.test)):
        assert float((end.predictions == data.y)[mask].float().mean()) == pytest.approx(score)


def test_without_learned_rules_there_is_no_gate(data, gates):
    run(data, rewiring=RewireSpec())
    assert gates == []


def test_learned_thresholds_depend_on_the_seed_only(data):
    torch.manual_seed(1)
    first = run(data, rewiring=RewireSpec(cut="bernoulli"))
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = run(data, rewiring=RewireSpec(cut="bernoulli"))
    assert torch.equal(torch.get_rng_state(), state)
    assert curves(first) == curves(second)
    assert same_end(first[-1], second[-1])
    assert [layer.cut for layer in first[-1].rewiring.layers] == [layer.cut for layer in second[-1].rewiring.layers]
    assert curves(first) != curves(run(data, rewiring=RewireSpec(cut="gap")))


@pytest.mark.parametrize("rewiring", [None, RewireSpec(cut="fixed"), RewireSpec(cut="bernoulli")])
def test_weights_of_one_are_no_weights(data, rewiring):
    weighted = copy.copy(data)
    weighted.edge_weight = torch.ones(data.num_edges)
    first, second = run(data, rewiring=rewiring), run(weighted, rewiring=rewiring)
    # a gate multiplies by them, so rounding may differ
    torch.testing.assert_close(
        torch.tensor([row[1] for row in curves(first)]), torch.tensor([row[1] for row in curves(second)])
    )
    assert torch.equal(first[-1].predictions, second[-1].predictions)


@pytest.mark.parametrize("rewiring", [None, RewireSpec(cut="fixed")])
def test_edges_that_weigh_nothing_are_no_edges(data, rewiring):
    weighted, without = copy.copy(data), copy.copy(data)
    low, high = data.edge_index.aminmax(dim=0)
    weighted.edge_weight = ((low + high) % 3 > 0).float()
    without.edge_index = data.edge_index[:, weighted.edge_weight > 0]
    assert curves(run(weighted, rewiring=rewiring)) == curves(run(without, rewiring=rewiring))
    assert curves(run(weighted, rewiring=rewiring)) != curves(run(data, rewiring=rewiring))


@pytest.mark.parametrize("cut", ["gap", "fixed", "bernoulli"])
def test_a_weighted_directed_graph(data, cut):
    generator = torch.Generator().manual_seed(0)
    data.edge_weight = 0.5 + torch.rand(data.num_edges, generator=generator)
    one_way = torch.arange(data.num_edges) % 3 > 0
    data.edge_index, data.edge_weight = data.edge_index[:, one_way], data.edge_weight[one_way]
    weight_of = dict(zip(map(tuple, data.edge_index.T.tolist()), data.edge_weight.tolist(), strict=True))
    end = run(data, rewiring=RewireSpec(cut=cut, fraction=0.3))[-1]
    for layer in end.rewiring.layers:
        edge_confidence = torch.ones(layer.pairs.size(1)) if layer.edge_confidence is None else layer.edge_confidence
        trusted = dict(zip(map(tuple, layer.pairs.T.tolist()), edge_confidence, strict=True))
        for edge, weight in zip(layer.edge_index.T.tolist(), layer.edge_weight, strict=True):
            given = weight_of.get(tuple(edge))
            expected = layer.usual_weight if given is None else torch.tensor(given) * trusted[tuple(sorted(edge))]
            assert weight == expected


@pytest.mark.parametrize("backbone", MODELS)
def test_sparse_features_are_dense_ones(data, monkeypatch, backbone):
    data.x = torch.nn.functional.one_hot(torch.arange(120) % 30, 60).float() + torch.eye(120)[:, :60]
    spec = replace(SHORT, dropout=0.0, backbone=backbone)
    layouts, step = [], train.__globals__["_step"]

    def watched(model, optimizer, task, *more):
        layouts.append(task.x.is_sparse)
        return step(model, optimizer, task, *more)

    monkeypatch.setitem(train.__globals__, "_step", watched)
    sparse = run(data, spec)
    monkeypatch.setattr(task_module, "_SPARSE_BELOW", 0)
    dense = run(data, spec)
    assert layouts == [True] * 12 + [False] * 12
    # the same to the rounding
    losses = [torch.tensor([row[1] for row in curves(events)]) for events in (sparse, dense)]
    torch.testing.assert_close(*losses, atol=1e-4, rtol=1e-4)
    assert torch.equal(sparse[-1].predictions, dense[-1].predictions)


@pytest.mark.parametrize("force", ["pair", "free", "disparity"])
def test_forces_that_use_class_probabilities(data, force):
    first, second, _ = (
        event.rewiring for event in run(data, rewiring=RewireSpec(force=force)) if isinstance(event, Refresh)
    )
    assert torch.equal(first.layers[0].torque.value, rewire(data, RewireSpec(force=force)).layers[0].torque.value)
    assert not torch.equal(first.layers[0].torque.force, second.layers[0].torque.force)


def test_a_graph_of_two_nodes():
    tiny = Data(x=torch.eye(2), edge_index=torch.tensor([[0], [1]]), y=torch.tensor([0, 1]))
    tiny.train_mask = torch.tensor([True, True])
    assert run(tiny, rewiring=RewireSpec())[-1].best_epoch == 12
