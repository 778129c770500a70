"""A person who asks for a verdict on a small graph: runs it, pauses it, reads it, follows a number to its edges."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import App, raw_files
from torque_core.io.example_files import example_files

pytestmark = pytest.mark.browser
CSV = ("edges.csv", "nodes.csv")


def test_a_verdict_in_a_small_form(app: App):
    app.open("/verdict?data=karate&seeds=4").healthy()  # long enough to be paused on a busy machine
    main = app.page.get_by_test_id("stMain")
    main.get_by_role("button", name="Run the verdict").click()
    main.get_by_role("button", name="Pause").click()
    expect(main.get_by_text(re.compile(r"of 100 trainings · paus"))).to_be_visible()
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


NO_CORA = pytest.mark.skipif(raw_files() is None, reason="no raw files of Cora; set TORQUE_TEST_DATA to their folder")


@pytest.mark.parametrize("data", [pytest.param("cora", marks=NO_CORA), "yours"])
def test_a_verdict_on_cora_and_on_an_uploaded_graph(app: App, data: str):
    if data == "yours":
        app.open("/your_graph")
        files = [{"name": name, "mimeType": "text/csv", "buffer": example_files()[name]} for name in CSV]
        app.page.get_by_test_id("stMain").locator("input[type=file]").set_input_files(files)
        app.settle().page.get_by_role("button", name="Use this graph").click()
        expect(app.page).to_have_url(re.compile("data=yours"))
        app.settle()
    app.open(f"/verdict?data={data}&seeds=2&layers=1").healthy()  # half the time of two layers
    main = app.page.get_by_test_id("stMain")
    main.get_by_role("button", name="Run the verdict").click()
    expect(main.get_by_text(re.compile("Compared with the plain model, torque is"))).to_be_visible()
    expect(main.get_by_role("button", name="Cancel")).to_have_count(0)
    app.settle().healthy()
    expect(main.get_by_text(re.compile("The numbers below are of the first"))).to_have_count(0)
    expect(main.get_by_text("GCN-Jaccard").first).to_be_attached()
