"""The table of test scores of runs, and what rewiring changed."""

import math
from statistics import fmean

import pandas as pd
import streamlit as st
from torch import Tensor

from pages.shared.frame.page import percent
from pages.shared.runs.record import Outcome
from pages.shared.runs.registry import Run
from pages.shared.runs.seed_statistics import mean_and_deviation
from pages.shared.views.run_styles import differing_settings, metric_of, run_labels
from torque_core.experiments import METHODS
from torque_core.io.spreadsheets import escape_formulas

__all__ = ["draw_gain", "draw_test_scores", "scores_table"]

_HELP = {
    "± (sd)": "Sample standard deviation over the seeds, in points.",
    "± (se)": "Binomial standard error: of a proportion of that many test nodes, in points.",
    "seeds": "Number of seeds that are finished; the other columns are their means.",
    "time (s)": "Of all models and seeds of the run together, without pauses.",
    "best epoch": "The epoch with the best validation score, whose weights are tested.",
    "ECE (%)": "Expected calibration error: mean |confidence - accuracy|.",
    "pruned": "Edges pruned in each layer.",
    "added": "Edges added in each layer.",
}
_FORMATS = {"± (sd)": "%.1f", "± (se)": "%.1f", "time (s)": "%.0f", "best epoch": "%.0f", "ECE (%)": "%.1f"}


def draw_test_scores(all_runs: list[Run], displayed: list[Run]) -> None:
    """Draw the test scores, which are read once at the end of a training, and the number of edges changed."""
    table, metric = scores_table(all_runs, displayed), metric_of(displayed)
    if table.empty:
        return
    repeated = any(len(run.record.seeds) > 1 for run in displayed)
    if repeated and st.toggle("Each seed", key="each_seed", help="One row for each seed instead of means."):
        table = scores_table(all_runs, displayed, each_seed=True)
    column = st.column_config.Column
    scores = {f"{part} {metric} (%)": "%.1f" for part in ("test", "validation")}
    st.dataframe(
        escape_formulas(table), hide_index=True, placeholder="–",
        column_config={"model": column(pinned=True)}
        | {name: column(help=text) for name, text in _HELP.items()} | {
            name: st.column_config.NumberColumn(format=form, help=_HELP.get(name))
            for name, form in (_FORMATS | scores).items()
        },
    )  # fmt: skip
    chance = (
        "The seeds share one split and one noisy graph: their deviation leaves out the chance of both."
        if repeated
        else "One split and one seed: a difference of a few points may be due to chance."
    )
    st.caption(
        f"{chance} Each model was tested once, with the weights of its best validation epoch. See the page "
        "**Evidence** for means over several splits."
    )


def scores_table(all_runs: list[Run], displayed: list[Run], *, each_seed: bool = False) -> pd.DataFrame:
    """Return one row for each run and model with the means of its finished seeds, or one row for each seed.

    Columns without any value are left out.
    """
    labels, metric, settings = run_labels(all_runs), metric_of(displayed), differing_settings(displayed)
    rows = []
    for run in displayed:
        for name in run.models:
            finished = {seed: models[name].outcome for seed, models in run.record.seeds.items() if models[name].outcome}
            groups = {seed: [outcome] for seed, outcome in finished.items()} if each_seed else {None: finished.values()}
            for seed, outcomes in groups.items():
                if outcomes:
                    row = {"model": labels[run.id, name], "seed": seed}
                    row |= {setting: values[run.id] for setting, values in settings.items()}
                    rows.append(row | _measures(run, list(outcomes), metric))
    return pd.DataFrame(rows).dropna(axis="columns", how="all")


def _measures(run: Run, outcomes: list[Outcome], metric: str) -> dict[str, object]:
    """Means of some seeds of a model."""
    test, deviation = mean_and_deviation(outcome.test for outcome in outcomes)
    validation, _ = mean_and_deviation(outcome.validation for outcome in outcomes)
    error, _ = mean_and_deviation(outcome.calibration.error if outcome.calibration else None for outcome in outcomes)
    alone = len(run.record.seeds) == 1
    return {
        "seeds": None if alone else len(outcomes),
        f"test {metric} (%)": _percent(test),
        "± (sd)": _percent(deviation),
        "± (se)": _standard_error(run, test, outcomes[0].confusion) if alone else None,
        f"validation {metric} (%)": _percent(validation),
        "best epoch": mean_and_deviation(outcome.best_epoch for outcome in outcomes)[0],
        "ECE (%)": _percent(error),
        "pruned": _by_layer(outcomes, 0),
        "added": _by_layer(outcomes, 1),
        "time (s)": run.seconds,
    }


def _by_layer(outcomes: list[Outcome], place: int) -> str | None:
    """Mean number of pruned (0) or added (1) edges of each layer."""
    layers = zip(*(outcome.changes for outcome in outcomes), strict=True)
    return " / ".join(f"{fmean(change[place] for change in layer):,.0f}" for layer in layers) or None


def draw_gain(displayed: list[Run]) -> None:
    """Draw the test scores of the plain model and of torque in the newest run, if it has both."""
    metric = metric_of(displayed)
    run = next((run for run in reversed(displayed) if any(map(run.record.outcomes, run.models))), None)
    if run is None or not {"plain", "torque"} <= set(run.models):
        return
    plain, torque = (mean_and_deviation(end.test for end in run.record.outcomes(name)) for name in ("plain", "torque"))
    if not all(map(run.record.outcomes, ("plain", "torque"))):
        return
    row = st.container(horizontal=True)
    row.metric(f"Test {metric}, {METHODS['plain'].title}", percent(plain[0]), width="content")
    gain = None if plain[0] is None or torque[0] is None else f"{100 * (torque[0] - plain[0]):+.1f} points"
    row.metric(
        f"Test {metric}, {METHODS['torque'].title}", percent(torque[0]), gain, width="content",
        delta_arrow="off" if plain == torque else "auto", delta_color="off" if plain == torque else "normal",
    )  # fmt: skip


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100 * fraction


def _standard_error(run: Run, accuracy: float | None, confusion: Tensor | None) -> float | None:
    """Binomial standard error of an accuracy, in points (Agresti and Coull, 1998)."""
    if accuracy is None or confusion is None or run.record.spec.metric != "accuracy":
        return None
    nodes = int(confusion.sum()) + 4
    center = (accuracy * (nodes - 4) + 2) / nodes
    return 100 * math.sqrt(center * (1 - center) / nodes)
