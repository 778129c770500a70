"""Files as other programs write them are read as their authors mean them."""

import io
import json

import networkx as nx
import numpy as np
import pytest
from scipy import sparse

from tests.datasets.importers.helpers import classes_of, edges_of, npz
from torque_core.datasets.importers import import_graph
from torque_core.errors import BadFile

PATH = b"source,target\na,b\nb,c\nc,d\n"


def read_json(document):
    return import_graph({"g.json": json.dumps(document).encode()})


class TestMissingValues:
    @pytest.mark.parametrize("marker", ["NA", "N/A", "n/a", "<NA>", "#N/A", "NaN", "nan", "-nan", "NULL", "None", ""])
    def test_in_a_numeric_column(self, marker):
        graph = import_graph({"e.csv": PATH, "nodes.csv": f"id,age\na,3\nb,{marker}\nc,4\nd,5\n".encode()})
        assert graph.graph.data.x.tolist() == [[3.0], [0.0], [4.0], [5.0]]
        assert "1 missing feature value was replaced by 0." in graph.notes
        assert marker == "" or f"Read as missing values: {marker}." in graph.notes

    def test_in_graphml_of_networkx(self):
        graph = nx.path_graph(3)
        nx.set_node_attributes(graph, {0: 1.0, 1: float("nan"), 2: 2.0}, "age")
        buffer = io.BytesIO()
        nx.write_graphml(graph, buffer)
        assert import_graph({"g.graphml": buffer.getvalue()}).graph.data.x.tolist() == [[1.0], [0.0], [2.0]]

    def test_in_json(self):
        nodes = [{"id": "a", "age": float("nan"), "class": "x"}, {"id": "b", "age": 2, "class": "NA"}]
        graph = read_json({"nodes": nodes, "links": [{"source": "a", "target": "b"}, {"source": "a", "target": None}]})
        assert graph.graph.data.x.tolist() == [[0.0], [2.0]]
        assert classes_of(graph) == {"a": "x", "b": None}
        assert "1 edge was ignored, because an end is missing." in graph.notes

    def test_as_the_end_of_an_edge_in_xml(self):
        content = b"<graphml><node id='a'/><node id='b'/><edge source='a' target='b'/><edge source='a' target='NA'/>"
        graph = import_graph({"g.graphml": content + b"</graphml>"})
        assert edges_of(graph) == [("a", "b")]
        assert "1 edge was ignored, because an end is missing." in graph.notes

    def test_nan_in_an_array_of_features(self):
        graph = import_graph({"g.npz": npz(edge_index=np.array([[0], [1]]), x=np.array([[np.nan], [2.0]]))})
        assert graph.graph.data.x.tolist() == [[0.0], [2.0]]
        assert "1 missing feature value was replaced by 0." in graph.notes


class TestWholeNumbersWithADecimalPoint:
    def test_as_classes(self):
        graph = import_graph({"e.csv": PATH, "nodes.csv": b"id,class\na,10.0\nb,9.0\nc,\nd,9.0\n"})
        assert graph.classes == ("9", "10")
        assert classes_of(graph) == {"a": "10", "b": "9", "c": None, "d": "9"}

    def test_as_ends_in_xml_and_json(self):
        content = b"<gexf><node id='1'/><node id='2'/><edge source='1.0' target='2'/></gexf>"
        assert edges_of(import_graph({"g.gexf": content})) == [("1", "2")]
        links = [{"source": 1.0, "target": 2}]
        assert edges_of(read_json({"nodes": [{"id": 1}, {"id": 2.0}], "links": links})) == [("1", "2")]

    def test_versions_are_text(self):
        nodes = [{"id": "1.0"}, {"id": "1.10"}, {"id": "1"}]
        links = [{"source": "1.0", "target": "1.10"}, {"source": "1", "target": "1.10"}]
        assert edges_of(read_json({"nodes": nodes, "links": links})) == [("1", "1.10"), ("1.0", "1.10")]


