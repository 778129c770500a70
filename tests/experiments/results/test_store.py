import json
import os
import sqlite3
import time
from contextlib import closing

import pytest

from tests.experiments.probe import Probe
from torque_core import __version__
from torque_core.errors import BadConfig
from torque_core.experiments import Result, Store, Training, from_json, key
from torque_core.graph.noise import Noise
from torque_core.training import TrainSpec

KARATE = Training(dataset="karate", split=1, noise=Noise("dice", 0.2, 5), spec=TrainSpec(seed=7))
FIXED = Training(dataset="texas", method="ablation_fixed", options=(("fraction", 0.5), ("additions", 0.0)))
RESULT = Result({"test": 0.5, "ece": None, "pruned": [0.25, 0.5]}, {"loss": (1.0, 0.5, 0.25)})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "runs.sqlite"


@pytest.fixture
def filled(path):
    with Store(path) as store:
        store.enrol("one", "a", "final", [KARATE, FIXED])
        store.enrol("one", "a", "trial", [FIXED])
        store.enrol("two", "b", "trial", [FIXED])
        store.put(KARATE, RESULT, seconds=1.5)
        store.put(FIXED, RESULT)
    return path


def rows(path, query, *values):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query, values).fetchall()


def test_what_is_put_can_be_got(path):
    with Store(path) as store:
        assert store.get(KARATE) is None
        store.put(KARATE, RESULT)
        assert store.get(KARATE) == RESULT
        assert store.get(FIXED) is None
        store.put(KARATE, Result({"test": 1.0}))
        assert store.get(KARATE) == Result({"test": 1.0})
    with Store(path) as store:
        assert store.get(KARATE) == Result({"test": 1.0})


def test_a_row_says_everything(filled):
    (row,) = rows(filled, "SELECT * FROM runs WHERE kind = 'training' AND seconds = 1.5")
    name, kind, config, metrics, _, error, versions, finished, _ = row
    assert name == key(KARATE)
    assert from_json(kind, config) == KARATE
    assert json.loads(metrics) == RESULT.metrics
    assert error is None
    assert json.loads(versions)["torque_core"] == __version__
    assert finished.endswith("+00:00")


def test_versions_of_who_ran_it(path):
    with Store(path) as store:
        store.put(KARATE, RESULT, versions={"torch": "0"})
    assert rows(path, "SELECT versions FROM runs") == [('{"torch": "0"}',)]


def test_a_failure_is_no_result(path):
    with Store(path) as store:
        store.enrol("study", "cell", "final", [KARATE, FIXED])
        store.put_failure(KARATE, "it broke", seconds=2.0)
        assert store.get(KARATE) is None
        assert store.failures() == store.failures("study") == (("study", "cell", "it broke"),)
        assert store.failures("other") == ()
        assert store.frame().empty
        store.put(KARATE, RESULT)
        assert store.get(KARATE) == RESULT
        assert store.failures() == ()


def test_members(filled):
    with Store(filled) as store:
        assert store.studies() == ("one", "two")
        assert len(store.frame("one")) == 2
        store.enrol("one", "a", "final", [KARATE])  # again
        assert len(store.frame("one")) == 2
        store.retain("one", {("a", "final", key(FIXED))})
        assert list(store.frame("one")["key"]) == [key(FIXED)]
        assert store.frame("one", "trial").empty
        assert len(store.frame("two", "trial")) == 1  # another study's
        assert store.get(KARATE) == RESULT


def test_columns_of_the_frame(filled):
    with Store(filled, read_only=True) as store:
        frame = store.frame("one")
    assert list(frame.columns) == [
        "study", "label", "kind", "dataset", "scheme", "split", "noise_kind", "rate", "method", "options", "backbone",
        "seed", "layers", "read_test", "directed", "pseudo_label_errors", "test", "ece", "pruned", "key",
    ]  # fmt: skip
    by_key = frame.set_index("key")
    karate, fixed = by_key.loc[key(KARATE)], by_key.loc[key(FIXED)]
    assert karate.drop(["ece", "pruned"]).to_dict() == {
        "study": "one", "label": "a", "kind": "training", "dataset": "karate", "scheme": "random-48-32-20", "split": 1,
        "noise_kind": "dice", "rate": 0.2, "method": "plain", "options": "{}", "backbone": "gcn", "seed": 7,
        "layers": 2, "read_test": True, "directed": False, "pseudo_label_errors": 0.0, "test": 0.5,
    }  # fmt: skip
    assert (fixed["noise_kind"], fixed["rate"]) == ("none", 0.0)
    assert fixed["options"] == '{"additions": 0.0, "fraction": 0.5}'
    assert fixed["pruned"] == [0.25, 0.5]
    assert frame["test"].dtype == float


