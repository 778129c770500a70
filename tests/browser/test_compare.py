"""A person who doubts: puts torque beside another method, on the same graph."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import App

pytestmark = pytest.mark.browser


def choose(app: App, box: str, name: str) -> None:
    app.page.get_by_test_id("stSelectbox").filter(has_text=box).first.get_by_role("combobox").click()
    app.page.get_by_role("option", name=name, exact=True).click()
    app.settle()


def test_two_methods_side_by_side_and_all_below(app: App):
    app.open("/compare?data=karate").healthy()
    charts = app.page.locator(".js-plotly-plot")
    expect(charts).to_have_count(2)
    graphs, dots = charts.all()
    for title in ("Torque", "GDC"):
        expect(graphs.get_by_text(re.compile(rf"^{title}: [\d,]+ kept"))).to_be_visible()
    for axis in ("precision (% of pruned edges)", "recall (% of injected edges)", "homophily change (points)"):
        expect(dots.get_by_text(axis)).to_be_visible()
    expect(app.page.get_by_test_id("stDataFrame")).to_be_visible()
    choose(app, "Right", "FoSR")
    app.healthy()
    expect(charts.first.get_by_text(re.compile("^FoSR: 117 kept"))).to_be_visible()
    assert "peer=fosr" in app.page.url
    app.page.reload()
    app.settle().healthy()
    expect(charts.first.get_by_text(re.compile("^FoSR: 117 kept"))).to_be_visible()


def test_both_graphs_follow_one_camera(app: App):
    app.open("/compare?data=karate").healthy()
    chart = app.page.locator(".js-plotly-plot").first
    ranges = "plot => [plot.layout.xaxis.range, plot.layout.xaxis2.range].map(range => range.map(x => x.toFixed(4)))"
    before = chart.evaluate(ranges)
    assert before[0] == before[1]
    box = chart.bounding_box()
    app.page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    app.page.mouse.wheel(0, -400)
    moved = "([plot, before]) => plot.layout.xaxis.range.every((end, at) => end.toFixed(4) !== before[0][at])"
    app.page.wait_for_function(moved, arg=[chart.element_handle(), before])
    after = chart.evaluate(ranges)
    assert after[0] == after[1] != before[0]


def test_a_click_on_a_node_selects_it_in_both_graphs(app: App):
    app.open("/compare?data=karate&rate=0&peer=fosr").healthy()
    chart = app.page.locator(".js-plotly-plot").first
    place = chart.evaluate(
        """plot => {
            const nodes = plot._fullData.find(trace => trace.name.startsWith("nodes"));
            const {xaxis, yaxis} = plot._fullLayout, box = plot.getBoundingClientRect();
            return [box.x + xaxis._offset + xaxis.d2p(nodes.x[11]), box.y + yaxis._offset + yaxis.d2p(nodes.y[11])];
        }"""
    )
    app.page.mouse.move(*place)
    app.page.mouse.down()
    app.page.mouse.up()
    expect(app.page).to_have_url(re.compile("picked=11"))
    app.settle().healthy()
    marked = "plot => plot.data.filter(trace => trace.name === 'selected').length"
    assert app.page.locator(".js-plotly-plot").first.evaluate(marked) == 2


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
    expect(app.page.get_by_test_id("stPlotlyChart")).to_have_count(2)
    said = [
        chart.locator("xpath=descendant-or-self::*[@aria-label or @alt]").first.get_attribute("aria-label")
        for chart in app.page.get_by_test_id("stPlotlyChart").all()
    ]
    assert said[0].startswith("The same graph of 34 nodes, side by side. Torque: ")
    assert said[1].startswith("Dot plot of precision, recall and change of edge homophily of Torque, GDC, GCN-Jaccard")
