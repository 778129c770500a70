"""The button that runs a verdict, and its progress."""

from dataclasses import replace

import streamlit as st
from torch_geometric.data import Data

from pages.shared.background import verdicts
from pages.shared.background.verdicts import VerdictJob
from pages.shared.core import queries
from pages.shared.core.budget import check_budget
from pages.shared.core.markdown import escape_markdown
from pages.shared.runs.scheduler import ABANDONED_AFTER
from pages.shared.state.shortcuts import SHORTCUTS
from torque_core import DatasetSpec, Noise, TorqueError
from torque_core.experiments.verdict import VerdictSpec
from torque_core.methods.catalog import METHODS

__all__ = ["draw_start", "draw_state", "load_splits", "splits_of", "watch_verdict"]


def splits_of(dataset: DatasetSpec, seeds: int) -> tuple[DatasetSpec, ...]:
    """Return the data set with a split for each seed; a scheme with fewer splits repeats them."""
    schemes = {scheme.name: scheme.count for scheme in queries.dataset(dataset).info.splits}
    return tuple(replace(dataset, split=seed % schemes[str(dataset.scheme)]) for seed in range(seeds))


def load_splits(dataset: DatasetSpec, spec: VerdictSpec) -> tuple[Data, ...]:
    """Return the clean graph with a split for each seed."""
    return tuple(queries.dataset(part).data for part in splits_of(dataset, spec.seeds))


def draw_start(dataset: DatasetSpec, spec: VerdictSpec, found: VerdictJob | None) -> None:
    """Draw the number of seeds and the button that starts or continues the verdict."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    row.number_input(
        "Seeds", 2, 10, st.session_state.seeds, key="seeds", width=110, persist_state="session",
        help="Number of repetitions, each with its own split, noise and initial weights. Fewer are faster, and decide "
        "less.",
    )  # fmt: skip
    tasks = spec.tasks()
    if found is None or not found.active:
        complete = found is not None and found.done == len(found.tasks)
        row.button(
            "Continue the verdict" if found is not None and found.done else "Run the verdict",
            icon=":material/gavel:", type="primary", on_click=_start, args=(dataset, spec), disabled=complete,
            help="The trainings run in the background, in turns with those of others; you can visit other pages. They "
            f"stop {ABANDONED_AFTER:.0f} s after the session is closed. Finished ones are kept on the server's disk, "
            "as scores, predictions and pruned edges without the graph, so that a verdict continues after a restart.",
        )  # fmt: skip
    levels = ", ".join(f"{100 * rate:g}" for rate in spec.rates)
    row.caption(
        f"{len(tasks)} trainings: {', '.join(METHODS[method].title for method in spec.methods)}, at noise levels of "
        f"{levels} %. At most {spec.training.epochs} epochs each, fewer than in the stored studies. On Cora it takes "
        "about two minutes."
    )


def _start(dataset: DatasetSpec, spec: VerdictSpec) -> None:
    try:
        check_budget(dataset, Noise("insert", spec.rates[-1]), spec.rewire)
        verdicts.start(dataset, spec, load_splits(dataset, spec))
    except TorqueError as error:
        st.session_state.refused = str(error)


@st.fragment(run_every=1.0)
def watch_verdict(dataset: DatasetSpec, spec: VerdictSpec, seen: int) -> None:
    """Draw the progress with its buttons, and rerun the page after each round of seeds and at the end.

    Args:
        dataset: The data set.
        spec: Settings of the verdict.
        seen: Number of trainings that the page shows.
    """
    found = verdicts.find(dataset, spec)
    per_seed = len(spec.tasks()) // spec.seeds
    if found is None or not found.active or found.done >= seen + per_seed:
        st.rerun()
    job = found.job
    assert job is not None  # it is active
    left = "" if found.seconds_left is None else f" · about {found.seconds_left:.0f} s left"
    state = "pausing" if job.pausing and job.state != "paused" else job.state
    line, pause, cancel = st.columns([5, 1, 1], vertical_alignment="center")
    line.progress(
        found.done / max(1, len(found.tasks)), text=f"{found.done} of {len(found.tasks)} trainings · {state}{left}"
    )
    if not found.owned:
        return
    if job.pausing:
        pause.button("Resume", icon=":material/play_arrow:", on_click=job.resume, width="stretch")
    else:
        pause.button("Pause", icon=":material/pause:", on_click=job.pause, width="stretch")
    cancel.button("Cancel", icon=":material/stop:", on_click=job.cancel, shortcut=SHORTCUTS["cancel"].keys,
                  width="stretch", help="Finished trainings are kept, and the verdict can be continued.")  # fmt: skip


def draw_state(found: VerdictJob) -> None:
    """Draw what went wrong, and whether the tables are of all trainings."""
    for method, problem in found.problems.items():
        st.warning(f"{METHODS[method].title} was left out: {escape_markdown(problem)}", icon=":material/warning:")
    if found.job is not None and found.job.error:
        st.error(escape_markdown(found.job.error), icon=":material/error:")
    if found.done < len(found.tasks):
        st.info(f"The numbers below are of the first {found.done} of {len(found.tasks)} trainings.",
                icon=":material/hourglass:")  # fmt: skip
