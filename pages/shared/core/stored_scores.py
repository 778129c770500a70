"""Test scores of stored runs on the graph that is shown, by method."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from pages.shared.core.stored_results import EvidenceTable, stored_results, stored_studies, study_evidence
from pages.shared.state.settings import Settings
from torque_core import BlockModel, RewireSpec
from torque_core.datasets.info import USER_GRAPH
from torque_core.experiments.experiment import REWIRING
from torque_core.experiments.report.tables import metric_name
from torque_core.methods.compare import compared_methods
from torque_core.rewiring.spec import AUTO

__all__ = ["StoredScore", "StoredScores", "schemes_with_scores", "stored_scores"]

_UNTUNED = {
    "torque_default": RewireSpec(**REWIRING),
    "torque_bounded": RewireSpec(screen=False),
    "torque_screened": RewireSpec(),
    "torque_auto": RewireSpec(**{**REWIRING, "lever": AUTO, "force": AUTO}),
}
"""Names in studies of torque with options that are not tuned."""


@dataclass(frozen=True)
class StoredScore:
    """Mean and standard deviation of the test scores of a method over splits, in [0, 1], and their number."""

    mean: float
    std: float
    runs: int


@dataclass(frozen=True)
class StoredScores:
    """Test scores of a study on the graph that is shown.

    Attributes:
        study: Name of the study.
        place: Name of the data set in the study.
        noise_kind: Kind of noise of the table; ``none`` for clean graphs.
        level: Noise level in percent, as text in a link.
        metric: Name of the score.
        scores: Scores by method; methods without runs are missing.
    """

    study: str
    place: str
    noise_kind: str
    level: str
    metric: str
    scores: dict[str, StoredScore]


def stored_scores(settings: Settings) -> StoredScores | None:
    """Return scores of the study with most methods, so that all had the same splits; None if no study has any."""
    stored = stored_results()
    if not stored.written:
        return None
    spec = settings.dataset
    if spec.name == USER_GRAPH or spec.block_model != BlockModel() or spec.directed:
        return None  # no study contains that graph, or the compared methods on it
    candidates = [
        scores
        for study in stored_studies(stored)
        for evidence in study_evidence(stored, study).tables
        if evidence.metric == "test" and (scores := _of_table(study, evidence, settings)) is not None
    ]
    return max(candidates, key=lambda scores: len(scores.scores), default=None)


def schemes_with_scores(settings: Settings, schemes: Iterable[str]) -> list[str]:
    """Return those split schemes, other than the present one, for which there are scores on the same noise."""
    others = [scheme for scheme in schemes if scheme != settings.dataset.scheme]
    return [
        scheme
        for scheme in others
        if stored_scores(replace(settings, dataset=replace(settings.dataset, scheme=scheme, split=0)))
    ]


def _of_table(study: str, evidence: EvidenceTable, settings: Settings) -> StoredScores | None:
    cells, noise = evidence.cells, settings.noise
    kind = noise.kind if noise.rate else "none"
    rows = cells[
        (cells["dataset"] == settings.dataset.name)
        & (cells["scheme"] == settings.dataset.scheme)
        & (cells["noise_kind"] == kind)
        & ((cells["rate"] - noise.rate).abs() < 1e-9)
    ]
    rewire = replace(settings.rewire, seed=0)  # stored runs have seeds of their own
    labels = {method: method for method in compared_methods()}
    labels["torque"] = next((label for label, spec in _UNTUNED.items() if spec == rewire), "")
    scores = {
        method: _score(row.iloc[0]) for method, label in labels.items() if len(row := rows[rows["label"] == label])
    }
    if not scores:
        return None
    level, metric = f"{100 * noise.rate:g}", metric_name(settings.dataset.name)
    return StoredScores(study, rows["place"].iloc[0], evidence.table.noise_kind, level, metric, scores)


def _score(row: pd.Series) -> StoredScore:
    return StoredScore(float(row["mean"]), float(row["std"]), int(row["n"]))
