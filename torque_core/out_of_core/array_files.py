"""Arrays in files of a folder, each written completely or not at all."""

import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from torque_core.errors import BadFile

__all__ = ["ArrayFiles"]


class ArrayFiles:
    """Arrays by name in the files of a folder; several processes may use them at once.

    A file is written under another name first and then renamed, so that a process that is killed leaves no incomplete
    array behind.

    Args:
        folder: The folder; it is created if it does not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     files = ArrayFiles(Path(folder))
        ...     files.save("layer1/degree-0", torch.tensor([1.0, 2.0]))
        ...     files.load("layer1/degree-0"), "layer1/degree-1" in files
        (tensor([1., 2.]), False)
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """The file of an array."""
        return self.folder / f"{name}.npy"

    def __contains__(self, name: str) -> bool:
        return self.path(name).exists()

    def save(self, name: str, array: Tensor) -> None:
        """Write an array, or replace it."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        incomplete = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with incomplete.open("wb") as file:
                np.save(file, array.contiguous().numpy())
            os.replace(incomplete, path)
        finally:
            incomplete.unlink(missing_ok=True)

    def load(self, name: str, *, at: Tensor | None = None) -> Tensor:
        """Read an array, or only the rows ``at``.

        Raises:
            BadFile: If the file is damaged.
        """
        try:
            if at is None:
                return torch.from_numpy(np.load(self.path(name)))
            return torch.from_numpy(np.load(self.path(name), mmap_mode="r")[at.numpy()])
        except (ValueError, EOFError) as error:
            raise BadFile(f"{self.path(name)} is damaged ({error}); start again in an empty folder") from error

    def load_into(self, name: str, out: Tensor) -> None:
        """Read an array of the shape and type of ``out`` into it, without a copy."""
        with self.path(name).open("rb") as file:
            np.lib.format.read_magic(file)
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
            target = out.numpy()
            same = (shape, dtype) == (target.shape, target.dtype)
            if not same or file.readinto(target.view(np.uint8)) != target.nbytes:  # type: ignore[arg-type]
                raise BadFile(f"{self.path(name)} is damaged; start again in an empty folder")

    def names(self, pattern: str) -> list[str]:
        """Names that match a glob pattern, in alphabetical order."""
        suffix = len(".npy")
        return sorted(str(path.relative_to(self.folder))[:-suffix] for path in self.folder.glob(f"{pattern}.npy"))

    def delete(self, pattern: str) -> None:
        """Delete the arrays whose names match a glob pattern."""
        for name in self.names(pattern):
            self.path(name).unlink()
