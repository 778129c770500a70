"""The network as a component: what a person does with it reaches Python, and what Python says is drawn."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, WebError, expect

from tests.browser.conftest import VIEWPORT, App, in_a_window, listening, start_server
from torque_core.figures import DARK, LIGHT, NetworkEdges, network_html
from torque_core.figures.palette import CLASS_COLOURS, PRUNED
from torque_core.scoring.torque import Torque

pytestmark = pytest.mark.browser
SIDE = 650  # of a small network, in its own units; canvas_script.py draws a square of four nodes
CORNERS = {0: (0, 0), 1: (SIDE, 0), 2: (SIDE, -SIDE), 3: (0, -SIDE)}
COUNT_DRAWINGS = """() => {
  window.drawings = 0;
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...args) { drawings++; return clear.apply(this, args); };
}"""
# how many frames are asked for and not drawn yet: a camera that moved says so only after the next drawing
COUNT_FRAMES = """
  const waiting = new Set(), ask = requestAnimationFrame, take = cancelAnimationFrame;
  window.requestAnimationFrame = (draw) => {
    const frame = ask((time) => { waiting.delete(frame); draw(time); });
    waiting.add(frame);
    return frame;
  };
  window.cancelAnimationFrame = (frame) => { waiting.delete(frame); take(frame); };
  window.framesWaiting = () => waiting.size;
"""
RGB = """(canvas, [x, y]) => {
  const ratio = canvas.width / canvas.clientWidth;
  return [...canvas.getContext("2d").getImageData(x * ratio, y * ratio, 1, 1).data];
}"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = start_server(
        tmp_path_factory.mktemp("data"), command=("-m", "streamlit", "run", "tests/browser/canvas_script.py")
    )
    yield url
    process.terminate()
    process.wait(120)


