"""Labels, styles and the metric of runs, shared by all charts of the page Train."""

from collections.abc import Sequence

from pages.shared.core import queries
from pages.shared.frame.page import theme
from pages.shared.runs.registry import Run
from pages.shared.state.declarations import SETTINGS
from pages.shared.state.kinds import Setting
from torque_core import DATASETS
from torque_core.datasets.info import USER_GRAPH
from torque_core.experiments import METHODS
from torque_core.figures.styles import Style, method_styles
from torque_core.utils.text import visible

__all__ = ["class_names", "differing_settings", "metric_of", "run_colours", "run_labels", "run_styles"]

# after the blue of torque, as many as there can be runs
_COLOURS = (
    "#E69F00", "#009E73", "#AA4499", "#999933", "#882255", "#56B4E9", "#B2182B", "#44AA99", "#7570B3", "#A6761D",
    "#CC79A7",
)  # fmt: skip
_DASHES = {"backbone": "dot", "rewiring": "solid", "control": "dash", "peer": "dashdot"}
_MORE_DASHES = ("longdash", "longdashdot", "2px,6px", "14px,4px,2px,4px")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up")
_METRICS = {"accuracy": "accuracy", "roc_auc": "ROC AUC"}


def run_labels(runs: list[Run]) -> dict[tuple[str, str], str]:
    """Label of each model by run id and method; it includes the run's name if there are several runs."""
    several = len(runs) > 1
    return {
        (run.id, name): f"{visible(run.record.name)}: {METHODS[name].title}" if several else METHODS[name].title
        for run in runs
        for name in run.models
    }


def run_colours(runs: list[Run]) -> dict[str, str]:
    """Colour of each run by its id, if there are several."""
    colours = (theme().added, *_COLOURS)
    return {run.id: colours[number % len(colours)] for number, run in enumerate(runs)} if len(runs) > 1 else {}


def run_styles(runs: list[Run]) -> dict[tuple[str, str], Style]:
    """Style of each model by run id and method; it does not depend on which runs are displayed.

    Several runs differ in colour, and the models within them in dash.
    """
    if colours := run_colours(runs):
        return {
            (run.id, name): Style(colours[run.id], dash, _SYMBOLS[place % 4], 2.5)
            for run in runs
            for place, (name, dash) in enumerate(_dashes(list(run.models)).items())
        }
    kinds = {f"{run.id} {name}": METHODS[name].kind for run in runs for name in run.models}
    styles = method_styles(kinds, theme())
    return {(run.id, name): styles[f"{run.id} {name}"] for run in runs for name in run.models}


def _dashes(methods: list[str]) -> dict[str, str]:
    """Dash of each model of a run: that of its kind for the first of the kind, then one that is still free."""
    dashes: dict[str, str] = {}
    for name in methods:
        usual = _DASHES[METHODS[name].kind]
        dashes[name] = usual if usual not in dashes.values() else ""
    free = [dash for dash in (*_DASHES.values(), *_MORE_DASHES) if dash not in dashes.values()] or ["solid"]
    later = [name for name, dash in dashes.items() if not dash]
    return dashes | {name: free[place % len(free)] for place, name in enumerate(later)}


def differing_settings(runs: list[Run]) -> dict[str, dict[str, str]]:
    """The settings in which the runs differ: by its label, the value of each run by its id.

    The models and the number of seeds are not among them: each model is a row of its own, with a column of its seeds.
    """
    keys = dict.fromkeys(key for run in runs for key in run.record.link if key not in ("models", "repeats"))
    values = {
        key: {run.id: run.record.link.get(key) or Setting.format(SETTINGS[key].default) for run in runs} for key in keys
    }
    return {SETTINGS[key].label: by_run for key, by_run in values.items() if len(set(by_run.values())) > 1}


def metric_of(runs: list[Run]) -> str:
    """The metric of the runs, or "score" if they differ."""
    metrics = {_METRICS[run.record.spec.metric] for run in runs}
    return metrics.pop() if len(metrics) == 1 else "score"


def class_names(run_id: str, runs: Sequence[Run]) -> Sequence[str] | None:
    """The names of the classes of a run; None if they have none, or the graph was replaced by another upload."""
    spec, own = next(run.settings.dataset for run in runs if run.id == run_id), queries.uploaded_graph()
    if spec.name != USER_GRAPH:
        return DATASETS[spec.name].class_names
    return own.info.class_names if own is not None and own.content == spec.content else None
