"""Train: the plain GCN and TorqueGNN side by side on the same graph, split and seeds."""

import pandas as pd
import streamlit as st

from pages.shared import jobs
from pages.shared.shortcuts import SHORTCUTS
from pages.shared.view import chart_config, messages, percent, theme, view
from torque_core import TrainSpec
from torque_core.figures import score_curves

METRICS = {"accuracy": "accuracy", "roc_auc": "ROC AUC"}


def choose() -> TrainSpec | None:
    """The training's own settings."""
    columns = st.columns(5)
    epochs = columns[0].number_input("Epochs", 10, 1000, step=10, key="epochs", persist_state="session")
    warmup = columns[1].number_input(
        "Warm-up (epochs)", 0, 500, key="warmup", persist_state="session",
        help="Epochs on the noisy graph before the first rewiring.",
    )  # fmt: skip
    refresh = columns[2].number_input(
        "Rewire every (epochs)", 5, 1000, key="refresh", persist_state="session",
        help="Later rewirings also look at what the model believes by then.",
    )  # fmt: skip
    hidden = columns[3].number_input("Hidden width", 4, 512, key="hidden", persist_state="session")
    dropout = columns[4].number_input("Dropout (%)", 0, 90, key="dropout", persist_state="session")
    if warmup >= epochs:
        st.warning(
            f"Warm-up of {warmup} epochs and only {epochs} in all: the graph would never be rewired. "
            "Lower the warm-up or raise the epochs.",
            icon=":material/warning:",
        )
        return None
    return TrainSpec(
        epochs=int(epochs),
        warmup=int(warmup),
        refresh_every=int(refresh),
        hidden=int(hidden),
        dropout=dropout / 100,
        metric=seen.dataset.info.metric,
        seed=seen.settings.noise.seed,
    )


def buttons(spec: TrainSpec | None, job: jobs.Job | None) -> None:
    """Start and cancel."""
    active = job is not None and job.active
    left, right, _ = st.columns([1, 1, 4])
    if left.button(
        "Train", type="primary", icon=":material/play_arrow:", disabled=active or spec is None, width="stretch"
    ):
        st.session_state.job = jobs.start(seen.settings, spec).id
        st.rerun()
    if right.button(
        "Cancel",
        icon=":material/stop:",
        disabled=not active,
        width="stretch",
        shortcut=SHORTCUTS["cancel"].keys,
        help="Stops within an epoch.",
    ):
        job.cancel.set()


def progress(job: jobs.Job) -> None:
    """How far it is, and how long yet."""
    left = job.seconds_left
    remaining = "" if left is None else f" · about {left:.0f} s left"
    text = {
        "waiting": "Waiting for a free place: others are training.",
        "running": f"Training both models: {100 * job.progress:.0f} % · {job.seconds:.0f} s so far{remaining}",
        "done": f"Done in {job.seconds:.0f} s.",
        "cancelled": f"Cancelled after {job.seconds:.0f} s at {100 * job.progress:.0f} %; the curves show that much.",
        "failed": "Failed.",
    }[job.state]
    st.progress(min(job.progress, 1.0), text=text)
    if job.error:
        st.error(job.error, icon=":material/error:")


def curves(job: jobs.Job) -> None:
    """Score and loss by epoch."""
    metric = METRICS[job.spec.metric]
    rewired = list(job.refreshes)
    runs = {name: list(events) for name, events in job.epochs.items()}
    left, right = st.columns(2, gap="medium")
    for column, quantity, title in ((left, "score", f"{metric} (%)"), (right, "loss", "cross-entropy loss (nats)")):
        figure = score_curves(runs, rewired, theme(), quantity=quantity, title=title, epochs=job.spec.epochs)
        latest = ", ".join(f"{name} at epoch {len(events)}" for name, events in runs.items())
        alt = f"{title} by epoch of the plain GCN (dotted) and TorqueGNN (solid): {latest}."
        column.plotly_chart(figure, key=f"curve_{quantity}", alt=alt, config=chart_config())
    st.caption(
        "Dotted: plain GCN. Solid blue: TorqueGNN. Thick: validation, thin: training. "
        "Dashed vertical lines: the graph was rewired."
    )


def result(job: jobs.Job) -> None:
    """The test scores, read once at the end."""
    if len(job.finished) < len(jobs.MODELS):
        return
    metric = METRICS[job.spec.metric]
    plain, torque = (job.finished[name] for name in jobs.MODELS)
    row = st.container(horizontal=True, horizontal_alignment="distribute")
    row.metric(f"Test {metric}, plain GCN", percent(plain.test), width="content")
    gain = None if plain.test is None or torque.test is None else f"{100 * (torque.test - plain.test):+.1f} points"
    row.metric(f"Test {metric}, TorqueGNN", percent(torque.test), gain, width="content")
    pruned = " / ".join(f"{count:,}" for count, _ in job.changes)
    row.metric("Edges pruned, by layer", pruned, width="content")
    added = " / ".join(f"{count:,}" for _, count in job.changes)
    row.metric("Links added, by layer", added, width="content")
    rows = {name: job.finished[name] for name in jobs.MODELS}
    table = pd.DataFrame(
        {
            "best epoch (by validation)": [end.best_epoch for end in rows.values()],
            f"validation {metric} (%)": [None if e.validation is None else 100 * e.validation for e in rows.values()],
            f"test {metric} (%)": [None if e.test is None else 100 * e.test for e in rows.values()],
        },
        index=pd.Index(rows, name="model"),
    )
    st.dataframe(table.style.format(precision=1, na_rep="–"))
    st.caption(
        "One split and one seed: a difference of a few points can be luck. Same split, seeds and width for both; "
        "the test nodes were looked at once, with the weights of the best validation epoch."
    )


@st.fragment(run_every=1.0)
def watch(job_id: str) -> None:
    """Redraw while the training runs; then draw the page once more, at rest."""
    job = jobs.find(job_id)
    progress(job)
    curves(job)
    if not job.active:
        st.rerun()


seen = view()
st.markdown(
    f"**{seen.dataset.info.title}**, noise {100 * seen.settings.noise.rate:.0f} %: does the model learn better on the "
    "rewired graph? Watch the **thick** lines, the accuracy on nodes that it was not trained on."
)
with messages():
    spec = choose()
    if not bool((seen.dataset.data.y >= 0).any()):
        st.info("This graph has no classes, so there is nothing to learn. The other views show it all the same.",
                icon=":material/info:")  # fmt: skip
        st.stop()
    if not bool(seen.dataset.data.train_mask.any()):
        st.info("This split has no training nodes; choose another one in the sidebar.", icon=":material/info:")
        st.stop()
    job = jobs.find(st.session_state.get("job"))
    buttons(spec, job)
    if job is None and st.session_state.job:
        st.info("The training of this link is gone: the server keeps only the latest.", icon=":material/history:")
    if job is None:
        st.info(
            "Press **Train**: both models learn in turns, epoch by epoch, and can be cancelled.", icon=":material/info:"
        )
    else:
        if job.settings != seen.settings:
            st.caption(
                f":material/history: This training ran on **{job.settings.dataset.name}** with noise "
                f"{100 * job.settings.noise.rate:.0f} %; the sidebar has changed since."
            )
        if job.active:
            watch(job.id)
        else:
            progress(job)
            result(job)
            curves(job)
