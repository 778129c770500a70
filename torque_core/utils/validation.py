"""Validation of options; every error names the invalid value and the valid ones."""

from collections.abc import Collection, Mapping

from torque_core.errors import BadConfig

__all__ = ["check_choices", "check_ranges"]


def check_choices(config: object, choices: Mapping[str, Collection[object]]) -> None:
    """Raise :class:`BadConfig` unless the value of each attribute is one of its choices.

    Example:
        >>> from types import SimpleNamespace
        >>> check_choices(SimpleNamespace(norm="batch"), {"norm": (None, "layer")})
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: norm must be one of None, layer; got 'batch'
    """
    for name, known in choices.items():
        if (value := getattr(config, name)) not in known:
            raise BadConfig(f"{name} must be one of {', '.join(map(str, known))}; got {value!r}")


def check_ranges(
    config: object, ranges: Mapping[str, tuple[float, float]], *, whole: Collection[str] = (), optional: str = ""
) -> None:
    """Raise :class:`BadConfig` unless the value of each attribute is in its closed range.

    Args:
        config: Object with the attributes.
        ranges: Lowest and highest value of each attribute.
        whole: Attributes that must be integers.
        optional: Attribute that may be None.

    Example:
        >>> from types import SimpleNamespace
        >>> check_ranges(SimpleNamespace(layers=0), {"layers": (1, 16)}, whole=["layers"])
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: layers must be an integer in [1, 16], got 0
    """
    for name, (low, high) in ranges.items():
        value = getattr(config, name)
        if value is None and name == optional:
            continue
        if not low <= value <= high or (name in whole and type(value) is not int):
            raise BadConfig(f"{name} must be {'an integer ' if name in whole else ''}in [{low}, {high}], got {value}")
