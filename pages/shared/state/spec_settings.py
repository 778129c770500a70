"""Settings derived from the fields of configuration dataclasses, with their ranges, choices, titles and help."""

import dataclasses
from collections.abc import Mapping
from itertools import combinations
from typing import Any

from pages.shared.state.kinds import SEPARATOR, Setting, Widget, choice, number, switch
from torque_core.utils.fields import Field, fields_of

__all__ = ["spec_options", "spec_setting", "spec_values"]


def spec_setting(
    spec: type,
    field: str,
    *,
    default: object = None,
    title: str = "",
    help_text: str = "",
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    widget: Widget | None = None,
) -> Setting:
    """Derive a setting from a field of a configuration dataclass, see :mod:`torque_core.utils.fields`.

    A fraction becomes a percentage, an optional number is 0 in place of None, and an optional choice ``none``. A tuple
    of choices becomes a choice among all such tuples, whose names are joined as in a link. All other arguments override
    what the field declares; ranges and the default are those of the field, not percentages.

    Example:
        >>> from torque_core import RewireSpec
        >>> setting = spec_setting(RewireSpec, "fraction", high=0.5)
        >>> setting.title, setting.default, setting.high, setting.widget
        ('fraction to prune in %', 10, 50, 'slider')
    """
    declared = fields_of(spec)[field]
    value = declared.default if default is None else default
    title, help_text = title or declared.title, help_text or declared.help
    if declared.choices is not None:
        setting = choice(title, _text(value), lambda: _choices(declared), help_text)
    elif isinstance(value, bool):
        setting = switch(title, value, help_text)
    else:
        low, high = (declared.low if low is None else low), (declared.high if high is None else high)
        if declared.optional:
            low, value, help_text = 0, value or 0, f"{help_text} 0 switches this off."
        percent = declared.unit == "fraction"
        if percent:
            low, high, value, title = round(100 * low), round(100 * high), round(100 * value), f"{title} in %"
        setting = number(title, value, low, high, step=step, help_text=help_text)
        unit = "%" if percent else declared.unit
        setting = dataclasses.replace(setting, percent=percent, unit=unit, widget="slider" if percent else "number")
    return dataclasses.replace(setting, spec=spec, field=field, widget=widget or setting.widget)


def spec_options(spec: type, settings: Mapping[str, Setting], state: Mapping[str, object]) -> dict[str, Any]:
    """Collect the options of a configuration dataclass from the values of the session.

    Args:
        spec: The dataclass.
        settings: Declarations by key.
        state: Values by key.
    """
    return {setting.field: _to_spec(setting, state[key]) for key, setting in settings.items() if setting.spec is spec}


def spec_values(config: object, settings: Mapping[str, Setting]) -> dict[str, Any]:
    """Return the values of the session that stand for a configuration, by key; the inverse of :func:`spec_options`.

    Args:
        config: The configuration, a dataclass.
        settings: Declarations by key.
    """
    return {
        key: _from_spec(setting, getattr(config, setting.field))
        for key, setting in settings.items()
        if setting.spec is type(config)
    }


def _from_spec(setting: Setting, value: Any) -> Any:
    if fields_of(setting.spec)[setting.field].choices is not None:
        return _text(value)
    if setting.percent:
        return round(100 * value)
    return type(setting.default)(value or 0)


def _to_spec(setting: Setting, value: Any) -> Any:
    if setting.percent:
        return value / 100
    declared = fields_of(setting.spec)[setting.field]
    if setting.widget in ("number", "slider"):
        return None if declared.optional and not value else type(setting.default)(value)
    if declared.several:
        return tuple(value.split(SEPARATOR))
    return next((each for each in declared.choices() if _text(each) == value), value) if declared.choices else value


def _choices(declared: Field) -> tuple[str, ...]:
    """Return the values that a field allows as text."""
    assert declared.choices is not None  # the caller has checked it
    names = tuple(declared.choices())
    values = [subset for size in range(1, len(names) + 1) for subset in combinations(names, size)]
    return tuple(map(_text, values if declared.several else names))


def _text(value: Any) -> str:
    return "none" if value is None else SEPARATOR.join(value) if isinstance(value, tuple) else value
