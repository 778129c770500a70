import numpy as np
import pytest
import torch

from tests.out_of_core.graph_files import assert_same, make_graph, small_blocks, write_files
from torque_core import rewire
from torque_core.errors import BadConfig, BadFile, BadGraph
from torque_core.out_of_core import EdgeColumns, StoredRewiring, rewire_store
from torque_core.out_of_core.plan import FORMAT
from torque_core.out_of_core.rewire_store import in_this_process


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A graph in files that is processed in five blocks."""
    small_blocks(monkeypatch)
    data = make_graph()
    return data, *write_files(data, tmp_path)


@pytest.mark.parametrize("kind", ["two-way", "one-way", "weighted"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"cut": "gap", "force": "dirichlet", "layers": 1},
        {"cut": "fixed", "fraction": 0.3, "hierarchy": "nested"},
        {"cut": "otsu", "lever": "euclidean", "force": "cosine", "product": "cross", "layers": 1, "screen": False},
    ],
    ids=lambda options: options.get("cut", "default"),
)
def test_the_answer_is_that_of_rewire_bit_for_bit(tmp_path, monkeypatch, kind, options):
    small_blocks(monkeypatch)
    data = make_graph(kind)
    stored = rewire_store(*write_files(data, tmp_path), tmp_path / "out", **options)
    in_memory = rewire(data, additions=0.0, **options)
    assert_same(stored, in_memory)
    assert stored.layers[0].pruned > 0
    assert (in_memory.layers[0].screening is not None) == options.get("screen", True)


def test_the_answer_does_not_depend_on_the_blocks(tmp_path, monkeypatch):
    data = make_graph()
    edges, x = write_files(data, tmp_path)
    whole = rewire_store(edges, x, tmp_path / "whole", layers=1)
    small_blocks(monkeypatch, rows=192)
    parts = rewire_store(edges, x, tmp_path / "parts", layers=1)
    assert (len(whole.layers[0].files), len(parts.layers[0].files)) == (1, 4)
    assert_same(parts, rewire(data, additions=0.0, layers=1))


def test_a_graph_whose_null_model_is_not_sampled(tmp_path, monkeypatch):
    small_blocks(monkeypatch, rows=64)
    data = make_graph()
    inside = (data.edge_index < 150).all(dim=0)
    data.x, data.edge_index = data.x[:150], data.edge_index[:, inside]
    assert_same(rewire_store(*write_files(data, tmp_path), tmp_path / "out"), rewire(data, additions=0.0))


def test_features_of_any_scale_and_type(tmp_path, monkeypatch):
    small_blocks(monkeypatch)
    data = make_graph()
    data.x = data.x.double() * 2.0**90  # float32 cannot square them
    stored = rewire_store(*write_files(data, tmp_path), tmp_path / "out", layers=1)
    assert_same(stored, rewire(data, additions=0.0, layers=1))


def test_csv_and_a_folder_of_files(tmp_path, files):
    data, _, x = files
    folder = tmp_path / "edges"
    folder.mkdir()
    for part, ends in enumerate(data.edge_index.T.chunk(3)):
        np.savetxt(folder / f"{part}.csv", ends.numpy(), fmt="%d", delimiter=",", header="a,b", comments="")
    stored = rewire_store(folder, x, tmp_path / "out", layers=1, columns=EdgeColumns("a", "b"))
    assert_same(stored, rewire(data, additions=0.0, layers=1))


def test_a_killed_program_is_continued(tmp_path, files):
    data, edges, x = files
    out, ran = tmp_path / "out", []

    def run(folder, stage, tasks, *, most=10**9):
        for task in in_this_process(folder, stage, tasks):
            ran.append((stage, task))
            if len(ran) == most:
                raise KeyboardInterrupt
            yield task

    with pytest.raises(KeyboardInterrupt):
        rewire_store(edges, x, out, layers=1, runner=lambda *arguments: run(*arguments, most=40))
    with pytest.raises(BadFile, match="no complete rewiring"):
        StoredRewiring.open(out)
    stored = rewire_store(edges, x, out, layers=1, runner=run)
    assert len(ran) == len(set(ran)) > 40  # nothing was done twice
    assert_same(stored, rewire(data, additions=0.0, layers=1))
    assert not (out / "work").exists()
    assert StoredRewiring.open(out) == stored


def test_progress_ends_at_one(tmp_path, files):
    done = []
    rewire_store(*files[1:], tmp_path / "out", layers=1, progress=lambda fraction, step: done.append(fraction))
    assert done == sorted(done)
    assert done[-1] == pytest.approx(1)


def test_a_folder_that_is_taken(tmp_path, files):
    edges, x = files[1:]
    out = tmp_path / "out"
    with pytest.raises(BadConfig, match="bad disk"):
        rewire_store(edges, x, out, layers=1, runner=lambda *_: (_ for _ in ()).throw(BadConfig("bad disk")))
    with pytest.raises(BadConfig, match="unfinished rewiring of other files or with other settings"):
        rewire_store(edges, x, out, layers=2)
    manifest = out / "manifest.json"
    manifest.write_text(manifest.read_text().replace(f'"format": {FORMAT}', '"format": 99'))
    with pytest.raises(BadConfig, match=r"in format 99, written by version .*--overwrite"):
        rewire_store(edges, x, out, layers=1)
    rewire_store(edges, x, out, layers=1, overwrite=True)
    with pytest.raises(BadConfig, match="holds a complete rewiring"):
        rewire_store(edges, x, out, layers=1)
    assert len(rewire_store(edges, x, out, layers=2, overwrite=True).layers) == 2
    summary = out / "results" / "summary.json"
    summary.write_text(summary.read_text().replace(f'"format": {FORMAT}', '"format": 99'))
    with pytest.raises(BadFile, match="has format 99"):
        StoredRewiring.open(out)
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "thesis.txt").touch()
    with pytest.raises(BadConfig, match=r"other files, such as thesis\.txt"):
        rewire_store(edges, x, tmp_path / "else", overwrite=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"additions": 0.5}, "set additions=0"),
        ({"lever": "neighbourhood"}, "lever must be one of structural, .* got 'neighbourhood'"),
        ({"force": "auto"}, "force must be one of .* its choice needs"),
        ({"cut": "bernoulli"}, "learned in training"),
        ({"max_memory": "1MB"}, r"0\.0 GB of memory cannot hold one block of this graph .* give at least"),
        ({"max_memory": "much"}, "got 'much'"),
    ],
)
def test_what_is_not_supported(tmp_path, files, options, message):
    with pytest.raises(BadConfig, match=message):
        rewire_store(*files[1:], tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_a_disk_that_is_too_small_or_fills_up(tmp_path, files, monkeypatch):
    data, edges, x = files
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 1000}))
    with pytest.raises(BadConfig, match=r"needs up to 0\.0 GB in .*, but 0\.0 GB are free"):
        rewire_store(edges, x, tmp_path / "out", layers=1)
    monkeypatch.undo()
    small_blocks(monkeypatch)
    save, left = np.save, [30]

    def full(file, array):
        left[0] -= 1
        if not left[0]:
            file.write(b"half of it")
            raise OSError(28, "No space left on device")
        save(file, array)

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match="No space left"):
        rewire_store(edges, x, tmp_path / "out", layers=1)
    monkeypatch.setattr(np, "save", save)
    assert not [path for path in (tmp_path / "out").rglob(".*") if path.name != ".lock"]  # no incomplete file
    assert_same(rewire_store(edges, x, tmp_path / "out", layers=1), rewire(data, additions=0.0, layers=1))


def test_features_that_are_wrong(tmp_path, files):
    data, edges, x = files
    data.x[300, 2] = torch.nan
    np.save(x, data.x.numpy())
    with pytest.raises(BadGraph, match="first in row 300"):
        rewire_store(edges, x, tmp_path / "out")
    np.save(x, data.x[:, 0].numpy())
    with pytest.raises(BadGraph, match=r"must hold an array of shape \(nodes, features\)"):
        rewire_store(edges, x, tmp_path / "other")
    x.write_bytes(b"none")
    with pytest.raises(BadFile, match=r"cannot read .*x\.npy"):
        rewire_store(edges, x, tmp_path / "other")
