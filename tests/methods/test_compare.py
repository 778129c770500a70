from dataclasses import replace
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Data

from tests.conftest import PATH, as_set, graphs, installed, runnable
from torque_core import BadConfig, BadGraph, Noise, RewireSpec, add_noise, load, rewire
from torque_core.baselines import PEERS
from torque_core.diagnostics.change_report import change_report
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.methods.catalog import METHODS
from torque_core.methods.compare import compare, compared_methods, default_options
from torque_core.rewiring.graph_change import GraphChange

COMPARED = compared_methods()
INSTALLED = sorted(installed(COMPARED))

TRIANGLES = torch.tensor([[0, 0, 1, 2, 3, 3, 4], [1, 2, 2, 3, 4, 5, 5]])  # two of them, joined by 2 - 3


def by_loops(data: Data, rewired: Data) -> tuple[set, set, set]:
    """Kept, pruned and added links, one by one."""

    def links(graph: Data) -> set:
        return {(min(i, j), max(i, j)) for i, j in graph.edge_index.T.tolist() if i != j}

    before, after = links(data), links(rewired)
    return before & after, before - after, after - before


def sets(change: GraphChange) -> tuple[set, set, set]:
    return as_set(change.kept), as_set(change.pruned), as_set(change.added)


def test_torque_comes_first_and_every_peer_is_there():
    assert next(iter(COMPARED)) == "torque"
    assert set(COMPARED) == {"torque", "ablation_random", "plain", *PEERS}


@pytest.mark.parametrize("name", runnable(sorted(PEERS)))
def test_a_peer_does_what_it_does_alone(name):
    data = add_noise(load("karate").data, Noise("insert", 0.5)).data
    change = compare(data, name)
    assert sets(change) == by_loops(data, PEERS[name]()(data))
    assert change.method == name
    assert change.layer is None
    assert change.seconds > 0
    assert change.weighted is PEERS[name].weighted


def test_features_are_those_of_a_method_that_changes_them():
    data = load("karate").data
    assert torch.equal(compare(data, "jdr").x, PEERS["jdr"]()(data).x)
    assert compare(data, "gdc").x is compare(data, "torque").x is None


@pytest.mark.parametrize("name", ["gdc", "torque"])
def test_weights_are_those_of_the_graph_that_came_out(name):
    data = add_noise(load("karate").data, Noise("insert", 0.5)).data
    change = compare(data, name)
    graph = PEERS["gdc"]()(data) if name == "gdc" else rewire(data).layers[0]
    ends, weights = graph.edge_index.T.tolist(), graph.edge_weight.tolist()
    expected = {(i, j): weight for (i, j), weight in zip(ends, weights, strict=True) if i != j}
    links = torch.cat([change.pairs, change.added], dim=1).T.tolist()
    there, back = change.weight.tolist()
    found = {(i, j): weight for (i, j), weight in zip(links, there, strict=True)}
    found |= {(j, i): weight for (i, j), weight in zip(links, back, strict=True)}
    assert {ends: weight for ends, weight in found.items() if weight} == pytest.approx(expected)
    assert not change.weight[:, : change.pairs.size(1)][:, change.pruned_mask].any()


@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("hierarchy", ["independent", "nested"])
def test_a_layer_of_torque_is_the_one_of_the_whole_rewiring(layer, hierarchy):
    data = add_noise(load("karate").data, Noise("insert", 0.5)).data
    spec = RewireSpec(layers=3, hierarchy=hierarchy, cut="fixed", fraction=0.2)
    change, record = compare(data, "torque", spec, layer=layer), rewire(data, spec).layers[layer]
    assert torch.equal(change.layer.pruned_mask, record.pruned_mask)
    assert sets(change) == by_loops(data, Data(edge_index=record.rewired))
    if hierarchy == "nested" and layer:  # what an earlier layer cut is pruned, though this one did not judge it
        assert change.pairs.size(1) > record.pairs.size(1)


def test_the_control_has_torques_budget():
    data = add_noise(load("karate").data, Noise("insert", 0.5)).data
    spec = RewireSpec(cut="fixed", fraction=0.3, additions=1.0)
    by_torque, drawn = compare(data, "torque", spec), compare(data, "ablation_random", spec)
    assert (drawn.pruned.size(1), drawn.added.size(1)) == (by_torque.pruned.size(1), by_torque.added.size(1))
    assert not torch.equal(drawn.pruned_mask, by_torque.pruned_mask)


def test_as_it_is_nothing_changes():
    change = compare(Data(x=torch.eye(6), edge_index=pairs_to_edge_index(TRIANGLES)), "plain")
    assert sets(change) == (set(map(tuple, TRIANGLES.T.tolist())), set(), set())
    assert not change.weighted


@pytest.mark.parametrize("name", ["plain", "torque", "jaccard"])
def test_a_directed_graph_keeps_its_directions(name):
    data = Data(x=torch.eye(6) + 0.1, edge_index=torch.cat([TRIANGLES.flip(0), TRIANGLES[:, :1]], dim=1))
    change = compare(data, name)
    assert as_set(change.edge_index) == as_set(data.edge_index)


