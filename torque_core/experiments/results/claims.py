"""Claims on experiments, so that two processes that share a store do not run the same experiment twice."""

import secrets
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

__all__ = ["Claims"]

_BUSY_SECONDS = 60.0


class Claims:
    """Claims of one process, or of one thread, on the experiments of a store.

    Claims are kept in a folder beside the store. Each claimant holds the lock of a file there, which the operating
    system frees if its process ends in any way: what a dead process claimed can be claimed again at once.

    Args:
        path: The file of the store.

    Raises:
        OSError: If the folder cannot be written.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with Claims(f"{folder}/runs.sqlite") as ours, Claims(f"{folder}/runs.sqlite") as theirs:
        ...         ours.take("a"), theirs.take("a"), theirs.take("b")
        (True, False, True)
    """

    def __init__(self, path: str | Path) -> None:
        self._folder = Path(f"{path}.claims")
        self._folder.mkdir(parents=True, exist_ok=True)
        self._claimant = secrets.token_hex(8)
        self._lock = self._lock_of(self._claimant)
        self._lock.acquire()
        self._connection = sqlite3.connect(self._folder / "claims.sqlite", timeout=_BUSY_SECONDS, isolation_level=None)
        self._connection.execute("PRAGMA synchronous = OFF")  # claims need not survive a power failure
        self._connection.execute("CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, claimant TEXT NOT NULL)")

    def take(self, key: str) -> bool:
        """Claim an experiment by its key; False if another living claimant has it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            row = self._connection.execute("SELECT claimant FROM claims WHERE key = ?", (key,)).fetchone()
            free = row is None or row[0] == self._claimant or not self._is_alive(row[0])
            if free:
                self._connection.execute("INSERT OR REPLACE INTO claims VALUES (?, ?)", (key, self._claimant))
        finally:
            self._connection.execute("COMMIT")
        return free

    def release(self, key: str) -> None:
        """Give up the claim on an experiment."""
        self._connection.execute("DELETE FROM claims WHERE key = ? AND claimant = ?", (key, self._claimant))

    def close(self) -> None:
        """Give up all claims."""
        self._connection.execute("DELETE FROM claims WHERE claimant = ?", (self._claimant,))
        self._connection.close()
        self._lock.release()
        Path(self._lock.lock_file).unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _lock_of(self, claimant: str) -> FileLock:
        return FileLock(self._folder / f"{claimant}.lock")

    def _is_alive(self, claimant: str) -> bool:
        """Return True if the claimant still holds its lock; otherwise remove what it left."""
        lock = self._lock_of(claimant)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)
        return False
