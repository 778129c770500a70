"""Tables of edges and nodes as delimited text: CSV with any common separator."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice

from torque_core.datasets.importers.limits import LimitChecker
from torque_core.datasets.importers.parsed_graph import ParsedGraph

__all__ = ["read_tables"]

_SOURCE_COLUMNS = ("source", "from", "src", "node1", "node_1", "u")
_TARGET_COLUMNS = ("target", "to", "dst", "node2", "node_2", "v")
_ID_COLUMNS = ("id", "node", "node_id", "nodeid", "")
_SEPARATORS = ("\t", ";", ",")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")

_PREAMBLE = ("#", "%", "sep=")  # start of lines to skip before the table
_COMMENT = ("# ", "% ")  # start of lines to skip within the table, where #a can be a node
_SPACES_HINT = "; columns are separated by spaces: quote names that contain spaces, or separate by tabs or commas"

Row = tuple[int, list[str]]  # line number and cells


def read_tables(files: Mapping[str, bytes], checkers: Mapping[str, LimitChecker]) -> ParsedGraph:
    """Read one table of edges and any number of tables of nodes.

    A table whose header contains ``source`` and ``target`` (or from and to, src and dst, u and v) lists edges. A table
    whose first column is called ``id`` or ``node`` lists nodes: the columns ``class`` and ``name``, and every other
    numeric column is a feature. Without such a header, a table lists nodes if its file name contains node, feature,
    label or class, and edges otherwise, which are its first two columns; the first line counts as a header if a later
    line has a number where the first line has text.

    Lines before the table that start with # or %, later lines that start with either and a space, and Excel's line
    ``sep=`` are skipped. If semicolons separate the columns, commas are decimal commas.

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
        (edge_tables if _lists_edges(name, header) else node_tables).append(name)
    if len(edge_tables) != 1:
        raise checkers[next(iter(files))].error(
            f"expected exactly one file of edges, found {', '.join(edge_tables) or 'none'}; start it with the line "
            "source,target, and a file of nodes with a line that begins with id"
        )
    (edge_table,) = edge_tables
    parsed = ParsedGraph(checkers[edge_table])
    for name in node_tables:
        parsed.checker = checkers[name]
        _read_nodes(name, files[name], parsed)
    parsed.checker = checkers[edge_table]
    num_listed = len(parsed.ids)
    _read_edges(files[edge_table], parsed)
    if node_tables and len(parsed.ids) > num_listed:
        if all(index >= num_listed for index in chain(parsed.source, parsed.target)):
            name = next(islice(parsed.ids, num_listed, None))
            raise checkers[node_tables[0]].error(
                f"none of its nodes occurs in an edge; its first column must contain ids such as {name!r}"
            )
        parsed.notes.append(f"Nodes that occur in edges only: {len(parsed.ids) - num_listed:,}.")
    return parsed.finish()


def _rows(content: bytes, checker: LimitChecker) -> Iterator[Row]:
    """Yield the split lines with their numbers, without empty lines and comments."""
    separator = _separator(content, checker)
    reader = csv.reader(_lines(content, checker), delimiter=separator, skipinitialspace=True, strict=True)
    in_table = False
    try:
        for row in reader:
            skipped = _COMMENT if in_table else _PREAMBLE
            if any(row) and not row[0].startswith(skipped) and row[0] not in ("#", "%"):
                in_table = True
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise checker.error(f"not valid CSV: {error}", line=max(reader.line_num, 1)) from None


def _separator(content: bytes, checker: LimitChecker) -> str:
    """Detect the separator from the first line of the table."""
    first = next((line for line in _lines(content, checker) if line.strip() and not line.startswith(_PREAMBLE)), "")
    separator = max(_SEPARATORS, key=first.count)
    return " " if separator not in first and len(first.split()) > 1 else separator


