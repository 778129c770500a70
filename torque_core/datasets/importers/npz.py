"""Arrays in an npz file, whose headers are looked at before anything is unpacked; nothing is unpickled."""

import io
import zipfile

import numpy as np
from numpy.lib import format as npy

from torque_core.datasets.importers.limits import Budget
from torque_core.datasets.importers.parsed import Parsed
from torque_core.errors import BadFile

__all__ = ["read_npz"]

_MOST_DIRECTORY = 100_000  # bytes
_CALLED = {
    "links": ("pairs", "edge_index", "edges"),
    "x": ("x", "features", "node_features"),
    "y": ("y", "label", "labels", "node_labels"),
    "num_nodes": ("num_nodes",),
    "names": ("names",),
    "shape": ("shape", "adj_shape"),
    "indptr": ("indptr", "adj_indptr"),
    "indices": ("indices", "adj_indices"),
    "row": ("row",),
    "col": ("col",),
}
"""What each array can be called; the last five are of a sparse matrix as SciPy keeps it."""
_OF_A_MATRIX = ("data", "adj_data", "format", "_is_array")  # what else SciPy says of it, and is not needed


def read_npz(content: bytes, budget: Budget) -> Parsed:
    """``edge_index``, ``pairs`` or ``edges``, or an adjacency matrix as SciPy saves it; ``x``, ``y``, ``names``.

    Links are in two rows or two columns, ``x`` is :math:`(|\\mathcal{V}|, F)`; ``num_nodes`` is how many there are.

    Raises:
        BadFile: It is no npz, an array is of objects, or has another shape.
    """
    _check_directory(content, budget)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = [name.removesuffix(".npy") for name in archive.namelist()]
            found = {key: next((name for name in names if name in inside), None) for key, names in _CALLED.items()}
            arrays = {key: _array(archive, f"{name}.npy", budget) for key, name in found.items() if name is not None}
    except BadFile:
        raise
    except Exception as error:  # zipfile raises a dozen kinds over a damaged archive
        raise budget.bad(f"is no npz: {str(error)[:100]}") from None
    links = _links(arrays, budget)
    if links is None:
        there = ", ".join(inside[:12])[:200] or "nothing"
        if "links" in arrays:
            there = f"{found['links']} of {arrays['links'].dtype} and the shape {arrays['links'].shape}"
        raise budget.bad(f"needs edge_index, whole numbers in two rows, or a square matrix of SciPy; it has {there}")
    if "y" in arrays and arrays["y"].shape[1:] == (1,):
        arrays["y"] = arrays["y"][:, 0]
    size = _size(arrays, links, budget)
    budget.allow(nodes=size, links=links.shape[1])
    if links.size and (int(links.min()) < 0 or int(links.max()) >= size):
        raise budget.bad(f"links must be between nodes 0 and {size - 1:,}, found {links.min()} to {links.max()}")
    budget.unit = "node"
    parsed = Parsed(budget)
    parsed.ids = {str(node): node for node in range(size)}
    parsed.source.frombytes(links[0].astype(np.int64).tobytes())
    parsed.target.frombytes(links[1].astype(np.int64).tobytes())
    for name, column in (("y", "class"), ("names", "name")):
        if name in arrays:
            for place, value in enumerate(arrays[name].tolist()):
                parsed.say(place, column, None if value != value else value, line=place + 1)  # NaN is no class
    parsed.x = arrays.get("x")
    if spare := [name for name in inside if name not in (*found.values(), *_OF_A_MATRIX)]:
        parsed.notes.append(f"Arrays that are not read: {', '.join(spare[:12])[:200]}.")
    return parsed.done()


def _check_directory(content: bytes, budget: Budget) -> None:
    """Refuse a directory of a million names, which would take more memory than the file."""
    at = content.rfind(b"PK\x05\x06")
    if at < 0 or len(content) < at + 22:
        raise budget.bad("is no npz: it has no directory")
    length = int.from_bytes(content[at + 12 : at + 16], "little")
    if length > _MOST_DIRECTORY or content.rfind(b"PK\x06\x07", max(0, at - 20), at) >= 0:
        raise budget.bad(f"its directory is longer than {_MOST_DIRECTORY:,} bytes, which is the limit")


def _links(arrays: dict[str, np.ndarray], budget: Budget) -> np.ndarray | None:
    """Links in two rows, :math:`(2, M)`; None if there are none, or none that fit together."""
    links = arrays.get("links")
    if links is not None:
        if links.ndim == 2 and links.shape[0] != 2 and links.shape[1] == 2:
            links = links.T
        return links if links.ndim == 2 and links.shape[0] == 2 and links.dtype.kind in "iu" else None
    wanted = [arrays.get(name) for name in ("shape", "indptr", "indices")]
    if "row" in arrays:
        wanted = [arrays.get(name) for name in ("shape", "row", "col")]
    if any(array is None or array.ndim != 1 or array.dtype.kind not in "iu" for array in wanted):
        return None
    shape, first, columns = (array.astype(np.int64) for array in wanted if array is not None)
    if len(shape) != 2 or shape[0] != shape[1] or shape[0] < 1:
        return None
    arrays["num_nodes"] = shape[:1]
    if "row" not in arrays:
        budget.allow(nodes=len(first) - 1)
        fits = len(first) == shape[0] + 1 and first[0] == 0 and first[-1] == len(columns)
        if not fits or (first[1:] < first[:-1]).any():
            return None
        first = np.repeat(np.arange(len(first) - 1), np.diff(first))
    return np.stack([first, columns]) if len(first) == len(columns) else None


def _size(arrays: dict[str, np.ndarray], links: np.ndarray, budget: Budget) -> int:
    """How many nodes there are: all that say it must agree."""
    said: dict[str, int] = {
        name: len(arrays[name]) for name in ("x", "y", "names") if name in arrays and arrays[name].ndim
    }
    if "num_nodes" in arrays:
        if arrays["num_nodes"].size != 1 or arrays["num_nodes"].dtype.kind not in "iu":
            raise budget.bad("num_nodes must be one whole number")
        said["num_nodes"] = int(arrays["num_nodes"].reshape(-1)[0])
    if len(set(said.values())) > 1:
        raise budget.bad(f"arrays are of different numbers of nodes: {said}")
    for name, dimensions in (("x", 2), ("y", 1), ("names", 1)):
        if name in arrays and arrays[name].ndim != dimensions:
            raise budget.bad(f"{name} must have {dimensions} dimension(s), got the shape {arrays[name].shape}")
    return next(iter(said.values()), int(links.max()) + 1 if links.size else 0)


def _array(archive: zipfile.ZipFile, name: str, budget: Budget) -> np.ndarray:
    """One array, whose shape and kind its header says; only as many bytes as that are unpacked."""
    with archive.open(name) as file:
        try:
            version = npy.read_magic(file)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, by_columns, dtype = read(file)
        except ValueError as error:
            raise budget.bad(f"{name} is no array: {str(error)[:100]}") from None
        if dtype.kind not in "biufU" or dtype.hasobject or dtype.itemsize > 4 * budget.limits.text:
            raise budget.bad(f"{name} holds {dtype}; it must hold numbers or short texts")
        count = 1
        for length in shape:
            count *= length
        budget.unpacked += count * dtype.itemsize
        budget.allow(numbers=count, megabytes=budget.unpacked // 8_000_000)
        content = file.read(count * dtype.itemsize)
    if len(content) != count * dtype.itemsize:
        raise budget.bad(f"{name} is cut off")
    return np.frombuffer(content, dtype).reshape(shape, order="F" if by_columns else "C")