def test_a_frame_of_several_studies_and_kinds(filled):
    with Store(filled) as store:
        probe = Probe(number=3, log="here")
        store.enrol("two", "probe", "final", [probe, KARATE])
        store.put(probe, Result({"value": 3}))
        frame = store.frame()
    assert list(frame["study"]) == ["one", "one", "two", "two"]
    assert list(frame.columns[:12]) == [
        "study", "label", "kind", "dataset", "scheme", "split", "noise_kind", "rate", "method", "options", "backbone",
        "seed",
    ]  # fmt: skip
    assert frame.columns[-1] == "key"
    (row,) = frame[frame["kind"] == "probe"].to_dict("records")
    assert (row["number"], row["log"], row["value"]) == (3, "here", 3)
    assert row["dataset"] is None or row["dataset"] != row["dataset"]


def test_the_frame_of_an_empty_store(path):
    with Store(path) as store:
        frame = store.frame()
    assert frame.empty
    assert {"study", "label", "dataset", "rate", "key"} <= set(frame.columns)


def test_curves(filled):
    with Store(filled) as store:
        assert store.curves(key(KARATE)) == RESULT.curves
        store.put(FIXED, Result({}))
        assert store.curves(key(FIXED)) == {}
        with pytest.raises(BadConfig, match="no run has the key 'none'"):
            store.curves("none")


def test_copy_of_everything(filled, tmp_path):
    copied = tmp_path / "elsewhere" / "copy.sqlite"
    with Store(filled) as store:
        loose = Training(dataset="karate", split=9)
        store.put(loose, RESULT)
        failed = Training(dataset="karate", split=8)
        store.enrol("one", "a", "final", [failed])
        store.put_failure(failed, "broke")
        assert store.copy_to(copied) == copied
        expected = store.frame()
    with Store(copied, read_only=True) as store:
        assert store.frame().equals(expected)
        assert store.studies() == ("one", "two")
        assert store.get(KARATE) == RESULT
        assert store.get(loose) is None
        assert store.failures() == ()
    assert rows(copied, "SELECT count(*) FROM runs") == [(2,)]
    assert rows(copied, "SELECT finished FROM runs ORDER BY 1") == rows(
        filled, "SELECT finished FROM runs WHERE key IN (?, ?) ORDER BY 1", key(KARATE), key(FIXED)
    )
    assert os.listdir(copied.parent) == ["copy.sqlite"]


def test_copy_of_one_study_without_curves(filled, tmp_path):
    with Store(filled, read_only=True) as store:
        one, two, bare = (tmp_path / name for name in ("one", "two", "bare"))
        store.copy_to(one, studies=["one"])
        store.copy_to(two, studies=["two"])
        store.copy_to(bare, curves=False)
    with Store(one) as store:
        assert store.studies() == ("one",)
        assert store.curves(key(KARATE)) == RESULT.curves
    with Store(two) as store:
        assert store.get(KARATE) is None
        assert store.get(FIXED) == Result(RESULT.metrics)  # of a trial: without curves
        assert (len(store.frame()), len(store.frame(role="trial"))) == (0, 1)
    with Store(bare) as store:
        assert store.get(KARATE) == Result(RESULT.metrics)
    assert rows(filled, "SELECT count(*) FROM runs WHERE curves IS NULL") == [(0,)]


def test_a_copy_replaces_what_is_there(filled, tmp_path):
    copied = tmp_path / "copy"
    copied.write_text("something else")
    with Store(filled) as store:
        with pytest.raises(BadConfig, match=r"has no study 'three'; it has one, two"):
            store.copy_to(copied, studies=["one", "three"])
        assert copied.read_text() == "something else"
        store.copy_to(copied)
    with Store(copied) as store:
        assert len(store.frame()) == 2


def test_a_file_that_is_only_read_stays_as_it_is(filled):
    before = filled.read_bytes(), filled.stat().st_mtime_ns
    filled.chmod(0o444)
    filled.parent.chmod(0o555)
    try:
        with Store(filled, read_only=True) as store:
            assert store.get(KARATE) == RESULT
            assert len(store.frame()) == 2
            with pytest.raises(BadConfig, match=r"runs\.sqlite cannot be used: .*readonly.*; check that it can be"):
                store.put(KARATE, RESULT)
    finally:
        filled.parent.chmod(0o755)
    assert (filled.read_bytes(), filled.stat().st_mtime_ns) == before
    assert os.listdir(filled.parent) == [filled.name]


