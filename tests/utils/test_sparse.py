import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck

from tests.conftest import PATH, edge_weights, pair_sets
from torque_core.utils.sparse import (
    matrix_rows,
    mean_operator,
    mean_pattern,
    pair_pattern,
    pair_products,
    sparse_mm,
    weighted_degree,
)

dtypes = st.sampled_from([torch.float32, torch.float64])


def random_rows(count, dtype=torch.double, seed=0):
    return torch.randn(count, 3, dtype=dtype, generator=torch.Generator().manual_seed(seed))


def operator(pairs, num_nodes, weight=None, dtype=None):
    """The mean operator and the degrees, as a propagation builds them."""
    degree = weighted_degree(pairs, num_nodes, weight, dtype)
    return mean_operator(mean_pattern(pairs, num_nodes), degree, weight), degree


def dense(pairs, num_nodes, weight):
    """D and the mean operator as the formula has them."""
    matrix = torch.eye(num_nodes, dtype=torch.double)
    for column, (i, j) in enumerate(pairs.T.tolist()):
        matrix[i, j] = matrix[j, i] = 1 if weight is None else weight[column]
    mass = matrix.sum(dim=1)
    return matrix / mass[:, None], mass


@given(pair_sets(), dtypes, st.data())
def test_mean_operator_and_product_equal_the_dense_ones(drawn, dtype, data):
    pairs, num_nodes = drawn
    weight = data.draw(st.none() | edge_weights(pairs.size(1)))
    matrix, mass = operator(pairs, num_nodes, weight, dtype)
    expected, expected_mass = dense(pairs, num_nodes, weight)
    torch.sparse_csr_tensor(  # raises if rows or columns are not in order
        matrix.crow_indices(), matrix.col_indices(), matrix.values(), matrix.shape, check_invariants=True
    )
    assert matrix.dtype == mass.dtype == dtype
    torch.testing.assert_close(mass, expected_mass.to(dtype))
    torch.testing.assert_close(matrix.to_dense(), expected.to(dtype))
    x = random_rows(num_nodes, dtype)
    torch.testing.assert_close(sparse_mm(matrix, x), expected.to(dtype) @ x)


def test_entries_have_the_type_of_the_weights():
    assert operator(PATH, 4, torch.ones(3, dtype=torch.double))[0].dtype == torch.double
    assert operator(PATH, 4)[0].dtype == torch.get_default_dtype()


def test_mean_operator_without_edges_is_the_identity():
    matrix, mass = operator(PATH[:, :0], 4)
    assert torch.equal(matrix.to_dense(), torch.eye(4))
    assert mass.tolist() == [1] * 4


def test_product_has_gradients_for_rows_and_weights():
    weight, x = torch.tensor([0.5, 2.0, 3.0]).double().requires_grad_(), random_rows(4).requires_grad_()
    assert gradcheck(lambda w, rows: sparse_mm(operator(PATH, 4, w)[0], rows), (weight, x))


def test_some_rows_of_a_matrix_have_its_entries_and_gradients():
    weight, rows = torch.tensor([0.5, 2.0, 3.0]).double(), torch.tensor([2, 0, 2])
    matrix, _ = operator(PATH, 4, weight)
    some = matrix_rows(matrix, rows)
    torch.sparse_csr_tensor(some.crow_indices(), some.col_indices(), some.values(), some.shape, check_invariants=True)
    assert torch.equal(some.to_dense(), matrix.to_dense()[rows])
    assert matrix_rows(matrix, rows[:0]).shape == (0, 4)
    weight, x = weight.requires_grad_(), random_rows(4)
    assert gradcheck(lambda w: sparse_mm(matrix_rows(operator(PATH, 4, w)[0], rows), x), weight)


@st.composite
def places(draw):
    """Pairs of nodes: both directions, with themselves, repeated as room allows; the first row ascends."""
    num_nodes = draw(st.integers(1, 6))
    node = st.integers(0, num_nodes - 1)
    pairs = draw(st.lists(st.tuples(node, node), max_size=num_nodes))
    return torch.tensor(sorted(pairs, key=lambda pair: pair[0]), dtype=torch.long).view(-1, 2).T, num_nodes


@given(places(), dtypes)
def test_pair_products_are_entries_of_the_dense_product(drawn, dtype):
    pairs, num_nodes = drawn
    left, right = random_rows(num_nodes, dtype), random_rows(num_nodes, dtype, seed=1)
    found = pair_products(left, right, pair_pattern(pairs, left))
    assert found.dtype == dtype
    torch.testing.assert_close(found, (left @ right.T)[pairs[0], pairs[1]])


@pytest.mark.parametrize("columns", [[1, 2, 3, 3], [3, 1, 1, 0]])  # in order, and neither in order nor distinct
def test_gradients_of_pair_products(columns):
    pairs = torch.tensor([[0, 0, 0, 2], columns])
    left, right = random_rows(4).requires_grad_(), random_rows(4, seed=1).requires_grad_()
    pattern = pair_pattern(pairs, left.detach())
    assert gradcheck(lambda a, b: pair_products(a, b, pattern), (left, right))
    assert gradcheck(lambda a: pair_products(a, a, pattern), (left,))
