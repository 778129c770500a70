"""Sections of the HTML report of each page.

A report is written when its button is clicked, outside of the page's script, where neither the session nor its caches
are available. The functions here are called by the script: they gather what the report needs, and return a function
that draws it.
"""

from collections.abc import Callable, Sequence

from torch import Tensor

from pages.shared.core import comparisons, queries
from pages.shared.core.receptive_field import rings_to_draw
from pages.shared.core.view import View
from pages.shared.views.changes_table import changes_table
from pages.shared.views.torque_charts import roc_curves
from torque_core.diagnostics import ReceptiveField, influence_by_class, influence_by_hop
from torque_core.diagnostics.detection import RocCurve
from torque_core.diagnostics.detectors import detector_curves
from torque_core.diagnostics.relation_influence import RelationInfluence
from torque_core.figures import (
    Theme,
    gap_figure,
    histogram_figure,
    influence_figure,
    layer_edges,
    network_html,
    receptive_field_edges,
    side_by_side_figure,
    torque_plane,
)
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.fates import fate_figure
from torque_core.figures.report import ChartSection, DocumentSection, Section, TableSection
from torque_core.figures.roc import roc_figure
from torque_core.rewiring.graph_change import GraphChange

__all__ = [
    "DrawSections",
    "Sections",
    "explore_sections",
    "layers_sections",
    "pair_section",
    "receptive_field_sections",
    "relation_figure",
]

_RELATIONS = {"self": "itself"}
_ARROWS = {"forth": " →", "back": " ←"}

Sections = list[tuple[str, Section]]
"""Headings with their contents."""
DrawSections = Callable[[Theme], Sections]
"""Draws the contents of a page from what was gathered."""

_MAX_NETWORK = 2_000  # nodes; a report with a larger network would be slow to open


def explore_sections(view: View) -> DrawSections:
    """The network and every chart of the layer's torque."""
    position = queries.layout(view.settings.dataset)
    structures = queries.layer_structure(*view.key, view.settings.layer, view.threshold)

    def detectors() -> dict[str, RocCurve]:  # slow, like the other measures below
        return detector_curves(view.rewiring.layers[view.settings.layer], view.noisy.data, view.injected)

    def draw(look: Theme) -> Sections:
        layer, injected, y = view.layer, view.injected, view.dataset.data.y
        names, classes = view.dataset.names, view.dataset.class_names
        sections: Sections = []
        if view.rewiring.num_nodes <= _MAX_NETWORK:
            nodes = range(view.rewiring.num_nodes)
            network = network_html(nodes, layer_edges(layer, injected), position, y, look, names=names, classes=classes)
            sections.append(("Network", DocumentSection(network, "Network of the layer")))
        cut = layer.cut.threshold
        sections += [
            ("Torque distribution", _chart(histogram_figure(layer.torque.value, injected, cut, look))),
            ("Torque plane", _chart(torque_plane(layer, injected, cut, look, y=y, names=names, classes=classes))),
            ("Torque gap", _chart(gap_figure(layer, look), layer.cut.reason)),
        ]
        if curves := roc_curves(view, detectors):
            sections.append(("Detection of the injected edges", _chart(roc_figure(curves, look))))
        changes = queries.measure_changes(view.noisy, layer, structures)
        return [*sections, ("Before and after", TableSection(changes_table(changes)))]

    return draw


def layers_sections(view: View, panels: Sequence[tuple[str, GraphChange]]) -> DrawSections:
    """Two graphs side by side, and the fate of every edge by layer."""
    fates, draw_pair = queries.fates(*view.key), pair_section(view, panels)
    return lambda look: [*draw_pair(look), ("Edge fates by layer", _chart(fate_figure(fates, look)))]


def pair_section(view: View, panels: Sequence[tuple[str, GraphChange]]) -> DrawSections:
    """Two graphs side by side."""
    position, injected = queries.layout(view.settings.dataset), comparisons.injected(view.settings)

    def draw(look: Theme) -> Sections:
        drawn = side_by_side_figure(
            panels, position, view.dataset.data.y, injected, look, names=view.dataset.names,
            classes=view.dataset.class_names,
        )  # fmt: skip
        return [("Side by side", _chart(drawn))]

    return draw


def receptive_field_sections(view: View, before: ReceptiveField, after: ReceptiveField) -> DrawSections:
    """The receptive field of a node before and after rewiring, and the influence of each ring and class."""
    depth = view.settings.layer + 1
    by_relation = queries.relation_influences(*view.key, before.node, depth, view.threshold)
    old, new = (influence.value.sum(dim=0) for influence in by_relation)
    return lambda look: [
        *_receptive_field(view, before, after, (old, new), look),
        ("Influence by kind of edge", _chart(relation_figure(by_relation, look))),
    ]


def relation_figure(influences: tuple[RelationInfluence, RelationInfluence], look: Theme) -> DescribedFigure:
    """The influence on a node by relation before and after rewiring; → along, ← against the direction of edges."""
    before, after = (influence.value.sum(dim=1) for influence in influences)
    parts = [name.partition("_") for name in influences[0].relations]
    names = [f"{_RELATIONS.get(name, name)}{_ARROWS.get(way, '')}" for name, _, way in parts]
    return influence_figure(before, after, look, groups="relations", names=names)


def _receptive_field(
    view: View, before: ReceptiveField, after: ReceptiveField, influence: tuple[Tensor, Tensor], look: Theme
) -> Sections:
    (layout, note), y, (old, new) = rings_to_draw(view, before, after), view.dataset.data.y, influence
    names, classes = view.dataset.names, view.dataset.class_names
    layers, node, sections = view.layers, before.node, Sections()
    for title, field in (("before", before), ("after", after)):
        drawn = layout.nodes[field.hops[layout.nodes] >= 0]
        network = network_html(
            drawn, receptive_field_edges(field, layers, view.noisy, nodes=drawn), layout.position, y,
            look, names=names, classes=classes, focus=node,
        )  # fmt: skip
        depth = f"{len(layers)} layer{'s'[: len(layers) > 1]}"
        size = len(field.nodes) - 1
        caption = f"Node {view.node_name(node)} receives messages from {size:,} other nodes through {depth}.{note}"
        page = DocumentSection(network, f"Rings around node {node}, {title}", caption=caption)
        sections.append((f"Receptive field {title} rewiring", page))
    by_hop = influence_by_hop(old, before.hops), influence_by_hop(new, after.hops)
    sections.append(("Influence by ring", _chart(influence_figure(*by_hop, look, own_group=0))))
    if bool((y >= 0).any()):
        own = int(y[node]) if int(y[node]) >= 0 else None
        by_class = influence_by_class(old, y), influence_by_class(new, y)
        drawn_classes = influence_figure(*by_class, look, groups="classes", own_group=own, names=classes)
        sections.append(("Influence by class", _chart(drawn_classes)))
    return sections


def _chart(drawn: DescribedFigure, caption: str = "") -> ChartSection:
    return ChartSection(drawn.figure, drawn.alt, caption or drawn.sampling_note or "")
