"""Files of trainings that have ended, on the server's disk and for its user only, one JSON file each."""

import contextlib
import json
from pathlib import Path

from pages.shared.runs.record import Record
from pages.shared.runs.record_json import record_from_json, record_to_json
from torque_core import TorqueError
from torque_core.datasets.files import data_root
from torque_core.utils.files import make_private, write_atomically

__all__ = ["MAX_BYTES", "MAX_FILES", "folder", "load", "save"]

MAX_FILES = 1_000
"""Largest number of stored trainings; beyond, the oldest are deleted."""
MAX_BYTES = 32_000_000
"""Largest size of a file that is read."""


def save(record: Record) -> None:
    """Write a record atomically. If nothing can be written, the training is not stored."""
    text = json.dumps(record_to_json(record), allow_nan=False)
    with contextlib.suppress(OSError):  # such as a full disk, or a folder without permission to write
        make_private(folder())
        write_atomically(_path(record.id), text.encode(), private=True)
        files = sorted(folder().glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        for path in files[: max(0, len(files) - MAX_FILES)]:
            path.unlink(missing_ok=True)


def load(run_id: str) -> Record | None:
    """Read a record; None if there is no file with this id, or no valid one."""
    path = _path(run_id)
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        record = record_from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, TorqueError):
        return None
    return record if record.id == run_id else None


def folder() -> Path:
    """Return the folder of the files."""
    return data_root() / "trainings"


def _path(run_id: str) -> Path:
    return folder() / f"{run_id}.json"
