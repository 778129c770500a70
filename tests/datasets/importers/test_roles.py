"""Roles of columns: guessed, reported, and corrected."""

import json

import networkx as nx
import numpy as np
import pytest

from tests.datasets.importers.helpers import classes_of, edges_of, npz
from torque_core.datasets.importers import ColumnRoles, ImportLimits, import_graph
from torque_core.datasets.info import USER_GRAPH
from torque_core.datasets.spec import DatasetSpec
from torque_core.errors import BadFile

EDGES = b"person,friend,since,closeness\na,b,1999,1\nb,c,2001,2\nc,d,2004,4\nb,a,2005,3\n"
NODES = (
    b"code,department,age,pay,part,city\na,sales,31,1.5,train,Rome\nb,sales,40,2.5,train,Oslo\n"
    b"c,legal,28,3.5,val,Bern\nd,legal,55,4.5,test,Riga\n"
)
FILES = {"edges.csv": EDGES, "nodes.csv": NODES}


def test_guesses_are_returned():
    imported = import_graph(
        {"e.csv": b"source,target,weight\na,b,2\nb,c,1\nc,d,1\n", "nodes.csv": NODES.replace(b"code", b"id")}
    )
    roles = imported.roles
    assert (roles.id, roles.source, roles.target, roles.weight) == ("id", "source", "target", "")
    assert (roles.classes, roles.name, roles.features) == ("department", "", ("age", "pay"))
    assert roles.split == ("part",)  # by its words
    assert imported.columns.unused == ("city", "weight")
    assert imported.columns.features == ("age", "pay")
    assert any("department was guessed" in note for note in imported.notes)


def test_every_role_can_be_corrected():
    roles = ColumnRoles(
        id="code", source="friend", target="person", weight="closeness", classes="part", name="city", features=("age",),
        split=(),
    )  # fmt: skip
    imported = import_graph(FILES, roles=roles)
    assert edges_of(imported) == [("Bern", "Oslo"), ("Bern", "Riga"), ("Oslo", "Rome")]
    assert classes_of(imported) == {"Rome": "train", "Oslo": "train", "Bern": "val", "Riga": "test"}
    assert imported.graph.data.x.flatten().tolist() == [31, 40, 28, 55]
    assert (imported.roles.source, imported.roles.target) == ("friend", "person")
    # a-b is listed in both directions, with the weights 1 and 3
    ends = imported.graph.data.edge_index.T.tolist()
    assert dict(zip(map(tuple, ends), imported.graph.data.edge_weight.tolist(), strict=True)) == {
        (0, 1): 2, (1, 0): 2, (1, 2): 2, (2, 1): 2, (2, 3): 4, (3, 2): 4,
    }  # fmt: skip
    assert imported.columns.unused == ("department", "pay", "since")


def test_nothing_can_be_chosen_for_a_role():
    imported = import_graph(FILES, roles=ColumnRoles(classes="", features=()))
    assert imported.classes == ()
    assert imported.graph.data.x.size(1) == 5
    assert imported.roles.features == ()


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        (ColumnRoles(classes="nothing"), "there is no column 'nothing' for the classes, but department, age"),
        (ColumnRoles(source="nothing"), "there is no column 'nothing' for the ends of edges, but person, friend"),
        (ColumnRoles(weight="nothing"), "there is no column 'nothing' for the weight, but since, closeness"),
        (ColumnRoles(features=("city",)), "features must be numbers, but city contains text"),
    ],
)
def test_a_column_that_does_not_suit_its_role(roles, message):
    with pytest.raises(BadFile, match=message):
        import_graph(FILES, roles=roles)


@pytest.mark.parametrize("weight", [b"-1", b"0", b"heavy", b"inf"])
def test_weights_must_be_positive(weight):
    files = {"e.csv": b"source,target,w\na,b,1\nb,c," + weight + b"\n"}
    with pytest.raises(BadFile, match="weights must be numbers greater than 0, but w contains"):
        import_graph(files, roles=ColumnRoles(weight="w"))


