"""The export menu of a page: graph files, an HTML report, and Python code that reproduces the numbers."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from pages.shared.core import queries
from pages.shared.core.uploads import graph_code
from pages.shared.core.view import View
from pages.shared.frame.deferred_download import deferred_download
from pages.shared.frame.image_format import choose_image_format
from pages.shared.frame.page import percent, theme
from pages.shared.views.report_sections import DrawSections, Sections
from torque_core.diagnostics import DetectionReport, Structure
from torque_core.figures import layer_edges
from torque_core.figures.report import CodeSection, NumbersSection, report_html
from torque_core.graph.pairs import direction_weights, undirected_pairs
from torque_core.io.graph_formats import GRAPH_FORMATS, graph_file
from torque_core.io.snippet import python_snippet
from torque_core.io.tables import edge_table
from torque_core.rewiring.graph_change import GraphChange

__all__ = ["draw_export_menu", "draw_introduction"]

_GRAPHS = {
    "layer": "This layer, with the fate of every edge",
    "rewired": "The rewired graph of this layer",
    "noisy": "The graph with noise",
    "clean": "The original graph",
}
_FORMATS = {"csv": "CSV", "graphml": "GraphML", "gexf": "GEXF", "npz": "npz (PyG)"}


def draw_introduction(text: str, help: str | None = None) -> DeltaGenerator:  # noqa: A002 - as Streamlit calls it
    """Show the first paragraph of a page and its tooltip, with a place for the export menu at its end.

    The menu needs what the rest of the page draws. At the foot of a page that is still loading it would move out of the
    window while it is open.

    Returns:
        The container of the export menu.
    """
    introduction, place = st.columns([5, 1])
    introduction.markdown(text, help=help)
    return place.container(horizontal_alignment="right")


def draw_export_menu(
    place: DeltaGenerator,
    view: View,
    sections: DrawSections,
    *,
    others: Sequence[tuple[str, GraphChange]] = (),
    scripts: Mapping[str, str] | None = None,
) -> None:
    """Draw a button that opens the export menu. Files are generated only when the user requests them.

    Args:
        place: The container of the menu, see :func:`draw_introduction`.
        view: The graph and rewiring to export.
        sections: Draws the contents of the page for the report, without the session and its caches.
        others: Graphs made by other methods, with their titles.
        scripts: Scripts by title that are shown instead of the script of the layer.
    """
    graphs = _GRAPHS | {title: f"{title}: with the fate of every edge" for title, _ in others}
    with place.popover("Export", icon=":material/download:"):
        row = st.container(horizontal=True, vertical_alignment="bottom")
        graph = row.selectbox("Graph", list(graphs), format_func=graphs.__getitem__, key="export_graph")
        form = row.selectbox("Format", list(GRAPH_FORMATS), format_func=_FORMATS.__getitem__, key="export_kind",
                             width=130)  # fmt: skip
        stem = f"{view.settings.dataset.name}-{graph}-{view.settings.layer + 1}"
        deferred_download(
            row, "Download the graph", lambda: _write_graph(view, graph, form, dict(others)), f"{stem}.{form}",
            icon=":material/download:",
        )  # fmt: skip
        deferred_download(
            st.container(), "Report of this view", _report(view, sections), f"{view.settings.dataset.name}.html",
            mime="text/html", icon=":material/article:",
            help="One HTML file with the parameters, the numbers and the figures. It works offline, and its figures "
            "can be saved as PNG or SVG.",
        )  # fmt: skip
        choose_image_format()
        for title, script in (scripts or {}).items():
            st.caption(f"**{title} in Python**; it prints the numbers of this page:")
            st.code(script, language="python")
        if scripts:
            return
        if view.snapshot:
            st.caption("The graph of a training run cannot be reproduced in a few lines of Python; download it above.")
        else:
            st.caption("**Reproduce these numbers in Python:**")
            st.code(_snippet(view), language="python")


def _write_graph(view: View, graph: str, form: str, others: Mapping[str, GraphChange]) -> bytes:
    data, size, classes = view.dataset.data, view.rewiring.num_nodes, view.dataset.class_names
    y, masks = data.y, {name: data[name] for name in ("train_mask", "val_mask", "test_mask")}
    write = partial(
        graph_file, form, y=y, names=view.dataset.names, classes=classes, x=view.noisy.data.x, masks=masks,
        attributes=view.dataset.attributes,
    )  # fmt: skip
    if graph in others:
        change = others[graph]
        fate = np.repeat(["kept", "added"], [change.pairs.size(1), change.added.size(1)]).astype(object)
        fate[: change.pairs.size(1)][change.pruned_mask.numpy()] = "pruned"
        pairs = torch.cat([change.pairs, change.added], dim=1)
        attributes = {"fate": fate.astype(str), "injected": view.noisy.is_injected(pairs).numpy()}
        directions = _directions(change, direction_weights(view.noisy.data, change.pairs))
        return write(pairs, size, edge_columns=attributes, weight=change.weight, directions=directions)
    if graph == "layer":
        table = edge_table(view.layer, view.injected, y, classes=classes)
        table = table.drop(columns=["source", "target", "direction"], errors="ignore")
        attributes = {
            name: column if column.dtype.kind in "bif" else column.astype(object) for name, column in table.items()
        }
        pairs = layer_edges(view.layer, view.injected).pairs
        return write(pairs, size, edge_columns=attributes, weight=view.layer.weight, directions=view.layer.directions)
    if graph == "rewired":
        return write(view.layer.rewired, size, weight=view.layer.rewired_weight)
    data = view.noisy.data if graph == "noisy" else view.dataset.data
    pairs = undirected_pairs(data.edge_index, size)
    return write(pairs, size, weight=direction_weights(data, pairs), x=data.x)


def _directions(change: GraphChange, before: torch.Tensor | None) -> torch.Tensor | None:
    """The directions of all edges of a change: pruned ones have those from before; None if all go both ways."""
    if before is None or change.weight is None:
        return None
    edges, added = (change.weight > 0).split([change.pairs.size(1), change.added.size(1)], dim=1)
    return torch.cat([edges | (before > 0) & change.pruned_mask, added], dim=1)


def _snippet(view: View) -> str:
    settings = view.settings
    return python_snippet(
        graph_code(settings.dataset, settings.noise),
        settings.rewire,
        layer=settings.layer,
        device=settings.device,
        threshold=view.threshold,
        injected=view.has_injected,
    )


def _detection(report: DetectionReport) -> dict[str, str]:
    """How well the pruned edges match the injected ones."""
    return {
        "precision": percent(report.precision),
        "recall": percent(report.recall),
        "AUROC of torque": "–" if report.auroc is None else f"{report.auroc:.3f}",
    }


def _structure(before: Structure, after: Structure) -> dict[str, str]:
    """What is known of a graph without injected edges."""
    return {
        "components, before and after": f"{before.components:,}, {after.components:,}",
        "isolated nodes, before and after": f"{before.isolated:,}, {after.isolated:,}",
    }


def _report(view: View, sections: DrawSections) -> Callable[[], str]:
    """Gather the numbers of the report; the returned function writes it."""
    settings, layer, look = view.settings, view.layer, theme()
    detection = queries.layer_detection(*view.key, settings.layer, view.threshold)
    before, after = queries.layer_structure(*view.key, settings.layer, view.threshold)
    noise, rewire = settings.noise, settings.rewire
    parameters = {
        "data set": view.dataset.info.title,
        "noise": f"{noise.kind}, {100 * noise.rate:g} %, seed {noise.seed}",
        "torque": f"{rewire.lever} × {rewire.force}, {rewire.product} product",
        "cut": f"{rewire.cut if view.threshold is None else 'by hand'}: {layer.cut.reason}",
        "layer": f"{settings.layer + 1} of {rewire.layers}, {rewire.hierarchy}",
        **({"training": f"{view.snapshot.method}, from epoch {view.snapshot.epoch} on"} if view.snapshot else {}),
    }
    numbers = {
        "edges judged": f"{layer.pairs.size(1):,}",
        "edges pruned": f"{detection.pruned:,}",
        "edges added": f"{layer.added.size(1):,}",
        **(_detection(detection) if view.has_injected else _structure(before, after)),
        "edge homophily, before": percent(before.edge_homophily),
        "edge homophily, after": percent(after.edge_homophily),
    }
    summary: Sections = [("Summary", NumbersSection(numbers))]
    code: Sections = []
    if not view.snapshot:
        code.append(("Python code", CodeSection(_snippet(view), "This code prints the numbers above.")))
    title = f"Torque on {view.dataset.info.title}"
    return lambda: report_html(title, parameters, [*summary, *sections(look), *code])
