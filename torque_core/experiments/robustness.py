"""Robustness: runs of many methods on one graph over noise levels, taken from studies or still to be computed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from torque_core.attacks.noise import NOISE_KINDS, Noise
from torque_core.experiments.kinds.detection import Detection
from torque_core.experiments.kinds.training import Training
from torque_core.experiments.results.store import Store
from torque_core.methods.catalog import METHODS, methods_for
from torque_core.training import TrainSpec

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["DETECTION", "SPLITS", "Disturbed", "Recipe", "detection_recipes", "levels", "recipes", "wanted"]

SPLITS = 10
"""Number of splits of a point: the first of the scheme, if there are as many."""
DETECTION = "detection"
"""Label of the runs that detect inserted edges."""

_TRAINING = TrainSpec(epochs=200, patience=60)


@dataclass(frozen=True)
class Disturbed:
    """A data set with a split scheme and a kind of noise.

    Attributes:
        dataset: A key of :data:`~torque_core.datasets.DATASETS`.
        scheme: A split scheme of the data set.
        noise_kind: A key of :data:`~torque_core.attacks.noise.NOISE_KINDS`.
    """

    dataset: str
    scheme: str
    noise_kind: str

    @property
    def rates(self) -> tuple[float, ...]:
        """Noise levels of every curve, in addition to those that were run.

        Example:
            >>> Disturbed("karate", "random-10-10-80", "insert").rates
            (0.0, 0.2, 0.5, 1.0)
        """
        return 0.0, *NOISE_KINDS[self.noise_kind].rates


@dataclass(frozen=True)
class Recipe:
    """Settings of the runs of one curve.

    Attributes:
        template: One of the runs; the others differ in split and noise level.
        tuned: Whether a study tuned the options; otherwise they are the defaults.
    """

    template: Training | Detection
    tuned: bool

    def at(self, disturbed: Disturbed, rate: float, split: int) -> Training | Detection:
        """Return the run at a noise level on a split, whose index also seeds noise, weights and rewiring.

        Example:
            >>> graph = Disturbed("karate", "random-10-10-80", "insert")
            >>> run = Recipe(Training(dataset="karate"), False).at(graph, 0.5, 3)
            >>> run.noise, run.split, run.spec.seed
            (Noise(kind='insert', rate=0.5, seed=3), 3, 3)
        """
        noise = Noise(disturbed.noise_kind, rate, split)
        run = replace(self.template, dataset=disturbed.dataset, scheme=disturbed.scheme, split=split, noise=noise)
        return run if isinstance(run, Detection) else replace(run, spec=replace(run.spec, seed=split))


def recipes(store: Store, disturbed: Disturbed) -> dict[str, Recipe]:
    """Return a recipe for every method.

    The options are those of the study with most noise levels on this graph (clean graphs are a level); a method that
    it does not contain has default options, and the training hyper-parameters of the plain model in that study.

    Args:
        store: Results of studies.
        disturbed: The data set and its noise.
    """
    frame = store.frame()
    by_label: dict[str, Recipe] = {}
    if "noise_kind" in frame:
        here = (frame["dataset"] == disturbed.dataset) & (frame["scheme"] == disturbed.scheme)
        noise = frame["noise_kind"].isin([disturbed.noise_kind, "none"])
        for _, row in _of_main_study(frame[here & noise & (frame["kind"] == "training")]).iterrows():
            template = store.experiment(row["key"])
            assert isinstance(template, Training)  # by its kind
            by_label[row["label"]] = Recipe(template, True)
    training = _TRAINING
    if "plain" in by_label:
        plain = by_label["plain"].template
        assert isinstance(plain, Training)
        training = plain.spec
    for name in methods_for("robustness"):
        if name not in by_label:
            template = Training(dataset=disturbed.dataset, scheme=disturbed.scheme, method=name, spec=training)
            by_label[name] = Recipe(template, False)
    return {name: by_label[name] for name in sorted(by_label, key=_position)}


def levels(frame: "DataFrame", disturbed: Disturbed, kind: str = "training") -> set[float]:
    """Return the noise levels of the runs on a graph.

    Args:
        frame: Runs, see :meth:`~torque_core.experiments.results.store.Store.frame`.
        disturbed: The data set and its noise.
        kind: Kind of the runs: ``training`` or ``detection``.
    """
    if "noise_kind" not in frame:
        return set()
    here = (frame["dataset"] == disturbed.dataset) & (frame["scheme"] == disturbed.scheme)
    rows = frame[here & (frame["kind"] == kind) & (frame["noise_kind"] == disturbed.noise_kind)]
    return set(rows["rate"].astype(float))


def _of_main_study(runs: "DataFrame") -> "DataFrame":
    """Return a run for each label of the study with most levels, at least two; among equals, that with most labels."""
    size = runs.groupby("study", sort=True).agg(rates=("rate", "nunique"), labels=("label", "nunique"))
    size = size[size["rates"] > 1]
    if size.empty:
        return runs[:0]
    main = size.sort_values(["rates", "labels"], ascending=False, kind="stable").index[0]
    return runs[runs["study"] == main].drop_duplicates("label")


def _position(label: str) -> tuple[int, str]:
    names = list(METHODS)
    return (names.index(label) if label in names else len(names)), label


def detection_recipes(disturbed: Disturbed) -> dict[str, Recipe]:
    """Return the recipe of the runs that detect inserted edges, by all scores at once."""
    template = Detection(
        dataset=disturbed.dataset, scheme=disturbed.scheme, noise=Noise(disturbed.noise_kind, disturbed.rates[1])
    )
    return {DETECTION: Recipe(template, True)}


def wanted(
    by_label: Mapping[str, Recipe], disturbed: Disturbed, rates: Sequence[float], splits: int
) -> dict[str, list[Training | Detection]]:
    """Return the runs of some recipes by label, at some levels on the first splits; detection needs noise."""
    return {
        label: [
            recipe.at(disturbed, rate, split)
            for rate in rates
            if rate or not isinstance(recipe.template, Detection)
            for split in range(splits)
        ]
        for label, recipe in by_label.items()
    }
