"""The stage: what it counts and draws while somebody moves the cut, and what it tells the app."""

import json
import re

import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import App
from torque_core import Noise, RewireSpec, add_noise, load, rewire
from torque_core.diagnostics import detection, structure
from torque_core.figures import DARK, LIGHT, NetworkEdges, layer_edges, network_data, node_layout
from torque_core.figures.stage import counts_data, live_cut, stage_script, stage_style

pytestmark = pytest.mark.browser
VERMILION = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    count += data[at] > 180 && data[at + 1] < 120 && data[at + 2] < 60 && data[at + 3] > 90;
  }
  return count;
}"""
ADDRESS_AT_FIRST_CHANGE = """(number) => {
  const root = number.getRootNode(), before = number.textContent;
  new MutationObserver(() => {
    if (root.querySelector("[data-name=pruned]")?.textContent !== before) {
      window.addressAtFirstChange ??= location.search;
    }
  }).observe(root, { childList: true, characterData: true, subtree: true });
}"""
INK = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let at = 3; at < data.length; at += 4) sum += data[at];
  return sum;
}"""


def numbers(page: Page | Locator) -> dict[str, str]:
    """The numbers of a stage, by their names: value and term."""
    items = page.locator(".stage-numbers [data-name]")
    return dict(items.evaluate_all("all => all.map((it) => [it.dataset.name, [...it.children].slice(1).map("
                                   "(part) => part.textContent).join(': ')])"))  # fmt: skip


