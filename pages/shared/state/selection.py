"""The selection: the nodes and edges that all views mark, kept as ids in the setting ``picked``."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.shared.state.declarations import MAX_SELECTED

__all__ = ["Selection", "clear", "clicked", "drop_missing", "select", "select_in_network", "selection"]

_NAMED = 10  # so many ids a message names


@dataclass(frozen=True)
class Selection:
    """Nodes, and undirected edges with the smaller end first; both sorted, each once.

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
        """The selection of nodes and edges in any order and direction; numbers of NumPy and torch are fine, too."""
        pairs = {tuple(sorted(map(int, edge))) for edge in edges}
        return cls(tuple(sorted(set(map(int, nodes)))), tuple(sorted((i, j) for i, j in pairs)))

    @classmethod
    def read(cls, ids: Iterable[str]) -> "Selection":
        """The selection that ids stand for, see :attr:`ids`."""
        parts = [[int(end) for end in text.split("-")] for text in ids]
        return cls.of((part[0] for part in parts if len(part) == 1), (part for part in parts if len(part) == 2))

    @property
    def ids(self) -> tuple[str, ...]:
        """An id for each: ``17`` is a node, ``4-9`` an edge."""
        return (*map(str, self.nodes), *(f"{i}-{j}" for i, j in self.edges))

    def __len__(self) -> int:
        return len(self.nodes) + len(self.edges)

    def __str__(self) -> str:
        counts = [(len(self.nodes), "node"), (len(self.edges), "edge")]
        return ", ".join(f"{count:,} {name}{'s'[: count != 1]}" for count, name in counts if count) or "nothing"

    def __or__(self, other: "Selection") -> "Selection":
        return Selection.of(self.nodes + other.nodes, self.edges + other.edges)

    def within(self, size: int) -> "Selection":
        """What of it a graph of so many nodes can have."""
        return Selection(
            tuple(node for node in self.nodes if node < size), tuple((i, j) for i, j in self.edges if j < size)
        )


def selection() -> Selection:
    """What is selected in this session."""
    return Selection.read(st.session_state.picked)


def select(nodes: Iterable[int] = (), edges: Iterable[Iterable[int]] = (), *, add: bool = False) -> None:
    """Select these, in place of what is selected or beside it; from a widget's callback, or before a rerun.

    A selection holds the first :data:`~pages.shared.state.declarations.MAX_SELECTED` of them.
    """
    chosen = Selection.of(nodes, edges)
    if add:
        chosen = selection() | chosen
    st.session_state.picked = chosen.ids[:MAX_SELECTED]


def select_in_network(nodes: Sequence[int], edges: Sequence[tuple[int, int]], add: bool) -> None:
    """Select in all views, as a gesture on a network says; a node that was clicked is then the one looked at."""
    select(nodes, edges, add=add)
    if len(nodes) == 1 and not add:
        st.session_state.node = nodes[0]


def clicked(chart: str) -> Selection:
    """What the points stand for that were clicked in the Plotly chart of that key: nodes by number, edges by ends."""
    points = [point["customdata"] for point in st.session_state[chart].selection.points if "customdata" in point]
    edges = [ids for ids in points if isinstance(ids, list)]
    return Selection.of((ids for ids in points if not isinstance(ids, list)), edges)


def clear() -> None:
    """Select nothing."""
    st.session_state.picked = ()


def drop_missing(size: int) -> Selection:
    """What is selected in a graph of so many nodes; what it lacks is dropped, with a message."""
    chosen = selection()
    there = chosen.within(size)
    if there != chosen:
        st.session_state.picked = there.ids
        lost = sorted(set(chosen.ids) - set(there.ids), key=lambda text: (len(text.split("-")), len(text), text))
        more = f" and {len(lost) - _NAMED:,} more" if len(lost) > _NAMED else ""
        st.warning(
            f"Not in this graph of {size:,} nodes, and no longer selected: {', '.join(lost[:_NAMED])}{more}.",
            icon=":material/info:",
        )
    return there
