"""The edges and the nodes of a layer as tables: filter, sort, select, take away."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.core.view import View
from pages.shared.state.selection import Selection, select
from pages.shared.state.settings import MOST_PICKED
from torque_core.io.graph_formats import escape_formulas, spreadsheet_csv
from torque_core.io.tables import edge_table, node_table

__all__ = ["data_tables"]

_MOST_SHOWN = 20_000
_ENDS = ("source", "target", "node", "source class", "target class", "class")
_ABOUT = {
    "source": "One end of the edge, a node.",
    "target": "The other end.",
    "same class": "Whether both ends have one class; empty where one is unknown.",
    "fate": "What the layer did: kept, pruned or added.",
    "injected": "Whether the noise inserted the edge.",
    "lever arm": "Distance of the ends in structure, the edge itself left out. No unit.",
    "force": "How unlike the ends are in what they carry. No unit.",
    "sine": "Sine of the angle between lever arm and force, for the cross product. No unit.",
    "torque": "Product of the factors: lever arm × force, and × sine for the cross product. No unit.",
    "edge confidence": "One minus the local false discovery rate, from 0 to 1: the weight of a kept edge.",
    "degree before": "How many neighbours the node has in the graph with the noise.",
    "degree after": "How many it has in this layer.",
    "mean torque": "Mean torque of its edges. No unit.",
    "homophily before": "Fraction of its labelled neighbours that have its class, in the graph with the noise.",
    "homophily after": "The same fraction in this layer.",
}


def data_tables(seen: View, chosen: Selection) -> None:
    """Edges or nodes, those that filters leave; rows that are ticked, or all of them, are selected in all views."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    edges = row.segmented_control(
        "Table of", ("edges", "nodes"), default="edges", key="table_of", required=True, persist_state="session"
    ) == "edges"  # fmt: skip
    table = _edges(seen, chosen, row) if edges else _nodes(seen, chosen, row)
    table = _in_range(table, row)
    shown = table.head(_MOST_SHOWN).reset_index(drop=True)
    key = "edge_rows" if edges else "node_rows"

    def take(rows: pd.DataFrame) -> None:
        if edges:
            select(edges=rows[["source", "target"]].to_numpy().tolist())
        else:
            select(nodes=rows["node"].tolist())

    st.dataframe(escape_formulas(shown), key=key, hide_index=True, selection_mode="multi-row",
                 placeholder="–", height=330,
                 on_select=lambda: take(shown.iloc[st.session_state[key].selection.rows]),
                 column_config=_columns(shown))  # fmt: skip
    note = f"{len(table):,} rows"
    if len(table) > len(shown):
        note += f", of which the {len(shown):,} {'of highest torque' if edges else 'first'} are shown; the file has all"
    foot = st.container(horizontal=True, vertical_alignment="center")
    most = min(len(table), MOST_PICKED)
    foot.button(
        f"Select {'all' if most == len(table) else 'the first'} {most:,}", icon=":material/select_all:",
        key="table_select", on_click=lambda: take(table.head(MOST_PICKED)), disabled=table.empty,
        help="Select what the filters leave, in all views.",
    )  # fmt: skip
    foot.download_button(
        "Table as CSV", lambda: spreadsheet_csv(table), f"{seen.settings.dataset.name}-{key}.csv", "text/csv",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    foot.caption(f"{note}. Tick rows to select them in all views; click a heading to sort.")


def _edges(seen: View, chosen: Selection, row: DeltaGenerator) -> pd.DataFrame:
    """The edges that the filters of edges leave, those of highest torque first."""
    fates = row.multiselect("Fate", ["kept", "pruned", "added"], key="table_fates", persist_state="session",
                            help="None chosen: all.", width=300)  # fmt: skip
    injected = row.toggle("Injected only", key="table_injected", persist_state="session")
    wanted, only = _search(row)
    table = edge_table(seen.layer, seen.injected, seen.dataset.data.y, seen.dataset.names, seen.dataset.class_names)
    table = table.sort_values("torque", ascending=False)
    table = table[table["fate"].isin(fates)] if fates else table
    table = table[table["injected"]] if injected else table
    if only:
        picked = pd.MultiIndex.from_tuples(chosen.edges, names=["source", "target"])
        table = table[pd.MultiIndex.from_frame(table[["source", "target"]]).isin(picked)]
    return table[_with_node(table, wanted, True)] if wanted else table


def _nodes(seen: View, chosen: Selection, row: DeltaGenerator) -> pd.DataFrame:
    """The nodes that the filters of nodes leave."""
    table = node_table(seen.layer, seen.dataset.data.y, seen.dataset.names, seen.dataset.class_names)
    if "class" in table:
        classes = row.multiselect("Class", list(table["class"].dropna().sort_values().unique()), key="table_classes",
                                  persist_state="session", help="None chosen: all.", width=220)  # fmt: skip
        table = table[table["class"].isin(classes)] if classes else table
    wanted, only = _search(row)
    table = table[table["node"].isin(chosen.nodes)] if only else table
    return table[_with_node(table, wanted, False)] if wanted else table


def _search(row: DeltaGenerator) -> tuple[str, bool]:
    """A node's number or name, and whether only what is selected is wanted."""
    wanted = row.text_input("Node", key="table_node", persist_state="session", width=140,
                            help="A number or a part of a name: rows with that node only.")  # fmt: skip
    return wanted, row.toggle("Selected only", key="table_selected", persist_state="session")


def _in_range(table: pd.DataFrame, row: DeltaGenerator) -> pd.DataFrame:
    """The rows whose value in one column lies between two numbers."""
    numbers = [name for name in table if name not in _ENDS and table[name].dtype.kind in "if"]
    column = row.selectbox("Where", numbers, index=None, key="table_column", placeholder="any value", width=160,
                           help="Keep rows whose value there lies in a range.", persist_state="session")  # fmt: skip
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


def _with_node(table: pd.DataFrame, wanted: str, edges: bool) -> pd.Series:
    """Rows that have a node of that number, or whose name holds that text."""
    numbers = ["source", "target"] if edges else ["node"]
    named = [column for column in ("source name", "target name", "name") if column in table]
    found = pd.concat([table[column].astype(str) == wanted.strip() for column in numbers], axis=1).any(axis=1)
    for column in named:
        found |= table[column].str.contains(wanted.strip(), case=False, regex=False)
    return found


def _columns(table: pd.DataFrame) -> dict[str, object]:
    column = st.column_config
    return {
        name: (column.NumberColumn(name, help=_ABOUT.get(name), format="%.3f")
               if table[name].dtype.kind == "f" else column.Column(name, help=_ABOUT.get(name)))
        for name in table
    }  # fmt: skip
