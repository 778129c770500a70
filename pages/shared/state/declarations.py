"""Declaration of every setting: its key in the session and the link, its default and the values that it allows.

A setting that differs from its default is part of the page's URL, so the URL alone restores a view. Fields of the
specs of :mod:`torque_core` are declared there; here they only get a key and, where the app allows less, a range.
"""

from dataclasses import replace

from pages.shared.state.kinds import (
    Setting,
    choice,
    free_text,
    id_list,
    name_list,
    number,
    positive_number,
)
from pages.shared.state.lesson_steps import STEP_SETTINGS
from pages.shared.state.snapshot import Snapshot, is_run_id
from pages.shared.state.spec_settings import spec_setting
from torque_core import DATASETS, BlockModel, DatasetSpec, Noise, RewireSpec, TrainSpec
from torque_core.attacks.noise import NOISE_KINDS
from torque_core.datasets.info import USER_GRAPH, USER_SPLITS
from torque_core.methods.catalog import methods_for
from torque_core.utils.device import available_devices

__all__ = [
    "DEFAULT_MODELS",
    "GRAPH_KEYS",
    "HIDEABLE",
    "MAX_LAYERS",
    "MAX_PINNED",
    "MAX_RUNS",
    "MAX_SELECTED",
    "MAX_SELECTED_IN_LINK",
    "SETTINGS",
    "TRAINING_KEYS",
    "default_state",
]

MAX_LAYERS = 12  # as many as the deepest preset of trainings has
MAX_SELECTED = 5_000
"""Largest number of nodes and edges in the selection."""
MAX_SELECTED_IN_LINK = 100
"""Number of selected nodes and edges in a URL, which browsers and mail programs truncate if it is too long."""
MAX_RUNS = 12
"""Largest number of trainings that a session lists."""
MAX_PINNED = 4
"""Largest number of pinned trainings; with those that may be active at once, they are fewer than the listed ones."""
DEFAULT_MODELS = ("plain", "torque")
"""Methods that Train offers first."""
HIDEABLE = {
    "sidebar": "the whole sidebar",
    "toolbar": "the toolbar",
    "data": "data set",
    "split": "split",
    "noise": "noise, its level and seed",
    "method": "lever arm, force, torque, cut, layers and additions",
    "layer": "the layer shown",
    "device": "device",
}
"""Controls that a link for a class can hide, with their descriptions."""

_SCHEMES = {USER_SPLITS.name, *(scheme.name for info in DATASETS.values() for scheme in info.splits)}


def _is_method_name(text: str) -> bool:
    return len(text) <= 100


