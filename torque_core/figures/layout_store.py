"""Layouts kept on disk, so that a graph is laid out once and not at every start."""

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
"""Of all layouts on disk; beyond it, those go that were not asked for longest."""


def stored_layout(pairs: Tensor, num_nodes: int, *, seed: int = 0, folder: str | Path | None = None) -> np.ndarray:
    """The positions of :func:`~torque_core.figures.layout.node_layout`, from disk if they were computed before.

    A file is named by a SHA-256 of the edges, the number of nodes, the seed and the version of the layout. One that is
    damaged is made anew; where nothing can be written, positions are computed each time.

    Args:
        pairs: Undirected edges, each once, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        seed: Of the positions to start from.
        folder: Where the files lie; by default ``layouts`` beside the data sets, see
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
        with contextlib.suppress(OSError):  # a full disk, a folder of somebody else
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, buffer.getvalue())
            _forget_oldest(path.parent)
    return position


def _key(pairs: Tensor, num_nodes: int, seed: int) -> str:
    digest = hashlib.sha256(f"layout {LAYOUT_VERSION}, {num_nodes} nodes, seed {seed};".encode())
    digest.update(np.ascontiguousarray(pairs.cpu().numpy(), dtype="<i8").data)
    return digest.hexdigest()


def _read(path: Path, num_nodes: int) -> np.ndarray | None:
    """What the file holds; None if it is not there, or not whole."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            position: np.ndarray = file["position"]
    except Exception:  # numpy and zipfile raise a dozen kinds over a damaged archive
        return None
    if position.shape != (num_nodes, 2) or position.dtype != np.float64 or not np.isfinite(position).all():
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # asked for just now
    return position


def _forget_oldest(folder: Path) -> None:
    """Delete the files that were not asked for longest, until the others fit."""
    total = 0
    for _, size, path in sorted(((s.st_mtime_ns, s.st_size, p) for p, s in _files(folder)), reverse=True):
        total += size
        if total > MAX_BYTES:
            path.unlink(missing_ok=True)


def _files(folder: Path) -> list[tuple[Path, os.stat_result]]:
    found = []
    for path in folder.glob("*.npz"):
        with contextlib.suppress(FileNotFoundError):  # somebody else has just deleted it
            found.append((path, path.stat()))
    return found
