"""Waiting times of a person in a real browser, alone and with ten users: prints them and writes assets/bench/app.json.

Every figure is from the act, a key or a click, until the page has drawn and rests.
"""

import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser.conftest import IDLE, ROOT, raw_files, start_server
from tests.chromium import chromium
from torque_core import __version__
from torque_core.bench.__main__ import processor_name

OPENINGS, CHANGES, SESSIONS = 5, 8, 10
TITLES = {"cora": "Cora", "pubmed": "PubMed"}
FILE = ROOT / "assets" / "bench" / "app.json"
RECORD: dict[str, Any] = {"seconds": {}}
PAUSE, ROUNDS = 0.8, 4  # seconds from one person's act to the next one's
# runs in the page: when the first number is another, and when the script last came to rest
CLOCK = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  const strip = [...document.querySelectorAll('.st-key-numbers *')].find((it) => it.shadowRoot)?.shadowRoot;
  const numbers = () => [...document.querySelectorAll('[data-testid=stMetricValue]'),
    ...(strip?.querySelectorAll('dd') ?? [])].map((it) => it.innerText).join();
  const before = numbers(), start = performance.now();
  window.clock?.observer.disconnect();
  window.clock = {changed: null, rested: null, observer: new MutationObserver(() => {
    const now = performance.now() - start;
    if (clock.changed === null && numbers() && numbers() !== before) clock.changed = now;
    if (clock.changed !== null && clock.rested === null
        && app.getAttribute('data-test-script-state') === 'notRunning') clock.rested = now;
  })};
  for (const place of [document.body, strip].filter(Boolean)) {
    clock.observer.observe(place, {attributes: true, subtree: true, childList: true, characterData: true});
  }
}"""


# runs in the page: milliseconds between the frames that it draws from now on
FRAMES = """() => {
  window.frameTimes = [];
  let last = performance.now();
  const next = (now) => {
    frameTimes.push(now - last);
    last = now;
    window.nextFrame = requestAnimationFrame(next);
  };
  window.nextFrame = requestAnimationFrame(next);
}"""


def record(name: str, seconds: list[float], *, digits: int = 2) -> None:
    """Print waiting times and keep their median and range for the record."""
    median, least, most = (round(value, digits) for value in (statistics.median(seconds), min(seconds), max(seconds)))
    RECORD["seconds"][name] = {"median": median, "min": least, "max": most, "times": len(seconds)}
    print(f"{name}: {median} s ({least} to {most}, {len(seconds)} times)", flush=True)


def wait_for_picture(page: Page) -> None:
    """Until numbers, graph and histogram stand there."""
    page.wait_for_selector(".stage-strip dd", timeout=90_000)
    page.wait_for_selector(".network canvas, .js-plotly-plot .nsewdrag", timeout=90_000)
    page.wait_for_selector(".cut .line circle", timeout=90_000)
    page.wait_for_selector(IDLE, timeout=90_000)


def act(page: Page, do: Callable[[], None]) -> tuple[float, float]:
    """Seconds from an act until other numbers stand there, and until the page is at rest."""
    page.evaluate(CLOCK)
    do()
    page.wait_for_function("() => clock.changed !== null", timeout=120_000)
    page.wait_for_function("() => clock.rested !== null", timeout=120_000)
    page.wait_for_timeout(500)  # let the browser finish drawing before the next one
    changed, rested = page.evaluate("() => [clock.changed, clock.rested]")
    return changed / 1000, rested / 1000


def openings(browser: Browser, data: Path) -> None:
    """The first page of a fresh server, and of one that runs."""
    for name, command in (("make app", ("app.py",)), ("streamlit run", ("-m", "streamlit", "run", "app.py"))):
        waits = []
        for _ in range(OPENINGS):
            process, url = start_server(data, command=command)
            waits.append(opened(browser, f"{url}/explore"))
            process.terminate()
            process.wait()
        record(f"open a fresh server's first page, built-in graph, {name}", waits)
    process, url = start_server(data)
    for path, name in (
        ("/explore", "built-in graph"),
        ("/explore?data=cora", "Cora"),
        ("/explore?data=pubmed", "PubMed"),
    ):
        first = opened(browser, url + path)
        record(f"open {name} for the first time", [first])
        record(f"open {name} again", [opened(browser, url + path) for _ in range(OPENINGS)])
    process.terminate()


def opened(browser: Browser, url: str) -> float:
    """Seconds until the page has its picture."""
    page = browser.new_page()
    began = time.perf_counter()
    page.goto(url)
    wait_for_picture(page)
    took = time.perf_counter() - began
    page.close()
    return took


def changes(browser: Browser, data: Path) -> None:
    """Another noise level, and another node."""
    process, url = start_server(data)
    page = browser.new_page()
    for name in ("cora", "pubmed"):
        page.goto(f"{url}/explore?data={name}")
        wait_for_picture(page)
        slider = page.get_by_test_id("stSidebar").get_by_role("slider").first
        slider.focus()
        for kind, key in (("new", "ArrowRight"), ("repeated", "ArrowLeft")):
            waits = [act(page, partial(slider.press, key)) for _ in range(CHANGES)]
            record(f"{TITLES[name]}, {kind} noise level: the numbers", [wait[0] for wait in waits])
            record(f"{TITLES[name]}, {kind} noise level: at rest", [wait[1] for wait in waits])
        page.goto(f"{url}/receptive_field?data={name}&node=100&layer=2")
        page.wait_for_selector("[data-testid=stMetricValue]")
        page.wait_for_selector(IDLE)
        button = page.get_by_role("button", name="Next")
        waits = [act(page, button.click) for _ in range(CHANGES)]
        record(f"{TITLES[name]}, another node: its panel", [wait[0] for wait in waits])
        page.goto(f"{url}/explore?data={name}&view=network&node=100")
        wait_for_picture(page)
        record(f"{TITLES[name]}, a click on a node of the network", [clicked(page) for _ in range(CHANGES)])
    process.terminate()


def dragging(browser: Browser, data: Path) -> None:
    """The frames that the browser draws while the cut is dragged across the histogram of Cora."""
    process, url = start_server(data)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{url}/explore?data=cora")
    wait_for_picture(page)
    line = page.locator(".cut .line circle").bounding_box()
    assert line
    x, y = line["x"] + line["width"] / 2, line["y"] + 60
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(FRAMES)
    for step in range(60):
        page.mouse.move(x - 4 * step, y)
    frames = page.evaluate("() => { cancelAnimationFrame(nextFrame); return frameTimes.slice(2); }")
    page.mouse.up()
    record("Cora, the cut dragged: a frame", [frame / 1000 for frame in frames], digits=3)
    process.terminate()


def clicked(page: Page) -> float:
    """Seconds from a click on the node in the middle until it is told of; then it is cleared again."""
    canvas = page.locator(".network canvas")
    canvas.scroll_into_view_if_needed()
    box, camera = canvas.bounding_box(), page.locator("[data-camera]").get_attribute("data-camera")
    assert box
    assert camera
    left, top, scale = map(float, camera.split())
    began = time.perf_counter()
    page.mouse.click(box["x"] + box["width"] / 2 - left * scale, box["y"] + box["height"] / 2 - top * scale)
    told = page.get_by_text("Node 100, class")
    told.wait_for()
    took = time.perf_counter() - began
    page.wait_for_selector(IDLE)
    page.keyboard.press("x")
    told.wait_for(state="hidden")
    page.wait_for_selector(IDLE)
    page.wait_for_timeout(500)
    return took


def training(browser: Browser, data: Path) -> None:
    """A training on Cora: its first curve, how soon it answers, and how long it takes with its page open."""
    process, url = start_server(data)
    page = browser.new_page()
    page.goto(f"{url}/train?data=cora&epochs=1000")

    def until(act: Callable[[], None], said: str) -> float:
        began = time.perf_counter()
        act()
        page.get_by_text(re.compile(said)).first.wait_for(timeout=300_000)
        return time.perf_counter() - began

    buttons = page.get_by_test_id("stMain").get_by_test_id("stButton")
    train = page.get_by_test_id("stBaseButton-primary")
    firsts, waits = [], {"Pause": [], "Resume": [], "Cancel": []}
    for _ in range(OPENINGS):
        firsts.append(until(train.click, "s so far"))
        for name, said in (("Pause", "% · paused"), ("Resume", "% · training"), ("Cancel", "cancelled after")):
            page.wait_for_timeout(1500)
            waits[name].append(until(buttons.get_by_role("button", name=name).click, said))
        page.wait_for_timeout(1500)
        buttons.get_by_role("button", name="Remove").click()
        page.get_by_text(re.compile("Press")).wait_for()
    record("Cora, Train pressed: the first curve", firsts)
    for name, seconds in waits.items():
        record(f"Cora, {name} pressed in a training: it is so", seconds)
    page.goto(f"{url}/train?data=cora")
    record("Cora, both models trained for 200 epochs while one watches", [until(train.click, "done in")])
    process.terminate()


def large(browser: Browser, data: Path) -> None:
    """A graph of 169,343 nodes, sampled as the page asks for it: its overview, and a node's neighbourhood."""
    process, url = start_server(data)
    page = browser.new_page()
    began = time.perf_counter()
    page.goto(f"{url}/explore?nodes=169343&classes=7&degree=13.6&rate=0&layers=1")
    page.wait_for_selector("img.input-preview", timeout=180_000)
    record("169,343 nodes, one layer: the picture of the graph", [time.perf_counter() - began])
    page.wait_for_selector(".stage-strip dd", timeout=180_000)
    page.wait_for_selector(".js-plotly-plot .nsewdrag", timeout=180_000)
    page.wait_for_selector(IDLE, timeout=180_000)
    record("169,343 nodes, one layer: the overview", [time.perf_counter() - began])
    began = time.perf_counter()
    page.get_by_text("One node").first.click()
    page.wait_for_selector(".network canvas", timeout=60_000)
    page.wait_for_selector(IDLE, timeout=60_000)
    record("169,343 nodes: the neighbourhood of a node", [time.perf_counter() - began])
    process.terminate()


