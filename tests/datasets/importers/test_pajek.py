"""Networks of Pajek, read as NetworkX reads them, with partitions and vectors."""

import io

import networkx as nx
import pytest

from tests.datasets.importers.helpers import classes_of, edges_in, edges_of
from torque_core.datasets.importers import import_graph
from torque_core.errors import BadFile

NETWORK = b'*Network of three\n*Vertices 3\n1 "Ann Lee" 0.1 0.2 0.5 ellipse ic Red\n2 Bob 0.3 0.4 0.5\n3 "Cy"\n'
PATH = NETWORK + b"*Edges\n1 2\n2 3 4.5\n"


def read(text: bytes, **others: bytes):
    return import_graph({"a.net": text} | {name.replace("_", "."): content for name, content in others.items()})


def test_a_graph_that_networkx_writes():
    graph = nx.relabel_nodes(nx.karate_club_graph(), lambda node: f"member {node}")
    buffer = io.BytesIO()
    nx.write_pajek(graph, buffer)
    imported = import_graph({"a.net": buffer.getvalue()})
    assert edges_of(imported) == edges_in(graph)
    assert edges_of(imported) == edges_in(nx.parse_pajek(buffer.getvalue().decode()))
    assert classes_of(imported) == dict(graph.nodes(data="club"))


@pytest.mark.parametrize(
    "section",
    [
        "*Edges\n1 2 1\n2 3 1", "*arcs\r\n1 2\r\n3 2\r\n", "*Arcs :1 \"likes\"\n1 2\n*Arcs :2 \"knows\"\n2 3",
        "*Edgeslist\n2 1 3", "*Arcslist\n1 2\n3 2", "*Matrix\n0 1 0\n1 0 2.5\n0 0 0", "% a comment\n*Edges\n1 2\n2 3",
    ],
)  # fmt: skip
def test_every_section_of_edges(section):
    assert edges_of(read(NETWORK + section.encode())) == [("Ann Lee", "Bob"), ("Bob", "Cy")]


def test_nodes_without_labels_are_numbered_from_1():
    assert edges_of(read(b"*Vertices 3\n*Edges\n1 2\n2 3\n")) == [("1", "2"), ("2", "3")]


def test_partitions_and_vectors_in_files_of_their_own():
    imported = read(PATH, a_clu=b"*Vertices 3\n1\n1\n2\n", age_vec=b"*Vertices 3\n31\n28.5\n40\n")
    assert classes_of(imported) == {"Ann Lee": "1", "Bob": "1", "Cy": "2"}
    assert imported.graph.data.x.tolist() == [[31.0], [28.5], [40.0]]


def test_a_project():
    content = PATH + b"*Partition club\n*Vertices 3\n1\n2\n2\n*Vector age\n*Vertices 3\n3\n4\n5\n"
    imported = import_graph({"a.paj": content})
    assert classes_of(imported) == {"Ann Lee": "1", "Bob": "2", "Cy": "2"}
    assert imported.graph.data.x.tolist() == [[3.0], [4.0], [5.0]]


def test_what_is_not_used_is_reported():
    notes = read(PATH).notes
    assert "Shapes and colours of a drawing were ignored: ic, shape." in notes
    assert "Edge attributes were ignored: weight." in notes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"*Edges\n1 2\n", "a.net, line 2: unknown node '1'"),
        (b"", "a.net: not a network of Pajek: it has no section"),
        (b"1 2\n", "a.net, line 1: expected .Vertices"),
        (b"*Vertices x\n", "line 1: expected the number of nodes"),
        (b"*Vertices 300000\n", "more than 200,000 nodes"),
        (NETWORK + b"*Edges\n1\n", "line 7: expected the numbers of two nodes"),
        (NETWORK + b"*Matrix\n0 1\n", "line 7: expected 3 rows of 3 numbers"),
        (NETWORK + b"*Events\n", "line 6: the section .events is not supported"),
        (NETWORK + NETWORK, "line 7: contains a second network"),
        (NETWORK + b"*Partition p\n*Vertices 3\n1\n1\n1\n1\n", "line 11: more values than the 3 nodes"),
    ],
)
def test_errors_name_the_line(text, message):
    with pytest.raises(BadFile, match=message):
        read(text)
