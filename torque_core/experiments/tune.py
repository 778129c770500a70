"""Tuning by validation score: what a method's options, or its training, should be."""

import math
from collections.abc import Callable, Generator, Sequence
from itertools import product
from statistics import fmean
from typing import Any

from torque_core.errors import BadConfig
from torque_core.experiments.experiment import Experiment, Result
from torque_core.methods.catalog import Space

__all__ = ["tune"]

_SEED = 0
_AT_RANDOM = 5  # trials before the sampler believes what it has seen


def tune(
    space: Space, make: Callable[[dict[str, Any]], Sequence[Experiment]], *, trials: int
) -> Generator[list[Experiment], Sequence[Result], dict[str, Any]]:
    """Yield the experiments of trials, take their results, and return the choice of the best mean validation score.

    The first trial is the first choice of every option, then come five by chance in one go, and then one by one those
    that a tree-structured Parzen estimator suggests (Bergstra et al., NeurIPS 2011, by Optuna). A space with no more
    choices than trials is tried as a whole. Of equals the earliest is best. The same results lead to the same
    suggestions: with results that are kept, a tuning that was broken off goes on where it was.

    Args:
        space: What each option can be, the default first.
        make: The experiments that judge a choice, by their metric ``validation``.
        trials: How many choices to try at most, 1 or more.

    Raises:
        BadConfig: A result has no validation score.

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
        every = [dict(zip(space, chosen, strict=True)) for chosen in product(*space.values())]
        scores = yield from _judge(every, make)
        return every[scores.index(max(scores))]

    import optuna  # slow to import

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=_SEED, n_startup_trials=1 + _AT_RANDOM)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.enqueue_trial({name: choices[0] for name, choices in space.items()})
    tried: list[dict[str, Any]] = []
    scores = []
    while (left := trials - len(tried)) > 0:
        at_once = min(left, 1 if tried[_AT_RANDOM:] else 1 + _AT_RANDOM)
        asked = [study.ask() for _ in range(at_once)]
        chosen = [
            {name: trial.suggest_categorical(name, choices) for name, choices in space.items()} for trial in asked
        ]
        found = yield from _judge(chosen, make)
        for trial, score in zip(asked, found, strict=True):
            study.tell(trial, score)
        tried += chosen
        scores += found
    return tried[scores.index(max(scores))]


def _judge(
    chosen: Sequence[dict[str, Any]], make: Callable[[dict[str, Any]], Sequence[Experiment]]
) -> Generator[list[Experiment], Sequence[Result], list[float]]:
    """The mean validation score of each choice."""
    made = [make(choice) for choice in chosen]
    results = iter((yield [experiment for experiments in made for experiment in experiments]))
    return [fmean(_validation(next(results)) for _ in experiments) for experiments in made]


def _validation(result: Result) -> float:
    score = result.metrics.get("validation")
    if not isinstance(score, int | float):
        raise BadConfig(f"tuning needs a validation score, got {score!r}; choose a split with validation nodes")
    return score
