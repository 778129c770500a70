import torch

from torque_core.datasets.attributes import GraphAttributes

EDGES = torch.tensor([[0, 0, 1], [1, 2, 2]])


def test_attributes_of_edges_in_any_order():
    attributes = GraphAttributes(edges={"since": [1.0, 2.0, None]}, pairs=EDGES)
    assert attributes.of_edges(torch.tensor([[2, 1, 2], [0, 2, 3]])) == {"since": [2.0, None, None]}
    assert attributes.of_edges(torch.empty(2, 0, dtype=torch.long)) == {"since": []}
    assert GraphAttributes().of_edges(EDGES) == {}


def test_texts_are_short_and_visible():
    columns = {f"a{column}": [1.0, None] for column in range(20)} | {"late": ["x", "y"]}
    attributes = GraphAttributes({"name\u202e": ["n" * 100, None], **columns}, pairs=EDGES)
    first, second = attributes.node_texts([0, 1])
    assert first.splitlines()[0] == "name\\u202e: " + "n" * 59 + "…"
    assert len(first.splitlines()) == 8
    assert second == ""
    assert len(attributes.node_texts([0] * 10_000)[0].splitlines()) == 2


def test_edge_texts_follow_the_drawn_edges():
    attributes = GraphAttributes(edges={"since": [1999.0, 2001.5, None], "kind": ["a", "b", "c"]}, pairs=EDGES)
    assert attributes.edge_texts(torch.tensor([[1, 1, 0], [2, 3, 2]])) == ["kind: c", "", "since: 2001.5\nkind: b"]
