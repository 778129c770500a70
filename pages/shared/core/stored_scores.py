"""Which stored runs are of the graph that is shown: their test scores, method by method."""

from dataclasses import dataclass, replace

import pandas as pd

from pages.shared.core.stored_results import EvidenceTable, stored_results, stored_studies, study_evidence
from pages.shared.state.settings import Settings
from torque_core import BlockModel, RewireSpec
from torque_core.datasets.info import USER_GRAPH
from torque_core.experiments.report.tables import metric_name
from torque_core.methods.compare import compared_methods
from torque_core.rewiring.spec import AUTO

__all__ = ["StoredScore", "StoredScores", "stored_scores"]

_AS_IT_COMES = {"torque_default": RewireSpec(), "torque_auto": RewireSpec(lever=AUTO, force=AUTO)}
"""What studies call torque whose options are not tuned."""


@dataclass(frozen=True)
class StoredScore:
    """Test scores of a method over splits: their mean and standard deviation, in [0, 1], and how many."""

    mean: float
    std: float
    runs: int


@dataclass(frozen=True)
class StoredScores:
    """What a study has of the graph shown.

    Attributes:
        study: Its name.
        place: The data set as the study calls it.
        noise_kind: As the study calls it: ``none`` if its table is of clean graphs.
        level: The noise level, in % as a link has it.
        metric: What is scored.
        scores: By method; those that the study lacks are not there.
    """

    study: str
    place: str
    noise_kind: str
    level: str
    metric: str
    scores: dict[str, StoredScore]


def stored_scores(settings: Settings) -> StoredScores | None:
    """From the study that has most of the methods, so that all of them had the same splits; None if none has any."""
    stored = stored_results()
    if not stored.written:
        return None
    if settings.dataset.name == USER_GRAPH or settings.dataset.block_model != BlockModel():
        return None  # no study has that graph
    found = [
        scores
        for study in stored_studies(stored)
        for evidence in study_evidence(stored, study).tables
        if evidence.metric == "test" and (scores := _of_table(study, evidence, settings)) is not None
    ]
    return max(found, key=lambda scores: len(scores.scores), default=None)


def _of_table(study: str, evidence: EvidenceTable, settings: Settings) -> StoredScores | None:
    cells, noise = evidence.cells, settings.noise
    kind = noise.kind if noise.rate else "none"
    here = cells[
        (cells["dataset"] == settings.dataset.name)
        & (cells["scheme"] == settings.dataset.scheme)
        & (cells["noise_kind"] == kind)
        & ((cells["rate"] - noise.rate).abs() < 1e-9)
    ]
    asked = replace(settings.rewire, seed=0)  # of stored runs each has its own
    labels = {method: method for method in compared_methods()}
    labels["torque"] = next((label for label, spec in _AS_IT_COMES.items() if spec == asked), "")
    scores = {
        method: _score(row.iloc[0]) for method, label in labels.items() if len(row := here[here["label"] == label])
    }
    if not scores:
        return None
    level, metric = f"{100 * noise.rate:g}", metric_name(settings.dataset.name)
    return StoredScores(study, here["place"].iloc[0], evidence.table.noise_kind, level, metric, scores)


def _score(row: pd.Series) -> StoredScore:
    return StoredScore(float(row["mean"]), float(row["std"]), int(row["n"]))
