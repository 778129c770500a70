"""The lesson as data: each step is complete, is not done at once but can be done, and has one correct answer."""

import pytest

from pages.shared.frame.navigation import PAGES
from pages.shared.lesson.catalog import STEPS
from pages.shared.lesson.controls import CONTROLS
from pages.shared.lesson.formulas import FORMULAS
from pages.shared.lesson.pictures import PICTURES
from pages.shared.state.declarations import SETTINGS
from pages.shared.state.lesson_steps import STEP_SETTINGS, step_settings
from pages.shared.state.link import read_link, write_link
from pages.shared.state.settings import build_settings

DEFAULTS = {key: setting.default for key, setting in SETTINGS.items()}
EDGE = ("4-9",)
DONE = {
    "mislead": {"node": 5},
    "torque": {"picked": EDGE},
    "every": {"picked": EDGE},
    "gap": {"threshold": "0.4"},
    "prune": {"fraction": 51},
    "add": {"additions": 30},
    "layers": {"layer": 2},
    "field": {"node": 13},
    "noise": {"rate": 0},
    "accuracy": {"disturbance": "delete"},
}
NOT_YET = {
    "torque": {"picked": ("4",)},  # a node is no link
    "every": {"picked": ("4",)},
    "prune": {"fraction": 50},
    "add": {"additions": 20},
    "accuracy": {"disturbance": "dice"},
}


def initial_state(name: str) -> dict[str, object]:
    return DEFAULTS | dict(STEPS[name].settings)


def test_every_step_is_drawn():
    assert set(FORMULAS) == set(PICTURES) == set(STEPS) == set(DONE)
    assert list(STEPS) == list(STEP_SETTINGS)
    assert len(STEPS) == 10


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_is_complete(step):
    assert all((step.title, step.text, step.prompt, step.task, step.feedback, step.location, step.teacher_note))
    assert step.page in PAGES
    assert step.controls
    assert set(step.controls) <= set(CONTROLS)
    assert step.feedback.format_map(initial_state(step.name))


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_one_answer_is_correct_and_all_are_explained(step):
    answers = step.question.answers
    assert sum(answer.correct for answer in answers) == 1
    assert len({answer.text for answer in answers}) == len(answers) >= 3
    assert all(answer.explanation for answer in answers)


@pytest.mark.parametrize("name", STEPS)
def test_initial_settings_are_valid_and_survive_a_link(name):
    initial = STEPS[name].settings
    assert build_settings(initial_state(name) | {"scheme": "random-48-32-20"})
    values, problems = read_link(write_link(initial))
    assert not problems
    assert DEFAULTS | values == initial_state(name)
    assert write_link(initial_state(name), defaults=step_settings("learn", name)) == {}
    assert step_settings("explore", name) == {}


def test_a_default_that_differs_from_the_step_is_in_its_link():
    state = initial_state("prune") | {"fraction": DEFAULTS["fraction"], "picked": ["4-9", "5"]}
    link = write_link(state, defaults=step_settings("learn", "prune"))
    assert link == {"fraction": "10", "node": "3", "picked": "4-9~5"}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_done_only_by_its_task(name):
    step, before = STEPS[name], initial_state(name)
    assert not step.is_done(before, before)
    assert not step.is_done(before, before | NOT_YET.get(name, {}))
    assert step.is_done(before, before | DONE[name])
