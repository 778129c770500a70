import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import edge_weights, pair_sets
from tests.out_of_core.graph_files import assert_same, make_graph, small_blocks, write_files
from torque_core import rewire
from torque_core.attacks.noise import Noise, add_noise
from torque_core.datasets import BlockModel, sample_block_model
from torque_core.graph.pairs import undirected_pairs
from torque_core.graph.propagation import Propagation
from torque_core.out_of_core import rewire_store
from torque_core.scoring import LabelEnergy, PairFeatures, layer_features
from torque_core.utils import compiled
from torque_core.utils.compiled import compiled_mm, is_worth_compiling

pytest.importorskip("numba")
dtypes = st.sampled_from([torch.float32, torch.float64])


@pytest.fixture
def always(monkeypatch):
    """Use compiled code for graphs of any size."""
    monkeypatch.setattr(compiled, "_MIN_NUMBERS", 0)
    monkeypatch.setattr(compiled, "_PAIRS_AT_ONCE", 100)
    monkeypatch.setattr(compiled, "_ROWS_AT_ONCE", 30)


@pytest.fixture(scope="module")
def graph():
    """A noisy graph with training labels."""
    data = add_noise(sample_block_model(BlockModel(nodes=300, classes=3, features=12)), Noise("insert", 0.5)).data
    data.train_mask = torch.arange(300) % 4 == 0
    return data


@given(pair_sets(), dtypes, st.sampled_from([1, 2]), st.data())
def test_compiled_distances_are_those_of_torch(drawn, dtype, depth, data):
    pairs, num_nodes = drawn
    weight = data.draw(st.none() | edge_weights(pairs.size(1)))
    x = torch.randn(num_nodes, 3, dtype=dtype, generator=torch.Generator().manual_seed(num_nodes))
    x[0] = 0  # whose distance from any other is 1
    graph = Propagation(x, pairs, None if weight is None else weight.to(dtype))
    every = torch.triu_indices(num_nodes, num_nodes, offset=1)  # edges and other pairs
    distances = []
    for use in (False, True):
        features = PairFeatures(graph, every)
        features.compiled = use
        distances.append(features.cosine_distance(depth))
    assert distances[1].dtype == dtype
    torch.testing.assert_close(*distances, rtol=1e-5, atol=1e-4 if dtype == torch.float32 else 1e-10)


def test_a_product_has_the_same_bits_in_any_number_of_blocks(always):
    matrix = torch.rand(100, 70, generator=torch.Generator().manual_seed(0)).round(decimals=1).to_sparse_csr()
    x = torch.randn(70, 5, generator=torch.Generator().manual_seed(1))
    product = compiled_mm(matrix, x)
    torch.testing.assert_close(product, matrix.to_dense() @ x)
    assert torch.equal(product[:7], compiled_mm(matrix.to_dense()[:7].to_sparse_csr(), x))
    assert compiled_mm(matrix, x[:, :0]).shape == (100, 0)


def test_label_energies_are_those_of_torch(graph, monkeypatch):
    x, pairs = layer_features(graph.x), undirected_pairs(graph.edge_index, 300)
    known = torch.where(graph.train_mask, graph.y, -1)
    some = torch.triu_indices(300, 300, offset=1)[:, ::7]
    energies = []
    for least in (1 << 60, 0):
        monkeypatch.setattr(compiled, "_MIN_NUMBERS", least)
        energy = LabelEnergy(Propagation(x, pairs), known)
        assert energy._name == "mean2"  # the means of neighbourhoods, which compiled code computes
        energies.append((energy(pairs), energy(some), energy.weight))
    for by_torch, by_numba in zip(*energies, strict=True):
        torch.testing.assert_close(by_numba, by_torch, rtol=1e-5, atol=1e-5)


def test_the_same_edges_are_pruned(graph, always, monkeypatch):
    by_numba = rewire(graph)
    monkeypatch.setattr(compiled, "_MIN_NUMBERS", 1 << 60)
    by_torch = rewire(graph)
    assert by_torch.layers[0].pruned.size(1) > 100
    for mine, theirs in zip(by_numba.layers, by_torch.layers, strict=True):
        assert torch.equal(mine.pruned_mask, theirs.pruned_mask)
        torch.testing.assert_close(mine.torque.value, theirs.torque.value, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["two-way", "weighted"])
def test_files_give_the_same_bits_as_memory(always, tmp_path, monkeypatch, kind):
    small_blocks(monkeypatch)
    data = make_graph(kind)
    stored = rewire_store(*write_files(data, tmp_path), tmp_path / "out")
    assert_same(stored, rewire(data, additions=0.0))


def test_gradients_are_left_to_torch(graph, always):
    x, pairs = layer_features(graph.x), undirected_pairs(graph.edge_index, 300)
    weight = torch.ones(pairs.size(1), requires_grad=True)
    PairFeatures(Propagation(x, pairs, weight), pairs).cosine_distance(2).sum().backward()
    assert bool(torch.isfinite(weight.grad).all())
    assert bool(weight.grad.any())


def test_small_graphs_and_machines_without_numba_use_torch(monkeypatch):
    assert is_worth_compiling(1_000_000, 64)
    assert not is_worth_compiling(1_000, 64)
    monkeypatch.setattr(compiled, "find_spec", lambda name: None)
    assert not is_worth_compiling(1_000_000, 64)


def test_code_is_compiled_where_no_folder_can_be_written(monkeypatch):
    import numba

    from torque_core.utils import _kernels

    def njit(function, **options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return function

    monkeypatch.setattr(numba, "njit", njit)
    assert _kernels._compiled(len) is len
