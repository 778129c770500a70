"""Take the pictures of README: start the app, open each view in Chromium, write assets/*.png.

With ``--vision``, take them as people with colour vision deficiencies see them, into build/vision; nothing may then be
told apart by its colour alone.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser.conftest import IDLE, ROOT, raw_files, start_server
from tests.browser.moving_picture import take_moving_picture
from tests.chromium import chromium
from torque_core.io.example_files import example_files

MOVING = "drag"
VIEWS = {
    MOVING: "/explore?teach=1&hide=sidebar~toolbar~layer",
    "start": "/",
    "learn": "/learn?step=noise",
    "explore": "/explore?data=cora",
    "plane": "/explore?tab=plane",
    "gap": "/explore?data=cora&tab=gap",
    "layers": "/layers?frame=2",
    "receptive-field": "/receptive_field?data=cora&node=5&layer=2&film=295",
    "compare": "/compare?peer=gdc",
    "pubmed": "/explore?data=pubmed",
    "train": "/train?data=cora&scheme=random-10-10-80&models=plain~torque~ablation_random~mlp",
    "robustness": "/robustness?data=cora&scheme=component-10-10-80",
    "your-graph": "/your_graph",
    "verdict": "/verdict?data=cora",
    "evidence": "/evidence",
}
"""The link of each picture by its name; each is taken light, and dark as ``name-dark``."""
TRAINING = 240  # seconds at most
VISION = ("deuteranopia", "protanopia", "tritanopia", "achromatopsia")


def main() -> None:
    """Write every picture, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(VIEWS)}; default: all")
    parser.add_argument("--vision", action="store_true", help=f"simulate {', '.join(VISION)}")
    options = parser.parse_args()
    if unknown := set(options.names) - set(VIEWS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    wanted = [name for name in VIEWS if name in (options.names or VIEWS)]
    data = os.environ.get("TORQUE_DATA") or raw_files() or tempfile.mkdtemp()
    process, url = start_server(Path(data))
    try:
        with chromium() as browser:
            for name, scheme in ((name, scheme) for name in wanted for scheme in ("light", "dark")):
                context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
                page, stem = context.new_page(), f"{name}{'-dark' if scheme == 'dark' else ''}"
                if options.vision:
                    open_view(page, url + VIEWS[name])
                    written = [*simulated(page, stem)]
                elif name == MOVING:
                    written = [ROOT / "assets" / f"{stem}.png"]
                    take_moving_picture(page, url + VIEWS[name], written[0])
                else:
                    open_view(page, url + VIEWS[name])
                    written = [save(page, ROOT / "assets" / f"{stem}.png")]
                context.close()
                print(*(picture.relative_to(ROOT) for picture in written))
    finally:
        process.terminate()


def simulated(page: Page, stem: str) -> Iterator[Path]:
    """Take a picture of an open view for each colour vision deficiency."""
    folder = ROOT / "build" / "vision"
    folder.mkdir(parents=True, exist_ok=True)
    session = page.context.new_cdp_session(page)
    for deficiency in VISION:
        session.send("Emulation.setEmulatedVisionDeficiency", {"type": deficiency})
        yield save(page, folder / f"{stem}-{deficiency}.png")


def open_view(page: Page, link: str) -> None:
    """Open a view, and do what it waits for."""
    page.goto(link)
    page.wait_for_selector(IDLE, timeout=90_000)
    if "/receptive_field" in link:
        page.wait_for_selector(".film canvas", timeout=90_000)
    page.wait_for_timeout(2_500)
    if "/train" in link:
        page.get_by_test_id("stBaseButton-primary").click()
        page.wait_for_selector("text=/done in/", timeout=1000 * TRAINING)
        page.mouse.move(720, 890)
        page.wait_for_timeout(2_500)
    if "/verdict" in link:
        if (button := page.get_by_role("button", name=re.compile("(Run|Continue) the verdict"))).is_enabled():
            button.click()
            page.get_by_role("button", name="Cancel").wait_for(timeout=1000 * TRAINING)
        page.get_by_role("button", name="Cancel").wait_for(state="detached", timeout=1000 * TRAINING)
        page.wait_for_selector("text=/Compared with the plain model, torque is/", timeout=1000 * TRAINING)
        page.wait_for_timeout(2_500)
    if "/your_graph" in link:
        files = [
            {"name": name, "mimeType": "text/csv", "buffer": example_files()[name]}
            for name in ("edges.csv", "nodes.csv")
        ]
        page.locator("input[type=file]").set_input_files(files)
        page.wait_for_selector("[data-testid=stMetricValue]")
        page.wait_for_timeout(2_500)


def save(page: Page, picture: Path) -> Path:
    """Save what is seen."""
    page.screenshot(path=picture)
    # a palette of 256 colours looks the same, and takes a third of the bytes
    Image.open(picture).convert("RGB").quantize(256).save(picture, optimize=True)
    return picture


if __name__ == "__main__":
    main()
