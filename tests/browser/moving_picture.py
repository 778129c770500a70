"""The moving picture of README: the cut is dragged, edges and numbers follow, and the rewired graph is shown."""

import io
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser.conftest import IDLE

SIZE = {"width": 1000, "height": 620}
DRAG = (*range(0, 78, 13), *range(78, -40, -13), *range(-40, 1, 10))  # pixels from where the cut begins
HOLD, STEP = 1400, 110  # milliseconds
COLOURS = 96


def take_moving_picture(page: Page, link: str, picture: Path) -> None:
    """Write an animated PNG."""
    page.set_viewport_size(SIZE)  # type: ignore[arg-type]
    page.goto(link)
    page.wait_for_selector(IDLE, timeout=90_000)
    page.wait_for_selector(".cut .line circle")
    page.wait_for_timeout(2_500)
    frames, durations = zip(*_frames(page), strict=True)
    palette = frames[0].quantize(COLOURS)
    images = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    images[0].save(
        picture, save_all=True, append_images=images[1:], duration=list(durations), loop=0, optimize=True,
    )  # fmt: skip


def _frames(page: Page) -> Iterator[tuple[Image.Image, int]]:
    """Each frame, and for how many milliseconds it is shown."""
    line = page.locator(".cut .line circle").bounding_box()
    assert line
    x, y = line["x"] + line["width"] / 2, line["y"] + 60
    yield _picture(page), HOLD
    page.mouse.move(x, y)
    page.mouse.down()
    for shift in DRAG:
        page.mouse.move(x + shift, y)
        page.wait_for_timeout(60)
        yield _picture(page), STEP
    page.mouse.up()
    page.wait_for_timeout(1_500)  # the program has heard of the cut
    for name in ("Before", "After"):
        page.get_by_role("radio", name=name, exact=True).click()
        page.wait_for_timeout(1_500)
        yield _picture(page), HOLD


def _picture(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")
