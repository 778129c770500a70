"""Adjacency matrices in text tables."""

import networkx as nx
import pytest

from tests.datasets.importers.helpers import classes_of, edges_in, edges_of
from torque_core.datasets.importers import import_graph

KARATE = nx.karate_club_graph()
NAMED = b";a;b;c\na;0;1,5;NA\nb;1,5;0;\nc;0;0;0\n"


@pytest.mark.parametrize("options", [{}, {"header": False, "index": False}, {"sep": "\t"}, {"index_label": "node"}])
def test_matrices_that_pandas_writes(options):
    imported = import_graph({"a.csv": nx.to_pandas_adjacency(KARATE).to_csv(**options).encode()})
    assert edges_of(imported) == edges_in(KARATE)
    assert any(note.startswith("The table was read as an adjacency matrix of 34 nodes") for note in imported.notes)


def test_names_decimal_commas_and_missing_values():
    imported = import_graph({"a.csv": NAMED, "nodes.csv": b"id;class\na;x\nb;y\nc;x\n"})
    assert edges_of(imported) == [("a", "b")]
    assert classes_of(imported) == {"a": "x", "b": "y", "c": "x"}


def test_an_asymmetric_matrix_is_directed():
    imported = import_graph({"a.csv": b"0,1,0,0\n0,0,2,0\n0,0,0,0\n0,0,0,0\n"})
    assert edges_of(imported) == [("0", "1"), ("1", "2")]
    assert imported.is_directed
    assert "Edge attributes were ignored: weight." in imported.notes


@pytest.mark.parametrize(
    "content",
    [
        b"1,2,0\n2,3,1\n3,1,0\n",  # three edges with weights
        b"0,1,2,3\n1,2,3,4\n2,3,4,5\n",  # four columns, three rows
        b"source,target,w\ntarget,b,1\n",  # the id of a node is a title
        b"a,b,c\nb,c,a\n",
    ],
)
def test_other_tables_are_no_matrices(content):
    assert not any("adjacency" in note for note in import_graph({"a.csv": content}).notes)
