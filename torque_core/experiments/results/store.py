"""Storage of results: one SQLite file, with one transaction per experiment. Never a pickle.

A compact copy may be compressed (.xz); it is read into memory.
"""

import json
import os
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from torque_core.errors import BadConfig
from torque_core.experiments.experiment import Experiment, Result, from_json, key, to_json
from torque_core.experiments.results.codec import (
    is_compressed,
    pack_curves,
    runs_frame,
    unpack_curves,
    write_compressed,
)
from torque_core.experiments.results.database import Database
from torque_core.experiments.results.versions import software

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Role", "Store"]

Role = Literal["final", "trial"]

_AT_ONCE = 500  # keys in a query


class Store(Database):
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
            removed = [row for row in self._connection.execute(query, (study,)) if row not in members]
            self._connection.executemany(
                "DELETE FROM members WHERE study = ? AND label = ? AND role = ? AND key = ?",
                [(study, *row) for row in removed],
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
