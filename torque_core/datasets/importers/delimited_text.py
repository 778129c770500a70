"""Tables of edges and nodes as delimited text: CSV with any common separator."""

from collections.abc import Mapping
from itertools import chain, islice

from torque_core.datasets.importers.adjacency_table import read_adjacency_table
from torque_core.datasets.importers.directions import read_edge_types
from torque_core.datasets.importers.edge_table import TableEdges, add_edges, read_edges
from torque_core.datasets.importers.limits import LimitChecker, join_names
from torque_core.datasets.importers.node_table import read_nodes
from torque_core.datasets.importers.ogb_files import add_splits, by_use, lists_rows
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.datasets.importers.roles import ColumnRoles
from torque_core.datasets.importers.table_ids import TableIds
from torque_core.datasets.importers.table_rows import table_rows
from torque_core.datasets.importers.table_titles import end_columns, lists_edges

__all__ = ["read_tables"]

_GUESSED = ColumnRoles()


def read_tables(
    files: Mapping[str, bytes], checkers: Mapping[str, LimitChecker], roles: ColumnRoles = _GUESSED
) -> ParsedGraph:
    """Read one table of edges and any number of tables of nodes.

    A table whose header contains ``source`` and ``target`` (or from and to, src and dst, u and v, ...) or one of them
    lists edges. A table with a column called ``id`` or ``node`` lists nodes: the columns ``class`` and ``name``, and
    every other numeric column is a feature. Without such a header, a table lists nodes if its file name contains node,
    feature, label or class, and edges otherwise, which are its first two columns; the first line counts as a header if
    a later line has a number where the first line has text, or if its cells are the only ones that are no nodes of the
    other tables. The ids of the nodes are in the column whose title says so, provided that it contains ends of edges,
    else in the column that contains most of them. Numbers of rows, as pandas and R write them, are ignored.

    Of the Open Graph Benchmark, ``edge.csv``, ``node-feat.csv``, ``node-label.csv`` and the split are read.

    The ids 2 and 2.0 are the same. Without quotes, markers such as NA are missing values, and so are empty cells; an
    edge with a missing end is ignored. The dictionaries in edge lists of NetworkX are ignored. Lines before the table
    that start with # or %, later lines that start with either and a space, and Excel's line ``sep=`` are skipped. If
    semicolons or tabs separate the columns, commas are decimal commas.

    Args:
        files: Content by file name.
        checkers: The limit checker of each file.
        roles: The columns of the ids and of the ends of edges, if the user has chosen them.

    Raises:
        BadFile: If a file is invalid or exceeds a limit.
    """
    files, splits, ignored = by_use(files)
    matrices: dict[str, ParsedGraph] = {}
    edge_tables: list[str] = []
    node_tables: list[str] = []
    certain: list[str] = []
    for name, content in files.items():
        if lists_rows(name):
            node_tables.append(name)
            continue
        header = next(table_rows(content, checkers[name]), (0, []))[1]
        checkers[name].check(columns=len(header) - 1)  # before each title is compared with all that are known
        if (matrix := read_adjacency_table(content, checkers[name])) is not None:
            matrices[name] = matrix
        is_edge_table = matrix is not None or lists_edges(name, header, only_file=len(files) == 1)
        (edge_tables if is_edge_table else node_tables).append(name)
        if matrix is not None or end_columns(header)[1]:
            certain.append(name)
    if len(edge_tables) > 1 and len(certain) == 1:
        node_tables += [name for name in edge_tables if name not in certain]
        edge_tables = certain
    if len(edge_tables) != 1:
        raise checkers[next(iter(files))].error(
            f"expected exactly one file of edges, found {join_names(edge_tables) or 'none'}; start it with the line "
            "source,target, and a file of nodes with a line that begins with id"
        )
    (edge_table,) = edge_tables
    ids = TableIds()
    if edge_table in matrices:
        edges = TableEdges(matrices[edge_table], [])
    else:
        chosen = roles.source, roles.target
        edges = read_edges(files[edge_table], ParsedGraph(checkers[edge_table]), ids, chosen)
    parsed = ParsedGraph(checkers[edge_table])
    for name in node_tables:
        parsed.checker = checkers[name]
        read_nodes(name, files[name], parsed, edges.parsed.ids, ids, roles.id)
    parsed.checker = checkers[edge_table]
    num_listed = len(parsed.ids)
    add_edges(edges, parsed, ids)
    if node_tables and len(parsed.ids) > num_listed:
        if all(index >= num_listed for index in chain(parsed.source, parsed.target)):
            name = next(islice(parsed.ids, num_listed, None))
            raise checkers[node_tables[0]].error(
                f"none of its nodes occurs in an edge; its first column must contain ids such as {name!r}"
            )
        parsed.notes.append(f"Nodes that occur in edges only: {len(parsed.ids) - num_listed:,}.")
    ids.finish(parsed)
    read_edge_types(parsed)
    add_splits(parsed, splits, ignored, parsed.checker)
    return parsed.finish()
