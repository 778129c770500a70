"""A person who doubts: puts torque beside another method, on the same graph."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import App
from tests.browser.test_stage import INK

pytestmark = pytest.mark.browser


def choose(app: App, box: str, name: str) -> None:
    app.page.get_by_test_id("stSelectbox").filter(has_text=box).first.get_by_role("combobox").click()
    app.page.get_by_role("option", name=name, exact=True).click()
    app.settle()


def test_two_methods_side_by_side_and_all_below(app: App):
    app.open("/compare?data=karate").healthy()
    charts = app.page.locator(".js-plotly-plot")
    expect(charts).to_have_count(1)
    dots = charts.first
    for title in ("Torque", "GDC"):
        expect(app.network(rf"{title}: 34 nodes, \d+ kept").locator("canvas")).to_be_visible()
    for axis in ("precision (% of pruned edges)", "recall (% of injected edges)", "homophily change (points)"):
        expect(dots.get_by_text(axis)).to_be_visible()
    expect(app.page.get_by_test_id("stDataFrame")).to_be_visible()
    choose(app, "Right", "FoSR")
    app.healthy()
    expect(app.network("FoSR: 34 nodes, 117 kept")).to_be_visible()
    assert "peer=fosr" in app.page.url
    app.page.reload()
    app.settle().healthy()
    expect(app.network("FoSR: 34 nodes, 117 kept")).to_be_visible()


def test_both_graphs_follow_one_camera_and_one_switch(app: App):
    app.open("/compare?data=karate").healthy()
    stages = app.page.locator(".stage[data-camera]")
    expect(stages).to_have_count(2)
    left, right = stages.all()
    before = left.get_attribute("data-camera")
    assert right.get_attribute("data-camera") == before
    left.hover()
    app.page.mouse.wheel(0, -400)
    expect(right).not_to_have_attribute("data-camera", before)
    assert left.get_attribute("data-camera") == right.get_attribute("data-camera")
    app.page.get_by_role("radio", name="After", exact=True).first.click()
    expect(app.page.get_by_role("radio", name="After", exact=True, checked=True)).to_have_count(2)
    app.settle().healthy()
    assert "shown=after" in app.page.url


def test_a_selected_node_is_marked_in_both_graphs(app: App):
    app.open("/compare?data=karate&rate=0&peer=fosr").healthy()
    canvases = app.page.locator(".stage canvas").all()
    before = [canvas.evaluate(INK) for canvas in canvases]
    app.network("Torque").press("ArrowLeft")
    app.network("Torque").press("Enter")
    expect(app.page).to_have_url(re.compile(r"picked=\d"))
    app.settle().healthy()
    for canvas, ink in zip(canvases, before, strict=True):
        assert canvas.evaluate(INK) < 0.8 * ink  # all but the node and its neighbours fades


def test_the_table_is_taken_away(app: App):
    app.open("/compare?data=karate").healthy()
    with app.page.expect_download() as download:
        app.page.get_by_role("button", name="Table as CSV").click()
    assert download.value.suggested_filename == "compare-karate-insert-50-0.csv"
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0].startswith("method,kept,pruned,added,hits,injected,precision,recall,")
    assert [line.split(",")[0] for line in lines[1:3]] == ["Torque", "GDC"]


def test_charts_and_tables_say_what_they_show(app: App):
    app.open("/compare?data=karate").healthy()
    expect(app.page.get_by_test_id("stPlotlyChart")).to_have_count(1)
    said = [
        chart.locator("xpath=descendant-or-self::*[@aria-label or @alt]").first.get_attribute("aria-label")
        for chart in app.page.get_by_test_id("stPlotlyChart").all()
    ]
    assert said[0].startswith("Dot plot of precision, recall and change of edge homophily of Torque, GDC, GCN-Jaccard")
