import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch_geometric import datasets as pyg
from torch_geometric.data import Data

from tests.conftest import as_set
from torque_core.datasets import DATASETS, DatasetSpec, load
from torque_core.datasets.benchmark import _differences, raw_files
from torque_core.errors import DatasetUnavailable


def sizes(dataset):
    data = dataset.data
    return [int(mask.sum()) for mask in (data.train_mask, data.val_mask, data.test_mask)]


@pytest.mark.parametrize(
    ("name", "scheme", "expected"),
    [
        ("cora", "public", [140, 500, 1000]),
        ("pubmed", "public", [60, 500, 1000]),
        ("texas", "geom-gcn", [87, 59, 37]),
        ("minesweeper", "own", [5000, 2500, 2500]),
    ],
)
def test_fixed_split_sizes(root_with, name, scheme, expected):
    assert sizes(load(DatasetSpec(name, scheme=scheme), root=root_with(name, scheme))) == expected


def test_each_geom_gcn_split_is_its_own_file(root_with):
    root = root_with("cora", "geom-gcn")
    for split in (0, 7):
        dataset = load(DatasetSpec("cora", scheme="geom-gcn", split=split), root=root)
        file = np.load(root / f"planetoid/Cora/geom-gcn/raw/cora_split_0.6_0.2_{split}.npz")
        for part in ("train", "val", "test"):
            assert np.array_equal(dataset.data[f"{part}_mask"].numpy(), file[f"{part}_mask"] == 1)
        assert "223 labelled nodes are in no part of this split." in dataset.notes


def test_public_split_needs_no_geom_gcn_folder(root_with, tmp_path):
    root = root_with("cora")
    shutil.copytree(root / "planetoid/Cora/raw", tmp_path / "planetoid/Cora/raw")
    assert load(DatasetSpec("cora"), root=tmp_path).data.num_nodes == 2708
    with pytest.raises(DatasetUnavailable, match="geom-gcn"):
        load(DatasetSpec("cora", scheme="geom-gcn"), root=tmp_path)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("texas", lambda root: pyg.WebKB(f"{root}/webkb", "texas")),
        ("reed98", lambda root: pyg.LINKXDataset(f"{root}/linkx", "reed98")),
        ("airports_brazil", lambda root: pyg.Airports(f"{root}/airports", "brazil")),
    ],
)
def test_reads_what_pyg_reads(root_with, tmp_path, name, make):
    files = raw_files(name, "")
    shutil.copytree(root_with(name) / files.folder, tmp_path / files.folder)
    ours, theirs = files.read(tmp_path), make(tmp_path)[0]
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours.keys())  # noqa: SIM118 (Data is no dict)


def test_filtered_wikipedia_splits(root_with):
    root = root_with("chameleon_filtered")
    file = np.load(root / "filtered_wikipedia/chameleon_filtered.npz")
    dataset = load(DatasetSpec("chameleon_filtered", split=3), root=root)
    assert np.array_equal(dataset.data.train_mask.numpy(), file["train_masks"][3])
    assert np.array_equal(dataset.data.x.numpy(), file["node_features"])


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        (
            "texas",
            (
                "309 directed edges were merged into 279 undirected edges.",
                "16 self-loops were removed.",
                "Class staff has a single node, which is in the validation set only.",
            ),
        ),
        ("amazon_photo", ("115 nodes are isolated.",)),
        ("reed98", ("97 nodes have no label and are in no split.",)),
        (
            "airports_brazil",
            (
                "1,003 directed edges were merged into 1,003 undirected edges.",
                "71 self-loops were removed.",
                "The data set has no features; one-hot node ids are used instead.",
            ),
        ),
    ],
)
def test_notes_describe_peculiarities(root_with, name, notes):
    assert load(DatasetSpec(name), root=root_with(name)).notes == notes


def test_single_node_class_trains_in_a_seeded_split(root_with):
    dataset = load(DatasetSpec("texas", scheme="random-48-32-20", split=5), root=root_with("texas"))
    assert dataset.data.train_mask[dataset.data.y == 1].tolist() == [True]
    assert "Class staff has a single node, which is in the training set only." in dataset.notes


def test_damaged_planetoid_file(root_with, tmp_path):
    shutil.copytree(root_with("cora") / "planetoid/Cora/raw", tmp_path / "planetoid/Cora/raw")
    damaged = tmp_path / "planetoid/Cora/raw/ind.cora.allx"
    damaged.write_bytes(damaged.read_bytes()[:1000])
    with pytest.raises(DatasetUnavailable, match="Cora cannot be read"):
        load(DatasetSpec("cora"), root=tmp_path)


def test_half_of_a_text_file_is_reported(root_with, tmp_path):
    shutil.copytree(root_with("texas") / "webkb/texas", tmp_path / "webkb/texas")
    edges = tmp_path / "webkb/texas/raw/out1_graph_edges.txt"
    content = edges.read_bytes()
    edges.write_bytes(content[: len(content) // 2])
    with pytest.raises(DatasetUnavailable, match=r"Texas is not as registered \(155 edges instead of 279\): .* delete"):
        load(DatasetSpec("texas"), root=tmp_path)


def test_sizes_are_compared_with_the_registry():
    ring = torch.stack([torch.arange(100).repeat(2), torch.arange(1, 201) % 100])
    ring[1, 100:] = (ring[0, 100:] + 2) % 100  # to the next node and the one after it: 200 edges
    data = Data(x=torch.ones(100, 3), y=torch.arange(100) % 2, edge_index=ring)
    measured = replace(DATASETS["texas"], nodes=100, edges=200, features=3, classes=2)
    assert _differences(measured, data) == ""
    other = replace(measured, edges=201, classes=3)
    assert _differences(other, data) == "200 edges instead of 201, 2 classes instead of 3"
    from_the_literature = replace(measured, edges=201, homophily=None)
    assert _differences(from_the_literature, data) == ""
    assert _differences(replace(from_the_literature, edges=400), data) == "200 edges instead of 400"
    assert _differences(replace(measured, nodes=None, edges=None), data) == ""


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("texas", "309 directed edges between 279 pairs of nodes, of which 30 pairs are joined in both directions."),
        ("chameleon", "36,051 directed edges between 31,371 pairs of nodes, of which 4,680 pairs are joined"),
    ],
)
def test_directions_are_kept_on_request(root_with, name, note):
    directed, undirected = (load(DatasetSpec(name, directed=kept), root=root_with(name)) for kept in (True, False))
    assert any(note in text for text in directed.notes)
    edges, both = as_set(directed.data.edge_index), as_set(undirected.data.edge_index)
    assert both == edges | {(j, i) for i, j in edges}
    assert len(edges) < len(both)
    assert torch.equal(directed.data.train_mask, undirected.data.train_mask)
    assert directed.info == undirected.info


def test_the_registry_says_which_sources_state_directions(root_with):
    for name, info in DATASETS.items():
        if info.kind != "download":
            continue
        try:
            root = root_with(name)
        except pytest.skip.Exception:
            continue
        if info.edges and info.edges < 10_000:  # the others take long to read
            raw = raw_files(name, info.default_scheme).read(root)
            lists_both_ways = not raw.is_directed()
            assert info.has_directions <= (not lists_both_ways)
            assert info.has_directions or lists_both_ways or name.startswith("airports")


def test_nothing_is_printed(root_with, capfd, monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # PyG is silent where it sees this
    load(DatasetSpec("texas"), root=root_with("texas"))
    assert capfd.readouterr() == ("", "")
