"""Cached access to stored results, once for each file and study; results are shared and must not be changed."""

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from torque_core.experiments.report.matrix import LEFT_OUT, evidence_matrix
from torque_core.experiments.report.tables import Table, detection_runs, evidence, labels_of, study_tables
from torque_core.experiments.results import SHIPPED
from torque_core.experiments.results.store import Store
from torque_core.experiments.studies.questions import readable_studies

__all__ = [
    "EvidenceTable",
    "ResultsFile",
    "StudyEvidence",
    "results_file",
    "results_matrix",
    "run_curves",
    "stored_results",
    "stored_studies",
    "study_evidence",
]


@dataclass(frozen=True)
class ResultsFile:
    """A file of stored results, with its time of modification and size, so that caches notice changes."""

    path: str
    written: int
    size: int


@dataclass(frozen=True)
class EvidenceTable:
    """A table of a study with its statistics.

    Attributes:
        table: The runs.
        cells: Means, intervals and comparisons.
        metric: ``test``: test scores of models; ``auroc``: edge scores as detectors.
    """

    table: Table
    cells: pd.DataFrame
    metric: str


@dataclass(frozen=True)
class StudyEvidence:
    """The tables of a study.

    Attributes:
        groups: Group of each label, in order.
        tables: The tables.
    """

    groups: dict[str, str]
    tables: tuple[EvidenceTable, ...]


def stored_results() -> ResultsFile:
    """Return the file of shipped results, or the file that the environment variable TORQUE_RESULTS names."""
    return results_file(Path(os.environ.get("TORQUE_RESULTS") or SHIPPED))


def results_file(path: Path) -> ResultsFile:
    """Return the present state of a file; time and size are 0 if it does not exist."""
    try:
        about = path.stat()
    except OSError:  # opening it will raise an error with the reason
        return ResultsFile(str(path), 0, 0)
    return ResultsFile(str(path), about.st_mtime_ns, about.st_size)


@st.cache_resource(max_entries=4, show_spinner=False)
def stored_studies(stored: ResultsFile) -> tuple[str, ...]:
    """Return the names of the studies that answer a question, in the order of their questions."""
    with Store(stored.path, read_only=True) as store:
        return tuple(readable_studies(store.studies()))


@st.cache_resource(max_entries=32, show_spinner=False)
def study_evidence(stored: ResultsFile, study: str) -> StudyEvidence:
    """Return all tables of a study with their statistics."""
    tables = (*_tables(stored, study, "test"), *_tables(stored, study, "auroc"))
    groups = labels_of(pd.concat([part.table.runs for part in tables])) if tables else {}
    return StudyEvidence(groups, tables)


@st.cache_resource(max_entries=64, show_spinner=False)
def _tables(stored: ResultsFile, study: str, metric: str) -> tuple[EvidenceTable, ...]:
    """Return the tables of a study for one metric with their statistics."""
    with Store(stored.path, read_only=True) as store:
        frame = store.frame(study)
    tables = study_tables(frame if metric == "test" else detection_runs(frame), metric)
    return tuple(EvidenceTable(table, evidence(table, metric), metric) for table in tables)


@st.cache_resource(max_entries=4, show_spinner="Comparing the stored runs …")
def results_matrix(stored: ResultsFile) -> pd.DataFrame:
    """Return the matrix of evidence over all studies."""
    studies = {study: _tables(stored, study, "test") for study in stored_studies(stored) if study not in LEFT_OUT}
    return evidence_matrix({name: [(part.table, part.cells) for part in tables] for name, tables in studies.items()})


@st.cache_resource(max_entries=128, show_spinner=False)
def run_curves(stored: ResultsFile, keys: tuple[str, ...]) -> list[dict[str, tuple[float, ...]]]:
    """Return the curves of runs, in the order of their keys."""
    with Store(stored.path, read_only=True) as store:
        return [store.curves(key) for key in keys]
