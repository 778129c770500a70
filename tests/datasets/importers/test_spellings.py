"""The same small graph in the spellings, layouts and array names of many programs."""

import gzip
import io
import json
import zipfile

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from tests.datasets.importers.helpers import classes_of, edges_of, npz
from torque_core.datasets.importers import ImportLimits, import_graph
from torque_core.errors import BadFile

CLASSES = {"ann": "x", "bob": "y", "cy": "x"}
EDGES = [("ann", "bob"), ("bob", "cy")]
NODE_TABLE = "id,class\nann,x\nbob,y\ncy,x\n"
LINKS = [{"source": "ann", "target": "bob"}, {"source": "bob", "target": "cy"}]
NODES = [{"id": name, "class": label} for name, label in CLASSES.items()]
END_TITLES = [
    ("SRC", "DST"), ("src", "dest"), ("head", "tail"), ("child", "parent"), ("Source Node", "Target Node"),
    ("node_from", "node_to"), ("start_node", "end_node"), ("user1", "user2"), ("Protein A", "Protein B"),
    (":START_ID", ":END_ID"), ("_from", "_to"), ("nodeA", "nodeB"), ("citing_paper", "cited_paper"),
    ("follower_id", "followee_id"), ("user_id", "friend_id"), ("ego", "alter"), ("caller", "callee"),
    ("node_id", "node_id"), ("FromNodeId", "ToNodeId"), ("origin", "dest"),
]  # fmt: skip


def read(files):
    return import_graph({name: text if isinstance(text, bytes) else text.encode() for name, text in files.items()})


