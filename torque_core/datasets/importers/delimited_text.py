"""Tables of edges and nodes as delimited text: CSV with any common separator."""

import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice

import numpy as np

from torque_core.datasets.importers.cell_values import MISSING_MARKERS, whole_number
from torque_core.datasets.importers.edge_list_lines import QUOTED, EdgeListLines, mark_quoted
from torque_core.datasets.importers.limits import LimitChecker, join_names
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.datasets.importers.table_titles import (
    end_columns,
    has_known_title,
    id_columns,
    is_row_number,
    lists_edges,
)

__all__ = ["read_tables"]

_SEPARATORS = ("\t", ";", ",")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_QUOTED_CELL = re.compile(r'"[^"]*"')
_DECIMAL = re.compile(r"[+-]?\d+\.\d+")
_MAX_ID_CANDIDATES = 50

_PREAMBLE = ("#", "%", "sep=")  # start of lines to skip before the table
_COMMENT = ("# ", "% ")  # start of lines to skip within the table, where #a can be a node
_NO_HEADER = "No header source,target: the first two columns were read as edges"
_SPACES_HINT = "; columns are separated by spaces: quote names that contain spaces, or separate by tabs or commas"

Row = tuple[int, list[str]]  # line number and cells


def read_tables(files: Mapping[str, bytes], checkers: Mapping[str, LimitChecker]) -> ParsedGraph:
    """Read one table of edges and any number of tables of nodes.

    A table whose header contains ``source`` and ``target`` (or from and to, src and dst, u and v, ...) or one of them
    lists edges. A table with a column called ``id`` or ``node`` lists nodes: the columns ``class`` and ``name``, and
    every other numeric column is a feature. Without such a header, a table lists nodes if its file name contains node,
    feature, label or class, and edges otherwise, which are its first two columns; the first line counts as a header if
    a later line has a number where the first line has text, or if its cells are the only ones that are no nodes of the
    other tables. The ids of the nodes are in the column whose title says so, provided that it contains ends of edges,
    else in the column that contains most of them. Numbers of rows, as pandas and R write them, are ignored.

    The ids 2 and 2.0 are the same. Without quotes, markers such as NA are missing values, and so are empty cells; an
    edge with a missing end is ignored. The dictionaries in edge lists of NetworkX are ignored. Lines before the table
    that start with # or %, later lines that start with either and a space, and Excel's line ``sep=`` are skipped. If
    semicolons separate the columns, commas are decimal commas.

    Args:
        files: Content by file name.
        checkers: The limit checker of each file.

    Raises:
        BadFile: If a file is invalid or exceeds a limit.
    """
    edge_tables: list[str] = []
    node_tables: list[str] = []
    for name, content in files.items():
        header = next(_rows(content, checkers[name]), (0, []))[1]
        is_edge_table = lists_edges(name, header, only_file=len(files) == 1)
        (edge_tables if is_edge_table else node_tables).append(name)
    if len(edge_tables) != 1:
        raise checkers[next(iter(files))].error(
            f"expected exactly one file of edges, found {join_names(edge_tables) or 'none'}; start it with the line "
            "source,target, and a file of nodes with a line that begins with id"
        )
    (edge_table,) = edge_tables
    ids = _Ids()
    edges = _read_edges(files[edge_table], ParsedGraph(checkers[edge_table]), ids)
    parsed = ParsedGraph(checkers[edge_table])
    for name in node_tables:
        parsed.checker = checkers[name]
        _read_nodes(name, files[name], parsed, edges.parsed.ids, ids)
    parsed.checker = checkers[edge_table]
    num_listed = len(parsed.ids)
    _add_edges(edges, parsed, ids)
    if node_tables and len(parsed.ids) > num_listed:
        if all(index >= num_listed for index in chain(parsed.source, parsed.target)):
            name = next(islice(parsed.ids, num_listed, None))
            raise checkers[node_tables[0]].error(
                f"none of its nodes occurs in an edge; its first column must contain ids such as {name!r}"
            )
        parsed.notes.append(f"Nodes that occur in edges only: {len(parsed.ids) - num_listed:,}.")
    ids.finish(parsed)
    return parsed.finish()


