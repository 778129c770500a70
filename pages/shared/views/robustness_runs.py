"""The missing runs of the robustness chart: their number, estimated duration, start and progress."""

import streamlit as st

from pages.shared.background import sweeps
from pages.shared.core.markdown import escape_markdown
from pages.shared.core.robustness_data import RobustnessData
from pages.shared.runs.scheduler import ABANDONED_AFTER
from pages.shared.state.declarations import SETTINGS
from pages.shared.state.shortcuts import SHORTCUTS
from torque_core import TorqueError
from torque_core.experiments import Training, key
from torque_core.experiments.kinds.detection import Detection
from torque_core.experiments.robustness import DETECTION, Disturbed, wanted

__all__ = ["active_sweep", "choose_runs", "draw_last_runs", "draw_missing_runs", "watch_sweep"]


def draw_missing_runs(graph: Disturbed, data: RobustnessData, labels: list[str], level: float) -> None:
    """Draw the number of missing runs and a button that starts them."""
    if st.session_state.measure == "detection":
        labels = [DETECTION]
    row = st.container(horizontal=True, vertical_alignment="bottom")
    splits = int(row.number_input(
        "Splits to run", 1, data.splits, min(3, data.splits), width=150,
        help="Runs use the first splits of the scheme. The number of a split is also the seed of the noise and of the "
        "model weights.",
    ))  # fmt: skip
    levels = {"curve": tuple(sorted({*graph.rates, level})), "level": (level,)}
    at = row.selectbox(
        "At", list(levels), list(levels).index(st.session_state.at), format_func=lambda name: _in_percent(levels[name]),
        key="at", persist_state="session", width=190, help=SETTINGS["at"].help,
    )  # fmt: skip
    rates = levels[at]
    existing = set(data.runs["key"]) if len(data.runs) else set()
    requested = wanted({label: data.recipes[label] for label in labels}, graph, rates, splits)
    missing = [
        (label, experiment)
        for label, experiments in requested.items()
        for experiment in experiments
        if key(experiment) not in existing
    ]
    if not missing:
        row.caption("All lines already have these runs.")
        return
    row.button(
        f"Run {len(missing)} missing run{'s'[: len(missing) > 1]}", icon=":material/play_arrow:", type="primary",
        on_click=_start, args=(graph, missing), disabled=active_sweep() is not None,
        help="The runs are computed in the background, in turns with those of others. They stop "
        f"{ABANDONED_AFTER:.0f} s after the session is closed.",
    )  # fmt: skip
    row.caption(_estimate(data, [label for label, _ in missing]))
    if new := sorted({label for label, _ in missing if not data.recipes[label].tuned}):
        st.caption(f"With default options, as no study has tuned them on this graph: {', '.join(new)}.")


def _in_percent(rates: tuple[float, ...]) -> str:
    """Noise levels in percent."""
    return ", ".join(f"{100 * rate:g}" for rate in rates) + " %"


def _estimate(data: RobustnessData, labels: list[str]) -> str:
    """The estimated duration, from existing runs on the same graph."""
    runs = data.runs
    if runs.empty or "seconds" not in runs:
        return "The duration is not known yet."
    seconds = runs.assign(all=runs["seconds"] + runs["rewire_seconds"]).groupby("label")["all"].mean()
    if not len(seconds):
        return ""
    total = sum(float(seconds.get(label, seconds.mean())) for label in labels)
    return f"About {total:.0f} s, estimated from stored runs."


def _start(graph: Disturbed, missing: list[tuple[str, Training | Detection]]) -> None:
    """Start the runs in the background."""
    try:
        st.session_state.sweep = sweeps.start(graph, missing).id
    except TorqueError as error:
        st.session_state.refused = str(error)


def choose_runs(graph: Disturbed, data: RobustnessData, own: RobustnessData, labels: list[str]) -> RobustnessData:
    """Draw the switch between all runs and those of this server, if there are both; return the chosen ones.

    Without a choice of the user, the stored runs are left out once the user has run whole curves.

    Args:
        graph: The graph and its noise.
        data: All runs.
        own: The runs of this server.
        labels: The lines in the figure.
    """
    if own.runs.empty or data.runs["here"].all():
        return data
    sweep = sweeps.find(st.session_state.sweep)
    ran_curves = sweep is not None and sweep.disturbed == graph and own.has_local_curves(labels)
    chosen = st.session_state.stored
    default = chosen == "yes" if chosen else not ran_curves
    shown = st.toggle(
        "Stored runs", default,
        help="Show the runs that are included in the app, too. Without them, only the runs of this server count, and "
        "all others can be run here.",
    )  # fmt: skip
    if shown != default:
        st.session_state.stored = "yes" if shown else "no"
    return data if shown else own


def active_sweep() -> sweeps.Sweep | None:
    """The active runs of this session, or None."""
    sweep = sweeps.find(st.session_state.sweep)
    return sweep if sweep is not None and sweep.job.active else None


@st.fragment(run_every=1.0)
def watch_sweep(done: int) -> None:
    """Draw the progress, and rerun the page when a run has ended."""
    sweep = sweeps.find(st.session_state.sweep)
    if sweep is None or not sweep.job.active or sweep.done != done:
        st.rerun()
    left = "" if sweep.seconds_left is None else f" · about {sweep.seconds_left:.0f} s left"
    line, button = st.columns([6, 1], vertical_alignment="center")
    state = "waiting" if sweep.job.state == "waiting" else "running"
    line.progress(sweep.done / len(sweep.wanted), text=f"{sweep.done} of {len(sweep.wanted)} runs · {state}{left}")
    if sweep.owned:
        button.button("Cancel", icon=":material/stop:", shortcut=SHORTCUTS["cancel"].keys, on_click=sweep.job.cancel,
                      width="stretch", help="Finished runs are kept.")  # fmt: skip


def draw_last_runs() -> None:
    """Draw the result of the last runs when they have ended."""
    sweep = sweeps.find(st.session_state.sweep)
    if sweep is None or sweep.job.active:
        return
    for problem in (*sweep.problems, *filter(None, [sweep.job.error])):
        st.error(escape_markdown(problem), icon=":material/error:")
    st.caption(f"Last runs: {sweep.done} of {len(sweep.wanted)}, {sweep.job.state}.")
