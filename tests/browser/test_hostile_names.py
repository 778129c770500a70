"""Hostile values of links, session files and uploads in a real browser: nothing is fetched from elsewhere."""

import json
import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from pages.shared.frame.navigation import PAGES
from pages.shared.state.declarations import SETTINGS
from tests.browser.conftest import App
from tests.hostile import HOST, NAMES, files, link

pytestmark = pytest.mark.browser
# addresses on the page that are not the app's own
FOREIGN = """() => [...document.querySelectorAll("[href], [src], [*|href]")]
  .map((it) => new URL(it.getAttribute("href") ?? it.getAttribute("src") ?? it.getAttribute("xlink:href"), location))
  .filter((url) => !["data:", "blob:"].includes(url.protocol) && url.host !== location.host).map(String)"""
# loads a picture, and returns the address that the browser refused to load
BLOCKED = """(url) => new Promise((done) => {
  addEventListener("securitypolicyviolation", (event) => done(event.blockedURI), { once: true });
  new Image().src = url;
})"""


def upload(app: App, place: str, contents: dict[str, bytes]) -> None:
    given = [{"name": name, "mimeType": "text/plain", "buffer": content} for name, content in contents.items()]
    app.page.locator(place).locator("input[type=file]").set_input_files(given)
    app.settle()


def check(app: App) -> str:
    """Assert that no name has become a link, a picture, an icon or an emoji; return the text of the page."""
    app.healthy()
    assert app.page.evaluate(FOREIGN) == []
    text = app.page.locator("body").inner_text().replace("\u2060", "")
    assert "😄" not in text
    assert "\u202e" not in text
    return text


def test_no_page_fetches_or_links_what_a_name_says(app: App):
    app.open("/explore")
    for part, page in enumerate(PAGES):
        app.open(f"/{page if part else ''}?{urlencode(link(part))}")
        if not part:  # the start page hands a link on to Explore
            expect(app.page).to_have_url(re.compile("/explore"))
            app.settle()
        assert NAMES[part][:30] in check(app)
    values = dict(zip(SETTINGS, NAMES, strict=False))
    session = {"app": "Torque Explorer", "version": NAMES[0], "page": NAMES[7], "settings": values}
    app.open("/explore?data=karate")
    app.page.get_by_role("button", name="Session").click()
    upload(app, ".st-key-toolbar, [data-testid=stPopoverBody]", {"<b>s.json": json.dumps(session).encode()})
    assert NAMES[2] in check(app)
    app.open("/your_graph")
    upload(app, "[data-testid=stMain]", files())
    check(app)
    app.page.get_by_role("button", name="Use this graph").click()
    expect(app.page).to_have_url(re.compile(r"/explore\?data=yours"))
    for page, (title, _) in PAGES.items():
        app.settle()
        app.page.get_by_role("link", name=title, exact=True).first.click()
        expect(app.page).to_have_url(re.compile(f"/{page if page != 'start' else ''}"))
        app.settle()
        check(app)
    assert app.page.request.get(f"{app.url}/_stcore/metrics").status == 404
    assert HOST in app.page.evaluate(BLOCKED, f"http://{HOST}/v")