class _Ids:
    """Ids of nodes in all tables, in which a whole number has one spelling."""

    def __init__(self) -> None:
        self.quoted: set[str] = set()  # markers of missing values in quotes, which are ids
        self._spellings: dict[str, str] = {}

    def read(self, cell: str) -> str:
        """Convert a cell to an id."""
        if cell.startswith(QUOTED):
            cell = cell[1:]
            self.quoted.add(cell)
        elif ("." in cell or "+" in cell) and (whole := whole_number(cell)) is not None:
            self._spellings.setdefault(whole, cell)
            return whole
        return cell

    def finish(self, parsed: ParsedGraph) -> None:
        """Restore the spellings if other ids have decimals, such as versions; else note that they were changed."""
        if not self._spellings:
            return
        if any("." in name and _DECIMAL.fullmatch(name) for name in parsed.ids):
            parsed.ids = {self._spellings.get(name, name): index for name, index in parsed.ids.items()}
        else:
            whole, spelling = next(iter(self._spellings.items()))
            parsed.notes.append(f"Ids that are whole numbers are the same in every spelling: {spelling} is {whole}.")


@dataclass
class _Edges:
    """Edges by the ids of their ends.

    Attributes:
        parsed: The ids and the edges.
        header: Cells of the first line if it may be a header; it was read as the first edge.
        is_titled: Whether one of these cells is a known title.
        width: Number of columns.
        num_incomplete: Number of edges that were ignored because an end is empty.
        only_nodes: Indices of the other ends of these edges.
    """

    parsed: ParsedGraph
    header: list[str]
    is_titled: bool = False
    width: int = 0
    num_incomplete: int = 0
    only_nodes: list[int] = field(default_factory=list)


def _add_edges(edges: _Edges, parsed: ParsedGraph, ids: _Ids) -> None:
    """Add the edges to the nodes that were read from other tables."""
    names = list(edges.parsed.ids)
    ends = np.array([edges.parsed.source, edges.parsed.target], dtype=np.int64).reshape(2, -1)  # (2, M)
    notes = edges.parsed.notes
    if edges.header and ends.size:
        if _is_header(edges, names, ends, parsed.ids):
            titles = [names[i] for i in ends[:, 0].tolist()]
            read = " and ".join(titles)
            notes.insert(0, f"The first line was read as a header, and the columns {read} as the ends of edges.")
            parsed.ignored |= set(edges.header) - {*titles, ""}
            ends = ends[:, 1:]
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
    missing = [i for i, name in enumerate(names) if name in MISSING_MARKERS and name not in ids.quoted]
    missing = [i for i in missing if names[i] not in parsed.ids and is_used[i]]
    if missing:
        is_complete = ~np.isin(ends, missing).any(axis=0)
        parsed.num_incomplete += int((~is_complete).sum())
        parsed.missing_markers |= {names[i] for i in missing}
        ends = ends[:, is_complete]
        is_used[missing] = False
    index = np.full(len(names), -1, dtype=np.int64)
    for i in np.flatnonzero(is_used).tolist():
        index[i] = parsed.node(names[i], line=0)
    parsed.notes += notes
    parsed.ignored |= edges.parsed.ignored
    parsed.source.frombytes(index[ends[0]].tobytes())
    parsed.target.frombytes(index[ends[1]].tobytes())


def _is_header(edges: _Edges, names: list[str], ends: np.ndarray, listed: Mapping[str, int]) -> bool:
    """Decide whether the first edge is a header: its cells are no ends of other edges and no listed nodes."""
    first, others = ends[:, 0], np.unique(ends[:, 1:])
    if np.isin(first, others).any() or any(names[i] in listed for i in first.tolist()):
        return False
    return edges.is_titled or (len(others) > 1 and all(names[i] in listed for i in others.tolist()))


def _rows(content: bytes, checker: LimitChecker) -> Iterator[Row]:
    """Yield the split lines with their numbers, without empty lines and comments."""
    separator = _separator(content, checker)
    row_length = 0

    def lines() -> Iterator[str]:
        nonlocal row_length  # a quoted value can span lines, so the length of a row is limited like that of a line
        for line in _table_lines(content, checker)[0]:
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


def _table_lines(content: bytes, checker: LimitChecker) -> tuple[Iterator[str], EdgeListLines]:
    """Lines of a table, without the dictionaries that NetworkX writes, and the names of their attributes."""
    first = next((line for line in _lines(content, checker) if line.strip() and not line.startswith(_PREAMBLE)), "")
    attributes = EdgeListLines(first)
    return attributes(_lines(content, checker)), attributes


def _separator(content: bytes, checker: LimitChecker) -> str:
    """Detect the separator from the first line of the table."""
    first = next(
        (line for line in _table_lines(content, checker)[0] if line.strip() and not line.startswith(_PREAMBLE)), ""
    )
    first = _QUOTED_CELL.sub("quoted", first)
    separator = max(_SEPARATORS, key=first.count)
    return " " if separator not in first and len(first.split()) > 1 else separator


