"""Undo and redo against a slow model: a list of all states and a place in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.state.history import DEPTH, History, changed

LINKS = st.integers(0, 3).map(lambda seed: {"seed": str(seed)} if seed else {})


@given(st.lists(st.one_of(LINKS, st.sampled_from(["undo", "redo"])), max_size=60))
def test_it_is_a_list_with_a_place(acts):
    steps, states, place = History({}), [{}], 0
    for act in acts:
        if isinstance(act, dict):
            if act != states[place]:
                states[place + 1 :] = [act]
                place += 1
            steps.record(act)
        elif act == "undo" and place:
            place -= 1
            assert steps.undo() == states[place]
        elif act == "redo" and place + 1 < len(states):
            place += 1
            assert steps.redo() == states[place]
        assert steps.present == states[place]
        assert len(steps.past) == place
        assert len(steps.future) == len(states) - 1 - place


def test_it_forgets_what_is_long_ago():
    steps = History({})
    for seed in range(1, DEPTH + 20):
        steps.record({"seed": str(seed)})
    assert len(steps.past) == DEPTH
    for _ in range(DEPTH):
        last = steps.undo()
    assert last == {"seed": "19"}
    with pytest.raises(IndexError):
        steps.undo()


def test_what_the_page_puts_right_is_no_step():
    steps = History({})
    steps.record({"node": "4000"})
    steps.settle({"node": "33"})
    steps.record({"node": "33"})
    assert len(steps.past) == 1
    assert steps.undo() == {}
    steps.settle({"study": "first"})
    assert steps.redo() == {"node": "33"}


def test_a_step_that_the_page_takes_back_is_none():
    steps = History({"node": "33"})
    steps.record({"node": "4000"})
    steps.settle({"node": "33"})
    assert not steps.past


def test_it_says_what_would_change():
    steps = History({"data": "karate"})
    steps.record({"data": "davis", "rate": "20"})
    assert steps.last_change == ("data", "rate")
    assert steps.next_change == ()
    steps.undo()
    assert steps.next_change == ("data", "rate")
    assert changed({"seed": "1"}, {"seed": "1"}) == ()