class TestTables:
    @pytest.mark.parametrize("titles", END_TITLES)
    @pytest.mark.parametrize("form", ["{0},{1}\nann,bob\nbob,cy\n", "{0},{1},weight\nann,bob,2\nbob,cy,1\n",
                                      ",{0},{1}\n0,ann,bob\n1,bob,cy\n"])  # fmt: skip
    def test_titles_of_ends(self, titles, form):
        assert edges_of(read({"data.csv": form.format(*titles)})) == EDGES
        graph = read({"data.csv": form.format(*titles), "people.csv": NODE_TABLE})
        assert (edges_of(graph), classes_of(graph)) == (EDGES, CLASSES)

    def test_ids_below_titles_that_are_not_known(self):
        graph = read({"e.csv": "employee,manager\nE01,E02\nE02,E03\n"})
        assert edges_of(graph) == [("E01", "E02"), ("E02", "E03")]
        assert any("employee and manager as the ends of edges" in note for note in graph.notes)
        assert edges_of(read({"edges.csv": "id,buyer,seller\n0,ann,bob\n1,bob,cy\n"})) == EDGES

    def test_times_and_features_are_no_ends(self):
        nodes = "id,start,end,f1,f2,class\nann,1999,2001,1,2,x\nbob,2000,2002,3,4,y\ncy,2001,2002,5,6,x\n"
        graph = read({"edges.csv": "source,target\nann,bob\nbob,cy\n", "nodes.csv": nodes})
        assert (edges_of(graph), classes_of(graph)) == (EDGES, CLASSES)
        assert graph.roles.features == ("start", "end", "f1", "f2")

    @pytest.mark.parametrize("separator", [",", ";", "\t", "|", " "])
    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_separators_line_ends_and_encodings(self, separator, line_end, encoding):
        tables = {"edges.csv": "source,target\nann,bob\nbob,cy\n", "nodes.csv": NODE_TABLE}
        files = {
            name: text.replace(",", separator).replace("\n", line_end).encode(encoding) for name, text in tables.items()
        }
        graph = read(files)
        assert (edges_of(graph), classes_of(graph)) == (EDGES, CLASSES)

    @pytest.mark.parametrize("title", ["ID", "NodeID", "node id", "nodes", "vertex", "vertex_id", "key", "uid", "_id",
                                       "paper_id", "userId", ":ID", "identifier"])  # fmt: skip
    @pytest.mark.parametrize("header", [",{},class", "kids,{},class"])
    def test_titles_of_ids_beside_other_numbers(self, title, header):
        nodes = f"{header.format(title)}\n0,2,red\n2,1,blue\n1,0,red\n"
        graph = read({"edges.csv": "source,target\n0,1\n1,2\n", "nodes.csv": nodes})
        assert classes_of(graph) == {"0": "red", "1": "blue", "2": "red"}
        assert title not in (graph.roles.features or ())

    def test_further_ids_are_no_features(self):
        nodes = "id,node,class\n101,ann,x\n57,bob,y\n8,cy,x\n"
        graph = read({"edges.csv": "source,target\nann,bob\nbob,cy\n", "nodes.csv": nodes})
        assert classes_of(graph) == CLASSES
        assert "nodes.csv: further ids were ignored: id." in graph.notes

    @pytest.mark.parametrize("title", ["Class", "node_label", "Cluster", "ground_truth", "ModularityClass", "topic"])
    def test_titles_of_classes(self, title):
        nodes = f"id,{title}\nann,2\nbob,0\ncy,2\n"
        graph = read({"edges.csv": "source,target\nann,bob\nbob,cy\n", "nodes.csv": nodes})
        assert (graph.roles.classes, graph.classes) == (title, ("0", "2"))

    @pytest.mark.parametrize("values", ["0.5 1.5 2.5 3.5", "7 11 5 3"])
    @pytest.mark.parametrize("title", ["y", "label", "target"])
    def test_measurements_are_no_classes(self, title, values):
        rows = "".join(f"{name},{value}\n" for name, value in zip("abcd", values.split(), strict=True))
        graph = read({"edges.csv": "source,target\na,b\nb,c\nc,d\n", "nodes.csv": f"id,{title}\n{rows}"})
        if not (title == "label" and "." not in values):  # different labels are names
            assert (graph.classes, graph.roles.features) == ((), (title,))
            assert graph.graph.data.x.flatten().tolist() == [float(value) for value in values.split()]

    @pytest.mark.parametrize(
        ("edges", "nodes"),
        [("1.0,2.0\n2.0,3.0\n", "1,a\n2,b\n3,a\n"), ("1.,2.\n2.,3.\n", "1,a\n2,b\n3,a\n"),
         ("1.0e+00,2.000e+00\n2.0e+00,3.0e+00\n", "1,a\n2,b\n3,a\n"), ('"1","2.0"\n"2","3"\n', "1,a\n2,b\n3,a\n"),
         (" 1, 2\n 2, 3\n", "1.00,a\n2.00,b\n3.00,a\n")],
    )  # fmt: skip
    def test_whole_numbers(self, edges, nodes):
        graph = read({"links.csv": f"source,target\n{edges}", "nodes.csv": f"id,class\n{nodes}"})
        assert (edges_of(graph), classes_of(graph)) == ([("1", "2"), ("2", "3")], {"1": "a", "2": "b", "3": "a"})

    @pytest.mark.parametrize("separator", [";", "\t"])
    def test_decimal_commas(self, separator):
        edges, nodes = "source;target;w\n1,0;2,0;0,5\n2,0;3,0;1,5\n", "id;class;age\n1;a;1,5\n2;b;-2,5e1\n3;a;3\n"
        graph = read({"e.csv": edges.replace(";", separator), "nodes.csv": nodes.replace(";", separator)})
        assert edges_of(graph) == [("1", "2"), ("2", "3")]
        assert graph.graph.data.x.flatten().tolist() == [1.5, -25.0, 3.0]
        assert graph.attributes.edges == {"w": [0.5, 1.5]}

    def test_quoted_numbers_with_commas(self):
        nodes = 'id,class,pay,height\nann,x,"1,500","1,5"\nbob,y,"12,250","2,25"\ncy,x,900,"3,0"\n'
        graph = read({"e.csv": "source,target\nann,bob\nbob,cy\n", "nodes.csv": nodes})
        assert graph.graph.data.x.tolist() == [[1500, 1.5], [12250, 2.25], [900, 3.0]]
        assert "Commas were read as separators of thousands: pay." in graph.notes
        assert "Commas were read as decimal commas: height." in graph.notes

    def test_a_table_of_other_ids_is_no_table_of_edges(self):
        nodes = "user_id,company_id,class\nann,c1,x\nbob,c1,y\ncy,c2,x\n"
        graph = read({"follows.csv": "source,target\nann,bob\nbob,cy\n", "users.csv": nodes})
        assert (edges_of(graph), classes_of(graph)) == (EDGES, CLASSES)


