"""A person who asks for a verdict on a small graph: runs it, pauses it, reads it, follows a number to its edges."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import App

pytestmark = pytest.mark.browser


def test_a_verdict_in_a_small_form(app: App):
    app.open("/verdict?data=karate&seeds=2").healthy()
    main = app.page.get_by_test_id("stMain")
    main.get_by_role("button", name="Run the verdict").click()
    main.get_by_role("button", name="Pause").click()
    expect(main.get_by_text(re.compile(r"of 50 trainings · paus"))).to_be_visible()
    main.get_by_role("button", name="Resume").click()
    expect(main.get_by_role("button", name="Cancel")).to_have_count(0)
    app.settle().healthy()
    expect(main.get_by_text(re.compile("Compared with the plain model, torque is"))).to_be_visible()
    with app.page.expect_download() as download:
        main.get_by_role("button", name="Report").click()
    assert download.value.suggested_filename == "verdict-karate.html"
    main.get_by_role("button", name=re.compile(r"Show \d+ in Explore")).last.click()
    app.settle().healthy()
    assert "/explore" in app.page.url
    assert "picked=" in app.page.url
