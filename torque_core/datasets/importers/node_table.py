"""Tables of nodes as delimited text."""

from collections.abc import Mapping
from itertools import chain, islice

from torque_core.datasets.importers.comma_numbers import point_for_comma, read_comma_numbers, whole_id
from torque_core.datasets.importers.edge_list_lines import QUOTED
from torque_core.datasets.importers.limits import LimitChecker, join_names
from torque_core.datasets.importers.ogb_files import lists_rows
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.datasets.importers.table_ids import TableIds
from torque_core.datasets.importers.table_rows import SPACES_HINT, column_separator, split_header, table_rows
from torque_core.datasets.importers.table_titles import has_known_title, id_columns, is_row_number, other_id_columns

__all__ = ["read_nodes"]

_MAX_ID_CANDIDATES = 50


def read_nodes(
    file: str, content: bytes, parsed: ParsedGraph, ends: Mapping[str, int], ids: TableIds, chosen: str | None = None
) -> None:
    """Read a table of nodes, of which some are the ends of edges; ``chosen`` is the column of the ids if it has it."""
    checker = parsed.checker
    if lists_rows(file):
        _read_numbered(content, parsed, "class" if "label" in file else "")
        return
    rows, number, header, is_header = split_header(content, checker)
    titled, others = id_columns(header), other_id_columns(header)
    is_header |= bool(titled or others)
    if not is_header:
        is_header = has_known_title(header) or _is_only_other_row(content, header, ends, ids, checker)
    if is_header and not titled:
        titles = join_names(header, 2)
        parsed.notes.append(f"{file} has no first column id; its first line ({titles}) was read as a header.")
    if is_header and chosen in header:
        key = header.index(str(chosen))
        titled = [key]
    else:
        key = _id_column(content, header, titled, others, ends, ids, checker, skipped_rows=int(is_header))
    if not is_header:
        lists_classes = len(header) == 2 and any(word in file.lower() for word in ("label", "class"))
        rows = chain([(number, header)], rows)
        header = ["", ""] if lists_classes else [""] * len(header)
        if lists_classes:
            header[1 - key] = "class"
    if key:
        parsed.notes.append(f"{file}: the ids of nodes are in column {header[key] or key + 1}.")
    separator = column_separator(content, checker)
    columns = [name or f"column {position}" for position, name in enumerate(header, start=1)]
    checker.check(columns=len(columns) - 1)
    parsed.id_column = columns[key]
    parsed.offered_ids += tuple(column for column in columns if column not in parsed.offered_ids)
    names: set[str] = set()
    for name in columns:
        if name in names:
            raise checker.error(f"duplicate column {name[:40]!r}", line=number)
        names.add(name)
    unused = {column for column in titled if column != key}
    listed: set[int] = set()
    for line, row in rows:
        row = point_for_comma(row, separator, key)
        if len(row) != len(columns):
            hint = SPACES_HINT if separator == " " else ""
            raise checker.error(f"expected {len(columns)} values, found {len(row)}{hint}", line=line)
        node = parsed.node(ids.read(whole_id(row[key], separator)), line=line)
        if node in listed:
            raise checker.error(f"duplicate node {row[key]!r}", line=line)
        listed.add(node)
        for column, value in enumerate(row):
            if column != key and column not in unused:
                is_quoted = value.startswith(QUOTED)
                value = value[1:] if is_quoted else value
                parsed.set_value(node, columns[column], value, line=line, quoted=is_quoted)
    read_comma_numbers(parsed, columns)
    numbers = {i for i, title in enumerate(header) if i != key and is_row_number(title) and i in unused}
    numbers |= {i for i, title in enumerate(header) if i != key and title and _numbers_rows(title, parsed)}
    for column in unused | numbers:
        parsed.columns.pop(columns[column], None)
    for what, dropped in (("numbers of rows", numbers), ("further ids", unused - numbers)):
        if dropped:
            titles = ", ".join(columns[column] for column in sorted(dropped))
            parsed.notes.append(f"{file}: {what} were ignored: {titles}.")


def _read_numbered(content: bytes, parsed: ParsedGraph, title: str) -> None:
    """Read a table without ids and titles, whose rows are the nodes 0, 1, 2, ..."""
    for node, (line, row) in enumerate(table_rows(content, parsed.checker)):
        index = parsed.node(str(node), line=line)
        for column, value in enumerate(row):
            parsed.set_value(index, title or f"column {column + 1}", value, line=line)


def _numbers_rows(title: str, parsed: ParsedGraph) -> bool:
    """Return True if a column contains the numbers of the rows, from 0 or 1, as its title suggests."""
    if not is_row_number(title):
        return False
    numbers = sorted(cell for cell in parsed.columns.get(title, []) if isinstance(cell, float))
    return bool(numbers) and numbers[0] in (0, 1) and numbers == [numbers[0] + step for step in range(len(numbers))]


def _is_only_other_row(
    content: bytes, header: list[str], ends: Mapping[str, int], ids: TableIds, checker: LimitChecker
) -> bool:
    """Return True if some column consists of ends of edges in all rows except the first, which has none."""
    if any(ids.read(cell) in ends for cell in header):
        return False
    num_rows = sum(1 for _ in table_rows(content, checker)) - 1
    counts = _count_ends(content, len(header), ends, ids, checker, skipped_rows=1)
    return num_rows > 1 and num_rows in counts.values()


def _id_column(
    content: bytes,
    header: list[str],
    titled: list[int],
    others: list[int],
    ends: Mapping[str, int],
    ids: TableIds,
    checker: LimitChecker,
    *,
    skipped_rows: int,
) -> int:
    """Column that contains the ids.

    This is the first titled one that contains an end of an edge, else the column of other ids, such as ``paper_id``,
    that contains most ends, else the column that does. Numbers of rows come last.
    """
    is_number = [is_row_number(title) for title in header]
    for column in titled:
        rows = islice(table_rows(content, checker), skipped_rows, None)
        if not is_number[column] and any(len(row) > column and ids.read(row[column]) in ends for _, row in rows):
            return column
    counts = _count_ends(content, len(header), ends, ids, checker, skipped_rows=skipped_rows)
    counts = {column: count for column, count in counts.items() if count}
    candidates = [column for column in others if column in counts] or list(counts)
    if candidates:
        return max(candidates, key=lambda column: (counts[column], not is_number[column], -column))
    return titled[0] if titled else 0


def _count_ends(
    content: bytes, width: int, ends: Mapping[str, int], ids: TableIds, checker: LimitChecker, *, skipped_rows: int
) -> dict[int, int]:
    """Number of ends of edges in each column, of the first 50, whose values are unique."""
    values: dict[int, set[str]] = {column: set() for column in range(min(width, _MAX_ID_CANDIDATES))}
    counts = dict.fromkeys(values, 0)
    for number, (_, row) in enumerate(islice(table_rows(content, checker), skipped_rows, None), start=1):
        for column in list(values):
            value = ids.read(row[column]) if column < len(row) else ""
            if value in values[column] or (number > 1000 and not counts[column]):
                del values[column], counts[column]
            else:
                values[column].add(value)
                counts[column] += value in ends
    return counts