class TestMissingValues:
    @pytest.mark.parametrize("marker", ["?", "-", "--", ".", "—", "none", "NONE", "Null", "N.A.", "(null)", "\\N",
                                        "#VALUE!", "#DIV/0!"])  # fmt: skip
    @pytest.mark.parametrize("form", ["csv", "json", "graphml", "gexf"])
    def test_in_every_format(self, marker, form):
        rows = [("ann", "red", "3"), ("bob", marker, marker), ("cy", "blue", "4")]
        graph = read(_with_class_and_age(form, rows))
        assert (edges_of(graph), classes_of(graph)) == (EDGES, {"ann": "red", "bob": None, "cy": "blue"})
        assert graph.graph.data.x.flatten().tolist() == [3, 0, 4]
        assert f"Read as missing values: {marker}." in graph.notes

    @pytest.mark.parametrize("marker", ["unknown", "na", "Missing", "*", "undefined"])
    def test_words_among_numbers(self, marker):
        graph = read(_with_class_and_age("csv", [("ann", "0", "3"), ("bob", marker, marker), ("cy", "1", "4")]))
        assert classes_of(graph) == {"ann": "0", "bob": None, "cy": "1"}
        assert graph.graph.data.x.flatten().tolist() == [3, 0, 4]
        graph = read(_with_class_and_age("csv", [("ann", "red", "3"), ("bob", marker, "2"), ("cy", "red", "4")]))
        assert classes_of(graph)["bob"] == marker  # it may be a class among words

    def test_minus_is_a_class_beside_plus(self):
        graph = read(_with_class_and_age("csv", [("ann", "+", "3"), ("bob", "-", "2"), ("cy", "+", "4")]))
        assert classes_of(graph) == {"ann": "+", "bob": "-", "cy": "+"}

    @pytest.mark.parametrize("marker", ["?", "-", "none", "NULL"])
    def test_ends_of_edges(self, marker):
        graph = read({"e.csv": f"source,target\nann,bob\nbob,{marker}\n{marker},ann\nbob,cy\n"})
        assert edges_of(graph) == EDGES
        assert "2 edges were ignored, because an end is missing." in graph.notes


def _with_class_and_age(form, rows):
    if form == "csv":
        table = "id,class,age\n" + "".join(",".join(row) + "\n" for row in rows)
        return {"edges.csv": "source,target\nann,bob\nbob,cy\n", "nodes.csv": table}
    if form == "json":
        nodes = [{"id": name, "class": label, "age": float(age) if age.isdigit() else age} for name, label, age in rows]
        return {"g.json": json.dumps({"nodes": nodes, "links": LINKS})}
    edges = "".join(f'<edge source="{link["source"]}" target="{link["target"]}"/>' for link in LINKS)
    if form == "graphml":
        nodes = "".join(f'<node id="{n}"><data key="c">{c}</data><data key="a">{a}</data></node>' for n, c, a in rows)
        keys = '<key id="c" for="node" attr.name="class" attr.type="string"/><key id="a" for="node" attr.name="age"/>'
        return {"g.graphml": f"<graphml>{keys}<graph>{nodes}{edges}</graph></graphml>"}
    nodes = "".join(
        f'<node id="{n}"><attvalue for="class" value="{c}"/><attvalue for="age" value="{a}"/></node>'
        for n, c, a in rows
    )
    return {"g.gexf": f"<gexf><graph>{nodes}{edges}</graph></gexf>"}