def test_repeated_weights_are_added_and_missing_ones_are_1():
    files = {"e.csv": b"source,target,w\na,b,1\na,b,2\nb,c,\n"}
    imported = import_graph(files, roles=ColumnRoles(weight="w"))
    assert imported.graph.data.edge_weight.tolist() == [3, 3, 1, 1]
    assert "1 missing weight was replaced by 1." in imported.notes


def test_weights_reach_the_data_set():
    imported = import_graph(FILES, roles=ColumnRoles(id="code", weight="closeness"))
    spec = DatasetSpec(USER_GRAPH, "random-10-10-80", content=imported.content)
    assert imported.dataset(spec).data.edge_weight.tolist() == imported.graph.data.edge_weight.tolist()
    assert imported.content != import_graph(FILES, roles=ColumnRoles(id="code")).content


class TestSplits:
    PARTS = ("train", "val", "test", "train")

    def masks(self, imported):
        return [imported.graph.data[f"{part}_mask"].flatten().tolist() for part in ("train", "val", "test")]

    def test_one_column_of_words(self):
        rows = "".join(f"{node},{part}\n" for node, part in zip("abcd", ("train", "Valid", "TEST", ""), strict=True))
        imported = import_graph({"e.csv": EDGES, "nodes.csv": f"id,split\n{rows}".encode()})
        assert imported.roles.split == ("split",)
        assert self.masks(imported) == [[True, False, False, False], [False, True, False, False],
                                        [False, False, True, False]]  # fmt: skip

    def test_masks_that_pyg_and_networkx_write(self):
        graph = nx.path_graph(4)
        for node, part in enumerate(self.PARTS):
            graph.nodes[node].update({f"{name}_mask": name == part for name in ("train", "val", "test")}, y=node % 2)
        imported = import_graph({"g.json": json.dumps(nx.node_link_data(graph, edges="links")).encode()})
        assert imported.roles.split == ("train_mask", "val_mask", "test_mask")
        assert self.masks(imported) == [[part == name for part in self.PARTS] for name in ("train", "val", "test")]
        assert imported.info.splits[0].name == "file"
        assert "mask" not in str(imported.contents[1])

    def test_another_column_can_be_chosen(self):
        imported = import_graph(FILES, roles=ColumnRoles(id="code", split=("part",)))
        assert self.masks(imported)[1] == [False, False, True, False]

    def test_a_column_without_parts_is_reported(self):
        imported = import_graph(FILES, roles=ColumnRoles(id="code", split=("city",)))
        assert "The split was ignored: city must contain train, val and test, and no other word." in imported.notes


def test_an_array_and_columns_are_joined():
    nodes = [{"id": i, "x": [i, 1], "age": 30 + i} for i in range(3)]
    content = json.dumps({"nodes": nodes, "links": [{"source": 0, "target": 1}]}).encode()
    guessed = import_graph({"g.json": content})
    assert guessed.roles.features == ("array x",)
    imported = import_graph({"g.json": content}, roles=ColumnRoles(features=("array x", "age")))
    assert imported.graph.data.x.tolist() == [[0, 1, 30], [1, 1, 31], [2, 1, 32]]
    assert imported.attributes.feature_names == ("array x[0]", "array x[1]", "age")


