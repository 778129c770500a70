from itertools import chain

import pytest

from torque_core.errors import BadConfig
from torque_core.experiments import METHODS, Result, tune
from torque_core.methods.catalog import TRAINING_SPACE

SPACE = METHODS["torque"].space
FIRST = {"lever": "structural", "force": "dirichlet", "cut": "gap", "additions": 0.25}


def finish(tuning, judge):
    """Run a tuning by a function of choices: the batches that it asked for, and what it chose."""
    batches, answer = [], None
    while True:
        try:
            asked = tuning.send(answer)
        except StopIteration as end:
            return batches, end.value
        batches.append(asked)
        answer = [Result({"validation": judge(choice)}) for choice in asked]


def cut_and_force(choice):
    return 0.25 * (choice["cut"] == "otsu") + 0.5 * (choice["force"] == "unit") + 0.1 * choice["additions"]


def test_the_default_first_then_some_by_chance_then_one_by_one():
    batches, chosen = finish(tune(SPACE, lambda choice: [choice], trials=12), cut_and_force)
    assert [len(batch) for batch in batches] == [6, 1, 1, 1, 1, 1, 1]
    tried = list(chain.from_iterable(batches))
    assert tried[0] == FIRST
    for choice in tried:
        assert list(choice) == list(SPACE)
        assert all(value in SPACE[name] for name, value in choice.items())
    assert cut_and_force(chosen) == max(map(cut_and_force, tried))


def test_few_trials():
    batches, _ = finish(tune(SPACE, lambda choice: [choice], trials=3), cut_and_force)
    assert [len(batch) for batch in batches] == [3]
    assert finish(tune(SPACE, lambda choice: [choice], trials=1), cut_and_force) == ([[FIRST]], FIRST)


def test_the_same_results_lead_to_the_same_suggestions():
    first, second = (finish(tune(SPACE, lambda choice: [choice], trials=20), cut_and_force) for _ in range(2))
    assert first == second
    other, _ = finish(tune(SPACE, lambda choice: [choice], trials=20), lambda choice: -cut_and_force(choice))
    assert other[0] == first[0][0]  # before it knows anything
    assert other[1:] != first[0][1:]


def test_it_learns():
    # the sampler's later trials are better than those by chance
    batches, _ = finish(tune(SPACE, lambda choice: [choice], trials=60), cut_and_force)
    tried = list(chain.from_iterable(batches))
    scores = list(map(cut_and_force, tried))
    assert sum(scores[-20:]) / 20 > sum(scores[:6]) / 6 + 0.2


def test_a_small_space_is_tried_as_a_whole():
    space = {"a": (2, 1), "b": ("x", "y", "z")}
    batches, chosen = finish(tune(space, lambda choice: [choice], trials=6), lambda choice: choice["b"] == "y")
    assert batches == [[{"a": a, "b": b} for a in (2, 1) for b in "xyz"]]
    assert chosen == {"a": 2, "b": "y"}  # the earliest of equals


def test_the_mean_over_experiments_decides():
    tuning = tune({"a": (1, 2, 3)}, lambda choice: [(choice["a"], split) for split in (0, 1)], trials=3)
    assert next(tuning) == [(1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)]
    with pytest.raises(StopIteration) as end:
        tuning.send([Result({"validation": score}) for score in (0.9, 0.1, 0.6, 0.5, 0.2, 0.8)])
    assert end.value.value == {"a": 2}


def test_equals_the_earliest():
    _, chosen = finish(tune(SPACE, lambda choice: [choice], trials=12), lambda choice: 0.5)
    assert chosen == FIRST


def test_no_validation_score():
    tuning = tune(TRAINING_SPACE, lambda choice: [choice], trials=1)
    next(tuning)
    with pytest.raises(BadConfig, match="tuning needs a validation score, got None; choose a split"):
        tuning.send([Result({"validation": None})])
