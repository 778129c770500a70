"""The film "Stand in the node": its pie counts what the server counts, in every frame, and each frame has a link."""

import re

import pytest
import torch
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import App
from torque_core import Noise, RewireSpec, add_noise, load, rewire
from torque_core.diagnostics import influence_by_class, influence_by_hop, receptive_field
from torque_core.diagnostics.walk_influence import walk_influence
from torque_core.figures import LIGHT
from torque_core.figures.film import film_data
from torque_core.figures.film_graph import film_graph
from torque_core.figures.stage import stage_script
from torque_core.graph.pairs import directed_edges

pytestmark = pytest.mark.browser

FIELDS = """([data, cuts]) => {
  const graph = new FilmGraph(data);
  return cuts.map(([value, byHand]) => {
    const cut = value === null ? null : { threshold: Math.fround(value), byHand }, timeline = new Timeline(graph, cut);
    return ["before", "after"].map((name) => {
      const { hops, influence } = timeline[name];
      const beats = [...Array(timeline.layers + 1).keys()].map((hop) => hop && hop + DELAY);
      const pies = beats.map((beat) => [...timeline.pie(timeline[name], beat)].filter(([, share]) => share > 0));
      return { hops: [...hops], influence: [...influence], pies };
    });
  });
}"""


def shares(pie: Locator) -> dict[int, float]:
    """Influence by class in the list next to the pie."""
    rows = pie.locator("li").evaluate_all("rows => rows.map(({ dataset }) => [dataset.label, dataset.share])")
    return {int(label): float(share) for label, share in rows}