def _split_header(content: bytes, checker: LimitChecker) -> tuple[Iterator[Row], int, list[str], bool]:
    """Split off the first row, and complete it if it has no title for the numbers of the rows, as written by R.

    Returns:
        The other rows; the line number and the cells of the first row; and whether the first row must be a header,
        since it has text where the second row has a number.
    """
    rows = _rows(content, checker)
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
        title and _is_number(below) and not _is_number(title) for title, below in zip(header, second[1], strict=False)
    )
    return chain([second], rows), number, header, is_header


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _lines(content: bytes, checker: LimitChecker) -> Iterator[str]:
    """Decode a file in UTF-8, or in UTF-16 with a byte order mark, line by line; check the time every 1,000 lines."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    limit = checker.limits.line
    try:
        for number, line in enumerate(iter(lambda: text.readline(limit + 1), "")):
            if len(line) > 1000 or number % 1000 == 0:
                checker.check(line=len(line))
            yield line
    except UnicodeError:
        raise checker.error("not UTF-8; save it as CSV UTF-8", line=_undecodable_line(content, encoding)) from None


def _undecodable_line(content: bytes, encoding: str) -> int | None:
    """Number of the first line that cannot be decoded, if it is known."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return content[: error.start].count(b"\n") + 1
    except UnicodeError:
        pass
    return None


def _width(row: list[str]) -> int:
    """Number of cells without trailing empty ones."""
    return max((column for column, cell in enumerate(row, start=1) if cell), default=0)


def _read_nodes(file: str, content: bytes, parsed: ParsedGraph, ends: Mapping[str, int], ids: _Ids) -> None:
    """Read a table of nodes, of which some are the ends of edges."""
    checker = parsed.checker
    rows, number, header, is_header = _split_header(content, checker)
    titled = id_columns(header)
    is_header |= bool(titled)
    if not is_header:
        is_header = has_known_title(header) or _is_only_other_row(content, header, ends, ids, checker)
    if is_header and not titled:
        titles = join_names(header, 2)
        parsed.notes.append(f"{file} has no first column id; its first line ({titles}) was read as a header.")
    key = _id_column(content, titled, len(header), ends, ids, checker, skipped_rows=int(is_header))
    if not is_header:
        lists_classes = len(header) == 2 and any(word in file.lower() for word in ("label", "class"))
        rows = chain([(number, header)], rows)
        header = ["", ""] if lists_classes else [""] * len(header)
        if lists_classes:
            header[1 - key] = "class"
    if key:
        parsed.notes.append(f"{file}: the ids of nodes are in column {header[key] or key + 1}.")
    separator = _separator(content, checker)
    columns = [name or f"column {position}" for position, name in enumerate(header, start=1)]
    checker.check(columns=len(columns) - 1)
    names: set[str] = set()
    for name in columns:
        if name in names:
            raise checker.error(f"duplicate column {name[:40]!r}", line=number)
        names.add(name)
    unused = {column for column in titled if column != key}
    listed: set[int] = set()
    for line, row in rows:
        if separator == ";":
            row = [
                cell.replace(",", ".") if column != key and _DECIMAL_COMMA.fullmatch(cell) else cell
                for column, cell in enumerate(row)
            ]
        if len(row) != len(columns):
            hint = _SPACES_HINT if separator == " " else ""
            raise checker.error(f"expected {len(columns)} values, found {len(row)}{hint}", line=line)
        node = parsed.node(ids.read(row[key]), line=line)
        if node in listed:
            raise checker.error(f"duplicate node {row[key]!r}", line=line)
        listed.add(node)
        for column, value in enumerate(row):
            if column != key and column not in unused:
                is_quoted = value.startswith(QUOTED)
                value = value[1:] if is_quoted else value
                parsed.set_value(node, columns[column], value, line=line, quoted=is_quoted)
    unused |= {i for i, title in enumerate(header) if i != key and title and _numbers_rows(title, parsed)}
    for column in unused:
        parsed.columns.pop(columns[column], None)
    if unused:
        ignored = ", ".join(columns[column] for column in sorted(unused))
        parsed.notes.append(f"{file}: numbers of rows were ignored: {ignored}.")


def _numbers_rows(title: str, parsed: ParsedGraph) -> bool:
    """Return True if a column contains the numbers of the rows, from 0 or 1, as its title suggests."""
    if not is_row_number(title):
        return False
    numbers = sorted(cell for cell in parsed.columns.get(title, []) if isinstance(cell, float))
    return bool(numbers) and numbers[0] in (0, 1) and numbers == [numbers[0] + step for step in range(len(numbers))]


