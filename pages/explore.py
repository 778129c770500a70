"""Explore: which edges torque blames, prunes and adds, and how well that fits the noise that was injected."""

import math

import numpy as np
import pandas as pd
import streamlit as st
import torch

from pages.shared import door, jobs
from pages.shared.settings import NETWORK_UP_TO, fitting_view
from pages.shared.view import View, node_input, percent, theme, view
from torque_core.diagnostics import receptive_field
from torque_core.figures import graph_figure, layer_links, network_html, ring_positions, torque_histogram


def headline(seen: View) -> None:
    """The layer in numbers."""
    settings, layer = seen.settings, seen.layer
    key = (settings.dataset, settings.noise, settings.rewire, settings.device)
    report = door.layer_detection(*key, settings.layer)
    _, noisy, after = door.layer_structure(*key)
    cosine = door.cosine_auroc(settings.dataset, settings.noise)
    total = layer.pairs.size(1)
    row = st.container(horizontal=True, horizontal_alignment="distribute")

    def fact(label: str, value: str, note: str, meaning: str) -> None:
        row.metric(label, value, note, delta_color="off", delta_arrow="off", help=meaning, width="content")

    fact(
        "Edges pruned",
        f"{report.pruned:,}",
        f"{percent(report.pruned / total if total else None)} of {total:,}",
        "Edges whose torque reaches the cut, in the layer shown.",
    )
    fact(
        "Precision",
        percent(report.precision),
        f"{report.hits:,} of {report.pruned:,} were injected",
        "Share of the pruned edges that the noise had injected.",
    )
    fact(
        "Recall",
        percent(report.recall),
        f"{report.hits:,} of {report.injected:,} injected",
        "Share of the injected edges that were pruned.",
    )
    fact(
        "AUROC of torque",
        "–" if report.auroc is None else f"{report.auroc:.3f}",
        "no edge was injected" if cosine is None else f"cosine distance: {cosine:.3f}",
        "Probability that an injected edge has more torque than an original one: 0.5 is chance, 1 is perfect. "
        "Beside it the same of the cosine distance of the features.",
    )
    homophily, before = after[settings.layer].edge_homophily, noisy.edge_homophily
    row.metric(
        "Edge homophily",
        percent(homophily),
        None if homophily is None or before is None else f"{100 * (homophily - before):+.1f} points by rewiring",
        help="Share of the edges that join two nodes of one class, after rewiring; beside it the change.",
        width="content",
    )
    fact(
        "Links added",
        f"{layer.added.size(1):,}",
        "of lowest torque",
        "New links, of lower torque than three quarters of the kept edges.",
    )


def graph(seen: View) -> None:
    """The graph of the layer: as a network that can be handled, or whole."""
    size = seen.rewiring.num_nodes
    small = size <= NETWORK_UP_TO
    names = {"network": "Network" if small else "Neighbourhood of a node", "whole": "Whole graph"}
    if not st.session_state.view:
        st.session_state.view = fitting_view(size)
    choice = st.segmented_control(
        "View",
        list(names),
        format_func=lambda key: names[key],
        key="view",
        label_visibility="collapsed",
        required=True,
        persist_state="session",
    )
    injected = door.injected(seen.settings.dataset, seen.settings.noise, seen.layer)
    position = door.layout(seen.settings.dataset)
    number = seen.settings.layer + 1
    if choice != "network":
        drawn = graph_figure(
            seen.layer, position, seen.dataset.data.y, injected, theme(), number=number, names=seen.dataset.names
        )
        if drawn.sampled:
            st.caption(drawn.sampled)
        st.plotly_chart(drawn.figure, key="graph", alt=drawn.alt, config={"scrollZoom": True})
        return
    nodes, focus = torch.arange(size), None
    if not small:
        focus = node_input(size, purpose="Its neighbours before and after are drawn.")
        nodes, position, left_out = neighbourhood(seen, focus)
        st.caption(f"Node {focus} and {len(nodes) - 1} neighbours, of the graph before or after." + left_out)
    page = network_html(
        nodes.tolist(),
        layer_links(seen.layer, injected, nodes),
        position,
        seen.dataset.data.y,
        theme(),
        names=seen.dataset.names,
        focus=focus,
    )
    st.iframe(
        page, height=575, alt=f"Network of layer {number}: {len(nodes)} nodes with their kept, pruned and added edges"
    )
    st.caption(
        "Grey: kept. **Dashed vermilion**: pruned. **Thick blue**: added. ◆ in the middle: injected by the noise. "
        "Nodes: colour and shape by class. Drag to move, scroll to zoom, point at an edge for its torque."
    )


