"""The pages follow the colour scheme of the system."""

from tests.browser.conftest import App

# colours of what the charts of a page draw
COLOURS = """() => JSON.stringify([...document.querySelectorAll('.js-plotly-plot')].flatMap((chart) =>
  [...chart.querySelectorAll('text, path')].map((it) => getComputedStyle(it).fill + getComputedStyle(it).stroke)))"""
PATH = "/explore?data=karate&tab=gap"


def colours(app: App) -> str:
    app.open(PATH)
    app.page.wait_for_selector(".js-plotly-plot .nsewdrag")
    return app.stable(lambda: app.page.evaluate(COLOURS))


def test_charts_follow_a_change_of_the_colour_scheme(app: App):
    app.page.emulate_media(color_scheme="dark")
    dark = colours(app)
    app.page.emulate_media(color_scheme="light")
    assert colours(app) != dark
    app.page.emulate_media(color_scheme="dark")
    app.page.wait_for_function(f"dark => ({COLOURS})() === dark", arg=dark)
    app.settle()
