"""The lesson as data: each step is whole, can be done and is not done at once, and has one right answer."""

import pytest

from pages.shared.frame.navigation import PAGES
from pages.shared.lesson.catalog import STEPS
from pages.shared.lesson.controls import CONTROLS
from pages.shared.lesson.formulas import FORMULAS
from pages.shared.lesson.pictures import PICTURES
from pages.shared.state.lesson_steps import STEP_SETTINGS, step_settings
from pages.shared.state.settings import SETTINGS, build_settings, read_link, write_link

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


def begun(name: str) -> dict[str, object]:
    return DEFAULTS | dict(STEPS[name].settings)


def test_every_step_is_drawn():
    assert set(FORMULAS) == set(PICTURES) == set(STEPS) == set(DONE)
    assert list(STEPS) == list(STEP_SETTINGS)
    assert len(STEPS) == 10


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_is_whole(step):
    assert all((step.title, step.text, step.look, step.task, step.did, step.where, step.note))
    assert step.page in PAGES
    assert step.controls
    assert set(step.controls) <= set(CONTROLS)
    assert step.did.format_map(begun(step.name))


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_one_answer_is_right_and_all_are_explained(step):
    answers = step.question.answers
    assert sum(answer.right for answer in answers) == 1
    assert len({answer.text for answer in answers}) == len(answers) >= 3
    assert all(answer.why for answer in answers)


@pytest.mark.parametrize("name", STEPS)
def test_what_it_begins_with_can_be_set_and_linked(name):
    begins = STEPS[name].settings
    assert build_settings(begun(name) | {"scheme": "random-48-32-20"})
    values, problems = read_link(write_link(begins))
    assert not problems
    assert DEFAULTS | values == begun(name)
    assert write_link(begun(name), usual=step_settings("learn", name)) == {}
    assert step_settings("explore", name) == {}


def test_a_default_that_is_not_the_steps_own_is_in_its_link():
    state = begun("prune") | {"fraction": DEFAULTS["fraction"], "picked": ["4-9", "5"]}
    link = write_link(state, usual=step_settings("learn", "prune"))
    assert link == {"fraction": "10", "picked": "4-9~5"}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_done_by_what_it_asks_for_and_by_no_less(name):
    step, before = STEPS[name], begun(name)
    assert not step.done(before, before)
    assert not step.done(before, before | NOT_YET.get(name, {}))
    assert step.done(before, before | DONE[name])
