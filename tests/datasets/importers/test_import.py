"""Valid and invalid files: their contents, the notes on assumptions, and the error messages."""

import io
import json
from itertools import combinations
from unittest.mock import patch

import numpy as np
import pytest
import torch
from hypothesis import given
from scipy import sparse

from tests.conftest import pair_sets
from torque_core import BadConfig, DatasetSpec, DatasetUnavailable, TorqueError, load
from torque_core.datasets.importers import FILE_EXTENSIONS, import_graph, structural_features
from torque_core.errors import BadFile
from torque_core.graph.pairs import undirected_pairs
from torque_core.io.graph_formats import GRAPH_FORMATS, graph_file

EDGES = b"source,target\na,b\nb,c\nc,d\n"
NODES = b"id,class,height,name\na,x,1.5,Ann\nb,y,2,Bob\nc,x,-1e3,Cy\nd,,0,Di\n"


def pairs_of(imported) -> list[list[int]]:
    data = imported.graph.data
    return undirected_pairs(data.edge_index, data.num_nodes).T.tolist()


def npz(**arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def test_edges_and_nodes_as_csv():
    found = import_graph({"edges.csv": EDGES, "nodes.csv": NODES})
    assert pairs_of(found) == [[0, 1], [1, 2], [2, 3]]
    assert found.graph.data.x.tolist() == [[1.5], [2.0], [-1000.0], [0.0]]
    assert found.graph.data.y.tolist() == [0, 1, 0, -1]
    assert (found.names, found.classes) == (("Ann", "Bob", "Cy", "Di"), ("x", "y"))
    assert (found.info.title, found.info.nodes, found.info.edges, found.info.classes) == ("edges.csv", 4, 3, 2)
    assert found.contents == ("4 nodes and 3 undirected edges.", "Features: 1 numeric column, height.",
                          "2 classes: x, y.",
                          "Node names: column name.")  # fmt: skip
    assert "1 node has no class and is in no split." in found.notes


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\nb,c\nc,d\n",
        b"# a comment\nfrom;to;weight\na;b;1\nb;c;2\nc;d;3\n",
        b"a\tb\r\nb\tc\r\n\r\nc\td\r\n",
        b"a b\nb c\nc d",
        b'\xef\xbb\xbf"u","v"\n"a","b"\n"b","c"\n"c","d"\n',
        "source,target\na,b\nb,c\nc,d\n".encode("utf-16"),
        b"sep=;\r\nSource;Target\r\na;b\r\nb;c\r\n;\r\nc;d\r\n",
        b"% sym\n# more\na b\n# within\nb c\nc d\n",
        b"Quelle;Ziel;Gewicht\na;b;1,5\nb;c;2\nc;d;3\n",
        b'a,b,"{}"\nb,c,"{}"\nc,d,"{}"\n',
        b"Target,x,Source\nb,0,a\nc,0,b\nd,0,c\n",
    ],
)
def test_edges_in_any_common_format(content):
    found = import_graph({"some.txt": content})
    assert pairs_of(found) == [[0, 1], [1, 2], [2, 3]]
    assert set(found.names) == set("abcd")


@pytest.mark.parametrize(
    "content",
    [
        b'"Ann Lee" Bob\nBob Cy\n',
        b"Ann Lee\tBob\nBob\tCy\n",
        b'"Ann Lee" Bob 2.5 \nBob Cy\n',  # some have a weight
        b"\"Ann Lee\" Bob {}\nBob Cy {'weight': 2}\n",  # as NetworkX writes them
        b'"Ann Lee" Bob friend\nBob Cy foe \n',
    ],
)
def test_names_with_spaces(content):
    assert import_graph({"a.txt": content}).names == ("Ann Lee", "Bob", "Cy")


def test_node_names_may_start_with_a_hash():
    assert import_graph({"e.csv": b"source,target\n#a,#b\n"}).names == ("#a", "#b")


def test_a_first_line_that_is_a_header_is_reported():
    titled = import_graph({"e.csv": b"thing_1,thing_2\n0,1\n1,2\n"})
    assert pairs_of(titled) == [[0, 1], [1, 2]]
    assert "the first line (thing_1, thing_2) as a header" in titled.notes[0]
    other = import_graph({"e.csv": b"from,until\na,b\n"})
    assert "including the first line (from, until)" in other.notes[0]


