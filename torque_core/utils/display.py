"""Short text and HTML for records that contain tensors, as notebooks and tracebacks show them."""

import dataclasses
import html
import math
from collections.abc import Mapping, Sequence

__all__ = ["ShortRepr", "html_table"]

_PADDING = "padding: 0.2em 0.5em"


class ShortRepr:
    """Mixin for dataclasses with tensors: the representation has the shape of each tensor, as that of PyG's ``Data``.

    The dataclass must be declared with ``repr=False``. A field whose own representation has several lines is shown by
    its type only.

    Example:
        >>> import torch
        >>> @dataclasses.dataclass(repr=False)
        ... class Scores(ShortRepr):
        ...     name: str
        ...     values: torch.Tensor
        >>> Scores("torque", torch.zeros(2, 78))
        Scores(name='torque', values=[2, 78])
    """

    def __repr__(self) -> str:
        assert dataclasses.is_dataclass(self)
        shown = (f"{field.name}={_short(getattr(self, field.name))}" for field in dataclasses.fields(self))
        return f"{type(self).__name__}({', '.join(shown)})"


def _short(value: object) -> str:
    shape = getattr(value, "shape", None)
    if shape is not None:
        return str(list(shape))
    text = repr(value)
    return text if "\n" not in text else f"{type(value).__name__}(...)"


def html_table(caption: str, rows: Sequence[Mapping[str, object]]) -> str:
    """Return an HTML table that inherits the colours of the page, so that it is legible in light and dark themes.

    Args:
        caption: Text above the table.
        rows: Cells by column; all rows have the same columns. Numbers are right-aligned; NaN is empty.

    Example:
        >>> html_table("Edges <1>", [{"layer": 0, "reason": "a & b"}]).count("&lt;1&gt;")
        1
    """
    heads = "".join(f'<th style="{_PADDING}">{html.escape(name)}</th>' for name in (rows[0] if rows else ()))
    body = "".join(f"<tr>{''.join(map(_cell, row.values()))}</tr>" for row in rows)
    style = "caption-side: top; text-align: left; padding: 0.25em 0; white-space: normal"
    return (
        f'<table><caption style="{style}">{html.escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        text, align = "" if math.isnan(value) else f"{value:.4g}", "right"
    elif isinstance(value, int):
        text, align = f"{value:,}", "right"
    else:
        text, align = str(value), "left"
    return f'<td style="{_PADDING}; text-align: {align}">{html.escape(text)}</td>'
