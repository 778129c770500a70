"""Train: train several models side by side on the same graph, split and seed, and watch their progress."""

from itertools import count

import streamlit as st

from pages.shared.background import training_jobs
from pages.shared.core.markdown import escape_markdown
from pages.shared.frame.page import load_view, show_errors
from pages.shared.frame.training_controls import training_controls
from pages.shared.runs import registry
from pages.shared.runs.scheduler import ABANDONED_AFTER
from pages.shared.state.declarations import MAX_RUNS, SETTINGS
from pages.shared.views.run_charts import draw_training_curves
from pages.shared.views.run_errors import draw_errors
from pages.shared.views.run_gates import draw_gates
from pages.shared.views.run_list import displayed_runs, draw_run_list
from pages.shared.views.run_scores import draw_gain, draw_test_scores
from pages.shared.views.run_take_away import draw_take_away
from torque_core import TorqueError, TrainSpec


def start_training(spec: TrainSpec) -> None:
    """Start a training in the background and add it to the list."""
    names = {run.record.name for run in registry.session_runs()}
    name = next(name for number in count(1) if (name := f"Run {number}") not in names)
    try:
        run = training_jobs.start(
            view.settings, spec, st.session_state.models, name=name, seeds=int(st.session_state.repeats)
        )
    except TorqueError as error:
        st.session_state.refused = str(error)
        return
    run_ids = st.session_state.job
    if len(run_ids) == MAX_RUNS:  # fewer can be active or pinned, so at least one is neither
        oldest = next(
            old.id for old in registry.session_runs() if not old.active and old.id not in st.session_state.pinned
        )
        run_ids = [run_id for run_id in run_ids if run_id != oldest]
    st.session_state.job = (*run_ids, run.id)


def draw_runs() -> None:
    """Draw all runs: their progress, test scores, training curves, relations and errors."""
    runs = registry.session_runs()
    draw_run_list(runs, view)
    displayed = displayed_runs(runs)
    draw_gain(displayed)
    draw_training_curves(runs, displayed)
    draw_test_scores(runs, displayed)
    draw_gates(runs, displayed)
    draw_errors(runs, displayed)
    draw_take_away(runs, displayed)


@st.fragment(run_every=1.0)
def watch_runs(ids: tuple[str, ...]) -> None:
    """Redraw the runs while one is active, then rerun the whole page."""
    draw_runs()
    changed = tuple(st.session_state.job) != ids or "goto" in st.session_state
    if changed or not any(run.active for run in registry.session_runs()):
        st.rerun()


view = load_view()
st.markdown(
    f"**{view.title}**, noise {100 * view.settings.noise.rate:.0f} %: does a network generalise better on "
    "the rewired graph? **Thick** lines show validation accuracy, thin lines training accuracy."
)
with show_errors():
    if not bool((view.dataset.data.y >= 0).any()):
        st.info("This graph has no classes, so no classifier can be trained on it. The other pages still show it.",
                icon=":material/info:")  # fmt: skip
        st.stop()
    if not bool(view.dataset.data.train_mask.any()):
        st.info("This split has no training nodes. Choose another one in the sidebar.", icon=":material/info:")
        st.stop()
    spec = training_controls(view)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    row.button("Train", type="primary", icon=":material/play_arrow:", disabled=spec is None, width=160,
               on_click=start_training, args=(spec,))  # fmt: skip
    seeds = SETTINGS["repeats"]
    row.selectbox("Seeds", list(seeds.options()), list(seeds.options()).index(st.session_state.repeats), key="repeats",
                  help=seeds.help, persist_state="session", width=110)  # fmt: skip
    test = row.toggle(
        "Test curve",
        st.session_state.testcurve == "yes",
        help="Show the test score of each epoch. If you choose an epoch, a model or a setting by it, it is no longer "
        "an unbiased test. The app does not use it for any choice.",
    )
    st.session_state.testcurve = "yes" if test else "no"
    if refused := st.session_state.pop("refused", ""):
        st.error(escape_markdown(refused), icon=":material/error:")
    runs = registry.session_runs()
    if lost := len(st.session_state.job) - len(runs):
        st.info(
            f"{lost} training{'s'[: lost > 1]} of this link {'is' if lost == 1 else 'are'} no longer available. The "
            "server keeps only finished trainings, and those on your own graph only until the session ends.",
            icon=":material/history:",
        )
        st.session_state.job = tuple(run.id for run in runs)
    st.session_state.pinned = tuple(run_id for run_id in st.session_state.pinned if run_id in st.session_state.job)
    if not runs:
        st.info(
            "Press **Train**. The models are trained in turns, epoch by epoch; you can pause or cancel them, and visit "
            f"other pages meanwhile. A training stops {ABANDONED_AFTER:.0f} s after its session is closed.",
            icon=":material/info:",
        )
    elif any(run.active for run in runs):
        watch_runs(tuple(st.session_state.job))
    else:
        draw_runs()
