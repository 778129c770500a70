"""A person who takes the lesson: uses each control, reads the formula, answers, goes on; and others who do not."""

import re

import pytest
from playwright.sync_api import Locator, expect

from pages.shared.lesson.catalog import STEPS
from tests.browser.conftest import App
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser


def formula(app: App) -> str:
    """As LaTeX, of which KaTeX keeps a copy for screen readers."""
    return app.page.locator(".katex-display annotation").first.text_content() or ""


def number(app: App, label: str, value: str) -> None:
    field = app.page.get_by_role("spinbutton", name=label)
    field.fill(value)
    field.press("Enter")


def slide(app: App, label: str, key: str, times: int = 1) -> None:
    slider = app.page.get_by_role("slider", name=label)
    slider.focus()
    for _ in range(times):
        slider.press(key)


def choose(app: App, label: str, option: str) -> None:
    app.page.get_by_role("combobox", name=label).click()
    app.page.get_by_role("option", name=option, exact=True).click()


def use(app: App, step: str) -> None:
    """Do what a step asks for."""
    if step in ("mislead", "field"):
        number(app, "Node, 0 to 35", "25")
    elif step == "torque":
        choose(app, "Link, by torque", "10 – 18")
    elif step == "every":
        app.page.get_by_role("button", name="Select the 10 of highest torque").click()
    elif step == "gap":
        number(app, "Torque", "0.3")
    elif step == "prune":
        slide(app, "Fraction to prune", "End")
    elif step == "add":
        slide(app, "Additions", "End")
    elif step == "layers":
        app.page.get_by_text("Layer 2", exact=True).click()
    elif step == "noise":
        slide(app, "Noise level", "Home")
    else:
        choose(app, "Noise", "Delete edges")


def answer(app: App, text: str) -> None:
    app.page.get_by_role("radiogroup").get_by_text(text, exact=True).click()


def done(app: App) -> Locator:
    return app.page.get_by_text(re.compile("^Done. "))


def test_a_person_takes_the_whole_lesson(app: App):
    app.open("/").healthy()
    app.page.locator(".st-key-door_learn").get_by_role("link").click()
    app.settle().healthy()
    for at, step in enumerate(STEPS.values()):
        expect(app.page.get_by_role("heading", name=f"{at + 1}. {step.title}")).to_be_visible()
        expect(done(app)).to_have_count(0)
        before = formula(app)
        use(app, step.name)
        app.settle().healthy()
        expect(done(app)).to_be_visible()
        assert formula(app) != before
        right = next(one for one in step.question.answers if one.correct)
        answer(app, next(one.text for one in step.question.answers if not one.correct))
        expect(app.page.get_by_text(re.compile("^Not quite. "))).to_be_visible()
        answer(app, right.text)
        expect(app.page.get_by_text(f"Right. {right.explanation}")).to_be_visible()
        app.settle().healthy()
        expect(app.page.get_by_text(f"Tasks done: {at + 1} of 10 · correct answers: {at + 1}")).to_be_visible()
        if at + 1 < len(STEPS):
            app.page.get_by_role("button", name=re.compile("^Next")).click()
            app.settle()
    expect(app.page.get_by_role("button", name=re.compile("^Next"))).to_be_disabled()
    app.page.get_by_test_id("stMain").get_by_role("link", name="Evidence", exact=True).click()
    app.settle().healthy()
    expect(app.page).to_have_url(re.compile("/evidence"))


def test_a_link_is_clicked_in_the_picture(app: App):
    app.open("/learn?step=torque").healthy()
    assert r"\tau_{1,13}" in formula(app)
    network = app.network("Graph of the lesson")
    box = network.bounding_box()
    network.focus()
    for x in range(40, 61):  # somewhere in the middle there is a link
        app.page.mouse.click(box["x"] + box["width"] * x / 100, box["y"] + box["height"] / 2)
        app.settle()
        if "picked=" in app.page.url:
            break
    app.settle().healthy()
    i, j = re.search(r"picked=(\d+)-(\d+)", app.page.url).groups()
    assert rf"\tau_{{{i},{j}}}" in formula(app)
    expect(done(app)).to_be_visible()


def test_bars_are_selected_and_found_in_the_graph(app: App):
    app.open("/learn?step=every").healthy()
    area = app.page.locator(".js-plotly-plot .nsewdrag").first.bounding_box()
    app.page.locator(".js-plotly-plot").first.hover()
    app.page.locator(".modebar-btn[data-title='Box Select']").first.click()
    app.page.mouse.move(area["x"] + 0.6 * area["width"], area["y"] + 2)
    app.page.mouse.down()
    app.page.mouse.move(area["x"] + 0.99 * area["width"], area["y"] + 0.95 * area["height"], steps=6)
    app.page.mouse.up()
    app.settle().healthy()
    expect(done(app)).to_be_visible()
    expect(app.page.get_by_text(re.compile(r"^\d+ edges selected"))).to_be_visible()


