import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Data

from tests.conftest import PATH, all_pairs, as_set, pair_sets, unit_rows
from torque_core.baselines import DHGR
from torque_core.baselines.dhgr import label_similarity, neighbourhood_means
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs


def graph(pairs, x, **fields):
    return Data(x=x, edge_index=pairs_to_edge_index(pairs), **fields)


def run(data, **options):
    return as_set(undirected_pairs(DHGR(**options)(data).edge_index, data.num_nodes))


def neighbours_of(pairs, num_nodes):
    near = {node: set() for node in range(num_nodes)}
    for i, j in pairs.T.tolist():
        near[i].add(j)
        near[j].add(i)
    return near


@given(pair_sets(max_nodes=9), st.integers(0, 99))
@settings(max_examples=40)
def test_means_and_label_similarities_by_loops(drawn, seed):
    pairs, num_nodes = drawn
    generator = torch.Generator().manual_seed(seed)
    x, labels = torch.randn(num_nodes, 3, generator=generator), torch.randint(-1, 3, (num_nodes,), generator=generator)
    near = neighbours_of(pairs, num_nodes)
    means = neighbourhood_means(pairs, x)
    counts = torch.zeros(2, num_nodes, 3)  # of one edge and of two
    for node in range(num_nodes):
        expected = x[sorted(near[node])].mean(dim=0) if near[node] else torch.zeros(3)
        torch.testing.assert_close(means[node], expected)
        twice = {far for middle in near[node] for far in near[middle]} - {node}
        for hops, reached in enumerate((near[node], twice)):
            for other in reached:
                if labels[other] >= 0:
                    counts[hops, node, labels[other]] += 1
    unit = counts / counts.norm(dim=2, keepdim=True).clamp(min=1e-12)
    nodes = torch.arange(0, num_nodes, 2)
    expected = (unit[0][nodes] @ unit[0][nodes].T) * (unit[1][nodes] @ unit[1][nodes].T)
    torch.testing.assert_close(label_similarity(pairs, labels, nodes), expected)


# cosines of these rows: 0 and 1 .96, 0 and 2 0, 0 and 3 -1, 1 and 2 .28, 1 and 3 -.96, 2 and 3 0
ROWS = unit_rows(torch.tensor([[1.0, 0.0], [0.96, 0.28], [0.0, 1.0], [-1.0, 0.0]]))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"neighbours": 0, "pruning": 0.0}, {(0, 1), (1, 2)}),  # 2 - 3 has similarity 0
        ({"neighbours": 0, "pruning": 0.3}, {(0, 1)}),
        ({"neighbours": 0, "pruning": None}, {(0, 1), (1, 2), (2, 3)}),
        ({"neighbours": 1, "growth": 0.9, "pruning": 1.0}, {(0, 1)}),
        ({"neighbours": 1, "growth": 0.2, "pruning": 1.0}, {(0, 1), (1, 2)}),  # 2 chooses 1, which chooses 0
        ({"neighbours": 1, "growth": -0.5, "pruning": 1.0}, {(0, 1), (1, 2), (2, 3)}),
        ({"neighbours": 9, "growth": -1.0, "pruning": 1.0}, as_set(all_pairs(4))),
    ],
)
def test_growing_and_pruning_by_hand(monkeypatch, options, expected):
    monkeypatch.setattr(DHGR, "_representation", lambda *_: ROWS)
    assert run(graph(PATH, torch.eye(4)), **options) == expected


def heterophilous():
    """Two classes, all edges between them, and features that say nothing: only the neighbours' labels tell a class."""
    generator = torch.Generator().manual_seed(0)
    i, j = all_pairs(40)
    between = (i < 20) & (j >= 20) & (torch.rand(len(i), generator=generator) < 0.4)
    y = (torch.arange(40) >= 20).long()
    x = torch.randn(40, 40, generator=generator)
    return graph(torch.stack([i, j])[:, between], x, y=y, train_mask=torch.rand(40, generator=generator) < 0.7)


def separation(data, **options):
    """Mean similarity within the classes minus that between them."""
    peer = DHGR(seed=1, **options)
    labels = torch.where(data.train_mask, data.y, -1)
    unit = peer._representation(undirected_pairs(data.edge_index, 40), data.x, labels)
    same = data.y[:, None] == data.y
    similarity = (unit @ unit.T).masked_fill(torch.eye(40, dtype=torch.bool), torch.nan)
    return float(similarity[same].nanmean() - similarity[~same].nanmean())


def test_fine_tuning_learns_the_classes_of_the_neighbourhoods():
    data = heterophilous()
    assert separation(data, epochs=0, finetuning=100) > separation(data, epochs=0, finetuning=0) + 0.1


def test_the_first_step_learns_the_similarity_of_the_neighbours_features():
    data = heterophilous()
    pairs = undirected_pairs(data.edge_index, 40)
    means = neighbourhood_means(pairs, data.x)
    target = unit_rows(means - means.mean(dim=0))

    def error(epochs):
        model = DHGR(epochs=epochs)._trained(pairs, means, torch.full((40,), -1))
        z = model.neighbours(means).detach()
        unit = unit_rows(z - z.mean(dim=0))
        return float((unit @ unit.T - target @ target.T).square().mean())

    assert error(200) < 0.8 * error(0)


def test_only_the_labels_of_training_nodes_matter():
    data = heterophilous()
    options = {"epochs": 0, "finetuning": 20, "growth": 0.3}
    expected = run(data, **options)
    other = data.clone()
    other.y[~other.train_mask] = 1 - other.y[~other.train_mask]
    assert run(other, **options) == expected
    without = Data(x=data.x, edge_index=data.edge_index)
    assert run(without, **options) == run(without, **options | {"finetuning": 0}) != expected
    few = data.clone()
    few.train_mask = torch.arange(40) < 2  # no node has three neighbours with a label
    assert run(few, **options) == run(without, **options)


def test_the_seed_matters():
    data = heterophilous()
    first, again, other = (run(data, epochs=1, growth=0.3, seed=seed) for seed in (0, 0, 1))
    assert first == again != other


def test_a_sample_of_the_nodes_is_enough(monkeypatch):
    monkeypatch.setattr("torque_core.baselines.dhgr._BATCH", 12)
    data = heterophilous()
    assert separation(data, epochs=0, finetuning=100) > separation(data, epochs=0, finetuning=0)
