"""Why an edge goes, stays or comes, and what becomes of a node's edges: what is selected, in words."""

import math

import streamlit as st
import torch

from pages.shared.core.view import View, plain
from pages.shared.frame.rewiring_controls import meaning
from pages.shared.state.selection import Selection
from torque_core.scoring.forces import FORCES
from torque_core.scoring.levers import LEVERS
from torque_core.scoring.torque import Torque

__all__ = ["why"]


def why(seen: View, chosen: Selection) -> None:
    """Tell of the first edge that is selected, or else of the first node, or else of the edge that is blamed most."""
    if chosen.edges:
        st.markdown(_edge(seen, *chosen.edges[0]) + _first_of(len(chosen.edges)), help=_terms(seen))
    elif chosen.nodes:
        node = chosen.nodes[0]
        row = st.container(horizontal=True, vertical_alignment="center")
        row.markdown(_node(seen, node) + _first_of(len(chosen.nodes)), width="content")
        row.button(
            "Whom it listens to", icon=":material/target:", key="listens", width="content",
            on_click=lambda: st.session_state.update(node=node, goto="receptive_field"),
            help="Shows it on the page Receptive field.",
        )  # fmt: skip
    elif seen.layer.pairs.size(1):
        i, j = seen.layer.pairs[:, seen.layer.torque.value.argmax()].tolist()
        st.markdown(
            f"{_edge(seen, i, j)} It has the most torque of all; click another edge or a node to read of it.",
            help=_terms(seen),
        )


def _edge(seen: View, i: int, j: int) -> str:
    """What torque says of an edge, and what becomes of it."""
    layer, name, cut = seen.layer, f"{plain(seen.name_of(i))} – {plain(seen.name_of(j))}", seen.layer.cut.threshold
    if len(at := _column(layer.added, i, j)):
        return f"The link **{name} comes**: {_product(layer.added_torque[at], 'near', 'and alike')}."
    if not len(at := _column(layer.pairs, i, j)):
        return f"The edge **{name} is not in this layer**."
    origin = "The noise had put it in." if bool(seen.injected[at]) else "It is one of the graph's own."
    torque = layer.torque[at]
    if bool(layer.pruned_mask[at]):
        said = f"goes**: {_product(torque, 'far apart', 'and unlike')}, and from {cut:.3f} on edges are pruned"
    elif math.isfinite(cut):
        said = f"stays**: {_product(torque, 'too near', 'or too alike')}, less than {cut:.3f}, where pruning begins"
    else:
        said = f"stays**, as nothing is pruned here: {_product(torque, 'apart', 'and unlike')}"
    return f"The edge **{name} {said}. {origin}"


def _column(pairs: torch.Tensor, i: int, j: int) -> torch.Tensor:
    return ((pairs[0] == i) & (pairs[1] == j)).nonzero().flatten()


def _product(torque: Torque, arm: str, pull: str) -> str:
    """What one edge's torque is made of: its lever arm and its force, each with a word for it."""
    numbers = [f"{float(factor):.3f}" for factor in torque.factors.values()]
    ends = f"its ends are {arm} (lever arm {numbers[0]}) {pull} (force {numbers[1]})"
    return f"{ends}, torque = {' × '.join(numbers)} = **{float(torque.value):.3f}**"


def _node(seen: View, node: int) -> str:
    """A node's class, and what becomes of its edges."""
    layer = seen.layer
    mine = (layer.pairs == node).any(dim=0)
    gone = mine & layer.pruned_mask
    comes = int((layer.added == node).any(dim=0).sum())
    kind = f"class {seen.class_of(int(seen.dataset.data.y[node]))}"
    return (
        f"**Node {plain(seen.name_of(node))}**, {kind}: of its {int(mine.sum()):,} edges {int(gone.sum()):,} go "
        f"({int((gone & seen.injected).sum()):,} of them put in by the noise), and {comes:,} come."
    )


def _first_of(count: int) -> str:
    return f" It is the first of {count:,} that are selected." if count > 1 else ""


def _terms(seen: View) -> str:
    """The words of the view, explained."""
    spec = seen.rewiring.spec
    return (
        "- **Edge**: a link between two nodes.\n"
        f"- **Lever arm**, here *{spec.lever}*: {meaning(LEVERS, spec.lever)}\n"
        f"- **Force**, here *{spec.force}*: {meaning(FORCES, spec.force)}\n"
        "- **Torque**: their product, one number for each edge. None of the three has a unit.\n"
        "- **Cut**: from this torque on edges are pruned, that is, taken out."
    )
