"""Means and standard deviations of the outcomes of a model over its seeds."""

import statistics
from collections.abc import Iterable, Sequence

from pages.shared.runs.record import Outcome

__all__ = ["mean_and_deviation", "score_text"]


def mean_and_deviation(values: Iterable[float | None]) -> tuple[float | None, float | None]:
    """Return the mean and the sample standard deviation of the numbers.

    Returns:
        The mean, None if there is no number; and the deviation, None if there are fewer than two.

    Example:
        >>> mean_and_deviation([1.0, None, 3.0])
        (2.0, 1.4142135623730951)
        >>> mean_and_deviation([1.0]), mean_and_deviation([None])
        ((1.0, None), (None, None))
    """
    numbers = [value for value in values if value is not None]
    return (
        statistics.fmean(numbers) if numbers else None,
        statistics.stdev(numbers) if len(numbers) > 1 else None,
    )


def score_text(outcomes: Sequence[Outcome]) -> str:
    """Return the test score in words: the mean, and the standard deviation of several seeds.

    Example:
        >>> seeds = [Outcome(1, None, test, (), None, None) for test in (0.5, 0.6)]
        >>> score_text(seeds[:1]), score_text(seeds), score_text([])
        ('50.0 %', '55.0 ± 7.1 %', '–')
    """
    mean, deviation = mean_and_deviation(outcome.test for outcome in outcomes)
    if mean is None:
        return "–"
    return f"{100 * mean:.1f} %" if deviation is None else f"{100 * mean:.1f} ± {100 * deviation:.1f} %"
