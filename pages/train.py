"""Train: models side by side on the same graph, split and seed, while one watches."""

from itertools import count

import streamlit as st

from pages.shared.background import training_jobs
from pages.shared.frame.page import load_view, show_errors
from pages.shared.frame.training_controls import training_controls
from pages.shared.runs import registry
from pages.shared.runs.scheduler import ABANDONED_AFTER
from pages.shared.state.declarations import MAX_RUNS
from pages.shared.views.run_charts import curves, mistakes, scores
from pages.shared.views.run_list import rows, shown_runs
from torque_core import TorqueError, TrainSpec


def start(spec: TrainSpec) -> None:
    """Train in the background, and have it in the list."""
    names = {run.record.name for run in registry.session_runs()}
    name = next(name for number in count(1) if (name := f"Run {number}") not in names)
    try:
        run = training_jobs.start(view.settings, spec, st.session_state.models, name=name)
    except TorqueError as error:
        st.session_state.refused = str(error)
        return
    kept = st.session_state.job
    if len(kept) == MAX_RUNS:  # of which fewer can be under way
        ended = next(old.id for old in registry.session_runs() if not old.active)
        kept = [run_id for run_id in kept if run_id != ended]
    st.session_state.job = (*kept, run.id)


def body() -> None:
    """All runs: how far they are, their curves, their ends."""
    mine = registry.session_runs()
    rows(mine, view)
    shown = shown_runs(mine)
    scores(mine, shown)
    curves(mine, shown)
    mistakes(mine, shown)


@st.fragment(run_every=1.0)
def watch(ids: tuple[str, ...]) -> None:
    """Redraw while a training runs; then draw the page once more, at rest."""
    body()
    changed = tuple(st.session_state.job) != ids or "goto" in st.session_state
    if changed or not any(run.active for run in registry.session_runs()):
        st.rerun()


view = load_view()
st.markdown(
    f"**{view.dataset.info.title}**, noise {100 * view.settings.noise.rate:.0f} %: does a network learn better on the "
    "rewired graph? Watch the **thick** lines, the scores on nodes that it was not trained on."
)
with show_errors():
    if not bool((view.dataset.data.y >= 0).any()):
        st.info("This graph has no classes, so there is nothing to learn. The other views show it all the same.",
                icon=":material/info:")  # fmt: skip
        st.stop()
    if not bool(view.dataset.data.train_mask.any()):
        st.info("This split has no training nodes; choose another one in the sidebar.", icon=":material/info:")
        st.stop()
    spec = training_controls(view)
    left, right = st.columns([1, 4], vertical_alignment="center")
    left.button("Train", type="primary", icon=":material/play_arrow:", disabled=spec is None, width="stretch",
                on_click=start, args=(spec,))  # fmt: skip
    test = right.toggle(
        "Test curve",
        st.session_state.testcurve == "yes",
        help="How the test nodes fare in each epoch. Whoever chooses an epoch, a model or a setting by it has no test "
        "left; here nothing is chosen by it.",
    )
    st.session_state.testcurve = "yes" if test else "no"
    if refused := st.session_state.pop("refused", ""):
        st.error(refused, icon=":material/error:")
    mine = registry.session_runs()
    if lost := len(st.session_state.job) - len(mine):
        st.info(
            f"{lost} training{'s'[: lost > 1]} of this link {'is' if lost == 1 else 'are'} gone: the server keeps "
            "those that ended, and of your own graph none after its session.",
            icon=":material/history:",
        )
        st.session_state.job = tuple(run.id for run in mine)
    if not mine:
        st.info(
            "Press **Train**: the models learn in turns, epoch by epoch, and can be paused and cancelled. You may look "
            f"at other pages meanwhile; a training that nobody is there for ends after {ABANDONED_AFTER:.0f} s.",
            icon=":material/info:",
        )
    elif any(run.active for run in mine):
        watch(tuple(st.session_state.job))
    else:
        body()
