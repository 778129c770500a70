"""The game "Catch the false links": a viewer marks the edges to cut in a small graph, and compares with torque."""

from dataclasses import replace

import numpy as np
import streamlit as st
import torch

from pages.shared.core.view import View
from pages.shared.frame.game import Pairs, game_stage
from pages.shared.frame.page import theme
from torque_core.diagnostics import DetectionReport, detection
from torque_core.figures import layer_edges, network_data, node_layout
from torque_core.figures.game_place import game_centres, game_place
from torque_core.figures.network_edges import NetworkEdges

__all__ = ["draw_catch_game", "game_is_open"]


def game_is_open(view: View, *, word: str = "edge") -> bool:
    """Draw the switch of the game, if there are false edges; return True if it is on.

    Args:
        view: The view.
        word: What the page calls an edge.
    """
    if not bool(view.injected.any()):
        return False

    def switch() -> None:
        st.session_state.game = int(st.session_state.game_switch)

    st.session_state.game_switch = st.session_state.game > 0
    st.toggle(
        f"Catch the false {word}s", key="game_switch", on_change=switch,
        help=f"A game: mark the {word}s that you would cut, and compare with torque.",
    )  # fmt: skip
    return bool(st.session_state.game)


def draw_catch_game(view: View, *, key: str, word: str = "edge", height: int = 430) -> None:
    """Draw the place of the present round, with the verdict if the viewer has asked for it.

    Args:
        view: A view whose layer has injected edges.
        key: Key of the component.
        word: What the page calls an edge.
        height: Height of the picture in pixels.
    """
    layer, size = view.layer, view.rewiring.num_nodes
    centres = game_centres(layer.pairs, view.injected, size, seed=view.settings.noise.seed)
    place = game_place(layer.pairs, centres[(st.session_state.game - 1) % len(centres)], size)
    name = str(hash((view.key, view.settings.layer, place.centre)))
    drawn = layer_edges(layer, view.injected)[place.edges.nonzero().flatten()]
    marks: Pairs | None = _marks().get(name)
    local = torch.full((size,), -1)
    local[place.nodes] = torch.arange(len(place.nodes))
    position = np.zeros((size, 2))
    position[place.nodes] = node_layout(local[drawn.pairs], len(place.nodes))
    false = int(drawn.injected.sum())
    task = (
        f"**{false} of these {len(drawn)} {word}s are false**: the noise inserted them. Which ones? Click the "
        f"{word}s that you would cut."
    )
    st.markdown(task if marks is None else _verdict(drawn, marks, word))
    game_stage(
        network_data(
            place.nodes, _without_answers(drawn) if marks is None else drawn, position, view.dataset.data.y, theme(),
            names=view.dataset.names, classes=view.dataset.class_names, focus=place.centre,
        ),
        key=key, place=name, word=word, marks=marks, height=height,
        alt=f"Game: {len(place.nodes)} nodes around node {view.node_name(place.centre)} and {len(drawn)} {word}s, "
        f"{false} of them false.",
        on_compare=lambda chosen: _marks().update({name: chosen}),
    )  # fmt: skip
    if marks is not None:
        st.caption(
            f"✓ a false {word} that you caught, ✕ a true one that you cut; **dashed**, pruned by torque; ◆, false. The "
            "colours show the classes of all nodes; torque knows at most those of training nodes."
        )
    row = st.container(horizontal=True)
    row.button("Another place", icon=":material/casino:", on_click=_move, width="content", key=f"{key}_next")
    if marks is not None:
        row.button("Try again", icon=":material/replay:", on_click=_marks().pop, args=(name,), width="content",
                   key=f"{key}_again")  # fmt: skip


def _marks() -> dict[str, Pairs]:
    """Marks of the places that the viewer has compared in this session, by place."""
    marks: dict[str, Pairs] = st.session_state.setdefault("game_marks", {})
    return marks


def _move() -> None:
    st.session_state.game += 1


def _without_answers(edges: NetworkEdges) -> NetworkEdges:
    none = torch.zeros_like(edges.fate)
    return replace(edges, fate=none, injected=none, torque=None)


def _verdict(edges: NetworkEdges, marks: Pairs, word: str) -> str:
    """Compare the marks with the edges that torque pruned."""
    assert edges.torque is not None
    chosen = set(marks)
    marked = torch.tensor([(i, j) in chosen for i, j in edges.pairs.T.tolist()])
    you, torque = (detection(edges.torque.value, cut, edges.injected) for cut in (marked, edges.fate == 1))
    return (
        f"You caught **{you.hits} of {you.injected}** false {word}s and cut {_true(you, word)}. Torque caught "
        f"**{torque.hits}** and cut {_true(torque, word)}."
    )


def _true(report: DetectionReport, word: str) -> str:
    number = report.pruned - report.hits
    return f"{number or 'no'} true {word}{'s'[: number != 1]}"