_GRAPH: dict[str, Setting] = {
    "data": choice("data set", "block_model", (*DATASETS, USER_GRAPH)),
    "scheme": choice("split scheme", "", _SCHEMES),  # empty: the first scheme of the data set
    "split": number("split", 0, 0, 999),
    "directed": spec_setting(DatasetSpec, "directed"),
    "nodes": spec_setting(BlockModel, "nodes", step=50),
    "classes": spec_setting(BlockModel, "classes", high=8),
    "degree": spec_setting(BlockModel, "degree", low=0.5, high=50.0),
    "homophily": spec_setting(BlockModel, "homophily"),
    "signal": spec_setting(BlockModel, "signal", low=0.0, high=5.0, step=0.1, widget="slider"),
    "noise": spec_setting(
        Noise,
        "kind",
        help_text="How the graph is perturbed before it is rewired.\n\n"
        + "\n".join(f"- **{kind.title}.** {kind.description}" for kind in NOISE_KINDS.values()),
    ),
    "rate": spec_setting(Noise, "rate", default=0.5, title="noise level", step=5),
    "seed": number(
        "seed",
        0,
        0,
        999_999,
        help_text="Random seed for the noise, the null-model pairs and model training.",
    ),
    "lever": spec_setting(RewireSpec, "lever"),
    "force": spec_setting(RewireSpec, "force"),
    "product": spec_setting(RewireSpec, "product"),
    "screen": spec_setting(RewireSpec, "screen"),
    "temperature": spec_setting(RewireSpec, "temperature"),
    "confidence": spec_setting(RewireSpec, "confidence"),
    "cut": spec_setting(RewireSpec, "cut"),
    "fraction": spec_setting(RewireSpec, "fraction"),
    "budget": spec_setting(RewireSpec, "budget", high=10_000_000, step=10),
    "weighted": spec_setting(RewireSpec, "weight_by_confidence"),
    "add": spec_setting(RewireSpec, "add"),
    "additions": spec_setting(RewireSpec, "additions", step=5),
    "hops": spec_setting(RewireSpec, "hops"),
    "hierarchy": spec_setting(RewireSpec, "hierarchy"),
    "layers": spec_setting(RewireSpec, "layers", high=MAX_LAYERS),
}
_VIEW: dict[str, Setting] = {
    "layer": number("layer", 1, 1, MAX_LAYERS, help_text="Layer whose graph the views show."),
    "device": choice(
        "device", "auto", available_devices, help_text="Device to compute on; auto uses a GPU if there is one."
    ),
    "node": number("node", 0, 0, 10_000_000),
    "view": choice("view", "", ("network", "whole")),  # empty: chosen by the number of nodes
    "picked": id_list("selection", MAX_SELECTED),
    "threshold": positive_number("threshold"),  # set by hand; empty: that of the cut rule
    "shown": choice("what the graph shows", "changes", ("before", "changes", "after")),
    "image": choice("format of saved figures", "png", ("png", "svg")),
    "tab": choice("figure of Explore", "histogram", ("histogram", "plane", "gap", "roc", "change")),
    "frame": number("step through the layers", 0, 0, MAX_LAYERS),  # 0 is the input graph
    "part": choice("edges that Compare shows", "all", ("all", "disagreement", "neighbourhood", "both")),
    "left": choice("left-hand method", "torque", lambda: methods_for("compare")),
    "peer": choice("right-hand method", "", lambda: methods_for("compare")),
}
_TRAINING: dict[str, Setting] = {
    "models": name_list(
        "models",
        lambda: f"some of {', '.join(methods_for('train'))}",
        lambda key: key in methods_for("train"),
        default=DEFAULT_MODELS,
    ),
    "backbone": spec_setting(TrainSpec, "backbone"),
    "separate": spec_setting(TrainSpec, "separate"),
    "directions": spec_setting(TrainSpec, "directions"),
    "gate": spec_setting(TrainSpec, "gate"),
    "relweights": spec_setting(TrainSpec, "relation_weights"),
    "residual": spec_setting(TrainSpec, "residual"),
    "norm": spec_setting(TrainSpec, "norm"),
    "jk": spec_setting(TrainSpec, "jk"),
    "epochs": spec_setting(TrainSpec, "epochs", low=10, high=1000, step=10),
    "patience": spec_setting(TrainSpec, "patience", high=1000, step=10),
    "warmup": spec_setting(TrainSpec, "warmup", high=500, step=5),
    "refresh": spec_setting(TrainSpec, "refresh_every", low=5, high=1000, step=5),
    "hidden": spec_setting(TrainSpec, "hidden", low=4, high=512, step=4),
    "dropout": spec_setting(TrainSpec, "dropout", high=0.9, step=5, widget="number"),
    "learning": spec_setting(TrainSpec, "learning_rate", low=1e-5, high=1.0, step=0.001),
    "decay": spec_setting(TrainSpec, "weight_decay", high=0.1, step=0.0001),
    "repeats": choice(
        "seeds per training",
        "1",
        ("1", "3", "5", "10"),
        help_text="Number of seeds with which each model is trained: the seed of the sidebar and those that follow it. "
        "They differ in the initial weights, the dropout and the null-model pairs, not in the noisy graph and its "
        "split. Curves and scores are means, with their standard deviation over the seeds.",
    ),
}
_RESULTS: dict[str, Setting] = {
    "smoothing": number("smoothing of the curves", 0.0, 0.0, 0.95, step=0.05),
    "testcurve": choice("test curve", "no", ("yes", "no")),
    "snapshot": Setting(
        title="snapshot of a training",
        default="",
        allows=Snapshot.is_valid,
        describe=lambda: "training, model and epoch with - between them",
    ),
    # of stored results; what is empty is chosen by the page, which alone has the list
    "study": free_text("study"),
    "place": free_text("data set of the study"),
    "disturbance": free_text("noise of the study"),
    "level": free_text("noise level of the study"),
    "methods": name_list("methods", "names of methods", _is_method_name),
    # of robustness
    "measure": choice("measure", "score", ("score", "detection")),
    "lines": name_list("lines", "names of methods or scores", _is_method_name),
    "point": free_text("point of the chart"),  # a line, at the noise level of the sidebar
    "at": choice(
        "noise levels to run",
        "curve",
        ("curve", "level"),
        help_text="All noise levels of the curve, or that of the sidebar.",
    ),
    "stored": choice("stored runs", "", ("yes", "no")),  # empty: no, once there is a curve of this server's own runs
    "sweep": replace(free_text("runs for robustness"), fixed=True),
    # of the verdict
    "seeds": number("seeds of the verdict", 5, 2, 10),
    "curve": choice("curves", "score", ("score", "loss")),
}
_FIXED: dict[str, Setting] = {
    "step": choice("step of the lesson", next(iter(STEP_SETTINGS)), STEP_SETTINGS),
    "job": name_list("trainings", f"up to {MAX_RUNS} ids of trainings", is_run_id, most=MAX_RUNS),
    "pinned": name_list("pinned trainings", f"up to {MAX_PINNED} ids of trainings", is_run_id, most=MAX_PINNED),
    "film": number("frame of the film", 0, 0, 999),  # ten a second
    "game": number("round of the game", 0, 0, 999),  # 0: closed
    "teach": number("teacher mode", 0, 0, 1),
    "notes": number("notes for teachers", 0, 0, 1),
    "hide": name_list("hidden controls", f"some of {', '.join(HIDEABLE)}", HIDEABLE.__contains__),
}

SETTINGS: dict[str, Setting] = {
    **_GRAPH,
    **_VIEW,
    **_TRAINING,
    **_RESULTS,
    **{key: replace(setting, fixed=True) for key, setting in _FIXED.items()},
}
"""All settings by their key in the session and the link."""

GRAPH_KEYS = tuple(_GRAPH)
"""Keys of the graph and of its rewiring."""
TRAINING_KEYS = tuple(_TRAINING)
"""Keys of the training."""


def default_state() -> dict[str, object]:
    """Return the default of every setting."""
    return {key: setting.default for key, setting in SETTINGS.items()}
