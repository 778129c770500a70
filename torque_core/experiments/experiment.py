"""Experiments: frozen dataclasses that fully describe one measurement; their keys, results and JSON form."""

import hashlib
import importlib
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from typing import Any, ClassVar, Protocol, TypeVar

from torque_core.errors import BadConfig

__all__ = [
    "KINDS",
    "PROTOCOL",
    "REWIRING",
    "Experiment",
    "Metric",
    "Result",
    "from_json",
    "key",
    "register_kind",
    "to_json",
]

PROTOCOL = 2
"""Version of the measurements, part of every key: increase it when the meaning of a setting or a default changes."""

REWIRING: Mapping[str, Any] = types.MappingProxyType({"force": "dirichlet", "cut": "gap", "screen": False})
"""Options of a rewiring that neither the experiment nor its method names. The key of an experiment does not contain
them, so they stay the same when the defaults of :class:`~torque_core.rewiring.spec.RewireSpec` change."""

Metric = float | int | str | list[float] | None


@dataclass(frozen=True)
class Result:
    """Result of an experiment.

    Attributes:
        metrics: Numbers and strings by name; a list has one number per layer.
        curves: Series of numbers by name, one number per epoch.

    Raises:
        BadConfig: If a metric has another type, or is NaN or infinite.

    Example:
        >>> Result({"test": 0.8, "pruned": [0.1, 0.2]}).metrics["test"]
        0.8
    """

    metrics: Mapping[str, Metric]
    curves: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` if a metric cannot be written as JSON."""
        for name, value in self.metrics.items():
            try:
                json.dumps(value, allow_nan=False)
            except (TypeError, ValueError) as error:
                raise BadConfig(
                    f"metric {name!r} is {value!r}, which JSON cannot represent; use None where it is undefined"
                ) from error


class Experiment(Protocol):
    """Protocol of experiments: a frozen, hashable, keyword-only dataclass with a method :meth:`run`.

    Its fields are numbers, strings, None, tuples of these, or frozen dataclasses with such fields.
    """

    kind: ClassVar[str]

    def run(self) -> Result:
        """Measure. Equal experiments give equal results, up to durations."""


KINDS: dict[str, type[Experiment]] = {}
"""Classes of experiments by kind; :func:`register_kind` adds one."""

E = TypeVar("E", bound=type[Experiment])


def register_kind(cls: E) -> E:
    """Class decorator that registers a kind of experiment.

    A kind of this package is defined in the module of its name in :mod:`torque_core.experiments.kinds`, which
    :func:`from_json` imports when needed.

    Raises:
        BadConfig: If another class has this kind.
    """
    known = KINDS.setdefault(cls.kind, cls)
    if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):  # the same may be loaded again
        raise BadConfig(f"the kind {cls.kind!r} of experiments is registered already; choose another name")
    return cls


def key(experiment: Experiment) -> str:
    """Return the identity of an experiment: 32 hexadecimal digits of the SHA-256 of its canonical JSON.

    Fields with their default value are left out, so that a new field whose default means "as before" keeps existing
    keys. If the meaning of a default changes, :data:`PROTOCOL` must be increased.

    Example:
        >>> from torque_core.experiments.kinds.training import Training
        >>> key(Training(dataset="karate")) == key(Training(dataset="karate", layers=2))
        True
        >>> key(Training(dataset="karate")) == key(Training(dataset="karate", layers=3))
        False
    """
    content = {"kind": experiment.kind, "protocol": PROTOCOL, "fields": _canonical(experiment)}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def to_json(experiment: Experiment) -> str:
    """Return all fields of an experiment as JSON, including defaults; see :func:`from_json`."""
    return json.dumps(asdict(experiment), separators=(",", ":"), allow_nan=False)  # type: ignore[call-overload]


def from_json(kind: str, text: str) -> Experiment:
    """Return the experiment that :func:`to_json` wrote; missing fields get their default.

    Raises:
        BadConfig: If the kind is unknown, or the text does not describe such an experiment.

    Example:
        >>> from torque_core.experiments.kinds.training import Training
        >>> experiment = Training(dataset="karate", split=1)
        >>> from_json("training", to_json(experiment)) == experiment
        True
    """
    if kind not in KINDS and kind.isidentifier():
        home = f"{__package__}.kinds.{kind}"
        try:
            importlib.import_module(home)
        except ModuleNotFoundError as error:
            if error.name != home:
                raise
    if kind not in KINDS:
        raise BadConfig(f"experiments must be one of {', '.join(sorted(KINDS))}; got {kind!r}")
    try:
        restored: Experiment = _restored(KINDS[kind], json.loads(text))
    except (TypeError, ValueError) as error:
        raise BadConfig(f"{text!r} does not describe an experiment of the kind {kind!r}: {error}") from error
    return restored


def _canonical(value: Any) -> Any:
    """Return a value in the form used for the key."""
    if is_dataclass(value):
        named = ((field.name, getattr(value, field.name), _default(field)) for field in fields(value))
        return {name: _canonical(item) for name, item, default in named if default is MISSING or item != default}
    if isinstance(value, tuple):
        return [_canonical(item) for item in value]
    # 1 and 1.0 are equal, and so must be the keys of equal experiments
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _default(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _restored(hint: Any, value: Any) -> Any:
    """Convert a JSON value to the type of its field."""
    if isinstance(value, list):
        return tuple(_restored(None, item) for item in value)
    if not isinstance(value, dict):
        return value
    if isinstance(hint, types.UnionType):
        hint = next(choice for choice in typing.get_args(hint) if is_dataclass(choice))
    hints = typing.get_type_hints(hint)
    return hint(**{name: _restored(hints.get(name), item) for name, item in value.items()})