def _split_header(content: bytes, checker: LimitChecker) -> tuple[Iterator[Row], int, list[str], bool]:
    """Split off the first row.

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
            if len(line) > limit or number % 1000 == 0:
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


def _lists_edges(name: str, header: list[str]) -> bool:
    """Return True if a table lists edges, according to its header or else its file name."""
    titles = [cell.lower() for cell in header]
    if _position(titles, _SOURCE_COLUMNS) is not None and _position(titles, _TARGET_COLUMNS) is not None:
        return True
    if titles and titles[0] in _ID_COLUMNS:
        return False
    return not any(word in name.lower() for word in ("node", "feature", "label", "class"))


def _width(row: list[str]) -> int:
    """Number of cells without trailing empty ones."""
    return max((column for column, cell in enumerate(row, start=1) if cell), default=0)


def _position(titles: list[str], names: tuple[str, ...]) -> int | None:
    return next((titles.index(name) for name in names if name in titles), None)


def _read_nodes(file: str, content: bytes, parsed: ParsedGraph) -> None:
    rows, number, header, is_header = _split_header(content, parsed.checker)
    if header[0].lower() not in _ID_COLUMNS and is_header:
        titles = ", ".join(header[:2])
        parsed.notes.append(f"{file} has no first column id; its first line ({titles}) was read as a header.")
    elif header[0].lower() not in _ID_COLUMNS:
        lists_classes = len(header) == 2 and any(word in file.lower() for word in ("label", "class"))
        rows = chain([(number, header)], rows)
        header = ["id", "class"] if lists_classes else [""] * len(header)
    separator = _separator(content, parsed.checker)
    columns = [name or f"column {position}" for position, name in enumerate(header, start=1)]
    if len(set(columns)) < len(columns):
        duplicate = next(name for name in columns if columns.count(name) > 1)
        raise parsed.checker.error(f"duplicate column {duplicate!r}", line=number)
    listed: set[int] = set()
    for line, row in rows:
        if separator == ";":
            row[1:] = [cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell for cell in row[1:]]
        if len(row) != len(columns):
            hint = _SPACES_HINT if separator == " " else ""
            raise parsed.checker.error(f"expected {len(columns)} values, found {len(row)}{hint}", line=line)
        _read_node(line, row, columns, parsed, listed)


def _read_node(line: int, row: list[str], columns: list[str], parsed: ParsedGraph, listed: set[int]) -> None:
    node = parsed.node(row[0], line=line)
    if node in listed:
        raise parsed.checker.error(f"duplicate node {row[0]!r}", line=line)
    listed.add(node)
    for column, value in zip(columns[1:], row[1:], strict=True):
        parsed.set_value(node, column, value, line=line)


def _read_edges(content: bytes, parsed: ParsedGraph) -> None:
    checker = parsed.checker
    rows, number, header, is_header = _split_header(content, checker)
    titles = [cell.lower() for cell in header]
    source, target, fate = (_position(titles, names) for names in (_SOURCE_COLUMNS, _TARGET_COLUMNS, ("fate",)))
    separated_by_spaces = _separator(content, checker) == " "
    first_line_of_width, has_texts = {_width(header): number}, False
    num_pruned = matrix_width = 0  # the width of all rows if the table may be an adjacency matrix, else 0
    if source is None or target is None:
        if len(header) < 2:
            raise checker.error("expected the two ends of an edge, separated by a comma", line=number)
        source, target, fate, matrix_width = 0, 1, None, len(header)
        note = "No header source,target: the first two columns were read as edges"
        if is_header:
            parsed.notes.append(f"{note}, and the first line ({', '.join(header[:2])}) as a header.")
        else:
            parsed.notes.append(f"{note}, including the first line ({', '.join(header[:2])}).")
            rows, header = chain([(number, header)], rows), []
    parsed.ignored |= {name for column, name in enumerate(header) if name and column not in (source, target, fate)}
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
        ends = (parsed.node(row[end], line=line) for end in (source, target))
        parsed.add_edge(*ends)
    if has_texts and len(first_line_of_width) > 1:
        (first, _), (other, line) = list(first_line_of_width.items())[:2]
        raise checker.error(f"{other} values, but {first} in the lines before{_SPACES_HINT}", line=line)
    if matrix_width == len(parsed.source) > 3:
        raise checker.error("looks like an adjacency matrix; expected a list of edges, one per line")
    if num_pruned:
        parsed.notes.append(f"{num_pruned:,} edges with the fate pruned were omitted.")