class TestTextColumns:
    @pytest.mark.parametrize("values", [("AB1", "12"), ("01001", "90210"), ("1", "2")])
    @pytest.mark.parametrize("extension", ["graphml", "gexf", "json"])
    def test_declared_text_is_no_feature(self, values, extension):
        first, second = values
        content = {
            "graphml": f"""<graphml><key id="t" for="node" attr.name="postcode" attr.type="string"/><graph>
                <node id="a"><data key="t">{first}</data></node><node id="b"><data key="t">{second}</data></node>
                <edge source="a" target="b"/></graph></graphml>""",
            "gexf": f"""<gexf><graph><attributes class="node"><attribute id="0" title="postcode" type="string"/>
                </attributes><node id="a"><attvalue for="0" value="{first}"/></node>
                <node id="b"><attvalue for="0" value="{second}"/></node><edge source="a" target="b"/></graph></gexf>""",
            "json": json.dumps({
                "nodes": [{"id": "a", "postcode": first}, {"id": "b", "postcode": second}],
                "links": [{"source": "a", "target": "b"}],
            }),
        }[extension]  # fmt: skip
        graph = import_graph({f"g.{extension}": content.encode()})
        assert "Text columns cannot be features and were ignored: postcode." in graph.notes
        assert graph.info.features == 5  # structural

    def test_declared_text_can_be_a_class(self):
        content = b"""<graphml><key id="t" for="node" attr.name="class" attr.type="string"/><graph>
            <node id="a"><data key="t">1</data></node><node id="b"><data key="t">2</data></node></graph></graphml>"""
        assert import_graph({"g.graphml": content}).classes == ("1", "2")

    def test_codes_with_leading_zeros_in_csv(self):
        graph = import_graph({"e.csv": PATH, "nodes.csv": b"id,zip,age\na,01001,1\nb,90210,2\nc,00501,3\nd,99999,4\n"})
        assert graph.graph.data.x.tolist() == [[1.0], [2.0], [3.0], [4.0]]
        assert "Text columns cannot be features and were ignored: zip." in graph.notes

    def test_quoted_numbers_beside_numbers_in_json_are_numbers(self):
        assert read_json({"nodes": [{"id": 1, "f": "3"}, {"id": 2, "f": 4}], "links": []}).graph.data.x.tolist() == [
            [3.0],
            [4.0],
        ]


class TestNodeIdsInJson:
    def test_graphology_names_nodes_by_key(self):
        nodes = [{"key": "3", "name": "Ann"}, {"key": "1", "name": "Bob"}, {"key": "0", "name": "Cy"}]
        graph = read_json({"nodes": [*nodes, {"key": "2", "name": "Di"}], "edges": [{"source": "3", "target": "1"}]})
        assert edges_of(graph) == [("Ann", "Bob")]

    def test_attributes_of_graphology(self):
        nodes = [
            {"key": "a", "attributes": {"class": "x", "age": 3}},
            {"key": "b", "attributes": {"class": "y", "age": 4}},
        ]
        edges = [{"key": "e", "source": "a", "target": "b", "attributes": {"kind": "friend"}}]
        graph = read_json({"options": {}, "nodes": nodes, "edges": edges})
        assert classes_of(graph) == {"a": "x", "b": "y"}
        assert graph.graph.data.x.tolist() == [[3.0], [4.0]]
        assert "Edge attributes were ignored: kind." in graph.notes

    def test_by_name(self):
        nodes = [{"name": "Ann", "group": 1}, {"name": "Bob", "group": 2}, {"name": "Cy", "group": 1}]
        graph = read_json({"nodes": nodes, "links": [{"source": "Cy", "target": "Ann"}]})
        assert edges_of(graph) == [("Ann", "Cy")]
        assert classes_of(graph) == {"Ann": "1", "Bob": "2", "Cy": "1"}

    def test_by_name_although_there_is_an_id(self):
        nodes = [{"id": "n1", "name": "Ann"}, {"id": "n2", "name": "Bob"}]
        assert edges_of(read_json({"nodes": nodes, "links": [{"source": "Ann", "target": "Bob"}]})) == [("Ann", "Bob")]

    def test_by_position_is_reported(self):
        nodes = [{"id": "n1", "name": "Ann"}, {"id": "n2", "name": "Bob"}, {"id": "n3", "name": "Cy"}]
        graph = read_json({"nodes": nodes, "links": [{"source": 0, "target": 2}]})
        assert edges_of(graph) == [("Ann", "Cy")]
        assert "The ends of links are no ids: they were read as positions in the list of nodes, from 0." in graph.notes

    def test_numbers_that_are_ids_are_no_positions(self):
        nodes = [{"id": 2}, {"id": 1}, {"id": 0}, {"id": 3}]
        graph = read_json({"nodes": nodes, "links": [{"source": 2, "target": 1}]})
        assert edges_of(graph) == [("1", "2")]
        assert not any("positions" in note for note in graph.notes)

    def test_unknown_end_is_an_error(self):
        with pytest.raises(BadFile, match="link 1: unknown node 'Di'"):
            read_json({"nodes": [{"key": "a"}, {"key": "b"}], "links": [{"source": "a", "target": "Di"}]})

    def test_cytoscape(self):
        nodes = [
            {"data": {"id": "a", "name": "Ann"}, "position": {"x": 1, "y": 2}, "group": "nodes"},
            {"data": {"id": "b"}},
        ]
        edges = [{"data": {"id": "e", "source": "a", "target": "b"}}]
        assert edges_of(read_json({"elements": {"nodes": nodes, "edges": edges}})) == [("Ann", "b")]
        mixed = read_json({"elements": [*nodes, *edges]})
        assert edges_of(mixed) == [("Ann", "b")]
        assert not mixed.classes

    def test_vis(self):
        nodes = [{"id": 1, "label": "Ann"}, {"id": 2, "label": "Bob"}, {"id": 3, "label": "Cy"}]
        assert edges_of(read_json({"nodes": nodes, "edges": [{"from": 1, "to": 3}]})) == [("Ann", "Cy")]

    def test_ends_that_d3_replaced_by_nodes(self):
        nodes = [{"id": "a"}, {"id": "b"}]
        assert edges_of(read_json({"nodes": nodes, "links": [{"source": nodes[0], "target": nodes[1]}]})) == [
            ("a", "b")
        ]