def test_numbers_as_excel_and_pandas_write_them():
    nodes = b"person;height;tall\na;1,5;True\nb;-2;false\nc;1e3;\nd;0;TRUE\n"
    found = import_graph({"e.csv": EDGES, "nodes.csv": nodes})
    assert found.graph.data.x.tolist() == [[1.5, 1.0], [-2.0, 0.0], [1000.0, 0.0], [0.0, 1.0]]
    assert "nodes.csv has no first column id; its first line (person, height) was read as a header." in found.notes


def test_distinct_labels_are_names():
    nodes = b"Id,Label,timeset,modularity_class\na,Ann,,1\nb,Bob,,0\nc,Cy,,1\nd,Di,,1\n"  # as Gephi writes it
    found = import_graph({"e.csv": EDGES, "nodes.csv": nodes})
    assert found.names == ("Ann", "Bob", "Cy", "Di")
    assert (found.classes, found.graph.data.y.tolist()) == (("0", "1"), [1, 0, 1, 1])
    shared = import_graph({"e.csv": EDGES, "nodes.csv": nodes.replace(b"Cy", b"Bob")})
    assert shared.classes == ("Ann", "Bob", "Di")


def test_node_tables_without_a_header_are_recognised_by_file_name():
    found = import_graph(
        {"edges.csv": EDGES, "labels.csv": b"a,1\nb,0\nc,1\n", "features.csv": b"a,5\nb,6\nc,7\nd,8\n"}
    )
    assert found.graph.data.y.tolist() == [1, 0, 1, -1]
    assert found.graph.data.x.flatten().tolist() == [5.0, 6.0, 7.0, 8.0]


def test_consecutive_integer_ids_are_node_indices():
    found = import_graph({"e.csv": b"source,target\n2,0\n1,2\n"})
    assert found.names is None
    assert pairs_of(found) == [[0, 2], [1, 2]]
    other = import_graph({"e.csv": b"source,target\n20,10\n10,30\n"})
    assert other.names == ("20", "10", "30")
    assert pairs_of(other) == [[0, 1], [1, 2]]


def test_directions_duplicates_and_self_loops_are_reported():
    found = import_graph({"e.csv": b"a,b\na,b\nb,a\nb,b\nb,c\n"})
    assert pairs_of(found) == [[0, 1], [1, 2]]
    message = " ".join(found.notes)
    assert "2 repeated or reversed edges were removed." in message
    assert "1 self-loop was removed." in message


def test_structural_features_replace_missing_features():
    found = import_graph({"e.csv": EDGES})
    expected = structural_features.structural_features(torch.tensor([[0, 1, 2], [1, 2, 3]]), 4)
    assert torch.equal(found.graph.data.x, expected)
    assert any("No features" in note for note in found.notes)
    assert any("No classes" in note for note in found.notes)
    assert not found.labelled
    assert (found.graph.data.y == -1).all()


def test_structure_by_hand():
    # a triangle 0, 1, 2 with 3 hanging on 2, and 4 alone
    columns = structural_features.structural_features(torch.tensor([[0, 0, 1, 2], [1, 2, 2, 3]]), 5)
    for column, raw in ((0, np.log1p([2, 2, 3, 1, 0])), (1, [1, 1, 1 / 3, 0, 0]), (2, [2, 2, 2, 1, 0]),
                        (4, np.log1p([2.5, 2.5, 5 / 3, 3, 0]))):  # fmt: skip
        standard = (np.array(raw) - np.mean(raw)) / np.std(raw)
        np.testing.assert_allclose(columns[:, column], standard, atol=1e-6)
    np.testing.assert_allclose(columns.mean(0), 0, atol=1e-6)
    assert structural_features.structural_features(torch.tensor([[0], [1]]), 2).tolist() == [[0.0] * 5] * 2