class TestJson:
    @pytest.mark.parametrize("key", ["id", "key", "name", "label", "_id", "node", "title", "ID", "nodeId", "uid"])
    @pytest.mark.parametrize("links", ["links", "edges", "relationships", "connections", "Edges"])
    def test_names_of_entries(self, key, links):
        nodes = [{key: node["id"], "class": node["class"]} for node in NODES]
        graph = read({"g.json": json.dumps({"nodes": nodes, links: LINKS})})
        assert (edges_of(graph), classes_of(graph)) == (EDGES, CLASSES)

    @pytest.mark.parametrize("names", [("src", "dst"), ("sourceId", "targetId"), ("u", "v"), ("startNode", "endNode"),
                                       ("from_id", "to_id"), ("Source", "Target"), ("parent", "child")])  # fmt: skip
    def test_names_of_ends(self, names):
        links = [{names[0]: link["source"], names[1]: link["target"], "since": 1999} for link in LINKS]
        graph = read({"g.json": json.dumps({"nodes": NODES, "links": links})})
        assert edges_of(graph) == EDGES
        assert graph.attributes.edges == {"since": [1999, 1999]}

    @pytest.mark.parametrize(
        "document",
        [{"vertices": NODES, "edges": LINKS}, {"graph": {"nodes": NODES, "edges": LINKS}},
         {"data": {"nodes": NODES, "links": LINKS}}, {"nodes": NODES, "links": [["ann", "bob"], ["bob", "cy", 2]]},
         {"graphs": [{"nodes": {n["id"]: {"metadata": {"class": n["class"]}} for n in NODES}, "edges": LINKS}]},
         [*({"data": node} for node in NODES), *({"data": link} for link in LINKS)],
         {"nodes": [{"id": n["id"], "labels": ["P"], "properties": {"class": n["class"]}} for n in NODES],
          "relationships": [{"id": 1, "startNode": a["source"], "endNode": a["target"]} for a in LINKS]},
         {"nodes": [{"id": n["id"], "class": [n["class"]]} for n in NODES], "links": LINKS},
         {"nodes": json.loads(pd.DataFrame(NODES).to_json()), "edges": json.loads(pd.DataFrame(LINKS).to_json())}],
    )  # fmt: skip
    def test_layouts(self, document):
        graph = read({"g.json": json.dumps(document)})
        assert (edges_of(graph), classes_of(graph)) == (EDGES, CLASSES)

    @pytest.mark.parametrize("orient", ["records", "columns", "split", "index", "table", "values"])
    def test_edges_as_pandas_writes_them(self, orient):
        graph = read({"g.json": pd.DataFrame(LINKS).to_json(orient=orient)})
        assert edges_of(graph) == EDGES
        assert "No list of nodes: they are the ends of the links." in graph.notes

    @pytest.mark.parametrize(
        "content",
        [pd.DataFrame(LINKS).to_json(orient="records", lines=True), '{"ann": ["bob"], "bob": ["ann", "cy"]}',
         '{"ann": {"bob": {"w": 1}}, "bob": {"cy": {}}}', '[["ann", "bob"], ["bob", "cy"]]',
         json.dumps(nx.adjacency_data(nx.Graph(EDGES))), "\ufeff" + json.dumps({"links": LINKS})],
    )  # fmt: skip
    def test_links_without_nodes(self, content):
        assert edges_of(read({"g.json": content})) == EDGES

    def test_arrays(self):
        graph = read({"g.json": '{"edge_index": [[0, 1], [1, 2]], "x": [[1], [2], [3]], "y": [0, 1, 0]}'})
        assert edges_of(graph) == [("0", "1"), ("1", "2")]
        assert (graph.graph.data.x.flatten().tolist(), graph.graph.data.y.tolist()) == ([1, 2, 3], [0, 1, 0])

    @pytest.mark.parametrize(
        ("values", "expected"),
        [([{"w1": 1, "w2": 2}, {"w1": 3}], [[1, 2], [3, 0]]), ([[1, None], [3, 4]], [[1, 0], [3, 4]]),
         ([[True, False], [True, True]], [[1, 0], [1, 1]])],
    )  # fmt: skip
    def test_features(self, values, expected):
        nodes = [{"id": name, "features": value} for name, value in zip("ab", values, strict=True)]
        graph = read({"g.json": json.dumps({"nodes": nodes, "links": [["a", "b"]]})})
        assert graph.graph.data.x.tolist() == expected

    def test_several_graphs_are_refused(self):
        with pytest.raises(BadFile, match="contains 2 graphs; save each in a file of its own"):
            read({"g.json": '{"graphs": [{"nodes": []}, {"nodes": []}]}'})

    def test_too_many_nodes_of_an_array_take_no_memory(self):
        with pytest.raises(BadFile, match="more than 200,000 nodes"):
            read({"g.json": '{"edge_index": [[0], [999999999999]]}'})


