"""Explain the selected edge or node in words: why an edge is pruned, kept or added, and what misled torque."""

import math

import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from pages.shared.core.view import View
from pages.shared.frame.rewiring_controls import describe
from pages.shared.state.selection import Selection, select
from torque_core.diagnostics import TellingEdges, factor_ranks, telling_edges
from torque_core.scoring.forces import FORCES
from torque_core.scoring.levers import LEVERS
from torque_core.scoring.torque import Torque

__all__ = ["edge_text", "explain_selection"]


def explain_selection(view: View, selected: Selection) -> DeltaGenerator:
    """Explain the first selected edge, else the first selected node, else an edge that the layer judged rightly.

    A button leads to an edge that it judged wrongly, and back.

    Returns:
        A container next to the text, for the export menu.
    """
    row = st.container(horizontal=True, gap="small", key="story")
    text = row.container(width="stretch", gap="xsmall")
    buttons = row.container(width=190, horizontal_alignment="right", gap="xsmall", key="story_buttons")
    menu = buttons.container(horizontal_alignment="right")
    telling = telling_edges(view.layer, view.injected, view.dataset.data.y)
    title = f"**{view.title}.** "
    if selected.nodes and not selected.edges:
        node = selected.nodes[0]
        text.markdown(title + _node_text(view, node) + _first_of(len(selected.nodes)))
        buttons.button(
            "Show its receptive field", icon=":material/target:", key="open_receptive_field", type="tertiary",
            on_click=lambda: st.session_state.update(node=node, goto="receptive_field"),
            help="Opens the page Receptive field with this node in the centre.",
        )  # fmt: skip
        return menu
    if selected.edges:
        story = edge_text(view, *selected.edges[0]) + _first_of(len(selected.edges))
    elif telling.caught is not None:
        story = edge_text(view, *_ends(view, telling.caught))
    elif view.layer.pairs.size(1):
        story = edge_text(view, *_ends(view, int(view.layer.torque.value.argmax())))
    else:
        story = "This layer has no edges."
    text.markdown(title + story, help=_glossary(view))
    if view.has_injected:
        _offer(view, selected, telling, buttons)
    return menu


def _offer(view: View, selected: Selection, telling: TellingEdges, place: DeltaGenerator) -> None:
    """Draw a button that selects the wrong decision or, if that is selected, the right one."""
    shown = selected.edges[:1]
    for column, label, icon in (
        (telling.mistaken, "And one it got wrong", ":material/thumb_down:"),
        (telling.caught, "And one it got right", ":material/thumb_up:"),
    ):
        if column is not None and (edge := _ends(view, column)) not in shown:
            place.button(
                label, icon=icon, key="other_story", type="tertiary", on_click=select, kwargs={"edges": [edge]},
                help="Selects another edge, and explains it.",
            )  # fmt: skip
            return


def _ends(view: View, column: int) -> tuple[int, int]:
    i, j = view.layer.pairs[:, column].tolist()
    return i, j


def edge_text(view: View, i: int, j: int) -> str:
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
    return f"The edge **{edge} {decision}. {_verdict(view, int(column))}"


def _verdict(view: View, column: int) -> str:
    """Whether the noise inserted an edge and, if it was pruned although original or kept although false, the reason."""
    if not view.has_injected:
        return _classes(view, column)
    false, pruned = bool(view.injected[column]), bool(view.layer.pruned_mask[column])
    origin = "The noise inserted this edge" if false else "It is an original edge of the graph"
    if false == pruned:
        return f"{origin}."
    first, second = view.dataset.data.y[view.layer.pairs[:, column]].tolist()
    alike = first == second >= 0
    if false and alike:
        return f"{origin}; both ends have class {view.class_label(first)}, so it hardly misleads."
    if not false and min(first, second) >= 0 and not alike:
        return f"{origin}, but it connects two classes ({view.class_label(first)}, {view.class_label(second)})."
    ranks = factor_ranks(view.layer, column)
    if false:
        factor = min(ranks, key=ranks.__getitem__)
        return f"{origin}; what hides it is its {factor}, smaller than that of {1 - ranks[factor]:.0%} of the edges."
    factor = max(ranks, key=ranks.__getitem__)
    return f"{origin}; what misled torque is its {factor}, larger than that of {ranks[factor]:.0%} of the edges."


def _classes(view: View, column: int) -> str:
    """The classes of the ends of an edge in a graph without injected edges."""
    first, second = view.dataset.data.y[view.layer.pairs[:, column]].tolist()
    if min(first, second) < 0:
        return ""
    if first == second:
        return f"Both ends have class {view.class_label(first)}."
    return f"It connects two classes ({view.class_label(first)}, {view.class_label(second)})."


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
    hits = int((pruned & view.injected).sum())
    injected = f" ({hits:,} of them injected by the noise)" if view.has_injected else ""
    return (
        f"**Node {view.node_label(node)}**, class {view.class_label(int(view.dataset.data.y[node]))}: "
        f"this layer prunes {int(pruned.sum()):,} of its {int(incident.sum()):,} edges{injected} and adds {added:,}."
    )


def _first_of(count: int) -> str:
    return f" (The first of {count:,} selected.)" if count > 1 else ""


def _glossary(view: View) -> str:
    """Definitions of the terms in the text."""
    spec, screening, screened = view.rewiring.spec, view.layer.screening, ""
    if screening is not None:
        screened = (
            "\n- **Screening**: neighbourhoods are compared with less weight on edges whose ends have as little in "
            f"common as random pairs; here that is {screening.doubted:,} edges."
        )
    return (
        "- **Edge**: a connection between two nodes.\n"
        f"- **Lever arm**, here *{spec.lever}*: {describe(LEVERS, spec.lever)}\n"
        f"- **Force**, here *{spec.force}*: {describe(FORCES, spec.force)}\n"
        "- **Torque**: lever arm × force, one number per edge. None of the three has a unit.\n"
        f"- **Cut**: edges with this torque or more are pruned, that is, removed.{screened}"
    )
