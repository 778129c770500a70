"""The list of the session's runs, with their progress and buttons to control them."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.background import training_jobs
from pages.shared.core.markdown import escape_markdown
from pages.shared.core.view import View
from pages.shared.runs import registry
from pages.shared.runs.registry import Run
from pages.shared.runs.scheduler import ACTIVE_STATES
from pages.shared.runs.seed_statistics import score_text
from pages.shared.state.declarations import GRAPH_KEYS, MAX_PINNED, SETTINGS, TRAINING_KEYS
from pages.shared.state.link import read_link
from pages.shared.state.shortcuts import SHORTCUTS
from pages.shared.views.run_styles import run_colours
from torque_core.experiments import METHODS

__all__ = ["displayed_runs", "draw_run_list"]

_OVERLAID = 5  # runs; more curves can hardly be told apart

_STATUS_WIDTH = 380  # pixels; in a narrower window the buttons follow in a line of their own


def draw_run_list(all_runs: list[Run], view: View) -> None:
    """Draw one row per run, the newest first: its name, its progress, and its buttons."""
    newest_active = next((run.id for run in reversed(all_runs) if run.active and run.owned), None)
    colours, displayed = run_colours(all_runs), {run.id for run in displayed_runs(all_runs)}
    for run in reversed(all_runs):
        row = st.container(horizontal=True, vertical_alignment="center")
        others = {other.record.name for other in all_runs if other is not run}
        st.session_state[f"show_{run.id}"] = run.id in displayed  # a new run hides an old one that nobody ticked
        row.checkbox(
            "Show", key=f"show_{run.id}", on_change=_choose, args=(run.id,), label_visibility="collapsed", width=40,
            help="Show this run in the charts below.",
        )  # fmt: skip
        if run.id in colours:
            row.html(f"<span aria-hidden='true' style='color: {colours[run.id]}'>●</span>", width=20)
        row.text_input(
            "Name", run.record.name, max_chars=40, key=f"name_{run.id}", label_visibility="collapsed",
            on_change=_rename, args=(run, others), width=150, disabled=not run.owned,
            help="Rename this run." if run.owned else "Only the browser that started this run can rename it.",
        )  # fmt: skip
        with row.container(width=_STATUS_WIDTH):
            _draw_status(run, view)
        _draw_pin(run, row)
        if not run.active:
            _draw_ended_buttons(run, row)
        elif run.owned:
            _draw_active_buttons(run, row, shortcut=run.id == newest_active)
        else:
            row.caption("started in another browser", help="Only the browser that started this run can control it.")


def _choose(run_id: str) -> None:
    """Note that the user has shown or hidden a run."""
    st.session_state.setdefault("shown_runs", {})[run_id] = st.session_state[f"show_{run_id}"]


def _draw_pin(run: Run, row: DeltaGenerator) -> None:
    """Draw the button that keeps a run among those that are shown."""
    pinned = run.id in st.session_state.pinned
    full = not pinned and len(st.session_state.pinned) >= MAX_PINNED
    row.button(
        "Unpin" if pinned else "Pin", icon=":material/keep_off:" if pinned else ":material/keep:", key=f"pin_{run.id}",
        on_click=_pin, args=(run.id, not pinned), disabled=full,
        help=f"A pinned run is shown with the {_OVERLAID} newest others, and new runs do not push it out of the list. "
        f"The link keeps the pins, {MAX_PINNED} at most.",
    )  # fmt: skip


def _pin(run_id: str, pin: bool) -> None:
    """Pin a run and show it, or unpin it."""
    pinned = tuple(other for other in st.session_state.pinned if other != run_id)
    st.session_state.pinned = (*pinned, run_id) if pin else pinned
    st.session_state.get("shown_runs", {}).pop(run_id, None)


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
    for key in ("job", "pinned"):
        st.session_state[key] = tuple(run_id for run_id in st.session_state[key] if run_id != run.id)


def _draw_status(run: Run, view: View) -> None:
    """Draw the progress or the result of a run, with its graph if that differs from the current one."""
    graph = (
        ""
        if _is_on_current_graph(run, view)
        else f"{escape_markdown(run.record.title)}, noise {100 * run.settings.noise.rate:.0f} % · "
    )
    job, done, seeds = run.job, f"{100 * run.progress:.0f} %", run.record.seeds
    state = run.state  # read once, as the job may end while the row is drawn
    if job is not None and state in ACTIVE_STATES:
        left = run.seconds_left
        remaining = "" if left is None else f" · about {left:.0f} s left"
        ahead = training_jobs.scheduler().queue_position(job)
        text = {
            "waiting": f"waiting, {ahead} ahead in the queue" if ahead else "waiting",
            "running": f"training {', '.join(METHODS[name].title for name in run.models)}{_seed_in_training(run)}",
            "paused": "paused",
        }[state]
        if job.pausing and state == "running":
            text = "pausing after this epoch"
        st.progress(min(run.progress, 1.0), text=f"{graph}{done} · {text} · {run.seconds:.0f} s so far{remaining}")
        return
    ending = {
        "done": f"done in {run.seconds:.0f} s",
        "cancelled": f"cancelled after {run.seconds:.0f} s at {done}; the curves end there",
        "failed": "failed",
        "interrupted": f"interrupted after {run.seconds:.0f} s at {done}, as the server was stopped; restore the "
        "settings to train again",
    }[state]
    results = [
        f"{METHODS[name].title} {score_text(outcomes)}"
        for name in run.models
        if (outcomes := run.record.outcomes(name))
    ]
    mean = f", mean ± standard deviation of {len(seeds)} seeds" if len(seeds) > 1 else ""
    st.markdown(f"{graph}{ending}{mean if results else ''}{': ' if results else ''}{', '.join(results)}")
    if job is not None and job.error:
        st.error(escape_markdown(job.error), icon=":material/error:")


def _seed_in_training(run: Run) -> str:
    """Name the seed that is being trained, if there are several."""
    seeds = run.record.seeds
    done = sum(all(model.outcome for model in models.values()) for models in seeds.values())
    return f", seed {min(done + 1, len(seeds))} of {len(seeds)}" if len(seeds) > 1 else ""


def displayed_runs(all_runs: list[Run]) -> list[Run]:
    """The pinned runs and the newest others, unless the user has ticked or unticked them."""
    pinned, chosen = st.session_state.pinned, st.session_state.get("shown_runs", {})
    newest = [run.id for run in all_runs if run.id not in pinned][-_OVERLAID:]
    return [run for run in all_runs if chosen.get(run.id, run.id in newest or run.id in pinned)]
