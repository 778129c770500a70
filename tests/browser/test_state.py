"""A person who changes their mind: undo by keyboard, the browser's back, links, session files, a link for a class."""

import json
import re
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import App

pytestmark = pytest.mark.browser


def link(address: str) -> dict[str, str]:
    """The parameters of an address, but for the figure that Explore opens by itself."""
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items() if key != "tab"}


def noise_level(app: App) -> Locator:
    return app.page.get_by_test_id("stSidebar").get_by_role("slider", name="Noise level")


def lower(app: App, steps: int = 1) -> None:
    noise_level(app).focus()
    for _ in range(steps):
        noise_level(app).press("ArrowLeft")
        app.settle()


def toolbar_button(app: App, name: str) -> Locator:
    return app.page.locator(".st-key-toolbar").get_by_role("button", name=re.compile(name))


def test_undo_and_redo_by_keyboard(app: App):
    app.open("/explore?data=karate")
    expect(toolbar_button(app, "Undo")).to_be_disabled()
    lower(app, 2)
    assert link(app.page.url) == {"data": "karate", "rate": "40"}
    app.page.keyboard.press("Control+z")
    app.settle()
    assert link(app.page.url) == {"data": "karate", "rate": "45"}
    expect(app.page.get_by_text("Undone: noise level in %")).to_be_visible()
    expect(noise_level(app)).to_have_value("45")
    app.page.keyboard.press("Control+z")
    app.settle()
    assert link(app.page.url) == {"data": "karate"}
    expect(toolbar_button(app, "Undo")).to_be_disabled()
    app.page.keyboard.press("Control+Shift+z")
    app.settle().healthy()
    assert link(app.page.url) == {"data": "karate", "rate": "45"}


def test_undo_of_a_data_set(app: App):
    app.open("/explore?data=karate&picked=3~4-9&seed=2")
    app.page.get_by_test_id("stSidebar").get_by_role("combobox").first.click()
    app.page.get_by_role("option", name="Southern women").click()
    app.settle()
    assert link(app.page.url) == {"data": "davis", "seed": "2"}
    toolbar_button(app, "Undo").click()
    app.settle().healthy()
    expect(app.page.get_by_text("Friendships in a karate club")).to_be_visible()
    expect(app.page.get_by_text("1 node, 1 edge selected")).to_be_visible()
    assert link(app.page.url) == {"data": "karate", "picked": "3~4-9", "seed": "2"}


def test_the_browser_goes_back_and_forward_and_that_is_a_step(app: App):
    app.open("/explore?data=karate")
    lower(app, 2)
    app.go_back()
    assert link(app.page.url) == {"data": "karate", "rate": "45"}
    expect(noise_level(app)).to_have_value("45")
    app.page.go_back()
    app.settle()
    expect(noise_level(app)).to_have_value("50")
    app.page.go_forward()
    app.settle()
    expect(noise_level(app)).to_have_value("45")
    app.page.keyboard.press("Control+z")  # of the browser's last move
    app.settle().healthy()
    expect(noise_level(app)).to_have_value("50")


def test_each_thing_that_was_done_is_one_step_of_the_browser(app: App):
    app.open("/explore?data=karate&rate=30&split=0")  # a default, which the page leaves out of its address
    expect(app.page).to_have_url(re.compile(r"/explore\?data=karate&rate=30$"))
    app.page.get_by_role("link", name="Layers").click()
    app.settle()
    expect(app.page).to_have_url(re.compile(r"/layers\?data=karate&rate=30$"))
    lower(app)
    for page, rate in (("layers", 30), ("explore", 30)):
        app.go_back().healthy()
        expect(app.page).to_have_url(re.compile(rf"/{page}\?data=karate&rate={rate}$"))
        expect(noise_level(app)).to_have_value(str(rate))


def test_pages_share_the_state_and_its_steps(app: App):
    app.open()
    lower(app)
    for page in ("Train", "Receptive field", "Train"):  # the second time, the address of Train was there before
        app.page.get_by_role("link", name=page).click()
        app.settle()
        assert link(app.page.url) == {"rate": "45"}
    app.page.keyboard.press("Control+z")
    app.settle().healthy()
    expect(noise_level(app)).to_have_value("50")


