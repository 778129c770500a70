"""Tables of the edges and nodes of a layer, which can be filtered, sorted, selected from and downloaded."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.core.view import View
from pages.shared.frame.deferred_download import deferred_download
from pages.shared.state.declarations import MAX_SELECTED
from pages.shared.state.selection import Selection, select
from torque_core.io.spreadsheets import escape_formulas, spreadsheet_csv
from torque_core.io.tables import edge_table, node_table
from torque_core.utils.text import visible

__all__ = ["draw_data_tables"]

_MOST_ROWS = 20_000
_ENDS = ("source", "target", "node", "source class", "target class", "class")
_ABOUT = {
    "source": "First end of the edge.",
    "target": "Second end of the edge.",
    "direction": "From source to target (→), from target to source (←), or both (↔).",
    "same class": "True if both ends have the same class; empty if a class is unknown.",
    "fate": "The decision of the layer: kept, pruned or added.",
    "injected": "True if the noise inserted the edge.",
    "lever arm": "Structural distance between the ends, computed without the edge itself. No unit.",
    "force": "Dissimilarity of the ends' features. No unit.",
    "sine": "Sine of the angle between lever arm and force, for the cross product. No unit.",
    "torque": "Product of the factors: lever arm × force, and × sine for the cross product. No unit.",
    "edge confidence": "One minus the local false discovery rate, from 0 to 1: the weight of a kept edge.",
    "degree before": "Number of neighbours in the noisy graph.",
    "degree after": "Number of neighbours in the rewired graph of this layer.",
    "in-degree before": "Number of edges that lead to the node, in the noisy graph.",
    "out-degree before": "Number of edges that leave the node, in the noisy graph.",
    "in-degree after": "Number of edges that lead to the node, in the rewired graph of this layer.",
    "out-degree after": "Number of edges that leave the node, in the rewired graph of this layer.",
    "mean torque": "Mean torque of the node's edges. No unit.",
    "homophily before": "Fraction of the labelled neighbours that have the node's class, in the noisy graph.",
    "homophily after": "The same fraction in the rewired graph of this layer.",
}


def draw_data_tables(view: View, selected: Selection) -> None:
    """Draw the table of edges or of nodes with its filters; ticked rows are selected in all views."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    edges = row.segmented_control(
        "Table of", ("edges", "nodes"), default="edges", key="table_of", required=True, persist_state="session"
    ) == "edges"  # fmt: skip
    table = _filtered_edges(view, selected, row) if edges else _filtered_nodes(view, selected, row)
    table = _within_range(table, row)
    displayed = table.head(_MOST_ROWS).reset_index(drop=True)
    key = "edge_rows" if edges else "node_rows"

    def select_rows(rows: pd.DataFrame) -> None:
        if edges:
            select(edges=rows[["source", "target"]].to_numpy().tolist())
        else:
            select(nodes=rows["node"].tolist())

    st.dataframe(escape_formulas(displayed), key=key, hide_index=True, selection_mode="multi-row",
                 placeholder="–", height=330,
                 on_select=lambda: select_rows(displayed.iloc[st.session_state[key].selection.rows]),
                 column_config=_columns(displayed))  # fmt: skip
    count = f"{len(table):,} rows"
    if len(table) > len(displayed):
        order = "with the highest torque" if edges else "first"
        count += f", of which the {len(displayed):,} {order} are displayed; the CSV file contains all rows"
    foot = st.container(horizontal=True, vertical_alignment="center")
    most = min(len(table), MAX_SELECTED)
    foot.button(
        f"Select {'all' if most == len(table) else 'the first'} {most:,}", icon=":material/select_all:",
        key="table_select", on_click=lambda: select_rows(table.head(MAX_SELECTED)), disabled=table.empty,
        help="Select the filtered rows in all views.",
    )  # fmt: skip
    deferred_download(
        foot, "Table as CSV", lambda: spreadsheet_csv(table), f"{view.settings.dataset.name}-{key}.csv",
        mime="text/csv", icon=":material/download:",
    )  # fmt: skip
    foot.caption(f"{count}. Tick rows to select them in all views; click a column header to sort.")


