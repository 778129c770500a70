import copy
import re

import pytest
import torch
from torch_geometric.data import Data

from torque_core import Noise, RewireSpec, TorqueRewire, TrainSpec, add_noise, load, rewire, train
from torque_core.attacks import predict
from torque_core.baselines import PEERS
from torque_core.datasets.clean import clean_graph
from torque_core.diagnostics.edge_scores import cosine_score, detection_scores, torque_score
from torque_core.errors import BadGraph
from torque_core.graph.features import check_range, dense_features, scaled_features
from torque_core.graph.pairs import check_graph
from torque_core.methods.compare import compare
from torque_core.nn import TorqueGNN
from torque_core.rewiring.random_control import rewire_at_random

LAYOUTS = pytest.mark.parametrize("layout", [torch.sparse_coo, torch.sparse_csr, torch.sparse_csc])
SPEC = TrainSpec(epochs=3, warmup=1, refresh_every=1, hidden=4)


def karate(x=None):
    data = load("karate").data.clone()
    data.x = data.x if x is None else x
    return data


def some_features(scale=1.0):
    return scale * torch.randn(34, 5, generator=torch.Generator().manual_seed(0), dtype=torch.double)


def torques(data, **options):
    return rewire(data, **options).layers[0].torque.value


@LAYOUTS
def test_dense_features(layout):
    x = torch.eye(3)
    assert torch.equal(dense_features(x.to_sparse(layout=layout)), x)
    assert dense_features(x) is x


@LAYOUTS
def test_sparse_features_rewire_and_train_as_dense_ones(layout):
    data, sparse = karate(), karate()
    sparse.x = sparse.x.to_sparse(layout=layout)
    x = sparse.x
    for force in ("dirichlet", "pair"):
        assert torch.equal(torques(sparse, force=force), torques(data, force=force))
    for rewiring in (None, RewireSpec()):
        ends = [[*train(graph, SPEC, rewiring=rewiring, device="cpu")][-1] for graph in (sparse, data)]
        assert torch.equal(ends[0].probabilities, ends[1].probabilities)
    assert sparse.x is x  # the given graph is not modified


@LAYOUTS
def test_every_use_of_a_graph_takes_sparse_features(layout):
    data, sparse = karate(), karate()
    sparse.x = sparse.x.to_sparse(layout=layout)
    for kind in ("insert", "features"):
        noisy, expected = (add_noise(graph, Noise(kind, 0.2)) for graph in (sparse, data))
        assert torch.equal(dense_features(noisy.data.x), expected.data.x)
    insertions = add_noise(data, Noise("insert", 0.2))
    noisy = copy.copy(insertions.data)
    noisy.x = noisy.x.to_sparse(layout=layout)
    for score in (torque_score, cosine_score):
        assert torch.equal(score(noisy, insertions.injected), score(insertions.data, insertions.injected))
    sparse_insertions = add_noise(sparse, Noise("insert", 0.2))
    assert detection_scores(sparse_insertions) == detection_scores(insertions)
    for method in ("torque", "gdc", "jaccard"):
        assert torch.equal(compare(sparse, method).pruned, compare(data, method).pruned)
    jaccard = PEERS["jaccard"]()
    assert torch.equal(jaccard(sparse).edge_index, jaccard(data).edge_index)
    assert jaccard(sparse).x is sparse.x
    transform = TorqueRewire(cut="fixed")
    assert torch.equal(transform(sparse).edge_index, transform(data).edge_index)
    assert transform(sparse).x is sparse.x
    at_random = [rewire_at_random(graph, RewireSpec(cut="fixed")).layers[0].pruned for graph in (sparse, data)]
    assert torch.equal(*at_random)
    assert torch.equal(clean_graph(sparse).data.x, data.x)
    model = TorqueGNN(34, 4, 2, 4)
    assert torch.equal(predict(model, sparse), predict(model, data))
    assert torch.equal(predict(model, sparse, rewiring=RewireSpec()), predict(model, data, rewiring=RewireSpec()))


def test_sparse_features_that_are_not_finite_are_refused():
    x = torch.eye(34)
    x[3, 3] = torch.nan
    with pytest.raises(BadGraph, match="x contains NaN or infinity, first in row 3"):
        rewire(karate(x.to_sparse_csr()))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.int32, torch.uint8, torch.bool])
def test_features_of_every_dtype(dtype):
    data = karate()
    data.x = data.x.to(dtype)
    assert torch.equal(torques(data), torques(karate()))
    losses, expected = (
        [event.loss for event in train(graph, SPEC, device="cpu") if hasattr(event, "loss")]
        for graph in (data, karate())
    )
    assert losses == expected


@pytest.mark.parametrize("exponent", [-125, -100, -60, -30, 30, 60, 100, 124])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_torque_does_not_depend_on_the_scale_of_the_features(exponent, dtype):
    x = some_features().float()
    data = karate(x.to(dtype) * 2.0**exponent)
    torch.testing.assert_close(torques(data), torques(karate(x)), rtol=1e-4, atol=1e-5)
    assert torques(data).unique().numel() > 10


