"""Every setting once: its key in the session and the link, its default, and what values it can have.

A setting that differs from its default stands in the address of the page, so the address alone brings a view back.
A control on a page also takes what is set for its own default: a browser that waits for another page may let go of the
control and, if somebody then moves a slider and stays, begin with that default.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pages.shared.state.fields import BETWEEN, Setting, ids, names, number, one_of, positive, text
from pages.shared.state.lesson_steps import STEP_SETTINGS
from pages.shared.state.link_aliases import update_link
from pages.shared.state.snapshot import Snapshot, is_run_id
from torque_core import DATASETS, BlockModel, DatasetSpec, Noise, RewireSpec, TrainSpec
from torque_core.datasets.block_model import MAX_NODES
from torque_core.datasets.info import YOURS, DatasetInfo
from torque_core.graph.noise import NOISE_KINDS
from torque_core.methods.catalog import methods_for
from torque_core.rewiring.additions import ADDITIONS
from torque_core.rewiring.cuts import CUTS
from torque_core.rewiring.spec import AUTO, HIERARCHIES
from torque_core.scoring.forces import FORCES
from torque_core.scoring.levers import LEVERS
from torque_core.scoring.torque import PRODUCTS
from torque_core.training.loop import MODELS as BACKBONES
from torque_core.utils.device import available_devices

__all__ = [
    "DEFAULT_MODELS",
    "GRAPH_KEYS",
    "HIDEABLE",
    "MAX_LAYERS",
    "MAX_NETWORK_NODES",
    "MAX_RUNS",
    "MAX_SELECTED",
    "MAX_SELECTED_IN_LINK",
    "SETTINGS",
    "TRAINING_KEYS",
    "Settings",
    "build_settings",
    "dataset_info",
    "default_view",
    "read_link",
    "write_link",
]

MAX_LAYERS = 4
MAX_SELECTED = 5_000
"""So many nodes and edges can be selected at once."""
MAX_SELECTED_IN_LINK = 100
"""So many of them stand in an address, which browsers and mail programs cut off if it is too long."""
MAX_NETWORK_NODES = 300
"""Nodes that are drawn as one interactive network; of a larger graph, the neighbourhood of a node is."""


@dataclass(frozen=True)
class Settings:
    """What the sidebar says."""

    dataset: DatasetSpec
    noise: Noise
    rewire: RewireSpec
    layer: int
    """Which layer the views show, from 0."""
    device: str


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
"""What a teacher's link can hide, and what that is."""

DEFAULT_MODELS = ("plain", "torque")
"""Methods trained side by side if the user chooses none."""
MAX_RUNS = 6
"""So many trainings a session keeps side by side."""

_SCHEMES = {scheme.name: scheme for info in DATASETS.values() for scheme in info.splits}
_REWIRE, _BLOCK, _TRAIN = RewireSpec(), BlockModel(), TrainSpec()