def test_the_link_is_copied_and_opens_the_same(app: App):
    app.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    app.open("/receptive_field?data=karate&node=33&picked=3~4-9")
    lower(app)
    app.page.get_by_role("button", name="Copy link").click()
    expect(app.page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    copied = app.page.evaluate("navigator.clipboard.readText()")
    assert copied == app.page.url
    assert link(copied) == {"data": "karate", "rate": "45", "node": "33", "picked": "3~4-9"}
    app.page.goto(copied)
    app.settle().healthy()
    expect(app.page.get_by_text(re.compile("^Node 33, class"))).to_be_visible()
    expect(app.page.get_by_text("1 node, 1 edge selected")).to_be_visible()


def test_without_a_clipboard_the_address_is_shown(app: App):
    app.open("/explore?data=karate")
    app.page.evaluate("void Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    app.page.get_by_role("button", name="Copy link").click()
    field = app.page.get_by_label("The address, to be copied by hand")
    expect(field).to_have_value(app.page.url)
    expect(field).to_be_focused()
    expect(app.page.get_by_role("button", name="Press Ctrl+C")).to_be_visible()


def test_a_session_is_saved_and_restored(app: App, tmp_path: Path):
    picked = "~".join(map(str, range(110)))
    app.open(f"/receptive_field?rate=20&node=33&picked={picked}")
    expect(app.page.get_by_text("110 nodes selected; the link holds the first 100")).to_be_visible()
    toolbar_button(app, "Session").click()
    with app.page.expect_download() as download:
        app.page.get_by_role("button", name="Save as a file").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "torque-block_model.json"
    assert json.loads(file.read_text())["settings"]["picked"] == picked

    app.open("/train?data=davis")
    toolbar_button(app, "Session").click()
    app.page.locator("input[type=file]").set_input_files(file)
    expect(app.page.get_by_text(re.compile("^Node 33, class"))).to_be_visible()
    app.settle().healthy()
    assert urlsplit(app.page.url).path == "/receptive_field"
    assert link(app.page.url)["rate"] == "20"
    expect(app.page.get_by_text("110 nodes selected")).to_be_visible()
    app.page.keyboard.press("Escape")
    toolbar_button(app, "Undo").click()
    expect(app.page).to_have_url(re.compile(r"\?data=davis$"))
    app.settle().healthy()
    assert link(app.page.url) == {"data": "davis"}


def test_a_file_that_is_no_session(app: App, tmp_path: Path):
    file = tmp_path / "notes.json"
    file.write_text("[1, 2")
    app.open("/explore?data=karate")
    toolbar_button(app, "Session").click()
    app.page.locator("input[type=file]").set_input_files(file)
    expect(app.page.get_by_text("The file is not JSON")).to_be_visible()
    app.settle().healthy()
    assert link(app.page.url) == {"data": "karate"}


def test_a_link_for_a_class(app: App):
    app.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    app.open("/explore?data=karate&lever=feature")
    toolbar_button(app, "Session").click()
    app.page.get_by_role("button", name="Copy link for a class").click()
    expect(app.page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    copied = app.page.evaluate("navigator.clipboard.readText()")
    assert link(copied) == {"data": "karate", "lever": "feature", "teach": "1", "hide": "method~device"}
    pruned = app.number("pruned")
    app.page.goto(copied)
    app.settle().healthy()
    sidebar = app.page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_text("Noise level")).to_be_visible()
    sidebar.get_by_text("Method").click()
    expect(sidebar.get_by_text("Split", exact=True)).to_be_visible()
    for hidden in (re.compile(r"\((lever arm|force|cut rule)\)"), re.compile("^Device$")):
        expect(sidebar.get_by_text(hidden)).to_have_count(0)
    assert app.number("pruned") == pruned
    toolbar_button(app, "Session").click()
    expect(app.page.get_by_role("button", name="Save as a file")).to_be_visible()
    expect(app.page.get_by_text("Controls that a link")).to_have_count(0)


def test_a_view_with_nothing_to_set(app: App):
    app.open("/explore?data=karate&teach=1&hide=sidebar~toolbar").healthy()
    assert app.number("pruned") > 0
    expect(app.page.get_by_test_id("stSidebar")).to_have_count(0)
    expect(app.page.locator(".st-key-toolbar")).to_have_count(0)


def test_the_toolbar_is_one_row(app: App):
    app.open("/explore?data=karate&picked=3~17~4-9")
    lower(app)
    app.page.keyboard.press("Control+z")
    app.settle()
    expect(app.page.get_by_text("2 nodes, 1 edge selected")).to_be_visible()
    for width in (1024, 1440, 2560):
        app.page.set_viewport_size({"width": width, "height": 800})
        app.settle()
        buttons = app.page.locator(".st-key-toolbar").get_by_role("button").all()
        boxes = [button.bounding_box() for button in buttons if button.is_visible()]
        boxes = sorted((box for box in boxes if box), key=itemgetter("x"))
        assert len(boxes) == 6, width
        middles = [box["y"] + box["height"] / 2 for box in boxes]
        assert max(middles) - min(middles) < 6, width
        for left, right in pairwise(boxes):
            assert left["x"] + left["width"] <= right["x"] + 1, width
        assert boxes[-1]["x"] + boxes[-1]["width"] <= width


def test_every_control_of_the_toolbar_has_a_name_and_shows_the_focus(app: App):
    app.open("/explore?data=karate&picked=3")
    lower(app)
    toolbar = app.page.locator(".st-key-toolbar")
    for name in ("Undo", "Clear", "Copy link", "Session", "Shortcuts"):
        button = toolbar.get_by_role("button", name=name).locator("visible=true")
        app.page.keyboard.press("Tab")  # whoever uses the keyboard sees the focus
        button.focus()
        style = button.evaluate("node => getComputedStyle(node).outlineStyle + getComputedStyle(node).outlineWidth")
        assert style == "solid2px", name
    expect(app.page.get_by_role("heading", level=1)).to_have_text("Torque Explorer: Explore")