def change(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"


def percent(fraction: float | None) -> str:
    return "–" if fraction is None else f"{100 * fraction:.1f} %"


def test_the_browser_counts_what_the_server_counts(browser: Browser):
    data = load("karate").data
    noisy = add_noise(data, Noise("insert", 0.6))
    rewiring = rewire(noisy.data, RewireSpec(cut="fixed", fraction=0.3, additions=0.25, layers=1))
    layer, size = rewiring.layers[0], rewiring.num_nodes
    injected = noisy.is_injected(layer.pairs)
    network = network_data(range(size), layer_edges(layer, injected), node_layout(layer.pairs, size), data.y, LIGHT)
    thresholds = [0.0, *layer.torque.value.unique()[::5].tolist(), 0.4321, 10.0]
    page = browser.new_page()
    script = stage_script("stage_component").replace("export default", "window.host =")
    page.set_content(
        f'<div id="root" style="width: 600px"></div><div id="strip"></div><script type="module">{script}</script>'
    )
    for threshold in thresholds:
        by_hand = layer.recut(threshold, additions=0.25)
        report = detection(by_hand.torque.value, by_hand.pruned_mask, injected)
        before, after = (structure(pairs, size, data.y) for pairs in (layer.pairs, by_hand.rewired))
        stage = {
            "part": "stage", "group": str(threshold), "network": network, "height": 200, "alt": "", "nodes": [],
            "edges": [], "shown": "changes", "numbers": True,
            "live": live_cut(threshold, layer.cut.threshold, additions=0.25),
        }  # fmt: skip
        page.evaluate("data => host({ data, parentElement: root, setTriggerValue() {} })", stage)
        counts = counts_data(report, before, after, added=by_hand.added.size(1))
        strip = {"part": "numbers", "group": "host", "colors": {}, "counts": counts}
        page.evaluate("data => host({ data, parentElement: strip, setTriggerValue() {} })", strip)
        counted, told = (numbers(page.locator(part)) for part in ("#root", "#strip"))
        assert counted == {name: text for name, text in told.items() if name != "auroc"}
        assert counted == {
            "pruned": f"{report.pruned} of {layer.pairs.size(1)}: edges pruned",
            "added": f"{by_hand.added.size(1)}: new edges",
            "recall": f"{report.hits} of {report.injected}: recall {percent(report.recall)}",
            "homophily": f"{change(percent(before.edge_homophily), percent(after.edge_homophily))}: edge homophily",
            "precision": f"{report.pruned - report.hits}: precision {percent(report.precision)}",
            "isolated": f"{change(str(before.isolated), str(after.isolated))}: isolated nodes",
            "components": f"{change(str(before.components), str(after.components))}: components",
        }
    page.close()


def test_stage_follows_the_theme_of_the_page(browser: Browser):
    pairs, none = torch.tensor([[0], [1]]), torch.zeros(1, dtype=torch.bool)
    edges = NetworkEdges(pairs, torch.zeros(1, dtype=torch.uint8), none, None)
    position = torch.tensor([[0.0, 0.5], [1.0, 0.5]]).numpy()
    names = [LIGHT.text, "b"]  # a text that looks like a colour stays
    network = network_data(range(2), edges, position, torch.zeros(2, dtype=torch.long), LIGHT, names=names)
    stage = {"part": "stage", "group": "one", "network": network, "height": 200, "alt": "", "nodes": [], "edges": [],
             "shown": "changes", "numbers": False, "live": None}  # fmt: skip
    page = browser.new_page()
    script = stage_script("stage_component").replace("export default", "window.host =")
    script += "\nwindow.nameOfFirst = () => [...mounted.values()][0].names[0];"
    light, dark = (f":root {{ --st-background-color: {theme.background}; }}" for theme in (LIGHT, DARK))
    themes = f"{light} @media (prefers-color-scheme: dark) {{ {dark} }}"
    page.set_content(
        f'<style>{stage_style()} {themes}</style><div id="root" style="width: 400px"></div>'
        f'<script type="module">{script}</script>'
    )
    page.evaluate("data => { window.leave = host({ data, parentElement: root, setTriggerValue() {} }) }", stage)
    frame = page.locator("#root .network")
    kept = page.locator("#root .stage-legend path").first
    for scheme, theme in (("dark", DARK), ("light", LIGHT), ("dark", DARK)):
        page.emulate_media(color_scheme=scheme)
        expect(kept).to_have_attribute("stroke", theme.kept)
        assert frame.evaluate("it => it.style.getPropertyValue('--background')") == theme.background
    page.evaluate("data => { window.leave = host({ data, parentElement: root, setTriggerValue() {} }) }", stage)
    expect(kept).to_have_attribute("stroke", DARK.kept)  # the program still passes the colours of the light theme
    assert page.evaluate("nameOfFirst()") == LIGHT.text
    page.evaluate("leave()")
    expect(page.locator("#root > *")).to_have_count(0)
    page.close()


def test_arrows_show_directions_and_the_legend_switches_relations(browser: Browser):
    pairs, fate = torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([0, 0, 2], dtype=torch.uint8)
    position = torch.tensor([[0.0, 0.5], [1.0, 0.5], [1.0, 0.0], [0.0, 0.0]]).numpy()
    none = torch.zeros(3, dtype=torch.bool)

    def network(nodes: int, direction: list[int] | None) -> dict[str, object]:
        ways = None if direction is None else torch.tensor(direction, dtype=torch.uint8)
        edges = NetworkEdges(pairs, fate, none, None, direction=ways)[torch.arange(nodes - 1)]
        return network_data(range(nodes), edges, position, torch.zeros(4, dtype=torch.long), LIGHT)

    def stage(network: dict[str, object], group: str) -> dict[str, object]:
        return {"part": "stage", "group": group, "network": network, "height": 200, "alt": "", "nodes": [], "edges": [],
                "shown": "changes", "numbers": False, "live": None}  # fmt: skip

    page = browser.new_page()
    script = stage_script("stage_component").replace("export default", "window.host =")
    names = ("plain", "back", "both", "four", "twin")
    roots = "".join(f'<div id="{name}" style="width: 400px"></div>' for name in names)
    page.set_content(f'<style>{stage_style()}</style>{roots}<script type="module">{script}</script>')
    networks = (network(2, None), network(2, [2]), network(2, [3]), network(4, [1, 3, 2]), network(4, [1, 3, 2]))
    for name, drawn in zip(names, networks, strict=True):
        group = "shared" if name in ("four", "twin") else name
        page.evaluate("([name, data]) => void host({data, parentElement: document.getElementById(name), "
                      "setTriggerValue() {}})", [name, stage(drawn, group)])  # fmt: skip

    def ink(name: str) -> float:
        return page.locator(f"#{name} canvas").evaluate(INK)

    page.wait_for_function(f"[...document.querySelectorAll('canvas')].every((canvas) => ({INK})(canvas))")
    assert ink("plain") < ink("back") < ink("both")
    box = page.locator("#back canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#back .tip")).to_have_text("0 ← 1: kept")
    legend = page.locator("#four .stage-legend")
    assert legend.get_by_role("button").all_text_contents() == ["kept", "added", "one way", "both ways"]
    assert page.locator("#plain .stage-legend").get_by_role("button").all_text_contents() == ["kept"]
    whole = ink("four")
    for name in ("kept", "added", "one way", "both ways"):
        entry = legend.get_by_role("button", name=name)
        entry.click()
        expect(entry).to_have_attribute("aria-pressed", "false")
        for stage_of_group in ("four", "twin"):
            page.wait_for_function(
                f"([name, whole]) => ({INK})(document.querySelector(`#${{name}} canvas`)) < whole",
                arg=[stage_of_group, whole],
            )
        entry.press("Enter")
        expect(entry).to_have_attribute("aria-pressed", "true")
        expect(entry).to_be_focused()
        page.wait_for_function(f"(whole) => ({INK})(document.querySelector('#four canvas')) === whole", arg=whole)
    page.close()


