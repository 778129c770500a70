"""Adjacency matrices as delimited text."""

from itertools import islice

from torque_core.datasets.importers.cell_values import is_missing
from torque_core.datasets.importers.limits import LimitChecker
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.datasets.importers.table_rows import column_separator, is_number, table_rows

__all__ = ["read_adjacency_table"]

_MIN_SIZE = 4  # three rows of three numbers are three weighted edges


def read_adjacency_table(content: bytes, checker: LimitChecker) -> ParsedGraph | None:
    """Read a square table of numbers as an adjacency matrix; None if the table is anything else.

    The first line and the first column may both contain the ids of the nodes, in the same order, as pandas, R and
    UCINET write them. Without them nodes are numbered from 0. Every number except 0 is an edge; empty cells and
    markers of missing values are none.

    Raises:
        BadFile: If the matrix has too many nodes or edges.
    """
    first = next((cells for _, cells in table_rows(content, checker)), [])
    named = len(first) > 2 and all(first[1:]) and len(set(first[1:])) == len(first) - 1
    if named and (parsed := _read(content, checker, first[1:], has_names=True)) is not None:
        return parsed
    if len(first) >= _MIN_SIZE and all(is_number(cell) for cell in first):
        return _read(content, checker, [str(node) for node in range(len(first))], has_names=False)
    return None


def _read(content: bytes, checker: LimitChecker, names: list[str], *, has_names: bool) -> ParsedGraph | None:
    """Read a matrix whose nodes are known; None if its size is another, or a cell is no number."""
    if any(len(cells) != len(names) + has_names for _, cells in islice(table_rows(content, checker), 2)):
        return None
    checker.check(nodes=len(names))
    parsed = ParsedGraph(checker)
    for name in names:
        parsed.node(name, line=1)
    if len(parsed.ids) < len(names):
        return None
    has_decimal_commas = column_separator(content, checker) == ";"
    weights: set[str] = set()
    num_rows = 0
    for row, (_, cells) in enumerate(islice(table_rows(content, checker), int(has_names), None)):
        num_rows += 1
        if num_rows > len(names) or len(cells) != len(names) + has_names or (has_names and cells[0] != names[row]):
            return None
        for column, cell in enumerate(cells[has_names:]):
            if has_decimal_commas:
                cell = cell.replace(",", ".")
            if cell == "0" or not cell or is_missing(cell):
                continue
            if not is_number(cell):
                return None
            if float(cell) != 0:
                parsed.add_edge(row, column)
                parsed.set_edge_value(len(parsed.source) - 1, "weight", cell)
                if len(weights) < 2:
                    weights.add(cell)
    if num_rows != len(names):
        return None
    edges = set(zip(parsed.source, parsed.target, strict=True))
    parsed.directed = any((target, source) not in edges for source, target in edges)
    if len(weights) < 2:
        parsed.edge_columns.clear()
    ids = "in its first line and column" if has_names else "numbered from 0"
    parsed.notes.append(f"The table was read as an adjacency matrix of {len(names):,} nodes, {ids}.")
    return parsed.finish()
