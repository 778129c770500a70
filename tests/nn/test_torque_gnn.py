import numpy as np
import pytest
import torch

from tests.conftest import PATH, STAR
from torque_core.errors import BadConfig
from torque_core.graph import pairs_to_edge_index
from torque_core.nn import TorqueGNN

X = np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, 1.0], [3.0, 0.5]])
WEIGHTS = np.array([[1.0, -1.0, 0.5], [0.0, 2.0, -1.0]]), np.array([[1.0, 0.0], [-1.0, 1.0], [2.0, 0.5]])
BIASES = np.array([0.1, -0.2, 0.0]), np.array([0.5, -0.5])


def dense(pairs):
    """The normalised adjacency matrix of 4 nodes, with self-loops, as the formula has it."""
    a = np.eye(4)
    for i, j in pairs.T.tolist():
        a[i, j] = a[j, i] = 1
    scale = np.diag(a.sum(axis=1) ** -0.5)
    return scale @ a @ scale


def model_with_weights(**options):
    model = TorqueGNN(2, 3, 2, **options)
    with torch.no_grad():
        for conv, weight, bias in zip(model.convs, WEIGHTS, BIASES, strict=True):
            conv.lin.weight.copy_(torch.tensor(weight.T))
            conv.bias.copy_(torch.tensor(bias))
    return model.eval()


def forward(model, *graphs):
    return model(torch.tensor(X).float(), [pairs_to_edge_index(pairs) for pairs in graphs]).detach().numpy()


@pytest.mark.parametrize("graphs", [(PATH, STAR), (STAR, PATH), (PATH, PATH), (PATH, PATH[:, :0])])
def test_forward_is_the_formula_with_a_graph_per_layer(graphs):
    hidden = np.maximum(dense(graphs[0]) @ X @ WEIGHTS[0] + BIASES[0], 0)
    expected = dense(graphs[1]) @ hidden @ WEIGHTS[1] + BIASES[1]
    np.testing.assert_allclose(forward(model_with_weights(), *graphs), expected, atol=1e-5)


def test_one_layer_has_no_relu():
    model = TorqueGNN(2, 9, 2, num_layers=1).eval()
    with torch.no_grad():
        model.convs[0].lin.weight.copy_(-torch.eye(2))
    np.testing.assert_allclose(forward(model, PATH), -dense(PATH) @ X, atol=1e-6)


def test_dropout_in_training_only():
    model = model_with_weights(dropout=0.5)
    assert np.array_equal(forward(model, PATH, STAR), forward(model, PATH, STAR))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model.train()
        assert not np.array_equal(forward(model, PATH, STAR), forward(model, PATH, STAR))


def test_widths():
    model = TorqueGNN(5, 7, 3, num_layers=4)
    assert [(conv.in_channels, conv.out_channels) for conv in model.convs] == [(5, 7), (7, 7), (7, 7), (7, 3)]


def test_errors_name_the_value():
    with pytest.raises(BadConfig, match="1 graphs for 2 layers; give one graph per layer"):
        forward(model_with_weights(), PATH)
    with pytest.raises(BadConfig, match="3 graphs for 2 layers; give one graph per layer"):
        forward(model_with_weights(), PATH, PATH, PATH)
    with pytest.raises(BadConfig, match="num_layers must be at least 1, got 0"):
        TorqueGNN(2, 3, 2, num_layers=0)
