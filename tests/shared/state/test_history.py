"""Undo and redo, compared with a slow reference: a list of all states and a position in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.state.history import DEPTH, History, changed

LINKS = st.integers(0, 3).map(lambda seed: {"seed": str(seed)} if seed else {})


@given(st.lists(st.one_of(LINKS, st.sampled_from(["undo", "redo"])), max_size=60))
def test_it_equals_a_list_with_a_position(actions):
    steps, states, position = History({}), [{}], 0
    for action in actions:
        if isinstance(action, dict):
            if action != states[position]:
                states[position + 1 :] = [action]
                position += 1
            steps.record(action)
        elif action == "undo" and position:
            position -= 1
            assert steps.undo() == states[position]
        elif action == "redo" and position + 1 < len(states):
            position += 1
            assert steps.redo() == states[position]
        assert steps.present == states[position]
        assert len(steps.past) == position
        assert len(steps.future) == len(states) - 1 - position


def test_old_steps_are_dropped():
    steps = History({})
    for seed in range(1, DEPTH + 20):
        steps.record({"seed": str(seed)})
    assert len(steps.past) == DEPTH
    for _ in range(DEPTH):
        last = steps.undo()
    assert last == {"seed": "19"}
    with pytest.raises(IndexError):
        steps.undo()


def test_a_correction_by_the_page_is_not_a_step():
    steps = History({})
    steps.record({"node": "4000"})
    steps.amend({"node": "33"})
    steps.record({"node": "33"})
    assert len(steps.past) == 1
    assert steps.undo() == {}
    steps.amend({"study": "first"})
    assert steps.redo() == {"node": "33"}


def test_a_step_that_the_page_reverts_is_dropped():
    steps = History({"node": "33"})
    steps.record({"node": "4000"})
    steps.amend({"node": "33"})
    assert not steps.past


def test_it_lists_the_settings_that_would_change():
    steps = History({"data": "karate"})
    steps.record({"data": "davis", "rate": "20"})
    assert steps.last_change == ("data", "rate")
    assert steps.next_change == ()
    steps.undo()
    assert steps.next_change == ("data", "rate")
    assert changed({"seed": "1"}, {"seed": "1"}) == ()
