"""A store with the first schema, written by hand with the names of its time, is read with the current names."""

import json
import sqlite3
from contextlib import closing

import pytest

from torque_core.experiments import Result, Store, Training, key, to_json
from torque_core.experiments.kinds.squashing import Squashing
from torque_core.experiments.results.migrate import LABELS, METHODS, STUDIES
from torque_core.experiments.studies import STUDIES as CURRENT_STUDIES
from torque_core.graph.noise import Noise
from torque_core.methods.catalog import METHODS as CATALOG
from torque_core.training import TrainSpec

RELATIONAL = Training(
    dataset="karate",
    split=1,
    noise=Noise("insert", 0.5, 1),
    method="torque_default_relational",
    options=(("weight_by_confidence", False),),
    spec=TrainSpec(epochs=30, seed=1),
    pseudo_label_errors=0.25,
)
PLAIN = Training(dataset="karate")
INFLUENCE = Squashing(dataset="karate", method="ablation_random", nodes=5)
OLD_NAMES = {
    '"torque_default_relational"': '"torque_gap_apart"',
    '"ablation_random"': '"random"',
    '"weight_by_confidence"': '"trust"',
    '"pseudo_label_errors"': '"belief_errors"',
    '"relations":["kept","pruned"]': '"hear_pruned":true',
    '"relations":["kept"]': '"hear_pruned":false',
}


def old_config(experiment):
    text = to_json(experiment)
    for name, old in OLD_NAMES.items():
        text = text.replace(name, old)
    return text


@pytest.fixture
def old(tmp_path):
    """A store with schema 1: three runs, one of a kind that this process does not have, and one failure."""
    path = tmp_path / "old.sqlite"
    with Store(path) as store:
        store.put(PLAIN, Result({"test": 0.5}), seconds=1.5, versions={"torch": "0"})
    rows = [
        ("relational", "training", old_config(RELATIONAL), '{"test": 0.75, "pruned": [0.1, 0.2]}', None),
        ("influence", "squashing", old_config(INFLUENCE), '{"apart": 0.25, "resistance": 2.0}', None),
        ("unknown", "of_a_plugin", '{"method": "random", "number": 3}', '{"apart": 1}', None),
        ("failed", "training", old_config(RELATIONAL).replace('"split":1', '"split":2'), "{}", "it broke"),
    ]
    members = [
        ("clean_apart", "torque_gap_apart", "relational"),
        ("clean_apart", "torque_gap_apart", "failed"),
        ("questions", "kept edges weigh alike", "relational"),
        ("mine", "my label", key(PLAIN)),
        ("mine", "random", "influence"),
        ("mine", "random", "unknown"),
    ]
    with closing(sqlite3.connect(path)) as connection:
        for name, kind, config, metrics, error in rows:
            values = (name, kind, config, metrics, None, error, '{"torch": "0"}', "2026-01-01T00:00:00+00:00", 2.5)
            connection.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        for study, label, name in members:
            connection.execute("INSERT INTO members VALUES (?, ?, 'final', ?)", (study, label, name))
        connection.execute("UPDATE about SET value = '1' WHERE name = 'schema'")
        connection.commit()
    return path


def check(store):
    assert store.studies() == ("ablation", "clean_relational", "mine")
    assert store.get(RELATIONAL) == Result({"test": 0.75, "pruned": [0.1, 0.2]})
    assert store.get(PLAIN) == Result({"test": 0.5})
    assert store.get(INFLUENCE) == Result({"disconnected": 0.25, "resistance": 2.0})
    assert store.experiment(key(RELATIONAL)) == RELATIONAL
    frame = store.frame()
    assert list(zip(frame["study"], frame["label"], strict=True)) == [
        ("ablation", "kept edges unweighted"),
        ("clean_relational", "torque_default_relational"),
        *[("mine", "ablation_random")] * 2,
        ("mine", "my label"),
    ]
    assert json.loads(frame["options"].iloc[0]) == {"weight_by_confidence": False}
    assert "unknown" in set(frame["key"])  # as it was
    assert store.failures() == (("clean_relational", "torque_default_relational", "it broke"),)
    assert store.versions("mine") == ({"torch": "0"},)


def test_an_old_store_is_migrated_when_it_is_opened(old):
    for _ in range(2):
        with Store(old) as store:
            check(store)
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT value FROM about").fetchall() == [("2",)]
        assert connection.execute(
            "SELECT seconds, finished FROM runs WHERE key = ?", (key(RELATIONAL),)
        ).fetchall() == [(2.5, "2026-01-01T00:00:00+00:00")]


def test_an_old_store_that_is_only_read_stays_as_it_is(old):
    before = old.read_bytes()
    with Store(old, read_only=True) as store:
        check(store)
    assert old.read_bytes() == before


def test_an_old_store_can_be_copied_and_taken_over(old, tmp_path):
    with Store(old, read_only=True) as store:
        copied = store.copy_to(tmp_path / "copy.sqlite.xz")
    with Store(copied, read_only=True) as store:
        assert store.get(RELATIONAL).metrics["test"] == 0.75
    with Store(tmp_path / "new.sqlite") as store:
        assert store.take(old) == 5
        check(store)


def test_every_new_name_exists():
    assert set(METHODS.values()) <= set(CATALOG)
    assert set(STUDIES.values()) <= set(CURRENT_STUDIES)
    labels = {plan.label for study in CURRENT_STUDIES.values() for plan in study().plans}
    assert set(LABELS.values()) - set(METHODS.values()) <= labels
    assert not set(METHODS) & set(CATALOG)
    assert not set(LABELS) & labels