class TestAttributes:
    def test_of_nodes_and_edges_by_their_names(self):
        imported = import_graph(FILES, roles=ColumnRoles(id="code"))
        assert imported.attributes.nodes["city"] == ["Rome", "Oslo", "Bern", "Riga"]
        assert imported.attributes.nodes["pay"] == [1.5, 2.5, 3.5, 4.5]
        assert imported.attributes.edges == {"since": [1999, 2001, 2004], "closeness": [1, 2, 4]}
        assert imported.attributes.feature_names == ("age", "pay")

    def test_codes_keep_their_zeros(self):
        imported = import_graph({"e.csv": EDGES, "nodes.csv": b"id,post\na,01001\nb,90210\nc,0042\nd,1\n"})
        assert imported.attributes.nodes["post"] == ["01001", "90210", "0042", "1"]

    def test_of_the_largest_component(self):
        imported = import_graph({"e.csv": b"source,target,since\na,b,1\nc,d,2\nd,e,3\n", "nodes.csv":
                                 b"id,class,age\na,x,1\nb,x,2\nc,y,3\nd,y,4\ne,y,5\n"})  # fmt: skip
        spec = DatasetSpec(USER_GRAPH, "component-10-10-80", content=imported.content)
        attributes = imported.dataset(spec).attributes
        assert attributes.nodes["age"] == [3, 4, 5]
        assert attributes.edges["since"] == [2, 3]
        assert attributes.pairs.tolist() == [[0, 1], [1, 2]]

    @pytest.mark.parametrize("name", ["g.graphml", "g.gml", "g.json"])
    def test_of_edges_in_other_formats(self, name):
        graph = nx.Graph()
        graph.add_edge("b", "a", since=1999, kind="friend")
        graph.add_edge("c", "c", since=2000)
        graph.add_edge("c", "b", since=2001, kind="foe")
        if name == "g.json":
            content = json.dumps(nx.node_link_data(graph, edges="links")).encode()
        else:
            writer = nx.generate_graphml if name == "g.graphml" else nx.generate_gml
            content = "\n".join(writer(graph)).encode()
        imported = import_graph({name: content})
        by_ends = dict(zip(edges_of_in_order(imported), imported.attributes.edges["since"], strict=True))
        assert by_ends == {("a", "b"): 1999, ("b", "c"): 2001}
        assert sorted(imported.attributes.edges["kind"]) == ["foe", "friend"]

    def test_too_many_values_of_edges_are_dropped_with_a_note(self):
        files = {"edges.csv": EDGES + b"b,a,2005,3\n" * 10, "nodes.csv": NODES}
        imported = import_graph(files, ImportLimits(cells=24), roles=ColumnRoles(id="code"))
        assert imported.attributes.edges == {}
        assert "Edge attributes were dropped, because there are too many or too long values." in imported.notes

    @pytest.mark.parametrize(
        "files",
        [
            {"g.gexf": b'<gexf><graph><nodes><node id="a"><viz:position xmlns:viz="v" x="1" y="2" z="0"/></node>'
                       b'<node id="b"><viz:position xmlns:viz="v" x="3" y="5"/></node></nodes></graph></gexf>'},
            {"g.gml": b"graph [ node [ id 1 graphics [ x 1 y 2 ] ] node [ id 2 graphics [ x 3 y 5 ] ] ]"},
            {"g.net": b'*Vertices 2\n1 "a" 1 2\n2 "b" 3 5\n'},
            {"g.json": b'{"nodes": [{"id": "a", "x": 1, "y": 2, "color": "#ff0000"}, {"id": "b", "x": 3, "y": 5, '
                       b'"color": "#00ff00"}], "links": []}'},
        ],
        ids=lambda files: next(iter(files)),
    )  # fmt: skip
    def test_positions_of_a_drawing(self, files):
        imported = import_graph(files)
        assert imported.attributes.position.tolist() == [[1, 2], [3, 5]]
        assert "The positions of the nodes in a drawing were kept as the layout." in imported.notes

    def test_positions_that_are_all_the_same_are_none(self):
        assert import_graph({"g.net": b'*Vertices 2\n1 "a" 0 0\n2 "b" 0 0\n'}).attributes.position is None

    def test_feature_names_in_npz(self):
        content = npz(edge_index=np.array([[0], [1]]), x=np.eye(2), feature_names=np.array(["age", "pay"]))
        assert import_graph({"g.npz": content}).attributes.feature_names == ("age", "pay")


def edges_of_in_order(imported):
    """Edges by the names of their ends, in the order of the attributes."""
    names = imported.names or tuple(map(str, range(imported.info.nodes)))
    return [tuple(sorted((names[i], names[j]))) for i, j in imported.attributes.pairs.T.tolist()]