@given(graphs(), st.sampled_from(INSTALLED))
@settings(max_examples=60)
def test_kept_and_pruned_are_the_graph_and_all_is_sorted(data, name):
    few_epochs = replace(METHODS["dhgr"], transform=partial(PEERS["dhgr"], epochs=3, finetuning=3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(METHODS, "dhgr", few_epochs)
        change = compare(data, name)
    assert torch.equal(change.pairs, undirected_pairs(data.edge_index, data.num_nodes))
    kept, pruned, added = sets(change)
    assert kept | pruned == as_set(change.pairs)
    assert not added & as_set(change.pairs)
    assert as_set(change.rewired) == kept | added
    for pairs in (change.pairs, change.added):
        assert list(map(tuple, pairs.T.tolist())) == sorted(as_set(pairs))


def test_edges_of_weight_zero_are_none():
    data = Data(x=torch.eye(4), edge_index=PATH, edge_weight=torch.tensor([1.0, 0.0, 2.0]))
    for name in ("plain", "fosr", "torque"):
        assert as_set(compare(data, name).pairs) == {(0, 1), (2, 3)}
    assert compare(data, "plain").weighted


def test_the_graph_given_stays_as_it_is():
    data = load("karate").data
    before = data.edge_index.clone()
    for name in INSTALLED:
        compare(data, name)
    assert torch.equal(data.edge_index, before)
    assert "edge_weight" not in data


def test_methods_that_there_are_not():
    data = load("karate").data
    with pytest.raises(BadConfig, match=r"method must be one of plain, mlp, .*, structural_similarity; got 'digl'"):
        compare(data, "digl")
    with pytest.raises(BadConfig, match=r"layer must be in \[0, 1\], as the spec has 2 layers; got 2"):
        compare(data, "torque", layer=2)
    with pytest.raises(BadConfig, match=r"got -1"):
        compare(data, "torque", layer=-1)
    with pytest.raises(BadGraph, match="no node features"):
        compare(Data(edge_index=PATH, num_nodes=4), "fosr")


def test_a_graph_too_large_for_a_method(monkeypatch):
    monkeypatch.setitem(METHODS, "sdrf", replace(METHODS["sdrf"], most_nodes=33))
    with pytest.raises(BadConfig, match=r"SDRF is not run on graphs of more than 33 nodes.*this graph has 34"):
        compare(load("karate").data, "sdrf")
    assert compare(load("karate").data, "fosr").added.size(1) == 50


def test_slow_methods():
    assert [key for key, method in COMPARED.items() if method.slow_from is not None] == [
        "gdc",
        "sdrf",
        "borf",
        "dhgr",
        "jdr",
        "pro_gnn",
    ]


def test_options_are_the_ports_own():
    assert default_options("jaccard") == {"threshold": 0.0}
    assert default_options("torque") == default_options("plain") == {}


def path_change(pruned: list[bool], added: list[list[int]]) -> GraphChange:
    """Of the path 0 - 1 - 2 - 3."""
    new = torch.tensor(added, dtype=torch.long).view(-1, 2).T
    return GraphChange(pairs=PATH, pruned_mask=torch.tensor(pruned), added=new, num_nodes=4)


def test_a_report_by_hand():
    change = path_change([True, False, True], [[0, 2], [1, 3]])
    report = change_report(change, torch.tensor([True, True, False]), torch.tensor([0, 1, 1, 0]), seconds=0.25)
    assert (report.kept, report.pruned, report.added, report.injected, report.hits) == (1, 2, 2, 2, 1)
    assert (report.precision, report.recall, report.seconds) == (0.5, 0.5, 0.25)
    assert report.homophily_before == pytest.approx(1 / 3)
    # 1 - 2 of one class; 0 - 2 and 1 - 3 of two
    assert report.after.edge_homophily == pytest.approx(1 / 3)
    assert report.homophily_change == pytest.approx(0)
    assert (report.after.components, report.after.isolated, report.after.mean_degree) == (1, 0, 1.5)
    assert report.spectral_gap == pytest.approx(0.5)  # of a path of four: 1 - cos(pi / 3)


def test_a_report_without_labels_noise_or_edges():
    report = change_report(path_change([True, True, True], []), torch.zeros(3, dtype=torch.bool))
    assert (report.kept, report.precision, report.recall) == (0, None, None)
    assert report.homophily_before is report.homophily_change is report.spectral_gap is None
    assert report.after.isolated == 4
    untouched = change_report(path_change([False] * 3, []), torch.tensor([True, False, False]))
    assert (untouched.precision, untouched.recall) == (None, 0.0)
    missed = change_report(path_change([True, False, False], []), torch.tensor([False, True, False]))
    assert (missed.precision, missed.recall) == (0.0, 0.0)


def test_the_spectral_gap_of_a_large_graph_is_not_sought(monkeypatch):
    monkeypatch.setattr("torque_core.diagnostics.change_report._GAP_UP_TO", 3)
    assert change_report(path_change([False] * 3, []), torch.zeros(3, dtype=torch.bool)).spectral_gap is None