def _filtered_edges(view: View, selected: Selection, row: DeltaGenerator) -> pd.DataFrame:
    """The edges that match the filters, sorted by decreasing torque."""
    fates = row.multiselect("Fate", ["kept", "pruned", "added"], key="table_fates", persist_state="session",
                            help="Leave empty for all.", width=300)  # fmt: skip
    only_injected = view.has_injected and row.toggle("Injected only", key="table_injected", persist_state="session")
    query, only_selected = _draw_search(row)
    data = view.dataset
    table = edge_table(view.layer, view.injected, data.data.y, data.names, data.class_names, data.attributes)
    table = table.sort_values("torque", ascending=False)
    table = table if view.has_injected else table.drop(columns="injected")
    table = table[table["fate"].isin(fates)] if fates else table
    table = table[table["injected"]] if only_injected else table
    if only_selected:
        edges = pd.MultiIndex.from_tuples(selected.edges, names=["source", "target"])
        table = table[pd.MultiIndex.from_frame(table[["source", "target"]]).isin(edges)]
    return table[_matches(table, query, ["source", "target"])] if query else table


def _filtered_nodes(view: View, selected: Selection, row: DeltaGenerator) -> pd.DataFrame:
    """The nodes that match the filters."""
    data = view.dataset
    table = node_table(view.layer, data.data.y, data.names, data.class_names, data.attributes)
    if "class" in table:
        classes = row.multiselect("Class", list(table["class"].dropna().sort_values().unique()), key="table_classes",
                                  format_func=visible, persist_state="session", help="Leave empty for all.",
                                  width=220)  # fmt: skip
        table = table[table["class"].isin(classes)] if classes else table
    query, only_selected = _draw_search(row)
    table = table[table["node"].isin(selected.nodes)] if only_selected else table
    return table[_matches(table, query, ["node"])] if query else table


def _draw_search(row: DeltaGenerator) -> tuple[str, bool]:
    """The node number or name that was typed, and whether only the selection is displayed."""
    query = row.text_input("Node", key="table_node", persist_state="session", width=140,
                           help="The number of a node, or a part of its name.")  # fmt: skip
    return query, row.toggle("Selected only", key="table_selected", persist_state="session")


def _within_range(table: pd.DataFrame, row: DeltaGenerator) -> pd.DataFrame:
    """The rows whose value in the chosen column lies in the chosen range."""
    numbers = [name for name in table if name not in _ENDS and table[name].dtype.kind in "if"]
    column = row.selectbox("Filter by", numbers, index=None, key="table_column", placeholder="any value", width=160,
                           help="Keep only rows with a value in this range.", persist_state="session")  # fmt: skip
    if column is None or table.empty:
        return table
    low = row.number_input("from", value=None, key="table_low", width=130, persist_state="session",
                           placeholder=f"{table[column].min():.4g}")  # fmt: skip
    high = row.number_input("to", value=None, key="table_high", width=130, persist_state="session",
                            placeholder=f"{table[column].max():.4g}")  # fmt: skip
    inside = table[column].notna()
    if low is not None:
        inside &= table[column] >= low
    if high is not None:
        inside &= table[column] <= high
    return table[inside]


def _matches(table: pd.DataFrame, query: str, number_columns: list[str]) -> pd.Series:
    """Mask of the rows that have a node with this number, or with a name that contains this text."""
    query = query.strip()
    mask = pd.concat([table[column].astype(str) == query for column in number_columns], axis=1).any(axis=1)
    for column in ("source name", "target name", "name"):
        if column in table:
            mask |= table[column].astype(str).str.contains(query, case=False, regex=False)
    return mask


def _columns(table: pd.DataFrame) -> dict[str, object]:
    column = st.column_config
    return {
        name: (column.NumberColumn(name, help=_ABOUT.get(name), format="%.3f")
               if table[name].dtype.kind == "f" and name in _ABOUT else column.Column(name, help=_ABOUT.get(name)))
        for name in table
    }  # fmt: skip
