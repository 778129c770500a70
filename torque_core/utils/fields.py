"""Fields of configuration dataclasses, declared once with default, range or choices, title, unit and help text.

Validation, command-line flags, URL parameters, widgets and documentation are derived from these declarations.
"""

import dataclasses
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from torque_core.errors import BadConfig
from torque_core.utils.suggest import did_you_mean

__all__ = ["Field", "check_fields", "fields_of", "spec_field"]

_KEY = "torque_core.field"


@dataclass(frozen=True, kw_only=True)
class Field:
    """Declaration of one field of a configuration dataclass.

    Attributes:
        name: Name of the field.
        default: Default value; its type is the type of the field.
        title: Short label for forms, tables and messages.
        help: One or two sentences for tooltips and ``--help``.
        low: Smallest allowed value of a number; None if the field is not a number.
        high: Largest allowed value, may be infinite.
        unit: Unit of a number; ``"fraction"`` for a proportion in [0, 1] that interfaces may show in percent.
        choices: Returns the allowed values, or those of each item if the default is a tuple; it is called at each use,
            so that values registered later are allowed too.
            None if a range applies instead.
        optional: Whether None is allowed as well.
    """

    name: str
    default: Any
    title: str
    help: str = ""
    low: float | None = None
    high: float | None = None
    unit: str = ""
    choices: Callable[[], Collection[Any]] | None = None
    optional: bool = False

    @property
    def several(self) -> bool:
        """True if a value is a tuple of distinct choices."""
        return isinstance(self.default, tuple)

    @property
    def integer(self) -> bool:
        """True if the values are integers."""
        return self.low is not None and not isinstance(self.default, float)

    @property
    def text(self) -> str:
        """Allowed values in words, for messages and ``--help``.

        Example:
            >>> Field(name="layers", default=2, title="layers", low=1, high=16).text
            'an integer in [1, 16]'
        """
        if self.choices is not None:
            return f"{'one or more' if self.several else 'one'} of {', '.join(map(str, self.choices()))}"
        if isinstance(self.default, bool):
            return "True or False"
        return f"{'an integer ' if self.integer else ''}in [{self.low}, {self.high}]"

    def check(self, value: Any) -> None:
        """Raise :class:`BadConfig` if the value is not allowed.

        Example:
            >>> Field(name="layers", default=2, title="layers", low=1, high=16).check(0)
            Traceback (most recent call last):
            ...
            torque_core.errors.BadConfig: layers must be an integer in [1, 16], got 0
        """
        if value is None and self.optional:
            return
        if self.choices is not None and self.several:
            if type(value) is not tuple or not value or len(set(value)) < len(value) or set(value) - {*self.choices()}:
                raise BadConfig(f"{self.name} must be a tuple of {self.text}, each once; got {value!r}")
        elif self.choices is not None:
            if value not in self.choices():
                raise BadConfig(f"{self.name} must be {self.text}; got {value!r}{did_you_mean(value, self.choices())}")
        elif isinstance(self.default, bool):
            if type(value) is not bool:
                raise BadConfig(f"{self.name} must be {self.text}, got {value!r}")
        elif self.low is not None and self.high is not None:
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not self.low <= value <= self.high or (self.integer and type(value) is not int):
                hint = " (0.5 means 50 %)" if self.unit == "fraction" else ""
                raise BadConfig(f"{self.name} must be {self.text}, got {value!r}{hint}")


def spec_field(
    default: Any,
    *,
    title: str,
    help: str = "",  # noqa: A002 - the word of argparse and Streamlit
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    choices: Callable[[], Collection[Any]] | Collection[Any] | None = None,
    optional: bool = False,
) -> Any:
    """Declare a field of a configuration dataclass; see :class:`Field` for the arguments.

    Example:
        >>> @dataclass(frozen=True)
        ... class Spec:
        ...     rate: float = spec_field(0.1, title="noise level", low=0, high=2)
        ...     kind: str = spec_field("insert", title="noise", choices=("insert", "delete"))
        ...
        ...     def __post_init__(self):
        ...         check_fields(self)
        >>> Spec().rate
        0.1
        >>> Spec(kind="swap")
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: kind must be one of insert, delete; got 'swap'
    """
    if (low is None) != (high is None):
        raise TypeError("give both low and high, or neither; math.inf stands for no limit")
    if choices is not None and not callable(choices):
        allowed = tuple(choices)
        choices = lambda: allowed  # noqa: E731
    metadata = {"title": title, "help": help, "low": low, "high": high, "unit": unit, "choices": choices}
    return dataclasses.field(default=default, metadata={_KEY: metadata | {"optional": optional}})


def fields_of(cls: type) -> Mapping[str, Field]:
    """The declared fields of a configuration dataclass by name, in order; other fields are left out.

    Example:
        >>> from torque_core import RewireSpec
        >>> layers = fields_of(RewireSpec)["layers"]
        >>> layers.default, layers.low, layers.high
        (2, 1, 16)
    """
    return _declared_fields(cls)


@cache  # a study checks hundreds of configurations
def _declared_fields(cls: type) -> Mapping[str, Field]:
    return MappingProxyType(
        {
            field.name: Field(name=field.name, default=field.default, **field.metadata[_KEY])
            for field in dataclasses.fields(cls)
            if _KEY in field.metadata
        }
    )


def check_fields(config: object) -> None:
    """Raise :class:`BadConfig` if a declared field of a configuration has a value that is not allowed."""
    for name, field in fields_of(type(config)).items():
        field.check(getattr(config, name))
