"""A server in a process of its own: who may control a run, whose files they are, and how the server ends."""

import os
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages.shared.runs import run_file
from tests.browser.conftest import start_server
from tests.websocket_visitor import visit


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a training that an earlier version stored for everybody to read."""
    data = tmp_path_factory.mktemp("data")
    folder = data / "trainings"
    folder.mkdir()
    (folder / "earlier.json").write_text("{}")
    folder.chmod(0o755)
    (folder / "earlier.json").chmod(0o644)
    return data


@pytest.fixture(scope="module")
def served(data: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    before = os.umask(0)
    try:
        process, url = start_server(data)
    finally:
        os.umask(before)
    yield process, url
    process.kill()
    process.wait()


def modes(data: Path) -> set[tuple[str, str]]:
    paths = (path for name in ("trainings", "robustness") for path in (data / name, *(data / name).iterdir()))
    return {("folder" if path.is_dir() else "file", oct(stat.S_IMODE(path.stat().st_mode))) for path in paths}


def test_only_the_browser_that_started_a_run_controls_it(served):
    _, url = served
    with visit(url) as owner, visit(url) as stranger, visit(url, owner.cookie) as second_tab:
        assert owner.cookie != stranger.cookie
        owner.open("train?data=digits&epochs=1000&models=plain").wait('"Train"')
        owner.press("Train").wait('"Cancel"')
        run = owner.link["job"]
        stranger.open(f"train?data=digits&epochs=1000&job={run}").wait("another browser")
        assert not {"Pause", "Resume", "Cancel"} & set(stranger.buttons)
        name = next(text for text in stranger.texts if "text_input" in text and f"name_{run}" in text)
        assert "disabled: true" in name
        stranger.buttons |= owner.buttons  # a forged click
        stranger.press("Pause").wait("another browser")
        stranger.press("Cancel").wait("another browser")
        second_tab.open(f"train?data=digits&epochs=1000&job={run}").wait('"Pause"')
        second_tab.press("Pause").wait("% · paused")
        second_tab.press("Cancel").wait("cancelled after")


def test_a_signal_ends_jobs_computations_and_uploads_and_keeps_what_was_trained(served, data, monkeypatch):
    process, url = served
    port = int(url.rpartition(":")[2])
    with visit(url) as trains, visit(url) as rewires, socket.create_connection(("localhost", port)) as uploads:
        rewires.open("layers?nodes=100000&degree=10&layers=4").wait("Rewiring")
        uploads.sendall(b"PUT /_stcore/upload_file/a/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\nhalf")
        trains.open("train?data=digits&epochs=1000").wait('"Train"')
        trains.press("Train").wait(*(f'"{percent} % · training' for percent in range(1, 20)))
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    monkeypatch.setenv("TORQUE_DATA", str(data))
    (record,) = filter(None, (run_file.load(path.stem) for path in run_file.folder().iterdir()))
    assert 0 < len(record.models["torque"].epochs) < 1000
    assert not record.models["torque"].outcome
    assert record.link == {"data": "digits", "epochs": "1000"}
    assert modes(data) == {("folder", "0o700"), ("file", "0o600")}
