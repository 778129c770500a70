import copy
import re

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch_geometric.data import Data

from tests.conftest import all_pairs, as_set, graphs
from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.noise import Noise, add_noise
from torque_core.graph.noise_kinds import NOISE_KINDS, NoiseKind, register_noise
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.graph.random_noise import RANDOM_NOISE

roomy = graphs(min_nodes=4, max_nodes=12)
rates = st.floats(0, 2)
seeds = st.integers(0, 999)


@pytest.fixture(params=["listed", "drawn"])
def path(request, monkeypatch):
    """Both ways to find free pairs: list them all, or draw until there are enough."""
    if request.param == "drawn":
        monkeypatch.setattr("torque_core.graph.random_noise._LIST_ALL_PAIRS_UP_TO", 0)
    return request.param


def edges_of(data):
    return as_set(undirected_pairs(data.edge_index, len(data.x)))


def ring(nodes, **more):
    node = torch.arange(nodes)
    around = torch.stack([node, (node + 1) % nodes])
    return Data(x=torch.eye(nodes), edge_index=pairs_to_edge_index(around), **more)


def check_books(data, noisy):
    """What was injected is new, what was removed was there, and the graph is what the two leave."""
    before, injected, removed = edges_of(data), as_set(noisy.injected), as_set(noisy.removed)
    assert not injected & before
    assert removed <= before
    assert all(0 <= i < j < len(data.x) for i, j in injected)
    assert edges_of(noisy.data) == (before - removed) | injected
    assert as_set(noisy.data.edge_index) == {(j, i) for i, j in as_set(noisy.data.edge_index)}
    pairs = undirected_pairs(noisy.data.edge_index, len(data.x))
    assert as_set(pairs[:, noisy.is_injected(pairs)]) == injected


@given(roomy, rates, seeds)
def test_insert_inserts_the_exact_number(data, rate, seed):
    edges = len(edges_of(data))
    count = round(rate * edges)
    if count > all_pairs(len(data.x)).size(1) - edges:
        with pytest.raises(BadConfig, match=f"cannot insert {count} edges: only .* not adjacent; choose a lower"):
            add_noise(data, Noise("insert", rate, seed))
        return
    noisy = add_noise(data, Noise("insert", rate, seed))
    check_books(data, noisy)
    assert (noisy.injected.size(1), noisy.removed.size(1)) == (count, 0)


