import csv
import json
import math
import os

import numpy as np
import pytest

from torque_core import BlockModel, DatasetSpec, Noise, add_noise, load, rewire
from torque_core.diagnostics import auroc, edge_homophily
from torque_core.graph.pairs import undirected_pairs
from torque_core.io.export_folder import export_rewiring, summary
from torque_core.rewiring.spec import HIERARCHIES, RewireSpec

NAMES = ["layer_1.npz", "layer_1.csv", "layer_2.npz", "layer_2.csv", "summary.json"]
ABOUT = {"dataset": "block_model", "note": "naïve"}


def rewired(**options):
    data = load(DatasetSpec("block_model", block_model=BlockModel(nodes=60))).data
    noisy = add_noise(data, Noise("insert", 0.5))
    return rewire(noisy.data, RewireSpec(**options)), noisy


@pytest.fixture(scope="module", params=HIERARCHIES)
def made(request):
    rewiring, noisy = rewired(cut="fixed", fraction=0.3, additions=1.0, hierarchy=request.param)
    assert all(layer.added.size(1) for layer in rewiring.layers)
    return rewiring, noisy


def strict_json(text):
    """As other languages read it: NaN and Infinity are no JSON."""

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_all_files_are_written(made, tmp_path):
    folder = tmp_path / "not" / "there" / "yet"
    files = export_rewiring(*made, folder, ABOUT)
    assert files == [folder / name for name in NAMES]
    assert names_in(folder) == sorted(NAMES)


def test_graphs_load_without_pickle(made, tmp_path):
    rewiring, noisy = made
    export_rewiring(rewiring, noisy, str(tmp_path), ABOUT)
    for number, layer in enumerate(rewiring.layers, start=1):
        with np.load(tmp_path / f"layer_{number}.npz", allow_pickle=False) as file:
            assert sorted(file) == ["edge_index", "num_nodes"]
            assert int(file["num_nodes"]) == 60
            assert file["edge_index"].dtype == np.int64
            assert np.array_equal(file["edge_index"], layer.edge_index.numpy())


def test_edge_weights_are_exported(tmp_path):
    noisy = add_noise(load("karate").data, Noise())
    noisy.data.edge_weight = 1.0 + noisy.data.edge_index.sum(dim=0) % 3
    rewiring = rewire(noisy.data, RewireSpec(cut="fixed", fraction=0.3, additions=1.0))
    export_rewiring(rewiring, noisy, tmp_path, ABOUT)
    for number, layer in enumerate(rewiring.layers, start=1):
        with np.load(tmp_path / f"layer_{number}.npz", allow_pickle=False) as file:
            assert sorted(file) == ["edge_index", "edge_weight", "num_nodes"]
            assert np.array_equal(file["edge_index"], layer.edge_index.numpy())
            assert np.array_equal(file["edge_weight"], layer.edge_weight.numpy())
            assert file["edge_weight"].shape == file["edge_index"].shape[1:]


