"""What the pages show, drawn once more for a report of them."""

from collections.abc import Sequence

from pages.shared.core import comparisons, queries
from pages.shared.core.receptive_field import to_draw
from pages.shared.core.view import View
from pages.shared.views.torque_charts import changes_table, roc_curves
from torque_core.diagnostics import ReceptiveField, influence_by_class, influence_by_hop
from torque_core.diagnostics.graph_change import GraphChange
from torque_core.figures import (
    Theme,
    change_pair,
    field_links,
    gap_figure,
    histogram_figure,
    influence_figure,
    layer_links,
    network_html,
    ring_positions,
    torque_plane,
)
from torque_core.figures.fates import fate_figure
from torque_core.figures.graph import GraphFigure
from torque_core.figures.report import Chart, Page, Section, Table
from torque_core.figures.roc import roc_figure

__all__ = ["Parts", "explored", "heard", "layered", "pair"]

Parts = list[tuple[str, Section]]
"""Headings, and what stands below them."""

_NETWORK_UP_TO = 2_000  # nodes; a report with a larger one would be slow to open


def explored(seen: View, look: Theme) -> Parts:
    """The graph, and every figure of a layer's torque."""
    layer, injected, y = seen.layer, seen.injected, seen.dataset.data.y
    names, classes = seen.dataset.names, seen.dataset.class_names
    parts: Parts = []
    if seen.rewiring.num_nodes <= _NETWORK_UP_TO:
        position = queries.layout(seen.settings.dataset)
        nodes = range(seen.rewiring.num_nodes)
        network = network_html(nodes, layer_links(layer, injected), position, y, look, names=names, classes=classes)
        parts.append(("The graph", Page(network, "Network of the layer")))
    cut = layer.cut.threshold
    parts += [
        ("Torque of every edge", _chart(histogram_figure(layer.torque.value, injected, cut, look))),
        ("Torque plane", _chart(torque_plane(layer, injected, cut, look, y=y, names=names, classes=classes))),
        ("Torque gap", _chart(gap_figure(layer, look), layer.cut.reason)),
    ]
    if curves := roc_curves(seen):
        parts.append(("Who finds the injected edges", _chart(roc_figure(curves, look))))
    return [*parts, ("Before and after", Table(changes_table(seen)))]


def layered(seen: View, panels: Sequence[tuple[str, GraphChange]], look: Theme) -> Parts:
    """Two graphs side by side, and what becomes of every edge."""
    fates = fate_figure(queries.fates(*seen.key), look)
    return [pair(seen, panels, look), ("What becomes of every edge, layer by layer", _chart(fates))]


def pair(seen: View, panels: Sequence[tuple[str, GraphChange]], look: Theme) -> tuple[str, Section]:
    """Two graphs side by side."""
    drawn = change_pair(
        panels, queries.layout(seen.settings.dataset), seen.dataset.data.y, comparisons.injected(seen.settings), look,
        names=seen.dataset.names, classes=seen.dataset.class_names,
    )  # fmt: skip
    return "Side by side", _chart(drawn)


def heard(seen: View, before: ReceptiveField, after: ReceptiveField, look: Theme) -> Parts:
    """Whom a node hears, before and after, and how much that matters."""
    (nodes, note), y = to_draw(before, after), seen.dataset.data.y
    names, classes = seen.dataset.names, seen.dataset.class_names
    layers, node, parts = seen.rewiring.layers[: seen.settings.layer + 1], before.node, Parts()
    for title, field in (("before", before), ("after", after)):
        known = nodes[field.hops[nodes] >= 0]
        network = network_html(
            known, field_links(field, layers, seen.noisy, nodes=known), ring_positions(before, after), y, look,
            names=names, classes=classes, focus=node,
        )  # fmt: skip
        said = f"Node {seen.name_of(node)} hears {len(field.nodes) - 1:,} others through {len(layers)} layers.{note}"
        parts.append((f"Whom it hears, {title}", Page(network, f"Rings around node {node}, {title}", caption=said)))
    old, new = (queries.influence(*seen.key, node, len(layers), rewired) for rewired in (False, True))
    by_hop = influence_by_hop(old, before.hops), influence_by_hop(new, after.hops)
    parts.append(("How much each ring matters", _chart(influence_figure(*by_hop, look, own=0))))
    if bool((y >= 0).any()):
        own = int(y[node]) if int(y[node]) >= 0 else None
        by_class = influence_by_class(old, y), influence_by_class(new, y)
        drawn = influence_figure(*by_class, look, groups="classes", own=own, names=classes)
        parts.append(("How much each class matters", _chart(drawn)))
    return parts


def _chart(drawn: GraphFigure, caption: str = "") -> Chart:
    return Chart(drawn.figure, drawn.alt, caption or drawn.sampled or "")
