"""The runs that a curve of robustness lacks: how many, how long they take, and the way to have them."""

import streamlit as st

from pages.shared.background import sweeps
from pages.shared.core.robustness_data import RobustnessData
from pages.shared.runs.scheduler import ABANDONED_AFTER
from pages.shared.state.shortcuts import SHORTCUTS
from torque_core import TorqueError
from torque_core.experiments import Training, key
from torque_core.experiments.kinds.detection import Detection
from torque_core.experiments.robustness import DETECTION, RATES, Disturbed, wanted

__all__ = ["missing", "outcome", "under_way", "watch"]


def missing(here: Disturbed, found: RobustnessData, labels: list[str], level: float) -> None:
    """What is not there yet, and the way to have it."""
    if st.session_state.measure == "detection":
        labels = [DETECTION]
    row = st.container(horizontal=True, vertical_alignment="bottom")
    splits = int(row.number_input(
        "Splits to run", 1, found.splits, min(3, found.splits), width=150,
        help="The first ones of the scheme. The number of a split also seeds the noise and the weights.",
    ))  # fmt: skip
    rates = row.selectbox(
        "At",
        [(level,), RATES],
        format_func=_in_percent,
        width=190,
        help="At the noise level of the sidebar, or a curve.",
    )
    there = set(found.runs["key"]) if len(found.runs) else set()
    asked = wanted({label: found.recipes[label] for label in labels}, here, rates, splits)
    lacking = [
        (label, experiment)
        for label, experiments in asked.items()
        for experiment in experiments
        if key(experiment) not in there
    ]
    if not lacking:
        row.caption("Every line that is shown has these runs.")
        return
    are = "is" if len(lacking) == 1 else "are"
    row.button(
        f"Run {len(lacking)} that {are} missing", icon=":material/play_arrow:", type="primary",
        on_click=_start, args=(here, lacking), disabled=under_way() is not None,
        help=f"In the background, in turns with others. It ends if nobody is there for {ABANDONED_AFTER:.0f} s.",
    )  # fmt: skip
    row.caption(_estimate(found, [label for label, _ in lacking]))
    if new := sorted({label for label, _ in lacking if not found.recipes[label].tuned}):
        st.caption(f"With its defaults, as no study tuned it on this graph: {', '.join(new)}.")


def _in_percent(rates: tuple[float, ...]) -> str:
    """Noise levels for a reader."""
    return ", ".join(f"{100 * rate:g}" for rate in rates) + " %"


def _estimate(found: RobustnessData, labels: list[str]) -> str:
    """How long that may take, by the runs there are of the same graph."""
    runs = found.runs
    if runs.empty or "seconds" not in runs:
        return "How long that takes is not known yet."
    seconds = runs.assign(all=runs["seconds"] + runs["rewire_seconds"]).groupby("label")["all"].mean()
    if not len(seconds):
        return ""
    total = sum(float(seconds.get(label, seconds.mean())) for label in labels)
    return f"About {total:.0f} s, by the stored runs."


def _start(here: Disturbed, lacking: list[tuple[str, Training | Detection]]) -> None:
    """Run in the background."""
    try:
        st.session_state.sweep = sweeps.start(here, lacking).id
    except TorqueError as error:
        st.session_state.refused = str(error)


def under_way() -> sweeps.Sweep | None:
    """This session's runs, if there are any now."""
    sweep = sweeps.find(st.session_state.sweep)
    return sweep if sweep is not None and sweep.job.active else None


@st.fragment(run_every=1.0)
def watch(done: int) -> None:
    """How far the runs are; when one has come in, the page is drawn anew."""
    sweep = sweeps.find(st.session_state.sweep)
    if sweep is None or not sweep.job.active or sweep.done != done:
        st.rerun()
    left = "" if sweep.seconds_left is None else f" · about {sweep.seconds_left:.0f} s left"
    line, button = st.columns([6, 1], vertical_alignment="center")
    state = "waits for its turn" if sweep.job.state == "waiting" else "running"
    line.progress(sweep.done / len(sweep.wanted), text=f"{sweep.done} of {len(sweep.wanted)} runs · {state}{left}")
    button.button("Cancel", icon=":material/stop:", shortcut=SHORTCUTS["cancel"].keys, on_click=sweep.job.cancel,
                  width="stretch", help="What has come in stays.")  # fmt: skip


def outcome() -> None:
    """What the last runs came to, if they are over."""
    sweep = sweeps.find(st.session_state.sweep)
    if sweep is None or sweep.job.active:
        return
    for problem in (*sweep.problems, *filter(None, [sweep.job.error])):
        st.error(problem, icon=":material/error:")
    state = {"done": "done", "cancelled": "cancelled", "failed": "broken off"}[sweep.job.state]
    st.caption(f"The last runs: {sweep.done} of {len(sweep.wanted)}, {state}.")
