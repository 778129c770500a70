import copy
import math
from dataclasses import replace
from xml.etree import ElementTree

import pytest
import torch
from torch_geometric.data import Data

from tests.conftest import PATH, as_set
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.record import LayerRewiring, Rewiring
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.torque import Torque

# from the first to the second node of each pair, and back; the second edge goes back only
WEIGHT = torch.tensor([[2.0, 0.0, 5.0], [3.0, 4.0, 5.0]])


def torques(*values):
    """Torques equal to their lever arms."""
    return Torque(torch.tensor(values), torch.ones(len(values)))


def path_layer(weight=None, pruned=(False, False, True)):
    """The path 0 - 1 - 2 - 3 with its last edge pruned, and two added edges, one of which sorts before all."""
    return LayerRewiring(
        pairs=PATH,
        torque=torques(0.1, 0.2, 0.9),
        pruned_mask=torch.tensor(pruned),
        added=torch.tensor([[0, 1], [2, 3]]),
        added_torque=torques(0.05, 0.06),
        cut=Cut(0.9, "By hand."),
        num_nodes=4,
        direction_weight=weight,
    )


def directed(layer):
    """Each directed edge with its weight."""
    weight = torch.ones(layer.edge_index.size(1)) if layer.edge_weight is None else layer.edge_weight
    assert as_set(layer.edge_index)
    return {tuple(edge): w for edge, w in zip(layer.edge_index.T.tolist(), weight.tolist(), strict=True)}


def test_kept_and_pruned_edges_are_the_scored_edges():
    layer = path_layer()
    assert (layer.kept.tolist(), layer.pruned.tolist()) == ([[0, 1], [1, 2]], [[2], [3]])
    assert as_set(torch.cat([layer.kept, layer.pruned], dim=1)) == as_set(layer.pairs)


def test_the_graph_of_a_layer_is_sorted_and_unweighted():
    layer = path_layer()
    assert layer.rewired.T.tolist() == [[0, 1], [0, 2], [1, 2], [1, 3]]
    assert (layer.rewired_weight, layer.edge_weight, float(layer.usual_weight)) == (None, None, 1)
    assert layer.edge_index.tolist() == torch.cat([layer.rewired, layer.rewired.flip(0)], dim=1).tolist()


def test_directions_and_weights_are_kept_and_added_edges_have_the_median_weight():
    layer = path_layer(WEIGHT)
    assert float(layer.usual_weight) == 3  # the median of 2, 3, 4; the edge that went weighed 5
    assert layer.rewired_weight.tolist() == [[2, 3, 0, 3], [3, 3, 4, 3]]
    assert directed(layer) == {
        (0, 1): 2,
        (1, 0): 3,
        (2, 1): 4,
        (0, 2): 3,
        (2, 0): 3,
        (1, 3): 3,
        (3, 1): 3,
    }


def test_a_directed_graph_without_weights_remains_unweighted():
    layer = path_layer((WEIGHT > 0).float())
    assert layer.edge_weight is None
    assert as_set(layer.edge_index) == {(0, 1), (1, 0), (2, 1), (0, 2), (2, 0), (1, 3), (3, 1)}


def test_added_edges_have_weight_one_if_no_edge_is_kept():
    layer = path_layer(WEIGHT, pruned=(True, True, True))
    assert directed(layer) == {(0, 2): 1, (2, 0): 1, (1, 3): 1, (3, 1): 1}


@pytest.mark.parametrize(
    ("threshold", "pruned"), [(0.2, [False, True, True]), (0.0, [True] * 3), (math.inf, [False] * 3)]
)
def test_recut(threshold, pruned):
    layer = path_layer(WEIGHT)
    assert layer.rewired.size(1) == 4  # it is cached, and not handed on
    other = layer.recut(threshold)
    assert other.pruned_mask.tolist() == pruned
    assert (other.cut.threshold, other.cut.reason, other.cut.gap) == (threshold, "A threshold chosen by hand.", None)
    assert as_set(other.rewired) == as_set(other.kept) | as_set(layer.added)
    assert layer.recut(threshold, "Because.").cut.reason == "Because."
    assert layer.pruned_mask.tolist() == [False, False, True]


def test_recut_keeps_the_added_edges_within_their_budget():
    layer = path_layer(WEIGHT)  # two added edges
    lowest = int(layer.added_torque.value.argmin())
    assert layer.recut(0.0, additions=0.4).added.tolist() == layer.added[:, lowest : lowest + 1].tolist()  # of 3 pruned
    assert layer.recut(0.0, additions=5.0).added.tolist() == layer.added.tolist()
    none = layer.recut(math.inf, additions=0.4)
    assert none.added.size(1) == len(none.added_torque.value) == 0


@pytest.fixture
def rewiring():
    return Rewiring((path_layer(WEIGHT), path_layer(WEIGHT).recut(0.15)), 4, RewireSpec())


