"""Turns of large views: one at a time, and a session that has gone neither waits nor goes on."""

import threading

import pytest
from streamlit.runtime.scriptrunner import StopException

from pages.shared.core import turns
from pages.shared.core.budget import LARGE_BYTES
from pages.shared.core.turns import checkpoint, in_turn


@pytest.fixture
def closed(monkeypatch):
    """A script whose page is open, until it is closed."""
    closed = threading.Event()
    monkeypatch.setattr(turns, "get_script_run_ctx", object)
    monkeypatch.setattr(turns.st.runtime, "exists", lambda: True)
    monkeypatch.setattr(turns, "any_active", lambda sessions: not closed.is_set())
    monkeypatch.setattr(turns, "_SECONDS", 0.01)

    def stop() -> None:
        raise StopException

    monkeypatch.setattr(turns.st, "stop", stop)
    monkeypatch.setattr(turns.st, "empty", lambda: None)
    return closed


def test_large_views_are_computed_one_at_a_time():
    inside, most = [], []

    def view() -> None:
        with in_turn(LARGE_BYTES):
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=view) for _ in range(8)]
    with in_turn(LARGE_BYTES):
        for thread in threads:
            thread.start()
        with in_turn(LARGE_BYTES - 1):  # does not wait
            assert not most
    for thread in threads:
        thread.join(20)
    assert most == [1] * 8


def test_a_session_that_has_gone_leaves_the_queue(closed):
    ended = threading.Event()

    def wait() -> None:
        with pytest.raises(StopException), in_turn(LARGE_BYTES):
            pytest.fail("the turn is taken")
        ended.set()

    with in_turn(LARGE_BYTES):
        thread = threading.Thread(target=wait)
        thread.start()
        closed.set()
        assert ended.wait(20)
    closed.clear()
    with in_turn(LARGE_BYTES):
        pass


def test_a_computation_stops_when_its_page_is_closed(closed):
    checkpoint()
    with in_turn(LARGE_BYTES):
        closed.set()
        with pytest.raises(StopException):
            checkpoint()
    closed.clear()
    with in_turn(LARGE_BYTES):
        pass


def test_outside_of_a_script_nothing_stops():
    checkpoint()