@given(roomy, rates, seeds)
def test_insert_by_degree_inserts_the_exact_number_between_nodes_with_edges(data, rate, seed):
    edges = edges_of(data)
    busy = {node for edge in edges for node in edge}
    count = round(rate * len(edges))
    assume(count <= len(busy) * (len(busy) - 1) // 2 - len(edges))
    noisy = add_noise(data, Noise("insert_by_degree", rate, seed))
    check_books(data, noisy)
    assert (noisy.injected.size(1), noisy.removed.size(1)) == (count, 0)
    assert {node for edge in as_set(noisy.injected) for node in edge} <= busy


@given(roomy, st.floats(0, 1), seeds)
def test_delete_deletes_the_exact_number(data, rate, seed):
    noisy = add_noise(data, Noise("delete", rate, seed))
    check_books(data, noisy)
    assert (noisy.injected.size(1), noisy.removed.size(1)) == (0, round(rate * len(edges_of(data))))


@given(roomy, rates, seeds, st.data())
def test_dice_deletes_within_and_inserts_between_classes(data, rate, seed, draw):
    y = draw.draw(st.lists(st.integers(-1, 2), min_size=len(data.x), max_size=len(data.x)))
    assume(max(y) >= 0)
    data.y = torch.tensor(y)

    def across(i, j):
        return y[i] != y[j] and y[i] >= 0 and y[j] >= 0

    edges = edges_of(data)
    changes = round(rate * len(edges))
    inside = {(i, j) for i, j in edges if y[i] == y[j] >= 0}
    free = {pair for pair in as_set(all_pairs(len(y))) - edges if across(*pair)}
    if changes // 2 > len(inside) or changes - changes // 2 > len(free):
        with pytest.raises(BadConfig):
            add_noise(data, Noise("dice", rate, seed))
        return
    noisy = add_noise(data, Noise("dice", rate, seed))
    check_books(data, noisy)
    assert (noisy.injected.size(1), noisy.removed.size(1)) == (changes - changes // 2, changes // 2)
    assert as_set(noisy.removed) <= inside
    assert as_set(noisy.injected) <= free


@pytest.mark.parametrize("kind", ["insert", "insert_by_degree", "dice"])
@pytest.mark.parametrize("rate", [0.0, 0.1, 1.0, 2.0])
def test_both_paths_are_exact(path, kind, rate):
    data = ring(60, y=torch.arange(60) // 20)
    if kind == "dice":
        rate /= 2  # a ring of three classes has 57 edges to delete
    noisy = add_noise(data, Noise(kind, rate, seed=1))
    check_books(data, noisy)
    assert noisy.injected.size(1) + noisy.removed.size(1) == round(rate * 60)
    assert bool((data.y[noisy.removed[0]] == data.y[noisy.removed[1]]).all())
    if kind == "dice":
        assert bool((data.y[noisy.injected[0]] != data.y[noisy.injected[1]]).all())


@pytest.mark.parametrize("kind", RANDOM_NOISE)
def test_same_seed_same_noise(path, kind):
    data = ring(60, y=torch.arange(60) // 20)
    torch.manual_seed(1)
    first = add_noise(data, Noise(kind, 0.5, seed=3))
    torch.manual_seed(2)
    state = torch.get_rng_state()
    again = add_noise(data, Noise(kind, 0.5, seed=3))
    other = add_noise(data, Noise(kind, 0.5, seed=4))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first.data.edge_index, again.data.edge_index)
    assert torch.equal(first.data.x, again.data.x)
    differs = first.data.x != other.data.x if kind == "features" else first.data.edge_index != other.data.edge_index
    assert differs.any()


@pytest.mark.parametrize("kind", RANDOM_NOISE)
def test_the_input_graph_is_not_changed(path, kind):
    data = ring(60, y=torch.arange(60) // 20, train_mask=torch.ones(60, dtype=torch.bool))
    before = copy.deepcopy(data)
    noisy = add_noise(data, Noise(kind, 1.0))
    assert data.keys() == before.keys()
    assert all(torch.equal(data[key], value) for key, value in before)
    assert torch.equal(noisy.data.y, data.y)
    assert torch.equal(noisy.data.train_mask, data.train_mask)


@pytest.mark.parametrize("kind", RANDOM_NOISE)
def test_rate_zero_changes_nothing(kind):
    data = ring(6, y=torch.arange(6) // 3)
    noisy = add_noise(data, Noise(kind, 0.0))
    check_books(data, noisy)
    assert edges_of(noisy.data) == edges_of(data)
    assert torch.equal(noisy.data.x, data.x)


@pytest.mark.parametrize("kind", ["insert", "insert_by_degree", "delete", "features"])
def test_noise_of_a_graph_without_edges(kind):
    data = Data(x=torch.eye(4), edge_index=torch.empty(2, 0, dtype=torch.long))
    noisy = add_noise(data, Noise(kind, 1.0))
    assert noisy.data.edge_index.shape == noisy.injected.shape == noisy.removed.shape == (2, 0)


def test_insert_is_uniform(path):
    # a ring of 8 has 20 free pairs; in 600 runs of 8 each is expected 240 times
    result = torch.cat([add_noise(ring(8), Noise("insert", 1.0, seed)).injected for seed in range(600)], dim=1)
    counts = torch.bincount(result[0] * 8 + result[1])
    counts = counts[counts > 0]
    assert len(counts) == 20
    assert counts.sum() == 8 * 600
    assert bool(((counts - 240).abs() < 5 * (600 * 0.4 * 0.6) ** 0.5).all())


def test_insert_by_degree_follows_the_degrees(path):
    # hub 0 has an edge to 10 of 20 leaves, the other 10 hang on hub 1; every draw is one pair of degree product d_i d_j
    leaves = torch.arange(2, 22)
    data = Data(x=torch.eye(22), edge_index=torch.stack([(leaves > 11).long(), leaves]))
    result = torch.cat([add_noise(data, Noise("insert_by_degree", 0.05, seed)).injected for seed in range(800)], dim=1)
    assert result.size(1) == 800
    # free pairs: hub and hub 100, hub and foreign leaf 20 x 10, leaf and leaf 190 x 1
    hubs = int(((result[0] == 0) & (result[1] == 1)).sum())
    mixed = int(((result[0] < 2) & (result[1] > 1)).sum())
    for count, fraction in ((hubs, 100 / 490), (mixed, 200 / 490), (800 - hubs - mixed, 190 / 490)):
        assert abs(count - 800 * fraction) < 5 * (800 * fraction * (1 - fraction)) ** 0.5


def test_feature_noise_has_the_requested_scale():
    generator = torch.Generator().manual_seed(0)
    data = Data(x=3 * torch.randn(200, 50, generator=generator) + 7, edge_index=torch.tensor([[0], [1]]))
    noisy = add_noise(data, Noise("features", 0.5))
    difference = noisy.data.x - data.x
    assert float(difference.std()) == pytest.approx(0.5 * 3, rel=0.03)
    assert float(difference.mean()) == pytest.approx(0, abs=0.1)
    assert edges_of(noisy.data) == edges_of(data)
    assert noisy.injected.size(1) == noisy.removed.size(1) == 0


@pytest.mark.parametrize("dtype", [torch.bool, torch.long, torch.float, torch.double])
def test_feature_noise_is_floating_point_for_every_type(dtype):
    data = Data(x=torch.eye(30).to(dtype), edge_index=torch.tensor([[0], [1]]))
    noisy = add_noise(data, Noise("features", 0.1)).data.x
    assert noisy.dtype == (dtype if dtype.is_floating_point else torch.float)
    assert float((noisy - torch.eye(30)).std()) == pytest.approx(0.1 * float(torch.eye(30).std()), rel=0.1)


def test_inserting_into_a_complete_graph_raises(path):
    full = Data(x=torch.eye(5), edge_index=pairs_to_edge_index(all_pairs(5)))
    for kind in ("insert", "insert_by_degree"):
        with pytest.raises(BadConfig, match="choose a lower rate"):
            add_noise(full, Noise(kind, 0.1))


def test_insert_can_complete_a_graph():
    noisy = add_noise(ring(5), Noise("insert", 1.0))  # 5 of 10 pairs are edges, the other 5 are free
    assert edges_of(noisy.data) == as_set(all_pairs(5))


@pytest.mark.parametrize("more", [{}, {"y": torch.full((6,), -1)}])
def test_dice_needs_labels(more):
    with pytest.raises(BadGraph, match="dice needs node labels y; choose another noise"):
        add_noise(ring(6, **more), Noise("dice", 0.5))


def test_dice_errors_name_the_possible_number():
    data = ring(6, y=torch.tensor([0, 0, 1, 1, 2, 2]))  # 3 of 6 edges within a class
    message = "dice would delete 4 edges within classes, but there are 3; choose a rate of at most 1.00"
    with pytest.raises(BadConfig, match=re.escape(message)):
        add_noise(data, Noise("dice", 1.4))
    assert as_set(add_noise(data, Noise("dice", 1.0)).removed) == {(0, 1), (2, 3), (4, 5)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("shuffle",), "kind must be one of insert, insert_by_degree, delete, dice, features"),
        (("insert", -0.1), "rate must be in [0, 2], got -0.1 (0.5 means 50 %)"),
        (("insert", 2.1), "rate must be in [0, 2], got 2.1 (0.5 means 50 %)"),
        (("insert", float("nan")), "rate must be in [0, 2], got nan"),
        (("delete", 1.5), "rate of delete must be in [0, 1], got 1.5 (0.5 means 50 %)"),
    ],
)
def test_noise_errors_name_the_value(options, message):
    with pytest.raises(BadConfig, match=re.escape(message)):
        Noise(*options)


def test_invalid_graphs_raise():
    with pytest.raises(BadGraph, match="contains node 9"):
        add_noise(Data(x=torch.eye(3), edge_index=torch.tensor([[0], [9]])), Noise())


def test_noise_is_hashable():
    assert len({Noise("insert", 0.5), Noise("insert", 0.5), Noise("insert", 0.5, seed=1)}) == 2


def test_remaining_edges_keep_directions_and_weights():
    # 0 - 1 both ways, 1 -> 2 one way, 3 -> 2 of weight 5
    graph = Data(x=torch.eye(6), edge_index=torch.tensor([[0, 1, 1, 3], [1, 0, 2, 2]]))
    graph.edge_weight = torch.tensor([2.0, 3.0, 4.0, 5.0])
    noisy = add_noise(graph, Noise("insert", 1.0))
    result = dict(zip(map(tuple, noisy.data.edge_index.T.tolist()), noisy.data.edge_weight.tolist(), strict=True))
    assert {edge: result[edge] for edge in [(0, 1), (1, 0), (1, 2), (3, 2)]} == {
        (0, 1): 2, (1, 0): 3, (1, 2): 4, (3, 2): 5
    }  # fmt: skip
    assert not {(2, 1), (2, 3)} & result.keys()
    for i, j in noisy.injected.T.tolist():
        assert {result.get((i, j), 3), result.get((j, i), 3)} == {3}  # the lower of the two in the middle
        assert {(i, j), (j, i)} & result.keys()
    assert graph.edge_weight.tolist() == [2, 3, 4, 5]


def test_a_directed_graph_remains_directed():
    # 0 <-> 1, and 0 -> 2 -> 3, 3 -> 4, 4 -> 1
    graph = Data(x=torch.eye(5), edge_index=torch.tensor([[0, 1, 0, 2, 3, 4], [1, 0, 2, 3, 4, 1]]))
    for seed in range(10):
        noisy = add_noise(graph, Noise("insert", 0.4, seed))
        before, after = as_set(graph.edge_index), as_set(noisy.data.edge_index)
        assert before < after
        assert {(min(edge), max(edge)) for edge in after - before} == as_set(noisy.injected)
        assert "edge_weight" not in noisy.data
    assert as_set(add_noise(graph, Noise("delete", 0.2, seed)).data.edge_index) < before


def test_inserted_edges_go_both_ways_as_often_as_the_edges_of_the_graph():
    node = torch.arange(400)
    around = torch.stack([node, (node + 1) % 400])
    graph = Data(x=torch.ones(400, 1), edge_index=torch.cat([around, around[:, :100].flip(0)], dim=1))
    noisy = add_noise(graph, Noise("insert", 1.0))
    edges = as_set(noisy.data.edge_index)
    both = sum((i, j) in edges and (j, i) in edges for i, j in noisy.injected.T.tolist())
    assert abs(both - 100) < 5 * (400 * 0.25 * 0.75) ** 0.5


def test_weights_of_one_are_kept():
    graph = Data(x=torch.eye(4), edge_index=torch.tensor([[0, 1], [1, 0]]), edge_weight=torch.ones(2))
    noisy = add_noise(graph, Noise("insert", 1.0))
    assert noisy.data.edge_weight.tolist() == [1, 1, 1, 1]


def test_a_registered_kind_receives_graph_edges_number_and_seed():
    received = []

    def change(data, pairs, changes, seed):
        received.append((data, pairs.size(1), changes, seed))
        return torch.tensor([[0], [2]]), pairs[:, :1]

    register_noise("mine", NoiseKind(title="Mine", description="", level="", change=change, most=0.5))
    try:
        data = ring(6)
        noisy = add_noise(data, Noise("mine", 0.5, seed=7))
        add_noise(data, Noise("mine", 0.0))
        assert received == [(data, 6, 3, 7)]
        check_books(data, noisy)
        with pytest.raises(BadConfig, match=re.escape("rate of mine must be in [0, 0.5], got 0.6")):
            Noise("mine", 0.6)
        with pytest.raises(BadConfig, match="noise 'mine' is registered already"):
            register_noise("mine", NoiseKind(title="Other", description="", level=""))
    finally:
        del NOISE_KINDS["mine"]
