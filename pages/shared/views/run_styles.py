"""Labels, styles and the metric of runs, shared by all charts of the page Train."""

from pages.shared.frame.page import theme
from pages.shared.runs.registry import Run
from torque_core.experiments import METHODS
from torque_core.figures.styles import Style, method_styles
from torque_core.utils.text import visible

__all__ = ["metric_of", "run_labels", "run_styles"]

_METRICS = {"accuracy": "accuracy", "roc_auc": "ROC AUC"}


def run_labels(runs: list[Run]) -> dict[tuple[str, str], str]:
    """Label of each model by run id and method; it includes the run's name if there are several runs."""
    several = len(runs) > 1
    return {
        (run.id, name): f"{visible(run.record.name)}: {METHODS[name].title}" if several else METHODS[name].title
        for run in runs
        for name in run.models
    }


def run_styles(runs: list[Run]) -> dict[tuple[str, str], Style]:
    """Style of each model by run id and method; it does not depend on which runs are displayed."""
    kinds = {f"{run.id} {name}": METHODS[name].kind for run in runs for name in run.models}
    styles = method_styles(kinds, theme())
    return {(run.id, name): styles[f"{run.id} {name}"] for run in runs for name in run.models}


def metric_of(runs: list[Run]) -> str:
    """The metric of the runs, or "score" if they differ."""
    metrics = {_METRICS[run.record.spec.metric] for run in runs}
    return metrics.pop() if len(metrics) == 1 else "score"
