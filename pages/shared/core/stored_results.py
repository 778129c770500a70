"""The door to stored results: read once for each file and study, shared by all sessions, never changed in place."""

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from torque_core.experiments.report.tables import Table, detection_runs, evidence, labels_of, study_tables
from torque_core.experiments.results import SHIPPED
from torque_core.experiments.results.store import Store

__all__ = [
    "EvidenceTable",
    "ResultsFile",
    "StudyEvidence",
    "results_file",
    "run_curves",
    "stored_results",
    "stored_studies",
    "study_evidence",
]


@dataclass(frozen=True)
class ResultsFile:
    """The file of stored results, and what tells that it was written anew."""

    path: str
    written: int
    size: int


@dataclass(frozen=True)
class EvidenceTable:
    """A table of a study and what it says, of ``test`` scores or of the ``auroc`` of edge scores."""

    table: Table
    cells: pd.DataFrame
    metric: str


@dataclass(frozen=True)
class StudyEvidence:
    """What a study says."""

    groups: dict[str, str]
    """Its labels with their groups, in order."""
    tables: tuple[EvidenceTable, ...]


def stored_results() -> ResultsFile:
    """The results that come with the app, or those that the variable TORQUE_RESULTS names."""
    return results_file(Path(os.environ.get("TORQUE_RESULTS") or SHIPPED))


def results_file(path: Path) -> ResultsFile:
    """The file as it is now; nothing is written in it if it is not there."""
    try:
        about = path.stat()
    except OSError:  # opening it will say why
        return ResultsFile(str(path), 0, 0)
    return ResultsFile(str(path), about.st_mtime_ns, about.st_size)


@st.cache_resource(max_entries=4, show_spinner=False)
def stored_studies(stored: ResultsFile) -> tuple[str, ...]:
    """The names of the studies."""
    with Store(stored.path, read_only=True) as store:
        return store.studies()


@st.cache_resource(max_entries=8, show_spinner=False)
def study_evidence(stored: ResultsFile, study: str) -> StudyEvidence:
    """All tables of a study, with every comparison done."""
    with Store(stored.path, read_only=True) as store:
        frame = store.frame(study)
    tables = [(table, "test") for table in study_tables(frame)]
    tables += [(table, "auroc") for table in study_tables(detection_runs(frame), "auroc")]
    found = tuple(EvidenceTable(table, evidence(table, metric), metric) for table, metric in tables)
    groups = labels_of(pd.concat([table.runs for table, _ in tables])) if tables else {}
    return StudyEvidence(groups, found)


@st.cache_resource(max_entries=128, show_spinner=False)
def run_curves(stored: ResultsFile, keys: tuple[str, ...]) -> list[dict[str, tuple[float, ...]]]:
    """The curves of runs, in order."""
    with Store(stored.path, read_only=True) as store:
        return [store.curves(key) for key in keys]
