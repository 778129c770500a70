"""Rows of delimited text: CSV with any common separator, and edge lists of NetworkX."""

import csv
import re
from collections.abc import Iterator
from itertools import chain

from torque_core.datasets.importers.edge_list_lines import EdgeListLines, mark_quoted
from torque_core.datasets.importers.limits import LimitChecker
from torque_core.datasets.importers.table_titles import end_columns, has_known_title, id_columns
from torque_core.datasets.importers.text_lines import text_lines

__all__ = ["SPACES_HINT", "Row", "column_separator", "is_number", "split_header", "table_lines", "table_rows"]

Row = tuple[int, list[str]]
"""Line number and cells."""
SPACES_HINT = "; columns are separated by spaces: quote names that contain spaces, or separate by tabs or commas"
"""End of messages on tables whose columns are separated by spaces."""

_SEPARATORS = ("\t", ";", ",", "|")
_QUOTED_CELL = re.compile(r'"[^"]*"')
_PREAMBLE = ("#", "%", "sep=")  # start of lines to skip before the table
_COMMENT = ("# ", "% ")  # start of lines to skip within the table, where #a can be a node


def table_rows(content: bytes, checker: LimitChecker) -> Iterator[Row]:
    """Yield the split lines with their numbers, without empty lines and comments."""
    separator = column_separator(content, checker)
    row_length = 0

    def lines() -> Iterator[str]:
        nonlocal row_length  # a quoted value can span lines, so the length of a row is limited like that of a line
        for line in table_lines(content, checker)[0]:
            row_length += len(line)
            if row_length > checker.limits.line:
                checker.check(line=row_length)
            yield mark_quoted(line, separator)

    reader = csv.reader(lines(), delimiter=separator, skipinitialspace=True, strict=True)
    in_table = False
    try:
        for row in reader:
            row_length = 0
            skipped = _COMMENT if in_table else _PREAMBLE
            if any(row) and not row[0].startswith(skipped) and row[0] not in ("#", "%"):
                in_table = True
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise checker.error(f"not valid CSV: {error}", line=max(reader.line_num, 1)) from None


def table_lines(content: bytes, checker: LimitChecker) -> tuple[Iterator[str], EdgeListLines]:
    """Lines of a table, without the dictionaries that NetworkX writes, and the names of their attributes."""
    first = next((line for line in text_lines(content, checker) if line.strip() and not line.startswith(_PREAMBLE)), "")
    attributes = EdgeListLines(first)
    return attributes(text_lines(content, checker)), attributes


def column_separator(content: bytes, checker: LimitChecker) -> str:
    """Detect the separator from the first line of the table."""
    first = next(
        (line for line in table_lines(content, checker)[0] if line.strip() and not line.startswith(_PREAMBLE)), ""
    )
    first = _QUOTED_CELL.sub("quoted", first)
    separator = max(_SEPARATORS, key=first.count)
    return " " if separator not in first and len(first.split()) > 1 else separator


def split_header(content: bytes, checker: LimitChecker) -> tuple[Iterator[Row], int, list[str], bool]:
    """Split off the first row, and complete it if it has no title for the numbers of the rows, as written by R.

    Returns:
        The other rows; the line number and the cells of the first row; and whether the first row must be a header,
        since it has text where the second row has a number.
    """
    rows = table_rows(content, checker)
    first, second = next(rows, None), next(rows, None)
    if first is None:
        raise checker.error("is empty")
    number, header = first
    if second is None:
        return rows, number, header, False
    has_titles = end_columns(header)[1] or bool(id_columns(header)) or has_known_title(header)
    if has_titles and len(second[1]) == len(header) + 1 and second[1][0] == "1" and second[1][-1]:
        header = ["", *header]
    is_header = any(
        title and is_number(below) and not is_number(title) for title, below in zip(header, second[1], strict=False)
    )
    is_header |= len(header) > 2 and header[0] == "" and second[1][0] in ("0", "1")  # the rows are numbered
    return chain([second], rows), number, header, is_header


def is_number(cell: str) -> bool:
    """Return True for a number with a decimal point or comma."""
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
