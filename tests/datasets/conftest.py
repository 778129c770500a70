import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from torque_core.datasets import DATASETS, files
from torque_core.datasets.benchmark import raw_files


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Only this machine answers, so a test cannot download by mistake."""

    def local_only(url, **options):
        if not url.startswith("http://127.0.0.1"):
            raise URLError("no network in tests")
        return urlopen(url, **options)

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(files, "urlopen", local_only)


@pytest.fixture
def root_with(raw_root) -> Callable[..., Path]:
    """The folder of raw files, if it has those of the set asked for."""

    def find(name: str, scheme: str | None = None) -> Path:
        files = raw_files(name, scheme or DATASETS[name].default_scheme)
        missing = [file for file in files.urls if not (raw_root / files.folder / file).is_file()]
        if missing:
            pytest.skip(f"{raw_root / files.folder} lacks {missing[0]}")
        return raw_root

    return find


@dataclass
class Server:
    """A web server on this machine: serves ``folder``; fails on purpose below /broken and /silent."""

    folder: Path
    url: str = ""
    requests: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)


class Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args, server_state: Server, **options):
        self.state = server_state
        super().__init__(*args, directory=str(server_state.folder), **options)

    def do_GET(self):
        self.state.requests.append(self.path)
        if not self.path.startswith(("/broken", "/silent")):
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"ten bytes.")
        self.wfile.flush()
        if self.path.startswith("/silent"):
            self.state.release.wait(30)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    folder = tmp_path / "served"
    folder.mkdir()
    state = Server(folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, server_state=state)) as http:
        state.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield state
        state.release.set()
        http.shutdown()
        thread.join()
