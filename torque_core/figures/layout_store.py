"""Cache of node layouts on disk, so that the layout of a graph is computed only once."""

import contextlib
import hashlib
import io
import os
from pathlib import Path

import numpy as np
from torch import Tensor

from torque_core.datasets.files import data_root
from torque_core.figures.layout import LAYOUT_VERSION, node_layout
from torque_core.utils.files import write_atomically

__all__ = ["MAX_BYTES", "stored_layout"]

MAX_BYTES = 200_000_000
"""Maximum total size of the layouts on disk; above it, the least recently used are deleted."""


def stored_layout(pairs: Tensor, num_nodes: int, *, seed: int = 0, folder: str | Path | None = None) -> np.ndarray:
    """Load node positions from disk, or compute and save them.

    They are computed by :func:`~torque_core.figures.layout.node_layout`. The file name is a SHA-256 hash of the edges,
    the number of nodes, the seed and the layout version. A damaged file is replaced. If the folder is not writable, the
    positions are computed on each call.

    Args:
        pairs: Undirected edges, each once, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        seed: Random seed of the initial positions.
        folder: Folder of the files; by default ``layouts`` next to the data sets, see
            :func:`~torque_core.datasets.files.data_root`.

    Returns:
        :math:`(|\\mathcal{V}|, 2)`, float64.

    Example:
        >>> import tempfile, torch
        >>> pairs = torch.tensor([[0, 1], [1, 2]])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     first, again = (stored_layout(pairs, 4, folder=folder) for _ in range(2))
        >>> np.array_equal(first, again)
        True
    """
    path = Path(folder or data_root() / "layouts").expanduser() / f"{_key(pairs, num_nodes, seed)}.npz"
    position = _read(path, num_nodes)
    if position is None:
        position = node_layout(pairs, num_nodes, seed=seed)
        buffer = io.BytesIO()
        np.savez(buffer, position=position)
        with contextlib.suppress(OSError):  # a full disk or a read-only folder
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, buffer.getvalue())
            _delete_least_recently_used(path.parent)
    return position


def _key(pairs: Tensor, num_nodes: int, seed: int) -> str:
    digest = hashlib.sha256(f"layout {LAYOUT_VERSION}, {num_nodes} nodes, seed {seed};".encode())
    digest.update(np.ascontiguousarray(pairs.cpu().numpy(), dtype="<i8").data)
    return digest.hexdigest()


def _read(path: Path, num_nodes: int) -> np.ndarray | None:
    """Positions stored in the file; None if it is missing or damaged."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            position: np.ndarray = file["position"]
    except Exception:  # NumPy and zipfile raise many kinds of errors on a damaged archive
        return None
    if position.shape != (num_nodes, 2) or position.dtype != np.float64 or not np.isfinite(position).all():
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # mark as recently used
    return position


def _delete_least_recently_used(folder: Path) -> None:
    """Delete the least recently used files until the others fit into :data:`MAX_BYTES`."""
    total = 0
    for _, size, path in sorted(((s.st_mtime_ns, s.st_size, p) for p, s in _files(folder)), reverse=True):
        total += size
        if total > MAX_BYTES:
            path.unlink(missing_ok=True)


def _files(folder: Path) -> list[tuple[Path, os.stat_result]]:
    files = []
    for path in folder.glob("*.npz"):
        with contextlib.suppress(FileNotFoundError):  # deleted by another process
            files.append((path, path.stat()))
    return files
