"""Where results are kept: one SQLite file, written by one process, one transaction an experiment. Never a pickle.

A compact copy may be compressed (.xz); it is read from memory.
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
from torque_core.experiments.results.curves import pack, unpack
from torque_core.experiments.results.packed import is_packed, pack_file, unpack_file

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Role", "Store", "software"]

Role = Literal["final", "trial"]

_SCHEMA = 1
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
    """The results of experiments by key, and which study they belong to.

    Args:
        path: The file; it is made, with its folder, unless it is opened to be read only, as a compressed one must be.
        read_only: Open without touching the file, which may lie where nothing can be written.

    Raises:
        BadConfig: There is no such file to be read, it is damaged or none of this package, or it has another schema.

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
            raise BadConfig(f"there is no store at {self.path}; run a study first, or give the path of another")
        if not read_only:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        if is_packed(self.path) and not read_only:
            raise BadConfig(
                f"{self.path} is compressed, and can only be read; `ship --take {self.path}` goes on with it"
            )
        # not "immutable": a study may be writing, and then what is read without a lock can be torn
        uri = f"{self.path.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        with self._explained():
            packed = is_packed(self.path)
            self._connection = sqlite3.connect(":memory:" if packed else uri, uri=not packed, timeout=_BUSY_SECONDS)
        try:
            with self._explained():
                if packed:
                    self._connection.deserialize(unpack_file(self.path))
                self._prepare(read_only)
        except BaseException:
            self.close()
            raise

    def _prepare(self, read_only: bool) -> None:
        """Make the tables in an empty file; look whether those of another are ours."""
        if not read_only:
            self._connection.execute("PRAGMA journal_mode = DELETE")  # one file, whole whenever nobody writes
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute("BEGIN IMMEDIATE")
        tables = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables and not read_only:
            for statement in _TABLES.split(";"):
                self._connection.execute(statement)
            self._connection.execute("INSERT INTO about VALUES ('schema', ?)", (str(_SCHEMA),))
            tables = {"about"}
        if "about" not in tables:
            raise BadConfig(f"{self.path} is no store of results; give the path of one, or of a file to be made")
        schema = self._value("SELECT value FROM about WHERE name = 'schema'")
        if schema != str(_SCHEMA):
            raise BadConfig(
                f"{self.path} has schema {schema}, this version reads schema {_SCHEMA}; give another path to start "
                f"anew, or use the version that wrote it"
            )
        self._connection.commit()

    def get(self, experiment: Experiment) -> Result | None:
        """The result of an experiment; None if it was not run yet, or failed."""
        query = "SELECT metrics, curves FROM runs WHERE key = ? AND error IS NULL"
        with self._explained():
            row = self._connection.execute(query, (key(experiment),)).fetchone()
            return None if row is None else Result(json.loads(row[0]), unpack(row[1]))

    def put(
        self,
        experiment: Experiment,
        result: Result,
        *,
        seconds: float = 0.0,
        versions: Mapping[str, str] | None = None,
    ) -> None:
        """Keep a result, and that of an earlier run no longer.

        Args:
            experiment: What was run.
            result: What it found; its curves are kept to three digits.
            seconds: How long it took, all in all.
            versions: Of the software that ran it; by default that of this process.
        """
        self._write(experiment, json.dumps(result.metrics), pack(result.curves), None, seconds, versions)

    def put_failure(
        self, experiment: Experiment, error: str, *, seconds: float = 0.0, versions: Mapping[str, str] | None = None
    ) -> None:
        """Keep that an experiment failed, and why; :meth:`get` holds it for not run."""
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
        """Note that experiments, run or to be run, belong to a study.

        Args:
            study: Its name.
            label: Of the plan in it.
            role: ``final`` for what the tables show, ``trial`` for what tuning tried.
            experiments: Which.
        """
        rows = [(study, label, role, key(experiment)) for experiment in experiments]
        with self._explained(), self._connection:
            self._connection.executemany("INSERT OR IGNORE INTO members VALUES (?, ?, ?, ?)", rows)

    def retain(self, study: str, members: set[tuple[str, Role, str]]) -> None:
        """Let go of what is no longer part of a study: all but the given labels, roles and keys. Results stay."""
        query = "SELECT label, role, key FROM members WHERE study = ?"
        with self._explained(), self._connection:
            gone = [row for row in self._connection.execute(query, (study,)) if row not in members]
            self._connection.executemany(
                "DELETE FROM members WHERE study = ? AND label = ? AND role = ? AND key = ?",
                [(study, *row) for row in gone],
            )

    def studies(self) -> tuple[str, ...]:
        """The names of the studies that something was enrolled in, sorted."""
        with self._explained():
            return tuple(name for (name,) in self._connection.execute("SELECT DISTINCT study FROM members ORDER BY 1"))

    def failures(self, study: str | None = None) -> tuple[tuple[str, str, str], ...]:
        """What failed when it was last tried: study, label and message of each."""
        with self._explained():
            return tuple(
                self._connection.execute(
                    "SELECT study, label, error FROM members JOIN runs USING (key) WHERE error IS NOT NULL"
                    " AND study = coalesce(?, study) ORDER BY 1, 2, key",
                    (study,),
                )
            )

    def frame(self, study: str | None = None, role: Role = "final") -> "DataFrame":
        """One row a run, in the order of study, label and key; without those that failed or were not run yet.

        Args:
            study: Its name; None for all of them, where a run that belongs to several has several rows.
            role: See :meth:`enrol`.

        Returns:
            ``study``, ``label``, ``kind``, ``dataset``, ``scheme``, ``split``, ``noise_kind`` (``none`` at rate 0),
            ``rate``, ``method``, ``options`` (JSON), ``backbone``, ``seed``, other plain settings of the experiments,
            their metrics (those of layers as lists), and ``key``.
        """
        from torque_core.experiments.results.frame import frame_of

        with self._explained():
            rows = self._connection.execute(
                "SELECT study, label, kind, config, metrics, key FROM members JOIN runs USING (key)"
                " WHERE error IS NULL AND role = ? AND study = coalesce(?, study) ORDER BY study, label, key",
                (role, study),
            ).fetchall()
        return frame_of(rows)

    def look_up(self, wanted: Mapping[str, Sequence[Experiment]]) -> "DataFrame":
        """Those of some experiments that were run, a row each, whatever study they belong to.

        Args:
            wanted: Experiments by label.

        Returns:
            As :meth:`frame`, in the order of ``wanted``; ``study`` is empty.
        """
        from torque_core.experiments.results.frame import frame_of

        asked = [(label, key(experiment)) for label, experiments in wanted.items() for experiment in experiments]
        found: dict[str, tuple[str, str, str]] = {}
        keys = sorted({name for _, name in asked})
        with self._explained():
            for first in range(0, len(keys), _AT_ONCE):
                some = keys[first : first + _AT_ONCE]
                marks = ",".join("?" * len(some))
                query = f"SELECT key, kind, config, metrics FROM runs WHERE error IS NULL AND key IN ({marks})"
                found |= {row[0]: row[1:] for row in self._connection.execute(query, some)}
        return frame_of([("", label, *found[name], name) for label, name in asked if name in found])

    def experiment(self, key: str) -> Experiment:
        """The experiment of a run by its key.

        Raises:
            BadConfig: There is no such run, or this version does not know the like of it.
        """
        with self._explained():
            row = self._connection.execute("SELECT kind, config FROM runs WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise BadConfig(f"no run has the key {key!r}; take one from the column key of the frame")
        return from_json(*row)

    def curves(self, key: str) -> dict[str, tuple[float, ...]]:
        """The curves of a run by its key; none if they were not kept.

        Raises:
            BadConfig: There is no such run.
        """
        with self._explained():
            row = self._connection.execute("SELECT curves FROM runs WHERE key = ?", (key,)).fetchone()
            if row is None:
                raise BadConfig(f"no run has the key {key!r}; take one from the column key of the frame")
            return unpack(row[0])

    def take(self, path: str | Path) -> int:
        """Take over the results and members of another store, say of another machine, that this one lacks.

        Returns:
            How many results are new here.

        Raises:
            BadConfig: The other is no store that can be read.
        """
        Store(path, read_only=True).close()  # says what is wrong with it
        path = Path(path)
        with self._explained(), tempfile.TemporaryDirectory() as folder:
            if is_packed(path):
                plain = Path(folder, path.stem)
                plain.write_bytes(unpack_file(path))
                path = plain
            self._connection.execute("ATTACH ? AS other", (f"{path.resolve().as_uri()}?mode=ro",))
            try:
                with self._connection:
                    # one that failed here makes room for one that did not
                    there = "SELECT key FROM other.runs WHERE error IS NULL"
                    self._connection.execute(f"DELETE FROM runs WHERE error IS NOT NULL AND key IN ({there})")
                    new = self._connection.execute("INSERT OR IGNORE INTO runs SELECT * FROM other.runs").rowcount
                    self._connection.execute("INSERT OR IGNORE INTO members SELECT * FROM other.members")
            finally:
                self._connection.execute("DETACH other")
            return new

    def versions(self, study: str) -> tuple[dict[str, str], ...]:
        """What software ran the results of a study: each combination once, names and versions."""
        query = (
            "SELECT DISTINCT versions FROM members JOIN runs USING (key) WHERE study = ? AND error IS NULL ORDER BY 1"
        )
        with self._explained():
            return tuple(json.loads(text) for (text,) in self._connection.execute(query, (study,)))

    def copy_to(self, path: str | Path, *, curves: bool = True, studies: Sequence[str] | None = None) -> Path:
        """Write a compact copy, whole or not at all, without what failed or belongs to no study.

        Args:
            path: The file to be written; one that is there is replaced. With the ending ``.xz`` it is compressed.
            curves: Whether to take along the curves of final runs; those of trials are left behind.
            studies: Names of the studies to take; None for all.

        Raises:
            BadConfig: A study is not in this store.
        """
        wanted = self.studies() if studies is None else tuple(studies)
        if missing := set(wanted) - set(self.studies()):
            known = ", ".join(self.studies()) or "none yet"
            raise BadConfig(f"{self.path} has no study {min(missing)!r}; it has {known}")
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._explained(), tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as staging:
            whole = Path(staging, "whole.sqlite")
            Store(whole).close()
            with closing(sqlite3.connect(whole.as_uri() if whole.is_absolute() else str(whole), uri=True)) as copy:
                copy.execute("ATTACH ? AS source", (f"{self.path.resolve().as_uri()}?mode=ro",))
                copy.executemany(
                    "INSERT INTO members SELECT members.* FROM source.members JOIN source.runs USING (key)"
                    " WHERE study = ? AND error IS NULL",
                    [(name,) for name in wanted],
                )
                kept = "iif(? AND key IN (SELECT key FROM members WHERE role = 'final'), curves, NULL)"
                copy.execute(
                    f"INSERT INTO runs SELECT key, kind, config, metrics, {kept}, error, versions, finished, seconds"
                    " FROM source.runs WHERE key IN (SELECT key FROM members)",
                    (curves,),
                )
                copy.commit()
                copy.execute("DETACH source")
                copy.execute("VACUUM")
            if is_packed(target):
                packed = Path(staging, "packed")
                pack_file(whole, packed)
                whole = packed
            os.replace(whole, target)
        return target

    def close(self) -> None:
        """Let go of the file."""
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
        """SQLite's errors as ours."""
        try:
            yield
        except sqlite3.OperationalError as error:  # locked, read-only, a full disk
            raise BadConfig(
                f"the store {self.path} cannot be used: {error}; see that it can be written, and that nothing holds it"
            ) from error
        except (sqlite3.DatabaseError, ValueError) as error:
            if isinstance(error, BadConfig):
                raise
            raise BadConfig(f"{self.path} is damaged, or no store of results: {error}; use a copy of it") from error


@cache
def software() -> dict[str, str]:
    """The versions of what this process computes with."""
    from torque_core import __version__

    return {
        "python": platform.python_version(),
        "torch": version("torch"),
        "torch_geometric": version("torch_geometric"),
        "torque_core": __version__,
    }