def neighbourhood(seen: View, focus: int) -> tuple[torch.Tensor, np.ndarray, str]:
    """The node and those it has an edge with, before or after, in a ring; and a note if some were left out."""
    links = torch.cat([seen.layer.pairs, seen.layer.added], dim=1)
    near = receptive_field(focus, [links], seen.rewiring.num_nodes)
    drawn = torch.cat([torch.tensor([focus]), near.ring(1)[:NETWORK_UP_TO]])
    left_out = len(near.nodes) - len(drawn)
    return drawn, ring_positions(near), f" Left out: {left_out:,} more." if left_out else ""


def histogram(seen: View) -> None:
    """The torques of the layer, the cut, and why it is there."""
    injected = door.injected(seen.settings.dataset, seen.settings.noise, seen.layer)
    cut = seen.layer.cut
    figure = torque_histogram(seen.layer.torque.value, injected, cut.threshold, theme())
    where = f"the cut is at {cut.threshold:.3f}" if math.isfinite(cut.threshold) else "nothing is cut"
    alt = f"Histogram of the torques of {len(injected):,} edges, {int(injected.sum()):,} of them injected; {where}."
    st.markdown("**Torque of every edge**")
    st.plotly_chart(figure, key="histogram", alt=alt, config={"displayModeBar": False})
    st.caption(f"{cut.reason} Grey: the graph's own edges. Hatched: edges that the noise injected.")


def before_and_after(seen: View) -> None:
    """The graph in numbers, from the clean one through the noise to each layer."""
    settings = seen.settings
    clean, noisy, after = door.layer_structure(settings.dataset, settings.noise, settings.rewire, settings.device)
    rows = {"clean": clean, "with noise": noisy} | {f"layer {k}": s for k, s in enumerate(after, start=1)}
    table = pd.DataFrame(
        {
            "edges": [row.edges for row in rows.values()],
            "homophily (%)": [None if h is None else 100 * h for h in (r.edge_homophily for r in rows.values())],
            "mean degree": [row.mean_degree for row in rows.values()],
            "isolated nodes": [row.isolated for row in rows.values()],
            "connected parts": [row.components for row in rows.values()],
        },
        index=pd.Index(rows, name="graph"),
    )
    st.markdown("**Before and after**")
    formats = {"edges": "{:,}", "homophily (%)": "{:.1f}", "mean degree": "{:.2f}", "isolated nodes": "{:,}"}
    st.table(table.style.format(formats | {"connected parts": "{:,}"}, na_rep="–"))


def accuracy(seen: View) -> None:
    """What a training in this session with these settings said, or where to get it."""
    job = jobs.find(st.session_state.get("job"))
    if job is None or job.settings.dataset != seen.settings.dataset or len(job.finished) < len(jobs.MODELS):
        st.caption("Accuracy of the plain GCN and of TorqueGNN on this graph: train them on the page **Train**.")
        return
    plain, torque = (job.finished[name].test for name in jobs.MODELS)
    st.caption(
        f"Test score in the last training (noise {100 * job.settings.noise.rate:.0f} %, seed {job.spec.seed}): "
        f"plain GCN {percent(plain)}, TorqueGNN {percent(torque)}."
    )


seen = view()
st.markdown(
    f"**{seen.dataset.info.title}**: look at the dashed edges. Torque blames an edge when its ends are far apart in "
    "structure (**lever arm**) and unlike in what they carry (**force**); the layer prunes it, and adds links of low "
    "torque."
)
headline(seen)
left, right = st.columns([3, 2], gap="medium")
with left:
    graph(seen)
with right:
    histogram(seen)
    before_and_after(seen)
    accuracy(seen)
if seen.dataset.notes:
    with st.expander("Notes on this data set", icon=":material/info:"):
        st.markdown("\n".join(f"- {note}" for note in seen.dataset.notes))
