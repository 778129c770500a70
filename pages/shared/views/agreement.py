"""The parts of two rewirings that Compare shows: all edges, those on which methods disagree, those around a node."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st
import torch
from torch import Tensor

from pages.shared.core.view import View
from pages.shared.frame.page import node_input
from pages.shared.state.declarations import MAX_SELECTED
from pages.shared.state.selection import Selection
from torque_core.diagnostics.pruning_agreement import PruningAgreement, pruning_agreement
from torque_core.io.spreadsheets import escape_formulas
from torque_core.rewiring.graph_change import GraphChange, part_of_change
from torque_core.utils.text import visible

__all__ = ["choose_part"]

_PARTS = {
    "all": "All edges", "disagreement": "Only where they disagree", "neighbourhood": "Around a node",
    "both": "Disagreement around a node",
}  # fmt: skip
_ROWS = 500
_Panels = list[tuple[str, GraphChange]]


def choose_part(view: View, panels: _Panels) -> tuple[_Panels, Sequence[int] | None]:
    """Draw the choice of the part and the counts of the agreement.

    Returns:
        The panels with their edges in the part, and the nodes to draw; None for all.
    """
    (left, first), (right, second) = panels
    agreement = pruning_agreement(first, second)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    part = row.segmented_control(
        "Edges", list(_PARTS), default=st.session_state.part, format_func=_PARTS.__getitem__, key="part", required=True,
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    node = None
    if part in ("neighbourhood", "both"):
        with row:
            node = node_input(
                view.rewiring.num_nodes, purpose="Its edges before and after, and the edges among its neighbours.",
                names=view.dataset.names,
            )  # fmt: skip
    nodes = None
    if node is not None:
        nodes = _neighbourhood(node, torch.cat([first.pairs, first.added, second.added], dim=1)).tolist()
        near = _neighbourhood(node, first.pairs)
        first, second = (_around(node, near, change) for change in (first, second))
        agreement = pruning_agreement(first, second)
    groups = {
        f"by {left} alone": agreement.first_only,
        f"by {right} alone": agreement.second_only,
        "by both": agreement.both,
    }
    where = "Pruned" if node is None else f"Around node {view.node_label(node)}, pruned"
    counts = " · ".join(f"{title}: **{int(mask.sum()):,}**" for title, mask in groups.items())
    st.markdown(f"{where} {counts}")
    if part in ("disagreement", "both"):
        _draw_list(view, first.pairs, groups, agreement)
        first, second = agreement.disagreement(first, second)
    return [(left, first), (right, second)], nodes


def _neighbourhood(node: int, pairs: Tensor) -> Tensor:
    """The node and its neighbours, sorted."""
    return torch.cat([pairs[:, (pairs == node).any(dim=0)].flatten(), torch.tensor([node])]).unique()


def _around(node: int, near: Tensor, change: GraphChange) -> GraphChange:
    """The edges before among a node and its neighbours, and the added edges of the node."""
    edges = torch.isin(change.pairs, near).all(dim=0)
    return part_of_change(change, edges, (change.added == node).any(dim=0))


def _draw_list(view: View, pairs: Tensor, groups: dict[str, Tensor], agreement: PruningAgreement) -> None:
    """Draw the edges on which the methods disagree as a table."""
    differ = agreement.first_only | agreement.second_only
    if not bool(differ.any()):
        st.info("Both methods prune the same edges.", icon=":material/check:")
        return
    ends, who = pairs[:, differ], list(groups)
    pruned_by = [who[0] if own else who[1] for own in agreement.first_only[differ].tolist()]
    y, classes = view.dataset.data.y, view.dataset.class_names
    injected = view.noisy.is_injected(ends)
    table = pd.DataFrame(
        {
            "source": [visible(view.node_name(node)) for node in ends[0].tolist()],
            "target": [visible(view.node_name(node)) for node in ends[1].tolist()],
            "pruned": pruned_by,
            "injected": injected.numpy(),
            "same class": [
                None if min(labels) < 0 else labels[0] == labels[1] for labels in zip(*y[ends].tolist(), strict=True)
            ],
        }
    )
    if classes is None and bool((y < 0).all()):
        table = table.drop(columns="same class")
    title = "The edge that one" if len(table) == 1 else f"The {len(table):,} edges that one"
    with st.expander(f"{title} of them prunes", icon=":material/list:"):
        event = st.dataframe(
            escape_formulas(table.head(_ROWS)), hide_index=True, key="disagreement_table", on_select="rerun",
            selection_mode="multi-row", height=280,
        )  # fmt: skip
        rows = [number for number in event.selection.rows if number < len(table)] or range(len(table))
        edges = ends[:, list(rows)[:MAX_SELECTED]].T.tolist()
        st.button(
            f"Select {len(edges):,} in all views", icon=":material/select_all:", key="disagreement_select",
            on_click=lambda: st.session_state.update(picked=Selection.of(edges=edges).ids),
        )  # fmt: skip
        if len(table) > _ROWS:
            st.caption(f"The first {_ROWS} are listed.")
