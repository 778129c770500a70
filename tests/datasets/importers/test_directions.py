"""Directions of edges: declared by files, kept by a spec, and ignored otherwise."""

import json

import networkx as nx
import numpy as np
import pytest
import torch

from tests.datasets.importers.helpers import npz
from torque_core import BadConfig, Noise, add_noise, rewire
from torque_core.datasets.importers import ColumnRoles, import_graph
from torque_core.datasets.info import USER_GRAPH
from torque_core.datasets.spec import DatasetSpec

GRAPH = nx.DiGraph([("a", "b"), ("b", "c"), ("c", "b"), ("d", "a"), ("c", "c")])
ONE_WAY = [("a", "b"), ("b", "c"), ("c", "b"), ("d", "a")]


def loaded(imported, *, directed=True):
    return imported.dataset(DatasetSpec(USER_GRAPH, "random-48-32-20", content=imported.content, directed=directed))


def directed_edges_of(imported, *, directed=True):
    names = imported.names or tuple(map(str, range(imported.info.nodes)))
    return sorted((names[i], names[j]) for i, j in loaded(imported, directed=directed).data.edge_index.T.tolist())


FILES = {
    "g.graphml": "\n".join(nx.generate_graphml(GRAPH)),
    "g.gexf": "\n".join(nx.generate_gexf(GRAPH)),
    "g.gml": "\n".join(nx.generate_gml(GRAPH)),
    "g.json": json.dumps(nx.node_link_data(GRAPH, edges="links")),
    "g.cyjs": json.dumps(nx.cytoscape_data(GRAPH)),
    "g.net": '*Vertices 4\n1 "a"\n2 "b"\n3 "c"\n4 "d"\n*Arcs\n1 2\n4 1\n*Edges\n2 3\n',
    "g.npz": npz(edge_index=np.array([[0, 1, 2, 3], [1, 2, 1, 0]]), names=np.array(list("abcd")),
                 is_directed=np.array(True)),
    "edges.csv": "Source,Target,Type\na,b,Directed\nb,c,Undirected\nd,a,Directed\n",
    "graphology.json": json.dumps({
        "options": {"type": "directed"}, "nodes": [{"key": node} for node in "abcd"],
        "edges": [{"source": a, "target": b} for a, b in ONE_WAY],
    }),
    "mixed.graphml": "<graphml><graph edgedefault='undirected'>" + "".join(f"<node id='{n}'/>" for n in "abcd")
    + "<edge source='a' target='b' directed='true'/><edge source='d' target='a' directed='true'/>"
    + "<edge source='b' target='c'/></graph></graphml>",
    "mixed.gexf": "<gexf><graph defaultedgetype='directed'>" + "".join(f"<node id='{n}'/>" for n in "abcd")
    + "<edge source='a' target='b'/><edge source='d' target='a'/><edge source='b' target='c' type='mutual'/>"
    + "</graph></gexf>",
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_declared_directions_can_be_kept(name):
    content = FILES[name]
    imported = import_graph({name: content if isinstance(content, bytes) else content.encode()})
    assert imported.is_directed
    assert imported.info.has_directions
    assert directed_edges_of(imported) == ONE_WAY
    assert directed_edges_of(imported, directed=False) == sorted({*ONE_WAY, *((b, a) for a, b in ONE_WAY)})
    assert any(note.startswith("Edges keep their direction: 4 directed edges") for note in loaded(imported).notes)
    assert "The edges are directed; their direction was ignored." in loaded(imported, directed=False).notes


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.csv", b"source,target\na,b\nb,c\nc,b\nd,a\n"),
        ("g.npz", npz(edge_index=np.array([[0, 1, 2, 3], [1, 2, 1, 0]]), names=np.array(list("abcd")))),
        (
            "not-one-number.npz",
            npz(edge_index=np.array([[0, 1, 2, 3], [1, 2, 1, 0]]), names=np.array(list("abcd")), directed=np.ones(4)),
        ),
        (
            "text.npz",
            npz(
                edge_index=np.array([[0, 1, 2, 3], [1, 2, 1, 0]]), names=np.array(list("abcd")), directed=np.array("no")
            ),
        ),
    ],
)
def test_directions_that_are_not_declared_can_be_kept(name, content):
    imported = import_graph({name: content})
    assert not imported.is_directed
    assert imported.info.has_directions
    assert directed_edges_of(imported) == ONE_WAY
    assert not any("direct" in note for note in imported.notes)


@pytest.mark.parametrize(
    ("name", "content"),
    [("g.graphml", "\n".join(nx.generate_graphml(nx.path_graph(3)))), ("e.csv", "source,target\na,b\nb,a\n")],
)
def test_a_graph_without_directions(name, content):
    imported = import_graph({name: content.encode()})
    assert not imported.is_directed
    if imported.info.has_directions:  # the file lists each edge once
        assert name == "g.graphml"
        return
    with pytest.raises(BadConfig, match="all edges go both ways in the files"):
        loaded(imported)


def test_weights_of_both_directions():
    content = b"source,target,w\na,b,1\nb,a,3\nb,c,2\nb,c,5\nc,c,9\n"
    imported = import_graph({"e.csv": content}, roles=ColumnRoles(weight="w"))
    data = loaded(imported).data
    weights = dict(zip(map(tuple, data.edge_index.T.tolist()), data.edge_weight.tolist(), strict=True))
    assert weights == {(0, 1): 1, (1, 0): 3, (1, 2): 7}
    both = loaded(imported, directed=False).data
    assert both.edge_weight.tolist() == [2, 2, 7, 7]


def test_graphs_that_differ_in_a_direction_have_different_contents():
    contents = {
        import_graph({"e.csv": text}).content for text in (b"source,target\na,b\nb,c\n", b"target,source\na,b\nb,c\n")
    }
    assert len(contents) == 2


def test_the_largest_component_keeps_directions():
    imported = import_graph({"e.csv": b"source,target\na,b\nd,c\nd,e\n", "nodes.csv":
                             b"id,class\na,x\nb,y\nc,x\nd,y\ne,x\n"})  # fmt: skip
    spec = DatasetSpec(USER_GRAPH, "component-10-10-80", content=imported.content, directed=True)
    assert imported.dataset(spec).data.edge_index.tolist() == [[1, 1], [0, 2]]


def test_noise_and_rewiring_keep_directions():
    imported = import_graph({"g.graphml": FILES["g.graphml"].encode()})
    data = loaded(imported).data
    noisy = add_noise(data, Noise("delete", 0.25)).data
    kept = {*map(tuple, noisy.edge_index.T.tolist())}
    assert kept < {*map(tuple, data.edge_index.T.tolist())}
    layer = rewire(data).layers[0]
    assert torch.equal(layer.pairs, imported.attributes.pairs)
