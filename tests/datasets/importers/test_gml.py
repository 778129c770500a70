"""GML, read as NetworkX reads it, and as other programs write it."""

import io

import networkx as nx
import pytest

from tests.datasets.importers.helpers import classes_of, edges_in, edges_of
from torque_core.datasets.importers import import_graph
from torque_core.errors import BadFile


def read(text: str):
    return import_graph({"g.gml": text.encode()})


def test_a_graph_that_networkx_writes():
    graph = nx.relabel_nodes(nx.karate_club_graph(), lambda node: f'Zoë "{node}" & co')
    nx.set_node_attributes(graph, {name: number for number, name in enumerate(graph)}, "age")
    buffer = io.BytesIO()
    nx.write_gml(graph, buffer)
    imported = import_graph({"g.gml": buffer.getvalue()})
    assert edges_of(imported) == edges_in(graph)
    assert classes_of(imported) == dict(graph.nodes(data="club"))
    assert imported.graph.data.x.flatten().tolist() == list(range(34))
    assert "Edge attributes were ignored: weight." in imported.notes


@pytest.mark.parametrize(
    "text",
    [
        'Creator "igraph"\nVersion 1\ngraph\n[\n  directed 0\n  node\n  [\n    id 5\n    name "a"\n  ]\n'
        'node [ id 7 name "b" ] edge [ source 5 target 7 weight 2 ] ]',
        'graph [ node [ id 5 label "a" graphics [ x 1.5 y 2 w 30 fill "#ff0000" ] ] node [ label "b" id 7 ]\n'
        'edge [ source 7 target 5 graphics [ Line [ point [ x 1 y 2 ] ] ] ] edge [ source 5 target 7 ] ]',
        '# a comment [\ngraph[directed 1 comment "of\ntwo ] lines" node[id 5 label "a"]node[id 7 label "b"]'
        "edge[source 5 target 7]]",
    ],
)  # fmt: skip
def test_spellings_of_other_programs(text):
    assert edges_of(read(text)) == [("a", "b")]


def test_value_contains_the_classes_in_newmans_collection():
    nodes = "".join(f'node [ id {i} label "n{i}" value "{"lcn"[i]}" ]' for i in range(3))
    imported = read(f"graph [ {nodes} edge [ source 0 target 1 ] edge [ source 1 target 2 ] ]")
    assert classes_of(imported) == {"n0": "l", "n1": "c", "n2": "n"}


def test_a_number_in_quotes_is_text():
    imported = read('graph [ node [ id 1 post "12" age 3 ] node [ id 2 post "14" age 4 ] ]')
    assert imported.graph.data.x.tolist() == [[3.0], [4.0]]
    assert "Text columns cannot be features and were ignored: post." in imported.notes


def test_a_file_in_latin_1():
    assert import_graph({"g.gml": 'graph [ node [ id 1 label "Zoë" ] node [ id 2 ] ]'.encode("latin-1")}).names == (
        "Zoë",
        "2",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not GML: it has no graph"),
        ("graph [ node [ id 1 ]", r"graph \[ has no \]; the file is incomplete"),
        ("graph [ node [ id 1 ] ] ]", r"line 1: a \] without \["),
        ("graph [\nnode [ label 1 ] ]", "line 2: a node has no id"),
        ("graph [ node [ id 1 ] node [ id 1 ] ]", "duplicate node '1'"),
        ("graph [ node [ id 1 ]\nedge [ source 1 target 3 ] ]", "line 2: unknown node '3'"),
        ('graph [ node [ id 1 label "a\n ] ]', "line 1: a string has no end"),
        ("a [ " * 200, "more than 100 levels of nesting"),
    ],
)
def test_errors_name_the_line(text, message):
    with pytest.raises(BadFile, match=message):
        read(text)
