"""The results that ship with the project: readable, compact, and what the code still finds."""

import hashlib
import json
import sqlite3
from contextlib import closing

import pytest

from torque_core.experiments import STUDIES, Store, from_json, key, run_study
from torque_core.experiments.results import SHIPPED
from torque_core.experiments.results.codec import read_compressed


@pytest.fixture(scope="module")
def shipped():
    with Store(SHIPPED, read_only=True) as store:
        yield store


@pytest.fixture
def connection():
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(read_compressed(SHIPPED))
        yield connection


def test_it_is_small_and_none_of_it_failed(shipped):
    assert SHIPPED.stat().st_size < 6_000_000
    assert not shipped.failures()
    clean = {"clean", "clean_separate", "clean_medium", "clean_large", "clean_validated", "clean_deep"}
    clean |= {"smoke", "clean_relational", "clean_gpr", "clean_hops"}
    noisy = {
        "noise",
        "noise_kinds",
        "noise_more",
        "noise_deep",
        "detection",
        "attack",
        "attack_poisoning",
        "attack_adaptive",
    }
    others = {"ablation", "labels", "pseudo_labels", "squashing", "relations", "default", "default_gpr"}
    assert clean | noisy | others == set(shipped.studies())


def test_every_run_is_known_by_its_key_and_says_what_ran_it(connection):
    rows = connection.execute("SELECT key, kind, config, versions FROM runs").fetchall()
    assert len(rows) > 1000
    for name, kind, config, versions in rows:
        assert key(from_json(kind, config)) == name
        assert {"torque_core", "torch", "torch_geometric"} <= json.loads(versions).keys()


def test_numbers_are_those_that_were_measured(connection):
    """Digest of every metric, curve, date and time, whatever the names of runs, methods and metrics are."""
    runs = connection.execute("SELECT metrics, curves, error, versions, finished, seconds FROM runs").fetchall()
    lines = sorted(
        f"{list(json.loads(metrics).values())} {curves and hashlib.sha256(curves).hexdigest()} {others}"
        for metrics, curves, *others in runs
    )
    assert len(lines) == 12_983
    assert (
        hashlib.sha256("\n".join(lines).encode()).hexdigest()
        == "4a32a587681f853368d2fae745e9b5dbc49e359b708452361209aff3a546d6fa"
    )
    assert connection.execute("SELECT count(*) FROM members").fetchone() == (19_907,)


def test_no_tuning_saw_a_test_node(shipped):
    trials = shipped.frame(role="trial")
    assert len(trials)
    assert trials["test"].isna().all()


def test_controls_stand_beside_torque(shipped):
    controls = {"plain", "mlp", "ablation_random", "ablation_cosine", "ablation_fixed"}
    clean = ("clean", "clean_separate", "clean_medium", "clean_large", "clean_gpr", "clean_hops", "clean_deep")
    for study in (*clean, "noise", "noise_more", "noise_deep", "noise_kinds", "labels"):
        frame = shipped.frame(study)
        for at, cell in frame.groupby(["dataset", "scheme", "noise_kind", "rate"]):
            assert controls <= set(cell["label"]), (study, at)
    for dataset, cell in shipped.frame("clean_relational").groupby("dataset"):
        assert {"plain", "mlp"} <= set(cell["label"]), dataset
        if "torque_relational" in set(cell["label"]):
            assert {"ablation_random_relational", "ablation_cosine_relational"} <= set(cell["label"]), dataset


def test_no_defence_is_shown_without_an_attack_that_knows_it(shipped):
    defences = set(shipped.frame("attack")["defence"])
    assert {"jaccard_adaptive", "torque_adaptive", "plain", "mlp"} <= defences


def test_a_small_study_run_anew_agrees(shipped, tmp_path):
    with Store(tmp_path / "anew.sqlite") as store:
        assert not run_study(STUDIES["smoke"](), store).failed
        anew = store.frame("smoke").groupby(["dataset", "label"])["test"].mean()
    known = shipped.frame("smoke").groupby(["dataset", "label"])["test"]
    assert list(anew.index) == list(known.mean().index)
    assert ((anew - known.mean()).abs() <= known.std() + 0.1).all()  # one of ten test nodes of the smaller graph


@pytest.mark.parametrize("label", ["plain", "mlp", "torque_default"])
def test_runs_on_texas_run_anew_agree(shipped, connection, raw_root, monkeypatch, label):
    if not (raw_root / "webkb" / "texas" / "raw").is_dir():
        pytest.skip(f"{raw_root} lacks webkb/texas")
    monkeypatch.setenv("TORQUE_DATA", str(raw_root))
    frame = shipped.frame("clean")
    known = frame[(frame["dataset"] == "texas") & (frame["label"] == label)].sort_values("split")
    spread = known["test"].std()
    for name, test in list(zip(known["key"], known["test"], strict=True))[:3]:
        ((kind, config),) = connection.execute("SELECT kind, config FROM runs WHERE key = ?", (name,))
        assert abs(from_json(kind, config).run().metrics["test"] - test) <= spread
