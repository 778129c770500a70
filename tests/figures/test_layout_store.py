import os

import numpy as np
import pytest
import torch

from tests.conftest import PATH
from torque_core.figures import layout_store
from torque_core.figures.layout import node_layout
from torque_core.figures.layout_store import stored_layout


@pytest.fixture
def computed(monkeypatch):
    """Counts the layouts that were computed."""
    calls = []

    def counted(pairs, num_nodes, *, seed):
        calls.append(num_nodes)
        return node_layout(pairs, num_nodes, seed=seed)

    monkeypatch.setattr(layout_store, "node_layout", counted)
    return calls


def only_file(folder):
    (path,) = folder.iterdir()  # and no staging folder is left beside it
    return path


def test_a_layout_is_computed_once(tmp_path, computed):
    first = stored_layout(PATH, 4, folder=tmp_path / "new" / "folder")
    again = stored_layout(PATH, 4, folder=tmp_path / "new" / "folder")
    assert computed == [4]
    assert np.array_equal(first, node_layout(PATH, 4))
    assert np.array_equal(again, first)
    assert again.dtype == np.float64


@pytest.mark.parametrize(
    ("pairs", "num_nodes", "seed", "version"),
    [(PATH[:, :2], 4, 0, 2), (PATH, 5, 0, 2), (PATH, 4, 1, 2), (PATH, 4, 0, 3)],
    ids=["other edges", "other number of nodes", "other seed", "other version"],
)
def test_the_key_depends_on_all_inputs(tmp_path, computed, monkeypatch, pairs, num_nodes, seed, version):
    monkeypatch.setattr(layout_store, "LAYOUT_VERSION", 2)
    stored_layout(PATH, 4, folder=tmp_path)
    monkeypatch.setattr(layout_store, "LAYOUT_VERSION", version)
    stored_layout(pairs, num_nodes, seed=seed, folder=tmp_path)
    assert len(computed) == len(list(tmp_path.iterdir())) == 2


def test_a_view_of_the_edges_has_the_key_of_its_copy(tmp_path, computed):
    view = PATH.T.contiguous().T
    assert not view.is_contiguous()
    stored_layout(view, 4, folder=tmp_path)
    stored_layout(PATH.int(), 4, folder=tmp_path)
    assert computed == [4]


def damage(path, how):
    if how == "no archive":
        path.write_bytes(b"no archive")
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "cut off":
        path.write_bytes(path.read_bytes()[:100])
    elif how == "another name":
        np.savez(path, other=np.zeros((4, 2)))
    elif how == "a pickle":
        np.savez(path, position=np.array([[object()] * 2] * 4))
    else:
        value = {"another shape": np.zeros((3, 2)), "text": np.full((4, 2), "x"), "no numbers": np.full((4, 2), np.nan)}
        np.savez(path, position=value[how])


@pytest.mark.parametrize(
    "how",
    ["no archive", "empty", "cut off", "another name", "a pickle", "another shape", "text", "no numbers"],
)
def test_a_damaged_file_is_replaced(tmp_path, computed, how):
    first = stored_layout(PATH, 4, folder=tmp_path)
    damage(only_file(tmp_path), how)
    assert np.array_equal(stored_layout(PATH, 4, folder=tmp_path), first)
    assert computed == [4, 4]
    stored_layout(PATH, 4, folder=tmp_path)
    assert computed == [4, 4]


def test_a_folder_that_cannot_be_created_is_no_error(tmp_path, computed):
    (tmp_path / "file").write_text("not a folder")
    for _ in range(2):
        assert stored_layout(PATH, 4, folder=tmp_path / "file" / "layouts").shape == (4, 2)
    assert computed == [4, 4]


def test_a_full_disk_is_no_error(tmp_path, computed, monkeypatch):
    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(layout_store, "write_atomically", full)
    assert np.array_equal(stored_layout(PATH, 4, folder=tmp_path), node_layout(PATH, 4))


def test_least_recently_used_layouts_are_deleted_first(tmp_path, computed, monkeypatch):
    def request(num_nodes):
        stored_layout(torch.empty(2, 0, dtype=torch.long), num_nodes, folder=tmp_path)

    request(1)
    first = only_file(tmp_path)
    request(2)
    second = next(path for path in tmp_path.iterdir() if path != first)
    (tmp_path / "notes.txt").write_text("x" * 10_000)  # not ours: neither counted nor deleted
    os.utime(first, (1, 1))
    os.utime(second, (2, 2))
    request(1)  # so the second is now the oldest
    monkeypatch.setattr(layout_store, "MAX_BYTES", first.stat().st_size + second.stat().st_size + 50)
    request(3)
    assert computed == [1, 2, 3]
    assert first.exists()
    assert not second.exists()
    assert len(list(tmp_path.iterdir())) == 3
    request(2)
    assert computed == [1, 2, 3, 2]


def test_the_default_folder_is_next_to_the_data_sets(tmp_path, monkeypatch):
    monkeypatch.setenv("TORQUE_DATA", str(tmp_path))
    stored_layout(PATH, 4)
    assert only_file(tmp_path / "layouts").suffix == ".npz"