def test_the_charts_of_the_gap_and_of_accuracy_are_clicked(app: App):
    app.open("/learn?step=gap").healthy()
    before = formula(app)
    for panel in (0, 1):  # ranked torques, and the gap below
        area = app.page.locator(".js-plotly-plot .nsewdrag").nth(panel).bounding_box()
        app.page.mouse.click(area["x"] + (0.3 + 0.4 * panel) * area["width"], area["y"] + 0.5 * area["height"])
        app.settle().healthy()
        cut = re.search(r"threshold=([0-9.]+)", app.page.url).group(1)
        assert rf"g({float(cut):.3f})" in formula(app)
        assert formula(app) != before
        before = formula(app)
    expect(done(app)).to_be_visible()
    app.open("/learn?step=accuracy").healthy()
    before = formula(app)
    point = app.page.locator(".js-plotly-plot .scatterlayer .point").first.bounding_box()
    app.page.mouse.click(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
    app.settle().healthy()
    expect(app.page).to_have_url(re.compile("level=20(&|$)"))
    expect(app.page.get_by_role("radio", name="20 %", exact=True)).to_be_checked()
    assert formula(app) != before


def test_each_step_has_its_link_and_a_reload_keeps_it(app: App):
    app.open("/learn?step=layers").healthy()
    expect(app.page.get_by_role("heading", name="7. The second layer")).to_be_visible()
    app.page.keyboard.press("n")
    app.settle().healthy()
    expect(app.page).to_have_url(re.compile(r"/learn\?step=field$"))
    number(app, "Node, 0 to 35", "13")
    app.settle()
    expect(app.page).to_have_url(re.compile(r"/learn\?node=13&step=field$"))
    said = formula(app)
    app.page.reload()
    app.settle().healthy()
    expect(app.page.get_by_role("heading", name="8. The receptive field")).to_be_visible()
    assert formula(app) == said
    app.page.locator("body").press("b")
    app.settle().healthy()
    expect(app.page).to_have_url(re.compile(r"/learn\?step=layers$"))
    app.go_back().healthy()
    expect(app.page.get_by_role("heading", name="8. The receptive field")).to_be_visible()
    assert formula(app) == said


def test_steps_are_chosen_and_those_done_are_marked(app: App):
    app.open("/learn").healthy()
    use(app, "mislead")
    app.settle()
    steps = app.page.get_by_role("radiogroup", name="Step")
    expect(steps.get_by_role("radio", name="1 ✓")).to_be_checked()
    steps.get_by_role("radio", name="9").click()
    app.settle().healthy()
    expect(app.page.get_by_role("heading", name="9. Noise")).to_be_visible()
    use(app, "noise")
    app.settle().healthy()
    expect(app.page.get_by_role("heading", name="9. Noise")).to_be_visible()
    expect(app.page.get_by_text("Tasks done: 2 of 10")).to_be_visible()


def test_a_reader_finds_their_own_settings_again(app: App):
    app.open("/explore?data=karate&rate=30").healthy()
    pruned = app.number("pruned")
    app.page.get_by_role("link", name="Learn").first.click()
    app.settle().healthy()
    expect(app.page).to_have_url(re.compile("/learn$"))
    expect(app.page.get_by_test_id("stSidebar")).to_be_hidden()
    use(app, "mislead")
    app.settle().healthy()
    app.page.get_by_role("link", name="Explore").first.click()
    app.settle().healthy()
    expect(app.page).to_have_url(re.compile(r"/explore\?data=karate&rate=30$"))
    assert app.number("pruned") == pruned
    app.go_back().healthy()
    expect(app.page.get_by_role("heading", name="1. A link that misleads")).to_be_visible()
    expect(app.page).to_have_url(re.compile(r"/learn\?node=25$"))
    app.page.get_by_role("link", name="Explore").first.click()
    app.settle().healthy()
    assert app.number("pruned") == pruned


def test_the_real_page_is_opened_with_the_steps_graph(app: App):
    app.open("/learn?step=noise").healthy()
    use(app, "noise")
    app.settle()
    with app.page.context.expect_page() as opened:
        app.page.get_by_role("link", name="Open this graph there").click()
    there = App(opened.value, app.url).settle().healthy()
    expect(there.page).to_have_url(re.compile(r"/explore\?.*nodes=36"))
    assert there.number("pruned") == 0


def test_a_teacher_has_notes_and_a_class_has_none(app: App):
    app.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    app.open("/learn?step=gap").healthy()
    app.page.get_by_text("For the teacher").click()
    app.page.get_by_role("button", name="Copy link with notes").click()
    expect(app.page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    app.page.goto(app.page.evaluate("navigator.clipboard.readText()"))
    app.settle().healthy()
    expect(app.page.get_by_text("Dvoretzky")).to_be_visible()
    app.open("/learn?step=gap&teach=1").healthy()
    expect(app.page.get_by_text("For the teacher")).to_have_count(0)


@pytest.mark.parametrize("app", ["light", "dark"], indirect=True)
def test_axe_finds_nothing_serious_in_steps_that_were_done(app: App):
    app.open("/learn")
    for step in ("torque", "gap", "field", "accuracy"):
        number_of_step = str(list(STEPS).index(step) + 1)
        app.page.get_by_role("radiogroup", name="Step").get_by_role("radio", name=number_of_step, exact=True).click()
        app.settle().healthy()
        use(app, step)
        app.settle()
        answer(app, next(one.text for one in STEPS[step].question.answers if not one.correct))
        check(app.settle().healthy())
