"""The selection, on its own and in a session."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.shared.state.declarations import MAX_SELECTED, SETTINGS
from pages.shared.state.selection import Selection

NODES = st.lists(st.integers(0, 50))
EDGES = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).filter(lambda ends: ends[0] != ends[1]))


@given(NODES, EDGES)
def test_ids_and_selections_are_inverse(nodes, edges):
    chosen = Selection.of(nodes, edges)
    assert Selection.read(chosen.ids) == chosen
    assert len(chosen.ids) == len(chosen) == len(set(nodes)) + len({frozenset(edge) for edge in edges})
    assert not chosen.ids or SETTINGS["picked"].allows("~".join(chosen.ids))


@given(NODES, EDGES, st.integers(0, 60))
def test_within_a_smaller_graph(nodes, edges, size):
    present = Selection.of(nodes, edges).within(size)
    assert set(present.nodes) == {node for node in nodes if node < size}
    assert set(present.edges) == {tuple(sorted(edge)) for edge in edges if max(edge) < size}


def test_tensors_are_accepted():
    chosen = Selection.of(torch.tensor([2, 1]), torch.tensor([[4, 0], [0, 4]]))
    assert chosen == Selection((1, 2), ((0, 4),))
    assert all(type(node) is int for node in chosen.nodes)


@pytest.mark.parametrize(
    ("nodes", "edges", "text"),
    [
        ((), (), "nothing"),
        ((1,), (), "1 node"),
        ((), ((0, 1), (1, 2)), "2 edges"),
        (range(3), ((0, 1),), "3 nodes, 1 edge"),
        (range(1200), (), "1,200 nodes"),
    ],
)
def test_in_words(nodes, edges, text):
    assert str(Selection.of(nodes, edges)) == text


def session(script: str, picked: tuple[str, ...] = ()) -> AppTest:
    test = AppTest.from_string(f"from pages.shared.state.selection import *\nimport streamlit as st\n{script}")
    test.session_state.picked, test.session_state.node = picked, 7
    test.run()
    assert not test.exception, test.exception[0].value
    return test


def test_select_and_clear():
    assert session("select([3, 1], [(5, 2)])", ("7",)).session_state.picked == ("1", "3", "2-5")
    assert session("select([3], add=True)", ("7", "1-2")).session_state.picked == ("3", "7", "1-2")
    assert session("select()", ("7",)).session_state.picked == ()
    assert session("clear()", ("7",)).session_state.picked == ()
    assert session("st.text(selection().edges)", ("7", "1-2")).text[0].value == "((1, 2),)"


@pytest.mark.parametrize(
    ("gesture", "node"),
    [
        ("select([3, 5])", 3),
        ("select(edges=[(9, 4)])", 4),
        ("select([3, 7])", 7),
        ("select(edges=[(7, 9)])", 7),
        ("select()", 7),
        ("select_in_neighbourhood([], [(4, 9)], False)", 7),
        ("select_in_neighbourhood([3], [], False)", 3),
    ],
)
def test_the_selection_leads_the_views_of_a_node(gesture, node):
    assert session(gesture).session_state.node == node


def test_only_the_first_ids_are_kept():
    picked = session("select(range(6000))").session_state.picked
    assert picked == tuple(map(str, range(MAX_SELECTED)))


def test_missing_ids_are_reported_and_dropped():
    test = session("st.text(len(drop_missing(34)))", ("3", "34", "100", "2-33", "2-34"))
    assert test.text[0].value == "2"
    assert test.session_state.picked == ("3", "2-33")
    assert test.warning[0].value == (
        "No longer selected, as this graph of 34 nodes does not contain them: 34, 100, 2-34."
    )
    many = session("drop_missing(0)", tuple(map(str, range(12))))
    assert many.warning[0].value.endswith(": 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more.")
    assert not session("drop_missing(34)", ("3", "2-33")).warning
