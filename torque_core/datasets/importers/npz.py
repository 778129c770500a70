"""Graphs in npz files, as NumPy, SciPy and the programs for graph learning write them."""

from collections.abc import Mapping
from pathlib import PurePath

import numpy as np

from torque_core.datasets.clean import format_count
from torque_core.datasets.importers.limits import LimitChecker, join_names
from torque_core.datasets.importers.npz_archive import read_arrays
from torque_core.datasets.importers.npz_matrices import MATRIX_ARRAYS, SparseMatrix, dense_features, sparse_matrix
from torque_core.datasets.importers.parsed_graph import Cell, ParsedGraph
from torque_core.datasets.importers.split_masks import PARTS, masks_from_arrays

__all__ = ["read_npz"]


def _matrix(key: str, *prefixes: str) -> dict[str, tuple[str, ...]]:
    """Names of the arrays of a sparse matrix of SciPy."""
    return {f"{key}{part}": tuple(f"{prefix}{part}" for prefix in prefixes) for part in MATRIX_ARRAYS}


_ARRAY_NAMES = {
    "edges": ("edge_index", "pairs", "edges", "edge_list", "edgelist", "edge_indices", "edge_idx", "links", "arr_0"),
    "x": (
        "x", "features", "node_features", "node_feat", "feature", "feat", "attr_matrix", "node_attr", "node_attrs",
        "node_feature", "node_feats", "attributes", "attrs", "attr",
    ),
    "y": (
        "y", "label", "labels", "node_labels", "node_label", "target", "targets", "class", "classes", "class_labels",
        "ground_truth", "gt",
    ),
    "sources": ("src", "source", "sources"),
    "targets": ("dst", "target_nodes", "destination", "tgt"),
    "num_nodes": ("num_nodes", "num_nodes_list"),
    "names": ("names", "node_names"),
    "feature_names": ("feature_names", "attr_names"),
    "class_names": ("class_names",),
    "weight": ("edge_weight",),
    "directed": ("is_directed", "directed"),
    "dense": ("adj", "adjacency", "adj_matrix", "A", "adjacency_matrix", "adj_mat", "W"),
    "train": ("train_mask", "train_masks", "train_idx", "idx_train"),
    "val": ("val_mask", "val_masks", "valid_mask", "val_idx", "valid_idx", "idx_val"),
    "test": ("test_mask", "test_masks", "test_idx", "idx_test"),
    **_matrix("", "", "adj_", "adj_matrix."),
    **_matrix("x_", "attr_", "attr_matrix.", "x_", "features_"),
}  # fmt: skip
"""Accepted names of each array, in order of precedence, in any case."""
_FEATURE_FILES = ("feat", "attr")  # a matrix in such a file contains features
_BARE_MATRIX = {f"x_{part}": (part,) for part in MATRIX_ARRAYS} | dict.fromkeys(MATRIX_ARRAYS, ())
_OPTIONAL = (
    "names",
    "feature_names",
    "class_names",
    "directed",
)  # ignored if they contain pickled objects, as in old files
_UNUSED = ("format", "_is_array", "pairs", "num_edges_list", "attr_format", "adj_format")