def test_graphs_of_the_layers(rewiring):
    for layer, edge_index, weight in zip(rewiring.layers, rewiring.edge_indices, rewiring.edge_weights, strict=True):
        assert torch.equal(edge_index, layer.edge_index)
        assert torch.equal(weight, layer.edge_weight)


@pytest.mark.parametrize("layer", [0, 1])
def test_to_data_is_a_copy(rewiring, layer):
    data = Data(x=torch.eye(4), edge_index=PATH, edge_weight=torch.ones(3), y=torch.arange(4))
    before = copy.copy(data)
    rewired = rewiring.to_data(data, layer)
    assert torch.equal(rewired.edge_index, rewiring.layers[layer].edge_index)
    assert torch.equal(rewired.edge_weight, rewiring.layers[layer].edge_weight)
    assert torch.equal(rewired.y, data.y)
    assert data.keys() == before.keys()
    assert all(data[key] is before[key] for key, _ in data)


def test_to_data_keeps_the_weights_of_a_weighted_graph():
    plain = Rewiring((path_layer(),), 4, RewireSpec(layers=1))
    assert plain.to_data(Data(x=torch.eye(4), edge_index=PATH)).get("edge_weight") is None
    weighted = plain.to_data(Data(x=torch.eye(4), edge_index=PATH, edge_weight=torch.ones(3)))
    assert weighted.edge_weight.tolist() == [1.0] * weighted.num_edges


def test_to_moves_every_tensor(rewiring):
    crossed = replace(rewiring.layers[0], torque=Torque(torch.ones(3), torch.ones(3), torch.ones(3)))
    for layer in (*rewiring.to("meta").layers, crossed.to("meta"), path_layer().to("meta")):
        tensors = [value for part in (layer, layer.torque, layer.added_torque) for value in vars(part).values()]
        assert {tensor.device.type for tensor in tensors if isinstance(tensor, torch.Tensor)} == {"meta"}
    assert torch.equal(rewiring.to("cpu").layers[0].rewired, rewiring.layers[0].rewired)


def test_pruned_edges_keep_directions_and_weights():
    edge_index, weight = path_layer().pruned_directed
    assert as_set(edge_index) == {(2, 3), (3, 2)}
    assert weight is None
    edge_index, weight = path_layer(WEIGHT, pruned=(False, True, True)).pruned_directed
    result = dict(zip(map(tuple, edge_index.T.tolist()), weight.tolist(), strict=True))
    assert result == {(2, 1): 4.0, (2, 3): 5.0, (3, 2): 5.0}
    graphs = Rewiring((path_layer(), path_layer(pruned=(False,) * 3)), 4, RewireSpec()).pruned_graphs
    assert [graph.size(1) for graph, _ in graphs] == [2, 0]


def test_text_of_a_layer_has_two_lines():
    layer = replace(path_layer(), cut=Cut(0.9, "By hand,\nas chosen."))
    assert repr(layer).splitlines() == [
        "LayerRewiring(num_nodes=4, edges=3, kept=2, pruned=1, added=2)",
        "  threshold=0.9: By hand, as chosen.",
    ]
    assert repr(layer.torque) == "Torque(lever=[3], force=[3], sine=None)"


@pytest.mark.parametrize("num_layers", [1, 16])
def test_text_of_a_rewiring_has_two_lines(num_layers):
    text = repr(Rewiring((path_layer(),) * num_layers, 4, RewireSpec(layers=num_layers)))
    first, second = text.splitlines()
    assert first == f"Rewiring(num_nodes=4, layers={num_layers}, lever='structural', force='energy', cut='bounded_gap')"
    assert second.startswith("  layer 0: 1 of 3 edges pruned, 2 added")
    assert second.endswith("...") == (num_layers > 3)
    assert len(second) < 160


def test_summary_has_a_row_for_each_layer(rewiring):
    table = rewiring.summary()
    assert (table.index.name, table.index.tolist()) == ("layer", [0, 1])
    counts = table[["edges", "kept", "pruned", "added", "threshold"]].to_numpy().tolist()
    assert counts == [[3, 2, 1, 2, 0.9], [3, 1, 2, 2, 0.15]]
    assert table["reason"].tolist() == ["By hand.", "A threshold chosen by hand."]
    assert table["null_fraction"].isna().all()


def test_html_of_a_rewiring_escapes_text_and_needs_no_colours(rewiring):
    hostile = replace(path_layer(), cut=Cut(math.inf, "<img src=//evil.example>"))
    page = Rewiring((hostile, *rewiring.layers), 4, RewireSpec())._repr_html_()
    root = ElementTree.fromstring(page)
    rows = [[cell.text for cell in row] for row in root.iter("tr")]
    assert rows[0] == ["layer", "edges", "kept", "pruned", "added", "threshold", "null_fraction", "reason"]
    assert rows[1] == ["0", "3", "2", "1", "2", "inf", None, "<img src=//evil.example>"]
    assert [row[0] for row in rows[2:]] == ["1", "2"]
    assert {element.tag for element in root.iter()} == {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert "color" not in page
    assert "background" not in page
