"""Raw files of the data sets: their folder, and the download of missing ones."""

import os
import socket
import tempfile
from collections.abc import Callable, Mapping
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from filelock import FileLock
from platformdirs import user_cache_path

from torque_core.errors import DatasetUnavailable

__all__ = ["data_root", "ensure_files", "missing_files"]

#: Time limit for each read, not for the whole download, after which a silent server counts as failed.
STALL_SECONDS = 60.0
CHUNK_BYTES = 1 << 18

Progress = Callable[[int], None]


def data_root(root: str | Path | None = None) -> Path:
    """Return the folder of all data sets: ``root``, else ``$TORQUE_DATA``, else the user's cache folder.

    Example:
        >>> data_root("/data").as_posix()
        '/data'
    """
    chosen = root or os.environ.get("TORQUE_DATA") or user_cache_path("torque-explorer") / "datasets"
    return Path(chosen).expanduser()


def ensure_files(folder: Path, files: Mapping[str, str], *, title: str, progress: Progress | None = None) -> None:
    """Download the files that are missing in a folder; if none is missing, use neither disk nor network.

    Files are downloaded into a temporary folder and moved once all are complete, so that an interrupted download
    leaves no partial file. A lock makes other threads and processes that need the same files wait for them.

    PyG's own ``download`` is not used: it has no time limit and no progress report, and it skips the verification of
    the server's certificate, which matters because some raw files are pickles.

    Args:
        folder: The folder of the files.
        files: URL of each file, by name.
        title: Title of the data set, for the error message.
        progress: Called repeatedly with the number of bytes downloaded so far.

    Raises:
        DatasetUnavailable: If there is no network, the server fails or stalls, or the folder cannot be written.
    """
    if not missing_files(folder, files):
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            # check again: the previous holder of the lock may have downloaded them
            if missing := missing_files(folder, files):
                with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".download-") as staging:
                    done = 0
                    for name in missing:
                        done = _download(files[name], Path(staging, name), done, progress)
                    folder.mkdir(exist_ok=True)
                    for name in missing:
                        os.replace(Path(staging, name), folder / name)
    except (OSError, HTTPException) as error:
        raise DatasetUnavailable(
            f"{title} is not in {folder} and could not be downloaded ({_reason(error)}). Connect to the network and "
            f"load it again, or put its raw files ({', '.join(files)}) into that folder, or set TORQUE_DATA to "
            f"a folder that contains them or can be written, or choose a built-in data set: "
            f"karate, davis, digits or block_model"
        ) from error


def missing_files(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Return the names of the files that are not in a folder."""
    return [name for name in files if not (folder / name).is_file()]


def _reason(error: Exception) -> str:
    """Return why a download failed, for a reader who does not know the library's types of errors."""
    reason = error.reason if isinstance(error, URLError) and not isinstance(error, HTTPError) else error
    if isinstance(reason, socket.gaierror):
        return "no connection to the network"
    return str(getattr(reason, "strerror", None) or reason)


def _download(url: str, target: Path, done: int, progress: Progress | None) -> int:
    """Download ``url`` to ``target`` and return ``done`` plus the number of its bytes."""
    with urlopen(url, timeout=STALL_SECONDS) as response, target.open("wb") as file:
        expected = response.headers.get("Content-Length")
        while chunk := response.read(CHUNK_BYTES):
            file.write(chunk)
            done += len(chunk)
            if progress is not None:
                progress(done)
    # http.client treats a connection that is closed early as the end of the file
    if expected is not None and target.stat().st_size != int(expected):
        raise OSError(f"{url} was interrupted after {target.stat().st_size:,} of {int(expected):,} bytes")
    return done