def test_the_usual_range_is_not_scaled():
    x = some_features().float()
    assert scaled_features(x) is x
    assert scaled_features(torch.zeros(3, 2)).tolist() == [[0, 0]] * 3
    assert scaled_features(torch.empty(0, 2)).shape == (0, 2)


def test_scaling_is_exact_and_differentiable():
    x = torch.tensor([[3.0, -5.0]]) * 2.0**99
    assert scaled_features(x).tolist() == [[0.375, -0.625]]
    x.requires_grad_()
    scaled_features(x).sum().backward()
    assert x.grad.tolist() == [[2.0**-102] * 2]


@pytest.mark.parametrize(
    ("scale", "message"),
    [(1e200, "which float32 cannot represent; rescale x"), (1e-200, "which float32 rounds to 0; rescale x")],
)
@pytest.mark.parametrize("layout", [torch.strided, torch.sparse_coo])
def test_features_beyond_float32_are_refused(scale, message, layout):
    x = some_features(scale)
    data = karate(x if layout == torch.strided else x.to_sparse())
    uses = [rewire, check_graph, lambda graph: next(iter(train(graph, SPEC, device="cpu"))), PEERS["jaccard"]()]
    for use in (*uses, lambda graph: add_noise(graph, Noise("features", 0.1))):
        with pytest.raises(BadGraph, match=message):
            use(data)


def test_the_first_feature_beyond_float32_is_named():
    x = torch.ones(34, 2, dtype=torch.double)
    x[7, 1] = -1e39
    with pytest.raises(BadGraph, match=re.escape("x contains -1e+39, first in row 7")):
        rewire(karate(x))
    x[7, 1] = 1e-300  # one small number among others is 0 beside them
    rewire(karate(x))


@pytest.mark.parametrize("weight", [1e39, 1e-60])
def test_edge_weights_beyond_float32_are_refused(weight):
    data = karate()
    data.edge_weight = torch.ones(data.num_edges, dtype=torch.double)
    rewire(data)
    data.edge_weight[3] = weight
    with pytest.raises(BadGraph, match="rescale edge_weight"):
        rewire(data)


def test_check_range_of_other_dtypes():
    check_range(torch.tensor([3e38]), "x")
    check_range(torch.tensor([2**62]), "x")
    check_range(torch.empty(0, dtype=torch.double), "x")
    check_range(torch.zeros(3, dtype=torch.double), "x")


def test_complex_features_are_refused():
    with pytest.raises(BadGraph, match=r"x must hold real numbers, got torch\.complex64"):
        check_graph(Data(x=torch.ones(2, 1, dtype=torch.cfloat), edge_index=torch.tensor([[0], [1]])))


@pytest.fixture
def default_dtype(request):
    previous = torch.get_default_dtype()
    torch.set_default_dtype(request.param)
    yield request.param
    torch.set_default_dtype(previous)


@pytest.mark.parametrize("default_dtype", [torch.float64], indirect=True)
@pytest.mark.parametrize("backbone", ["gcn", "sage", "gat", "mlp", "gprgnn", "fsgnn"])
@pytest.mark.parametrize("rewiring", [None, RewireSpec(), RewireSpec(cut="bernoulli"), RewireSpec(force="pair")])
def test_training_in_float64(default_dtype, backbone, rewiring):
    data = karate()
    data.edge_weight = torch.rand(data.num_edges, dtype=torch.float32) + 0.5
    *_, end = train(data, TrainSpec(epochs=3, hidden=4, backbone=backbone), rewiring=rewiring, device="cpu")
    assert end.probabilities.dtype == torch.float64
    assert {parameter.dtype for parameter in end.model.parameters()} == {torch.float64}
    assert predict(end.model, karate(), rewiring=None).dtype == torch.float64


@pytest.mark.parametrize("default_dtype", [torch.float64], indirect=True)
def test_torque_does_not_depend_on_the_default_dtype(default_dtype):
    data = karate()
    data.edge_index = data.edge_index[:, 1:]  # one edge has a single direction
    in_float64 = rewire(data)
    torch.set_default_dtype(torch.float32)
    in_float32 = rewire(data)
    for first, second in zip(in_float64.layers, in_float32.layers, strict=True):
        assert torch.equal(first.torque.value, second.torque.value)
        assert torch.equal(first.pruned, second.pruned)
        assert torch.equal(first.added, second.added)


def test_int32_edges_train_and_rewire():
    data = karate()
    data.edge_index = data.edge_index.int()
    assert torch.equal(torques(data), torques(karate()))
    for rewiring in (None, RewireSpec()):
        *_, end = train(data, SPEC, rewiring=rewiring, device="cpu")
        *_, expected = train(karate(), SPEC, rewiring=rewiring, device="cpu")
        assert torch.equal(end.probabilities, expected.probabilities)
