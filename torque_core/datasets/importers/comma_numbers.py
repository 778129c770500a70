"""Numbers with commas: decimal commas, and commas between thousands."""

import re
from collections.abc import Iterable, Sequence

from torque_core.datasets.importers.limits import join_names
from torque_core.datasets.importers.parsed_graph import Cell, ParsedGraph

__all__ = ["point_for_comma", "read_comma_numbers", "whole_id"]

_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_WHOLE = re.compile(r"\d+,0+")
_SEPARATORS_WITH_DECIMAL_COMMAS = (";", "\t")


def point_for_comma(row: Sequence[str], separator: str, key: int) -> list[str]:
    """Replace decimal commas by points, if the separator of the columns is one beside which programs write them.

    The ids, in the column ``key``, stay as they are.

    Example:
        >>> point_for_comma(["7,5", "-1,5e3", "a,b"], ";", key=0)
        ['7,5', '-1.5e3', 'a,b']
    """
    if separator not in _SEPARATORS_WITH_DECIMAL_COMMAS:
        return list(row)
    return [
        cell.replace(",", ".") if column != key and "," in cell and _DECIMAL_COMMA.fullmatch(cell) else cell
        for column, cell in enumerate(row)
    ]


def whole_id(cell: str, separator: str) -> str:
    """Write a whole number with a decimal comma, such as an id ``2,0`` of pandas, with a point.

    Example:
        >>> whole_id("2,0", ";"), whole_id("2,0", ","), whole_id("2,5", ";")
        ('2.0', '2,0', '2,5')
    """
    is_whole = separator in _SEPARATORS_WITH_DECIMAL_COMMAS and "," in cell and _WHOLE.fullmatch(cell)
    return cell.replace(",", ".") if is_whole else cell


def read_comma_numbers(parsed: ParsedGraph, columns: Iterable[str]) -> None:
    """Convert columns of quoted numbers with commas, and note it.

    If all numbers with commas have three digits after each, as in 12,500, the commas separate thousands; else, if each
    number has at most one comma and none has a point, they are decimal commas.
    """
    thousands, decimals = [], []
    for column in columns:
        cells = parsed.columns.get(column, [])
        texts = [cell for cell in cells if isinstance(cell, str)]
        if not texts or column in parsed.text_columns or not all("," in text for text in texts):
            continue
        if all(map(_THOUSANDS.fullmatch, texts)):
            thousands.append(column)
            parsed.columns[column] = [_number(cell, "") for cell in cells]
        elif all(map(_DECIMAL_COMMA.fullmatch, texts)) and all(
            isinstance(c, str) or not c or c % 1 == 0 for c in cells
        ):
            decimals.append(column)
            parsed.columns[column] = [_number(cell, ".") for cell in cells]
        else:
            continue
        parsed.not_numeric.pop(column, None)
    if thousands:
        parsed.notes.append(f"Commas were read as separators of thousands: {join_names(thousands)}.")
    if decimals:
        parsed.notes.append(f"Commas were read as decimal commas: {join_names(decimals)}.")


def _number(cell: Cell, comma: str) -> Cell:
    return float(cell.replace(",", comma)) if isinstance(cell, str) else cell
