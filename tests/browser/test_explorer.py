"""A person at the explorer: opens it, changes the graph and the noise, looks, follows a link."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import App, raw_files

pytestmark = pytest.mark.browser
both_themes = pytest.mark.parametrize("app", ["light", "dark"], indirect=True)


@both_themes
def test_it_opens_on_a_finished_rewiring(app: App):
    app.open().healthy()
    assert app.number("pruned") > 0
    assert app.number("auroc") > 0.5
    expect(app.network("Network of layer 1").locator("canvas")).to_be_visible()
    histogram = app.page.locator(".cut .histogram")
    expect(histogram.get_by_text("torque (no unit)")).to_be_visible()
    expect(histogram.get_by_text("number of edges")).to_be_visible()
    expect(histogram.get_by_text(re.compile("cut at .*: pruned"))).to_be_visible()


def test_every_picture_says_what_it_shows(app: App):
    for path, networks, charts in (
        ("/explore", r"Network of layer 1: \d", "Histogram of the torques"),
        ("/explore?tab=plane", r"Network of layer 1: \d", "Lever arm against force"),
        ("/explore?tab=gap", r"Network of layer 1: \d", "Ranked torques"),
        ("/explore?tab=roc", r"Network of layer 1: \d", "ROC curves of 5 detectors"),
        ("/layers", "Input graph, with noise: 120 nodes", "Fates of"),
        ("/receptive_field", "the receptive field of node 0|^Film: messages of", "Influence on the node by"),
    ):
        app.open(path).healthy()
        for network in app.page.get_by_role("application").all():
            assert re.search(networks, network.get_attribute("aria-label") or "")
        charts_drawn = app.page.get_by_test_id("stPlotlyChart").or_(app.page.locator(".cut [role=img]"))
        expect(charts_drawn.first).to_be_visible()
        for chart in charts_drawn.all():
            described = chart.locator("xpath=descendant-or-self::*[@aria-label or @alt]").first
            text = described.get_attribute("aria-label") or described.get_attribute("alt") or ""
            assert re.search(charts, text)


def test_another_graph_and_another_noise(app: App):
    app.open()
    app.page.get_by_test_id("stSidebar").get_by_role("combobox").first.click()
    app.page.get_by_role("option", name="Zachary's karate club").click()
    app.settle().healthy()
    expect(app.page.get_by_text("Friendships in a karate club")).to_be_visible()
    before = app.number("recall")
    slider = app.page.get_by_test_id("stSidebar").get_by_role("slider").first
    slider.focus()
    for _ in range(4):
        slider.press("ArrowLeft")
    expect(app.page).to_have_url(re.compile("data=karate.*rate=30"))
    app.settle().healthy()
    assert app.number("recall") != before


def test_the_whole_graph_and_a_legend(app: App):
    app.open("/explore?data=digits&view=whole").healthy()
    expect(app.network("Network of layer 1: 1,797 nodes").locator("canvas")).to_be_visible()
    app.open("/layers?data=karate&frame=1").healthy()
    legend = app.page.locator(".stage-legend").last
    for name in ("kept", "pruned", "added", "injected by the noise", "class 0"):
        expect(legend.get_by_text(name, exact=True)).to_be_visible()


def test_a_link_survives_a_reload_and_a_page_switch(app: App):
    app.open("/receptive_field?data=karate&rate=20&node=33&layer=2").healthy()
    expect(app.page.get_by_text(re.compile("^Node 33, class"))).to_be_visible()
    app.page.reload()
    app.settle().healthy()
    expect(app.page.get_by_text(re.compile("^Node 33, class"))).to_be_visible()
    app.page.get_by_role("link", name="Explore").click()
    app.settle().healthy()
    assert "data=karate" in app.page.url
    assert "rate=20" in app.page.url
    app.page.get_by_role("link", name="Receptive field").click()
    app.settle()
    expect(app.page.get_by_text(re.compile("^Node 33, class"))).to_be_visible()


def test_a_broken_link_says_so_and_shows_the_rest(app: App):
    app.open("/explore?data=atlantis&rate=999&seed=4").healthy()
    expect(app.page.get_by_text("«atlantis» is not one of")).to_be_visible()
    expect(app.page.get_by_text("«999» is not a number from 0 to 200")).to_be_visible()
    assert "seed=4" in app.page.url
    assert app.number("pruned") > 0


def test_without_network_there_is_a_message_and_a_way_on(app: App):
    app.open("/explore?data=texas").healthy()
    expect(app.page.get_by_text("Texas is not in")).to_be_visible()
    app.page.get_by_test_id("stSidebar").get_by_role("combobox").first.click()
    app.page.get_by_role("option", name="Handwritten digits").click()
    app.settle().healthy()
    expect(app.page.get_by_text("Texas is not in")).to_have_count(0)
    assert app.number("auroc") > 0.9


@both_themes
def test_the_receptive_field_of_a_node(app: App):
    app.open("/receptive_field?layer=2").healthy()
    for when in ("Before", "After"):
        expect(app.network(f"{when}: the receptive field of node 0").locator("canvas")).to_be_visible()
    app.page.get_by_role("button", name="Next").click()
    app.settle().healthy()
    expect(app.page.get_by_text(re.compile("^Node 1, class"))).to_be_visible()


@pytest.mark.skipif(raw_files() is None, reason="no raw files of Cora; set TORQUE_TEST_DATA to their folder")
def test_cora_with_half_as_many_edges_injected(app: App):
    app.open("/explore?data=cora").healthy()
    strip = app.page.locator(".stage-strip").inner_text()
    percent = {term: float(number) for term, number in re.findall(r"(precision|recall) ([\d.]+) %", strip)}
    assert percent["precision"] > 70
    assert percent["recall"] > 70
    before, after = map(float, re.search(r"([\d.]+) % → ([\d.]+) %", strip).groups())
    assert before < 60.5 < 75 < after
    assert app.number("auroc") > 0.9
    assert "AUROC, cosine 0.8" in strip
