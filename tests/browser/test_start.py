"""The page where one begins: it says what this is, and its doors lead on."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import App

pytestmark = pytest.mark.browser


def test_it_shows_a_graph_before_and_after_and_leads_on(app: App):
    app.open("/").healthy()
    expect(app.page.get_by_role("heading", name="Which edges of a graph are misleading?")).to_be_visible()
    expect(app.network("A graph of 80 nodes with 120 false edges").locator("canvas")).to_be_visible()
    expect(app.page.get_by_role("radio", name="After", exact=True)).to_be_visible()
    doors = app.page.locator("[class*=st-key-door_]").get_by_role("link")
    expect(doors).to_have_text([re.compile("Explore"), re.compile("Learn"), re.compile("Bring your graph")])
    app.page.locator(".st-key-door_explore").get_by_role("link").click()
    expect(app.page).to_have_url(re.compile("/explore$"))
    app.settle().healthy()
    assert app.number("pruned") > 0
    app.page.go_back()
    app.settle().healthy()
    expect(app.page.get_by_role("heading", name="Which edges of a graph are misleading?")).to_be_visible()


def test_an_old_link_to_the_root_leads_to_explore(app: App):
    app.open("/?data=karate&rate=30").healthy()
    expect(app.page).to_have_url(re.compile(r"/explore\?data=karate&rate=30$"))
    assert app.number("pruned")


def test_its_address_stays_bare_and_what_was_set_is_kept(app: App):
    app.open("/explore?data=karate").healthy()
    app.page.get_by_role("link", name="Start").first.click()
    app.settle().healthy()
    expect(app.page).to_have_url(re.compile(r"/$"))
    app.page.locator(".st-key-door_explore").get_by_role("link").click()
    app.settle().healthy()
    expect(app.page).to_have_url(re.compile(r"/explore\?data=karate$"))