class TestListsInJson:
    def test_a_list_of_numbers_is_a_feature(self):
        nodes = [{"id": "a", "embedding": [0.5, 0.25], "class": "x"}, {"id": "b", "embedding": [0.75, 2], "class": "y"}]
        graph = read_json({"nodes": nodes, "edges": [{"source": "a", "target": "b"}]})
        assert graph.graph.data.x.tolist() == [[0.5, 0.25], [0.75, 2.0]]
        assert "Features: 2 columns of the list embedding." in graph.contents

    def test_two_lists_and_a_missing_one(self):
        graph = read_json({"nodes": [{"id": "a", "f": [1], "g": [2, 3]}, {"id": "b", "f": [4]}], "edges": []})
        assert graph.graph.data.x.tolist() == [[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]]
        assert "1 missing list was replaced by zeros." in graph.notes
        assert "Features: 3 columns of the lists f, g." in graph.contents

    def test_other_lists_are_reported(self):
        nodes = [{"id": "a", "tags": ["p"], "pos": [0, 1], "r": [1], "m": {"k": 1}}, {"id": "b", "r": [1, 2]}]
        graph = read_json({"nodes": nodes, "edges": []})
        assert "Lists were ignored: tags, pos, r; lists of numbers called x are features." in graph.notes
        assert "Nested attributes were ignored: m." in graph.notes
        assert graph.info.features == 5

    def test_x_takes_precedence(self):
        graph = read_json({"nodes": [{"id": "a", "f": [1], "x": [2]}, {"id": "b", "f": [3], "x": [4]}], "edges": []})
        assert graph.graph.data.x.tolist() == [[2.0], [4.0]]
        assert "Lists were ignored: f." in graph.notes