def test_tables_have_a_row_for_each_scored_and_added_edge(made, tmp_path):
    rewiring, noisy = made
    export_rewiring(rewiring, noisy, tmp_path, ABOUT)
    injected = set(map(tuple, noisy.injected.T.tolist()))
    for number, layer in enumerate(rewiring.layers, start=1):
        with (tmp_path / f"layer_{number}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        judged, added = rows[: layer.pairs.size(1)], rows[layer.pairs.size(1) :]
        assert [row["fate"] for row in judged] == ["pruned" if gone else "kept" for gone in layer.pruned_mask]
        assert {row["fate"] for row in added} == {"added"}
        for part, pairs, torque in ((judged, layer.pairs, layer.torque), (added, layer.added, layer.added_torque)):
            ends = [(int(row["source"]), int(row["target"])) for row in part]
            assert ends == list(map(tuple, pairs.T.tolist()))
            assert [row["injected"] == "1" for row in part] == [pair in injected for pair in ends]
            for name, values in {**torque.factors, "torque": torque.value}.items():
                assert [np.float32(row[name]) for row in part] == values.tolist()
        # the table alone gives the layer's graph
        stay = sorted((int(row["source"]), int(row["target"])) for row in rows if row["fate"] != "pruned")
        assert stay == sorted(map(tuple, layer.rewired.T.tolist()))


def test_the_summary_contains_the_numbers_of_the_records(made, tmp_path):
    rewiring, noisy = made
    export_rewiring(rewiring, noisy, tmp_path, ABOUT)
    report = strict_json((tmp_path / "summary.json").read_text())
    assert report == summary(rewiring, noisy, ABOUT)
    pairs, y = undirected_pairs(noisy.data.edge_index, 60), noisy.data.y
    assert (report["dataset"], report["note"], report["nodes"]) == ("block_model", "naïve", 60)
    assert (report["injected"], report["removed"]) == (noisy.injected.size(1), 0)
    assert RewireSpec(**report["method"]) == rewiring.spec
    assert report["before"]["edges"] == pairs.size(1)
    assert report["before"]["edge_homophily"] == edge_homophily(pairs, y)
    for entry, layer in zip(report["layers"], rewiring.layers, strict=True):
        from_noise = noisy.is_injected(layer.pairs)
        assert (entry["edges_judged"], entry["edges_pruned"], entry["edges_added"]) == (
            layer.pairs.size(1),
            layer.pruned.size(1),
            layer.added.size(1),
        )
        assert (entry["threshold"], entry["reason"]) == (layer.cut.threshold, layer.cut.reason)
        assert entry["null_fraction"] is None  # the torque gap was not asked
        hits = int((layer.pruned_mask & from_noise).sum())
        assert entry["detection"]["hits"] == hits
        assert entry["detection"]["precision"] == hits / layer.pruned.size(1)
        assert entry["detection"]["recall"] == hits / int(from_noise.sum())
        assert entry["detection"]["auroc"] == auroc(layer.torque.value, from_noise)
        own = [
            (int(y[i] != y[j]), bool(gone))
            for (i, j), gone, noise in zip(layer.pairs.T.tolist(), layer.pruned_mask, from_noise, strict=True)
            if not noise
        ]
        gone = [between for between, went in own if went]
        assert entry["original_edges"]["between_classes"] == pytest.approx(
            sum(between for between, _ in own) / len(own)
        )
        assert entry["original_edges"]["pruned"] == len(gone) == layer.pruned.size(1) - hits
        assert entry["original_edges"]["pruned_between_classes"] == pytest.approx(sum(gone) / len(gone))
        alike = from_noise | (y[layer.pairs[0]] == y[layer.pairs[1]])
        assert entry["original_edges"]["auroc_against_edges_within_classes"] == auroc(
            layer.torque.value[alike], from_noise[alike]
        )
        assert entry["after"]["edges"] == layer.rewired.size(1)
        assert entry["after"]["edge_homophily"] == edge_homophily(layer.rewired, y)


@pytest.mark.parametrize("cut", ["none", "gap", "fixed"])
def test_the_summary_is_strict_json_even_if_nothing_is_cut(tmp_path, cut):
    rewiring, noisy = rewired(cut=cut, fraction=0.0)
    if cut != "gap":
        assert all(layer.cut.threshold == math.inf for layer in rewiring.layers)
    export_rewiring(rewiring, noisy, tmp_path, {})
    for entry, layer in zip(
        strict_json((tmp_path / "summary.json").read_text())["layers"], rewiring.layers, strict=True
    ):
        assert entry["threshold"] == (layer.cut.threshold if cut == "gap" else None)
        assert entry["null_fraction"] == (layer.cut.gap.null_fraction if cut == "gap" else None)
        assert cut == "gap" or entry["detection"]["precision"] is None


def test_a_graph_without_labels_or_edges(tmp_path):
    data = load("karate").data
    del data["y"]
    data.edge_index = data.edge_index[:, :0]
    noisy = add_noise(data, Noise())
    export_rewiring(rewire(noisy.data), noisy, tmp_path, {})
    report = strict_json((tmp_path / "summary.json").read_text())
    assert {name: value for name, value in report["before"].items() if value is not None} == {
        "edges": 0,
        "mean_degree": 0,
        "isolated": 34,
        "components": 34,
    }
    assert (tmp_path / "layer_1.csv").read_text() == "source,target,fate,injected,lever arm,force,torque\n"


def test_values_that_are_not_json_raise_before_writing(made, tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        export_rewiring(*made, tmp_path, {"rate": math.nan})
    assert "summary.json" not in names_in(tmp_path)


def test_exports_are_reproducible_to_the_byte(made, tmp_path):
    first, again = (export_rewiring(*made, tmp_path / name, ABOUT) for name in ("first", "again"))
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in again]
    export_rewiring(*made, tmp_path / "first", ABOUT)  # over what is there
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in again]
    assert names_in(tmp_path / "first") == sorted(NAMES)