SETTINGS: dict[str, Setting] = {
    "data": one_of("data set", "block_model", (*DATASETS, YOURS)),
    "scheme": one_of("split scheme", "", _SCHEMES),  # empty: the data set's own first scheme
    "split": number("split", 0, 0, 999),
    "nodes": number("nodes", _BLOCK.nodes, 2, MAX_NODES),
    "classes": number("classes", _BLOCK.classes, 1, 8),
    "degree": number("mean degree", _BLOCK.degree, 0.5, 50.0),
    "homophily": number("homophily in %", round(100 * _BLOCK.homophily), 0, 100),
    "signal": number("feature signal", _BLOCK.signal, 0.0, 5.0),
    "noise": one_of("noise", "insert", NOISE_KINDS),
    "rate": number("noise level in %", 50, 0, 200),
    "seed": number("seed", 0, 0, 999_999),
    "lever": one_of("lever arm", _REWIRE.lever, (*LEVERS, AUTO)),
    "force": one_of("force", _REWIRE.force, (*FORCES, AUTO)),
    "product": one_of("product", _REWIRE.product, PRODUCTS),
    "temperature": number("temperature", _REWIRE.temperature, 0.01, 100.0),
    "confidence": number("confidence in %", round(100 * _REWIRE.confidence), 0, 100),
    "cut": one_of("cut", _REWIRE.cut, CUTS),
    "fraction": number("fraction to cut in %", 10, 0, 100),
    "budget": number("edges to cut", _REWIRE.budget, 0, 10_000_000),
    "trust": one_of("weight of kept edges", "yes", ("yes", "no")),
    "add": one_of("rule for additions", _REWIRE.add, ADDITIONS),
    "additions": number("additions in %", 25, 0, 200),
    "hops": number("hops to candidates", _REWIRE.hops, 2, 4),
    "hierarchy": one_of("hierarchy", _REWIRE.hierarchy, HIERARCHIES),
    "layers": number("layers", _REWIRE.layers, 1, MAX_LAYERS),
    "layer": number("layer", 1, 1, MAX_LAYERS),
    "device": one_of("device", "auto", available_devices()),
    "node": number("node", 0, 0, 10_000_000),
    "view": one_of("view", "", ("network", "whole")),  # empty: as fits the size of the graph
    "picked": ids("selection", MAX_SELECTED),
    "threshold": positive("threshold"),  # set by hand; empty: the cut's own
    "image": one_of("format of saved figures", "png", ("png", "svg")),
    "tab": one_of("figure of Explore", "histogram", ("histogram", "plane", "gap", "roc", "change")),
    "frame": number("step through the layers", 0, 0, MAX_LAYERS),  # 0 is the input graph
    "left": one_of("left-hand method", "torque", methods_for("compare")),
    "peer": one_of("right-hand method", "", methods_for("compare")),
    # of a training
    "models": replace(
        names("models", f"some of {', '.join(methods_for('train'))}", lambda key: key in methods_for("train")),
        default=DEFAULT_MODELS,
    ),
    "backbone": one_of("backbone", _TRAIN.backbone, BACKBONES),
    "apart": one_of("node apart from its neighbours", "no", ("yes", "no")),
    "epochs": number("epochs", _TRAIN.epochs, 10, 1000),
    "patience": number("patience", 0, 0, 1000),  # 0: none
    "warmup": number("warm-up", _TRAIN.warmup, 0, 500),
    "refresh": number("refresh", _TRAIN.refresh_every, 5, 1000),
    "hidden": number("hidden width", _TRAIN.hidden, 4, 512),
    "dropout": number("dropout in %", round(100 * _TRAIN.dropout), 0, 90),
    "learning": number("learning rate", _TRAIN.learning_rate, 1e-5, 1.0),
    "decay": number("weight decay", _TRAIN.weight_decay, 0.0, 0.1),
    "testcurve": one_of("test curve", "no", ("yes", "no")),
    "snapshot": Setting("moment of a training", "", Snapshot.is_valid, "training, model and epoch with - between them"),
    # of the stored results; what is empty is chosen by the page, which alone knows what there is
    "study": text("study"),
    "place": text("data set of the study"),
    "disturbance": text("noise of the study"),
    "level": text("noise level of the study"),
    "methods": names("methods", "names of methods", lambda name: len(name) <= 100),
    # of robustness
    "measure": one_of("measure", "score", ("score", "detection")),
    "lines": names("lines", "names of methods or scores", lambda name: len(name) <= 100),
    "sweep": replace(text("runs for robustness"), stays=True),
    "curve": one_of("curves", "score", ("score", "loss")),
    "step": replace(one_of("step of the lesson", next(iter(STEP_SETTINGS)), STEP_SETTINGS), stays=True),
    "job": replace(names("trainings", f"up to {MAX_RUNS} ids of trainings", is_run_id, most=MAX_RUNS), stays=True),
    "teach": replace(number("teacher mode", 0, 0, 1), stays=True),
    "hide": replace(names("hidden controls", f"some of {', '.join(HIDEABLE)}", HIDEABLE.__contains__), stays=True),
}
"""Every key of the session and of the link."""


def _keys(first: str, last: str) -> tuple[str, ...]:
    keys = list(SETTINGS)
    return tuple(keys[keys.index(first) : keys.index(last) + 1])


GRAPH_KEYS = _keys("data", "layers")
"""The keys that say which graph is rewired, and how."""
TRAINING_KEYS = _keys("models", "decay")
"""The keys that say what is trained on it, and how."""


