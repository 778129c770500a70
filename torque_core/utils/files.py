"""Atomic writing of files."""

import os
import tempfile
from pathlib import Path

__all__ = ["write_atomically"]


def write_atomically(path: Path, content: bytes) -> Path:
    """Write a file next to its final location and move it there, so that no reader sees an incomplete file.

    Args:
        path: The file to create or replace; its folder must exist.
        content: The content of the file.

    Returns:
        The path.

    Raises:
        OSError: If the file cannot be written; a previous file then remains unchanged.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_atomically(Path(folder, "note.txt"), b"text").read_text()
        'text'
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as staging:
        complete = Path(staging, path.name)
        with complete.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(complete, path)
    return path
