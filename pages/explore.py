"""Explore: which edges torque blames, prunes and adds, and how well that fits the noise that was injected."""

from functools import partial

import streamlit as st

from pages.shared.core import queries
from pages.shared.core.receptive_field import neighbourhood
from pages.shared.core.view import View, plain
from pages.shared.frame.network_canvas import canvas
from pages.shared.frame.page import chart_config, node_input, percent, theme, view
from pages.shared.runs import registry
from pages.shared.state.selection import Selection, clicked, drop_missing, pick
from pages.shared.state.settings import NETWORK_UP_TO, fitting_view
from pages.shared.views.data_tables import data_tables
from pages.shared.views.edge_explanation import why
from pages.shared.views.export_menu import take_away
from pages.shared.views.report_sections import explored
from pages.shared.views.torque_charts import torque_views
from torque_core.experiments import METHODS
from torque_core.figures import layer_links, network_data, overview_figure

CANVAS_UP_TO = 5_000  # nodes; beyond it a network of vis-network is too slow to handle
_GRAPHS = {"network": "Neighbourhood of a node", "whole": "Whole graph"}


def headline(seen: View) -> None:
    """The layer in numbers."""
    settings, layer = seen.settings, seen.layer
    report = queries.layer_detection(*seen.key, settings.layer, seen.threshold)
    before, after = queries.layer_structure(*seen.key, settings.layer, seen.threshold)
    cosine = queries.cosine_auroc(settings.dataset, settings.noise)
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
    now, then = after.edge_homophily, before.edge_homophily
    row.metric(
        "Edge homophily",
        percent(now),
        None if now is None or then is None else f"{100 * (now - then):+.1f} points by rewiring",
        help="Share of the edges that join two nodes of one class, after rewiring; beside it the change.",
        width="content",
    )
    fact(
        "Links added",
        f"{layer.added.size(1):,}",
        "of lowest torque",
        "New links, of lower torque than three quarters of the kept edges.",
    )


def graph(seen: View, chosen: Selection) -> None:
    """The graph of the layer, whole or around a node; as large as it is, so it is drawn."""
    size = seen.rewiring.num_nodes
    if not st.session_state.view:
        st.session_state.view = fitting_view(size)
    whole = size <= NETWORK_UP_TO or st.segmented_control(
        "View", list(_GRAPHS), format_func=_GRAPHS.__getitem__, key="view", label_visibility="collapsed", required=True,
        persist_state="session",
    ) == "whole"  # fmt: skip
    position = queries.layout(seen.settings.dataset)
    number = seen.settings.layer + 1
    if whole and size > CANVAS_UP_TO:
        drawn = overview_figure(
            seen.layer, position, seen.dataset.data.y, seen.injected, theme(), number=number, names=seen.dataset.names,
            classes=seen.dataset.class_names, selected_nodes=chosen.nodes, selected_edges=chosen.edges,
        )  # fmt: skip
        if drawn.sampled:
            st.caption(drawn.sampled)
        st.plotly_chart(
            drawn.figure, key="graph", alt=drawn.alt, config=chart_config(scrollZoom=True), on_select=drill_down,
            selection_mode="points",
        )  # fmt: skip
        st.caption("Click a node to see its neighbourhood, or the mark of an edge to select it in all views.")
        return
    nodes, focus = range(size), None
    if not whole:
        focus = node_input(size, purpose="Its neighbours before and after are drawn.", names=seen.dataset.names)
        nodes, position, left_out = neighbourhood(seen, focus, most=NETWORK_UP_TO)
        st.caption(f"Node {focus} and {len(nodes) - 1} neighbours, of the graph before or after." + left_out)
    links = layer_links(seen.layer, seen.injected, None if whole else nodes)
    canvas(
        network_data(
            nodes, links, position, seen.dataset.data.y, theme(), names=seen.dataset.names,
            classes=seen.dataset.class_names, focus=focus,
        ),
        key="network",
        alt=f"Network of layer {number}: {len(nodes):,} nodes, {seen.layer.kept.size(1):,} kept, "
        f"{seen.layer.pruned.size(1):,} pruned and {seen.layer.added.size(1):,} added edges",
        selected_nodes=chosen.nodes,
        selected_edges=chosen.edges,
        image=st.session_state.image,
        on_select=pick,
    )  # fmt: skip
    st.caption(
        "Grey: kept. **Dashed vermilion**: pruned. **Thick blue**: added. ◆ in the middle: injected by the noise. "
        "Nodes: colour and shape by class. Point at an edge for its torque, click to select it in all views, Shift and "
        "drag to select many."
    )


def drill_down() -> None:
    """Select what was clicked in the overview; of one node, show the neighbourhood."""
    found = clicked("graph")
    if len(found):
        pick(found.nodes, found.edges, False)
        if len(found.nodes) == 1:
            st.session_state.view = "network"


def accuracy(seen: View) -> None:
    """What this session's last training on this graph said, or where to get it."""
    run = registry.last_on(seen.settings)
    if run is None:
        st.caption("Test score of a network on this graph, as it is and rewired: train it on the page **Train**.")
        return
    scores = (f"{METHODS[name].title} {percent(model.outcome.test)}" for name, model in run.models.items())
    st.caption(f"Test score in the last training on this graph (seed {run.record.spec.seed}): {', '.join(scores)}.")


seen = view(of_training=True)
chosen = drop_missing(seen.rewiring.num_nodes)
false = int(seen.injected.sum())
story = f"the noise has put in {false:,} false edges, and torque is not told which. It" if false else "torque"
st.markdown(
    f"**{seen.dataset.info.title}**: {story} blames an edge whose ends are far apart in the graph (**lever arm**) and "
    "unlike in what they carry (**force**). "
    + ("Look at **the dashed edges**: they are blamed most, and are pruned." if bool(seen.layer.pruned_mask.any())
       else f"Here nothing is pruned. {seen.layer.cut.reason}")
)  # fmt: skip
why(seen, chosen)
headline(seen)
left, right = st.columns([3, 2], gap="medium")
with left:
    graph(seen, chosen)
with right:
    torque_views(seen, chosen)
    accuracy(seen)
with st.expander("Edges and nodes", icon=":material/table_rows:", key="tables", on_change="rerun") as tables:
    if tables.open:
        data_tables(seen, chosen)
take_away(seen, partial(explored, seen))
if seen.dataset.notes:
    with st.expander("Notes on this data set", icon=":material/info:"):
        st.markdown("\n".join(f"- {plain(note)}" for note in seen.dataset.notes))