@dataclass
class Window(App):
    """The script in a window."""

    def settle(self) -> "Window":
        """Wait until the script rests and what it, or a gesture before, asked for is drawn."""
        super().settle()
        self.page.wait_for_function("() => framesWaiting() === 0", polling=20)
        return self

    def frame(self, name: str):
        return self.page.get_by_role("application", name=f"Network on the {name}").locator("xpath=..")

    def camera(self, name: str) -> list[float]:
        frame = self.frame(name)
        expect(frame).to_have_attribute("data-camera", re.compile(r"\d"))  # as soon as something is drawn
        return [float(part) for part in frame.get_attribute("data-camera").split()]

    def point(self, name: str, x: float, y: float) -> tuple[float, float]:
        """Where a point of the network is in its canvas."""
        box = self.frame(name).locator("canvas").bounding_box()
        left, top, scale = self.camera(name)
        return box["width"] / 2 + (x - left) * scale, box["height"] / 2 + (y - top) * scale

    def mouse(self, name: str, x: float, y: float) -> tuple[float, float]:
        """Where it is in the window."""
        box = self.frame(name).locator("canvas").bounding_box()
        px, py = self.point(name, x, y)
        return box["x"] + px, box["y"] + py

    def click(self, name: str, x: float, y: float, *, keys: str | None = None) -> None:
        self.page.mouse.move(*self.mouse(name, x, y))
        if keys:
            self.page.keyboard.down(keys)
        self.page.mouse.click(*self.mouse(name, x, y))
        if keys:
            self.page.keyboard.up(keys)

    def drag(self, name: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        (x, y), goal = self.mouse(name, *start), self.mouse(name, *end)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move((x + goal[0]) / 2, (y + goal[1]) / 2)
        self.page.mouse.move(*goal)
        self.page.mouse.up()
        self.settle()

    def expect_gestures(self, *gestures: list[object]) -> None:
        expect(self.page.get_by_test_id("stCode")).to_have_text(json.dumps(list(gestures)))
        self.settle()

    def colour(self, name: str, x: float, y: float, *, right: float = 0) -> str:
        """Of the pixel at a point of the network, and so many pixels to the right."""
        px, py = self.point(name, x, y)
        red, green, blue, alpha = self.frame(name).locator("canvas").evaluate(RGB, [px + right, py])
        return f"#{red:02X}{green:02X}{blue:02X}" if alpha == 255 else ""

    def expect_ring(self, name: str, node: int, colour: str) -> None:
        reach = range(8, 26)
        assert colour in [self.colour(name, *CORNERS[node], right=right) for right in reach]


@pytest.fixture(scope="module")
def viewer(script: str, browser: Browser) -> Iterator[BrowserContext]:
    context = listening(browser.new_context(viewport=VIEWPORT))
    context.add_init_script(COUNT_FRAMES)
    context.new_page().goto(f"{script}/_stcore/health")  # stays open, and with it the process
    yield context
    context.close()


@pytest.fixture
def window(script: str, viewer: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Window]:
    errors: list[str] = []

    def note(error: WebError) -> None:
        errors.append(str(error.error))

    viewer.on("weberror", note)
    for app in in_a_window(script, viewer, request.session):
        yield Window(app.page, app.url, app.outside)
    viewer.remove_listener("weberror", note)
    assert errors == []


def opened(window: Window, path: str = "/") -> Window:
    window.page.emulate_media(color_scheme="light")  # a test before may have left it dark
    window.open(path)
    window.camera("left")
    return window


def test_clicks_reach_python_and_python_says_what_is_selected(window: Window):
    opened(window)
    window.click("left", *CORNERS[2])
    first = ["left", [2], [], False]
    window.expect_gestures(first)
    for name in ("left", "right"):  # one selection, two pictures
        window.expect_ring(name, 2, LIGHT.text)
        assert window.colour(name, *CORNERS[1], right=18) == ""
    window.click("right", SIDE / 2, -SIDE, keys="Control")
    second = ["right", [], [[2, 3]], True]
    window.expect_gestures(first, second)
    window.expect_ring("left", 2, LIGHT.text)
    window.click("left", *CORNERS[0], keys="Shift")
    third = ["left", [0], [], True]
    window.expect_gestures(first, second, third)
    window.click("left", SIDE / 2, -SIDE / 2, keys="Control")  # nothing there, nothing to add
    window.click("left", SIDE / 2, -SIDE / 2)
    window.expect_gestures(first, second, third, ["left", [], [], False])
    assert window.colour("left", *CORNERS[2], right=18) == ""
    window.healthy()


def test_a_box_selects_what_lies_in_it(window: Window):
    opened(window)
    around = (-60, 30), (SIDE + 60, -60)  # the lower two nodes and their link
    window.page.keyboard.down("Shift")
    window.drag("left", *around)
    window.page.keyboard.up("Shift")
    first = ["left", [0, 1], [[0, 1]], True]
    window.expect_gestures(first)
    camera = window.camera("left")
    button = window.frame("left").get_by_role("button", name="Box selection")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    window.drag("left", (SIDE + 60, 30), (SIDE - 60, -SIDE - 25))
    second = ["left", [1, 2], [[1, 2]], False]
    window.expect_gestures(first, second)
    window.click("left", *CORNERS[3])
    window.expect_gestures(first, second, ["left", [3], [], False])
    assert window.camera("left") == camera
    button.click()
    window.drag("left", (SIDE / 2, -SIDE / 2), (SIDE / 2 + 50, -SIDE / 2))
    assert window.camera("left") != camera


def test_a_lasso_selects_what_it_goes_around(window: Window):
    opened(window)
    box = window.frame("left").get_by_role("button", name="Box selection")
    lasso = window.frame("left").get_by_role("button", name="Lasso selection")
    box.click()
    lasso.click()
    expect(lasso).to_have_attribute("aria-pressed", "true")
    expect(box).to_have_attribute("aria-pressed", "false")
    # around all but node 2, which a box around the three would hold
    corners = [(-50, 25), (SIDE + 50, 25), (SIDE + 50, -100), (100, -SIDE - 25), (-50, -SIDE - 25)]
    window.page.mouse.move(*window.mouse("left", *corners[0]))
    window.page.mouse.down()
    for corner in corners[1:]:
        window.page.mouse.move(*window.mouse("left", *corner), steps=5)
    expect(window.frame("left").locator("polygon")).to_be_visible()
    window.page.mouse.up()
    expect(window.frame("left").locator("polygon")).to_be_hidden()
    window.expect_gestures(["left", [0, 1, 3], [[0, 1], [0, 3]], False])
    window.healthy()


def test_the_picture_is_saved_as_it_is_seen(window: Window, tmp_path):
    opened(window)
    save = window.frame("left").get_by_role("button", name="Save image")
    with window.page.expect_download() as download:
        save.click()
    assert download.value.suggested_filename == "torque-network.svg"
    text = Path(download.value.path()).read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    name = "{http://www.w3.org/2000/svg}"
    links = list(root.iter(f"{name}path"))
    assert sorted(link.get("stroke-dasharray") for link in links) == ["7 5", "none", "none", "none"]
    assert {link.get("stroke") for link in links} == {LIGHT.kept, PRUNED, LIGHT.added}
    assert [label.text for label in root.iter(f"{name}text")] == ["0", "1", "2", "3"]
    assert len(list(root.iter(f"{name}polygon"))) == 4  # three of the classes, and a diamond on the injected edge
    assert root.get("aria-label") == "Network on the left"
    with window.page.expect_download() as download:
        window.frame("right").get_by_role("button", name="Save image").click()
    assert download.value.suggested_filename == "torque-network.png"
    picture = Image.open(download.value.path())
    box = window.frame("right").locator("canvas").bounding_box()
    assert picture.size == (2 * round(box["width"]), 2 * round(box["height"]))
    colours = {colour for _, colour in picture.convert("RGB").getcolors(10_000)}
    assert {tuple(int(c[at : at + 2], 16) for at in (1, 3, 5)) for c in CLASS_COLOURS[:4]} <= colours
    window.healthy()


def test_pointing_shows_the_torque(window: Window):
    opened(window)
    tip = window.frame("left").locator(".tip")
    for (x, y), text in {
        (SIDE / 4, 0): "0 – 1: pruned, injected by the noise\ntorque 0.125 = lever arm 0.500 × force 0.250",
        (0, -SIDE / 2): "0 – 3: added\ntorque 0.125 = lever arm 0.500 × force 0.250",
        CORNERS[2]: "2: class 2",
    }.items():
        window.page.mouse.move(*window.mouse("left", x, y))
        expect(tip).to_be_visible()
        assert tip.inner_text() == text
    window.page.mouse.move(*window.mouse("left", SIDE / 2, -SIDE / 2))
    expect(tip).to_be_hidden()


def test_a_new_state_changes_the_picture_in_place(window: Window):
    opened(window)
    canvas = window.frame("left").locator("canvas")
    canvas.evaluate("canvas => { canvas.mark = 'the same'; }")
    window.frame("left").get_by_role("application").press("-")
    window.settle()
    window.drag("left", CORNERS[2], (SIDE / 2, -SIDE / 2))
    camera = window.camera("left")
    kept = window.colour("left", SIDE, -SIDE / 4)
    window.page.get_by_label("Pruned links").fill("3")
    window.page.get_by_label("Pruned links").press("Enter")
    window.settle()
    window.page.mouse.move(*window.mouse("left", (CORNERS[1][0] + SIDE / 2) / 2, -SIDE / 4))
    expect(window.frame("left").locator(".tip")).to_contain_text("1 – 2: pruned")
    window.page.emulate_media(color_scheme="dark")
    window.settle()
    assert kept == ""  # the link went with its node
    expect(window.frame("left")).to_have_css("background-color", "rgb(14, 17, 23)")
    assert canvas.evaluate("canvas => canvas.mark") == "the same"
    assert window.camera("left") == camera
    window.click("left", SIDE / 2, -SIDE / 2)  # where the node was dragged to
    window.expect_gestures(["left", [2], [], False])
    colours = [window.colour("left", SIDE / 2, -SIDE / 2, right=right) for right in range(8, 26)]
    assert DARK.text in colours


def test_a_run_with_the_same_data_draws_nothing(window: Window):
    opened(window)
    window.page.evaluate(COUNT_DRAWINGS)
    window.page.get_by_role("button", name="Again").click()
    window.settle()
    assert window.page.evaluate("drawings") == 0
    window.page.emulate_media(color_scheme="dark")
    window.page.wait_for_function("drawings > 0")


def test_one_camera_for_both(window: Window):
    opened(window)
    start = window.camera("left")
    assert window.camera("right") == start
    picture = window.frame("left").get_by_role("application")
    for key, change in {"ArrowRight": (1, 0, 0), "ArrowUp": (0, -1, 0), "+": (0, 0, 1), "-": (0, 0, -1)}.items():
        before = window.camera("left")
        picture.press(key)
        window.settle()
        after = window.camera("left")
        assert np.sign(np.round(np.subtract(after, before), 6)).tolist() == list(change)
        assert window.camera("right") == pytest.approx(after)
    window.drag("right", (SIDE / 2, -SIDE / 2), (SIDE / 2 - 40, -SIDE / 2 + 30))
    moved = window.camera("right")
    assert moved != pytest.approx(start)
    assert window.camera("left") == pytest.approx(moved)
    window.page.evaluate(COUNT_DRAWINGS)
    picture.press("0")
    window.settle()
    assert window.camera("left") == pytest.approx(start)
    assert window.camera("right") == pytest.approx(start)
    assert window.page.evaluate("drawings") <= 4  # they do not answer each other


def test_all_is_seen_however_wide_the_window_is_until_somebody_moves_the_camera(window: Window):
    def sees_all(name: str) -> bool:
        box = window.frame(name).locator("canvas").bounding_box()
        points = [window.point(name, *corner) for corner in CORNERS.values()]
        return all(0 < x < box["width"] and 0 < y < box["height"] for x, y in points)

    def resize(width: int) -> None:
        before = window.camera("left")
        window.page.set_viewport_size({"width": width, "height": 900})
        expect(window.frame("left")).not_to_have_attribute("data-camera", " ".join(map(str, before)))
        window.settle()

    opened(window)
    for width in (500, 1440):
        resize(width)
        assert sees_all("left")
        assert sees_all("right")
    for _ in range(4):
        window.frame("left").get_by_role("application").press("+")
        window.settle()
    resize(900)
    assert not sees_all("left")
    assert not sees_all("right")


def test_it_can_be_reached_by_keyboard(window: Window):
    opened(window)
    window.page.get_by_role("switch", name="Shown").or_(window.page.get_by_label("Shown")).first.focus()
    window.page.keyboard.press("Tab")
    picture = window.frame("left").get_by_role("application", name="Network on the left")
    expect(picture).to_be_focused()
    expect(picture).to_have_css("outline-style", "solid")
    window.page.keyboard.press("Tab")
    expect(window.frame("left").get_by_role("button", name="Box selection")).to_be_focused()


def test_it_goes_and_comes_back(window: Window):
    opened(window)
    window.page.get_by_text("Shown").click()
    expect(window.page.locator(".network")).to_have_count(0)
    window.page.set_viewport_size({"width": 1000, "height": 800})
    window.page.get_by_text("Shown").click()
    window.settle()
    expect(window.page.locator(".network")).to_have_count(2)
    window.click("left", *CORNERS[1])
    window.expect_gestures(["left", [1], [], False])


def test_a_large_network(window: Window):
    opened(window, "/?nodes=5000&links=10000")
    camera = window.camera("left")
    box = window.frame("left").locator("canvas").bounding_box()
    window.page.mouse.click(box["x"] + box["width"] / 2 + 4, box["y"] + box["height"] / 2 + 4)
    expect(window.page.get_by_test_id("stCode")).to_contain_text('["left", [')
    window.page.get_by_label("Pruned links").fill("5000")
    window.page.get_by_label("Pruned links").press("Enter")
    window.settle()
    assert window.camera("left") == camera
    window.healthy()


def test_the_page_of_its_own_draws_alike(browser: Browser):
    links = NetworkEdges(
        torch.tensor([[0], [1]]), torch.ones(1, dtype=torch.uint8), torch.tensor([True]), Torque(*torch.ones(2, 1))
    )
    position = np.array([[0.0, 0.0], [1.0, 0.0]])
    context = browser.new_context(viewport={"width": 800, "height": 600}, offline=True)
    page = context.new_page()
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url))
    page.set_content(network_html([0, 1], links, position, torch.tensor([0, 1]), DARK, height=300, alt="Two nodes"))
    picture = page.get_by_role("application", name="Two nodes")
    expect(picture.locator("canvas")).to_have_css("height", "300px")
    expect(page.locator(".network")).to_have_css("background-color", "rgb(14, 17, 23)")
    expect(page.get_by_role("button", name=re.compile("Select"))).to_have_count(0)  # there is nobody to tell
    page.mouse.move(500, 150)
    expect(page.locator(".tip")).to_have_text(
        "0 – 1: pruned, injected by the noise\ntorque 1.000 = lever arm 1.000 × force 1.000"
    )
    page.mouse.click(500, 150)
    before = page.locator(".network").get_attribute("data-camera")
    picture.press("+")
    expect(page.locator(".network")).not_to_have_attribute("data-camera", before)
    assert outside == []
    context.close()
