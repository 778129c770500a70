"""A person who trains: starts, watches, cancels, reloads, comes back by the link."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import App

pytestmark = pytest.mark.browser


def button(app: App, name: str):
    return app.page.get_by_test_id("stMain").get_by_role("button", name=name)


def test_a_training_runs_to_its_end_and_is_found_again(app: App):
    app.open("/train?data=karate&epochs=60").healthy()
    button(app, "Train").click()
    expect(app.page.get_by_text(re.compile("Done in"))).to_be_visible(timeout=60_000)
    app.settle().healthy()
    scores = [app.metric(f"Test accuracy, {name}") for name in ("plain GCN", "TorqueGNN")]
    assert all(re.fullmatch(r"\d+\.\d %", score) for score in scores)
    assert re.search(r"job=[0-9a-f]{32}", app.page.url)
    for axis in ("epoch", "accuracy (%)", "cross-entropy loss (nats)"):
        expect(app.page.locator(".js-plotly-plot").get_by_text(axis, exact=True).first).to_be_visible()
    app.page.reload()
    app.settle().healthy()
    assert [app.metric(f"Test accuracy, {name}") for name in ("plain GCN", "TorqueGNN")] == scores
    app.page.get_by_role("link", name="Explore").click()
    app.settle()
    expect(app.page.get_by_text("Test score in the last training")).to_be_visible()


def test_a_training_can_be_cancelled_and_outlives_a_reload(app: App):
    app.open("/train?data=digits&epochs=1000").healthy()
    button(app, "Train").click()
    expect(app.page.get_by_text(re.compile(r"Training both models: \d+ % .* s left"))).to_be_visible(timeout=60_000)
    app.page.reload()
    expect(app.page.get_by_text(re.compile("Training both models"))).to_be_visible(timeout=60_000)
    app.page.get_by_role("link", name="Receptive field").click()
    expect(app.page.get_by_text("whom does one node listen to")).to_be_visible(timeout=60_000)
    app.page.get_by_role("link", name="Train").click()
    expect(app.page.get_by_text(re.compile("Training both models"))).to_be_visible(timeout=60_000)
    began = time.monotonic()
    button(app, "Cancel").click()
    expect(app.page.get_by_text(re.compile("Cancelled after"))).to_be_visible(timeout=20_000)
    assert time.monotonic() - began < 10
    app.settle().healthy()
    expect(button(app, "Train")).to_be_enabled()
