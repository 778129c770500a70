"""The ladder of the study of relations: what each rung adds to the one below it on one data set."""

import math
from collections.abc import Mapping

import pandas as pd

from torque_core.experiments.paired_test import Comparison, compare, holm
from torque_core.experiments.statistics import split_ratio

__all__ = ["compare_labels", "ladder_steps"]

_CONTROL = "ablation_"


def ladder_steps(runs: pd.DataFrame, rungs: Mapping[str, str]) -> pd.DataFrame:
    """Compare each rung with the rung below it, split by split.

    Torque as a relation and its controls all stand on the same rung: the model without such a relation.

    Args:
        runs: Runs on one data set with the columns ``dataset``, ``scheme``, ``label``, ``split`` and ``test``.
        rungs: Title of each rung by label, from the lowest on, such as
            :data:`~torque_core.experiments.studies.relations.LADDER`; the labels of controls begin with ``ablation_``.

    Returns:
        A row for each rung that has been run: ``label``, ``rung`` (its title), ``mean`` and ``std`` of the test scores,
        ``n``, ``below`` (the label of the rung below), ``difference``, and ``p`` of the corrected resampled t-test
        after Holm's correction over the rows. The lowest rung has no difference.

    Example:
        >>> scores = {"plain": [0.5, 0.6, 0.5], "deep": [0.7, 0.7, 0.8]}
        >>> runs = pd.DataFrame([
        ...     {"dataset": "texas", "scheme": "geom-gcn", "label": label, "split": split, "test": score}
        ...     for label, values in scores.items() for split, score in enumerate(values)
        ... ])
        >>> ladder_steps(runs, {"plain": "GCN", "deep": "deep model"})[["rung", "below", "difference"]]
                 rung  below  difference
        0         GCN                NaN
        1  deep model  plain         0.2
    """
    scores = runs.pivot_table(index="split", columns="label", values="test", aggfunc="mean")
    (dataset, scheme), *_ = runs[["dataset", "scheme"]].drop_duplicates().itertuples(index=False)
    rows, below, top = [], "", ""
    for label in (label for label in rungs if label in scores):
        if not label.startswith(_CONTROL):
            below, top = top, label
        row = {"label": label, "rung": rungs[label], "mean": scores[label].mean(), "std": scores[label].std(),
               "n": int(scores[label].count()), "below": below, "difference": math.nan, "p": math.nan}  # fmt: skip
        if below:
            found = compare_labels(scores, label, below, ratio=split_ratio(dataset, scheme))
            row |= {"difference": found.difference, "p": found.p}
        rows.append(row)
    table = pd.DataFrame(rows)
    if len(table) > 1:
        table.loc[1:, "p"] = holm(table.loc[1:, "p"])
    return table


def compare_labels(scores: pd.DataFrame, label: str, other: str, *, ratio: float) -> Comparison:
    """Compare two columns of scores on the splits that both have.

    Args:
        scores: Scores by split, one column per label.
        label: Label whose advantage is tested.
        other: Label that it is compared with.
        ratio: See :func:`~torque_core.experiments.paired_test.compare`.
    """
    both = scores[[label, other]].dropna()
    return compare(both[label], both[other], ratio=ratio)
