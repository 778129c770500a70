"""Mean and standard deviation of training curves by epoch, over runs of different lengths."""

from collections.abc import Sequence

import numpy as np

from torque_core.training import Epoch

__all__ = ["mean_epochs", "statistics_by_epoch"]

_VALUES = ("loss", "train", "validation", "test", "validation_loss", "test_loss")


def statistics_by_epoch(runs: Sequence[Sequence[float]]) -> tuple[np.ndarray, np.ndarray]:
    """Compute the mean and the sample standard deviation over the runs that reach an epoch.

    The curves end at the last epoch that at least half of the runs reach.

    Args:
        runs: One value per epoch for each run.

    Returns:
        Means and standard deviations, one per epoch; a single run has the deviation 0.

    Example:
        >>> mean, deviation = statistics_by_epoch([[1.0, 5.0], [3.0]])
        >>> mean.tolist(), deviation.round(3).tolist()
        ([2.0, 5.0], [1.414, 0.0])
    """
    if not runs:
        return np.empty(0), np.empty(0)
    lengths = sorted((len(run) for run in runs), reverse=True)
    median_length = lengths[(len(runs) - 1) // 2]
    by_epoch = [np.array([run[epoch] for run in runs if len(run) > epoch]) for epoch in range(median_length)]
    return (
        np.array([values.mean() for values in by_epoch]),
        np.array([values.std(ddof=1) if len(values) > 1 else 0.0 for values in by_epoch]),
    )


def mean_epochs(runs: Sequence[Sequence[Epoch]]) -> tuple[list[Epoch], list[Epoch]]:
    """Average the training histories of a model over its seeds.

    Args:
        runs: Scores and losses of each epoch for each seed; seeds without an epoch are left out.

    Returns:
        Means and sample standard deviations of each epoch, see :func:`statistics_by_epoch`. A value is None if a seed
        lacks it.

    Example:
        >>> means, deviations = mean_epochs([[Epoch(1, 2.0, 0.5, None)], [Epoch(1, 4.0, 0.5, None)]])
        >>> means[0].loss, means[0].validation, round(deviations[0].loss, 3)
        (3.0, None, 1.414)
    """
    begun = [run for run in runs if run]
    means: dict[str, Sequence[float | None]] = {}
    deviations: dict[str, Sequence[float | None]] = {}
    length = len(statistics_by_epoch([[event.loss for event in run] for run in begun])[0])
    for name in _VALUES:
        values = [[getattr(event, name) for event in run] for run in begun]
        if any(value is None for run in values for value in run):
            means[name] = deviations[name] = [None] * length
        else:
            mean, deviation = statistics_by_epoch(values)
            means[name], deviations[name] = mean.tolist(), deviation.tolist()
    return _epochs(means, length), _epochs(deviations, length)


def _epochs(values: dict[str, Sequence[float | None]], length: int) -> list[Epoch]:
    return [
        Epoch(place + 1, **{name: column[place] for name, column in values.items()})  # type: ignore[arg-type]
        for place in range(length)
    ]
