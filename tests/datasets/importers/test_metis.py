"""Adjacency lists of METIS; the examples are those of its manual."""

import pytest

from tests.datasets.importers.helpers import edges_of
from torque_core.datasets.importers import import_graph
from torque_core.errors import BadFile

EDGES = [("1", "2"), ("1", "3"), ("1", "5"), ("2", "3"), ("2", "4"), ("3", "4"), ("3", "5"), ("4", "6"), ("4", "7"),
         ("5", "6"), ("6", "7")]  # fmt: skip
PLAIN = "7 11\n5 3 2\n1 3 4\n5 4 2 1\n2 3 6 7\n1 3 6\n5 4 7\n6 4\n"
WEIGHTED_EDGES = (
    "7 11 001\n5 1 3 2 2 1\n1 1 3 2 4 1\n5 3 4 2 2 2 1 2\n2 1 3 2 6 2 7 5\n1 1 3 3 6 2\n5 2 4 2 7 6\n6 6 4 5\n"
)
WEIGHTED = (
    "% a comment\n7 11 011\n4 5 1 3 2 2 1\n2 1 1 3 2 4 1\n5 5 3 4 2 2 2 1 2\n3 2 1 3 2 6 2 7 5\n1 1 1 3 3 6 2\n"
    "6 5 2 4 2 7 6\n2 6 6 4 5\n"
)
TWO_WEIGHTS = (
    "7 11 010 3\n1 2 0 5 3 2\n0 2 2 1 3 4\n4 1 1 5 4 2 1\n2 2 3 2 3 6 7\n1 1 1 1 3 6\n2 2 1 5 4 7\n1 2 1 6 4\n"
)


@pytest.mark.parametrize(
    "text", [PLAIN, WEIGHTED_EDGES, WEIGHTED, TWO_WEIGHTS], ids=["plain", "edges", "both", "three"]
)
def test_examples_of_the_manual(text):
    imported = import_graph({"g.graph": text.encode()})
    assert edges_of(imported) == EDGES
    assert imported.names == tuple("1234567")
    assert ("Edge attributes were ignored: weight." in imported.notes) == (text in (WEIGHTED_EDGES, WEIGHTED))


def test_weights_of_nodes_are_features():
    assert import_graph({"g.metis": WEIGHTED.encode()}).graph.data.x.flatten().tolist() == [4, 2, 5, 3, 1, 6, 2]
    assert import_graph({"g.metis": TWO_WEIGHTS.encode()}).graph.data.x[0].tolist() == [1, 2, 0]


def test_an_empty_line_is_a_node_without_neighbours():
    imported = import_graph({"g.graph": b"3 1\n3\n\n1\n"})
    assert edges_of(imported) == [("1", "3")]
    assert "1 node is isolated." in imported.notes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected the numbers of nodes and edges"),
        ("2 1\n2\n", "has 1 lines for the 2 nodes of its header"),
        ("2 1\n2\n1\n1\n", "line 4: more lines than the 2 nodes of its header"),
        ("2 1\n3\n1\n", "line 2: the neighbour '3' is not between 1 and 2"),
        ("2 1\nb\n1\n", "line 2: expected a whole number, got 'b'"),
        ("2 1 12\n2\n1\n", "line 1: the format must have up to three digits 0 or 1, got '12'"),
        ("999999999 1\n", "more than 200,000 nodes"),
    ],
)
def test_errors_name_the_line(text, message):
    with pytest.raises(BadFile, match=message):
        import_graph({"g.graph": text.encode()})
