"""The game "Catch the false links": the browser does not have the answers, and the verdict is that of the server."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import App
from torque_core import DatasetSpec, Noise, add_noise, load, rewire
from torque_core.figures.game_place import game_centres, game_place

pytestmark = pytest.mark.browser


def mark(picture: Locator, spoken: Locator, wanted: set[tuple[int, int]], count: int) -> None:
    """Walk along all edges with the arrow keys and mark the wanted ones."""
    for _ in range(count):
        picture.press("ArrowRight")
        i, j = re.match(r"(\d+) – (\d+):", spoken.inner_text()).groups()
        if (int(i), int(j)) in wanted:
            picture.press("Enter")
            expect(spoken).to_contain_text(", marked")


def test_a_viewer_marks_edges_and_compares(app: App):
    noisy = add_noise(load(DatasetSpec("karate")).data, Noise("insert", 0.5))
    layer = rewire(noisy.data, layers=1).layers[0]
    injected = noisy.is_injected(layer.pairs)
    place = game_place(layer.pairs, game_centres(layer.pairs, injected, 34)[0], 34)
    edges = [(i, j) for i, j in layer.pairs[:, place.edges].T.tolist()]
    false, pruned = injected[place.edges], layer.pruned_mask[place.edges]
    app.open("/explore?data=karate").healthy()
    app.page.get_by_text("Catch the false edges", exact=True).click()
    app.settle().healthy()
    assert "game=1" in app.page.url
    expect(app.page.get_by_text(f"{int(false.sum())} of these {len(edges)} edges are false")).to_be_visible()
    picture, spoken = app.network("Game"), app.page.locator(".stage .spoken")
    wanted = [edge for edge, is_false in zip(edges, false.tolist(), strict=True) if is_false][1:]  # all but one
    wanted += [edge for edge, is_false in zip(edges, false.tolist(), strict=True) if not is_false][:1]  # and a true one
    mark(picture, spoken, set(wanted), len(edges))
    legend = app.page.locator(".stage-legend")
    expect(legend).not_to_contain_text("injected")
    app.page.get_by_role("button", name="Compare with torque").click()
    app.settle().healthy()
    hits, wrong = int((false & pruned).sum()), int((pruned & ~false).sum())
    verdict = (
        f"You caught {int(false.sum()) - 1} of {int(false.sum())} false edges and cut 1 true edge. Torque caught "
        f"{hits} and cut {wrong or 'no'} true edge{'s'[: wrong != 1]}."
    )
    expect(app.page.get_by_text(verdict)).to_be_visible()
    expect(legend).to_contain_text("injected")
    app.page.get_by_role("button", name="Another place").click()
    app.settle().healthy()
    assert "game=2" in app.page.url
    expect(app.page.locator(".game-controls span")).to_have_text("0 edges marked")


def test_the_lesson_has_the_game_and_a_graph_without_noise_has_not(app: App):
    app.open("/learn?step=prune&game=1").healthy()
    expect(app.network("Game")).to_be_visible()
    app.page.get_by_text("Catch the false links", exact=True).click()
    app.settle().healthy()
    expect(app.network("Graph of the lesson")).to_be_visible()
    assert "game" not in app.page.url
    app.open("/explore?data=karate&rate=0&game=1").healthy()
    expect(app.page.get_by_text("Catch the false edges")).to_have_count(0)
