import pickle

import numpy as np
import pytest

from torque_core.datasets.linkx_splits import read_linkx_splits

SPLITS = [{"train": [0, 3], "valid": [2], "test": [1]}, {"train": [4], "valid": [0, 1], "test": []}]


def stored(path, splits):
    np.save(path, np.array(splits, dtype=object), allow_pickle=True)
    return path


def test_the_masks_by_hand(tmp_path):
    masks = read_linkx_splits(stored(tmp_path / "splits.npy", SPLITS), 5)
    assert masks["train_mask"].T.tolist() == [[True, False, False, True, False], [False] * 4 + [True]]
    assert masks["val_mask"].T.tolist() == [[False, False, True, False, False], [True, True, False, False, False]]
    assert masks["test_mask"].T.tolist() == [[False, True, False, False, False], [False] * 5]


def test_as_old_versions_of_numpy_stored_them(tmp_path):
    path = stored(tmp_path / "splits.npy", SPLITS)
    before = path.read_bytes()
    start = before.index(b"\n") + 1
    file = tmp_path / "old.npy"
    file.write_bytes(before[:start] + pickle.dumps(pickle.loads(before[start:]), protocol=3).replace(b"_core", b"core"))
    assert b"numpy.core.multiarray" in file.read_bytes()
    old, new = read_linkx_splits(file, 5), read_linkx_splits(path, 5)
    assert all(old[part].equal(new[part]) for part in new)


class Malicious:
    """What it calls would be called by a pickle that is trusted."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_nothing_of_the_file_is_executed(tmp_path):
    trace = tmp_path / "executed"
    path = stored(tmp_path / "splits.npy", [{**SPLITS[0], "more": Malicious(trace)}])
    with pytest.raises(pickle.UnpicklingError, match=r"refers to .*open, which splits do not need"):
        read_linkx_splits(path, 5)
    assert not trace.exists()
    np.load(path, allow_pickle=True)[0]["more"].close()  # the trap works
    assert trace.exists()


def test_files_with_other_contents(tmp_path):
    with pytest.raises(ValueError, match="nodes outside 0 to 3"):
        read_linkx_splits(stored(tmp_path / "splits.npy", SPLITS), 4)
    with pytest.raises(ValueError, match="nodes outside 0 to 4"):
        read_linkx_splits(stored(tmp_path / "splits.npy", [{**SPLITS[0], "test": [-1]}]), 5)
    np.save(tmp_path / "numbers.npy", np.arange(3))
    with pytest.raises(ValueError, match="int64 instead of Python objects"):
        read_linkx_splits(tmp_path / "numbers.npy", 5)
