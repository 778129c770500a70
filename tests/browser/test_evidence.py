"""A person who wants proof: picks a study, looks at the figures and the table, takes the table away."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import App, in_a_window, start_server
from tests.experiments.stored import made_up_store

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up results."""
    return made_up_store(tmp_path_factory.mktemp("evidence") / "results.sqlite")


@pytest.fixture(scope="module")
def evidence_server(store: Path) -> Iterator[str]:
    """An app with made-up results."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TORQUE_RESULTS", str(store))
        process, url = start_server(store.parent)
    yield url
    process.terminate()
    process.wait(120)


@pytest.fixture
def window(evidence_server: str, visitor: BrowserContext, request: pytest.FixtureRequest) -> Iterator[App]:
    yield from in_a_window(evidence_server, visitor, request.session)


def choose(app: App, box: str, name: str) -> None:
    app.page.get_by_test_id("stSelectbox").filter(has_text=box).first.get_by_role("combobox").click()
    app.page.get_by_role("option", name=name).click()
    app.settle()


def test_from_clean_graphs_to_noise(window: App):
    window.open("/evidence").healthy()
    figures = window.page.locator(".js-plotly-plot")
    expect(figures).to_have_count(3)
    scores = figures.nth(1)  # after the matrix
    expect(scores.get_by_text("test accuracy (%)")).to_be_visible()
    expect(window.page.get_by_test_id("stSidebar")).to_be_hidden()
    choose(window, "Study", "Robustness")
    window.healthy()
    expect(scores.get_by_text("inserted edges (% of the original edges)")).to_be_visible()
    for name in ("plain", "torque_default", "ablation_random"):
        expect(scores.locator(".legend").get_by_text(name, exact=True)).to_be_visible()
    expect(window.page.get_by_text("points above plain. It is more accurate in")).to_be_visible()
    assert "study=robustness" in window.page.url
    assert "level=100" in window.page.url
    choose(window, "Noise level", "50 %")
    expect(window.page.get_by_text("All methods · Zachary's karate club · Insert edges · 50 %")).to_be_visible()
    window.page.reload()
    window.settle().healthy()
    expect(window.page.get_by_text("All methods · Zachary's karate club · Insert edges · 50 %")).to_be_visible()


def test_every_figure_says_what_it_shows(window: App):
    window.open("/evidence?study=robustness").healthy()
    charts = window.page.get_by_test_id("stPlotlyChart")
    expect(charts).to_have_count(3)
    said = []
    for chart in charts.all():
        described = chart.locator("xpath=descendant-or-self::*[@aria-label or @alt]").first
        said.append(described.get_attribute("aria-label") or described.get_attribute("alt") or "")
    assert re.search("Mean test accuracy on Zachary's karate club of plain, torque_default, ablation_random", said[1])
    assert "Zachary's karate club, +100 %: +6.0, better." in said[0]
    assert re.search(r"Mean accuracy \(%\) by epoch of plain, torque_default, ablation_random", said[2])


def test_the_table_is_taken_away(window: App):
    window.open("/evidence?study=robustness&level=50").healthy()
    expect(window.page.get_by_test_id("stDataFrame")).to_be_visible()
    with window.page.expect_download() as download:
        window.page.get_by_role("button", name="Table as CSV").click()
    assert download.value.suggested_filename == "robustness-zachary-s-karate-club-insert-50.csv"
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("place,dataset,scheme,noise_kind,rate,label,n,mean,std,mark,")


def test_the_settings_of_other_pages_stay(window: App):
    window.open("/explore?data=karate&rate=35").page.get_by_role("link", name="Evidence").click()
    window.settle().healthy()
    expect(window.page.locator(".js-plotly-plot").first).to_be_visible()
    window.page.get_by_role("link", name="Explore").click()
    window.settle().healthy()
    expect(window.page.get_by_test_id("stSidebar")).to_be_visible()
    assert "data=karate" in window.page.url
    assert "rate=35" in window.page.url


def test_without_results_there_is_a_message(window: App, store: Path):
    elsewhere = store.rename(store.with_suffix(".elsewhere"))
    try:
        window.open("/evidence")
        expect(window.page.get_by_text("there is no store at")).to_be_visible()
        window.healthy().page.get_by_role("link", name="Explore").click()
        window.settle().healthy()
        assert window.number("pruned") > 0
    finally:
        elsewhere.rename(store)


def test_a_click_on_a_cell_opens_the_runs_behind_it_and_then_their_study(window: App):
    window.open("/evidence").healthy()
    cells = window.page.locator(".barlayer .point")
    expect(cells).to_have_count(4)  # karate clean, +50 % and +100 %; the block model clean
    box = cells.nth(2).bounding_box()
    assert box
    window.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    dialog = window.page.get_by_role("dialog")
    expect(dialog.get_by_text("Zachary's karate club, +100 %: torque_default differs from plain by")).to_be_visible()
    expect(dialog.get_by_test_id("stDataFrame")).to_be_visible()
    dialog.get_by_role("button", name="See this study below").click()
    expect(dialog).to_be_hidden()
    window.settle().healthy()
    expect(window.page.get_by_text("All methods · Zachary's karate club · Insert edges · 100 %")).to_be_visible()
    assert "study=robustness" in window.page.url
