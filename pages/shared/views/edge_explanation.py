"""Explain the selected edge or node in words: why an edge is pruned, kept or added."""

import math

import streamlit as st
import torch

from pages.shared.core.view import View
from pages.shared.frame.rewiring_controls import describe
from pages.shared.state.selection import Selection
from torque_core.scoring.forces import FORCES
from torque_core.scoring.levers import LEVERS
from torque_core.scoring.torque import Torque

__all__ = ["explain_selection"]


def explain_selection(view: View, selected: Selection) -> None:
    """Explain the first selected edge, else the first selected node, else the edge with the highest torque."""
    if selected.edges:
        st.markdown(_edge_text(view, *selected.edges[0]) + _first_of(len(selected.edges)), help=_glossary(view))
    elif selected.nodes:
        node = selected.nodes[0]
        row = st.container(horizontal=True, vertical_alignment="center")
        row.markdown(_node_text(view, node) + _first_of(len(selected.nodes)), width="content")
        row.button(
            "Show its receptive field", icon=":material/target:", key="open_receptive_field", width="content",
            on_click=lambda: st.session_state.update(node=node, goto="receptive_field"),
            help="Opens the page Receptive field with this node in the centre.",
        )  # fmt: skip
    elif view.layer.pairs.size(1):
        i, j = view.layer.pairs[:, view.layer.torque.value.argmax()].tolist()
        st.markdown(
            f"{_edge_text(view, i, j)} It has the highest torque of all edges. Click another edge or a node to read "
            "about it.",
            help=_glossary(view),
        )


def _edge_text(view: View, i: int, j: int) -> str:
    """The torque of an edge as a product, and the decision that follows from it."""
    layer, cut = view.layer, view.layer.cut.threshold
    edge = f"{view.node_label(i)} – {view.node_label(j)}"
    if len(column := _column(layer.added, i, j)):
        return f"The edge **{edge} is added**: {_product(layer.added_torque[column], 'near', 'and alike')}."
    if not len(column := _column(layer.pairs, i, j)):
        return f"The edge **{edge} is not in this layer**."
    torque = layer.torque[column]
    if bool(layer.pruned_mask[column]):
        decision = f"is pruned**: {_product(torque, 'far apart', 'and unlike')}, which reaches the cut at {cut:.3f}"
    elif math.isfinite(cut):
        decision = f"is kept**: {_product(torque, 'too near', 'or too alike')}, which is below the cut at {cut:.3f}"
    else:
        decision = f"is kept** because nothing is pruned here: {_product(torque, 'apart', 'and unlike')}"
    origin = "The noise inserted this edge." if bool(view.injected[column]) else "It is an original edge of the graph."
    return f"The edge **{edge} {decision}. {origin}"


def _column(pairs: torch.Tensor, i: int, j: int) -> torch.Tensor:
    return ((pairs[0] == i) & (pairs[1] == j)).nonzero().flatten()


def _product(torque: Torque, distance: str, contrast: str) -> str:
    """The torque of one edge as the product of its factors, with a word for each factor."""
    numbers = [f"{float(factor):.3f}" for factor in torque.factors.values()]
    ends = f"its ends are {distance} (lever arm {numbers[0]}) {contrast} (force {numbers[1]})"
    return f"{ends}, torque = {' × '.join(numbers)} = **{float(torque.value):.3f}**"


def _node_text(view: View, node: int) -> str:
    """The class of a node, and how many of its edges are pruned and added."""
    layer = view.layer
    incident = (layer.pairs == node).any(dim=0)
    pruned = incident & layer.pruned_mask
    added = int((layer.added == node).any(dim=0).sum())
    return (
        f"**Node {view.node_label(node)}**, class {view.class_label(int(view.dataset.data.y[node]))}: "
        f"this layer prunes {int(pruned.sum()):,} of its {int(incident.sum()):,} edges "
        f"({int((pruned & view.injected).sum()):,} of them injected by the noise) and adds {added:,}."
    )


def _first_of(count: int) -> str:
    return f" (The first of {count:,} selected.)" if count > 1 else ""


def _glossary(view: View) -> str:
    """Definitions of the terms in the text."""
    spec = view.rewiring.spec
    return (
        "- **Edge**: a connection between two nodes.\n"
        f"- **Lever arm**, here *{spec.lever}*: {describe(LEVERS, spec.lever)}\n"
        f"- **Force**, here *{spec.force}*: {describe(FORCES, spec.force)}\n"
        "- **Torque**: lever arm × force, one number per edge. None of the three has a unit.\n"
        "- **Cut**: edges with this torque or more are pruned, that is, removed."
    )
