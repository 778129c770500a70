import pytest
import torch

from torque_core.errors import BadConfig
from torque_core.nn import TorqueGNN
from torque_core.training import NeighbourSampler

STAR = torch.tensor([range(1, 11), [0] * 10])  # ten neighbours send to node 0
PATH = torch.tensor([[0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2]])


def edges_of(sampled, layer):
    """Edges of a layer by the numbers of the whole graph."""
    return {tuple(edge) for edge in sampled.nodes[sampled.edge_index[layer]].T.tolist()}


def test_each_layer_samples_from_its_own_graph():
    ring = torch.tensor([[3, 0], [0, 3]])
    sampled = NeighbourSampler([PATH, ring], [None, None], 4).sample(torch.tensor([0]), torch.Generator())
    assert sampled.nodes.tolist() == [0, 3, 1, 2]  # the batch, the last layer's neighbour, the first layer's
    assert edges_of(sampled, 1) == {(3, 0)}
    assert edges_of(sampled, 0) == {(1, 0), (2, 3)}
    assert sampled.nodes_per_hop == [1, 1, 2]


def test_no_more_than_the_fanout_without_replacement_and_uniformly():
    sampler, generator = NeighbourSampler([STAR], [None], 11, fanout=3), torch.Generator().manual_seed(0)
    counts = torch.zeros(11)
    for _ in range(2_000):
        sampled = sampler.sample(torch.tensor([0]), generator)
        sources = sampled.nodes[sampled.edge_index[0][0]]
        assert len(sources.unique()) == 3
        counts[sources] += 1
    assert counts[0] == 0
    # 600 expected each, with a standard deviation of 20.5
    assert float((counts[1:] - 600).abs().max()) < 4 * 20.5


def test_weights_and_relations_follow_their_edges():
    weight = torch.arange(1.0, 11.0)
    pruned = torch.tensor([[5], [7]])
    sampler = NeighbourSampler([STAR], [weight], 11, fanout=4, relations={"pruned": [(pruned, torch.tensor([0.5]))]})
    sampled = sampler.sample(torch.tensor([0, 7]), torch.Generator().manual_seed(1))
    sources = sampled.nodes[sampled.edge_index[0][0]]
    assert torch.equal(sampled.edge_weight[0], sources.float())  # edge j -> 0 has weight j
    ((edges, of_pruned),) = sampled.relations["pruned"]
    assert sampled.nodes[edges].tolist() == [[5], [7]]
    assert of_pruned.tolist() == [0.5]


def test_a_seed_gives_one_sample():
    sampler = NeighbourSampler([STAR], [None], 11, fanout=2)
    one, two = (sampler.sample(torch.tensor([0]), torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(one.nodes, two.nodes)


@pytest.mark.parametrize("jk", [None, "cat"])
def test_with_all_neighbours_a_mean_is_that_of_the_whole_graph(jk):
    generator = torch.Generator().manual_seed(0)
    graphs = [torch.randint(30, (2, 80), generator=generator) for _ in range(2)]
    weights = [torch.rand(80, generator=generator), None]
    x = torch.randn(30, 5, generator=generator)
    model = TorqueGNN(5, 8, 2, 3, backbone="sage", jk=jk).eval()
    sampled = NeighbourSampler(graphs, weights, 30, fanout=80).sample(torch.tensor([4, 17, 2]), generator)
    trim = {"num_sampled_nodes_per_hop": sampled.nodes_per_hop, "num_sampled_edges_per_hop": [0, 0]}
    out = model(x[sampled.nodes], sampled.edge_index, sampled.edge_weight, **({} if jk else trim))
    torch.testing.assert_close(out[:3], model(x, graphs, weights)[[4, 17, 2]])


def test_a_fanout_of_zero_is_refused():
    with pytest.raises(BadConfig, match="fanout must be an integer of at least 1, got 0"):
        NeighbourSampler([STAR], [None], 11, fanout=0)
