import lzma

import pytest

from torque_core import BadConfig
from torque_core.experiments import Store
from torque_core.experiments.experiment import Result
from torque_core.experiments.kinds.training import Training
from torque_core.experiments.results import codec

RUNS = [Training(dataset="karate", split=split) for split in range(3)]


@pytest.fixture
def plain(tmp_path):
    """A store of three runs in one study."""
    path = tmp_path / "runs.sqlite"
    with Store(path) as store:
        for split, run in enumerate(RUNS):
            store.put(run, Result({"test": split / 2}, {"loss": (1.0, 0.5)}))
        store.enrol("small", "plain", "final", RUNS)
    return path


@pytest.fixture
def small(plain, tmp_path):
    """Its compressed copy."""
    with Store(plain) as store:
        return store.copy_to(tmp_path / "results.sqlite.xz")


def test_a_compressed_copy_holds_the_same(plain, small):
    assert small.stat().st_size < plain.stat().st_size / 4
    with Store(plain, read_only=True) as one, Store(small, read_only=True) as other:
        assert one.frame("small").equals(other.frame("small"))
        for run in RUNS:
            assert other.get(run) == one.get(run)


def test_another_store_goes_on_with_it(small, tmp_path):
    with Store(tmp_path / "more.sqlite") as store:
        assert (store.take(small), store.take(small)) == (3, 0)
        assert store.get(RUNS[2]).metrics == {"test": 1.0}


def test_nothing_is_written_into_it(small, plain):
    with pytest.raises(BadConfig, match="is compressed, and can only be read"):
        Store(small)


def test_it_is_read_anew_when_it_is_another(small, plain):
    with Store(small, read_only=True) as store:
        assert len(store.frame()) == 3
    with Store(plain) as store:
        more = Training(dataset="karate", split=3)
        store.put(more, Result({"test": 1.0}))
        store.enrol("small", "plain", "final", [more])
        store.copy_to(small)
    with Store(small, read_only=True) as store:
        assert len(store.frame()) == 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: b"no compressed file", "is damaged, or not compressed by xz"),
        (lambda content: content[: len(content) // 2], "is cut off, or holds more than"),
        (lambda content: lzma.compress(b"no store at all" * 100), "is damaged, or no store of results"),
    ],
)
def test_a_damaged_one_is_told_so(small, change, said):
    small.write_bytes(change(small.read_bytes()))
    with pytest.raises(BadConfig, match=said):
        Store(small, read_only=True)


def test_one_that_unpacks_to_too_much_is_refused(small, monkeypatch):
    monkeypatch.setattr(codec, "MOST_BYTES", 1_000_000)
    small.write_bytes(lzma.compress(bytes(1_000_001)))
    with pytest.raises(BadConfig, match="or holds more than 1,000,000 bytes"):
        Store(small, read_only=True)