def read_npz(files: Mapping[str, bytes], checkers: Mapping[str, LimitChecker]) -> ParsedGraph:
    """Read edges or an adjacency matrix, features, classes, names and splits from the arrays of one or more files.

    Edges are in ``edge_index``, ``pairs`` or ``edges``, in two rows or two columns, or in an adjacency matrix as SciPy
    saves it. Features are in ``x``, of shape :math:`(|\\mathcal{V}|, F)`, or in a sparse matrix; classes are in ``y``,
    as labels or one-hot. ``names``, ``feature_names``, ``class_names``, ``num_nodes``, and the masks of one or more
    splits are optional. The names that PyG, OGB, DeepRobust, Shchur et al. (2018) and Platonov et al. (2023) use for
    these arrays are accepted as well. ``is_directed``, one truth value, declares that edges have directions. Entries of
    the matrix that are stored but zero, and edges with an ``edge_weight`` of zero, are no edges.

    Raises:
        BadFile: If a file is not an npz file, there are no edges, two files contain the same array, or an array has
            the wrong shape or contains objects.
    """
    checker = checkers[next(iter(files))]
    arrays, used, present = _read(files, checkers)
    edges = _edges(arrays, checker)
    one_based = edges is not None and _counts_from_one(arrays, edges)
    if one_based and edges is not None:
        edges = edges.astype(np.int64) - 1
    if edges is None:
        contents = join_names(present, 12) or "nothing"
        if "edges" in arrays:
            contents = f"{used['edges']} of type {arrays['edges'].dtype} and shape {arrays['edges'].shape}"
        raise checker.error(
            f"needs edge_index with integers in two rows, or a square SciPy matrix; it contains {contents}"
        )
    if "x" not in arrays and (matrix := sparse_matrix(arrays, "x_", checker)):
        arrays["x"] = dense_features(matrix, arrays.get("x_data"), sum(map(len, files.values())), checker)
    if "y" in arrays:
        arrays["y"] = _flat_labels(arrays["y"])
    num_nodes = _num_nodes(arrays, edges, checker)
    checker.check(nodes=num_nodes, edges=edges.shape[1])
    if edges.size and (int(edges.min()) < 0 or int(edges.max()) >= num_nodes):
        raise checker.error(f"edges must connect nodes 0 to {num_nodes - 1:,}, found {edges.min()} to {edges.max()}")
    checker.unit = "node"
    parsed = ParsedGraph(checker)
    if one_based:
        parsed.notes.append("The ends of edges count the nodes from 1.")
    nonzero = _nonzero(arrays, edges, num_nodes, checker)
    if not nonzero.all():
        parsed.notes.append(f"{format_count(int((~nonzero).sum()), 'stored zero', 'was')} omitted from the edges.")
        edges = edges[:, nonzero]
    parsed.ids = {str(node): node for node in range(num_nodes)}
    parsed.source.frombytes(edges[0].astype(np.int64).tobytes())
    parsed.target.frombytes(edges[1].astype(np.int64).tobytes())
    parsed.edge_columns = _edge_weights(arrays, nonzero)
    for key, column in (("y", "class"), ("names", "name")):
        if key in arrays:
            for node, value in enumerate(arrays[key].tolist()):
                is_nan = value != value
                parsed.set_value(node, column, None if is_nan else value, line=node + 1)
    parsed.x = arrays.get("x")
    if "x" not in used:
        parsed.x_title = "sparse matrix"
    elif used["x"] != "x":
        parsed.x_title = f"array {used['x']}"
    if "x" in arrays:
        parsed.x_names = _names(arrays.get("feature_names"), arrays["x"].shape[-1])
    parsed.class_names = _names(arrays.get("class_names"))
    parsed.directed = _is_true(arrays.get("directed"))
    if masks := {part: arrays[part] for part in PARTS if part in arrays}:
        try:
            parsed.masks = masks_from_arrays(masks, num_nodes)
        except ValueError as error:
            parsed.notes.append(f"The masks were ignored: {error}.")
    if ignored := [name for name in present if name not in (*used.values(), *_UNUSED)]:
        parsed.notes.append(f"Arrays that were ignored: {join_names(ignored, 12)}.")
    return parsed.finish()


def _read(
    files: Mapping[str, bytes], checkers: Mapping[str, LimitChecker]
) -> tuple[dict[str, np.ndarray], dict[str, str], list[str]]:
    """Arrays of all files, the name of each in its file, and the names of all arrays."""
    arrays: dict[str, np.ndarray] = {}
    used: dict[str, str] = {}
    present: list[str] = []
    for name, content in files.items():
        checker = checkers[name]
        is_features = any(word in PurePath(name).stem.lower() for word in _FEATURE_FILES)
        names = _ARRAY_NAMES | (_BARE_MATRIX if is_features and len(files) > 1 else {})
        read = read_arrays(
            content, names, checker, features="x", optional=_OPTIONAL,
            check_shape=lambda key, shape, checker=checker: _check_shape(key, shape, checker),  # type: ignore[misc]
        )  # fmt: skip
        if common := [read.names[key] for key in read.arrays if key in arrays]:
            raise checker.error(f"contains {join_names(common)}, as another file does; upload one graph at a time")
        arrays |= read.arrays
        used |= read.names
        present += read.present
    return arrays, used, present


