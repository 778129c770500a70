"""Every page under axe, the checker of accessibility rules: nothing serious or critical, light and dark."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pages.shared.frame.navigation import PAGES
from tests.browser.conftest import PATIENCE, App

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("app", ["light", "dark"], indirect=True)
def test_axe_finds_nothing_serious_on_any_page(app: App):
    app.open("/explore?data=karate")
    for page in PAGES:
        visit(app, page)
        check(app)


@pytest.mark.parametrize("app", ["light", "dark"], indirect=True)
def test_nor_in_a_training_that_has_ended(app: App):
    app.open("/train?data=karate&epochs=20")
    app.page.get_by_test_id("stBaseButton-primary").click()
    expect(app.page.get_by_text(re.compile("done in"))).to_be_visible()
    check(app.settle().healthy())


def visit(app: App, page: str) -> None:
    """Go to a page by its link, which takes less time than to load the app at its address."""
    link = app.page.get_by_role("link", name=PAGES[page][0], exact=True).first
    there = re.compile(rf"{path_of(page)}(\?|$)")
    link.click()
    try:
        expect(app.page).to_have_url(there, timeout=PATIENCE / 4)
    except AssertionError:  # Streamlit loses a click if another message follows at once; who sees that clicks again
        link.click()
        expect(app.page).to_have_url(there)
    app.settle().healthy()


def path_of(page: str) -> str:
    return "/" if page == next(iter(PAGES)) else f"/{page}"


def is_dark(app: App) -> bool:
    return bool(app.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"))


def check(app: App) -> None:
    serious = violations(app)
    if serious:  # it may have looked while the page was being drawn; what counts is the page at rest
        app.stable(lambda: app.settle().page.content(), seconds=3)
        serious = violations(app)
    assert not serious, (app.page.url, serious)


def violations(app: App) -> dict[str, list[tuple[str, str]]]:
    """What is serious or critical: rule by rule, the elements and why."""
    # the page is the same in the dark but for its colours
    rules = {"runOnly": {"type": "rule", "values": ["color-contrast"]}} if is_dark(app) else {}
    return {
        rule["id"]: [(node["html"][:200], node["failureSummary"]) for node in rule["nodes"][:3]]
        for rule in Axe().run(app.page, options={"resultTypes": ["violations"]} | rules).response["violations"]
        if rule["impact"] in ("serious", "critical")
    }