def test_nothing_to_be_read(path):
    with pytest.raises(BadConfig, match=r"there is no store at .*runs\.sqlite; run a study first"):
        Store(path, read_only=True)
    assert not path.parent.exists()


@pytest.mark.parametrize("read_only", [False, True])
def test_another_schema(filled, read_only):
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("UPDATE about SET value = '9'")
        connection.commit()
    before = filled.read_bytes()
    with pytest.raises(BadConfig, match=r"has schema 9, this version reads schema 2; use the version"):
        Store(filled, read_only=read_only)
    assert filled.read_bytes() == before


@pytest.mark.parametrize("read_only", [False, True])
def test_a_database_of_something_else(tmp_path, read_only):
    path = tmp_path / "other"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE music (title)")
    with pytest.raises(BadConfig, match="other is no store of results"):
        Store(path, read_only=read_only)
    assert rows(path, "SELECT name FROM sqlite_master") == [("music",)]


@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_that_is_no_database(tmp_path, read_only):
    path = tmp_path / "text"
    path.write_text("no database, but quite a long text " * 100)
    with pytest.raises(BadConfig, match="text is damaged, or no store of results: file is not a database"):
        Store(path, read_only=read_only)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_damaged_store(filled, read_only):
    with Store(filled) as store:
        for split in range(30):
            store.put(Training(dataset="karate", scheme="random-48-32-20", split=split), RESULT)
    content = bytearray(filled.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    filled.write_bytes(content)
    with pytest.raises(BadConfig, match="is damaged, or no store of results"), Store(filled, read_only=read_only) as s:
        s.frame()


def test_damaged_curves(filled):
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("UPDATE runs SET curves = x'00'")
        connection.commit()
    with Store(filled) as store, pytest.raises(BadConfig, match="curves are damaged"):
        store.get(KARATE)


def test_metrics_that_are_no_json(filled):
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("UPDATE runs SET metrics = '{'")
        connection.commit()
    with Store(filled) as store, pytest.raises(BadConfig, match="is damaged"):
        store.get(KARATE)


def test_a_report_reads_while_a_study_writes(filled):
    with Store(filled) as writer, Store(filled, read_only=True) as reader:
        assert len(reader.frame("one")) == 2
        further = Training(dataset="karate", split=5)
        writer.enrol("one", "a", "final", [further])
        writer.put(further, RESULT)
        assert len(reader.frame("one")) == 3


def test_who_waits_too_long_is_told(filled, monkeypatch):
    monkeypatch.setattr("torque_core.experiments.results.database._BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(filled)) as other, Store(filled) as store:
        other.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        with pytest.raises(BadConfig, match="cannot be used: database is locked"):
            store.put(KARATE, RESULT)
        assert time.monotonic() - started < 10


def test_versions_of_a_study(filled):
    with Store(filled) as store:
        (versions,) = store.versions("one")
        assert versions["torque_core"] == __version__
        store.put(KARATE, RESULT, versions={"torque_core": "0.0.9"})
        assert store.versions("one") == (versions, {"torque_core": "0.0.9"})
        assert store.versions("none") == ()


def test_what_another_store_has_is_taken_over(filled, tmp_path):
    other = Training(dataset="karate", split=2)
    with Store(tmp_path / "other.sqlite") as store:
        store.enrol("two", "c", "final", [other, KARATE])
        store.enrol("three", "d", "final", [FIXED])
        store.put(other, RESULT)
        store.put(KARATE, Result({"test": 1.0}))
        store.put_failure(FIXED, "no luck")
    with Store(filled) as store:
        assert store.take(tmp_path / "other.sqlite") == 1
        assert store.get(other) == store.get(KARATE) == store.get(FIXED) == RESULT  # what is here stays
        assert store.studies() == ("one", "three", "two")
        assert list(store.frame("two")["label"]) == ["c", "c"]
        assert store.take(tmp_path / "other.sqlite") == 0


def test_a_result_takes_the_place_of_a_failure(filled, tmp_path):
    with Store(tmp_path / "failed.sqlite") as store:
        store.put_failure(KARATE, "no luck")
        assert store.take(filled) == 2
        assert store.get(KARATE) == RESULT


def test_only_a_store_can_be_taken_over(filled, tmp_path):
    (tmp_path / "text").write_text("x" * 2000)
    with Store(filled) as store:
        for path in (tmp_path / "text", tmp_path / "missing"):
            with pytest.raises(BadConfig):
                store.take(path)
        assert len(store.frame("one")) == 2
