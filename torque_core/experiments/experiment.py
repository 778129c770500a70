"""What an experiment is: a frozen dataclass that says all about one measurement, its key, and its result."""

import hashlib
import importlib
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from typing import Any, ClassVar, Protocol, TypeVar

from torque_core.errors import BadConfig

__all__ = ["KINDS", "PROTOCOL", "Experiment", "Metric", "Result", "from_json", "key", "register_kind", "to_json"]

PROTOCOL = 2
"""Part of every key: raise it when a default, or what a setting means, changes, and all is measured anew."""

Metric = float | int | str | list[float] | None


@dataclass(frozen=True)
class Result:
    """What an experiment found.

    Attributes:
        metrics: Numbers and words by name; a list has one number a layer.
        curves: Series of numbers by name, one an epoch.

    Raises:
        BadConfig: A metric is none of those, NaN or infinite.

    Example:
        >>> Result({"test": 0.8, "pruned": [0.1, 0.2]}).metrics["test"]
        0.8
    """

    metrics: Mapping[str, Metric]
    curves: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` for what JSON cannot say."""
        for name, value in self.metrics.items():
            try:
                json.dumps(value, allow_nan=False)
            except (TypeError, ValueError) as error:
                raise BadConfig(
                    f"metric {name!r} is {value!r}, which JSON cannot say; give None where it is not defined"
                ) from error


class Experiment(Protocol):
    """A frozen, hashable, keyword-only dataclass of one measurement, that can run itself.

    Its fields hold numbers, words, None, tuples of those, or frozen dataclasses of the like.
    """

    kind: ClassVar[str]

    def run(self) -> Result:
        """Measure. The same experiment finds the same, up to what takes time."""


KINDS: dict[str, type[Experiment]] = {}
"""The kinds of experiments that are loaded, by name; :func:`register_kind` adds one."""

E = TypeVar("E", bound=type[Experiment])


def register_kind(cls: E) -> E:
    """Decorate a class of experiments to have it found by its ``kind``.

    A kind of this package lives in the module of its name in :mod:`torque_core.experiments`, which is imported when
    the name is met.
    """
    there = KINDS.setdefault(cls.kind, cls)
    if (there.__module__, there.__qualname__) != (cls.__module__, cls.__qualname__):  # the same may be loaded again
        raise BadConfig(f"the kind {cls.kind!r} of experiments is registered already; choose another name")
    return cls


def key(experiment: Experiment) -> str:
    """The identity of an experiment: 32 hexadecimal digits of the SHA-256 of what it says, in canonical JSON.

    Fields that have their default are left out. So a new field whose default means "as before" leaves old keys as
    they are; a change of what a default means must raise :data:`PROTOCOL`.

    Example:
        >>> from torque_core.experiments.kinds.training import Training
        >>> key(Training(dataset="karate")) == key(Training(dataset="karate", layers=2))
        True
        >>> key(Training(dataset="karate")) == key(Training(dataset="karate", layers=3))
        False
    """
    said = {"kind": experiment.kind, "protocol": PROTOCOL, "fields": _said(experiment)}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def to_json(experiment: Experiment) -> str:
    """All fields of an experiment, those with defaults too; :func:`from_json` reads them."""
    return json.dumps(asdict(experiment), separators=(",", ":"), allow_nan=False)  # type: ignore[call-overload]


def from_json(kind: str, text: str) -> Experiment:
    """The experiment that :func:`to_json` wrote; a field that is missing has its default.

    Raises:
        BadConfig: The kind is unknown, or the text does not fit it.

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
        raise BadConfig(f"{text!r} says no experiment of the kind {kind!r}: {error}") from error
    return restored


def _said(value: Any) -> Any:
    """A value as it goes into the key."""
    if is_dataclass(value):
        named = ((field.name, getattr(value, field.name), _default(field)) for field in fields(value))
        return {name: _said(given) for name, given, default in named if default is MISSING or given != default}
    if isinstance(value, tuple):
        return [_said(item) for item in value]
    # 1 and 1.0 are equal, and so must be the keys of equal experiments
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _default(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _restored(hint: Any, value: Any) -> Any:
    """What JSON said, as the type of its field wants it."""
    if isinstance(value, list):
        return tuple(_restored(None, item) for item in value)
    if not isinstance(value, dict):
        return value
    if isinstance(hint, types.UnionType):
        hint = next(choice for choice in typing.get_args(hint) if is_dataclass(choice))
    hints = typing.get_type_hints(hint)
    return hint(**{name: _restored(hints.get(name), given) for name, given in value.items()})
