"""The list of runs while a job ends in its own thread."""

from itertools import cycle

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.runs.scheduler import Job


class Ending(Job):
    """A job whose state is another whenever it is read."""

    states = cycle(["running", "done"])

    @property
    def state(self) -> str:
        return next(self.states)

    @state.setter
    def state(self, state: str) -> None:
        """The states are given."""


def one_row(job):
    """A page with a single run."""
    from types import SimpleNamespace

    import streamlit as st

    from pages.shared.runs.record import Model, Record
    from pages.shared.runs.registry import Run
    from pages.shared.state.declarations import default_state
    from pages.shared.state.settings import build_settings
    from pages.shared.views.run_list import draw_run_list
    from torque_core import TrainSpec

    st.session_state.update(default_state())
    settings = build_settings(default_state())
    run = Run(Record("0" * 16, "Run", "Graph", {}, TrainSpec(), {"plain": Model()}), settings, job)
    draw_run_list([run], SimpleNamespace(settings=settings))


@pytest.mark.parametrize("before", range(4))
def test_a_job_that_ends_while_its_row_is_drawn_is_described_by_one_state(before):
    job = Ending("Ada", "cpu", scheduler=None)
    for _ in range(before):
        _ = job.state
    test = AppTest.from_function(one_row, kwargs={"job": job}).run()
    assert not test.exception
    texts = [element.value for element in test.markdown] + [bar.proto.text for bar in test.get("progress")]
    assert sum("training GNN" in text or "done in" in text for text in texts) == 1
