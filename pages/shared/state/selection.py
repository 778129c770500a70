"""Selection of nodes and edges that all views mark; the setting ``picked`` holds their ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.shared.state.declarations import MAX_SELECTED

__all__ = [
    "Selection",
    "clear",
    "clicked",
    "drop_missing",
    "select",
    "select_in_neighbourhood",
    "select_in_network",
    "selection",
]

_MAX_NAMED = 10  # ids in a message


@dataclass(frozen=True)
class Selection:
    """Nodes, and undirected edges with the smaller end first; sorted and without repeats.

    Example:
        >>> Selection.of([17, 3, 3], [(9, 4)])
        Selection(nodes=(3, 17), edges=((4, 9),))
        >>> Selection.of([17, 3, 3], [(9, 4)]).ids
        ('3', '17', '4-9')
    """

    nodes: tuple[int, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, nodes: Iterable[int] = (), edges: Iterable[Iterable[int]] = ()) -> "Selection":
        """Build a selection from nodes and edges in any order and direction, of Python, NumPy or torch integers."""
        pairs = {tuple(sorted(map(int, edge))) for edge in edges}
        return cls(tuple(sorted(set(map(int, nodes)))), tuple(sorted((i, j) for i, j in pairs)))

    @classmethod
    def read(cls, ids: Iterable[str]) -> "Selection":
        """Build a selection from its :attr:`ids`."""
        parts = [[int(end) for end in text.split("-")] for text in ids]
        return cls.of((part[0] for part in parts if len(part) == 1), (part for part in parts if len(part) == 2))

    @property
    def leading_node(self) -> int | None:
        """The node that views of a single node show: the first node, or an end of the first edge; None if empty."""
        return next(iter((*self.nodes, *(end for edge in self.edges for end in edge))), None)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the nodes and edges: ``17`` is a node, ``4-9`` an edge."""
        return (*map(str, self.nodes), *(f"{i}-{j}" for i, j in self.edges))

    def __len__(self) -> int:
        return len(self.nodes) + len(self.edges)

    def __str__(self) -> str:
        counts = [(len(self.nodes), "node"), (len(self.edges), "edge")]
        return ", ".join(f"{count:,} {name}{'s'[: count != 1]}" for count, name in counts if count) or "nothing"

    def __or__(self, other: "Selection") -> "Selection":
        return Selection.of(self.nodes + other.nodes, self.edges + other.edges)

    def within(self, size: int) -> "Selection":
        """Return the part of the selection that exists in a graph of ``size`` nodes."""
        return Selection(
            tuple(node for node in self.nodes if node < size), tuple((i, j) for i, j in self.edges if j < size)
        )


def selection() -> Selection:
    """Return the selection of this session."""
    return Selection.read(st.session_state.picked)


def select(nodes: Iterable[int] = (), edges: Iterable[Iterable[int]] = (), *, add: bool = False) -> None:
    """Select nodes and edges, and make the first the node of the views. Call it from a callback, or before a rerun.

    A node of the views that is selected, or an end of a selected edge, stays.

    Args:
        nodes: Node ids.
        edges: Pairs of node ids.
        add: Whether to extend the selection instead of replacing it. Only the first
            :data:`~pages.shared.state.declarations.MAX_SELECTED` ids are kept.
    """
    chosen = Selection.of(nodes, edges)
    if add:
        chosen = selection() | chosen
    st.session_state.picked = chosen.ids[:MAX_SELECTED]
    ends = {end for edge in chosen.edges for end in edge}
    if chosen and st.session_state.node not in {*chosen.nodes, *ends}:
        st.session_state.node = chosen.leading_node


def select_in_network(nodes: Sequence[int], edges: Sequence[tuple[int, int]], add: bool) -> None:
    """Select what a gesture on a network reports."""
    select(nodes, edges, add=add)


def select_in_neighbourhood(nodes: Sequence[int], edges: Sequence[tuple[int, int]], add: bool) -> None:
    """Select in a picture around one node, which stays in the middle unless another node is clicked."""
    centre = st.session_state.node
    select(nodes, edges, add=add)
    st.session_state.node = nodes[0] if len(nodes) == 1 and not add else centre


def clicked(chart: str) -> Selection:
    """Return the nodes and edges that were clicked in a Plotly chart, from the custom data of its points."""
    points = [point["customdata"] for point in st.session_state[chart].selection.points if "customdata" in point]
    edges = [ids for ids in points if isinstance(ids, list)]
    return Selection.of((ids for ids in points if not isinstance(ids, list)), edges)


def clear() -> None:
    """Clear the selection."""
    st.session_state.picked = ()


def drop_missing(size: int) -> Selection:
    """Return the selection in a graph of ``size`` nodes; ids that do not exist there are dropped, with a message."""
    chosen = selection()
    present = chosen.within(size)
    if present != chosen:
        st.session_state.picked = present.ids
        lost = sorted(set(chosen.ids) - set(present.ids), key=lambda text: (len(text.split("-")), len(text), text))
        more = f" and {len(lost) - _MAX_NAMED:,} more" if len(lost) > _MAX_NAMED else ""
        st.warning(
            f"No longer selected, as this graph of {size:,} nodes does not contain them: "
            f"{', '.join(lost[:_MAX_NAMED])}{more}.",
            icon=":material/info:",
        )
    return present
