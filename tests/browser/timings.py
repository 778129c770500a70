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
# runs in the page: when the first number is another, and when the script last came to rest
CLOCK = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  const number = () => document.querySelector('[data-testid=stMetricValue]')?.innerText;
  const before = number(), start = performance.now();
  window.clock?.observer.disconnect();
  window.clock = {changed: null, rested: null, observer: new MutationObserver(() => {
    const now = performance.now() - start;
    if (clock.changed === null && number() && number() !== before) clock.changed = now;
    if (clock.changed !== null && clock.rested === null
        && app.getAttribute('data-test-script-state') === 'notRunning') clock.rested = now;
  })};
  clock.observer.observe(document.body, {attributes: true, subtree: true, childList: true, characterData: true});
}"""


def wait_for_picture(page: Page) -> None:
    """Until numbers, graph and histogram stand there."""
    page.wait_for_selector("[data-testid=stMetricValue]", timeout=90_000)
    page.wait_for_selector("iframe, .js-plotly-plot .scatterlayer", timeout=90_000)
    page.wait_for_selector(".js-plotly-plot .barlayer", timeout=90_000)
    page.wait_for_selector(IDLE, timeout=90_000)


def change_noise(page: Page, key: str) -> tuple[float, float]:
    """Seconds from a key on the noise slider until other numbers stand there, and until the page is at rest."""
    slider = page.get_by_test_id("stSidebar").get_by_role("slider").first
    page.evaluate(CLOCK)
    slider.press(key)
    page.wait_for_function("() => clock.changed !== null", timeout=60_000)
    page.wait_for_selector(IDLE)
    page.wait_for_timeout(500)  # let the browser finish drawing before the next one
    changed, rested = page.evaluate("() => [clock.changed, clock.rested]")
    return changed / 1000, rested / 1000


def main() -> None:
    """Measure and print."""
    data = Path(os.environ.get("TORQUE_DATA") or raw_files() or tempfile.mkdtemp())
    with sync_playwright() as play:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = play.chromium.launch(executable_path=chromium_path(), args=arguments)
        for name, command in (("make app", ("app.py",)), ("streamlit run", ("-m", "streamlit", "run", "app.py"))):
            openings = []
            for _ in range(OPENINGS):
                process, url = start_server(data, command=command)
                page = browser.new_page()
                began = time.perf_counter()
                page.goto(url)
                wait_for_picture(page)
                openings.append(time.perf_counter() - began)
                page.close()
                process.terminate()
                process.wait()
            print(f"open the first page of a fresh server, built-in graph, {name}: {statistics.median(openings):.2f} s "
                  f"({min(openings):.2f} to {max(openings):.2f}, {OPENINGS} servers)")  # fmt: skip
        process, url = start_server(data)
        page = browser.new_page()
        page.goto(f"{url}/?data=cora")
        wait_for_picture(page)
        page.get_by_test_id("stSidebar").get_by_role("slider").first.focus()
        for name, key in (("new", "ArrowRight"), ("repeated", "ArrowLeft")):
            waits = [change_noise(page, key) for _ in range(CHANGES)]
            for what, column in (("numbers", 0), ("whole picture", 1)):
                times = [wait[column] for wait in waits]
                print(f"change the noise level on Cora, {name} setting, {what}: {statistics.median(times):.2f} s "
                      f"({min(times):.2f} to {max(times):.2f}, {CHANGES} changes)")  # fmt: skip
        process.terminate()
        browser.close()


if __name__ == "__main__":
    main()
