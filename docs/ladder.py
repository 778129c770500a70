"""The ladder of the study of relations as Markdown: what does each rung add, and is torque above its controls?"""

from collections.abc import Mapping

import pandas as pd

from torque_core.datasets import DATASETS
from torque_core.experiments.paired_test import holm
from torque_core.experiments.report.ladder import compare_labels
from torque_core.experiments.statistics import split_ratio

__all__ = ["comparisons", "complete", "ladder"]

_TORQUE, _RANDOM, _COSINE = "torque_weights", "ablation_random_weights", "ablation_cosine_weights"


def complete(frame: pd.DataFrame, rungs: Mapping[str, str]) -> pd.DataFrame:
    """Return the runs of the data sets whose ladder is complete, apart from directions that they do not have.

    A rung that not all data sets have, the deep GCN, may be missing.
    """
    needed = {
        name: set(rungs) - {"deep_gcn"} - (set() if DATASETS[name].has_directions else {"directed"})
        for name in set(frame["dataset"])
    }
    return frame[[needed[name] <= set(frame.loc[frame["dataset"] == name, "label"]) for name in frame["dataset"]]]


def comparisons(frame: pd.DataFrame, metric: str = "test") -> pd.DataFrame:
    """Torque as a relation against its controls and against the same model without it, on common splits.

    Args:
        frame: Complete ladders.
        metric: Column to compare.

    Returns:
        A row per data set and control: ``dataset``, ``control``, ``difference``, ``wins``, ``n``, and ``p`` of the
        corrected resampled t-test after Holm's correction over all rows.
    """
    rows = []
    for (dataset, scheme), runs in frame.groupby(["dataset", "scheme"], sort=False):
        scores = runs.pivot_table(index="split", columns="label", values=metric, aggfunc="mean")
        below = "directed" if "directed" in scores else "deep"
        for control in (below, _RANDOM, _COSINE):
            found = compare_labels(scores, _TORQUE, control, ratio=split_ratio(dataset, scheme))
            rows.append((dataset, control, found.difference, found.wins, found.n, found.p))
    table = pd.DataFrame(rows, columns=["dataset", "control", "difference", "wins", "n", "p"])
    table["p"] = holm(table["p"])
    return table


def ladder(frame: pd.DataFrame, rungs: Mapping[str, str]) -> str:
    """Scores of every rung, and the differences between torque and its controls, in %.

    Args:
        frame: Complete ladders.
        rungs: Title of each rung by label, from the lowest on.
    """
    scores = frame.assign(test=100 * frame["test"].astype(float)).groupby(["label", "dataset"])["test"]
    means, deviations = scores.mean(), scores.std()
    datasets = [name for name in DATASETS if name in set(frame["dataset"])]
    best = {name: f"{means.xs(name, level='dataset').max():.1f}" for name in datasets}

    def score(label: str, name: str) -> str:
        if (label, name) not in means:
            return "–"
        mean = f"{means[label, name]:.1f}"
        return f"{f'**{mean}**' if mean == best[name] else mean} ± {deviations[label, name]:.1f}"

    lines = [f"| | {' | '.join(DATASETS[name].title for name in datasets)} |", f"|---|{'--:|' * len(datasets)}"]
    lines += [
        f"| {title} | {' | '.join(score(label, name) for name in datasets)} |"
        for label, title in rungs.items()
        if label in set(frame["label"])
    ]
    against = comparisons(frame).set_index(["control", "dataset"])
    for title, control in (
        ("torque − without it", None),
        ("torque − random numbers", _RANDOM),
        ("torque − cosine distance", _COSINE),
    ):
        cells = []
        for name in datasets:
            below = "directed" if ("directed", name) in means else "deep"
            row = against.loc[(control or below, name)]
            cells.append(f"{100 * row['difference']:+.1f} (p = {row['p']:.2f})")
        lines.append(f"| *{title}* | {' | '.join(cells)} |")
    return "\n".join(lines)
