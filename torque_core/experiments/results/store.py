"""Storage of results: one SQLite file, written by one process, with one transaction per experiment. Never a pickle.

A compact copy may be compressed (.xz); it is read into memory.
"""

import json
import os
import platform
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from torque_core.errors import BadConfig
from torque_core.experiments.experiment import Experiment, Result, from_json, key, to_json
from torque_core.experiments.results.codec import (
    is_compressed,
    pack_curves,
    read_compressed,
    runs_frame,
    unpack_curves,
    write_compressed,
)
from torque_core.experiments.results.migrate import SCHEMA, migrate

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Role", "Store", "software"]

Role = Literal["final", "trial"]

_TABLES = """
CREATE TABLE runs (key TEXT PRIMARY KEY, kind TEXT NOT NULL, config TEXT NOT NULL, metrics TEXT NOT NULL, curves BLOB,
    error TEXT, versions TEXT NOT NULL, finished TEXT NOT NULL, seconds REAL NOT NULL);
CREATE TABLE members (study TEXT NOT NULL, label TEXT NOT NULL, role TEXT NOT NULL, key TEXT NOT NULL,
    PRIMARY KEY (study, label, role, key)) WITHOUT ROWID;
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_BUSY_SECONDS = 60.0
_AT_ONCE = 500  # keys in a query


class Store:
    """Results of experiments by key, and the studies that they belong to.

    A store with an earlier schema is migrated when it is opened, see :mod:`torque_core.experiments.results.migrate`:
    the file itself, or a copy in memory if it is opened for reading only.

    Args:
        path: The file. It is created, with its folder, unless ``read_only`` is True. A compressed store can only be
            read.
        read_only: Open without changing the file, whose folder may be write-protected.

    Raises:
        BadConfig: If there is no such file to be read, it is damaged or not a store, or it has a later schema.

    Example:
        >>> from torque_core.experiments.kinds.training import Training
        >>> with tempfile.TemporaryDirectory() as folder, Store(Path(folder, "runs.sqlite")) as store:
        ...     store.put(Training(dataset="karate"), Result({"test": 0.5}))
        ...     store.get(Training(dataset="karate")).metrics
        {'test': 0.5}
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

    def get(self, experiment: Experiment) -> Result | None:
        """Return the result of an experiment; None if it was not run yet, or failed."""
        query = "SELECT metrics, curves FROM runs WHERE key = ? AND error IS NULL"
        with self._explained():
            row = self._connection.execute(query, (key(experiment),)).fetchone()
            return None if row is None else Result(json.loads(row[0]), unpack_curves(row[1]))

    def put(
        self,
        experiment: Experiment,
        result: Result,
        *,
        seconds: float = 0.0,
        versions: Mapping[str, str] | None = None,
    ) -> None:
        """Store a result; it replaces that of an earlier run of the experiment.

        Args:
            experiment: The experiment.
            result: Its result; curves are stored with three significant digits.
            seconds: Total time of the run.
            versions: Versions of the software that ran it; by default those of this process.
        """
        self._write(experiment, json.dumps(result.metrics), pack_curves(result.curves), None, seconds, versions)

    def put_failure(
        self, experiment: Experiment, error: str, *, seconds: float = 0.0, versions: Mapping[str, str] | None = None
    ) -> None:
        """Store the message of a failed experiment; :meth:`get` treats it as not run."""
        self._write(experiment, "{}", None, error, seconds, versions)

    def _write(
        self,
        experiment: Experiment,
        metrics: str,
        curves: bytes | None,
        error: str | None,
        seconds: float,
        versions: Mapping[str, str] | None,
    ) -> None:
        finished = datetime.now(UTC).isoformat(timespec="milliseconds")
        about = json.dumps(versions or software())
        row = (key(experiment), experiment.kind, to_json(experiment), metrics, curves, error, about, finished, seconds)
        with self._explained(), self._connection:
            self._connection.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def enrol(self, study: str, label: str, role: Role, experiments: Sequence[Experiment]) -> None:
        """Record that experiments, finished or not, belong to a study.

        Args:
            study: Name of the study.
            label: Label of the plan in it.
            role: ``final`` for runs shown in tables, ``trial`` for runs of the tuning.
            experiments: The experiments.
        """
        rows = [(study, label, role, key(experiment)) for experiment in experiments]
        with self._explained(), self._connection:
            self._connection.executemany("INSERT OR IGNORE INTO members VALUES (?, ?, ?, ?)", rows)

    def retain(self, study: str, members: set[tuple[str, Role, str]]) -> None:
        """Remove experiments from a study, except for the given labels, roles and keys. Results stay."""
        query = "SELECT label, role, key FROM members WHERE study = ?"
        with self._explained(), self._connection:
            gone = [row for row in self._connection.execute(query, (study,)) if row not in members]
            self._connection.executemany(
                "DELETE FROM members WHERE study = ? AND label = ? AND role = ? AND key = ?",
                [(study, *row) for row in gone],
            )

    def studies(self) -> tuple[str, ...]:
        """Return the names of all studies with experiments, sorted."""
        with self._explained():
            return tuple(name for (name,) in self._connection.execute("SELECT DISTINCT study FROM members ORDER BY 1"))

    def failures(self, study: str | None = None) -> tuple[tuple[str, str, str], ...]:
        """Return study, label and message of each experiment that failed in its last run."""
        with self._explained():
            return tuple(
                self._connection.execute(
                    "SELECT study, label, error FROM members JOIN runs USING (key) WHERE error IS NOT NULL"
                    " AND study = coalesce(?, study) ORDER BY 1, 2, key",
                    (study,),
                )
            )

    def frame(self, study: str | None = None, role: Role = "final") -> "DataFrame":
        """Return a table with one row per finished run, sorted by study, label and key.

        Args:
            study: Name of the study; None for all studies, where a run that belongs to several has several rows.
            role: See :meth:`enrol`.

        Returns:
            ``study``, ``label``, ``kind``, ``dataset``, ``scheme``, ``split``, ``noise_kind`` (``none`` at rate 0),
            ``rate``, ``method``, ``options`` (JSON), ``backbone``, ``seed``, other scalar settings of the experiments,
            their metrics (one value per layer as lists), and ``key``.
        """
        with self._explained():
            rows = self._connection.execute(
                "SELECT study, label, kind, config, metrics, key FROM members JOIN runs USING (key)"
                " WHERE error IS NULL AND role = ? AND study = coalesce(?, study) ORDER BY study, label, key",
                (role, study),
            ).fetchall()
        return runs_frame(rows)

    def look_up(self, wanted: Mapping[str, Sequence[Experiment]]) -> "DataFrame":
        """Return a table of those of some experiments that are finished, whatever study they belong to.

        Args:
            wanted: Experiments by label.

        Returns:
            As :meth:`frame`, in the order of ``wanted``; ``study`` is empty.
        """
        labelled = [(label, key(experiment)) for label, experiments in wanted.items() for experiment in experiments]
        rows: dict[str, tuple[str, str, str]] = {}
        keys = sorted({name for _, name in labelled})
        with self._explained():
            for first in range(0, len(keys), _AT_ONCE):
                some = keys[first : first + _AT_ONCE]
                marks = ",".join("?" * len(some))
                query = f"SELECT key, kind, config, metrics FROM runs WHERE error IS NULL AND key IN ({marks})"
                rows |= {row[0]: row[1:] for row in self._connection.execute(query, some)}
        return runs_frame([("", label, *rows[name], name) for label, name in labelled if name in rows])

    def experiment(self, key: str) -> Experiment:
        """Return the experiment of a run by its key.

        Raises:
            BadConfig: If there is no such run, or this version does not support its kind.
        """
        with self._explained():
            row = self._connection.execute("SELECT kind, config FROM runs WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise BadConfig(f"no run has the key {key!r}; take one from the column key of the frame")
        return from_json(*row)

    def curves(self, key: str) -> dict[str, tuple[float, ...]]:
        """Return the curves of a run by its key; empty if they were not stored.

        Raises:
            BadConfig: If there is no such run.
        """
        with self._explained():
            row = self._connection.execute("SELECT curves FROM runs WHERE key = ?", (key,)).fetchone()
            if row is None:
                raise BadConfig(f"no run has the key {key!r}; take one from the column key of the frame")
            return unpack_curves(row[0])

    def take(self, path: str | Path) -> int:
        """Copy the results and members that this store lacks from another store, for example of another machine.

        Returns:
            The number of results that are new here.

        Raises:
            BadConfig: If the other store cannot be read.
        """
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, "other.sqlite")
            with Store(path, read_only=True) as other:  # decompressed and migrated if need be
                other._write_to(copy)
            with self._explained():
                self._connection.execute("ATTACH ? AS other", (f"{copy.as_uri()}?mode=ro",))
                try:
                    with self._connection:
                        # a result replaces a failure
                        finished = "SELECT key FROM other.runs WHERE error IS NULL"
                        self._connection.execute(f"DELETE FROM runs WHERE error IS NOT NULL AND key IN ({finished})")
                        new = self._connection.execute("INSERT OR IGNORE INTO runs SELECT * FROM other.runs").rowcount
                        self._connection.execute("INSERT OR IGNORE INTO members SELECT * FROM other.members")
                finally:
                    self._connection.execute("DETACH other")
        return new

    def versions(self, study: str) -> tuple[dict[str, str], ...]:
        """Return each combination of software versions that ran results of a study."""
        query = (
            "SELECT DISTINCT versions FROM members JOIN runs USING (key) WHERE study = ? AND error IS NULL ORDER BY 1"
        )
        with self._explained():
            return tuple(json.loads(text) for (text,) in self._connection.execute(query, (study,)))

    def copy_to(self, path: str | Path, *, curves: bool = True, studies: Sequence[str] | None = None) -> Path:
        """Write a compact copy, atomically, without failures and without experiments that belong to no study.

        Args:
            path: The file to write; an existing one is replaced. With the ending ``.xz`` it is compressed.
            curves: Whether to include the curves of final runs; those of trials are left out.
            studies: Names of the studies to include; None for all.

        Raises:
            BadConfig: If a study is not in this store.
        """
        wanted = self.studies() if studies is None else tuple(studies)
        if missing := set(wanted) - set(self.studies()):
            known = ", ".join(self.studies()) or "none yet"
            raise BadConfig(f"{self.path} has no study {min(missing)!r}; it has {known}")
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._explained(), tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as staging:
            copied = Path(staging, "copy.sqlite")
            self._write_to(copied)
            with closing(sqlite3.connect(copied)) as copy:
                marks = ",".join("?" * len(wanted))
                copy.execute(f"DELETE FROM members WHERE study NOT IN ({marks})", wanted)
                copy.execute("DELETE FROM runs WHERE error IS NOT NULL OR key NOT IN (SELECT key FROM members)")
                copy.execute("DELETE FROM members WHERE key NOT IN (SELECT key FROM runs)")
                final = "SELECT key FROM members WHERE role = 'final'"
                copy.execute(f"UPDATE runs SET curves = NULL WHERE NOT ? OR key NOT IN ({final})", (curves,))
                copy.commit()
                copy.execute("VACUUM")
            if is_compressed(target):
                content, copied = copied.read_bytes(), Path(staging, "compressed")
                write_compressed(content, copied)
            os.replace(copied, target)
        return target

    def _write_to(self, path: Path) -> None:
        """Write everything to a new file."""
        with self._explained(), closing(sqlite3.connect(path)) as copy:
            self._connection.backup(copy)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> "Store":
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


@cache
def software() -> dict[str, str]:
    """Return the versions of Python and of the packages that compute results."""
    from torque_core import __version__

    return {
        "python": platform.python_version(),
        "torch": version("torch"),
        "torch_geometric": version("torch_geometric"),
        "torque_core": __version__,
    }
