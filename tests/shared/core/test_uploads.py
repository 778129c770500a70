"""Uploads after a reload of the page: one for each browser, bounded in size and age."""

import pytest

from pages.shared.core.uploads import Upload, UploadStore
from torque_core.datasets.importers import ColumnRoles, import_graph


def upload(size: int) -> Upload:
    edges = b"source,target\na,b\n"
    return Upload({"e.csv": edges + b"#" * size}, ColumnRoles(), import_graph({"e.csv": edges}))


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("pages.shared.core.uploads.time.monotonic", lambda: now[0])
    return now


def test_the_latest_upload_of_each_browser_is_kept():
    store, first, second = UploadStore(), upload(1), upload(2)
    store.keep("ann", first)
    store.keep("bob", second)
    assert (store.find("ann"), store.find("bob"), store.find("cy")) == (first, second, None)
    store.keep("ann", second)
    assert store.find("ann") is second
    store.forget("ann")
    assert store.find("ann") is None


def test_the_least_recently_used_are_dropped_for_size():
    store = UploadStore(max_bytes=25_000)
    for owner in ("ann", "bob"):
        store.keep(owner, upload(10_000))
    store.find("ann")
    store.keep("cy", upload(10_000))
    assert [owner for owner in ("ann", "bob", "cy") if store.find(owner)] == ["ann", "cy"]
    store.keep("di", upload(30_000))
    assert store.find("di") is None
    assert store.find("cy") is not None


def test_what_is_not_used_for_long_is_dropped(clock):
    store = UploadStore(max_seconds=100)
    store.keep("ann", upload(1))
    store.keep("bob", upload(1))
    clock[0] = 90
    assert store.find("ann") is not None
    clock[0] = 150
    assert store.find("bob") is None
    assert store.find("ann") is not None
    clock[0] = 251
    assert store.find("ann") is None
