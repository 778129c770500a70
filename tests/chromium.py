"""The system's Chromium, driven by Playwright. Nothing is skipped: without a browser the tests fail."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

CHROMIUMS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


def chromium_path() -> str:
    """The browser to drive: $CHROMIUM, or the system's."""
    for path in (os.environ.get("CHROMIUM", ""), *CHROMIUMS):
        if path and Path(path).exists():
            return path
    raise FileNotFoundError("no Chromium: run `make chromium`, or set CHROMIUM to a Chrome or Chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser. A process can have one at a time."""
    with sync_playwright() as play:
        # pages of one visitor share a process, which keeps what it compiled while one of them is open
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--process-per-site"]
        browser = play.chromium.launch(executable_path=chromium_path(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()