def check_field(shown, field, influence, y):
    """The browser has the hops, the influence and, after each step, the pie of the server."""
    nodes = torch.tensor(shown["nodes"])
    hops = torch.full_like(field.hops, -1)
    hops[nodes] = torch.tensor(shown["hops"])
    assert hops.tolist() == field.hops.tolist()
    found = torch.zeros(len(y))
    found[nodes] = torch.tensor(shown["influence"])
    assert torch.allclose(found, influence, atol=1e-6)
    by_hop = influence_by_hop(influence, field.hops).cumsum(0)
    for hop, pie in enumerate(shown["pies"]):
        assert sum(share for _, share in pie) == pytest.approx(float(by_hop[min(hop, len(by_hop) - 1)]), abs=1e-5)
    by_class = influence_by_class(influence, y)
    assert dict(shown["pies"][-1]) == pytest.approx({k: float(v) for k, v in enumerate(by_class) if v > 0}, abs=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("hierarchy", ["independent", "nested"])
def test_the_browser_computes_the_influence_of_the_server(browser: Browser, hierarchy: str, weighted: bool):
    data = load("karate").data
    noisy = add_noise(data, Noise("insert", 0.5))
    spec = RewireSpec(layers=2, hierarchy=hierarchy, weight_by_confidence=weighted, additions=0.25)
    layers = rewire(noisy.data, spec).layers
    size, node, last = len(data.y), 3, layers[-1]
    graph = film_graph(node, layers, noisy, additions=0.25)
    by_hand = [] if last.direction_weight is not None else [0.05, *last.torque.value.unique()[::17].tolist(), 9.0]
    cuts = [(None, False), *((threshold, True) for threshold in by_hand)]
    page = browser.new_page()
    script = stage_script("stage_component").replace("export default", "window.host =")
    page.set_content(f"<script>{script}</script>")
    result = page.evaluate(FIELDS, [film_data(graph, data.y, LIGHT), cuts])
    page.close()
    noisy_pairs = layers[0].pairs
    for (threshold, _), (before, after) in zip(cuts, result, strict=True):
        final = last if threshold is None else last.recut(threshold, additions=0.25)
        rewired = (*layers[:-1], final)
        edge_index, _ = directed_edges(noisy_pairs, None)
        old = walk_influence([edge_index] * 2, [None] * 2, node, size)
        new = walk_influence([one.edge_index for one in rewired], [one.edge_weight for one in rewired], node, size)
        nodes = graph.field.nodes.tolist()
        check_field({**before, "nodes": nodes}, receptive_field(node, [noisy_pairs] * 2, size), old, data.y)
        fields = receptive_field(node, [one.rewired for one in rewired], size)
        check_field({**after, "nodes": nodes}, fields, new, data.y)


def test_the_film_is_played_stepped_and_found_again_by_its_link(app: App):
    app.moving().open("/receptive_field?node=5&layer=2").healthy()
    film, words = app.page.locator(".film"), app.page.locator(".film .words")
    expect(words).to_contain_text("You stand in node 5, class 0. Through 2 layers")
    before = app.metric("Receptive field before")
    expect(words).to_contain_text(f"messages from {before} nodes reach you")
    film.get_by_role("button", name="Step on").click()
    app.settle().healthy()
    expect(words).to_contain_text("Step 1 of 2")
    assert "film=57" in app.page.url
    picture = film.get_by_role("application")
    picture.press("End")
    app.settle().healthy()
    expect(words).to_contain_text("After rewiring")
    expect(words).to_contain_text(f"Messages from {app.metric('Receptive field after')} nodes reach node 5")
    end = shares(film.locator(".pie"))
    assert sum(end.values()) == pytest.approx(1, abs=1e-5)
    film.get_by_role("slider", name="Frame of the film").press("Home")
    film.get_by_role("button", name="Play").click()
    expect(film).to_have_attribute("data-scene", "listen")
    film.get_by_role("button", name="Pause").click()
    app.settle().healthy()
    frame = film.get_attribute("data-frame")
    assert f"film={frame}" in app.page.url
    paused = shares(film.locator(".pie"))
    app.page.reload()
    app.settle().healthy()
    assert film.get_attribute("data-frame") == frame
    assert shares(film.locator(".pie")) == paused


def test_the_film_follows_the_cut_and_keeps_its_frame(app: App):
    app.moving().open("/receptive_field?node=5&layer=2&film=295").healthy()
    film = app.page.locator(".film")
    start = shares(film.locator(".pie"))
    slider = app.page.get_by_role("slider", name="Cut by hand")
    slider.press("End")  # nothing is pruned in the last layer
    expect(film.locator(".words")).not_to_contain_text("19 points more")
    moved = shares(film.locator(".pie"))
    assert moved != start
    app.settle().healthy()
    assert "threshold=" in app.page.url
    assert shares(film.locator(".pie")) == moved
    app.page.get_by_test_id("stSidebar").get_by_role("slider", name="Noise level").press("ArrowRight")
    app.settle().healthy()
    assert film.get_attribute("data-frame") == "295"
    assert shares(film.locator(".pie")) != moved
    film.get_by_role("button", name="Play").click()  # from the beginning
    app.page.get_by_test_id("stSidebar").get_by_role("slider", name="Noise level").press("ArrowRight")
    expect(app.page).to_have_url(re.compile("rate=60"))
    app.settle().healthy()
    expect(film).to_have_attribute("data-playing", "true")


def test_noise_and_cut_move_while_the_film_of_the_lesson_plays(app: App):
    app.moving().open("/learn?step=field&film=100").healthy()
    film = app.page.locator(".film")
    film.get_by_role("application").press("End")
    app.settle()
    start = shares(film.locator(".pie"))
    cut = app.page.get_by_role("slider", name="Cut by hand")
    cut.press("End")  # nothing is pruned in the last layer
    app.settle().healthy()
    expect(app.page).to_have_url(re.compile("film=295&.*threshold=|threshold=.*film=295"))
    moved = shares(film.locator(".pie"))
    assert moved != start
    film.get_by_role("button", name="Play").click()  # from the beginning
    app.page.get_by_role("slider", name="Noise level").press("ArrowRight")
    expect(app.page).to_have_url(re.compile("rate=55"))
    cut.press("Home")
    app.settle().healthy()
    expect(film).to_have_attribute("data-playing", "true")
    film.get_by_role("button", name="Pause").click()
    app.settle()
    frame, paused = film.get_attribute("data-frame"), shares(film.locator(".pie"))
    app.page.reload()
    app.settle().healthy()
    assert film.get_attribute("data-frame") == frame
    assert shares(film.locator(".pie")) == paused


def test_it_opens_start_and_can_be_skipped(app: App):
    app.moving().open("/").healthy()
    film = app.page.locator(".film")
    expect(film).to_have_attribute("data-playing", "true")
    film.get_by_role("button", name="Skip").click()
    expect(film.locator(".words")).to_contain_text("After rewiring")
    expect(film.get_by_role("button", name="Skip")).to_be_hidden()
    end = shares(film.locator(".pie"))
    assert app.settle().healthy().page.url.endswith("/")  # it sets nothing
    with app.page.context.expect_page() as opened:
        app.page.get_by_role("link", name="Choose another node, the noise and the cut").click()
    there = App(opened.value, app.url).settle().healthy()
    there.page.locator(".film").get_by_role("application").press("End")
    assert shares(there.page.locator(".pie")) == end  # the same film, where everything can be changed


def test_without_motion_there_are_steps(app: App):
    app.page.emulate_media(reduced_motion="reduce")
    app.open("/").healthy()
    film = app.page.locator(".film")
    expect(film).to_have_attribute("data-playing", "false")
    expect(film.get_by_role("button", name="Play")).to_be_hidden()
    texts = []
    while film.get_by_role("button", name="Step on").is_enabled():
        film.get_by_role("button", name="Step on").click()
        texts.append(film.locator(".spoken").inner_text())
    assert [text.split()[0] for text in texts] == ["Before", "Before", "Torque", "Torque", "The", "After"]
    assert film.get_attribute("data-frame") == "295"