class TestXml:
    def test_default_values_of_edges(self):
        key = '<key id="w" for="edge" attr.name="w" attr.type="double"><default>5</default></key>'
        edges = '<edge source="a" target="b"><data key="w">2</data></edge><edge source="b" target="c"/>'
        nodes = '<node id="a"/><node id="b"/><node id="c"/>'
        graph = read({"g.graphml": f"<graphml>{key}<graph>{nodes}{edges}</graph></graphml>"})
        assert graph.attributes.edges == {"w": [2, 5]}

    def test_two_keys_of_one_name(self):
        keys = '<key id="k" for="node" attr.name="class"/><key id="q" for="node" attr.name="class"/>'
        nodes = (
            '<node id="a"><data key="k">x</data><data key="q">9</data></node><node id="b"><data key="k">y</data></node>'
        )
        graph = read({"g.graphml": f"<graphml>{keys}<graph>{nodes}</graph></graphml>"})
        assert classes_of(graph) == {"a": "x", "b": "y"}
        assert "class (q)" in graph.attributes.nodes

    def test_labels_of_yfiles_for_html(self):
        labels = '<x:List xmlns:x="x"><y:Label xmlns:y="y"><y:Label.Text>Ann</y:Label.Text></y:Label></x:List>'
        other = '<Label Text="Bob"/>'
        nodes = "".join(
            f'<node id="{i}"><data key="l">{label}</data></node>' for i, label in enumerate((labels, other))
        )
        content = f'<graphml><key id="l" for="node" attr.name="NodeLabels"/><graph>{nodes}</graph></graphml>'
        assert read({"g.graphml": content}).names == ("Ann", "Bob")

    @pytest.mark.parametrize(
        ("graph", "attributes", "more"),
        [('start="1" end="2"', "", ""), ("", 'mode="dynamic"', ""), ("", "", '<attvalue for="w" value="1" end="1"/>')],
    )  # fmt: skip
    def test_every_sign_of_time_is_reported(self, graph, attributes, more):
        nodes = '<nodes><node id="a"/><node id="b"/></nodes>'
        edges = f'<edges><edge source="a" target="b">{more}</edge></edges>'
        content = f'<gexf><graph {graph}><attributes class="edge" {attributes}/>{nodes}{edges}</graph></gexf>'
        assert any("changes over time" in note for note in read({"g.gexf": content}).notes)

    @pytest.mark.parametrize("times", [('end="2010"', 'end="2009"'), ('start="10"', 'start="9"'),
                                       ('start="5" end="INF"', 'start="-INF" end="5"')])  # fmt: skip
    @pytest.mark.parametrize("is_reversed", [False, True])
    def test_the_latest_value_counts(self, times, is_reversed):
        values = [f'<attvalue for="f" value="{value}" {time}/>' for value, time in zip((5, 1), times, strict=True)]
        node = f'<node id="a">{"".join(values[::-1] if is_reversed else values)}</node><node id="b"/>'
        assert read({"g.gexf": f"<gexf><graph>{node}</graph></gexf>"}).graph.data.x.tolist() == [[5], [0]]


class TestNpz:
    ENDS = np.array([[0, 1], [1, 2]])

    @pytest.mark.parametrize(
        "arrays",
        [{"edge_list": ENDS.T}, {"links": ENDS}, {"src": ENDS[0], "dst": ENDS[1]}, {"edge_index": ENDS.astype(float)},
         {"arr_0": ENDS}, {"adjacency_matrix": np.array([[0, 1, np.nan], [1, 0, 1], [np.nan, 1, 0]])},
         {"edge_index": ENDS + 1, "y": np.zeros(3, dtype=int)}],
    )  # fmt: skip
    def test_names_and_forms_of_edges(self, arrays):
        assert edges_of(read({"g.npz": npz(**arrays)})) == [("0", "1"), ("1", "2")]

    @pytest.mark.parametrize("name", ["X", "node_attr", "attributes", "node_feats", "Features"])
    def test_names_of_features(self, name):
        graph = read({"g.npz": npz(edge_index=self.ENDS, **{name: np.arange(6.0).reshape(3, 2)})})
        assert graph.graph.data.x.tolist() == [[0, 1], [2, 3], [4, 5]]

    @pytest.mark.parametrize("name", ["Y", "classes", "class_labels", "targets"])
    @pytest.mark.parametrize("values", [np.array([1, 0, 1]), np.eye(2)[[1, 0, 1]], np.array([b"b", b"a", b"b"])])
    def test_names_and_forms_of_classes(self, name, values):
        graph = read({"g.npz": npz(edge_index=self.ENDS, **{name: values})})
        assert graph.graph.data.y.tolist() == [1, 0, 1]

    def test_features_in_a_file_of_their_own(self):
        def saved(matrix):
            buffer = io.BytesIO()
            sparse.save_npz(buffer, matrix)
            return buffer.getvalue()

        adjacency = sparse.csr_matrix((np.ones(2), self.ENDS), shape=(3, 3))
        x = sparse.csr_matrix(np.array([[1.0, 0], [0, 2], [3, 0]]))
        files = {"adj.npz": saved(adjacency), "features.npz": saved(x), "labels.npz": npz(labels=np.array([0, 1, 0]))}
        graph = read(files)
        assert edges_of(graph) == [("0", "1"), ("1", "2")]
        assert graph.graph.data.x.tolist() == x.toarray().tolist()
        assert graph.graph.data.y.tolist() == [0, 1, 0]


