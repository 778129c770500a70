"""What a person can take away from a view: graphs, a report, and the Python that gives it again."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import streamlit as st
import torch

from pages.shared.core import queries
from pages.shared.core.view import View
from pages.shared.frame.page import percent, theme
from pages.shared.views.report_sections import Parts
from torque_core.datasets.info import YOURS
from torque_core.diagnostics.graph_change import GraphChange
from torque_core.figures import Theme, layer_links
from torque_core.figures.report import Code, Numbers, report_html
from torque_core.graph.pairs import direction_weights, undirected_pairs
from torque_core.io.graph_formats import GRAPH_FORMATS, graph_file
from torque_core.io.snippet import python_snippet
from torque_core.io.tables import edge_table

__all__ = ["take_away"]

_GRAPHS = {
    "layer": "This layer, with every edge's fate",
    "rewired": "This layer's new graph",
    "noisy": "The graph with the noise",
    "clean": "The graph as it came",
}


def take_away(seen: View, parts: Callable[[Theme], Parts], *, others: Sequence[tuple[str, GraphChange]] = ()) -> None:
    """A button that opens what there is to be downloaded; it is made when it is asked for.

    Args:
        seen: The view.
        parts: Draws what the page shows, for the report.
        others: What methods beside the view's own made of the graph, by their titles.
    """
    graphs = _GRAPHS | {title: f"{title}: with every edge's fate" for title, _ in others}
    look = theme()  # what is made when it is asked for runs outside of the page, where nobody knows it
    with st.popover("Export", icon=":material/download:"):
        row = st.container(horizontal=True, vertical_alignment="bottom")
        which = row.selectbox("Graph", list(graphs), format_func=graphs.__getitem__, key="export_graph")
        kind = row.selectbox("As", list(GRAPH_FORMATS), format_func=_kind_title, key="export_kind", width=130)
        stem = f"{seen.settings.dataset.name}-{which}-{seen.settings.layer + 1}"
        row.download_button(
            "Download the graph", lambda: _file(seen, which, kind, dict(others)), f"{stem}.{kind}",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Report of this view", lambda: _report(seen, parts(look)), f"{seen.settings.dataset.name}.html",
            "text/html", icon=":material/article:", on_click="ignore",
            help="One HTML file with the parameters, the numbers and the figures, which can be saved from it as PNG "
            "and SVG. It opens without a network.",
        )  # fmt: skip
        st.segmented_control(
            "The buttons on the figures save them as", ("png", "svg"), format_func=str.upper, key="image",
            required=True, persist_state="session",
        )  # fmt: skip
        if seen.moment:
            st.caption("A graph of a training cannot be said in a few lines of Python; download it above.")
        else:
            st.caption("**The same numbers in Python:**")
            st.code(_snippet(seen), language="python")


def _kind_title(kind: str) -> str:
    return {"csv": "CSV", "graphml": "GraphML", "gexf": "GEXF", "npz": "npz (PyG)"}[kind]


def _file(seen: View, which: str, kind: str, others: Mapping[str, GraphChange]) -> bytes:
    y, size, classes = seen.dataset.data.y, seen.rewiring.num_nodes, seen.dataset.class_names
    write = partial(graph_file, kind, y=y, names=seen.dataset.names, classes=classes)
    if which in others:
        done = others[which]
        fate = np.repeat(["kept", "added"], [done.pairs.size(1), done.added.size(1)]).astype(object)
        fate[: done.pairs.size(1)][done.pruned_mask.numpy()] = "pruned"
        pairs = torch.cat([done.pairs, done.added], dim=1)
        said = {"fate": fate.astype(str), "injected": seen.noisy.is_injected(pairs).numpy()}
        return write(pairs, size, edge_columns=said, weight=done.weight)
    if which == "layer":
        table = edge_table(seen.layer, seen.injected, y, classes=classes)
        links = {name: column for name, column in table.items() if name not in ("source", "target")}
        pairs = layer_links(seen.layer, seen.injected).pairs
        said = {
            name: column.astype(object) if column.dtype.kind not in "bif" else column for name, column in links.items()
        }
        return write(pairs, size, edge_columns=said)
    if which == "rewired":
        weight, x = seen.layer.rewired_weight, seen.noisy.data.x
        return write(seen.layer.rewired, size, weight=weight, x=x)
    data = seen.noisy.data if which == "noisy" else seen.dataset.data
    pairs = undirected_pairs(data.edge_index, size)
    return write(pairs, size, weight=direction_weights(data, pairs), x=data.x)


def _snippet(seen: View) -> str:
    settings, own = seen.settings, queries.yours()
    return python_snippet(
        settings.dataset,
        settings.noise,
        settings.rewire,
        layer=settings.layer,
        device=settings.device,
        threshold=seen.threshold,
        files=own.files if own is not None and settings.dataset.name == YOURS else (),
    )


def _report(seen: View, parts: Parts) -> str:
    settings, layer = seen.settings, seen.layer
    found = queries.layer_detection(*seen.key, settings.layer, seen.threshold)
    before, after = queries.layer_structure(*seen.key, settings.layer, seen.threshold)
    noise, rewire = settings.noise, settings.rewire
    parameters = {
        "data set": seen.dataset.info.title,
        "noise": f"{noise.kind}, {100 * noise.rate:g} %, seed {noise.seed}",
        "torque": f"{rewire.lever} × {rewire.force}, {rewire.product} product",
        "cut": f"{rewire.cut if seen.threshold is None else 'by hand'}: {layer.cut.reason}",
        "layer": f"{settings.layer + 1} of {rewire.layers}, {rewire.hierarchy}",
        **({"training": f"{seen.moment.method}, from epoch {seen.moment.epoch} on"} if seen.moment else {}),
    }
    numbers = {
        "edges judged": f"{layer.pairs.size(1):,}",
        "edges pruned": f"{found.pruned:,}",
        "links added": f"{layer.added.size(1):,}",
        "precision": percent(found.precision),
        "recall": percent(found.recall),
        "AUROC of torque": "–" if found.auroc is None else f"{found.auroc:.3f}",
        "edge homophily, before": percent(before.edge_homophily),
        "edge homophily, after": percent(after.edge_homophily),
    }
    sections: Parts = [("In numbers", Numbers(numbers)), *parts]
    if not seen.moment:
        sections.append(("The same in Python", Code(_snippet(seen), "It prints the numbers above.")))
    return report_html(f"Torque on {seen.dataset.info.title}", parameters, sections)
