"""The edges and the nodes of a layer as tables: filter, sort, select, take away."""

import pandas as pd
import streamlit as st

from pages.shared.selection import Selection, select
from pages.shared.view import View
from torque_core.graph_files import safe_csv
from torque_core.tables import edge_table, node_table

__all__ = ["data_tables"]

_MOST_SHOWN = 20_000
_ABOUT = {
    "source": "One end of the edge, a node.",
    "target": "The other end.",
    "same class": "Whether both ends have one class; empty where one is unknown.",
    "fate": "What the layer did: kept, pruned or added.",
    "injected": "Whether the noise inserted the edge.",
    "lever arm": "Distance of the ends in structure, the edge itself left out. No unit.",
    "force": "How unlike the ends are in what they carry. No unit.",
    "torque": "Lever arm × force. No unit.",
    "trust": "How likely the edge is more than chance: what it weighs if it stays, from 0 to 1.",
    "degree before": "How many neighbours the node has in the graph with the noise.",
    "degree after": "How many it has in this layer.",
    "mean torque": "Mean torque of its edges. No unit.",
    "alike before": "Share of its neighbours that have its class, before.",
    "alike after": "The same in this layer.",
}


def data_tables(seen: View, chosen: Selection) -> None:
    """Edges or nodes, those that a filter leaves; rows that are ticked are selected in all views."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    edges = row.segmented_control(
        "Table of", ("edges", "nodes"), default="edges", key="table_of", required=True, persist_state="session"
    ) == "edges"  # fmt: skip
    fates: list[str] = []
    injected = only = False
    if edges:
        fates = row.multiselect("Fate", ["kept", "pruned", "added"], key="table_fates", persist_state="session",
                                help="None chosen: all.", width=320)  # fmt: skip
        injected = row.toggle("Injected only", key="table_injected", persist_state="session")
    wanted = row.text_input("Node", key="table_node", persist_state="session", width=160,
                            help="A number or a name: rows with that node only.")  # fmt: skip
    only = row.toggle("Selected only", key="table_selected", persist_state="session")
    names = seen.dataset.names
    if edges:
        table = edge_table(seen.layer, seen.injected, seen.dataset.data.y, names)
        table = table.sort_values("torque", ascending=False)
        table = table[table["fate"].isin(fates)] if fates else table
        table = table[table["injected"]] if injected else table
        if only:
            picked = pd.MultiIndex.from_tuples(chosen.edges, names=["source", "target"])
            table = table[pd.MultiIndex.from_frame(table[["source", "target"]]).isin(picked)]
    else:
        table = node_table(seen.layer, seen.dataset.data.y, names)
        table = table[table["node"].isin(chosen.nodes)] if only else table
    if wanted:
        table = table[_with_node(table, wanted, edges)]
    shown = table.head(_MOST_SHOWN).reset_index(drop=True)
    key = "edge_rows" if edges else "node_rows"

    def take() -> None:
        rows = shown.iloc[st.session_state[key].selection.rows]
        if edges:
            select(edges=rows[["source", "target"]].to_numpy().tolist())
        else:
            select(nodes=rows["node"].tolist())

    st.dataframe(shown, key=key, hide_index=True, on_select=take, selection_mode="multi-row", placeholder="–",
                 height=330, column_config=_columns(shown))  # fmt: skip
    note = f"{len(table):,} rows"
    if len(table) > len(shown):
        note += f", of which the {len(shown):,} {'of highest torque' if edges else 'first'} are shown; the file has all"
    foot = st.container(horizontal=True, vertical_alignment="center")
    foot.download_button(
        "Table as CSV", lambda: safe_csv(table), f"{seen.settings.dataset.name}-{key}.csv", "text/csv",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    foot.caption(f"{note}. Tick rows to select them in all views; click a heading to sort.")


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
