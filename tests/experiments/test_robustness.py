"""Which runs a curve of robustness is made of: those of a study where there are any, made the same way where not."""

from dataclasses import replace

import pytest

from tests.experiments.stored import enrol_trainings
from torque_core import Noise, TrainSpec
from torque_core.experiments import Result, Store, Training, key
from torque_core.experiments.kinds.detection import Detection
from torque_core.experiments.robustness import (
    DETECTION,
    Disturbed,
    Recipe,
    detection_recipes,
    levels,
    recipes,
    wanted,
)

KARATE = Disturbed("karate", "random-48-32-20", "insert")
TUNED = TrainSpec(epochs=7, learning_rate=0.05)


@pytest.fixture
def scheme():
    return Training(dataset="karate").scheme


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "runs.sqlite") as made:
        yield made


@pytest.fixture
def karate(scheme):
    return replace(KARATE, scheme=scheme)


def enrol(store, study, label, rate, **options):
    run = Training(dataset="karate", method="torque", noise=Noise("insert", rate), spec=TUNED, **options)
    store.put(run, Result({"test": 0.5}))
    store.enrol(study, label, "final", [run])


def test_an_empty_store_has_recipes_with_defaults(store, karate):
    found = recipes(store, karate)
    assert {"plain", "torque_default", "ablation_random", "mlp"} <= set(found)
    assert not any(recipe.tuned for recipe in found.values())
    assert found["ablation_random"].template.method == "ablation_random"


def test_a_study_gives_its_options_to_new_levels_and_splits(store, karate):
    for rate in (0.0, 0.5):
        enrol(store, "study", "mine", rate, options=(("cut", "fixed"), ("fraction", 0.25)))
    recipe = recipes(store, karate)["mine"]
    assert recipe.tuned
    run = recipe.at(karate, 0.3, 4)
    assert (run.method, dict(run.options)) == ("torque", {"cut": "fixed", "fraction": 0.25})
    assert (run.noise, run.split, run.spec) == (Noise("insert", 0.3, 4), 4, replace(TUNED, seed=4))


def test_the_study_of_most_levels_counts_and_one_level_is_no_curve(store, karate):
    enrol(store, "a few", "mine", 0.5, options=(("fraction", 0.1),))
    assert "mine" not in recipes(store, karate)
    for study, fraction, rates in (("wide", 0.2, (0.0, 0.2, 0.5)), ("narrow", 0.3, (0.0, 0.5))):
        for rate in rates:
            enrol(store, study, "mine", rate, options=(("fraction", fraction),))
    assert dict(recipes(store, karate)["mine"].template.options) == {"fraction": 0.2}


def test_other_graphs_and_other_noise_do_not_count(store, karate):
    for rate in (0.2, 0.5):
        enrol(store, "study", "mine", rate)
    assert "mine" not in recipes(store, replace(karate, noise_kind="dice"))
    assert "mine" not in recipes(store, replace(karate, dataset="digits"))
    assert "mine" in recipes(store, karate)


def test_a_method_that_no_study_ran_trains_as_the_plain_model_was_tuned(store, karate):
    for rate in (0.0, 0.5):
        run = Training(dataset="karate", method="plain", noise=Noise("insert", rate), spec=TUNED)
        store.put(run, Result({"test": 0.5}))
        store.enrol("study", "plain", "final", [run])
    found = recipes(store, karate)
    assert found["torque_default"].template.spec == TUNED
    assert not found["torque_default"].tuned
    assert found["plain"].tuned


def test_runs_are_found_whatever_study_they_are_of(store, karate):
    enrol_trainings(store, "one", "karate", (0.0, 0.5), splits=3)
    enrol_trainings(store, "other", "karate", (1.0,), splits=2, methods=("plain",))
    asked = wanted(recipes(store, karate), karate, [0.0, 0.5, 1.0], 10)
    found = store.look_up(asked)
    count = found.groupby(["label", "rate"]).size().to_dict()
    assert count[("plain", 0.0)] == count[("plain", 0.5)] == 0 + 3
    assert count.get(("plain", 1.0), 0) == 2
    assert ("mlp", 1.0) not in count


def test_levels_are_those_that_were_run(store, karate):
    assert levels(store.frame(), karate) == set()
    for rate in (0.0, 0.2, 0.45):
        enrol(store, "study", "mine", rate)
    assert levels(store.frame(), karate) == {0.2, 0.45}
    assert levels(store.frame(), karate, "detection") == set()


def test_detection_is_asked_for_where_edges_are_injected(karate):
    asked = wanted(detection_recipes(karate), karate, [0.0, 0.5], 2)
    assert asked == {
        DETECTION: [
            Detection(dataset="karate", scheme=karate.scheme, split=split, noise=Noise("insert", 0.5, split))
            for split in range(2)
        ]
    }


def test_what_is_looked_up_is_what_was_put(store, karate):
    recipe = Recipe(Training(dataset="karate"), False)
    run, other = recipe.at(karate, 0.5, 0), recipe.at(karate, 0.5, 1)
    store.put(run, Result({"test": 0.75}))
    store.put_failure(other, "no")
    found = store.look_up({"a": [run, other], "b": [run]})
    assert found[["label", "key", "test", "study"]].to_numpy().tolist() == [
        ["a", key(run), 0.75, ""],
        ["b", key(run), 0.75, ""],
    ]
    assert store.experiment(key(run)) == run
    assert store.look_up({}).empty