def server_time(data: Path) -> None:
    """What of a change is the server's: the script without a browser."""
    os.environ["TORQUE_DATA"] = str(data)
    for name in ("cora", "pubmed"):
        test = AppTest.from_file(ROOT / "app.py", default_timeout=300)
        test.query_params["data"] = name
        test.run()
        waits = []
        for rate in range(55, 55 + 5 * CHANGES, 5):
            began = time.perf_counter()
            test.sidebar.slider(key="rate").set_value(rate).run()
            waits.append(time.perf_counter() - began)
        record(f"{TITLES[name]}, new noise level: the server alone", waits)


def together(browser: Browser, data: Path) -> None:
    """Ten sessions with another noise level on Cora each: in turns, as ten people would, and all in one instant."""
    process, url = start_server(data)
    pages = [browser.new_context().new_page() for _ in range(SESSIONS)]
    for number, page in enumerate(pages):
        page.goto(f"{url}/explore?data=cora&seed={number}&rate=50")
        if not number:
            wait_for_picture(page)
            empty = _megabytes(process.pid)
    for page in pages:
        wait_for_picture(page)
    sliders = [page.get_by_test_id("stSidebar").get_by_role("slider").first for page in pages]
    alone = [act(pages[0], partial(sliders[0].press, "ArrowRight"))[0] for _ in range(CHANGES)]
    record("one session, new noise level on Cora: the numbers", alone)
    for name, pause in ((f"each acts every {SESSIONS * PAUSE:.0f} s", PAUSE), ("all in one instant", 0.0)):
        waits, used = [], _seconds(process.pid)
        for _ in range(ROUNDS if pause else 1):
            for page, slider in zip(pages, sliders, strict=True):
                page.evaluate(CLOCK)
                slider.press("ArrowRight")
                page.wait_for_timeout(1000 * pause)
            for page in pages:
                page.wait_for_function("() => clock.changed !== null", timeout=120_000)
                waits.append(page.evaluate("() => clock.changed") / 1000)
        record(f"{SESSIONS} sessions, {name}", waits)
        slower = max(waits) / statistics.median(alone)
        print(f"the slowest waits {slower:.1f} times as long as one alone, the median {statistics.median(waits):.2f} s;"
              f" the server computed {_seconds(process.pid) - used:.1f} s")  # fmt: skip
    full = _megabytes(process.pid)
    further = (full - empty) / (SESSIONS - 1)
    RECORD["memory"] = {
        "megabytes with one session": round(empty),
        "megabytes for each further session": round(further),
    }
    print(f"memory of the server: {empty:,.0f} MB with one session, {full:,.0f} MB with {SESSIONS}, so "
          f"{further:,.0f} MB for each further one")  # fmt: skip
    process.terminate()


def _seconds(process: int) -> float:
    """How long a process has computed (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(process: int) -> float:
    """What a process holds in memory (Linux)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


PARTS = {
    "openings": openings,
    "changes": changes,
    "drag": dragging,
    "training": training,
    "large": large,
    "together": together,
}


def main() -> None:
    """Measure the given parts and print the times; if all parts are measured, also write the record."""
    data = Path(os.environ.get("TORQUE_DATA") or raw_files() or tempfile.mkdtemp())
    parts = sys.argv[1:] or [*PARTS, "server"]
    with chromium() as browser:
        for name in [name for name in PARTS if name in parts]:
            PARTS[name](browser, data)
    if "server" in parts:
        server_time(data)
    if not sys.argv[1:]:  # a record is of one machine and version as a whole
        RECORD["measured"] = f"for version {__version__}"
        RECORD["machine"] = {
            "processor": processor_name(),
            "cores": os.cpu_count(),
            "browser": "Chromium on the same cores, drawing without a GPU",
        }
        FILE.write_text(json.dumps(RECORD, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
