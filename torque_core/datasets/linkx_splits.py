"""The published splits of Penn94, read from a pickle that may contain nothing but lists of integers."""

import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from torch import Tensor

__all__ = ["read_linkx_splits"]

_PARTS = {"train_mask": "train", "val_mask": "valid", "test_mask": "test"}


def read_linkx_splits(path: Path, num_nodes: int) -> dict[str, Tensor]:
    """Read the splits that the authors of LINKX published, without executing what a pickle can contain.

    The file is an array of Python objects in NumPy's format, a dictionary with three lists of nodes per split, which
    ``numpy.load`` reads by an unrestricted unpickler. Here, stand-ins replace the three functions of NumPy that the
    file refers to, and every other reference is an error.

    Args:
        path: The file.
        num_nodes: :math:`|\\mathcal{V}|`.

    Returns:
        The masks ``train_mask``, ``val_mask`` and ``test_mask`` of :math:`S` splits, each
        :math:`(|\\mathcal{V}|, S)`.

    Raises:
        pickle.UnpicklingError: If the file refers to anything else.
        ValueError: If the file is not such an array, or a node is out of range.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "splits.npy")
        ...     np.save(path, np.array([{"train": [0], "valid": [2], "test": [1]}]), allow_pickle=True)
        ...     read_linkx_splits(path, 3)["val_mask"].T
        tensor([[False, False,  True]])
    """
    with path.open("rb") as file:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"{path} has version {version} of NumPy's format instead of (1, 0)")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        if not dtype.hasobject:
            raise ValueError(f"{path} holds an array of {dtype} instead of Python objects")
        array = _Unpickler(file).load()
    if not isinstance(array, _Array) or shape != (len(array.items),):
        raise ValueError(f"{path} does not hold a list of splits")
    masks = {mask: torch.zeros(num_nodes, len(array.items), dtype=torch.bool) for mask in _PARTS}
    for column, split in enumerate(array.items):
        for mask, part in _PARTS.items():
            nodes = torch.tensor(split[part], dtype=torch.long)
            if bool(((nodes < 0) | (nodes >= num_nodes)).any()):
                raise ValueError(f"{path} contains nodes outside 0 to {num_nodes - 1}")
            masks[mask][nodes, column] = True
    return masks


class _Array:
    """Stand-in for a NumPy array: keeps the list of its items."""

    items: Sequence[Any] = ()

    def __setstate__(self, state: Sequence[Any]) -> None:
        self.items = state[-1]  # version, shape, dtype, order, items


class _DType:
    """Stand-in for a NumPy dtype, which is ignored."""

    def __setstate__(self, state: object) -> None:
        pass


def _new_array(*_: object) -> _Array:
    return _Array()


def _new_dtype(*_: object) -> _DType:
    return _DType()


_ALLOWED: dict[tuple[str, str], Callable[..., object]] = {
    ("numpy.core.multiarray", "_reconstruct"): _new_array,
    ("numpy._core.multiarray", "_reconstruct"): _new_array,
    ("numpy", "ndarray"): _new_array,
    ("numpy", "dtype"): _new_dtype,
}


class _Unpickler(pickle.Unpickler):
    """Unpickler that knows the stand-ins only."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file, encoding="bytes")

    def find_class(self, module: str, name: str) -> Callable[..., object]:
        """Return a stand-in, or raise ``UnpicklingError``."""
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"the file of splits refers to {module}.{name}, which splits do not need")
        return _ALLOWED[module, name]
