"""Sparse matrices of SciPy in npz files."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from torque_core.datasets.importers.limits import LimitChecker

__all__ = ["MATRIX_ARRAYS", "SparseMatrix", "dense_features", "sparse_matrix"]

_SMALL_BYTES = 64_000_000  # features up to this size may be mostly zeros

MATRIX_ARRAYS = ("shape", "indptr", "indices", "row", "col", "data")
"""Names of the arrays of which SciPy's formats COO, CSR and CSC consist."""


class SparseMatrix(NamedTuple):
    """The stored entries of a sparse matrix."""

    shape: tuple[int, int]
    """Numbers of rows and columns."""
    row: np.ndarray
    """Row of each entry."""
    column: np.ndarray
    """Column of each entry."""


def sparse_matrix(arrays: Mapping[str, np.ndarray], prefix: str, checker: LimitChecker) -> SparseMatrix | None:
    """Return the matrix whose arrays have a prefix; None if they are missing or inconsistent.

    Example:
        >>> from torque_core.datasets.importers.limits import ImportLimits
        >>> arrays = {"shape": np.array([2, 2]), "indptr": np.array([0, 1, 1]), "indices": np.array([1])}
        >>> matrix = sparse_matrix(arrays, "", LimitChecker("a.npz", ImportLimits()))
        >>> matrix.row.tolist(), matrix.column.tolist()
        ([0], [1])
    """
    has_rows = f"{prefix}row" in arrays
    names = ("shape", "row", "col") if has_rows else ("shape", "indptr", "indices")
    parts = [arrays.get(f"{prefix}{name}") for name in names]
    if any(array is None or array.ndim != 1 or array.dtype.kind not in "iu" for array in parts):
        return None
    shape, first, second = (array.astype(np.int64) for array in parts if array is not None)
    if len(shape) != 2 or shape.min() < 1:
        return None
    rows, columns = shape.tolist()
    if has_rows:
        row, column = first, second
    else:
        is_by_column = len(first) == columns + 1 != rows + 1  # CSC
        lines = columns if is_by_column else rows
        if len(first) != lines + 1 or first[0] != 0 or first[-1] != len(second) or (first[1:] < first[:-1]).any():
            return None
        checker.check(nodes=rows)
        line = np.repeat(np.arange(lines), np.diff(first))
        row, column = (second, line) if is_by_column else (line, second)
    if len(row) != len(column) or not all(_in_range(index, size) for index, size in ((row, rows), (column, columns))):
        return None
    return SparseMatrix((rows, columns), row, column)


def dense_features(matrix: SparseMatrix, data: np.ndarray | None, file_size: int, checker: LimitChecker) -> np.ndarray:
    """Convert a sparse matrix of features to an array, if that is not too large for the size of its file.

    Args:
        matrix: The positions of the entries.
        data: Their values; 1 if None.
        file_size: Size of the file in bytes.
        checker: The limits.

    Returns:
        Features, float32, :math:`(|\\mathcal{V}|, F)`; repeated entries are summed.
    """
    rows, columns = matrix.shape
    checker.check(nodes=rows, columns=columns, numbers=rows * columns)
    if 4 * rows * columns > max(_SMALL_BYTES, checker.limits.expansion * file_size):
        raise checker.error(
            f"its features are {rows:,} x {columns:,} numbers, more than {checker.limits.expansion} times the size of "
            "the file, which is the limit; leave out features that are always 0"
        )
    if data is None:
        data = np.ones(len(matrix.row), dtype=np.float32)
    if data.ndim != 1 or len(data) != len(matrix.row) or data.dtype.kind not in "biuf":
        raise checker.error(f"expected {len(matrix.row):,} numbers as values of the features, got {data.shape}")
    x = np.zeros((rows, columns), dtype=np.float32)
    with np.errstate(over="ignore"):  # overflow gives infinity, which is reported with its position later
        np.add.at(x, (matrix.row, matrix.column), data.astype(np.float32))
    return x


def _in_range(index: np.ndarray, size: int) -> bool:
    return not index.size or (int(index.min()) >= 0 and int(index.max()) < size)