def _is_only_other_row(
    content: bytes, header: list[str], ends: Mapping[str, int], ids: _Ids, checker: LimitChecker
) -> bool:
    """Return True if some column consists of ends of edges in all rows except the first, which has none."""
    if any(ids.read(cell) in ends for cell in header):
        return False
    num_rows = sum(1 for _ in _rows(content, checker)) - 1
    counts = _count_ends(content, len(header), ends, ids, checker, skipped_rows=1)
    return num_rows > 1 and num_rows in counts.values()


def _id_column(
    content: bytes,
    titled: list[int],
    width: int,
    ends: Mapping[str, int],
    ids: _Ids,
    checker: LimitChecker,
    *,
    skipped_rows: int,
) -> int:
    """Column that contains the ids: the first titled one that contains an end of an edge, else the best match."""
    for column in titled:
        rows = islice(_rows(content, checker), skipped_rows, None)
        if any(len(row) > column and ids.read(row[column]) in ends for _, row in rows):
            return column
    counts = _count_ends(content, width, ends, ids, checker, skipped_rows=skipped_rows)
    best = max(counts, key=lambda column: (counts[column], -column), default=None)
    if best is not None and counts[best]:
        return best
    return titled[0] if titled else 0


def _count_ends(
    content: bytes, width: int, ends: Mapping[str, int], ids: _Ids, checker: LimitChecker, *, skipped_rows: int
) -> dict[int, int]:
    """Number of ends of edges in each column, of the first 50, whose values are unique."""
    values: dict[int, set[str]] = {column: set() for column in range(min(width, _MAX_ID_CANDIDATES))}
    counts = dict.fromkeys(values, 0)
    for number, (_, row) in enumerate(islice(_rows(content, checker), skipped_rows, None), start=1):
        for column in list(values):
            value = ids.read(row[column]) if column < len(row) else ""
            if value in values[column] or (number > 1000 and not counts[column]):
                del values[column], counts[column]
            else:
                values[column].add(value)
                counts[column] += value in ends
    return counts


def _read_edges(content: bytes, parsed: ParsedGraph, ids: _Ids) -> _Edges:
    checker = parsed.checker
    rows, number, header, is_header = _split_header(content, checker)
    ends, are_titled = end_columns(header)
    fate = header.index("fate") if "fate" in header else None
    separated_by_spaces = _separator(content, checker) == " "
    first_line_of_width, has_texts = {_width(header): number}, False
    num_pruned = matrix_width = 0  # the width of all rows if the table may be an adjacency matrix, else 0
    edges = _Edges(parsed, [])
    if not are_titled:
        if len(header) < 2:
            raise checker.error("expected the two ends of an edge, separated by a comma", line=number)
        fate, matrix_width = None, len(header)
        edges.is_titled = ends is not None
        if ends is None:  # a first column without a title, as written by pandas, is no end
            ends = (1, 2) if is_header and is_row_number(header[0]) and len(header) > 2 else (0, 1)
        if is_header and not edges.is_titled:
            titles = join_names(header[column] for column in ends)
            parsed.notes.append(f"{_NO_HEADER}, and the first line ({titles}) as a header.")
        else:
            edges.header = header
            rows = chain([(number, header)], rows)
    assert ends is not None
    source, target = ends
    if not edges.header:
        parsed.ignored |= {name for column, name in enumerate(header) if name and column not in (source, target, fate)}
    empty_line = 0
    lines, attributes = _table_lines(content, checker)
    deque(islice(lines, 100), maxlen=0)
    parsed.ignored |= attributes.attributes
    for line, row in rows:
        if len(row) <= max(source, target):
            hint = _SPACES_HINT if separated_by_spaces else ""
            raise checker.error(f"expected the two ends of an edge{hint}", line=line)
        if separated_by_spaces:
            first_line_of_width.setdefault(_width(row), line)
            has_texts |= any(not _is_number(cell) for cell in row[2 : _width(row)]) and not row[2].startswith("{")
        if matrix_width and not (len(row) == matrix_width and all(map(_is_number, row))):
            matrix_width = 0
        if fate is not None and len(row) > fate and row[fate] == "pruned":
            num_pruned += 1
            continue
        edges.width = max(edges.width, _width(row))
        known = [row[end] for end in ends if row[end]]
        nodes = [parsed.node(ids.read(cell), line=line) for cell in known]
        if len(nodes) == 2:
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
        raise checker.error(f"{other} values, but {first} in the lines before{_SPACES_HINT}", line=line)
    if matrix_width == len(parsed.source) > 3:
        raise checker.error("looks like an adjacency matrix; expected a list of edges, one per line")
    if num_pruned:
        parsed.notes.append(f"{num_pruned:,} edges with the fate pruned were omitted.")
    return edges
