"""Data sets whose raw files are too large to have at hand: tiny files of the same form, from a server and from disk."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import csr_matrix, save_npz
from torch_geometric import datasets as pyg

from tests.conftest import as_set
from torque_core.datasets import DATASETS, DatasetSpec, benchmark, download, is_local, load
from torque_core.datasets.benchmark import raw_files
from torque_core.errors import DatasetUnavailable

NODES = 8
EDGES = [(0, 1), (1, 0), (1, 2), (3, 4), (6, 5)]  # 4 pairs of nodes, one of them joined both ways

BOTH_WAYS = [*EDGES, (2, 1), (4, 3), (5, 6)]


def wikics(folder):
    masks = [[node == (split + part) % NODES for node in range(NODES)] for part in (0, 1) for split in range(20)]
    content = {
        "features": np.eye(NODES, 3).tolist(),
        "labels": [node % 2 for node in range(NODES)],
        "links": [[j for i, j in EDGES if i == node] for node in range(NODES)],
        "train_masks": masks[:20],
        "val_masks": masks[20:],
        "stopping_masks": masks[:20],
        "test_mask": [node == 7 for node in range(NODES)],
    }
    (folder / "data.json").write_text(json.dumps(content))


def flickr(folder):
    ends = np.array(BOTH_WAYS).T
    matrix = csr_matrix((np.ones(ends.shape[1]), ends), shape=(NODES, NODES))
    save_npz(folder / "adj_full.npz", matrix)
    np.save(folder / "feats.npy", np.eye(NODES, 3))
    (folder / "class_map.json").write_text(json.dumps({str(node): node % 2 for node in range(NODES)}))
    (folder / "role.json").write_text(json.dumps({"tr": [0, 1, 2, 3], "va": [4, 5], "te": [6, 7]}))


def penn94(folder):
    ends = np.array(BOTH_WAYS).T
    matrix = csr_matrix((np.ones(ends.shape[1]), ends), shape=(NODES, NODES))
    person = np.array([[1, 1 + node % 2, 5 + node % 3] for node in range(NODES)])  # the second is the class, 0 unknown
    person[7, 1] = 0
    savemat(folder / "data.mat", {"A": matrix, "local_info": person})
    splits = [{"train": [split], "valid": [5], "test": [6]} for split in range(5)]
    np.save(folder / "fb100-Penn94-splits.npy", np.array(splits, dtype=object), allow_pickle=True)


WRITE = {"wikics": wikics, "flickr": flickr, "penn94": penn94}
SIZES = {"wikics": (3, 2), "flickr": (3, 2), "penn94": (4, 2)}


@pytest.fixture
def tiny(monkeypatch):
    """The registry with the sizes of the tiny graphs."""
    changed = {
        name: replace(DATASETS[name], nodes=NODES, edges=4, features=features, classes=classes)
        for name, (features, classes) in SIZES.items()
    }
    # the package exports the function of this name, which hides the module
    monkeypatch.setattr(sys.modules["torque_core.datasets.load"], "DATASETS", {**DATASETS, **changed})


@pytest.fixture
def online(monkeypatch, server):
    """PyG's addresses on this machine."""
    for name, write in WRITE.items():
        (server.folder / name).mkdir()
        write(server.folder / name)
    monkeypatch.setattr(pyg.WikiCS, "url", f"{server.url}/wikics")
    monkeypatch.setattr(benchmark, "_GOOGLE_DRIVE", server.url + "/flickr/{}")
    for file, field in (
        ("adj_full.npz", "adj_full_id"),
        ("feats.npy", "feats_id"),
        ("class_map.json", "class_map_id"),
        ("role.json", "role_id"),
    ):
        monkeypatch.setattr(pyg.Flickr, field, file)
    monkeypatch.setitem(pyg.LINKXDataset.datasets, "penn94", {"data.mat": f"{server.url}/penn94/data.mat"})
    monkeypatch.setitem(pyg.LINKXDataset.splits, "penn94", f"{server.url}/penn94/fb100-Penn94-splits.npy")
    return server


@pytest.mark.parametrize("name", WRITE)
@pytest.mark.usefixtures("tiny")
def test_a_graph_is_downloaded_once_and_read_by_pyg(name, online, tmp_path):
    assert not is_local(name, root=tmp_path)
    download(DatasetSpec(name), root=tmp_path)
    assert is_local(name, root=tmp_path)
    requests = len(online.requests)
    data = load(name, root=tmp_path).data
    assert len(online.requests) == requests == len(raw_files(name, DATASETS[name].default_scheme).urls)
    assert as_set(data.edge_index) == {(i, j) for pair in EDGES for i, j in (pair, pair[::-1])}
    assert data.y.tolist() == [0, 1] * 3 + [0, -1 if name == "penn94" else 1]
    assert data.x.shape == (NODES, SIZES[name][0])


@pytest.mark.parametrize("name", WRITE)
@pytest.mark.usefixtures("tiny")
def test_without_a_network_the_error_names_the_files(name, tmp_path):
    with pytest.raises(DatasetUnavailable, match="could not be downloaded") as caught:
        load(name, root=tmp_path)
    files = raw_files(name, DATASETS[name].default_scheme)
    assert str(tmp_path / files.folder) in str(caught.value)
    assert all(file in str(caught.value) for file in files.urls)
    (tmp_path / files.folder).mkdir(parents=True)
    WRITE[name](tmp_path / files.folder)
    assert load(name, root=tmp_path).data.num_nodes == NODES


def put(name, root):
    folder = root / raw_files(name, "").folder
    folder.mkdir(parents=True)
    WRITE[name](folder)


@pytest.mark.usefixtures("tiny")
def test_the_splits_of_wikics(tmp_path):
    put("wikics", tmp_path)
    for split in (0, 5):
        data = load(DatasetSpec("wikics", split=split), root=tmp_path).data
        assert data.train_mask.nonzero().flatten().tolist() == [split]
        assert data.val_mask.nonzero().flatten().tolist() == [split + 1]
        assert data.test_mask.nonzero().flatten().tolist() == [7]  # one for all splits


@pytest.mark.usefixtures("tiny")
def test_wikics_keeps_its_directions_on_request(tmp_path):
    put("wikics", tmp_path)
    assert as_set(load(DatasetSpec("wikics", directed=True), root=tmp_path).data.edge_index) == set(EDGES)


@pytest.mark.usefixtures("tiny")
def test_the_split_of_flickr(tmp_path):
    put("flickr", tmp_path)
    data = load("flickr", root=tmp_path).data
    assert data.train_mask.tolist() == [True] * 4 + [False] * 4
    assert data.val_mask.nonzero().flatten().tolist() == [4, 5]
    assert data.test_mask.nonzero().flatten().tolist() == [6, 7]


@pytest.mark.usefixtures("tiny")
def test_the_splits_of_penn94_are_read_only_where_they_are_used(tmp_path):
    put("penn94", tmp_path)
    assert load(DatasetSpec("penn94", split=3), root=tmp_path).data.train_mask.nonzero().flatten().tolist() == [3]
    splits = tmp_path / "linkx/penn94/raw/fb100-Penn94-splits.npy"
    splits.write_bytes(splits.read_bytes()[:-20])
    with pytest.raises(DatasetUnavailable, match="Penn94 cannot be read"):
        load("penn94", root=tmp_path)
    splits.unlink()
    data = load(DatasetSpec("penn94", scheme="random-48-32-20"), root=tmp_path).data
    assert int((data.train_mask | data.val_mask | data.test_mask).sum()) == 7  # all with a class
