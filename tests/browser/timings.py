"""How long a person waits: from opening the page, and after a change of a control. Prints medians, in seconds."""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser.conftest import IDLE, chromium_path, raw_files, start_server

OPENINGS, CHANGES = 5, 8


def wait_for_picture(page: Page) -> None:
    """Until numbers, graph and histogram stand there."""
    page.wait_for_selector("[data-testid=stMetricValue]", timeout=90_000)
    page.wait_for_selector("iframe, .js-plotly-plot .scatterlayer", timeout=90_000)
    page.wait_for_selector(".js-plotly-plot .barlayer", timeout=90_000)
    page.wait_for_selector(IDLE, timeout=90_000)


def change_noise(page: Page, key: str) -> float:
    """Seconds from a key on the noise slider until the page rests with other numbers."""
    number = page.get_by_test_id("stMetricValue").first
    slider = page.get_by_test_id("stSidebar").get_by_role("slider").first
    before = number.inner_text()
    began = time.perf_counter()
    slider.press(key)
    while number.inner_text() == before:
        page.wait_for_timeout(5)
    page.wait_for_selector(IDLE)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    data = Path(os.environ.get("TORQUE_DATA") or raw_files() or tempfile.mkdtemp())
    with sync_playwright() as play:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = play.chromium.launch(executable_path=chromium_path(), args=arguments)
        openings = []
        for _ in range(OPENINGS):  # each on a server that has imported nothing yet
            process, url = start_server(data)
            page = browser.new_page()
            began = time.perf_counter()
            page.goto(url)
            wait_for_picture(page)
            openings.append(time.perf_counter() - began)
            page.close()
            process.terminate()
            process.wait()
        print(f"open the page on a fresh server, built-in graph: {statistics.median(openings):.2f} s "
              f"({min(openings):.2f} to {max(openings):.2f}, {OPENINGS} servers)")  # fmt: skip
        process, url = start_server(data)
        page = browser.new_page()
        page.goto(f"{url}/?data=cora")
        wait_for_picture(page)
        page.get_by_test_id("stSidebar").get_by_role("slider").first.focus()
        for name, key in (("new", "ArrowRight"), ("repeated", "ArrowLeft")):
            waits = [change_noise(page, key) for _ in range(CHANGES)]
            print(f"change the noise level on Cora, {name} setting: {statistics.median(waits):.2f} s "
                  f"({min(waits):.2f} to {max(waits):.2f}, {CHANGES} changes)")  # fmt: skip
        process.terminate()
        browser.close()


if __name__ == "__main__":
    main()