@pytest.mark.parametrize("at_once", [1, 20, 10_000])
@given(pair_sets(max_nodes=9))
def test_triangles_equal_those_of_a_loop(at_once, graph):
    pairs, size = graph
    degree = pairs.flatten().bincount(minlength=size).double().numpy()
    edges = set(map(tuple, pairs.T.tolist()))
    expected = np.zeros(size)
    for corners in combinations(range(size), 3):
        expected[list(corners)] += edges.issuperset(combinations(corners, 2))
    with patch.object(structural_features, "_BLOCK_PRODUCTS", at_once):
        np.testing.assert_array_equal(structural_features.triangles(pairs.numpy(), degree), expected)


@pytest.mark.parametrize("kind", sorted(GRAPH_FORMATS))
def test_files_of_this_package_are_read_back(kind):
    pairs = torch.tensor([[0, 0, 1], [1, 3, 2]])
    y, x = torch.tensor([1, 0, -1, 1]), torch.tensor([[0.5], [1.0], [2.0], [-3.0]])
    names = ["Ann", "=1+1", "Cy & <Di>", "Ed"]
    links = {"fate": ["kept", "pruned", "added"], "torque": [0.1, 0.9, 0.2]}
    if kind == "npz":
        content = graph_file(kind, pairs[:, [0, 2]], 4, y=y, x=x)
    else:
        content = graph_file(kind, pairs, 4, y=y, names=names, edge_columns=links)
    found = import_graph({f"graph.{kind}": content})
    assert pairs_of(found) == [[0, 1], [1, 2]] if kind != "csv" else [[0, 1], [1, 2]]
    if kind == "csv":  # it says of nodes only what links have
        assert any("with the fate pruned" in note for note in found.notes)
        return
    assert found.graph.data.y.tolist() == y.tolist()
    if kind == "npz":
        assert torch.equal(found.graph.data.x, x)
    else:
        assert found.names == tuple(names)


def test_graphml_of_a_directed_graph_with_keys():
    content = b"""<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
    <key id="d0" for="node" attr.name="club" attr.type="string"/><key id="d1" for="node" attr.name="age"/>
    <key id="w" for="edge" attr.name="weight"/>
    <graph edgedefault="directed"><edge source="n2" target="n1"><data key="w">2</data></edge>
    <node id="n1"><data key="d0">red</data><data key="d1">3</data></node>
    <node id="n2"><data key="d0">blue</data><data key="d1"/></node></graph></graphml>"""
    found = import_graph({"g.graphml": content})
    assert (found.names, found.classes, pairs_of(found)) == (("n1", "n2"), ("blue", "red"), [[0, 1]])
    assert found.graph.data.x.flatten().tolist() == [3.0, 0.0]
    message = " ".join(found.notes)
    assert found.is_directed
    assert "Edge attributes were ignored: weight" in message
    assert "1 missing feature value was replaced by 0." in message


def test_node_link_json_with_feature_lists():
    document = {
        "directed": False,
        "nodes": [{"id": 7, "x": [1, 2], "label": "a"}, {"id": "z", "x": [3, 4.5], "label": None}],
        "edges": [{"source": 7, "target": "z", "weight": 2}],
    }
    found = import_graph({"g.json": json.dumps(document).encode()})
    assert found.names == ("7", "z")
    assert found.graph.data.x.tolist() == [[1.0, 2.0], [3.0, 4.5]]
    assert found.graph.data.y.tolist() == [0, -1]


def test_node_link_json_with_node_indices():
    document = {"nodes": [{"name": "A"}, {"name": "B"}, {"name": "C"}], "links": [{"source": 2, "target": 0}]}
    found = import_graph({"g.json": json.dumps(document).encode()})
    assert (found.names, pairs_of(found)) == (("A", "B", "C"), [[0, 2]])


@pytest.mark.parametrize("kind", ["graphml", "gexf"])
def test_defaults_apply_to_nodes_without_a_value(kind):
    content = {
        "graphml": b"""<graphml><key id="a" attr.name="f" for="node"><default>0.5</default></key>
            <key id="w" for="edge" attr.name="f"><default>9</default></key><graph>
            <node id="x"><data key="a">2</data></node><node id="y"/></graph></graphml>""",
        "gexf": b"""<gexf><graph><attributes class="node"><attribute id="a" title="f"><default>0.5</default></attribute>
            </attributes><attributes class="edge"><attribute id="a" title="f"><default>9</default></attribute>
            </attributes><node id="x"><attvalue for="a" value="2"/></node><node id="y"/></graph></gexf>""",
    }[kind]
    assert import_graph({f"g.{kind}": content}).graph.data.x.tolist() == [[2.0], [0.5]]


