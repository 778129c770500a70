"""The module of the notebook widget in a plain page, with a model that notes what reaches Python."""

import json

import pytest
from playwright.sync_api import Browser, Page, expect

from torque_core import load, rewire
from torque_core.figures.network_page import network_script, network_style
from torque_core.figures.widget import RewiringWidget

pytestmark = pytest.mark.browser
# a model as notebooks have it: set() tells the listeners, save_changes() tells Python
MOUNT = """([source, state]) => import(URL.createObjectURL(new Blob([source], { type: "text/javascript" }))).then(
  ({ default: widget }) => {
    const listeners = {};
    window.saved = [];
    window.model = {
      get: (name) => state[name],
      set: (name, value) => { state[name] = value; (listeners[`change:${name}`] ?? []).forEach((call) => call()); },
      on: (event, call) => (listeners[event] ??= []).push(call),
      off: (event, call) => (listeners[event] = listeners[event].filter((other) => other !== call)),
      save_changes: () => saved.push([state.threshold, state.selected_nodes, state.selected_edges]),
      listeners: () => Object.values(listeners).flat().length,
    };
    window.unmount = widget.render({ model, el: document.querySelector("#cell") });
  })"""


@pytest.fixture
def page(browser: Browser):
    page = browser.new_page(viewport={"width": 900, "height": 700})
    yield page
    page.close()


def test_the_cut_is_dragged_and_a_node_selected(page: Page):
    widget = RewiringWidget(rewire(load("karate").data, cut="fixed", fraction=0.1))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content(f'<style>{network_style()}</style><div id="cell"></div>')
    page.evaluate("window.define = Object.assign(() => {}, { amd: {} })")  # as in notebooks of VS Code
    state = {name: value for name, value in widget.get_state().items() if name not in ("_esm", "_css")}
    page.evaluate(MOUNT, [network_script("widget"), json.loads(json.dumps(state))])

    slider, count = page.get_by_role("slider", name="Cut"), page.get_by_role("status")
    expect(count).to_have_text(f"{widget.threshold:.3f}: 70 kept, 8 pruned, 2 added")
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    for step in range(3, 6):
        page.mouse.move(box["x"] + box["width"] * step / 10, middle)
    dragged = float(page.evaluate("model.get('threshold')"))
    assert page.evaluate("saved") == []  # Python learns of it on release
    widget.threshold = dragged
    layer = widget.layer_rewiring
    expect(count).to_have_text(f"{dragged:.3f}: {layer.kept.size(1)} kept, {layer.pruned.size(1)} pruned, 2 added")
    page.mouse.up()
    assert page.evaluate("saved.at(-1)[0]") == dragged

    expect(slider).to_have_attribute("data-lm-suppress-shortcuts", "true")  # JupyterLab leaves it the arrow keys
    slider.press("End")
    expect(count).to_have_text("none: 78 kept, 0 pruned, 2 added")
    assert page.evaluate("saved.at(-1)[0]") is None

    page.evaluate("model.set('threshold', 0)")  # from Python
    expect(count).to_have_text("0.000: 0 kept, 78 pruned, 2 added")

    network = page.get_by_role("application", name="Network of layer 0")
    corner = network.bounding_box()
    page.keyboard.down("Shift")
    page.mouse.move(corner["x"] + 2, corner["y"] + 2)
    page.mouse.down()
    page.mouse.move(corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] - 2)
    page.mouse.move(corner["x"] + corner["width"] - 50, corner["y"] + corner["height"] - 2)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.wait_for_function("saved.at(-1)[1].length > 20")
    assert page.evaluate("saved.at(-1)[2].every(([i, j]) => i < j)")

    page.evaluate("unmount()")
    assert page.evaluate("model.listeners()") == 0
    expect(network).to_have_count(0)
    assert errors == []
