"""Graphs in npz files."""

import numpy as np

from torque_core.datasets.clean import format_count
from torque_core.datasets.importers.limits import LimitChecker, join_names
from torque_core.datasets.importers.npz_archive import read_arrays
from torque_core.datasets.importers.parsed_graph import ParsedGraph

__all__ = ["read_npz"]

_ARRAY_NAMES = {
    "edges": ("pairs", "edge_index", "edges"),
    "x": ("x", "features", "node_features"),
    "y": ("y", "label", "labels", "node_labels"),
    "num_nodes": ("num_nodes",),
    "names": ("names",),
    "shape": ("shape", "adj_shape"),
    "indptr": ("indptr", "adj_indptr"),
    "indices": ("indices", "adj_indices"),
    "row": ("row",),
    "col": ("col",),
    "data": ("data", "adj_data"),
    "weight": ("edge_weight",),
}
"""Accepted names of each array, in order of precedence; ``shape`` to ``data`` belong to a sparse matrix of SciPy."""
_UNUSED_MATRIX_ARRAYS = ("format", "_is_array")  # SciPy's other arrays


def read_npz(content: bytes, checker: LimitChecker) -> ParsedGraph:
    """Read ``edge_index``, ``pairs`` or ``edges``, or an adjacency matrix saved by SciPy; and ``x``, ``y``, ``names``.

    Edges are given in two rows or two columns, ``x`` has shape :math:`(|\\mathcal{V}|, F)`, and ``num_nodes`` is the
    number of nodes. Entries of the matrix that are stored but zero, and edges with an ``edge_weight`` of zero, are no
    edges.

    Raises:
        BadFile: If the file is not an npz file, contains objects, or has an array of the wrong shape.
    """
    arrays, used, present = read_arrays(
        content, _ARRAY_NAMES, checker, features="x", check_shape=lambda key, shape: _check_shape(key, shape, checker)
    )
    edges = _edges(arrays, checker)
    if edges is None:
        contents = join_names(present, 12) or "nothing"
        if "edges" in arrays:
            contents = f"{used['edges']} of type {arrays['edges'].dtype} and shape {arrays['edges'].shape}"
        raise checker.error(
            f"needs edge_index with integers in two rows, or a square SciPy matrix; it contains {contents}"
        )
    if "y" in arrays and arrays["y"].shape[1:] == (1,):
        arrays["y"] = arrays["y"][:, 0]
    num_nodes = _num_nodes(arrays, edges, checker)
    checker.check(nodes=num_nodes, edges=edges.shape[1])
    if edges.size and (int(edges.min()) < 0 or int(edges.max()) >= num_nodes):
        raise checker.error(f"edges must connect nodes 0 to {num_nodes - 1:,}, found {edges.min()} to {edges.max()}")
    checker.unit = "node"
    parsed = ParsedGraph(checker)
    nonzero = _nonzero(arrays, edges, num_nodes, checker)
    if not nonzero.all():
        parsed.notes.append(f"{format_count(int((~nonzero).sum()), 'stored zero', 'was')} omitted from the edges.")
        edges = edges[:, nonzero]
    parsed.ids = {str(node): node for node in range(num_nodes)}
    parsed.source.frombytes(edges[0].astype(np.int64).tobytes())
    parsed.target.frombytes(edges[1].astype(np.int64).tobytes())
    for key, column in (("y", "class"), ("names", "name")):
        if key in arrays:
            for node, value in enumerate(arrays[key].tolist()):
                is_nan = value != value
                parsed.set_value(node, column, None if is_nan else value, line=node + 1)
    parsed.x = arrays.get("x")
    if ignored := [name for name in present if name not in (*used.values(), *_UNUSED_MATRIX_ARRAYS)]:
        parsed.notes.append(f"Arrays that were ignored: {join_names(ignored, 12)}.")
    return parsed.finish()


