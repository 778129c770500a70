import sys
import threading
import time
from dataclasses import replace
from urllib.error import HTTPError, URLError

import pytest
import torch
from torch_geometric.datasets import Airports

from torque_core.datasets import DATASETS, DatasetSpec, data_root, files, load
from torque_core.datasets.files import ensure_files
from torque_core.errors import DatasetUnavailable

load_module = sys.modules[load.__module__]
BRAZIL = DatasetSpec("airports_brazil")
EDGES, LABELS = "brazil-airports.edgelist", "labels-brazil-airports.txt"


@pytest.fixture
def served_airports(server, monkeypatch):
    """A little 'Brazil' of four airports on the local server, where PyG's class says it is."""
    (server.folder / EDGES).write_text("10 20\n20 30\n30 40\n")
    (server.folder / LABELS).write_text("node label\n10 0\n20 0\n30 1\n40 1\n")
    monkeypatch.setattr(Airports, "edge_url", server.url + "/{}-airports.edgelist")
    monkeypatch.setattr(Airports, "label_url", server.url + "/labels-{}-airports.txt")
    info = replace(DATASETS[BRAZIL.name], nodes=4, edges=3, features=4, classes=2)
    monkeypatch.setattr(load_module, "DATASETS", {**DATASETS, BRAZIL.name: info})
    return server


def files_below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_downloaded_files_are_read_from_disk(served_airports, tmp_path):
    seen = []
    first = load(BRAZIL, root=tmp_path / "root", progress=seen.append)
    total = sum((served_airports.folder / name).stat().st_size for name in (EDGES, LABELS))
    assert seen == sorted(seen)
    assert seen[-1] == total
    assert first.data.edge_index.tolist() == [[0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2]]
    assert first.data.y.tolist() == [0, 0, 1, 1]
    raw = [f"airports/brazil/raw/{EDGES}", f"airports/brazil/raw/{LABELS}"]
    assert [file for file in files_below(tmp_path / "root") if not file.endswith(".lock")] == raw

    again = load(BRAZIL, root=tmp_path / "root", progress=seen.append)
    assert torch.equal(again.data.edge_index, first.data.edge_index)
    assert len(served_airports.requests) == 2  # nothing was asked for twice


def test_only_missing_files_are_fetched(served_airports, tmp_path):
    folder = tmp_path / "root/airports/brazil/raw"
    folder.mkdir(parents=True)
    (folder / LABELS).write_text("node label\n10 1\n20 1\n30 1\n40 1\n")
    assert load(BRAZIL, root=tmp_path / "root").data.y.tolist() == [1, 1, 1, 1]
    assert served_airports.requests == [f"/{EDGES}"]


def test_two_threads_download_once(served_airports, tmp_path):
    results = []
    threads = [threading.Thread(target=lambda: results.append(load(BRAZIL, root=tmp_path / "root"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert torch.equal(results[0].data.edge_index, results[1].data.edge_index)
    assert len(served_airports.requests) == 2


@pytest.mark.parametrize("way", ["broken", "silent"])
def test_failed_download_leaves_no_file(served_airports, tmp_path, monkeypatch, way):
    monkeypatch.setattr(files, "STALL_SECONDS", 0.3)
    monkeypatch.setattr(Airports, "label_url", f"{served_airports.url}/{way}/{{}}.txt")
    start = time.monotonic()
    with pytest.raises(DatasetUnavailable, match="Airports, Brazil is not in"):
        load(BRAZIL, root=tmp_path / "root")
    assert time.monotonic() - start < 25
    # The first file was whole, but the set was not.
    assert [file for file in files_below(tmp_path / "root") if not file.endswith(".lock")] == []

    monkeypatch.setattr(Airports, "label_url", served_airports.url + "/labels-{}-airports.txt")
    assert load(BRAZIL, root=tmp_path / "root").data.num_nodes == 4


def test_broken_download_reports_its_progress(server, tmp_path):
    with pytest.raises(DatasetUnavailable, match="was interrupted after 10 of 100 bytes"):
        ensure_files(tmp_path / "raw", {"a": f"{server.url}/broken/a"}, title="A set")


def test_file_missing_on_the_server(server, tmp_path):
    with pytest.raises(DatasetUnavailable, match="404") as caught:
        ensure_files(tmp_path / "raw", {"a": f"{server.url}/a"}, title="A set")
    assert isinstance(caught.value.__cause__, HTTPError)
    caught.value.__cause__.close()


def test_no_network_error_names_set_folder_and_correction(tmp_path):
    with pytest.raises(DatasetUnavailable) as caught:
        load(DatasetSpec("cora"), root=tmp_path)
    message = str(caught.value)
    assert message.startswith(f"Cora is not in {tmp_path / 'planetoid/Cora/raw'}")
    for part in ("no network in tests", "Connect", "ind.cora.allx", "TORQUE_DATA", "karate, davis, digits"):
        assert part in message
    assert isinstance(caught.value.__cause__, URLError)


def test_stopping_from_the_progress_callback_leaves_no_file(served_airports, tmp_path):
    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(BRAZIL, root=tmp_path / "root", progress=stop)
    assert [file for file in files_below(tmp_path / "root") if not file.endswith(".lock")] == []
    assert load(BRAZIL, root=tmp_path / "root").data.num_nodes == 4  # the lock is free again


def test_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DatasetUnavailable, match="can be written"):
        load(BRAZIL, root=tmp_path / "file")


def test_damaged_file_names_the_folder(served_airports, tmp_path):
    (served_airports.folder / LABELS).write_text("<html>Please log in</html>\nto this network\n")
    for _ in range(2):
        with pytest.raises(DatasetUnavailable, match=r"a file in .*raw is damaged; delete its files"):
            load(BRAZIL, root=tmp_path / "root")


def test_incomplete_file_is_not_loaded_as_a_smaller_graph(served_airports, tmp_path):
    (served_airports.folder / EDGES).write_text("10 20\n20 30\n")
    with pytest.raises(DatasetUnavailable, match=r"Brazil is not as registered \(2 edges instead of 3\): a file in"):
        load(BRAZIL, root=tmp_path / "root")


def test_data_root(monkeypatch, tmp_path):
    monkeypatch.delenv("TORQUE_DATA", raising=False)
    assert data_root().parts[-2:] == ("torque-explorer", "datasets")
    monkeypatch.setenv("TORQUE_DATA", str(tmp_path))
    assert data_root() == tmp_path
    assert data_root(tmp_path / "given") == tmp_path / "given"
