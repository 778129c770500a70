"""Every setting once: its key in the session and the link, its default, and what values it can have.

A setting that differs from its default stands in the address of the page, so the address alone brings a view back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torque_core import DATASETS, BlockModel, DatasetSpec, Noise, RewireSpec
from torque_core.additions import ADDITIONS
from torque_core.cuts import CUTS
from torque_core.device import available_devices
from torque_core.forces import FORCES
from torque_core.levers import LEVERS
from torque_core.noise import NOISE_KINDS
from torque_core.spec import HIERARCHIES
from torque_core.torque import PRODUCTS

__all__ = ["MAX_LAYERS", "NETWORK_UP_TO", "SETTINGS", "Settings", "fitting_view", "read_link", "write_link"]

MAX_LAYERS = 4
_BETWEEN = "~"  # the names of a list in a link
NETWORK_UP_TO = 300
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


@dataclass(frozen=True)
class Setting:
    """One key: what it means, its default, and a test of a value that a link brings, as text."""

    title: str
    default: object
    allows: Callable[[str], bool]
    choices: str


def _one_of(title: str, default: str, names: Mapping[str, object] | tuple[str, ...]) -> Setting:
    return Setting(title, default, lambda text: text in names, f"one of {', '.join(names)}")


def _number(title: str, default: float, low: float, high: float) -> Setting:
    def allows(text: str) -> bool:
        try:
            value = float(text)
        except ValueError:
            return False
        return low <= value <= high and (isinstance(default, float) or value.is_integer())

    return Setting(title, default, allows, f"a number from {low:g} to {high:g}")


def _is_short(text: str, most: int) -> bool:
    return text.isprintable() and len(text) <= most


def _text(title: str) -> Setting:
    return Setting(title, "", lambda text: _is_short(text, 100), "a name of at most 100 letters")


_SCHEMES = {scheme.name: scheme for info in DATASETS.values() for scheme in info.splits}
_REWIRE, _BLOCK = RewireSpec(), BlockModel()

SETTINGS: dict[str, Setting] = {
    "data": _one_of("data set", "block_model", DATASETS),
    "scheme": _one_of("split scheme", "", _SCHEMES),  # empty: the data set's own first scheme
    "split": _number("split", 0, 0, 999),
    "nodes": _number("nodes", _BLOCK.nodes, 2, 5_000),
    "classes": _number("classes", _BLOCK.classes, 1, 8),
    "degree": _number("mean degree", _BLOCK.degree, 0.5, 50.0),
    "homophily": _number("homophily in %", round(100 * _BLOCK.homophily), 0, 100),
    "signal": _number("feature signal", _BLOCK.signal, 0.0, 5.0),
    "noise": _one_of("noise", "insert", NOISE_KINDS),
    "rate": _number("noise level in %", 50, 0, 200),
    "seed": _number("seed", 0, 0, 999_999),
    "lever": _one_of("lever arm", _REWIRE.lever, LEVERS),
    "force": _one_of("force", _REWIRE.force, FORCES),
    "product": _one_of("product", _REWIRE.product, PRODUCTS),
    "temperature": _number("temperature", _REWIRE.temperature, 0.01, 100.0),
    "confidence": _number("confidence in %", round(100 * _REWIRE.confidence), 0, 100),
    "cut": _one_of("cut", _REWIRE.cut, CUTS),
    "fraction": _number("fraction to cut in %", 10, 0, 100),
    "budget": _number("edges to cut", _REWIRE.budget, 0, 10_000_000),
    "add": _one_of("rule for additions", _REWIRE.add, ADDITIONS),
    "additions": _number("additions in %", 25, 0, 200),
    "hops": _number("hops to candidates", _REWIRE.hops, 2, 4),
    "hierarchy": _one_of("hierarchy", _REWIRE.hierarchy, HIERARCHIES),
    "layers": _number("layers", _REWIRE.layers, 1, MAX_LAYERS),
    "layer": _number("layer", 1, 1, MAX_LAYERS),
    "device": _one_of("device", "auto", available_devices()),
    "node": _number("node", 0, 0, 10_000_000),
    "view": _one_of("view", "", ("network", "whole")),  # empty: as fits the size of the graph
    "epochs": _number("epochs", 200, 10, 1000),
    "warmup": _number("warm-up", 20, 0, 500),
    "refresh": _number("refresh", 60, 5, 1000),
    "hidden": _number("hidden width", 64, 4, 512),
    "dropout": _number("dropout in %", 50, 0, 90),
    # of the stored results; what is empty is chosen by the page, which alone knows what there is
    "study": _text("study"),
    "place": _text("data set of the study"),
    "disturbance": _text("noise of the study"),
    "level": _text("noise level of the study"),
    "methods": Setting("methods", (), lambda text: _is_short(text, 2_000), "names of methods with ~ between them"),
    "curve": _one_of("curves", "score", ("score", "loss")),
    "job": Setting("training", "", lambda text: text.isalnum() and len(text) <= 32, "the id of a training"),
}
"""Every key of the session and of the link."""


def read_link(parameters: Mapping[str, str]) -> tuple[dict[str, object], list[str]]:
    """The value of every setting that a link names, and a sentence for each part of it that cannot be had.

    Example:
        >>> read_link({"rate": "900", "data": "karate"})
        ({'data': 'karate'}, ['noise level in %: «900» is not a number from 0 to 200; the default, 50, is shown.'])
    """
    values: dict[str, object] = {}
    problems = []
    for key, text in parameters.items():
        setting = SETTINGS.get(key)
        if setting is None:
            problems.append(f"The link's part «{_short(key)}» is unknown and was left out.")
        elif not setting.allows(text):
            empty = setting.default in ("", ())
            shown = "it was left out" if empty else f"the default, {setting.default}, is shown"
            problems.append(f"{setting.title}: «{_short(text)}» is not {setting.choices}; {shown}.")
        elif isinstance(setting.default, tuple):
            values[key] = tuple(text.split(_BETWEEN))
        else:
            values[key] = type(setting.default)(float(text)) if isinstance(setting.default, int | float) else text
    return values, problems


def write_link(state: Mapping[str, object]) -> dict[str, str]:
    """The link's parameters for a session's state: what a new session would not show by itself, in a fixed order.

    Example:
        >>> write_link({"data": "karate", "rate": 50, "seed": 3})
        {'data': 'karate', 'seed': '3'}
    """
    link = {}
    for key, setting in SETTINGS.items():
        value = state.get(key)
        if isinstance(value, list | tuple):
            value = _BETWEEN.join(map(str, value))
        if value not in (None, "", setting.default, _implied(key, state)):
            link[key] = f"{value:g}" if isinstance(value, float) else str(value)
    return link


def fitting_view(nodes: int) -> str:
    """The view that suits a graph of so many nodes."""
    return "network" if nodes <= NETWORK_UP_TO else "whole"


def _implied(key: str, state: Mapping[str, object]) -> object:
    """What ``scheme`` and ``view`` are if nobody chooses them: it depends on the data set."""
    info = DATASETS.get(str(state.get("data")))
    if info is None:
        return None
    if key == "view":
        nodes = state.get("nodes") if info.name == "block_model" else info.nodes
        return fitting_view(nodes) if isinstance(nodes, int) else None
    return info.default_scheme if key == "scheme" else None


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
