"""Take the pictures of README: start the app, open each view in Chromium, write assets/*.png."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser.conftest import IDLE, ROOT, raw_files, start_server
from tests.chromium import chromium

VIEWS = {
    "explore-cora": ("/explore?data=cora", "light", 0),
    "explore-block-model-dark": ("/", "dark", 0),
    "receptive-field": ("/receptive_field?data=cora&node=5&layer=2", "light", 0),
    "evidence": ("/evidence?study=noise&place=Cora&level=50", "light", 0),
    "train": ("/train?data=cora&scheme=random-10-10-80", "light", 180),
}
"""Name, link, theme, and for how many seconds at most to wait for a training."""


def main() -> None:
    """Write every picture."""
    data = os.environ.get("TORQUE_DATA") or raw_files() or tempfile.mkdtemp()
    process, url = start_server(Path(data))
    try:
        with chromium() as browser:
            for name, (path, scheme, patience) in VIEWS.items():
                page = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme).new_page()
                page.goto(url + path)
                page.wait_for_selector(IDLE, timeout=90_000)
                page.wait_for_timeout(2_500)
                if patience:
                    page.get_by_test_id("stMain").get_by_role("button", name="Train").click()
                    page.wait_for_selector("text=/Done in/", timeout=1000 * patience)
                    page.mouse.move(720, 890)
                    page.wait_for_timeout(2_500)
                page.screenshot(path=ROOT / "assets" / f"{name}.png")
                print(f"assets/{name}.png")
    finally:
        process.terminate()


if __name__ == "__main__":
    main()
