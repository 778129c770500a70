"""A running app and a real Chromium. Nothing is skipped here: without a browser the tests fail."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, ViewportSize, expect

ROOT = Path(__file__).parents[2]
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
PATIENCE = 240_000  # ms: the machine may be busy with other work, and all that counts is that it gets there
# when the page last said something to the server, and when the server last said something to the page
LISTEN = """
  window.lastSent = window.lastReceived = 0;
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...target) {
      super(...target);
      this.addEventListener("message", () => { window.lastReceived = performance.now(); });
    }
    send(message) {
      window.lastSent = performance.now();
      return super.send(message);
    }
  };
"""
# the server has answered, the script rests, nothing is stale or yet to be loaded, and what faded in has its colour: for
# so long, as a run may start another
AT_REST = """([idle, call, patience]) => {
  const { lastSent, lastReceived } = window;
  const answered = lastSent === undefined || lastReceived > lastSent || performance.now() - lastSent > patience;
  const rests = answered && document.querySelector(idle) &&
    !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"]') &&
    document.getAnimations().every(
      (it) => it.playState !== "running" || it.effect.getTiming().iterations === Infinity);
  if (!rests || window.restCall !== call) window.restBegan = performance.now();
  window.restCall = call;
  return performance.now() - window.restBegan > 400;
}"""
ANSWERED_BY_NOW = 30_000  # ms after which a message is taken for one that needs no answer
expect.set_options(timeout=PATIENCE)


def raw_files() -> Path | None:
    """Raw files of benchmark graphs, if this machine has them."""
    places = [os.environ.get("TORQUE_TEST_DATA"), ROOT / "shared/datasets", ROOT.parent / "shared/datasets"]
    return next((Path(place) for place in places if place and Path(place).is_dir()), None)


def start_server(data: Path, *, command: tuple[str, ...] = ("app.py",)) -> tuple[subprocess.Popen[bytes], str]:
    """An app of its own on a free port, started as `make app` does."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, *command, "--server.port", str(port)],
        cwd=ROOT,
        env=os.environ | {"TORQUE_DATA": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://localhost:{port}"
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the app ended at once with status {process.returncode}")
        try:
            with urlopen(f"{url}/_stcore/health", timeout=30):
                return process, url
        except OSError:
            time.sleep(0.25)
    process.kill()
    raise RuntimeError("the app did not come up")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every browser test the time that a busy machine needs."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("data")
    if (raw := raw_files()) is not None:
        shutil.copytree(raw / "planetoid/Cora", data / "planetoid/Cora")
    process, url = start_server(data)
    yield url
    process.terminate()
    process.wait(120)


@dataclass
class App:
    """The app in a window."""

    page: Page
    url: str
    outside: list[str] = field(default_factory=list)

    def in_new_window(self) -> "App":
        """For a test that changes or listens to more of a window than the page it shows."""
        return App(self.page.context.new_page(), self.url, self.outside)

    def moving(self) -> "App":
        """For a test of what moves: elsewhere motion is reduced, as the processor draws each frame."""
        self.page.emulate_media(reduced_motion="no-preference")
        return self

    def open(self, path: str = "/explore") -> "App":
        self.page.goto(self.url + path)
        return self.settle()

    def settle(self) -> "App":
        """Wait until the script rests and no part of the page is stale."""
        self.page.wait_for_function(AT_REST, arg=[IDLE, time.monotonic(), ANSWERED_BY_NOW], polling=50)
        return self

    def stable(self, read: Callable[[], str], *, seconds: float = 1.0) -> str:
        """Wait until what is read has stayed the same for so long, and return it."""
        value, since = read(), time.monotonic()
        while time.monotonic() - since < seconds:
            self.page.wait_for_timeout(50)
            if (now := read()) != value:
                value, since = now, time.monotonic()
        return value

    def go_back(self) -> "App":
        """Press the back button once the address stays: the app takes an earlier press for a stale address."""
        self.stable(lambda: self.page.url)
        self.page.go_back()
        return self.settle()

    def note(self, request: Request) -> None:
        if not request.url.startswith((self.url, self.url.replace("http", "ws"), "data:", "blob:", "about:")):
            self.outside.append(request.url)

    def metric(self, label: str) -> str:
        """The number under a label."""
        box = self.page.get_by_test_id("stMetric").filter(has_text=label).first
        return box.get_by_test_id("stMetricValue").inner_text()

    def number(self, name: str) -> float:
        """The first number under a name in the strip on Explore, such as ``pruned``; nan for a dash."""
        text = self.page.locator(f".stage-strip [data-name={name}] dd").first.inner_text()
        return float(re.split("[ %]", text.replace(",", "").replace("–", "nan"))[0])

    def network(self, name: str) -> Locator:
        """The network whose description begins so."""
        return self.page.get_by_role("application", name=re.compile(f"^{name}"))

    def healthy(self) -> "App":
        """No trace, no error, no request to anywhere else."""
        expect(self.page.get_by_test_id("stException")).to_have_count(0)
        assert self.outside == []
        return self


def listening(context: BrowserContext) -> BrowserContext:
    """A context whose pages are patient, and know whether the server has answered."""
    context.set_default_timeout(PATIENCE)
    context.set_default_navigation_timeout(PATIENCE)
    context.add_init_script(LISTEN)
    return context


@pytest.fixture(scope="session")
def visitor(server: str, browser: Browser) -> Iterator[BrowserContext]:
    """Who keeps Streamlit's own files from test to test, which a new one would fetch and compile again."""
    context = listening(browser.new_context(viewport=VIEWPORT, reduced_motion="reduce"))
    context.new_page().goto(f"{server}/_stcore/health")  # stays open, and with it the process
    yield context
    context.close()


def in_a_window(
    server: str, visitor: BrowserContext, tests: pytest.Session, color_scheme: Literal["light", "dark"] = "light"
) -> Iterator[App]:
    """The app in the window of the test before, of which nothing is left; a new window would take longer to load it."""
    app = App(visitor.pages[1] if len(visitor.pages) > 1 else visitor.new_page(), server)
    app.page.set_viewport_size(VIEWPORT)
    app.page.emulate_media(color_scheme=color_scheme, reduced_motion="reduce")
    visitor.on("request", app.note)
    failed = tests.testsfailed
    yield app
    visitor.remove_listener("request", app.note)
    forget = {"origin": server, "storageTypes": "cookies,local_storage"}
    visitor.new_cdp_session(app.page).send("Storage.clearDataForOrigin", forget)
    visitor.clear_permissions()
    keep = 1 if tests.testsfailed > failed else 2  # where a test failed, a key may still be down
    for page in visitor.pages[keep:]:
        page.close()
    for page in visitor.pages[1:]:
        page.goto("about:blank")
        page.mouse.move(0, 0)


@pytest.fixture(params=["light"])
def app(server: str, visitor: BrowserContext, request: pytest.FixtureRequest) -> Iterator[App]:
    yield from in_a_window(server, visitor, request.session, request.param)
