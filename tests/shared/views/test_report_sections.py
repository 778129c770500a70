"""The report of each page: its headings, and one file that holds them all."""

import pytest
import torch

from pages.shared.core import comparisons, queries
from pages.shared.core.receptive_field import receptive_fields
from pages.shared.core.view import View
from pages.shared.state.declarations import SETTINGS
from pages.shared.state.settings import build_settings
from pages.shared.views.report_sections import explore_sections, layers_sections, pair_section, receptive_field_sections
from torque_core.figures import LIGHT
from torque_core.figures.report import ChartSection, DocumentSection, report_html


def view_of(**state: object) -> View:
    defaults = {key: setting.default for key, setting in SETTINGS.items()}
    settings = build_settings(defaults | {"data": "karate", "layer": 2} | state)
    graph = queries.dataset(settings.dataset), queries.noisy(settings.dataset, settings.noise)
    rewiring = queries.rewiring(settings.dataset, settings.noise, settings.rewire, "cpu")
    return View(settings, *graph, settings.rewire, rewiring)


def test_explore_has_the_graph_and_every_figure():
    sections = dict(explore_sections(view_of())(LIGHT))
    assert list(sections) == [
        "Network", "Torque distribution", "Torque plane", "Torque gap", "Detection of the injected edges",
        "Before and after",
    ]  # fmt: skip
    assert sections["Torque plane"].alt.startswith("Lever arm against force of 117 edges")
    assert sections["Before and after"].frame["measure"].iloc[0] == "edges"
    assert "Detection of the injected edges" not in dict(explore_sections(view_of(rate=0))(LIGHT))


def test_layers_has_both_graphs_and_the_fates():
    view = view_of()
    sections = dict(layers_sections(view, [("Input", comparisons.change(view.settings, "plain"))] * 2)(LIGHT))
    assert list(sections) == ["Side by side", "Edge fates by layer"]
    assert all(isinstance(section, ChartSection) for section in sections.values())
    pair = pair_section(view, [("Original", comparisons.change(view.settings, "plain"))] * 2)(LIGHT)
    assert list(dict(pair)) == ["Side by side"]


@pytest.mark.parametrize("data", ["karate", "davis"])
def test_a_receptive_field_has_its_rings_and_influences(data):
    view = view_of(data=data)
    before, after = receptive_fields(view, 3)
    sections = dict(receptive_field_sections(view, before, after)(LIGHT))
    assert list(sections) == [
        "Receptive field before rewiring", "Receptive field after rewiring", "Influence by ring", "Influence by class",
        "Influence by kind of edge",
    ]  # fmt: skip
    rings = sections["Receptive field before rewiring"]
    assert isinstance(rings, DocumentSection)
    name = "3" if data == "karate" else "Brenda Rogers"
    assert rings.caption == f"Node {name} receives messages from {len(before.nodes) - 1} other nodes through 2 layers."
    assert name in report_html("A node", {}, list(sections.items()))


def test_no_influence_by_class_without_classes():
    view = view_of()
    view.dataset.data.y, y = torch.full_like(view.dataset.data.y, -1), view.dataset.data.y
    try:
        assert "Influence by class" not in dict(receptive_field_sections(view, *receptive_fields(view, 3))(LIGHT))
    finally:
        view.dataset.data.y = y
