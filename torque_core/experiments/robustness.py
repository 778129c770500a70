"""How much noise does a method stand? Which runs answer that for one graph, and which of them are still wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from torque_core.experiments.kinds.detection import Detection
from torque_core.experiments.kinds.training import Training
from torque_core.experiments.results.store import Store
from torque_core.graph.noise import Noise
from torque_core.methods.catalog import METHODS, methods_for
from torque_core.training import TrainSpec

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["DETECTION", "RATES", "SPLITS", "Disturbed", "Recipe", "detection_recipes", "levels", "recipes", "wanted"]

RATES = (0.0, 0.2, 0.5, 1.0)
"""Levels that are asked for, whatever was run."""
SPLITS = 10
"""Splits of a point, the first of the scheme, if it has so many."""
DETECTION = "detection"
"""The label of the runs that look for injected edges."""

_TRAINING = TrainSpec(epochs=200, patience=60)


@dataclass(frozen=True)
class Disturbed:
    """A graph and what disturbs it.

    Attributes:
        dataset: A key of :data:`~torque_core.datasets.DATASETS`.
        scheme: A split scheme of it.
        noise_kind: A key of :data:`~torque_core.graph.noise.NOISE_KINDS`.
    """

    dataset: str
    scheme: str
    noise_kind: str


@dataclass(frozen=True)
class Recipe:
    """How the runs of a line are made.

    Attributes:
        template: One of them; the others have other splits and levels.
        tuned: Whether a study tuned its options; else they are the defaults.
    """

    template: Training | Detection
    tuned: bool

    def at(self, disturbed: Disturbed, rate: float, split: int) -> Training | Detection:
        """The run at a level, on a split, whose number also seeds the noise, the weights and the rewiring.

        Example:
            >>> graph = Disturbed("karate", "random-10-10-80", "insert")
            >>> run = Recipe(Training(dataset="karate"), False).at(graph, 0.5, 3)
            >>> run.noise, run.split, run.spec.seed
            (Noise(kind='insert', rate=0.5, seed=3), 3, 3)
        """
        noise = Noise(disturbed.noise_kind, rate, split)
        made = replace(self.template, dataset=disturbed.dataset, scheme=disturbed.scheme, split=split, noise=noise)
        return made if isinstance(made, Detection) else replace(made, spec=replace(made.spec, seed=split))


def recipes(store: Store, disturbed: Disturbed) -> dict[str, Recipe]:
    """A recipe for every method: as the study of most levels, clean graphs being one, ran it there, else its defaults.

    A method that no study ran has the training options that were tuned for the plain model, if they were.

    Args:
        store: What studies have run.
        disturbed: The graph and its noise.
    """
    frame = store.frame()
    found: dict[str, Recipe] = {}
    if "noise_kind" in frame:
        here = (frame["dataset"] == disturbed.dataset) & (frame["scheme"] == disturbed.scheme)
        ours = frame["noise_kind"].isin([disturbed.noise_kind, "none"])
        for _, row in _of_main_study(frame[here & ours & (frame["kind"] == "training")]).iterrows():
            template = store.experiment(row["key"])
            assert isinstance(template, Training)  # of that kind
            found[row["label"]] = Recipe(template, True)
    training = _TRAINING
    if "plain" in found:
        plain = found["plain"].template
        assert isinstance(plain, Training)
        training = plain.spec
    for name in methods_for("robustness"):
        if name not in found:
            template = Training(dataset=disturbed.dataset, scheme=disturbed.scheme, method=name, spec=training)
            found[name] = Recipe(template, False)
    return {name: found[name] for name in sorted(found, key=_place)}


def levels(frame: "DataFrame", disturbed: Disturbed, kind: str = "training") -> set[float]:
    """The levels of that noise that were run on that graph.

    Args:
        frame: Runs, see :meth:`~torque_core.experiments.results.store.Store.frame`.
        disturbed: The graph and its noise.
        kind: Of the runs: ``training`` or ``detection``.
    """
    if "noise_kind" not in frame:
        return set()
    here = (frame["dataset"] == disturbed.dataset) & (frame["scheme"] == disturbed.scheme)
    rows = frame[here & (frame["kind"] == kind) & (frame["noise_kind"] == disturbed.noise_kind)]
    return set(rows["rate"].astype(float))


def _of_main_study(runs: "DataFrame") -> "DataFrame":
    """A run for each label of the study that has most levels, two at least, and of those that has most labels."""
    size = runs.groupby("study", sort=True).agg(rates=("rate", "nunique"), labels=("label", "nunique"))
    size = size[size["rates"] > 1]
    if size.empty:
        return runs[:0]
    main = size.sort_values(["rates", "labels"], ascending=False, kind="stable").index[0]
    return runs[runs["study"] == main].drop_duplicates("label")


def _place(label: str) -> tuple[int, str]:
    names = list(METHODS)
    return (names.index(label) if label in names else len(names)), label


def detection_recipes(disturbed: Disturbed) -> dict[str, Recipe]:
    """The recipe of the runs that look for injected edges with all scores at once."""
    template = Detection(
        dataset=disturbed.dataset, scheme=disturbed.scheme, noise=Noise(disturbed.noise_kind, RATES[1])
    )
    return {DETECTION: Recipe(template, True)}


def wanted(
    found: Mapping[str, Recipe], disturbed: Disturbed, rates: Sequence[float], splits: int
) -> dict[str, list[Training | Detection]]:
    """Every run of some recipes at some levels on the first splits, by label; detection has none on a clean graph."""
    return {
        label: [
            recipe.at(disturbed, rate, split)
            for rate in rates
            if rate or not isinstance(recipe.template, Detection)
            for split in range(splits)
        ]
        for label, recipe in found.items()
    }