def _flat_labels(y: np.ndarray) -> np.ndarray:
    """Labels as one number per node, also of an array with one column, or with one column of 0 and 1 per class."""
    if y.shape[1:] == (1,):
        return y[:, 0]
    if y.ndim == 2 and y.dtype.kind in "biuf" and y.shape[1] > 1 and np.isin(y, (0, 1)).all():
        count = y.sum(axis=1)
        if (count <= 1).all():
            return np.where(count == 1, y.argmax(axis=1), -1)
    return y


def _names(array: np.ndarray | None, count: int | None = None) -> tuple[str, ...] | None:
    """Names in an array of text; None if it contains anything else, or another number of names."""
    if array is None or array.ndim != 1 or array.dtype.kind != "U" or len(array) != (count or len(array)):
        return None
    return tuple(array.tolist())


def _is_true(array: np.ndarray | None) -> bool:
    """True if an array contains one number, which is not zero."""
    return array is not None and array.size == 1 and array.dtype.kind in "bui" and bool(array.item())


def _check_shape(key: str, shape: tuple[int, ...], checker: LimitChecker) -> None:
    """Check the length of an array before it is unpacked."""
    longest = max(shape, default=0)
    match key:
        case "edges" | "indices" | "row" | "col" | "data" | "sources" | "targets" | "directed":
            checker.check(edges=longest)
        case "x" | "y" | "names" | "dense":
            checker.check(nodes=shape[0] if shape else 0)
        case "indptr":
            checker.check(nodes=longest - 1)
        case "feature_names" | "class_names":
            checker.check(columns=longest)
        case "x_indptr" | "train" | "val" | "test":
            checker.check(nodes=longest - 1)
        case "num_nodes" if longest > 1:
            raise checker.error(f"contains {longest:,} graphs; expected one")
        case "shape" | "x_shape" | "num_nodes" if longest > 2:
            raise checker.error(f"{key} must contain at most two numbers, got shape {shape}")


def _edges(arrays: dict[str, np.ndarray], checker: LimitChecker) -> np.ndarray | None:
    """Edges in two rows, :math:`(2, M)`; None if the arrays are missing or inconsistent."""
    edges = arrays.get("edges")
    if edges is None and {"sources", "targets"} <= arrays.keys() and len(arrays["sources"]) == len(arrays["targets"]):
        edges = arrays["edges"] = np.stack([arrays["sources"], arrays["targets"]])
    if edges is not None and edges.ndim == 2 and 2 not in edges.shape and edges.shape[0] == edges.shape[1]:
        arrays["dense"] = arrays.pop("edges")
    elif edges is not None:
        if edges.ndim == 2 and edges.shape[0] != 2 and edges.shape[1] == 2:
            edges = edges.T
        if edges.dtype.kind == "f" and (edges == np.floor(edges)).all() and (np.abs(edges) < 2**53).all():
            edges = edges.astype(np.int64)
        return edges if edges.ndim == 2 and edges.shape[0] == 2 and edges.dtype.kind in "iu" else None
    if (matrix := sparse_matrix(arrays, "", checker)) is not None:
        row, column = matrix.row, matrix.column
    elif (dense := arrays.get("dense")) is not None and dense.ndim == 2 and dense.dtype.kind in "biuf":
        matrix = SparseMatrix(dense.shape, *np.nonzero(np.nan_to_num(dense) if dense.dtype.kind == "f" else dense))
        row, column = matrix.row, matrix.column
    else:
        return None
    if matrix.shape[0] != matrix.shape[1]:
        return None
    arrays["num_nodes"] = np.array(matrix.shape[:1])
    return np.stack([row, column])


def _counts_from_one(arrays: dict[str, np.ndarray], edges: np.ndarray) -> bool:
    """Return True if the ends of edges are 1, 2, ..., as many as there are features or classes."""
    counts = {len(arrays[name]) for name in ("x", "y") if name in arrays and arrays[name].ndim}
    return "edges" in arrays and bool(edges.size) and int(edges.min()) == 1 and counts == {int(edges.max())}


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


def _edge_weights(arrays: dict[str, np.ndarray], nonzero: np.ndarray) -> dict[str, list[Cell]]:
    """Weights of the edges, unless all are equal."""
    weight = arrays.get("weight" if "edges" in arrays else "data", np.empty(0)).reshape(-1)
    if len(weight) != len(nonzero) or weight.dtype.kind not in "iuf" or len(np.unique(weight[nonzero])) < 2:
        return {}
    return {"weight": weight[nonzero].astype(np.float64).tolist()}


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
