"""Kinds of settings: the values that each allows, as text in a link and as values in the session."""

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "SEPARATOR",
    "Setting",
    "Widget",
    "choice",
    "free_text",
    "id_list",
    "name_list",
    "number",
    "positive_number",
    "switch",
]

SEPARATOR = "~"
"""Separates the names of a list in a link."""

Widget = Literal["number", "slider", "select", "switch"]
_BOOLEANS = {"yes": True, "no": False}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Declaration of one key of the session and the link.

    Attributes:
        title: Short name for messages and labels, without a capital.
        default: Default value; its type is the type of the setting.
        allows: Returns True if a text, as a link has it, is an allowed value.
        describe: Returns the allowed values in words; called at each use, as plugins may add to them.
        help: Tooltip of the widget.
        options: Returns the allowed values of a choice; None for other kinds.
        low: Smallest value of a number.
        high: Largest value of a number.
        step: Step of the widget of a number; None for Streamlit's default.
        unit: Unit of a number.
        percent: Whether the value is the hundredfold of a fraction.
        widget: The widget that sets the value; None if a page draws its own.
        spec: The configuration dataclass that the value belongs to, see :mod:`~pages.shared.state.spec_settings`.
        field: Name of its field there.
        fixed: Whether undo, redo and session files leave the value unchanged, as it belongs to the URL or to the
            server and not to the view.
    """

    title: str
    default: object
    allows: Callable[[str], bool]
    describe: Callable[[], str]
    help: str = ""
    options: Callable[[], Collection[str]] | None = None
    low: float | None = None
    high: float | None = None
    step: float | None = None
    unit: str = ""
    percent: bool = False
    widget: Widget | None = None
    spec: type | None = None
    field: str = ""
    fixed: bool = False

    @property
    def label(self) -> str:
        """Title for a form."""
        return (self.title[:1].upper() + self.title[1:]).removesuffix(" in %")

    def parse(self, text: str) -> object:
        """Convert an allowed text to a value of the session."""
        if isinstance(self.default, tuple):
            return tuple(text.split(SEPARATOR))
        if isinstance(self.default, bool):
            return _BOOLEANS[text]
        if isinstance(self.default, int | float):
            return type(self.default)(float(text))
        return text

    @staticmethod
    def format(value: object) -> str:
        """Convert a value of the session to the text that stands for it in a link.

        Example:
            >>> Setting.format(0.5), Setting.format(2.0), Setting.format(("3", "4-9")), Setting.format(False)
            ('0.5', '2', '3~4-9', 'no')
        """
        if isinstance(value, tuple):
            return SEPARATOR.join(map(str, value))
        if isinstance(value, bool):
            return "yes" if value else "no"
        return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def choice(
    title: str, default: str, options: Collection[str] | Callable[[], Collection[str]], help_text: str = ""
) -> Setting:
    """One of several names; ``options`` may be a function, so that names registered later are allowed, too."""
    names = options if callable(options) else lambda: options
    return Setting(
        title=title,
        default=default,
        allows=lambda text: text in names(),
        describe=lambda: f"one of {', '.join(names())}",
        help=help_text,
        options=names,
        widget="select",
    )


def number(
    title: str, default: float, low: float, high: float, *, step: float | None = None, help_text: str = ""
) -> Setting:
    """A number in a closed range; an integer if the default is one."""

    def allows(text: str) -> bool:
        value = _float(text)
        return low <= value <= high and (isinstance(default, float) or value.is_integer())

    return Setting(
        title=title,
        default=default,
        allows=allows,
        describe=lambda: f"a number from {low:g} to {high:g}",
        help=help_text,
        low=low,
        high=high,
        step=step,
        widget="number",
    )


def switch(title: str, default: bool, help_text: str = "") -> Setting:
    """True or False, ``yes`` or ``no`` in a link."""
    return Setting(
        title=title,
        default=default,
        allows=_BOOLEANS.__contains__,
        describe=lambda: f"one of {', '.join(_BOOLEANS)}",
        help=help_text,
        widget="switch",
    )


def positive_number(title: str) -> Setting:
    """A positive number, kept as text; empty if none is set."""
    return Setting(
        title=title,
        default="",
        allows=lambda text: 0 < _float(text) < math.inf and _is_short(text, 40),
        describe=lambda: "a positive number",
    )


def free_text(title: str) -> Setting:
    """A short printable text."""
    return Setting(
        title=title,
        default="",
        allows=lambda text: _is_short(text, 100),
        describe=lambda: "a name of at most 100 letters",
    )


def name_list(
    title: str,
    names: str | Callable[[], str],
    allows: Callable[[str], bool],
    *,
    default: tuple[str, ...] = (),
    most: int = 100,
) -> Setting:
    """A list of names, each of which must be allowed.

    Args:
        title: Short name for messages.
        names: The allowed names in words, or a function that returns that.
        allows: Returns True if a name is allowed.
        default: Default list.
        most: Largest number of names.
    """

    def all_allowed(text: str) -> bool:
        parts = text.split(SEPARATOR)
        return _is_short(text, 2_000) and len(parts) <= most and all(map(allows, parts))

    return Setting(
        title=title,
        default=default,
        allows=all_allowed,
        describe=lambda: f"{names() if callable(names) else names} with {SEPARATOR} between them",
    )


def id_list(title: str, most: int) -> Setting:
    """A list of nodes, such as 17, and edges, such as 4-9, with the smaller end first."""

    def allows(text: str) -> bool:
        parts = text.split(SEPARATOR)
        return len(parts) <= most and all(map(_is_id, parts))

    return Setting(
        title=title,
        default=(),
        allows=allows,
        describe=lambda: f"at most {most:,} nodes, such as 17, and edges, such as 4-9, with {SEPARATOR} between them",
    )


def _float(text: str) -> float:
    """Parse a number; return nan, which is in no range, if the text is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _is_short(text: str, most: int) -> bool:
    return text.isprintable() and len(text) <= most


def _is_id(text: str) -> bool:
    ends = re.fullmatch(r"(0|[1-9][0-9]{0,7})(?:-([1-9][0-9]{0,7}))?", text)
    return ends is not None and (ends[2] is None or int(ends[1]) < int(ends[2]))
