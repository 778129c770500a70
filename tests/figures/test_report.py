import re

import pandas as pd
import plotly.graph_objects as go
import pytest
from playwright.sync_api import expect

from torque_core.figures import DARK, LIGHT
from torque_core.figures.report import (
    ChartSection,
    CodeSection,
    DocumentSection,
    NumbersSection,
    TableSection,
    report_html,
)

MARKUP = "</script><img src=https://example.org onerror=alert(1)>"


def page() -> str:
    figure = go.Figure(go.Scatter(x=[0, 1], y=[0, 1], name=MARKUP))
    return report_html(
        MARKUP,
        {MARKUP: MARKUP},
        [
            ("Numbers", NumbersSection({MARKUP: MARKUP})),
            ("Chart", ChartSection(figure, MARKUP, "a caption")),
            ("Table", TableSection(pd.DataFrame({MARKUP: [MARKUP]}), MARKUP)),
            ("Code", CodeSection(f"print('{MARKUP}')")),
            ("Page", DocumentSection("<p>inside</p>", MARKUP)),
        ],
    )


@pytest.mark.browser
@pytest.mark.parametrize("made_in", [LIGHT, DARK], ids=["light", "dark"])
def test_figures_follow_the_colour_scheme_of_the_system(browser, tmp_path, made_in):
    figure = go.Figure(go.Scatter(x=[0, 1], y=[0, 1]))
    figure.add_annotation(x=0, y=0, text="cut", font={"color": made_in.text})
    file = tmp_path / "report.html"
    file.write_text(report_html("t", {}, [("Chart", ChartSection(figure, "a line"))]), encoding="utf-8")
    context = browser.new_context(color_scheme="light", offline=True)
    window = context.new_page()
    window.goto(file.as_uri())
    for theme in (LIGHT, DARK):  # the second while the report is open
        window.emulate_media(color_scheme=theme.name)
        text = f"rgb({', '.join(str(int(theme.text[at : at + 2], 16)) for at in (1, 3, 5))})"
        expect(window.locator("#chart0 .annotation-text")).to_have_css("fill", text)
        expect(window.locator("body")).to_have_css("color", text)
    context.close()


def test_texts_are_escaped():
    text = re.sub(r"<script>.*?</script>", "", page(), flags=re.DOTALL)
    assert "<img" not in text
    assert text.count("&lt;img") >= 8


def test_without_a_chart_there_is_no_script():
    assert "<script" not in report_html("t", {}, [("Numbers", NumbersSection({"a": "1"}))])


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_offline_and_saves_its_figures(browser, tmp_path, scheme):
    file = tmp_path / "report.html"
    file.write_text(page(), encoding="utf-8")
    context = browser.new_context(color_scheme=scheme, accept_downloads=True)
    window = context.new_page()
    asked, broken = [], []
    window.on("request", lambda request: asked.append(request.url))
    window.on("pageerror", lambda error: broken.append(str(error)))
    window.goto(file.as_uri())
    window.wait_for_selector("#chart1 .scatterlayer")
    for form in ("PNG", "SVG"):
        with window.expect_download() as download:
            window.get_by_role("button", name=form, exact=True).click()
        assert download.value.suggested_filename == f"figure-2.{form.lower()}"
    assert window.frame_locator("iframe").get_by_text("inside").is_visible()
    context.close()
    assert not broken
    assert all(url.startswith(("file:", "data:", "blob:", "about:")) for url in asked)
