"""The list of the session's runs, with their progress and buttons to control them."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.background import training_jobs
from pages.shared.core.markdown import escape_markdown
from pages.shared.core.view import View
from pages.shared.frame.page import percent
from pages.shared.runs import registry
from pages.shared.runs.registry import Run
from pages.shared.state.declarations import GRAPH_KEYS, SETTINGS, TRAINING_KEYS
from pages.shared.state.link import read_link
from pages.shared.state.shortcuts import SHORTCUTS
from torque_core.experiments import METHODS

__all__ = ["displayed_runs", "draw_run_list"]

_OVERLAID = 5  # runs; more curves can hardly be told apart


def draw_run_list(all_runs: list[Run], view: View) -> None:
    """Draw one row per run, the newest first: its name, its progress, and its buttons."""
    newest_active = next((run.id for run in reversed(all_runs) if run.active and run.owned), None)
    for run in reversed(all_runs):
        row = st.container(horizontal=True, vertical_alignment="center")
        others = {other.record.name for other in all_runs if other is not run}
        row.checkbox(
            "Show",
            _is_shown(run, all_runs),
            key=f"show_{run.id}",
            label_visibility="collapsed",
            width=40,
            help="Show this run in the charts below.",
        )
        row.text_input(
            "Name", run.record.name, max_chars=40, key=f"name_{run.id}", label_visibility="collapsed",
            on_change=_rename, args=(run, others), width=150, disabled=not run.owned,
            help="Rename this run." if run.owned else "Only the browser that started this run can rename it.",
        )  # fmt: skip
        with row.container():
            _draw_status(run, view)
        if not run.active:
            _draw_ended_buttons(run, row)
        elif run.owned:
            _draw_active_buttons(run, row, shortcut=run.id == newest_active)
        else:
            row.caption("started in another browser", help="Only the browser that started this run can control it.")


def _rename(run: Run, others: set[str]) -> None:
    """Rename a run; a prime is appended to a name that another run already has."""
    name = st.session_state[f"name_{run.id}"].strip() or "Run"
    while name in others:
        name += "′"
    registry.rename(run, name)


def _draw_active_buttons(run: Run, row: DeltaGenerator, *, shortcut: bool) -> None:
    """Draw the buttons of an active run: pause or resume, and cancel."""
    job = run.job
    assert job is not None  # the run is active
    if job.pausing:
        row.button("Resume", icon=":material/play_arrow:", key=f"resume_{run.id}", on_click=job.resume)
    else:
        row.button("Pause", icon=":material/pause:", key=f"pause_{run.id}", on_click=job.pause)
    row.button(
        "Cancel", icon=":material/stop:", key=f"cancel_{run.id}", on_click=job.cancel,
        shortcut=SHORTCUTS["cancel"].keys if shortcut else None, help="Stops at the end of the epoch.",
    )  # fmt: skip


def _draw_ended_buttons(run: Run, row: DeltaGenerator) -> None:
    """Draw the buttons of a finished run: restore its settings, and remove it."""
    row.button(
        "Restore settings", icon=":material/tune:", key=f"settings_{run.id}", on_click=_restore_settings, args=(run,),
        disabled=registry.run_link() == run.record.link,
        help="Restore the data set, noise, rewiring and training settings of this run.",
    )  # fmt: skip
    row.button(
        "Remove", icon=":material/close:", key=f"remove_{run.id}", on_click=_remove, args=(run,),
        help="Remove this run from the list. Its link can still be opened.",
    )  # fmt: skip


def _is_on_current_graph(run: Run, view: View) -> bool:
    """Return True if the run has the current data set, noise and rewiring."""
    now, then = view.settings, run.settings
    return (now.dataset, now.noise, now.rewire) == (then.dataset, then.noise, then.rewire)


def _restore_settings(run: Run) -> None:
    values = read_link(run.record.link)[0]
    st.session_state.update({key: values.get(key, SETTINGS[key].default) for key in (*GRAPH_KEYS, *TRAINING_KEYS)})


def _remove(run: Run) -> None:
    st.session_state.job = tuple(run_id for run_id in st.session_state.job if run_id != run.id)


def _draw_status(run: Run, view: View) -> None:
    """Draw the progress or the result of a run, with its graph if that differs from the current one."""
    graph = (
        ""
        if _is_on_current_graph(run, view)
        else f"{escape_markdown(run.record.title)}, noise {100 * run.settings.noise.rate:.0f} % · "
    )
    job, done = run.job, f"{100 * run.progress:.0f} %"
    if job is not None and job.active:
        left = run.seconds_left
        remaining = "" if left is None else f" · about {left:.0f} s left"
        ahead = training_jobs.scheduler().queue_position(job)
        text = {
            "waiting": f"waiting, {ahead} ahead in the queue" if ahead else "waiting",
            "running": f"training {', '.join(METHODS[name].title for name in run.models)}",
            "paused": "paused",
        }[job.state]
        if job.pausing and job.state == "running":
            text = "pausing after this epoch"
        st.progress(min(run.progress, 1.0), text=f"{graph}{done} · {text} · {run.seconds:.0f} s so far{remaining}")
        return
    state = {
        "done": f"done in {run.seconds:.0f} s",
        "cancelled": f"cancelled after {run.seconds:.0f} s at {done}; the curves end there",
        "failed": "failed",
        "interrupted": f"interrupted after {run.seconds:.0f} s at {done}, as the server was stopped; restore the "
        "settings to train again",
    }[run.state]
    results = [
        f"{METHODS[name].title} {percent(model.outcome.test)}" for name, model in run.models.items() if model.outcome
    ]
    st.markdown(f"{graph}{state}{': ' if results else ''}{', '.join(results)}")
    if job is not None and job.error:
        st.error(escape_markdown(job.error), icon=":material/error:")


def displayed_runs(all_runs: list[Run]) -> list[Run]:
    """The runs whose checkbox is ticked."""
    return [run for run in all_runs if st.session_state.get(f"show_{run.id}", _is_shown(run, all_runs))]


def _is_shown(run: Run, all_runs: list[Run]) -> bool:
    """Return True for the newest runs, which are shown unless the user chooses otherwise."""
    return run in all_runs[-_OVERLAID:]