YED = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
    <key for="node" id="d6" yfiles.type="nodegraphics"/><graph edgedefault="directed" id="G">
    <node id="n0"><data key="d6"><y:ShapeNode><y:NodeLabel>inner</y:NodeLabel><y:NodeLabel>small print</y:NodeLabel>
    </y:ShapeNode></data></node><node id="n1" yfiles.foldertype="group"><data key="d6"><y:ProxyAutoBoundsNode>
    <y:Realizers active="ACTIVE"><y:GroupNode><y:NodeLabel>Team North</y:NodeLabel></y:GroupNode>
    <y:GroupNode><y:NodeLabel>Folder 1</y:NodeLabel></y:GroupNode></y:Realizers></y:ProxyAutoBoundsNode></data>
    <graph edgedefault="directed" id="n1:"><node id="n1::n0"><data key="d6"><y:NodeLabel hasText="false"/>
    <y:NodeLabel>member</y:NodeLabel></data></node></graph></node><edge source="n0" target="n1"/></graph></graphml>"""


class TestNestedElements:
    @pytest.mark.parametrize(("active", "group"), [("0", "Team North"), ("1", "Folder 1")])
    def test_labels_of_yed(self, active, group):
        graph = import_graph({"g.graphml": YED.replace("ACTIVE", active).encode()})
        assert graph.names == ("inner", group, "member")
        assert "The nodes and edges of nested graphs were included." in graph.notes

    def test_data_after_a_nested_graph(self):
        content = b"""<graphml><key id="c" for="node" attr.name="class"/><graph><node id="a"><graph>
            <data key="c">of the graph</data><node id="a1"><port name="p"><data key="c">of the port</data></port>
            <data key="c">in</data></node></graph><data key="c">out</data></node><node id="b"><data key="c">out</data>
            </node><edge source="a" target="b"/><edge source="a1" target="b"/></graph></graphml>"""
        assert classes_of(import_graph({"g.graphml": content})) == {"a": "out", "a1": "in", "b": "out"}

    def test_values_after_nested_nodes_in_gexf(self):
        content = b"""<gexf><graph><nodes><node id="a"><nodes><node id="a1"><attvalue for="class" value="in"/></node>
            </nodes><attvalue for="class" value="out"/></node></nodes></graph></gexf>"""
        assert classes_of(import_graph({"g.gexf": content})) == {"a": "out", "a1": "in"}

    def test_several_graphs_are_reported(self):
        content = b"<graphml><graph><node id='a'/></graph><graph><node id='b'/></graph></graphml>"
        assert "The file contains 2 graphs; they were read as one." in import_graph({"g.graphml": content}).notes


TIME_NOTE = "The graph changes over time: all nodes and edges were read, and the latest value of each attribute."


class TestDynamicGexf:
    def test_latest_value(self):
        content = b"""<gexf><graph mode="dynamic"><attributes class="node" mode="dynamic">
            <attribute id="1" title="indegree" type="float"/></attributes><nodes><node id="0" start="2009-03-01">
            <attvalues><attvalue for="1" value="5" start="2009-04-01"/><attvalue for="1" value="1" end="2009-04-01"/>
            </attvalues></node><node id="1"><attvalues><attvalue for="1" value="2"/></attvalues></node><node id="2"/>
            </nodes><edges><edge source="0" target="1" start="2009-01-01" end="2009-02-01"/><edge source="1" target="2">
            <spells><spell start="2010-01-01"/></spells></edge></edges></graph></gexf>"""
        graph = import_graph({"g.gexf": content})
        assert edges_of(graph) == [("0", "1"), ("1", "2")]
        assert graph.graph.data.x.tolist() == [[5.0], [2.0], [0.0]]
        assert TIME_NOTE in graph.notes

    @pytest.mark.parametrize(
        "node",
        ["<node id='a' timestamp='3'/>", "<node id='a'><spells/></node>", "<node id='a' end='2001'/>",
         "<node id='a'><attvalue for='f' value='1' start='9'/><attvalue for='f' value='2' start='10'/></node>"],
    )  # fmt: skip
    def test_is_reported_without_the_mode(self, node):
        graph = import_graph({"g.gexf": f"<gexf><graph>{node}<node id='b'/></graph></gexf>".encode()})
        assert TIME_NOTE in graph.notes
        if "attvalue" in node:
            assert graph.graph.data.x.tolist() == [[2.0], [0.0]]

    def test_a_static_graph_is_not_reported(self):
        graph = import_graph({"g.gexf": b"<gexf><graph mode='static'><node id='a'/><node id='b'/></graph></gexf>"})
        assert TIME_NOTE not in graph.notes


class TestStoredZeros:
    @pytest.mark.parametrize("form", ["csr", "csc", "coo"])
    @pytest.mark.parametrize("dtype", [np.float64, np.int64, bool])
    def test_of_a_sparse_matrix(self, form, dtype):
        data, ends = np.array([1, 0, 1, 1, 0, 1]).astype(dtype), ([0, 0, 1, 1, 2, 2], [1, 2, 0, 2, 0, 1])
        matrix = sparse.coo_array((data, ends), shape=(3, 3)).asformat(form)
        buffer = io.BytesIO()
        sparse.save_npz(buffer, matrix)
        graph = import_graph({"a.npz": buffer.getvalue()})
        assert edges_of(graph) == [("0", "1"), ("1", "2")]
        assert "2 stored zeros were omitted from the edges." in graph.notes

    def test_entries_that_cancel(self):
        matrix = sparse.coo_array(([1.0, -1.0, 2.0], ([0, 0, 1], [1, 1, 2])), shape=(3, 3))
        assert np.count_nonzero(matrix.toarray()) == 1
        buffer = io.BytesIO()
        sparse.save_npz(buffer, matrix)
        assert edges_of(import_graph({"a.npz": buffer.getvalue()})) == [("1", "2")]

    def test_of_edge_weights(self):
        content = npz(edge_index=np.array([[0, 1], [1, 2]]), edge_weight=np.array([0.0, 0.5]), num_nodes=3)
        assert edges_of(import_graph({"a.npz": content})) == [("1", "2")]
        with pytest.raises(BadFile, match="expected 2 numbers as weights of edges, got 1"):
            import_graph({"a.npz": npz(edge_index=np.array([[0, 1], [1, 2]]), edge_weight=np.array([0.0]))})


class TestDrawings:
    def test_graphml_of_gephi(self):
        keys = "".join(
            f'<key attr.name="{name}" attr.type="{kind}" for="node" id="{name}"/>'
            for name, kind in (
                ("size", "float"),
                ("r", "int"),
                ("g", "int"),
                ("b", "int"),
                ("x", "float"),
                ("y", "float"),
            )
        )
        keys += '<key attr.name="Modularity Class" attr.type="int" for="node" id="mc"/>'
        keys += '<key attr.name="Degree" attr.type="int" for="node" id="degree"/>'
        values = [
            {"mc": i % 2, "degree": i, "size": 10.5, "r": 245, "g": 91, "b": 0, "x": i, "y": -i} for i in range(3)
        ]
        nodes = "".join(
            f'<node id="{i}">{"".join(f"<data key={k!r}>{v}</data>" for k, v in value.items())}</node>'
            for i, value in enumerate(values)
        )
        graph = import_graph({"g.graphml": f"<graphml>{keys}<graph>{nodes}</graph></graphml>".encode()})
        assert graph.graph.data.x.tolist() == [[0.0], [1.0], [2.0]]
        assert graph.classes == ("0", "1")
        assert "Colours, sizes and positions of a drawing were ignored: size, r, g, b, x, y." in graph.notes

    @pytest.mark.parametrize(
        "drawn",
        [{"x": 1.5, "y": 2, "size": 3, "color": "#ff8800"}, {"x": 1, "y": 2, "color": "rgb(1,2,3)"},
         {"index": 0, "x": 1.5, "y": 2.5, "vx": 0.1, "vy": 0.2}],
    )  # fmt: skip
    def test_json_of_drawing_programs(self, drawn):
        nodes = [{"id": name, "age": age, **drawn} for name, age in (("a", 3), ("b", 4))]
        graph = read_json({"nodes": nodes, "links": []})
        assert graph.graph.data.x.tolist() == [[3.0], [4.0]]
        assert not graph.classes
        assert any("a drawing were ignored" in note for note in graph.notes)

    def test_measurements_called_x_and_y_are_features(self):
        nodes = b"id,x,y\na,0.5,0.25\nb,0.75,1\nc,2,3\nd,4,5\n"
        graph = import_graph({"e.csv": PATH, "nodes.csv": nodes})
        assert graph.graph.data.x.tolist() == [[0.5, 0.25], [0.75, 1.0], [2.0, 3.0], [4.0, 5.0]]
        assert "Features: 2 numeric columns, x, y." in graph.contents


class TestTitlesAndIdColumns:
    def test_index_of_pandas_before_the_ids(self):
        nodes = b",id,class\n0,3,red\n1,1,blue\n2,0,red\n3,2,blue\n"
        graph = import_graph({"links.csv": b"source,target\n0,1\n1,2\n2,3\n", "nodes.csv": nodes})
        assert classes_of(graph) == {"0": "red", "1": "blue", "2": "blue", "3": "red"}
        assert "nodes.csv: numbers of rows were ignored: column 1." in graph.notes
        assert graph.info.features == 5  # structural

    @pytest.mark.parametrize("title", ["Unnamed: 0", "index", "rownames"])
    def test_titled_index_beside_the_ids(self, title):
        nodes = f"{title},id,age\n0,a,5\n1,b,6\n2,c,7\n3,d,8\n".encode()
        graph = import_graph({"e.csv": PATH, "nodes.csv": nodes})
        assert graph.graph.data.x.tolist() == [[5.0], [6.0], [7.0], [8.0]]
        assert f"nodes.csv: numbers of rows were ignored: {title}." in graph.notes

    def test_index_of_pandas_as_ids(self):
        nodes = b",class\na,red\nb,blue\nc,red\nd,blue\n"
        graph = import_graph({"e.csv": PATH, "nodes.csv": nodes})
        assert classes_of(graph) == {"a": "red", "b": "blue", "c": "red", "d": "blue"}

    def test_an_index_that_counts_something_else_is_a_feature(self):
        nodes = b"index,id\n10,a\n5,b\n7,c\n1,d\n"
        assert import_graph({"e.csv": PATH, "nodes.csv": nodes}).graph.data.x.tolist() == [[10.0], [5.0], [7.0], [1.0]]

    def test_index_of_pandas_before_edges(self):
        assert edges_of(import_graph({"e.csv": b",source,target\n0,5,6\n1,6,7\n"})) == [("5", "6"), ("6", "7")]
        assert edges_of(import_graph({"e.csv": b",person_1,person_2\n0,5,6\n1,6,7\n"})) == [("5", "6"), ("6", "7")]

    def test_row_names_of_r_without_a_title(self):
        edges = b'"from" "to"\n"1" "a" "b"\n"2" "b" "c"\n'
        nodes = b'"id" "class"\n"1" "a" "x"\n"2" "b" "y"\n"3" "c" NA\n'
        graph = import_graph({"edges.txt": edges, "nodes.txt": nodes})
        assert edges_of(graph) == [("a", "b"), ("b", "c")]
        assert classes_of(graph) == {"a": "x", "b": "y", "c": None}

    @pytest.mark.parametrize(
        ("edges", "nodes", "classes"),
        [
            ("Source,Target\nn1,n2\nn2,n3\n", "Label,Id,class\nAnn,n1,a\nBob,n2,b\nCy,n3,a\n", ["a", "b", "a"]),
            ("source,target\n10,11\n11,12\n", "class,id\nred,10\nblue,11\nred,12\n", ["red", "blue", "red"]),
            ("source,target\nann,bob\nbob,cy\n", "team,person\nred,ann\nblue,bob\nred,cy\n", ["red", "blue", "red"]),
            ("source,target\nann,bob\nbob,cy\n", "group,person\nred,ann\nblue,bob\nred,cy\n", ["red", "blue", "red"]),
            ("source,target\nann,bob\nbob,cy\n", "id,name,class\n1,ann,x\n2,bob,y\n3,cy,x\n", ["x", "y", "x"]),
            ("source,target\nann,bob\nbob,cy\n", "name,class\nann,x\nbob,y\ncy,x\n", ["x", "y", "x"]),
        ],
    )
    def test_the_column_of_ids_is_found(self, edges, nodes, classes):
        graph = import_graph({"edges.csv": edges.encode(), "nodes.csv": nodes.encode()})
        assert graph.info.nodes == 3
        assert graph.info.features == 5  # structural
        assert list(classes_of(graph).values()) == (classes or [None] * 3)

    def test_names_of_nodes_whose_ids_are_in_the_second_column(self):
        nodes = b"Label,Id,class\nAnn,n1,a\nBob,n2,b\nCy,n3,a\n"
        graph = import_graph({"links.csv": b"Source,Target\nn1,n2\nn2,n3\n", "nodes.csv": nodes})
        assert classes_of(graph) == {"Ann": "a", "Bob": "b", "Cy": "a"}
        assert edges_of(graph) == [("Ann", "Bob"), ("Bob", "Cy")]
        assert "nodes.csv: the ids of nodes are in column Id." in graph.notes

    @pytest.mark.parametrize(
        "header",
        ["Source,Destination,Type", "Source,Person,Type", "Type,Target,Person", "From,To,Type", "Sender,Receiver,Type",
         "FromNodeId,ToNodeId,Type", "source_id,target_id,Type"],
    )  # fmt: skip
    def test_one_known_title_of_an_end_makes_a_header(self, header):
        rows = [("ncs1", "ncs2", "x"), ("ncs1", "ncs3", "x")]
        if header.startswith("Type"):
            rows = [("x", "ncs1", "ncs2"), ("x", "ncs1", "ncs3")]
        content = "\n".join([header, *(",".join(row) for row in rows)]).encode()
        graph = import_graph({"links.csv": content})
        assert edges_of(graph) == [("ncs1", "ncs2"), ("ncs1", "ncs3")]
        assert "Edge attributes were ignored: Type." in graph.notes

    def test_a_node_called_source_is_no_header(self):
        graph = import_graph({"flow.csv": b"source,a\na,sink\nsource,b\n"})
        assert edges_of(graph) == [("a", "sink"), ("a", "source"), ("b", "source")]

    def test_unknown_titles_that_are_no_listed_nodes(self):
        nodes = b"id,class\na,x\nb,y\nc,x\n"
        graph = import_graph({"edges.csv": b"buyer,seller\na,b\nb,c\n", "nodes.csv": nodes})
        assert edges_of(graph) == [("a", "b"), ("b", "c")]
        assert (
            "The first line was read as a header, and the columns buyer and seller as the ends of edges." in graph.notes
        )
        other = import_graph({"edges.csv": b"a,b\nb,c\n", "nodes.csv": nodes})
        assert edges_of(other) == [("a", "b"), ("b", "c")]

    def test_columns_without_a_title_are_reported(self):
        assert "1 column of edges without a title was ignored." in import_graph({"e.txt": b"a b 2\nb c 3\n"}).notes


class TestMissingValuesInTables:
    def test_classes(self):
        nodes = b'"id","class"\n"a","red"\n"b",NA\n"c","blue"\n"d",N/A\n'
        graph = import_graph({"links.csv": PATH, "nodes.csv": nodes})
        assert classes_of(graph) == {"a": "red", "b": None, "c": "blue", "d": None}
        assert "2 nodes have no class and are in no split." in graph.notes
        assert "Read as missing values: N/A, NA." in graph.notes

    @pytest.mark.parametrize("separator", [",", ";", "\t", " "])
    def test_in_quotes_it_is_a_class(self, separator):
        nodes = 'id,class,age\r\na,"NA",1\r\nb,NA,"NA"\r\n"c","N/A",3\r\nd, "red",4\r\n'.replace(", ", ",")
        graph = import_graph({"links.csv": PATH, "nodes.csv": nodes.replace(",", separator).encode()})
        assert classes_of(graph) == {"a": "NA", "b": None, "c": "N/A", "d": "red"}
        assert graph.graph.data.x.tolist() == [[1.0], [0.0], [3.0], [4.0]]

    def test_ends_of_edges(self):
        graph = import_graph({"e.csv": b"source,target\na,b\nb,NA\nNaN,c\nc,a\n"})
        assert edges_of(graph) == [("a", "b"), ("a", "c")]
        assert "2 edges were ignored, because an end is missing." in graph.notes
        assert "Read as missing values: NA, NaN." in graph.notes

    def test_empty_ends(self):
        graph = import_graph({"e.csv": b",source,target\n0,a,b\n1,z,\n2,,c\n3,b,a\n"})
        assert edges_of(graph) == [("a", "b")]
        assert graph.names == ("a", "b", "z", "c")
        assert "2 edges were ignored, because an end is missing." in graph.notes
        assert edges_of(import_graph({"e.csv": b"a,\na,b\n"})) == [("a", "b")]

    def test_a_node_of_an_incomplete_edge_remains(self):
        assert import_graph({"e.csv": b"source,target\na,b\nz,NA\n"}).names == ("a", "b", "z")

    def test_a_node_may_be_called_na(self):
        quoted = import_graph({"e.csv": b'source,target\n"DE","NA"\n"NA","ZA"\n'})
        assert edges_of(quoted) == [("DE", "NA"), ("NA", "ZA")]
        nodes = b"id,class\nDE,Europe\nNA,Africa\nZA,Africa\n"
        listed = import_graph({"e.csv": b"source,target\nDE,NA\nNA,ZA\n", "nodes.csv": nodes})
        assert classes_of(listed) == {"DE": "Europe", "NA": "Africa", "ZA": "Africa"}
        assert edges_of(listed) == [("DE", "NA"), ("NA", "ZA")]


class TestWholeNumbersInTables:
    def test_ends_and_ids(self):
        edges, nodes = b"source,target\n1,2.0\n2,3.0\n3,1.0\n", b"id,class\n1,a\n2,b\n3,a\n"
        graph = import_graph({"links.csv": edges, "nodes.csv": nodes})
        assert edges_of(graph) == [("1", "2"), ("1", "3"), ("2", "3")]
        assert classes_of(graph) == {"1": "a", "2": "b", "3": "a"}
        assert "Ids that are whole numbers are the same in every spelling: 2.0 is 2." in graph.notes
        assert edges_of(import_graph({"links.csv": edges})) == [("1", "2"), ("1", "3"), ("2", "3")]

    def test_ids_with_a_point_in_the_table_of_nodes(self):
        graph = import_graph({"e.csv": b"source,target\n7,8\n", "nodes.csv": b"id,class\n7.0,a\n8.0,b\n9.0,a\n"})
        assert classes_of(graph) == {"7": "a", "8": "b", "9": "a"}

    def test_exponents_of_r(self):
        assert edges_of(import_graph({"e.csv": b"source,target\n1e+05,5\n100000,6\n"})) == [
            ("100000", "5"),
            ("100000", "6"),
        ]

    def test_versions_keep_their_spelling(self):
        graph = import_graph({"e.csv": b"source,target\n1.0,1.1\n1.1,2.0\n"})
        assert graph.names == ("1.0", "1.1", "2.0")


class TestEdgeListsOfNetworkX:
    @pytest.mark.parametrize("delimiter", [" ", ",", "\t", ";"])
    def test_attributes_of_edges(self, delimiter):
        original = nx.gnm_random_graph(30, 120, seed=1)
        for number, (i, j) in enumerate(original.edges):
            original.edges[i, j].update({"weight": number / 2, "kind": "a, b; c", "tags": {"k": 1}})
        buffer = io.BytesIO()
        nx.write_edgelist(original, buffer, delimiter=delimiter)
        graph = import_graph({"g.txt": buffer.getvalue()})
        assert graph.info.nodes == 30
        assert edges_of(graph) == sorted(tuple(sorted((str(i), str(j)))) for i, j in original.edges)
        assert any(note.startswith("Edge attributes were ignored: k, kind, tags, weight") for note in graph.notes)

    def test_nodes_that_are_tuples(self):
        original = nx.grid_2d_graph(3, 4)
        buffer = io.BytesIO()
        nx.write_edgelist(original, buffer)
        graph = import_graph({"g.txt": buffer.getvalue()})
        assert (graph.info.nodes, graph.info.edges) == (12, 17)
        assert edges_of(graph) == sorted(tuple(sorted((str(i), str(j)))) for i, j in original.edges)

    def test_weights(self):
        buffer = io.BytesIO()
        nx.write_weighted_edgelist(nx.Graph([("a", "b", {"weight": 0.5}), ("b", "c", {"weight": 2})]), buffer)
        assert edges_of(import_graph({"g.txt": buffer.getvalue()})) == [("a", "b"), ("b", "c")]
