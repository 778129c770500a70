import json
import math
from dataclasses import asdict, dataclass, fields, replace
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.experiments.probe import Probe
from torque_core.errors import BadConfig
from torque_core.experiments import KINDS, Result, Training, experiment, from_json, key, register_kind, to_json
from torque_core.graph.noise import Noise
from torque_core.graph.random_noise import RANDOM_NOISE
from torque_core.rewiring.spec import RewireSpec
from torque_core.training import TrainSpec

# every key on disk rests on this one: if it changes, all that was ever measured is measured anew
PINNED = Training(
    dataset="texas",
    split=3,
    noise=Noise("insert", 0.5, 3),
    method="torque",
    options=(("lever", "feature"), ("cut", "fixed"), ("fraction", 0.25)),
    spec=TrainSpec(epochs=100, patience=60, seed=3),
)

# a value other than the default for each setting
OTHER = {
    "dataset": "cornell",
    "scheme": "random-48-32-20",
    "split": 1,
    "noise": Noise("insert", 0.1),
    "method": "torque_default",
    "options": (("cut", "none"),),
    "spec": TrainSpec(epochs=7),
    "layers": 3,
    "read_test": False,
    "directed": True,
    "pseudo_label_errors": 0.1,
}
OTHER_NOISE = {"kind": "insert_by_degree", "rate": 0.2, "seed": 1}
OTHER_SPEC = {
    "epochs": 7, "learning_rate": 0.1, "weight_decay": 0.1, "hidden": 5, "dropout": 0.1, "warmup": 1,
    "refresh_every": 2, "confidence": 0.5, "patience": 5, "metric": "roc_auc", "seed": 1, "backbone": "sage",
    "separate": True, "residual": True, "norm": "batch", "relations": ("kept", "pruned"), "directions": ("back",),
    "gate": "node", "relation_weights": "shared", "jk": "max",
}  # fmt: skip

trainings = st.builds(
    Training,
    dataset=st.sampled_from(["karate", "texas", "minesweeper"]),
    scheme=st.sampled_from([None, "random-48-32-20"]),
    split=st.integers(0, 9),
    noise=st.builds(Noise, st.sampled_from(list(RANDOM_NOISE)), st.floats(0, 1), st.integers(0, 2**62)),
    method=st.sampled_from(["torque", "ablation_random"]),
    options=st.dictionaries(st.sampled_from(["additions", "temperature"]), st.floats(0.01, 2)).map(
        lambda found: tuple(found.items())
    ),
    spec=st.builds(
        TrainSpec,
        learning_rate=st.floats(1e-6, 10),
        patience=st.none() | st.integers(1, 2000),
        norm=st.sampled_from([None, "batch"]),
        separate=st.booleans(),
        relations=st.sampled_from([("kept",), ("kept", "pruned"), ("kept", "added", "self")]),
    ),
    layers=st.integers(1, 16),
    read_test=st.booleans(),
)


def test_a_pinned_key():
    assert key(PINNED) == "0bf29e2b25d599e236762c677ac55d83"


def test_defaults_are_part_of_what_keys_mean():
    # who changes one of these must raise PROTOCOL
    assert to_json(Training(dataset="karate")) == (
        '{"dataset":"karate","scheme":"random-48-32-20","split":0,"noise":{"kind":"insert","rate":0.0,"seed":0},'
        '"method":"plain","options":[],"spec":{"epochs":200,"learning_rate":0.01,"weight_decay":0.0005,"hidden":64,'
        '"dropout":0.5,"warmup":0,"refresh_every":60,"confidence":0.9,"patience":null,"metric":"accuracy","seed":0,'
        '"backbone":"gcn","separate":false,"residual":false,"norm":null,"relations":["kept"],'
        '"directions":["forth"],"gate":"layer","relation_weights":"own","jk":null},'
        '"layers":2,"read_test":true,"directed":false,"pseudo_label_errors":0.0}'
    )
    # options that are not given are those of the rewiring
    assert asdict(RewireSpec(**experiment.REWIRING)) == {
        "lever": "structural", "force": "dirichlet", "product": "scalar", "screen": False, "cut": "gap",
        "fraction": 0.1, "budget": 100,
        "weight_by_confidence": True, "add": "budget", "additions": 0.25, "hops": 2, "layers": 2,
        "hierarchy": "independent",
        "temperature": 1.0, "confidence": 0.9, "seed": 0,
    }  # fmt: skip


def test_a_key_is_the_hash_of_what_is_said():
    import hashlib

    said = '{"fields":{"log":"l","number":1,"seconds":2},"kind":"probe","protocol":2}'
    assert key(Probe(number=1, log="l", seconds=2.0)) == hashlib.sha256(said.encode()).hexdigest()[:32]