def test_graphml_of_yed():
    content = b"""<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
    <key for="node" id="d6" yfiles.type="nodegraphics"/><key for="edge" id="d10" yfiles.type="edgegraphics"/>
    <graph edgedefault="undirected"><node id="n0"><data key="d6"><y:ShapeNode><y:Fill color="#FFCC00"/><y:NodeLabel>Ann
    </y:NodeLabel> </y:ShapeNode></data></node><node id="n1"><data key="d6"><y:NodeLabel>Bob</y:NodeLabel></data></node>
    <edge source="n0" target="n1"><data key="d10"><y:Arrows source="none"/></data></edge></graph></graphml>"""
    found = import_graph({"g.graphml": content})
    assert found.names == ("Ann", "Bob")
    assert not any("ignored" in note for note in found.notes)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "dia"])
def test_a_matrix_as_scipy_saves_it(form):
    matrix = sparse.coo_array((np.ones(3), ([0, 1, 3], [1, 2, 0])), (4, 4))
    buffer = io.BytesIO()
    sparse.save_npz(buffer, matrix.asformat(form))
    if form == "dia":
        with pytest.raises(BadFile, match=r"it contains .*offsets"):
            import_graph({"g.npz": buffer.getvalue()})
    else:
        assert pairs_of(import_graph({"g.npz": buffer.getvalue()})) == [[0, 1], [0, 3], [1, 2]]


def test_npz_with_alternative_names():
    found = import_graph({
        "g.npz": npz(node_features=np.ones((3, 2)), edges=np.array([[0, 1], [1, 2], [2, 0]]),
                     node_labels=np.array([[1], [0], [1]]), train_masks=np.ones((10, 3), bool))
    })  # fmt: skip
    assert pairs_of(found) == [[0, 1], [0, 2], [1, 2]]
    assert found.graph.data.y.tolist() == [1, 0, 1]
    assert found.graph.data.x.shape == (3, 2)
    assert "The masks were ignored: a split has no training or no test nodes." in found.notes


def test_numeric_classes_keep_their_order():
    found = import_graph({"e.csv": EDGES, "labels.csv": b"id,y\na,10\nb,9\nc,-1\nd,nan\n"})
    assert found.classes == ("9", "10")
    assert found.graph.data.y.tolist() == [1, 0, -1, -1]


def test_layout_coordinates_are_not_classes():
    found = import_graph({"e.csv": EDGES, "nodes.csv": b"id,x,y,group\na,1.5,0.25,1\nb,2.5,7,2\nc,0,1.5,1\nd,1,1,2\n"})
    assert found.classes == ("1", "2")
    whole = import_graph({"e.csv": EDGES, "nodes.csv": b"id,y\na,1.0\nb,2.0\n"})
    assert len(whole.classes) == 2


def test_imported_graph_has_splits():
    nodes = "id,class\n" + "".join(f"{node},{'ab'[node % 2]}\n" for node in range(40))
    edges = "".join(f"{node},{node + 1}\n" for node in range(38))
    found = import_graph({"e.csv": edges.encode(), "nodes.csv": nodes.encode()})
    spec = DatasetSpec("yours", content=found.content)
    loaded = found.dataset(spec)
    parts = loaded.data.train_mask.int() + loaded.data.val_mask.int() + loaded.data.test_mask.int()
    assert (parts == 1).all()
    assert int(loaded.data.train_mask.sum()) == 20
    component = found.dataset(DatasetSpec("yours", "component-10-10-80", content=found.content))
    assert component.data.num_nodes == 39
    with pytest.raises(BadConfig, match="describes the graph"):
        found.dataset(DatasetSpec("yours", content="0" * 64))
    with pytest.raises(DatasetUnavailable, match="import_graph"):
        load(spec)
    with pytest.raises(BadConfig, match="content must be set for the name"):
        DatasetSpec("yours")
    with pytest.raises(BadConfig, match="content must be set for the name"):
        DatasetSpec("karate", content="0")


