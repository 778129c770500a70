"""Tuning of a method's options, or of its training, by validation score."""

import math
from collections.abc import Callable, Generator, Sequence
from itertools import product
from statistics import fmean
from typing import Any

from torque_core.errors import BadConfig
from torque_core.experiments.experiment import Experiment, Result
from torque_core.methods.catalog import Space
from torque_core.utils.optional import require

__all__ = ["tune"]

_SEED = 0
_RANDOM_TRIALS = 5  # before the sampler uses the scores


def tune(
    space: Space, make: Callable[[dict[str, Any]], Sequence[Experiment]], *, trials: int
) -> Generator[list[Experiment], Sequence[Result], dict[str, Any]]:
    """Yield the experiments of trials, receive their results, and return the choice of the best mean validation score.

    The first trial takes the first choice of every option; five random trials are yielded with it. The following ones
    are suggested one by one by a tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011, as implemented in
    Optuna). If the space has no more combinations than trials, all are tried. Among equal scores the earliest trial
    wins. Suggestions depend only on the results, so that a tuning with stored results continues where it was
    interrupted.

    Args:
        space: Choices for each option, the default first.
        make: Returns the experiments that evaluate a choice, by their metric ``validation``.
        trials: Largest number of trials, at least 1.

    Raises:
        BadConfig: If a result has no validation score.

    Example:
        >>> tuning = tune({"fraction": (0.1, 0.2)}, lambda choice: [choice["fraction"]], trials=2)
        >>> next(tuning)
        [0.1, 0.2]
        >>> try:
        ...     tuning.send([Result({"validation": 0.5}), Result({"validation": 0.6})])
        ... except StopIteration as end:
        ...     print(end.value)
        {'fraction': 0.2}
    """
    if math.prod(map(len, space.values())) <= trials:
        every = [dict(zip(space, choice, strict=True)) for choice in product(*space.values())]
        scores = yield from _evaluate(every, make)
        return every[scores.index(max(scores))]

    optuna = require("optuna", extra="studies")
    sampler = optuna.samplers.TPESampler(seed=_SEED, n_startup_trials=1 + _RANDOM_TRIALS)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.enqueue_trial({name: choices[0] for name, choices in space.items()})
    tried: list[dict[str, Any]] = []
    scores = []
    while (left := trials - len(tried)) > 0:
        batch = min(left, 1 if tried[_RANDOM_TRIALS:] else 1 + _RANDOM_TRIALS)
        suggested = [study.ask() for _ in range(batch)]
        choices_of_batch = [
            {name: trial.suggest_categorical(name, choices) for name, choices in space.items()} for trial in suggested
        ]
        batch_scores = yield from _evaluate(choices_of_batch, make)
        for trial, score in zip(suggested, batch_scores, strict=True):
            study.tell(trial, score)
        tried += choices_of_batch
        scores += batch_scores
    return tried[scores.index(max(scores))]


def _evaluate(
    choices: Sequence[dict[str, Any]], make: Callable[[dict[str, Any]], Sequence[Experiment]]
) -> Generator[list[Experiment], Sequence[Result], list[float]]:
    """Return the mean validation score of each choice."""
    experiments_of = [make(choice) for choice in choices]
    results = iter((yield [experiment for experiments in experiments_of for experiment in experiments]))
    return [fmean(_validation(next(results)) for _ in experiments) for experiments in experiments_of]


def _validation(result: Result) -> float:
    score = result.metrics.get("validation")
    if not isinstance(score, int | float):
        raise BadConfig(f"tuning needs a validation score, got {score!r}; choose a split with validation nodes")
    return score
