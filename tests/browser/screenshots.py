"""Take the pictures of README: start the app, open each view in Chromium, write assets/*.png."""

import os
import re
import sys
import tempfile
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


def main() -> None:
    """Write every picture, or those that are named."""
    wanted = sys.argv[1:]
    data = os.environ.get("TORQUE_DATA") or raw_files() or tempfile.mkdtemp()
    process, url = start_server(Path(data))
    try:
        with chromium() as browser:
            for name, path in VIEWS.items():
                if wanted and name not in wanted:
                    continue
                for scheme in ("light", "dark"):
                    picture = ROOT / "assets" / f"{name}{'-dark' if scheme == 'dark' else ''}.png"
                    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
                    if name == MOVING:
                        take_moving_picture(context.new_page(), url + path, picture)
                    else:
                        take(context.new_page(), url + path, picture)
                    context.close()
                    print(picture.relative_to(ROOT))
    finally:
        process.terminate()


def take(page: Page, link: str, picture: Path) -> None:
    """Open a view, do what it waits for, and save what is seen."""
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
    page.screenshot(path=picture)
    # a palette of 256 colours looks the same, and takes a third of the bytes
    Image.open(picture).convert("RGB").quantize(256).save(picture, optimize=True)


if __name__ == "__main__":
    main()
