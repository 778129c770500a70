"""What pages show, drawn once more for a report: each with its headings, and readable as one file."""

import pytest
import torch

from pages.shared.core import comparisons, queries
from pages.shared.core.receptive_field import fields
from pages.shared.core.view import View
from pages.shared.state.settings import SETTINGS, settings_of
from pages.shared.views.report_sections import explored, heard, layered, pair
from torque_core.figures import LIGHT
from torque_core.figures.report import Chart, Page, report_html


def view_of(**state: object) -> View:
    defaults = {key: setting.default for key, setting in SETTINGS.items()}
    settings = settings_of(defaults | {"data": "karate", "layer": 2} | state)
    graph = queries.dataset(settings.dataset), queries.noisy(settings.dataset, settings.noise)
    rewiring = queries.rewiring(settings.dataset, settings.noise, settings.rewire, "cpu")
    return View(settings, *graph, settings.rewire, rewiring)


def test_explore_has_the_graph_and_every_figure():
    parts = dict(explored(view_of(), LIGHT))
    assert list(parts) == [
        "The graph", "Torque of every edge", "Torque plane", "Torque gap", "Who finds the injected edges",
        "Before and after",
    ]  # fmt: skip
    assert parts["Torque plane"].alt.startswith("Lever arm against force of 117 edges")
    assert parts["Before and after"].frame["measure"].iloc[0] == "edges"
    assert "Who finds the injected edges" not in dict(explored(view_of(rate=0), LIGHT))


def test_layers_has_both_graphs_and_the_fates():
    seen = view_of()
    parts = dict(layered(seen, [("Input", comparisons.change(seen.settings, "plain"))] * 2, LIGHT))
    assert list(parts) == ["Side by side", "What becomes of every edge, layer by layer"]
    assert all(isinstance(part, Chart) for part in parts.values())
    assert pair(seen, [("As it is", comparisons.change(seen.settings, "plain"))] * 2, LIGHT)[0] == "Side by side"


@pytest.mark.parametrize("data", ["karate", "davis"])
def test_a_receptive_field_has_its_rings_and_who_matters(data):
    seen = view_of(data=data)
    before, after = fields(seen, 3)
    parts = dict(heard(seen, before, after, LIGHT))
    assert list(parts) == [
        "Whom it hears, before", "Whom it hears, after", "How much each ring matters", "How much each class matters",
    ]  # fmt: skip
    rings = parts["Whom it hears, before"]
    assert isinstance(rings, Page)
    name = "3" if data == "karate" else "Brenda Rogers"
    assert rings.caption == f"Node {name} hears {len(before.nodes) - 1} others through 2 layers."
    assert name in report_html("A node", {}, list(parts.items()))


def test_without_classes_nobody_asks_how_much_they_matter():
    seen = view_of()
    seen.dataset.data.y, y = torch.full_like(seen.dataset.data.y, -1), seen.dataset.data.y
    try:
        assert "How much each class matters" not in dict(heard(seen, *fields(seen, 3), LIGHT))
    finally:
        seen.dataset.data.y = y
