"""How much noise does a method stand? A person sees a curve, runs what is missing, goes to the graph of a point."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import App

pytestmark = pytest.mark.browser
CORA = "/robustness?data=cora&scheme=component-10-10-80"


def run_at_35(app: App) -> None:
    """Run what is missing at one level; by default, it would be the whole curve."""
    box = app.page.get_by_test_id("stSelectbox").filter(has=app.page.get_by_text("At", exact=True))
    box.get_by_role("combobox").click()
    app.page.get_by_role("option", name="35 %", exact=True).click()
    app.page.get_by_role("button", name=re.compile("^Run 6 ")).click()


def test_a_curve_of_stored_runs_and_a_click_on_a_point(app: App):
    app.open(CORA + "&lines=plain~torque_default").healthy()
    chart = app.page.locator(".js-plotly-plot").first
    expect(chart.locator(".legendtext")).to_have_text(["plain", "torque_default"])
    expect(chart.get_by_text("inserted edges (% of the original edges)")).to_be_visible()
    point = chart.locator(".scatterlayer .trace .points path").last.bounding_box()  # torque at 100 %
    app.page.mouse.move(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2, steps=3)
    expect(chart.locator(".hoverlayer .hovertext").first).to_be_visible()  # Plotly has seen the pointer
    app.page.mouse.down()
    app.page.mouse.up()
    expect(app.page.get_by_test_id("stMetric").get_by_text("torque_default at 100 %")).to_be_visible()
    app.settle().healthy()
    assert app.metric("torque_default at 100 %") == "81.3 %"
    assert "rate=100" in app.page.url


def test_what_is_missing_is_run_through_a_reload_and_its_graph_is_shown(app: App):
    app.open("/robustness?data=karate&rate=35&lines=plain~torque_default").healthy()
    run_at_35(app)
    expect(app.page.get_by_text(re.compile("of 6 runs|6 of 6, done"))).to_be_visible()
    expect(app.page).to_have_url(re.compile("sweep="))
    app.page.reload()
    expect(app.page.get_by_text(re.compile("6 of 6, done"))).to_be_visible()
    app.settle().healthy()
    expect(app.page.get_by_test_id("stMetric").get_by_text("torque_default at 35 %, n = 3")).to_be_visible()
    # a ring would mark runs of this server among others
    expect(app.page.locator(".js-plotly-plot").first.get_by_text("run on this machine")).to_have_count(0)
    app.page.get_by_role("button", name="Open in Explore").click()
    expect(app.page).to_have_url(re.compile("/explore"))
    app.settle().healthy()
    assert "rate=35" in app.page.url


def test_runs_can_be_cancelled(app: App):
    app.open("/robustness?data=digits&rate=35&lines=plain~torque_default").healthy()
    run_at_35(app)
    app.page.get_by_role("button", name="Cancel").click()
    expect(app.page.get_by_text(re.compile("of 6, cancelled"))).to_be_visible()
    app.settle().healthy()
