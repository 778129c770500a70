"""Raw files on disk: where they lie, and how missing ones get there."""

import os
import tempfile
from collections.abc import Callable, Mapping
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from filelock import FileLock
from platformdirs import user_cache_path

from torque_core.errors import DatasetUnavailable

__all__ = ["data_root", "ensure_files"]

#: A server that sends no byte for so long has failed. It bounds each read, not the whole download.
STALL_SECONDS = 60.0
CHUNK_BYTES = 1 << 18

Progress = Callable[[int], None]


def data_root(root: str | Path | None = None) -> Path:
    """Folder of all data sets: ``root``, else ``$TORQUE_DATA``, else the user's cache folder.

    Example:
        >>> data_root("/data").as_posix()
        '/data'
    """
    chosen = root or os.environ.get("TORQUE_DATA") or user_cache_path("torque-explorer") / "datasets"
    return Path(chosen).expanduser()


def ensure_files(folder: Path, files: Mapping[str, str], *, title: str, progress: Progress | None = None) -> None:
    """Download those of ``files`` that ``folder`` lacks; if it has all, touch neither disk nor network.

    They are downloaded into a staging folder beside it and moved only once all are whole, so that a
    broken download leaves nothing that is taken for a file later. A lock makes others wait who
    want the same files, in this process or another; they then find them there.

    PyG's own ``download`` is not used: it has no time limit and no progress, and skips the check of the
    server's certificate, which matters where a raw file is a pickle.

    Args:
        folder: Where the files shall lie.
        files: URL of each file, by name.
        title: Of the data set, for the error.
        progress: Gets the bytes downloaded so far, again and again.

    Raises:
        DatasetUnavailable: No network, a server that fails or falls silent, a folder that cannot be written.
    """
    if not _missing(folder, files):
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            # Asked again: who held the lock may have brought them.
            if missing := _missing(folder, files):
                with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".download-") as staging:
                    done = 0
                    for name in missing:
                        done = _download(files[name], Path(staging, name), done, progress)
                    folder.mkdir(exist_ok=True)
                    for name in missing:
                        os.replace(Path(staging, name), folder / name)
    except (OSError, HTTPException) as error:
        raise DatasetUnavailable(
            f"{title} is not in {folder} and could not be brought there ({error}). Connect to the network and "
            f"load it again, or put its raw files ({', '.join(files)}) into that folder, or set TORQUE_DATA to "
            f"a folder that has them or can be written, or choose a built-in set: "
            f"karate, davis, digits or block_model"
        ) from error


def _missing(folder: Path, files: Mapping[str, str]) -> list[str]:
    return [name for name in files if not (folder / name).is_file()]


def _download(url: str, target: Path, done: int, progress: Progress | None) -> int:
    """Write ``url`` to ``target`` and return ``done`` plus its bytes."""
    with urlopen(url, timeout=STALL_SECONDS) as response, target.open("wb") as file:
        expected = response.headers.get("Content-Length")
        while chunk := response.read(CHUNK_BYTES):
            file.write(chunk)
            done += len(chunk)
            if progress is not None:
                progress(done)
    # http.client takes a connection that closes early for the end of the file.
    if expected is not None and target.stat().st_size != int(expected):
        raise OSError(f"{url} broke off after {target.stat().st_size:,} of {int(expected):,} bytes")
    return done