OGB = {"edge.csv": "0,1\n1,2\n", "node-feat.csv": "1.0,0.0\n0.0,2.0\n3.0,0.0\n", "node-label.csv": "0\n1\n0\n",
       "num-node-list.csv": "3\n", "num-edge-list.csv": "2\n"}  # fmt: skip


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class TestArchives:
    @pytest.mark.parametrize("in_zip", [False, True])
    def test_open_graph_benchmark(self, in_zip):
        files = {f"raw/{name}.gz": gzip.compress(text.encode()) for name, text in OGB.items()}
        files |= {f"split/{part}.csv.gz": gzip.compress(f"{node}\n".encode())
                  for node, part in enumerate(("train", "valid", "test"))}  # fmt: skip
        files = {name.rpartition("/")[2]: content for name, content in files.items()} if not in_zip else files
        graph = read({"arxiv.zip": zipped(files)} if in_zip else files)
        assert edges_of(graph) == [("0", "1"), ("1", "2")]
        assert classes_of(graph) == {"0": "0", "1": "1", "2": "0"}
        assert graph.graph.data.x.tolist() == [[1, 0], [0, 2], [3, 0]]
        masks = [graph.graph.data[f"{part}_mask"].flatten().tolist() for part in ("train", "val", "test")]
        assert masks == [[True, False, False], [False, True, False], [False, False, True]]
        assert any(note.startswith("Files that were ignored: num-node-list.csv") for note in graph.notes)

    def test_zip_of_tables(self):
        files = {"d/edges.csv": "source,target\nann,bob\nbob,cy\n", "d/nodes.csv": NODE_TABLE, "d/README.md": "?"}
        graph = read({"g.zip": zipped(files)})
        assert (edges_of(graph), classes_of(graph)) == (EDGES, CLASSES)
        assert "Files that were ignored: README.md." in graph.notes

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"PK", "no directory"),
            (zipped({"a.txt": b"a b\n", "d/a.txt": b"a b\n"}), "two files named 'a.txt'"),
            (zipped({"a.doc": b"a"}), "contains no file of the types"),
            (zipped({"a.csv": b"0" * 3_000_000}), "unpacks to more than 1 MB"),
            (zipped({f"{i}.csv": b"a" for i in range(9)}), "more than 5 files"),
            (zipped({"a.csv": b"a,b\n" * 99})[:40] + zipped({"a.csv": b"a,b\n" * 99})[44:], "damaged"),
        ],
    )
    def test_bad_archives(self, content, message):
        with pytest.raises(BadFile, match=message):
            import_graph({"g.zip": content}, ImportLimits(megabytes=1, files=5))


@pytest.mark.parametrize("entry", ['"city": "x\\udc00"', '"l\\ud83d": ["p"]', '"m\\ud83d": {"p": 1}'])
def test_halves_of_surrogate_pairs_reach_no_page(entry):
    content = f'{{"nodes": [{{"id": "a", {entry}}}, {{"id": "b"}}], "links": [["a", "b"]]}}'
    try:
        graph = read({"g.json": content})
    except BadFile as error:
        str(error).encode()
        return
    texts = (graph.notes, graph.contents, graph.names, graph.attributes.nodes, graph.columns)
    repr([str(text) for text in texts]).encode()
    for cells in graph.attributes.nodes.values():
        for cell in cells:
            str(cell).encode()
