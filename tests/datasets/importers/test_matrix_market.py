"""Adjacency matrices that SciPy writes in the Matrix Market format."""

import io

import networkx as nx
import numpy as np
import pytest
from scipy.io import mmwrite
from scipy.sparse import coo_array

from tests.datasets.importers.helpers import edges_in, edges_of
from torque_core.datasets.importers import import_graph
from torque_core.errors import BadFile

KARATE = nx.convert_node_labels_to_integers(nx.karate_club_graph(), first_label=1)


def written(matrix, **options) -> bytes:
    buffer = io.BytesIO()
    mmwrite(buffer, matrix, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("symmetry", ["general", "symmetric"])
@pytest.mark.parametrize("field", ["pattern", "integer", "real"])
def test_every_field_and_symmetry(field, symmetry):
    content = written(nx.to_scipy_sparse_array(KARATE, dtype=int), field=field, symmetry=symmetry)
    imported = import_graph({"k.mtx": content})
    assert edges_of(imported) == edges_in(KARATE)
    assert ("Edge attributes were ignored: weight." in imported.notes) == (field != "pattern")
    assert not any("directed" in note for note in imported.notes)


@pytest.mark.parametrize("symmetry", ["general", "symmetric"])
def test_a_dense_matrix(symmetry):
    content = written(nx.to_numpy_array(KARATE), symmetry=symmetry)
    assert edges_of(import_graph({"k.mtx": content})) == edges_in(KARATE)


def test_stored_zeros_and_directions_are_reported():
    matrix = coo_array((np.array([1, 0, 2]), (np.array([0, 1, 2]), np.array([1, 2, 0]))), shape=(3, 3))
    imported = import_graph({"k.mtx": written(matrix)})
    assert edges_of(imported) == [("1", "2"), ("1", "3")]
    assert "1 stored zero was omitted from the edges." in imported.notes
    assert imported.is_directed


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a Matrix Market file"),
        (b"1 2 3\n", "not a Matrix Market file"),
        (b"%%MatrixMarket matrix coordinate real general\n2 3 1\n1 1 1\n", "is square, but this matrix is 2 x 3"),
        (b"%%MatrixMarket matrix coordinate real general\n2 2 900000\n1 1 1\n", "is truncated: its header declares"),
        (b"%%MatrixMarket matrix array real general\n9000 9000\n1\n", "is truncated: its header declares"),
        (b"%%MatrixMarket matrix coordinate real general\n2 2 1\n1 3 1\n", "not a valid Matrix Market file"),
        (b"%%MatrixMarket matrix coordinate real general\n300000 300000 1\n1 1 1\n", "more than 200,000 nodes"),
    ],
)
def test_errors_come_before_memory_is_allocated(content, message):
    with pytest.raises(BadFile, match=message):
        import_graph({"k.mtx": content})
