"""A person who looks closer: moves the cut, selects edges in one view and finds them in another, steps on."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import App

pytestmark = pytest.mark.browser


def drag_over(app: App, chart: str) -> None:
    """Drag over the right half of a chart, from its corner: at the cut, the drag would move the cut."""
    area = app.page.locator(chart).first.bounding_box()
    app.page.mouse.move(area["x"] + 0.95 * area["width"], area["y"] + 0.05 * area["height"])
    app.page.mouse.down()
    app.page.mouse.move(area["x"] + 0.55 * area["width"], area["y"] + 0.9 * area["height"], steps=6)
    app.page.mouse.up()
    app.settle().healthy()


def test_a_typed_threshold_cuts_anew_and_the_link_holds_it(app: App):
    app.open("/explore?data=karate&tab=plane").healthy()
    before = app.number("pruned")
    field = app.page.get_by_role("spinbutton", name="Torque")
    field.fill("0.2")
    field.press("Enter")
    app.settle().healthy()
    after = app.number("pruned")
    assert after > before
    assert "threshold=0.2" in app.page.url
    app.page.reload()
    app.settle().healthy()
    assert app.number("pruned") == after
    app.page.get_by_role("button", name="Reset the cut").click()
    app.settle().healthy()
    assert app.number("pruned") == before
    assert "threshold" not in app.page.url


@pytest.mark.parametrize("tab", ["histogram", "plane"])
def test_edges_selected_in_a_figure_survive_a_switch_and_a_reload(app: App, tab):
    app.open(f"/explore?data=karate&tab={tab}").healthy()
    drag_over(app, f".cut .{tab}")
    chosen = app.page.get_by_text(re.compile(r"^\d+ edges? selected")).inner_text()
    assert "picked=" in app.page.url
    assert "threshold=" not in app.page.url
    app.page.get_by_role("link", name="Layers").click()
    app.settle().healthy()
    assert app.page.get_by_text(re.compile(r"^\d+ edges? selected")).inner_text() == chosen
    app.page.reload()
    app.settle().healthy()
    assert app.page.get_by_text(re.compile(r"^\d+ edges? selected")).inner_text() == chosen


def test_steps_by_arrow_keys_and_by_play(app: App):
    app.open("/layers?data=karate&layers=2").healthy()
    expect(app.page.get_by_text("Input graph, with noise").first).to_be_visible()
    app.page.keyboard.press("ArrowRight")
    app.settle().healthy()
    assert "frame=1" in app.page.url
    app.page.keyboard.press("ArrowLeft")
    app.settle().healthy()
    assert "frame" not in app.page.url
    app.page.get_by_role("button", name="Play").click()
    app.page.wait_for_function("() => location.search.includes('frame=2')")
    expect(app.page.get_by_role("button", name="Play")).to_be_visible()  # it has come to its end
    app.settle().healthy()


def test_a_node_says_who_came_and_who_left(app: App):
    app.open("/receptive_field?data=block_model&node=5&layer=2").healthy()
    expect(app.network("Before: the receptive field of node 5")).to_be_visible()
    expect(app.network("After: the receptive field of node 5")).to_be_visible()
    expect(app.page.get_by_text("Which edges changed the receptive field")).to_be_visible()
    app.page.locator("body").press("ArrowRight")
    app.settle().healthy()
    expect(app.network("Before: the receptive field of node 6")).to_be_visible()


def test_a_selected_node_leads_to_whom_it_listens_to(app: App):
    app.open("/explore?data=karate&picked=3").healthy()
    expect(app.page.get_by_text("Node 3, class 1: this layer prunes 2 of its 7 edges")).to_be_visible()
    app.page.get_by_role("button", name="Show its receptive field").click()
    expect(app.network("Before: the receptive field of node 3")).to_be_visible()
    app.settle().healthy()
    app.page.locator("body").press("ArrowRight")
    expect(app.network("Before: the receptive field of node 4")).to_be_visible()
    app.settle()
    app.page.keyboard.press("Control+z")
    expect(app.network("Before: the receptive field of node 3")).to_be_visible()


def test_what_a_link_asks_for_and_is_not_there_is_said(app: App):
    app.open("/layers?data=karate&frame=4&picked=3~999&tab=nonsense").healthy()
    expect(app.page.get_by_text("There is no step 4: this graph has 2 layers")).to_be_visible()
    lost = "No longer selected, as this graph of 34 nodes does not contain them: 999"
    expect(app.page.get_by_text(lost)).to_be_visible()


def test_a_graph_and_a_report_can_be_taken_away(app: App, tmp_path):
    app.open("/explore?data=karate").healthy()
    app.page.get_by_role("button", name="Export").click()
    expect(app.page.get_by_text("from torque_core import").first).to_be_visible()
    for button, ending in (("Download the graph", ".csv"), ("Report of this view", ".html")):
        with app.page.expect_download() as download:
            app.page.get_by_role("button", name=button).click()
        assert download.value.suggested_filename.endswith(ending)
        download.value.save_as(tmp_path / f"taken{ending}")
        content = (tmp_path / f"taken{ending}").read_text(encoding="utf-8")
        assert ("source,target" in content) if ending == ".csv" else ("AUROC of torque" in content)
    app.healthy()


@pytest.mark.parametrize("page", ["layers", "receptive_field", "compare"])
def test_every_view_has_its_report(app: App, page, tmp_path):
    app.open(f"/{page}?data=karate&layers=2&layer=2").healthy()
    app.page.get_by_role("button", name="Export").click()
    with app.page.expect_download() as download:
        app.page.get_by_role("button", name="Report of this view").click()
    download.value.save_as(tmp_path / "report.html")
    says = {"layers": "Edge fates by layer", "receptive_field": "Receptive field before", "compare": "All methods"}
    assert says[page] in (tmp_path / "report.html").read_text(encoding="utf-8")
    if page == "compare":
        app.page.get_by_role("combobox", name="Graph").click()
        app.page.get_by_role("option", name="GDC: with the fate of every edge").click()
        app.settle()
        with app.page.expect_download() as download:
            app.page.get_by_role("button", name="Download the graph").click()
        assert download.value.suggested_filename == "karate-GDC-2.csv"
        lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
        assert lines[0] == "source,target,fate,injected,weight,weight back"
        assert sum(",True," in line for line in lines) == 39
        fates = {fate: sum(f",{fate}," in line for line in lines) for fate in ("kept", "pruned", "added")}
        counts = f"GDC: {fates['kept']} kept · {fates['pruned']} pruned · {fates['added']} added"
        expect(app.page.get_by_text(counts)).to_be_visible()
    app.healthy()


def test_the_table_of_edges_filters(app: App):
    app.open("/explore?data=karate").healthy()
    app.page.get_by_text("Edges and nodes").click()
    app.settle().healthy()
    rows = app.page.get_by_text(re.compile(r"^\d+ rows"))
    everything = int(rows.inner_text().split()[0])
    app.page.get_by_text("Injected only").click()
    app.settle().healthy()
    assert int(rows.inner_text().split()[0]) == 39 < everything
    app.page.get_by_role("button", name="Table as CSV").scroll_into_view_if_needed()  # a list at the edge closes again
    app.page.get_by_role("combobox", name="Filter by").click()
    app.page.get_by_role("option", name="torque", exact=True).click()
    app.settle()
    lowest = app.page.get_by_role("spinbutton", name="from", exact=True)
    lowest.fill("0.5")
    lowest.press("Enter")
    app.settle().healthy()
    left = int(rows.inner_text().split()[0])
    assert 0 < left < 39
    app.page.get_by_role("button", name=f"Select all {left}").click()
    app.settle().healthy()
    expect(app.page.get_by_text(f"{left} edges selected")).to_be_visible()


def test_a_large_graph_is_zoomed_and_moved_without_the_server(app: App):
    sent: list[int] = []
    app = app.in_new_window()
    app.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(len(frame))))
    app.open("/explore?nodes=6000&degree=4&rate=0&layers=1").healthy()
    area = app.page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2

    def shown() -> list[float]:
        return app.page.evaluate("() => document.querySelector('.js-plotly-plot').layout.xaxis.range")

    whole, before = shown(), len(sent)
    app.page.mouse.move(x, y)
    app.page.mouse.wheel(0, -300)
    nearer = "whole => document.querySelector('.js-plotly-plot').layout.xaxis.range[0] > whole[0]"
    app.page.wait_for_function(nearer, arg=whole)
    zoomed = shown()
    app.page.mouse.down()
    app.page.mouse.move(x + 80, y + 40, steps=5)
    app.page.mouse.up()
    assert shown()[0] < zoomed[0]
    assert shown()[1] < zoomed[1]
    app.page.wait_for_timeout(500)
    assert len(sent) == before
