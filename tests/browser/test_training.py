"""A person who trains: starts, watches, pauses, cancels, reloads, comes back by the link, looks at a moment."""

import re
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import PATIENCE, App

pytestmark = pytest.mark.browser


def button(app: App, name: str):
    """Its name, and after it perhaps its key."""
    return app.page.get_by_test_id("stMain").get_by_test_id("stButton").get_by_role("button", name=name)


def press_train(app: App) -> None:
    app.page.get_by_test_id("stBaseButton-primary").click()


def text(app: App, said: str):
    return app.page.get_by_text(re.compile(said))


def until(app: App, reached: Callable[[], object]) -> None:
    """Wait until something is true, and let messages pass meanwhile."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not reached():
        assert time.monotonic() < deadline
        app.page.wait_for_timeout(20)


def trained(app: App) -> App:
    press_train(app)
    expect(text(app, "done in").first).to_be_visible()
    return app.settle().healthy()


def test_a_training_runs_to_its_end_and_is_found_again(app: App):
    trained(app.open("/train?data=karate&epochs=60"))
    scores = [app.metric(f"Test accuracy, {name}") for name in ("GNN on the original graph", "Torque")]
    assert all(re.fullmatch(r"\d+\.\d %", score) for score in scores)
    assert re.search(r"job=[0-9a-f]{16}", app.page.url)
    for axis in (
        "epoch",
        "accuracy (%)",
        "cross-entropy loss (nats)",
        "true class",
        "confidence (%)",
    ):
        expect(app.page.locator(".js-plotly-plot").get_by_text(axis, exact=True).first).to_be_visible()
    app.page.reload()
    app.settle().healthy()
    assert [app.metric(f"Test accuracy, {name}") for name in ("GNN on the original graph", "Torque")] == scores
    app.page.get_by_role("link", name="Explore", exact=True).click()
    app.settle()
    expect(app.page.get_by_text("Test score in the last training")).to_be_visible()


def test_a_training_is_paused_reloaded_left_and_cancelled(app: App):
    app.open("/train?data=digits&epochs=1000").healthy()
    press_train(app)
    expect(text(app, r"\d+ % · training .* s left")).to_be_visible()
    button(app, "Pause").click()
    expect(text(app, "% · paused")).to_be_visible()
    paused = app.stable(text(app, "% · paused").inner_text, seconds=1.2)  # for a redraw or more
    app.page.reload()
    expect(text(app, "% · paused")).to_have_text(paused)
    button(app, "Resume").click()
    expect(text(app, "% · training")).to_be_visible()
    app.page.get_by_role("link", name="Receptive field").click()
    expect(app.page.get_by_text("from which nodes does one node receive messages")).to_be_visible()
    app.page.get_by_role("link", name="Train").click()
    expect(text(app, "% · training")).to_be_visible()
    app.page.keyboard.press("Escape")
    expect(text(app, "cancelled after")).to_be_visible()
    app.settle().healthy()
    expect(button(app, "Remove")).to_be_enabled()


def test_cancel_is_answered_soon(app: App):
    app.open("/train?data=digits&epochs=1000")
    press_train(app)
    expect(text(app, "% · training")).to_be_visible()
    began = time.monotonic()
    button(app, "Cancel").click()
    expect(text(app, "cancelled after")).to_be_visible()
    assert time.monotonic() - began < 60  # alone on its machine, well below a second: see `make bench-app`


def test_a_button_that_cannot_be_pressed_yet_can_be_read(app: App):
    app.open("/train?data=karate&warmup=300")
    train = app.page.get_by_test_id("stBaseButton-primary")
    expect(train).to_be_disabled()
    assert train.locator("p").evaluate("text => getComputedStyle(text).color").startswith("rgba(49, 51, 63")


def test_two_runs_are_overlaid(app: App):
    trained(app.open("/train?data=karate&epochs=20&models=plain"))
    press_train(app)
    expect(text(app, "done in")).to_have_count(2)
    app.settle().healthy()
    legend = app.page.locator(".js-plotly-plot").first.locator(".legendtext")
    assert legend.all_text_contents() == ["Run 1: GNN on the original graph", "Run 2: GNN on the original graph"]
    chart = app.page.locator(".js-plotly-plot").first
    chart.locator(".xtitle").scroll_into_view_if_needed()
    app.settle()
    line = chart.locator(".hoverlayer .spikeline").last

    def box_of(place: str) -> dict:
        return chart.locator(f".draglayer .{place} .nsewdrag").bounding_box()

    def follows() -> bool:
        """Whether the line is where the pointer was moved to; the chart may have moved meanwhile, so it moves again."""
        box = box_of("xy2")
        middle = box["x"] + box["width"] / 2
        for step in (-2, 0):
            app.page.mouse.move(middle + step, box["y"] + box["height"] / 2)
        return bool(line.count()) and abs(line.bounding_box()["x"] - middle) < 3

    until(app, follows)
    scores, losses = box_of("xy"), box_of("xy2")
    crossed = line.bounding_box()  # through both charts
    assert crossed["y"] <= scores["y"] + 1
    assert crossed["y"] + crossed["height"] >= losses["y"] + losses["height"] - 1
    app.page.get_by_role("checkbox", name="Show").first.evaluate("box => box.click()")
    expect(legend).to_have_count(1)


def test_a_click_on_a_rewiring_leads_to_its_graph(app: App):
    trained(app.open("/train?data=karate&epochs=20&refresh=10"))
    chart = app.page.locator(".js-plotly-plot").first
    chart.scroll_into_view_if_needed()
    app.settle()
    mark = chart.locator(".scatterlayer .trace path.point").last.bounding_box()
    app.page.mouse.move(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2, steps=3)
    expect(chart.locator(".hoverlayer .hovertext").first).to_be_visible()  # Plotly has seen the pointer
    app.page.mouse.down()
    app.page.mouse.up()
    expect(app.page).to_have_url(re.compile("/explore"))
    app.settle().healthy()
    assert re.search(r"snapshot=[0-9a-f]{16}-torque-11", app.page.url)
    expect(text(app, "from epoch 11 on")).to_be_visible()
    app.page.reload()
    app.settle().healthy()
    expect(text(app, "from epoch 11 on")).to_be_visible()
    app.page.get_by_role("button", name="Back to the rewiring before training").click()
    expect(text(app, "from epoch 11 on")).to_have_count(0)


def test_whoever_moves_a_slider_while_another_page_is_on_its_way_keeps_what_was_set(app: App):
    held: list[tuple[WebSocketRoute, str | bytes]] = []
    sent: list[str | bytes] = []
    slow = False

    def route(browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()
        browser.on_message(lambda message: (sent.append(message), server.send(message)))
        server.on_message(lambda said: held.append((browser, said)) if slow else browser.send(said))

    app = app.in_new_window()
    app.page.route_web_socket(re.compile("_stcore/stream"), route)
    app.open("/train?data=karate&epochs=120&models=plain&backbone=sage&separate=yes")
    for rate in (55, 60):
        slow = True
        app.page.get_by_role("link", name="Explore", exact=True).click()
        until(app, lambda: held)
        asked = len(sent)
        app.page.get_by_role("slider", name="Noise level").press("ArrowRight")
        until(app, lambda before=asked: len(sent) > before)
        slow = False
        for browser, said in held:
            browser.send(said)
        held.clear()
        app.settle().healthy()
        if "/explore" in app.page.url:
            app.page.get_by_role("link", name="Train", exact=True).click()
            app.settle().healthy()
        kept = parse_qs(urlsplit(app.page.url).query)
        assert kept == {
            "data": ["karate"], "rate": [str(rate)], "models": ["plain"], "backbone": ["sage"], "separate": ["yes"],
            "epochs": ["120"],
        }  # fmt: skip
