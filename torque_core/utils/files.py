"""Atomic writing of files, and files that only their owner can read."""

import os
import tempfile
from pathlib import Path

__all__ = ["make_private", "write_atomically"]


_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700


def make_private(folder: Path) -> Path:
    """Create a folder that only the user may enter (mode 0700), whatever the umask.

    If it exists and others may enter it, they lose this right, and that to its files (mode 0600).

    Args:
        folder: The folder.

    Returns:
        The folder.

    Raises:
        OSError: If the folder cannot be created, or belongs to another user.

    Example:
        >>> with tempfile.TemporaryDirectory() as parent:
        ...     folder = make_private(Path(parent, "runs"))
        ...     oct(folder.stat().st_mode & 0o777)
        '0o700'
    """
    folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        for path in folder.iterdir():
            if path.is_file() and not path.is_symlink():
                path.chmod(_PRIVATE_FILE)
        folder.chmod(_PRIVATE_FOLDER)
    return folder


def write_atomically(path: Path, content: bytes, *, private: bool = False) -> Path:
    """Write a file next to its final location and move it there, so that no reader sees an incomplete file.

    Args:
        path: The file to create or replace; its folder must exist.
        content: The content of the file.
        private: Whether only the user may read and write the file (mode 0600), whatever the umask.

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
            if private:
                complete.chmod(_PRIVATE_FILE)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(complete, path)
    return path