def test_steps_are_shown_by_the_browser_and_told_when_the_user_rests(browser: Browser):
    data = load("karate").data
    layers = rewire(data, RewireSpec(cut="fixed", fraction=0.3, layers=3)).layers
    position, none = node_layout(layers[0].pairs, 34), torch.zeros(78, dtype=torch.bool)
    networks = [network_data(range(34), layer_edges(layer, none), position, data.y, LIGHT) for layer in layers]
    titles = [f"Layer {number}" for number in (1, 2, 3)]
    steps = [
        {"title": title, "alt": title, "edges": network["edges"]}
        for title, network in zip(titles, networks, strict=True)
    ]
    stage = {
        "part": "stage", "group": "steps", "network": networks[0], "steps": steps, "height": 200, "alt": "",
        "nodes": [], "edges": [], "shown": "changes", "numbers": False, "live": None,
    }  # fmt: skip
    control = {"part": "steps", "group": "steps", "titles": titles, "step": 0, "serial": 0, "colors": {}}
    page = browser.new_page()
    script = stage_script("stage_component").replace("export default", "window.host =")
    parts = '<div id="control"></div><div id="root" style="width: 600px"></div>'
    page.set_content(f'<style>{stage_style()}</style>{parts}<script type="module">{script}</script>')
    page.evaluate("""([stage, control]) => {
      window.told = [];
      window.update = (more) => host({data: {...control, ...more}, parentElement: document.querySelector("#control"),
        setTriggerValue(name, value) { told.push([name, value]); }});
      window.remove = update({});
      host({data: stage, parentElement: root, setTriggerValue() {}});
    }""", [stage, control])  # fmt: skip
    title, picture = page.locator(".stage-bar .title"), page.get_by_role("application")
    expect(title).to_have_text("Layer 1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text("Layer 3")
    expect(picture).to_have_attribute("aria-label", "Layer 3")
    page.wait_for_function("told.length")
    ((name, event),) = page.evaluate("told")
    assert (name, event["value"]) == ("step", 2)
    page.evaluate("void update({})")  # the host does not know yet
    expect(title).to_have_text("Layer 3")
    page.evaluate(f"void update({{step: 1, serial: {event['serial']}}})")  # it does, and says otherwise: undo
    expect(title).to_have_text("Layer 2")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(title).to_have_text("Layer 3")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.evaluate("remove()")
    page.keyboard.press("ArrowLeft")
    expect(title).to_have_text("Layer 3")
    page.close()


def test_the_cut_is_dragged(app: App):
    app.open("/explore").healthy()
    line = app.page.locator(".cut .line circle").bounding_box()
    x, y = line["x"] + line["width"] / 2, line["y"] + 60
    canvas = app.page.locator(".stage canvas")
    start, pixels = numbers(app.page), canvas.evaluate(VERMILION)
    pruned = app.page.locator("[data-name=pruned]")
    pruned.evaluate(ADDRESS_AT_FIRST_CHANGE)
    app.page.mouse.move(x, y)
    app.page.mouse.down()
    app.page.mouse.move(x - 40, y, steps=4)
    expect(pruned).not_to_contain_text(start["pruned"].split(":")[0])
    during = numbers(app.page)
    assert int(during["pruned"].split()[0]) > int(start["pruned"].split()[0])
    assert "threshold" not in app.page.evaluate("addressAtFirstChange")  # a drag that pauses tells the server, too
    app.page.wait_for_function(
        f"([canvas, before]) => ({VERMILION})(canvas) > before", arg=[canvas.element_handle(), pixels]
    )
    app.page.mouse.up()
    app.settle().healthy()
    assert "threshold" in app.page.url
    assert numbers(app.page) == during
    app.page.get_by_role("button", name="Reset the cut").click()
    app.settle()
    assert numbers(app.page) == start
    slider = app.page.get_by_test_id("stSidebar").get_by_role("slider", name="Noise level")
    slider.press("ArrowRight")
    expect(app.page).to_have_url(re.compile("rate=55"))
    app.settle().healthy()
    assert "threshold" not in app.page.url  # only a gesture on the cut sets it
    app.page.get_by_text("Gap", exact=True).click()
    app.settle().healthy()
    expect(app.page.locator(".cut .histogram")).to_have_count(0)  # the slider stays
    app.page.get_by_role("slider", name="Cut by hand").press("ArrowLeft")
    expect(app.page).to_have_url(re.compile("threshold="))


def test_the_curve_of_the_plane_is_dragged_and_a_point_selected(app: App):
    app.open("/explore?tab=plane").healthy()
    plane = app.page.locator(".cut .plane canvas")
    box = plane.bounding_box()
    start, cut = numbers(app.page), app.page.locator(".cut")
    before = float(cut.get_attribute("data-cut"))
    x = box["x"] + 0.5 * box["width"]
    for y in range(int(box["y"]), int(box["y"] + box["height"]) - 50, 4):  # from above, until the curve is reached
        app.page.mouse.move(x, y)
        if plane.evaluate("it => it.style.cursor") == "move":
            break
    app.page.mouse.down()
    app.page.mouse.move(x + 30, y - 60, steps=4)
    expect(app.page.locator("[data-name=pruned]")).not_to_contain_text(start["pruned"].split(":")[0])
    during = numbers(app.page)
    assert int(during["pruned"].split()[0]) < int(start["pruned"].split()[0])
    assert "threshold" not in app.page.url
    app.page.mouse.up()
    app.settle().healthy()
    assert float(cut.get_attribute("data-cut")) > before
    assert "threshold=" in app.page.url
    assert numbers(app.page) == during


def test_before_changes_and_after(app: App):
    app.moving().open("/explore").healthy()
    canvas = app.page.locator(".stage canvas")
    assert canvas.evaluate(VERMILION) > 100
    for name, link in (("After", "shown=after"), ("Before", "shown=before")):
        app.page.get_by_role("radio", name=name, exact=True).click()
        app.page.wait_for_function(f"canvas => ({VERMILION})(canvas) === 0", arg=canvas.element_handle())
        app.settle().healthy()
        assert link in app.page.url
    app.page.keyboard.press("ArrowRight")
    app.settle()
    assert "shown" not in app.page.url
    app.page.keyboard.press("x")  # a shortcut still works while the switch has the focus
    assert canvas.evaluate(VERMILION) > 100


def test_a_selected_node_dims_the_rest_and_a_walk_leads_on(app: App):
    app.open("/explore?data=karate").healthy()
    canvas, picture = app.page.locator(".stage canvas"), app.network("Network of layer 1")
    ink = canvas.evaluate(INK)
    picture.press("ArrowLeft")
    picture.press("ArrowLeft")
    expect(app.page.locator(".stage .spoken")).to_have_text(re.compile(r"\d+: class"))
    node = app.page.locator(".stage .spoken").inner_text().split(":")[0]
    picture.press("Enter")
    app.settle().healthy()
    assert f"picked={node}" in app.page.url
    assert canvas.evaluate(INK) < 0.7 * ink


def test_a_held_key_sends_little_and_loses_nothing(app: App):
    sent: list[int] = []
    app = app.in_new_window()
    app.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(len(frame))))
    app.open("/learn?step=gap").healthy()
    slider = app.page.get_by_role("slider", name="Cut by hand")
    start, before = float(slider.input_value()), len(sent)
    for _ in range(30):
        slider.press("ArrowRight")
    app.settle().healthy()
    end = float(slider.input_value())
    assert end == pytest.approx(start + 30 * float(slider.get_attribute("max")) / 500, rel=1e-3)
    assert f"threshold={json.loads(app.page.locator('.cut').get_attribute('data-cut'))!r}" in app.page.url
    assert len(sent) - before <= 6