def test_equal_graphs_have_equal_content():
    one, same = (import_graph({"e.csv": EDGES}).content for _ in range(2))
    other = import_graph({"e.csv": EDGES + b"a,d\n"}).content
    assert one == same != other


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no file was passed"),
        ({"a.exe": b""}, "a.exe: unsupported file type; supported are .csv"),
        ({"a.csv": b""}, "a.csv: is empty"),
        ({"a.csv": b"\n\n# x\n"}, "a.csv: is empty"),
        ({"a.csv": b"source,target\n"}, "a.csv: contains no nodes"),
        ({"a.csv": b"a,a\n"}, "a.csv: contains only one node"),
        ({"a.csv": b"a\nb\n"}, "a.csv, line 1: expected the two ends of an edge"),
        ({"a.csv": b"source,target\na,b\nc\n"}, "a.csv, line 3: expected the two ends of an edge"),
        ({"a.csv": b"source,target\na,\n"}, "a.csv, line 2: an id is empty"),
        ({"a.csv": b"a,b\nc,\xff\n"}, "a.csv, line 2: not UTF-8"),
        ({"a.csv": b'a,b\nc,"d\n'}, "a.csv, line 2: not valid CSV"),
        ({"a.txt": b"Ann Bob\nAnn Lee Bob\n"}, "a.txt, line 2: 3 values, but 2 in .*: quote names that contain spaces"),
        ({"a.txt": b"Ann Lee Bob\nBob Cy\n"}, "a.txt, line 2: 2 values, but 3 in the lines before; columns are"),
        ({"a.txt": b"source target\nAnn Lee Bob\n"}, "a.txt, line 2: 3 values, but 2 in the lines before"),
        ({"a.csv": EDGES, "n.csv": b"id name\na Ann Lee\n"}, "n.csv, line 2: expected 2 values, found 3; columns are"),
        ({"a.csv": EDGES, "b.csv": EDGES}, "expected exactly one file of edges, found a.csv, b.csv"),
        ({"nodes.csv": NODES}, "expected exactly one file of edges, found none"),
        ({"a.csv": EDGES, "n.csv": b"id,f\na,1\na,2\n"}, "n.csv, line 3: duplicate node 'a'"),
        ({"a.csv": EDGES, "n.csv": b"id,f\na,1,2\n"}, "n.csv, line 2: expected 2 values, found 3"),
        ({"a.csv": EDGES, "n.csv": b"id,f,f\na,1,2\n"}, "n.csv, line 1: duplicate column 'f'"),
        ({"a.csv": EDGES, "n.csv": b"id,f\na,1\nb,inf\n"}, "n.csv, line 3: column 'f' contains 'inf', which is not"),
        ({"a.csv": EDGES, "n.csv": b"id,f\na,1\nb,1e999\n"}, "line 3: column 'f' contains '1e999', which is not"),
        ({"a.csv": EDGES, "n.csv": b"id,f\na,1e300\n"}, "line 2: column 'f' contains '1e\\+300', which is not"),
        ({"a.csv": EDGES, "m.csv": b"id,g\nc,1\n", "n.csv": b"id,f\na,1\nb,2\nc,x\n"}, "n.csv, line 4: column 'f'"),
        ({"a.csv": EDGES, "n.csv": b"id,f\n1,1\n"}, "n.csv: none of its nodes occurs in an edge; .* ids such as 'a'"),
        ({"a.csv": EDGES, "b.net": b"*Vertices 2\n"}, "b.net: is in another format than the other files; remove it"),
        ({"a.csv": EDGES, "b.json": b"{}"}, "b.json: contains both nodes and edges, so it must be the only file"),
        ({"a.json": b"[]"}, "a.json: not node-link JSON"),
        ({"a.json": b"{"}, "a.json, line 1: not valid JSON"),
        ({"a.json": b'{"nodes": [NaN], "links": []}'}, "a.json: not valid JSON: NaN is not a number in JSON"),
        ({"a.json": b'{"nodes": [1, 1], "links": []}'}, "a.json, node 2: duplicate id 1"),
        ({"a.json": b'{"nodes": [1, {}], "links": []}'}, "a.json, node 2: missing id"),
        ({"a.json": b'{"nodes": [[]], "links": []}'}, "a.json, node 1: an id, a name or a class must be text"),
        ({"a.json": b'{"nodes": [1], "links": [{"source": 1, "target": 2}]}'}, "link 1: unknown node '2'"),
        ({"a.json": b'{"nodes": [1], "links": [3]}'}, "a.json, link 1: missing source or target"),
        ({"a.json": b'{"nodes": [{"id": 1, "x": [1]}, 2], "links": []}'}, "must have the same number of features"),
        ({"a.json": b'{"nodes": [{"id": 1, "x": ["a"]}], "links": []}'}, "features must be lists of numbers"),
        ({"a.json": b'{"nodes": [{"id": 1, "f": ' + b"9" * 400 + b'}], "links": []}'}, "a number is too large"),
        ({"a.graphml": b"<graphml><graph>"}, "a.graphml, line 1: not valid XML: no element found"),
        ({"a.graphml": b"<gexf/>"}, "a.graphml: not GraphML: it has no element <graphml>"),
        ({"a.gexf": b"<graphml/>"}, "a.gexf: not GEXF: it has no element <gexf>"),
        ({"a.graphml": b"<graphml>\n<node/></graphml>"}, "a.graphml, line 2: an element has no attribute id"),
        ({"a.graphml": b"<graphml><edge source='a' target='b'/></graphml>"}, "line 1: unknown node 'a'"),
        ({"a.graphml": b"<graphml><node id='a'/><node id='a'/></graphml>"}, "duplicate node 'a'"),
        ({"a.graphml": b"<graphml><hyperedge/></graphml>"}, "hyperedges are not supported"),
        ({"a.graphml": b"<!DOCTYPE graphml><graphml/>"}, "line 1: document type declarations and entities"),
        ({"a.npz": b"PK"}, "a.npz: not an npz file"),
        ({"a.npz": npz(x=np.ones((2, 1)))}, "a.npz: needs edge_index .*; it contains x"),
        ({"a.npz": npz(edge_index=np.full((2, 1), 0.5))}, "it contains edge_index of type float64 and shape"),
        ({"a.npz": npz(shape=np.array([2, 3]), row=np.array([0]), col=np.array([1]))}, "needs edge_index"),
        ({"a.npz": npz(shape=np.array([2, 2]), indptr=np.array([0, 9, 1]), indices=np.array([1]))}, "needs edge_index"),
        ({"a.npz": npz(pairs=np.array([[0], [5]]), num_nodes=np.array(3))}, "edges must connect nodes 0 to 2"),
        ({"a.npz": npz(pairs=np.array([[0], [1]]), x=np.ones((2, 1)), y=np.ones(3))}, "different numbers of nodes"),
        ({"a.npz": npz(pairs=np.array([[0], [1]]), x=np.ones(2))}, "x must have 2 dimension"),
        ({"a.npz": npz(pairs=np.array([[0], [1]]), x=np.array([[1.0], [np.inf]]))}, "feature 0 of node 1 is inf"),
        ({"a.npz": npz(pairs=np.array([[0], [1]]), num_nodes=np.array([2, 2]))}, "contains 2 graphs; expected one"),
        ({"a.npz": npz(pairs=np.array([[{}], [1]], dtype=object))}, "pairs.npy contains object"),
    ],
)  # fmt: skip
def test_errors_name_the_file_and_the_line(files, message):
    with pytest.raises(BadFile, match=message) as caught:
        import_graph(files)
    assert isinstance(caught.value, TorqueError)


@pytest.mark.parametrize("extension", FILE_EXTENSIONS)
def test_every_extension_has_a_reader(extension):
    with pytest.raises(BadFile, match=rf"^g\{extension}") as caught:
        import_graph({f"g{extension}": b"."})
    assert "cannot be read as a graph" not in str(caught.value)
