import csv
import io
import warnings

import networkx
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.conftest import as_set, pair_sets
from torque_core import BadConfig
from torque_core.datasets.importers import import_graph
from torque_core.graph.pairs import directed_edges
from torque_core.io.graph_formats import GRAPH_FORMATS, graph_file
from torque_core.io.spreadsheets import escape_formulas, spreadsheet_csv

PAIRS = torch.tensor([[0, 1], [1, 2]])
Y = torch.tensor([0, 1, -1, 1])
NAMES = ["=cmd()", 'b "quoted" <&>', "ç\x01", "d,e"]
EDGE_COLUMNS = {"torque": np.array([0.5, 1.0]), "fate": ["kept", "pruned"], "injected": np.array([True, False])}


@pytest.mark.parametrize(("kind", "read"), [("graphml", networkx.read_graphml), ("gexf", networkx.read_gexf)])
def test_xml_is_read_back(kind, read):
    content = graph_file(kind, PAIRS, 4, y=Y, names=NAMES, edge_columns=EDGE_COLUMNS)
    graph = networkx.relabel_nodes(read(io.BytesIO(content)), int)
    assert set(graph.nodes) == {0, 1, 2, 3}
    assert [graph.nodes[node]["class"] for node in range(4)] == [0, 1, -1, 1]
    assert [graph.nodes[node]["name"] for node in range(4)] == ["=cmd()", 'b "quoted" <&>', "ç", "d,e"]
    assert {frozenset(edge) for edge in graph.edges} == {frozenset((0, 1)), frozenset((1, 2))}
    about = graph.edges[1, 2]
    assert (about["torque"], about["fate"], about["injected"]) == (1.0, "pruned", False)


@pytest.mark.parametrize(("kind", "read"), [("graphml", networkx.read_graphml), ("gexf", networkx.read_gexf)])
def test_missing_values_are_omitted_from_xml(kind, read):
    edge_columns = {
        "class": pd.array([1, None], dtype="Int64"),
        "same": pd.array([None, True], dtype="boolean"),
        "torque": np.array([np.nan, 1 / 3], dtype=np.float32),
    }
    graph = networkx.relabel_nodes(read(io.BytesIO(graph_file(kind, PAIRS, 4, edge_columns=edge_columns))), int)
    first, second = (
        {name: value for name, value in graph.edges[pair].items() if name != "id"} for pair in [(0, 1), (1, 2)]
    )
    assert first == {"class": 1}
    assert second.keys() == {"same", "torque"}
    assert second["same"] is True
    assert np.float32(second["torque"]) == edge_columns["torque"][1]  # to the bit


@given(st.lists(st.text(), min_size=4, max_size=4))
@pytest.mark.parametrize(("kind", "read"), [("graphml", networkx.read_graphml), ("gexf", networkx.read_gexf)])
def test_names_are_preserved_except_for_characters_that_xml_forbids(kind, read, names):
    graph = read(io.BytesIO(graph_file(kind, PAIRS, 4, names=names, edge_columns={"name": names[:2]})))
    for place, name in enumerate(names):
        legal = "".join(c for c in name if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c not in "\ufffe\uffff")
        assert (graph.nodes[str(place)].get("name") or "") == legal


def test_every_format_contains_weights():
    weight = torch.tensor([[1.0, 0.5], [1.0, 0.5]])
    for kind, read in (("graphml", networkx.read_graphml), ("gexf", networkx.read_gexf)):
        graph = read(io.BytesIO(graph_file(kind, PAIRS, 4, weight=weight)))
        assert [graph.edges[pair]["weight"] for pair in [("0", "1"), ("1", "2")]] == [1.0, 0.5]
    assert graph_file("csv", PAIRS, 4, weight=weight).decode().splitlines()[2] == "1,2,0.5"
    unequal = torch.tensor([[1.0, 0.5], [1.0, 0.25]])
    assert graph_file("csv", PAIRS, 4, weight=unequal).decode().splitlines()[0] == "source,target,weight,weight back"
    one_way = torch.tensor([[1.0, 0.5], [1.0, 0.0]])
    assert graph_file("csv", PAIRS, 4, weight=one_way).decode().splitlines() == [
        "source,target,weight,Type", "0,1,1.0,Directed", "1,0,1.0,Directed", "1,2,0.5,Directed"
    ]  # fmt: skip
    with np.load(io.BytesIO(graph_file("npz", PAIRS, 4, weight=one_way, x=torch.eye(4)))) as file:
        assert file["edge_index"].tolist() == [[0, 1, 1], [1, 2, 0]]
        assert file["edge_weight"].tolist() == [1.0, 0.5, 1.0]
        assert np.array_equal(file["x"], np.eye(4))


@pytest.mark.parametrize(("kind", "read"), [("graphml", networkx.read_graphml), ("gexf", networkx.read_gexf)])
@pytest.mark.parametrize("weight", [[[1.0, 0.0, 1.0], [1.0, 1.0, 0.0]], [[2.0, 0.0, 1.0], [0.5, 1.0, 0.0]]])
def test_directions_are_read_back(kind, read, weight):
    pairs, weight = torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor(weight)
    content = graph_file(kind, pairs, 4, weight=weight, edge_columns={"since": [1990, 1991, 1992]})
    graph = read(io.BytesIO(content))
    assert graph.is_directed()
    assert set(graph.edges) == {("0", "1"), ("1", "0"), ("2", "1"), ("2", "3")}
    assert [graph.edges[edge]["since"] for edge in (("0", "1"), ("1", "0"), ("2", "1"))] == [1990, 1990, 1991]
    assert graph.edges["1", "0"].get("weight", 1.0) == weight[1, 0]
    imported = import_graph({f"g.{kind}": content})
    assert imported.is_directed
    assert imported.directions.edge_index.T.tolist() == [[0, 1], [1, 0], [2, 1], [2, 3]]