@pytest.mark.parametrize("function", ["replace", "fsync"])
@pytest.mark.parametrize("works", range(len(NAMES)))
def test_a_failed_write_leaves_complete_files_only(made, tmp_path, monkeypatch, function, works):
    whole = {file.name: file.read_bytes() for file in export_rewiring(*made, tmp_path / "whole", ABOUT)}
    folder = tmp_path / "broken"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_bytes(b"of the run before")
    real, calls = getattr(os, function), []

    def full_disk(*arguments):
        if len(calls) == works:
            raise OSError(28, "No space left on device")
        calls.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(os, function, full_disk)
    with pytest.raises(OSError, match="No space left"):
        export_rewiring(*made, folder, ABOUT)
    assert names_in(folder) == sorted(NAMES)
    for number, name in enumerate(NAMES):
        assert (folder / name).read_bytes() == (whole[name] if number < works else b"of the run before")


def test_a_failed_array_export_leaves_no_file(made, tmp_path, monkeypatch):
    def half(file, **arrays):
        file.write(b"PK half of it")
        raise MemoryError

    monkeypatch.setattr(np, "savez_compressed", half)
    with pytest.raises(MemoryError):
        export_rewiring(*made, tmp_path, ABOUT)
    assert names_in(tmp_path) == []


def test_an_interrupted_export_leaves_no_file(made, tmp_path, monkeypatch):
    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        export_rewiring(*made, tmp_path, ABOUT)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("function", ["replace", "fsync", "rename"])
@pytest.mark.parametrize("works", [0, 2, len(NAMES) - 1])
def test_a_new_folder_is_complete_or_absent(made, tmp_path, monkeypatch, function, works):
    real, calls = getattr(os, function), []

    def full_disk(*arguments):
        assert not (tmp_path / "new" / "folder").exists()
        if len(calls) == (0 if function == "rename" else works):
            raise OSError(28, "No space left on device")
        calls.append(arguments)
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(os, function, full_disk)
        with pytest.raises(OSError, match="No space left"):
            export_rewiring(*made, tmp_path / "new" / "folder", ABOUT)
    assert names_in(tmp_path / "new") == []
    assert export_rewiring(*made, tmp_path / "new" / "folder", ABOUT) == [
        tmp_path / "new" / "folder" / name for name in NAMES
    ]
    assert names_in(tmp_path / "new") == ["folder"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_new_folder_has_default_permissions(made, tmp_path):
    (tmp_path / "other").mkdir()
    export_rewiring(*made, tmp_path / "new", ABOUT)
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_an_impossible_folder_raises(made, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OSError, match="file"):
            export_rewiring(*made, folder, ABOUT)
    assert (tmp_path / "file").read_text() == "not a folder"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_files_have_default_permissions(made, tmp_path):
    (tmp_path / "other").write_text("")
    mode = (tmp_path / "other").stat().st_mode
    assert {file.stat().st_mode for file in export_rewiring(*made, tmp_path, ABOUT)} == {mode}


def test_directions_are_written(tmp_path):
    rewiring, noisy = rewired(layers=1)
    noisy.data.edge_index = noisy.data.edge_index[:, 1:]  # without the direction of the first edge
    directed = rewire(noisy.data, rewiring.spec)
    export_rewiring(directed, noisy, tmp_path, ABOUT)
    with open(tmp_path / "layer_1.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["direction"] for row in rows] == ["←", *["↔"] * (len(rows) - 1)]
    assert rows[0]["source"] == "0"
    assert len(rows) == directed.layers[0].pairs.size(1) + directed.layers[0].added.size(1)
