"""Layers: the graph step by step from the input to the last layer, and the fate of every edge in each layer."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.shared.core import comparisons, queries
from pages.shared.core.view import View
from pages.shared.frame.page import chart_config, load_view, percent, theme
from pages.shared.frame.stage import steps_control
from pages.shared.views.export_menu import draw_export_menu, draw_introduction
from pages.shared.views.graph_figures import draw_steps
from pages.shared.views.report_sections import layers_sections
from torque_core.figures.fates import fate_figure
from torque_core.rewiring.graph_change import GraphChange


def draw_layer_table(view: View) -> None:
    """Draw the table of layers: edges pruned and added, detection, homophily and the reason for the cut."""
    rows = []
    for number, layer in enumerate(view.rewiring.layers):
        report = queries.layer_detection(*view.key, number)
        _, after = queries.layer_structure(*view.key, number)
        rows.append({
            "layer": number + 1, "edges": layer.pairs.size(1), "pruned": report.pruned,
            "added": layer.added.size(1), "precision": percent(report.precision), "recall": percent(report.recall),
            "homophily": percent(after.edge_homophily), "cut": layer.cut.reason,
        })  # fmt: skip
    column = st.column_config
    table = pd.DataFrame(rows)
    if not view.has_injected:
        table = table.drop(columns=["precision", "recall"])
    st.dataframe(table, hide_index=True, column_config={
        "layer": column.NumberColumn("Layer", pinned=True),
        "edges": column.NumberColumn("Input edges", format="localized"),
        "pruned": column.NumberColumn("Pruned", format="localized", help="Edges with torque at or above the cut."),
        "added": column.NumberColumn("Added", format="localized", help="New edges of low torque."),
        "precision": column.TextColumn("Precision", help="Fraction of the pruned edges that the noise injected."),
        "recall": column.TextColumn("Recall", help="Fraction of the injected edges that were pruned."),
        "homophily": column.TextColumn("Edge homophily", help="Fraction of the edges of the rewired graph "
                                       "that connect nodes of the same class."),
        "cut": column.TextColumn("Reason for the cut", width="large"),
    })  # fmt: skip


view = load_view(every_layer=True, of_training=True)
last = len(view.rewiring.layers)
if st.session_state.frame > last:
    st.warning(f"There is no step {st.session_state.frame}: this graph has {last} layers. The last one is displayed.",
               icon=":material/info:")  # fmt: skip
    st.session_state.frame = last
export = draw_introduction(
    f"**{view.title}**: press **Play** and watch the graph on the right. Every layer passes messages "
    "along its own edges: edges between distant and unlike nodes are pruned (**dashed**), and edges between close and "
    "similar nodes are added (**blue**)."
)
steps: list[tuple[str, GraphChange]] = [("Input graph, with noise", comparisons.change(view.settings, "plain"))]
steps += [(f"Layer {number}", layer) for number, layer in enumerate(view.rewiring.layers, 1)]
steps_control([title for title, _ in steps], theme(), key="steps", group="layers_figure")
draw_steps(view, steps, key="layers_figure")
left, right = st.columns([3, 2], gap="medium")
with left:
    st.markdown("**Edge fates by layer**")
    fates = fate_figure(queries.fates(*view.key), theme())
    st.plotly_chart(fates.figure, key="fates", alt=fates.alt, config=chart_config())
    hierarchy = view.settings.rewire.hierarchy
    st.caption(
        view.of_injected("Purple: injected by the noise. ")
        + ("Each layer judges all edges of the input graph, so a pruned edge can return." if hierarchy == "independent"
           else "Each layer judges the edges that the previous layer kept, so a pruned edge does not return.")
    )  # fmt: skip
with right:
    st.markdown("**Layer by layer**")
    draw_layer_table(view)
frame = st.session_state.frame
displayed = replace(view, settings=replace(view.settings, layer=max(frame - 1, 0)), threshold=None)
draw_export_menu(export, displayed, layers_sections(displayed, [steps[0], steps[frame]]))