@given(trainings)
def test_json_and_back(experiment):
    text = to_json(experiment)
    again = from_json("training", text)
    assert again == experiment
    assert to_json(again) == text
    assert key(again) == key(experiment)


@given(trainings, trainings)
def test_keys_are_equal_if_experiments_are(first, second):
    assert (key(first) == key(second)) == (first == second)


def test_whole_numbers_of_either_type_have_one_key():
    first, second = (Training(dataset="karate", noise=Noise("insert", rate)) for rate in (1, 1.0))
    assert first == second
    assert key(first) == key(second)


def test_keys_depend_on_every_field():
    base = Training(dataset="texas", method="torque", noise=Noise("insert", 0.5))
    assert set(OTHER) == {field.name for field in fields(Training)}
    assert set(OTHER_NOISE) == {field.name for field in fields(Noise)}
    assert set(OTHER_SPEC) == {field.name for field in fields(TrainSpec)}
    changed = [replace(base, **{name: value}) for name, value in OTHER.items()]
    changed += [replace(base, noise=replace(base.noise, **{name: value})) for name, value in OTHER_NOISE.items()]
    # the metric is the data set's own: it comes with another set
    changed += [replace(base, spec=replace(base.spec, **{n: v})) for n, v in OTHER_SPEC.items() if n != "metric"]
    keys = {key(experiment) for experiment in [base, *changed]}
    assert len(keys) == len(changed)  # the same number of epochs is among them twice
    assert "roc_auc" in to_json(Training(dataset="minesweeper"))


def test_keys_depend_on_kind_and_protocol(monkeypatch):
    probe = Probe(number=1, log="")

    class Other(Probe):
        kind: ClassVar[str] = "other"

    before = key(probe)
    assert key(Other(number=1, log="")) != before
    monkeypatch.setattr(experiment, "PROTOCOL", experiment.PROTOCOL + 1)
    assert key(probe) != before


def test_a_new_field_with_a_default_leaves_keys_as_they_are():
    @dataclass(frozen=True, kw_only=True)
    class More(Probe):
        further: tuple[int, ...] = ()

    assert key(More(number=1, log="")) == key(Probe(number=1, log=""))
    assert key(More(number=1, log="", further=(1,))) != key(Probe(number=1, log=""))


def test_a_field_that_is_missing_has_its_default():
    assert from_json("training", '{"dataset":"karate"}') == Training(dataset="karate")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "Expecting"),
        ('{"dataset":"karate","colour":"red"}', "colour"),
        ('{"dataset":"nowhere"}', "unknown data set"),
        ("{}", "dataset"),
    ],
)
def test_text_that_says_no_experiment(text, why):
    with pytest.raises(BadConfig, match=f"does not describe an experiment of the kind 'training': .*{why}"):
        from_json("training", text)


@pytest.mark.parametrize("kind", ["nothing", "../training", "store"])
def test_unknown_kind(kind):
    with pytest.raises(BadConfig, match=r"must be one of .*training; got"):
        from_json(kind, "{}")


def test_a_kind_of_this_package_is_imported_when_it_is_met(monkeypatch):
    import importlib

    monkeypatch.delitem(KINDS, "training")
    loaded = []
    monkeypatch.setattr(importlib, "import_module", lambda name: loaded.append(name) or register_kind(Training))
    assert from_json("training", '{"dataset":"karate"}') == Training(dataset="karate")
    assert loaded == ["torque_core.experiments.kinds.training"]


def test_a_module_that_its_kind_lacks_is_no_unknown_kind(monkeypatch):
    import importlib

    def broken(name):
        raise ModuleNotFoundError("No module named 'elsewhere'", name="elsewhere")

    monkeypatch.setattr(importlib, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="elsewhere"):
        from_json("something", "{}")


def test_a_kind_is_registered_once():
    assert register_kind(Training) is Training

    class Second:
        kind = "training"

    with pytest.raises(BadConfig, match="'training' of experiments is registered already"):
        register_kind(Second)


@pytest.mark.parametrize("value", [math.nan, math.inf, [0.1, math.nan], object(), {1: object()}])
def test_metrics_that_json_cannot_say(value):
    with pytest.raises(BadConfig, match=r"metric 'score' is .*use None"):
        Result({"score": value})


def test_metrics_are_what_json_says():
    metrics = {"a": 0.1, "b": 2, "c": "word", "d": None, "e": [0.5, 1.0]}
    assert json.loads(json.dumps(Result(metrics).metrics)) == metrics
