"""The list of a session's runs: how far each is, and what can be done with it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.background import training_jobs
from pages.shared.core.view import View
from pages.shared.frame.page import percent
from pages.shared.runs import registry
from pages.shared.runs.registry import Run
from pages.shared.state.declarations import GRAPH_KEYS, SETTINGS, TRAINING_KEYS
from pages.shared.state.link import read_link
from pages.shared.state.shortcuts import SHORTCUTS
from torque_core.experiments import METHODS

__all__ = ["rows", "shown_runs"]


def rows(all_runs: list[Run], view: View) -> None:
    """A row for each run, the newest first: its name, how far it is, and what can be done with it."""
    newest_active = next((run.id for run in reversed(all_runs) if run.active), None)
    for run in reversed(all_runs):
        row = st.container(horizontal=True, vertical_alignment="center")
        others = {other.record.name for other in all_runs if other is not run}
        row.checkbox("Show", True, key=f"show_{run.id}", label_visibility="collapsed", width=40, help="Draw it below.")
        row.text_input(
            "Name", run.record.name, max_chars=40, key=f"name_{run.id}", label_visibility="collapsed",
            on_change=_rename, args=(run, others), width=150, help="A name of your own.",
        )  # fmt: skip
        with row.container():
            _status(run, view)
        if run.active:
            _controls(run, row, shortcut=run.id == newest_active)
        else:
            _afterwards(run, row)


def _rename(run: Run, others: set[str]) -> None:
    """Call it so; a name that another run has is made its own."""
    name = st.session_state[f"name_{run.id}"].strip() or "Run"
    while name in others:
        name += "′"
    registry.rename(run, name)


def _controls(run: Run, row: DeltaGenerator, *, shortcut: bool) -> None:
    """Pause and cancel."""
    job = run.job
    assert job is not None  # it is active
    if job.pausing:
        row.button("Go on", icon=":material/play_arrow:", key=f"resume_{run.id}", on_click=job.resume)
    else:
        row.button("Pause", icon=":material/pause:", key=f"pause_{run.id}", on_click=job.pause)
    row.button(
        "Cancel", icon=":material/stop:", key=f"cancel_{run.id}", on_click=job.cancel,
        shortcut=SHORTCUTS["cancel"].keys if shortcut else None, help="It ends within an epoch.",
    )  # fmt: skip


def _afterwards(run: Run, row: DeltaGenerator) -> None:
    """Take its settings over, and remove it."""
    row.button(
        "Its settings", icon=":material/tune:", key=f"settings_{run.id}", on_click=_take_settings, args=(run,),
        disabled=registry.run_link() == run.record.link,
        help="Set the data set, the noise, the rewiring and the training as they were for this run.",
    )  # fmt: skip
    row.button(
        "Remove", icon=":material/close:", key=f"remove_{run.id}", on_click=_remove, args=(run,),
        help="Take it out of this list; by its link it is found again.",
    )  # fmt: skip


def _is_here(run: Run, view: View) -> bool:
    """Whether it is of the graph that is set."""
    now, then = view.settings, run.settings
    return (now.dataset, now.noise, now.rewire) == (then.dataset, then.noise, then.rewire)


def _take_settings(run: Run) -> None:
    values = read_link(run.record.link)[0]
    st.session_state.update({key: values.get(key, SETTINGS[key].default) for key in (*GRAPH_KEYS, *TRAINING_KEYS)})


def _remove(run: Run) -> None:
    st.session_state.job = tuple(run_id for run_id in st.session_state.job if run_id != run.id)


def _status(run: Run, view: View) -> None:
    """How far it is, how long yet, and what it is of if that is not what is set."""
    where = "" if _is_here(run, view) else f"{run.record.title}, noise {100 * run.settings.noise.rate:.0f} % · "
    job, done = run.job, f"{100 * run.progress:.0f} %"
    if job is not None and job.active:
        left = run.seconds_left
        remaining = "" if left is None else f" · about {left:.0f} s left"
        ahead = training_jobs.scheduler().queue_position(job)
        text = {
            "waiting": f"waits for its turn, {ahead} before it" if ahead else "waits for its turn",
            "running": f"training {', '.join(METHODS[name].title for name in run.models)}",
            "paused": "paused",
        }[job.state]
        if job.pausing and job.state == "running":
            text = "pausing after this epoch"
        st.progress(min(run.progress, 1.0), text=f"{where}{done} · {text} · {run.seconds:.0f} s so far{remaining}")
        return
    said = {
        "done": f"done in {run.seconds:.0f} s",
        "cancelled": f"cancelled after {run.seconds:.0f} s at {done}; the curves show that much",
        "failed": "failed",
    }[run.state]
    results = [
        f"{METHODS[name].title} {percent(model.outcome.test)}" for name, model in run.models.items() if model.outcome
    ]
    st.markdown(f"{where}{said}{': ' if results else ''}{', '.join(results)}")
    if job is not None and job.error:
        st.error(job.error, icon=":material/error:")


def shown_runs(all_runs: list[Run]) -> list[Run]:
    """Those whose box is ticked."""
    return [run for run in all_runs if st.session_state.get(f"show_{run.id}", True)]
