"""Adjacency matrices in the Matrix Market format."""

import io

import numpy as np

from torque_core.datasets.clean import format_count
from torque_core.datasets.importers.limits import LimitChecker
from torque_core.datasets.importers.parsed_graph import ParsedGraph

__all__ = ["read_matrix_market"]

_BYTES_PER_ENTRY = {"coordinate": 4, "array": 2}  # the shortest line: "1 1\n" or "0\n"


def read_matrix_market(content: bytes, checker: LimitChecker) -> ParsedGraph:
    """Read a square matrix of any field and symmetry as an adjacency matrix; nodes are numbered from 1, as its rows.

    The header is checked before memory is allocated for the entries. Entries that are stored but zero are no edges.

    Raises:
        BadFile: If the file is not a Matrix Market file of a square matrix, or exceeds a limit.
    """
    from scipy.io import mminfo, mmread  # slow to import
    from scipy.sparse import coo_array

    try:
        rows, columns, entries, form, _, symmetry = mminfo(io.BytesIO(content))
    except (ValueError, OverflowError, StopIteration) as error:
        raise checker.error(f"not a Matrix Market file: {str(error)[:100]}", line=1) from None
    if rows != columns:
        raise checker.error(f"the adjacency matrix of a graph is square, but this matrix is {rows:,} x {columns:,}")
    checker.check(nodes=rows)
    listed = entries if form == "coordinate" or symmetry == "general" else rows * (rows - 1) // 2
    if listed * _BYTES_PER_ENTRY[form] > len(content):
        raise checker.error(f"is truncated: its header declares {entries:,} entries")
    if form == "coordinate":
        checker.check(edges=entries)
    try:
        matrix = coo_array(mmread(io.BytesIO(content), spmatrix=False))
    except (ValueError, OverflowError) as error:
        raise checker.error(f"not a valid Matrix Market file: {str(error)[:100]}") from None
    checker.check(edges=matrix.nnz if symmetry == "general" else matrix.nnz // 2)
    nonzero = matrix.data != 0
    row, column = (index[nonzero].astype(np.int64) for index in matrix.coords)
    parsed = ParsedGraph(checker, directed=symmetry == "general" and _is_directed(row, column, rows))
    parsed.ids = {str(node + 1): node for node in range(rows)}
    parsed.source.frombytes(row.tobytes())
    parsed.target.frombytes(column.tobytes())
    if form == "coordinate" and not nonzero.all():
        parsed.notes.append(f"{format_count(int((~nonzero).sum()), 'stored zero', 'was')} omitted from the edges.")
    if matrix.dtype.kind != "c" and len(np.unique(matrix.data[nonzero])) > 1:
        parsed.edge_columns["weight"] = matrix.data[nonzero].astype(np.float64).tolist()
    return parsed


def _is_directed(row: np.ndarray, column: np.ndarray, num_nodes: int) -> bool:
    """Return True if an entry has no counterpart on the other side of the diagonal."""
    forward, back = np.unique(row * num_nodes + column), np.unique(column * num_nodes + row)
    return not np.array_equal(forward, back)
