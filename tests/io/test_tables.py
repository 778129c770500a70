from dataclasses import replace

import torch

from torque_core.io.tables import edge_table, node_table
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.record import LayerRewiring
from torque_core.scoring.torque import Torque

# a square 0 - 1 - 2 - 3 with the diagonal 0 - 2 pruned and 1 - 3 added; node 3 is of no known class
LAYER = LayerRewiring(
    pairs=torch.tensor([[0, 0, 0, 1, 2], [1, 2, 3, 2, 3]]),
    torque=Torque(torch.tensor([0.5, 2.0, 0.5, 1.0, 0.25]), torch.tensor([1.0, 1.0, 0.5, 0.5, 1.0])),
    pruned_mask=torch.tensor([False, True, False, False, False]),
    added=torch.tensor([[1], [3]]),
    added_torque=Torque(torch.tensor([0.5]), torch.tensor([0.5])),
    cut=Cut(2.0, "by hand"),
    num_nodes=5,
    edge_confidence=torch.tensor([0.9, 0.1, 0.9, 0.8, 1.0]),
)
INJECTED = torch.tensor([False, True, False, False, False])
Y = torch.tensor([0, 0, 1, -1, 1])


def test_edges_by_hand():
    table = edge_table(LAYER, INJECTED, Y, names=list("abcde"))
    assert table["source name"].tolist() == ["a", "a", "a", "b", "c", "b"]
    assert table["target"].tolist() == [1, 2, 3, 2, 3, 3]
    assert table["fate"].tolist() == ["kept", "pruned", "kept", "kept", "kept", "added"]
    assert table["injected"].tolist() == [False, True, False, False, False, False]
    assert table["torque"].tolist() == [0.5, 2.0, 0.25, 0.5, 0.25, 0.25]
    assert table["same class"].isna().tolist() == [False, False, True, False, True, True]
    assert table["same class"].dropna().tolist() == [True, False, False]
    assert table["target class"].isna().sum() == 3
    assert table["edge confidence"].isna().tolist() == [False] * 5 + [True]


def test_nodes_by_hand():
    table = node_table(LAYER, Y)
    assert table["degree before"].tolist() == [3, 2, 3, 2, 0]
    assert table["degree after"].tolist() == [2, 3, 2, 3, 0]
    assert table["pruned"].tolist() == [1, 0, 1, 0, 0]
    assert table["added"].tolist() == [0, 1, 0, 1, 0]
    assert table["mean torque"].round(4).tolist()[:4] == [0.9167, 0.5, 0.9167, 0.25]
    assert table["mean torque"].isna().tolist() == [False] * 4 + [True]
    # node 0 has the neighbours 1 (same class), 2 (another class) and 3 (unknown); after rewiring, only 1 and 3
    assert table["homophily before"].tolist()[0] == 0.5
    assert table["homophily after"].tolist()[0] == 1.0
    assert table["homophily before"].isna().tolist() == [False, False, False, True, True]


def test_classes_by_name():
    table = edge_table(LAYER, INJECTED, Y, classes=["art", "law"])
    assert table["source class"].tolist() == ["art", "art", "art", "art", "law", "art"]
    assert table["target class"].isna().tolist() == [False, False, True, False, True, True]
    assert node_table(LAYER, Y, classes=["art", "law"])["class"].dropna().tolist() == ["art", "art", "law", "law"]


def test_without_labels_and_names():
    assert list(edge_table(LAYER, INJECTED).columns) == [
        "source", "target", "fate", "injected", "lever arm", "force", "torque", "edge confidence",
    ]  # fmt: skip
    assert "class" not in node_table(LAYER)


def test_directions_by_hand():
    # 0 -> 1, 0 <- 2 (pruned), 0 <-> 3, 1 -> 2, 2 <- 3; the added edge 1 - 3 goes both ways
    weight = torch.tensor([[1.0, 0.0, 1.0, 1.0, 0.0], [0.0, 1.0, 1.0, 0.0, 1.0]])
    layer = replace(LAYER, direction_weight=weight, edge_confidence=None)
    assert edge_table(layer, INJECTED)["direction"].tolist() == ["→", "←", "↔", "→", "←", "↔"]
    table = node_table(layer)
    assert table["in-degree before"].tolist() == [2, 1, 2, 1, 0]
    assert table["out-degree before"].tolist() == [2, 1, 1, 2, 0]
    assert table["in-degree after"].tolist() == [1, 2, 2, 2, 0]
    assert table["out-degree after"].tolist() == [2, 2, 0, 3, 0]
    assert table["degree before"].tolist() == [3, 2, 3, 2, 0]
    both = replace(LAYER, direction_weight=torch.full((2, 5), 2.0))
    assert "direction" not in edge_table(both, INJECTED)
    assert "in-degree before" not in node_table(both)