@pytest.mark.parametrize("kind", GRAPH_FORMATS)
@given(pair_sets(min_nodes=3), st.data())
def test_every_format_preserves_directions(kind, graph, data):
    pairs, num_nodes = graph
    assume(pairs.size(1))
    ways = data.draw(
        st.lists(st.sampled_from([(1, 0), (0, 1), (1, 1)]), min_size=pairs.size(1), max_size=pairs.size(1))
    )
    weight = torch.tensor(ways, dtype=torch.float).T
    expected, _ = directed_edges(pairs, weight)
    used = expected.unique()  # a list of edges has no isolated nodes
    content = graph_file(kind, pairs, num_nodes, weight=weight)
    imported = import_graph({f"g.{kind}": content})
    one_way = bool((weight == 0).any())
    assert imported.is_directed is one_way
    if not one_way:
        return
    assert imported.info.has_directions
    names = [int(name) for name in imported.names or map(str, range(imported.info.nodes))]
    assert set(used.tolist()) <= set(names)
    index = torch.tensor(names)[imported.directions.edge_index]
    assert as_set(index) == as_set(expected)


def test_pruned_edges_keep_their_directions_and_ends_their_columns():
    pairs, weight = torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 1.0]])
    directions = torch.tensor([[False, False, True], [True, True, True]])
    columns = {"fate": ["kept", "pruned", "kept"], "source class": list("abc"), "target class": list("bcd")}
    content = graph_file("csv", pairs, 4, weight=weight, directions=directions, edge_columns=columns)
    assert content.decode().splitlines() == [
        "source,target,fate,source class,target class,Type",
        "1,0,kept,b,a,Directed",
        "2,1,pruned,c,b,Directed",
        "2,3,kept,c,d,Directed",
        "3,2,kept,d,c,Directed",
    ]
    imported = import_graph({"g.csv": content})  # without the pruned edge
    assert imported.directions.edge_index.T.tolist() == [[1, 0], [2, 3], [3, 2]]


def test_a_column_of_former_directions_is_not_written():
    content = graph_file("csv", PAIRS, 4, edge_columns={"Type": ["Directed", "Directed"], "type": ["road", "rail"]})
    assert content.decode().splitlines() == ["source,target,type", "0,1,road", "1,2,rail"]


def test_many_features_are_omitted():
    with np.load(io.BytesIO(graph_file("npz", PAIRS, 4, x=torch.zeros(4, 1_250_001)))) as file:
        assert "x" not in file


def test_npz_is_read_back_without_pickle():
    with np.load(io.BytesIO(graph_file("npz", PAIRS, 4, y=Y, edge_columns=EDGE_COLUMNS)), allow_pickle=False) as file:
        assert file["edge_index"].tolist() == [[0, 1], [1, 0]]  # without the pruned edge
        assert file["pairs"].tolist() == PAIRS.tolist()
        assert int(file["num_nodes"]) == 4
        assert file["y"].tolist() == Y.tolist()
        assert file["edge_torque"].tolist() == [0.5, 1.0]
        assert file["edge_fate"].tolist() == ["kept", "pruned"]


def test_csv_is_read_back_and_formulas_are_escaped():
    rows = list(
        csv.DictReader(io.StringIO(graph_file("csv", PAIRS, 4, names=NAMES, edge_columns=EDGE_COLUMNS).decode()))
    )
    assert [row["source"] for row in rows] == ["0", "1"]
    assert rows[0]["source name"] == "'=cmd()"
    assert rows[1]["source name"] == 'b "quoted" <&>'
    assert rows[1]["torque"] == "1.0"


@pytest.mark.parametrize(("kind", "read"), [("graphml", networkx.read_graphml), ("gexf", networkx.read_gexf)])
def test_classes_are_written_by_name(kind, read):
    graph = read(io.BytesIO(graph_file(kind, PAIRS, 4, y=torch.tensor([1, 0, -1, 1]), classes=["<a>", "=b"])))
    assert [graph.nodes[node].get("class") for node in "0123"] == ["=b", "<a>", None, "=b"]


@given(st.lists(st.text(), max_size=5))
def test_no_cell_starts_a_formula(texts):
    content = spreadsheet_csv(pd.DataFrame({"text": pd.array(texts, dtype="object")}))
    for (cell,) in list(csv.reader(io.StringIO(content, newline="")))[1:]:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_graph_without_edges():
    for kind in ("csv", "graphml", "gexf", "npz"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert graph_file(kind, PAIRS[:, :0], 2)


def test_unknown_formats_raise():
    with pytest.raises(BadConfig, match="kind must be one of csv, graphml, gexf, npz; got 'pickle'"):
        graph_file("pickle", PAIRS, 4)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        (" =1", " '=1"),
        ("a\n=1", "a\n'=1"),
        ("a;=1", "a;'=1"),
        ("a\t@x", "a\t'@x"),
        ("a|-1", "a|'-1"),
        ('a;"+1"', 'a;"\'+1"'),
        ("＝1", "'＝1"),
        ("a\r\n＋1", "a\r\n'＋1"),
        ("－1", "'－1"),
        ("＠x", "'＠x"),
        ("\tx", "'\tx"),
        ("x\u202ey", "x\\u202ey"),
        ("a - b", "a - b"),
        ("a-b; c", "a-b; c"),
    ],
)
def test_no_spreadsheet_takes_a_cell_or_a_title_for_a_formula(text, safe):
    escaped = escape_formulas(pd.DataFrame({text: [text, None]}))
    assert list(escaped) == [safe]
    assert escaped[safe][0] == safe
    assert next(csv.reader(io.StringIO(spreadsheet_csv(escaped)))) == [safe]
