"""Tables of edges as delimited text."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice

import numpy as np

from torque_core.datasets.importers.cell_values import is_missing
from torque_core.datasets.importers.column_titles import title_words
from torque_core.datasets.importers.comma_numbers import point_for_comma, whole_id
from torque_core.datasets.importers.edge_list_lines import QUOTED
from torque_core.datasets.importers.limits import LimitChecker, join_names
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.datasets.importers.table_ids import TableIds
from torque_core.datasets.importers.table_rows import (
    SPACES_HINT,
    column_separator,
    is_number,
    split_header,
    table_lines,
)
from torque_core.datasets.importers.table_titles import end_columns, is_row_number

__all__ = ["TableEdges", "add_edges", "read_edges"]

_NO_HEADER = "No header source,target: the first two columns were read as edges"


@dataclass
class TableEdges:
    """Edges by the ids of their ends.

    Attributes:
        parsed: The ids and the edges.
        header: Cells of the first line if it may be a header; it was read as the first edge.
        is_titled: Whether one of these cells is a known title.
        width: Number of columns.
        num_incomplete: Number of edges that were ignored because an end is empty.
        only_nodes: Indices of the other ends of these edges.
        titles: Titles of the columns, or ``column 1``, ``column 2``, ...
        end_titles: Those of the two ends.
    """

    parsed: ParsedGraph
    header: list[str]
    is_titled: bool = False
    width: int = 0
    num_incomplete: int = 0
    only_nodes: list[int] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    end_titles: tuple[str, str] | None = None


def read_edges(
    content: bytes, parsed: ParsedGraph, ids: TableIds, chosen: tuple[str | None, str | None] = (None, None)
) -> TableEdges:
    """Read a table of edges; whether its first line is a header may be left open, see :func:`add_edges`.

    Args:
        content: The file.
        parsed: Receives the edges.
        ids: Ids of the nodes in all tables.
        chosen: Columns of the two ends by their titles, or by ``column 1``, ``column 2``, ... without a header; None
            for a guess.

    Raises:
        BadFile: If the table is malformed, there is no chosen column, or a limit is exceeded.
    """
    checker = parsed.checker
    rows, number, header, is_header = split_header(content, checker)
    ends, are_titled = end_columns(header)
    titles = [title or f"column {column}" for column, title in enumerate(header, start=1)]
    if any(chosen) and len(header) > 1:
        guess = ends or (0, 1)
        ends = tuple(_chosen(title, titles, column, checker) for title, column in zip(chosen, guess, strict=True))  # type: ignore[assignment]
        is_header |= are_titled or any(title in header for title in chosen if title)
        are_titled = is_header
    fate = header.index("fate") if "fate" in header else None
    separator = column_separator(content, checker)
    separated_by_spaces = separator == " "
    first_line_of_width, has_texts = {_width(header): number}, False
    num_pruned = 0
    edges = TableEdges(parsed, [])
    if not are_titled:
        if len(header) < 2:
            raise checker.error("expected the two ends of an edge, separated by a comma", line=number)
        fate = None
        edges.is_titled = ends is not None
        if ends is None:  # a first column without a title, as written by pandas, is no end
            ends = (1, 2) if is_header and _numbers_edges(header[0]) and len(header) > 2 else (0, 1)
        if is_header and not edges.is_titled:
            first_line = join_names(header[column] for column in ends)
            parsed.notes.append(f"{_NO_HEADER}, and the first line ({first_line}) as a header.")
        else:
            edges.header = header
            rows = chain([(number, header)], rows)
    assert ends is not None
    source, target = ends
    if edges.header:  # the titles of the first line if it is a header, else the numbers of the columns
        titles = [f"column {column}" for column in range(1, len(header) + 1)]
    edges.titles, edges.end_titles = titles, (titles[source], titles[target])
    attributes_at = [column for column in range(len(header)) if column not in (source, target)]
    empty_line = 0
    lines, attributes = table_lines(content, checker)
    deque(islice(lines, 100), maxlen=0)
    parsed.ignored |= attributes.attributes
    for line, row in rows:
        if len(row) <= max(source, target):
            hint = SPACES_HINT if separated_by_spaces else ""
            raise checker.error(f"expected the two ends of an edge{hint}", line=line)
        if separated_by_spaces:
            first_line_of_width.setdefault(_width(row), line)
            has_texts |= any(not is_number(cell) for cell in row[2 : _width(row)]) and not row[2].startswith("{")
        if fate is not None and len(row) > fate and row[fate] == "pruned":
            num_pruned += 1
            continue
        edges.width = max(edges.width, _width(row))
        known = [whole_id(row[end], separator) for end in ends if row[end]]
        nodes = [parsed.node(ids.read(cell), line=line) for cell in known]
        if len(nodes) == 2:
            row = point_for_comma(row, separator, source)
            for column in attributes_at:
                if column < len(row):
                    value = row[column].removeprefix(QUOTED)
                    parsed.set_edge_value(len(parsed.source), titles[column], value)
            parsed.add_edge(*nodes)
        else:
            empty_line = empty_line or line
            edges.only_nodes += nodes
            edges.num_incomplete += 1
            if edges.num_incomplete % 1000 == 0:
                checker.check(edges=edges.num_incomplete)
            edges.header = [] if line == number else edges.header
    if empty_line and not parsed.source:
        raise checker.error("an id is empty", line=empty_line)
    if has_texts and len(first_line_of_width) > 1:
        (first, _), (other, line) = list(first_line_of_width.items())[:2]
        raise checker.error(f"{other} values, but {first} in the lines before{SPACES_HINT}", line=line)
    if num_pruned:
        parsed.notes.append(f"{num_pruned:,} edges with the fate pruned were omitted.")
    return edges


def add_edges(edges: TableEdges, parsed: ParsedGraph, ids: TableIds) -> None:
    """Add the edges to the nodes that were read from other tables."""
    names = list(edges.parsed.ids)
    ends = np.array([edges.parsed.source, edges.parsed.target], dtype=np.int64).reshape(2, -1)  # (2, M)
    notes = edges.parsed.notes
    listed = np.arange(ends.shape[1])
    columns = edges.parsed.edge_columns
    if edges.header and ends.size:
        if _is_header(edges, names, ends, parsed.ids):
            titles = [names[i] for i in ends[:, 0].tolist()]
            read = " and ".join(titles)
            notes.insert(0, f"The first line was read as a header, and the columns {read} as the ends of edges.")
            ends, listed = ends[:, 1:], listed[1:]
            renamed = dict(zip(edges.titles, edges.header, strict=True))
            columns = {renamed[name] or name: [None, *cells[1:]] for name, cells in columns.items()}
            columns = {name: cells for name, cells in columns.items() if any(cell is not None for cell in cells)}
            edges.titles = [renamed[title] or title for title in edges.titles]
            edges.end_titles = tuple(renamed[title] or title for title in edges.end_titles or ())  # type: ignore[assignment]
        else:
            notes.insert(0, f"{_NO_HEADER}, including the first line ({', '.join(edges.header[:2])}).")
            if edges.width > 2:
                untitled = edges.width - 2
                verb = "was" if untitled == 1 else "were"
                plural = "" if untitled == 1 else "s"
                notes.append(f"{untitled:,} column{plural} of edges without a title {verb} ignored.")
    is_used = np.zeros(len(names), dtype=bool)
    is_used[ends] = True
    is_used[edges.only_nodes] = True
    parsed.num_incomplete += edges.num_incomplete
    missing = [i for i, name in enumerate(names) if is_missing(name) and name not in ids.quoted]
    missing = [i for i in missing if names[i] not in parsed.ids and is_used[i]]
    if missing:
        is_complete = ~np.isin(ends, missing).any(axis=0)
        parsed.num_incomplete += int((~is_complete).sum())
        parsed.missing_markers |= {names[i] for i in missing}
        ends, listed = ends[:, is_complete], listed[is_complete]
        is_used[missing] = False
    index = np.full(len(names), -1, dtype=np.int64)
    for i in np.flatnonzero(is_used).tolist():
        index[i] = parsed.node(names[i], line=0)
    parsed.notes += notes
    parsed.ignored |= edges.parsed.ignored
    parsed.directed |= edges.parsed.directed
    parsed.edge_columns = columns
    parsed.listed.frombytes(listed.astype(np.int64).tobytes())
    parsed.offered_ends, parsed.end_columns = tuple(edges.titles), edges.end_titles
    parsed.source.frombytes(index[ends[0]].tobytes())
    parsed.target.frombytes(index[ends[1]].tobytes())


def _chosen(title: str | None, titles: list[str], guess: int, checker: LimitChecker) -> int:
    """Column with a title, or the guess without a title."""
    if not title:
        return guess
    if title not in titles:
        raise checker.error(f"there is no column {title[:80]!r} for the ends of edges, but {join_names(titles, 20)}")
    return titles.index(title)


def _is_header(edges: TableEdges, names: list[str], ends: np.ndarray, listed: Mapping[str, int]) -> bool:
    """Decide whether the first edge is a header: its cells are no ends of other edges and no listed nodes."""
    first, others = ends[:, 0], np.unique(ends[:, 1:])
    if np.isin(first, others).any() or any(names[i] in listed for i in first.tolist()):
        return False
    if edges.is_titled or (len(others) > 1 and all(names[i] in listed for i in others.tolist())):
        return True
    # names such as E01 below titles such as employee and manager
    return len(others) > 2 and _has_no_digit(names, first) and not any(_has_no_digit(names, [i]) for i in others)


def _has_no_digit(names: list[str], indices: Iterable[int]) -> bool:
    return not any(character.isdigit() for i in indices for character in names[i])


def _numbers_edges(title: str) -> bool:
    """Return True for the title of a column with the numbers or ids of the edges."""
    return is_row_number(title) or title_words(title) in (("id",), ("edge", "id"), ("edge",), ("link", "id"), ("key",))


def _width(row: list[str]) -> int:
    """Number of cells without trailing empty ones."""
    return max((column for column, cell in enumerate(row, start=1) if cell), default=0)
