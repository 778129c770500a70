"""SQLite file of a store: opening, schema, migration of earlier schemas, and errors that name the file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from torque_core.errors import BadConfig
from torque_core.experiments.results.codec import is_compressed, read_compressed
from torque_core.experiments.results.migrate import SCHEMA, migrate

__all__ = ["Database"]

_TABLES = """
CREATE TABLE runs (key TEXT PRIMARY KEY, kind TEXT NOT NULL, config TEXT NOT NULL, metrics TEXT NOT NULL, curves BLOB,
    error TEXT, versions TEXT NOT NULL, finished TEXT NOT NULL, seconds REAL NOT NULL);
CREATE TABLE members (study TEXT NOT NULL, label TEXT NOT NULL, role TEXT NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (study, label, role, key)) WITHOUT ROWID;
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_BUSY_SECONDS = 60.0


class Database:
    """Open the SQLite file of a store, create its tables, or migrate it from an earlier schema.

    Args:
        path: The file. It is created, with its folder, unless ``read_only`` is True. A compressed file is read into
            memory and can only be read.
        read_only: Open without changing the file; an earlier schema is migrated in a copy in memory.

    Raises:
        BadConfig: If there is no such file to be read, it is damaged or not a store, or it has a later schema.
    """

    def __init__(self, path: str | Path, *, read_only: bool = False) -> None:
        self.path = Path(path)
        if read_only and not self.path.is_file():
            raise BadConfig(f"there is no store at {self.path}; run a study first, or give the path of another store")
        if not read_only:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        if is_compressed(self.path) and not read_only:
            raise BadConfig(
                f"{self.path} is compressed, and can only be read; `ship --take {self.path}` copies it to another"
            )
        # not "immutable": while a study writes, reads without a lock could be inconsistent
        uri = f"{self.path.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        with self._explained():
            in_memory = is_compressed(self.path)
            self._connection = sqlite3.connect(
                ":memory:" if in_memory else uri, uri=not in_memory, timeout=_BUSY_SECONDS
            )
        try:
            with self._explained():
                if in_memory:
                    self._connection.deserialize(read_compressed(self.path))
                self._prepare(read_only)
        except BaseException:
            self.close()
            raise

    def _prepare(self, read_only: bool) -> None:
        """Create the tables in an empty file; check the schema of another, and migrate it if it is an earlier one."""
        if not read_only:
            self._connection.execute("PRAGMA journal_mode = DELETE")  # one file, complete between transactions
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute("BEGIN IMMEDIATE")
        tables = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables and not read_only:
            for statement in _TABLES.split(";"):
                self._connection.execute(statement)
            self._connection.execute("INSERT INTO about VALUES ('schema', ?)", (str(SCHEMA),))
            tables = {"about"}
        if "about" not in tables:
            raise BadConfig(f"{self.path} is no store of results; give the path of a store, or of a new file")
        schema = self._value("SELECT value FROM about WHERE name = 'schema'")
        if schema == "1":
            if read_only and not is_compressed(self.path):
                copy = sqlite3.connect(":memory:")
                self._connection.backup(copy)
                self._connection.close()
                self._connection = copy
            migrate(self._connection)
        elif schema != str(SCHEMA):
            raise BadConfig(
                f"{self.path} has schema {schema}, this version reads schema {SCHEMA}; use the version of torque_core "
                f"that wrote it, or give another path"
            )
        self._connection.commit()

    def _write_to(self, path: Path) -> None:
        """Write everything to a new file."""
        with self._explained(), closing(sqlite3.connect(path)) as copy:
            self._connection.backup(copy)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _value(self, query: str) -> str | None:
        row = self._connection.execute(query).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise errors of SQLite as :class:`BadConfig`."""
        try:
            yield
        except sqlite3.OperationalError as error:  # locked, read-only or a full disk
            raise BadConfig(
                f"the store {self.path} cannot be used: {error}; check that it can be written and is not locked"
            ) from error
        except (sqlite3.DatabaseError, ValueError) as error:
            if isinstance(error, BadConfig):
                raise
            raise BadConfig(f"{self.path} is damaged, or no store of results: {error}; use a copy of it") from error