def read_link(parameters: Mapping[str, str], *, source: str = "link") -> tuple[dict[str, object], list[str]]:
    """The value of every setting that a link names, and a sentence for each part of it that cannot be had.

    Args:
        parameters: Of the link, or of what else holds the settings in its way.
        source: What that is called in the sentences.

    Example:
        >>> read_link({"rate": "900", "data": "karate"})
        ({'data': 'karate'}, ['noise level in %: «900» is not a number from 0 to 200; the default, 50, is shown.'])
    """
    values: dict[str, object] = {}
    problems = []
    for key, said in update_link(parameters).items():
        setting = SETTINGS.get(key)
        if setting is None:
            problems.append(f"The {source}'s part «{_short(key)}» is unknown and was left out.")
        elif not setting.allows(said):
            empty = setting.default == "" or isinstance(setting.default, tuple)
            shown = "it was left out" if empty else f"the default, {setting.default}, is shown"
            problems.append(f"{setting.title}: «{_short(said)}» is not {setting.choices}; {shown}.")
        elif isinstance(setting.default, tuple):
            values[key] = tuple(said.split(BETWEEN))
        else:
            values[key] = type(setting.default)(float(said)) if isinstance(setting.default, int | float) else said
    return values, problems


def write_link(
    state: Mapping[str, object], *, whole: bool = False, usual: Mapping[str, object] | None = None
) -> dict[str, str]:
    """The link's parameters for a session's state: what a new session would not show by itself, in a fixed order.

    Args:
        state: The value of each setting; what it lacks is at its default.
        whole: Whether all of a long selection is named, for undo and session files, and not only its first
            :data:`MAX_SELECTED_IN_LINK` nodes and edges.
        usual: What the page begins with in place of some defaults.

    Example:
        >>> write_link({"data": "karate", "rate": 50, "seed": 3})
        {'data': 'karate', 'seed': '3'}
    """
    link, implied = {}, {key: _implied(key, state) for key in ("scheme", "view")}
    for key, setting in SETTINGS.items():
        value = state.get(key)
        if isinstance(value, list | tuple):
            value = tuple(value if whole or key != "picked" else value[:MAX_SELECTED_IN_LINK])
        if value in (None, "", (), (usual or {}).get(key, setting.default), implied.get(key)):
            continue
        if isinstance(value, tuple):
            link[key] = BETWEEN.join(map(str, value))
        else:
            link[key] = repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
    return link


def build_settings(state: Mapping[str, object]) -> Settings:
    """The settings that a state of the session stands for.

    Raises:
        BadConfig: Values that cannot be, or not together.

    Example:
        >>> state = {key: setting.default for key, setting in SETTINGS.items()}
        >>> build_settings(state | {"data": "karate", "scheme": "random-10-10-80", "rate": 20}).noise
        Noise(kind='insert', rate=0.2, seed=0)
    """
    value: Callable[[str], Any] = state.__getitem__
    name, seed = value("data"), int(value("seed"))
    block = BlockModel()
    if name == "block_model":
        block = BlockModel(
            int(value("nodes")), int(value("classes")), value("degree"), value("homophily") / 100, value("signal")
        )
    rewire = RewireSpec(
        lever=value("lever"),
        force=value("force"),
        product=value("product"),
        temperature=value("temperature"),
        confidence=value("confidence") / 100,
        cut=value("cut"),
        fraction=value("fraction") / 100,
        budget=int(value("budget")),
        trust=value("trust") == "yes",
        add=value("add"),
        additions=value("additions") / 100,
        hops=int(value("hops")),
        layers=int(value("layers")),
        hierarchy=value("hierarchy"),
        seed=seed,
    )
    content = state["yours"].content if name == YOURS else ""
    dataset = DatasetSpec(name, value("scheme"), int(value("split")), block, content)
    noise = Noise(value("noise"), value("rate") / 100, seed)
    return Settings(dataset, noise, rewire, int(value("layer")) - 1, value("device"))


def dataset_info(state: Mapping[str, Any]) -> DatasetInfo | None:
    """What is known of the data set that is set; None if there is none of that name."""
    name = str(state.get("data"))
    return state["yours"].info if name == YOURS and state.get("yours") is not None else DATASETS.get(name)


def default_view(nodes: int) -> str:
    """The view that suits a graph of so many nodes."""
    return "network" if nodes <= MAX_NETWORK_NODES else "whole"


def _implied(key: str, state: Mapping[str, object]) -> object:
    """What ``scheme`` and ``view`` are if nobody chooses them: it depends on the data set."""
    info = dataset_info(state)
    if info is None:
        return None
    if key == "scheme":
        return info.default_scheme
    nodes = state.get("nodes") if info.name == "block_model" else info.nodes
    return default_view(nodes) if isinstance(nodes, int) else None


def _short(said: str) -> str:
    return said if len(said) <= 40 else f"{said[:40]}…"