def _check_shape(key: str, shape: tuple[int, ...], checker: LimitChecker) -> None:
    """Check the length of an array before it is unpacked."""
    longest = max(shape, default=0)
    match key:
        case "edges" | "indices" | "row" | "col" | "data":
            checker.check(edges=longest)
        case "x" | "y" | "names":
            checker.check(nodes=shape[0] if shape else 0)
        case "indptr":
            checker.check(nodes=longest - 1)
        case _ if longest > 2:
            raise checker.error(f"{key} must contain at most two numbers, got shape {shape}")


def _edges(arrays: dict[str, np.ndarray], checker: LimitChecker) -> np.ndarray | None:
    """Edges in two rows, :math:`(2, M)`; None if the arrays are missing or inconsistent."""
    edges = arrays.get("edges")
    if edges is not None:
        if edges.ndim == 2 and edges.shape[0] != 2 and edges.shape[1] == 2:
            edges = edges.T
        return edges if edges.ndim == 2 and edges.shape[0] == 2 and edges.dtype.kind in "iu" else None
    matrix = [arrays.get(name) for name in ("shape", "indptr", "indices")]
    if "row" in arrays:
        matrix = [arrays.get(name) for name in ("shape", "row", "col")]
    if any(array is None or array.ndim != 1 or array.dtype.kind not in "iu" for array in matrix):
        return None
    shape, rows, columns = (array.astype(np.int64) for array in matrix if array is not None)
    if len(shape) != 2 or shape[0] != shape[1] or shape[0] < 1:
        return None
    arrays["num_nodes"] = shape[:1]
    if "row" not in arrays:  # rows holds the row pointers
        checker.check(nodes=len(rows) - 1)
        is_consistent = len(rows) == shape[0] + 1 and rows[0] == 0 and rows[-1] == len(columns)
        if not is_consistent or (rows[1:] < rows[:-1]).any():
            return None
        rows = np.repeat(np.arange(len(rows) - 1), np.diff(rows))
    return np.stack([rows, columns]) if len(rows) == len(columns) else None


def _nonzero(arrays: dict[str, np.ndarray], edges: np.ndarray, num_nodes: int, checker: LimitChecker) -> np.ndarray:
    """Mask of the edges whose weight is not zero, :math:`(M,)`; repeated entries of a matrix are summed."""
    is_matrix = "edges" not in arrays
    weight = arrays.get("data" if is_matrix else "weight", np.ones(edges.shape[1])).reshape(-1)
    if len(weight) != edges.shape[1] or weight.dtype.kind == "U":
        raise checker.error(f"expected {edges.shape[1]:,} numbers as weights of edges, got {len(weight):,}")
    if not is_matrix or weight.dtype.kind in "bu" or not (weight < 0).any():
        return weight != 0
    entry = edges[0].astype(np.int64) * num_nodes + edges[1].astype(np.int64)
    _, group = np.unique(entry, return_inverse=True)
    return np.bincount(group, weights=weight.astype(np.float64))[group] != 0


def _num_nodes(arrays: dict[str, np.ndarray], edges: np.ndarray, checker: LimitChecker) -> int:
    """Number of nodes, on which all arrays must agree."""
    counts: dict[str, int] = {
        name: len(arrays[name]) for name in ("x", "y", "names") if name in arrays and arrays[name].ndim
    }
    if "num_nodes" in arrays:
        if arrays["num_nodes"].size != 1 or arrays["num_nodes"].dtype.kind not in "iu":
            raise checker.error("num_nodes must be a single integer")
        counts["num_nodes"] = int(arrays["num_nodes"].reshape(-1)[0])
        if counts["num_nodes"] < 0:
            raise checker.error(f"num_nodes must not be negative, got {counts['num_nodes']}")
    if len(set(counts.values())) > 1:
        raise checker.error(f"arrays have different numbers of nodes: {counts}")
    for name, dimensions in (("x", 2), ("y", 1), ("names", 1)):
        if name in arrays and arrays[name].ndim != dimensions:
            plural = "s" if dimensions > 1 else ""
            raise checker.error(f"{name} must have {dimensions} dimension{plural}, got shape {arrays[name].shape}")
    return next(iter(counts.values()), int(edges.max()) + 1 if edges.size else 0)
