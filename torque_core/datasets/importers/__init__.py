"""Graphs that a person brings: CSV, GraphML, GEXF, node-link JSON and npz, checked, bounded and never unpickled."""

import time
from collections.abc import Callable, Mapping
from pathlib import PurePath

from torque_core.datasets.importers.assemble import Imported, assemble
from torque_core.datasets.importers.csv_files import read_csv
from torque_core.datasets.importers.limits import Budget, ImportLimits
from torque_core.datasets.importers.node_link import read_node_link
from torque_core.datasets.importers.npz import read_npz
from torque_core.datasets.importers.parsed import Parsed
from torque_core.datasets.importers.structural_features import structure_features
from torque_core.datasets.importers.xml_files import read_gexf, read_graphml
from torque_core.errors import BadFile

__all__ = ["ENDINGS", "ImportLimits", "Imported", "import_graph", "structure_features"]

_READERS: dict[str, Callable[[bytes, Budget], Parsed]] = {
    ".graphml": read_graphml,
    ".gexf": read_gexf,
    ".json": read_node_link,
    ".npz": read_npz,
}
_TABLES = (".csv", ".tsv", ".txt")
ENDINGS = (*_TABLES, *_READERS)
"""The files that are read, by the ends of their names."""


def import_graph(files: Mapping[str, bytes], limits: ImportLimits | None = None) -> Imported:
    """Read a graph from the content of files, by their names.

    One file of GraphML, GEXF, node-link JSON or npz; or tables of text, of which one is of links and the others of
    nodes, see :func:`~torque_core.datasets.importers.csv_files.read_csv`. Links lose their direction and weight;
    repeats and self-loops are dropped; without features, :func:`structure_features` take their place. All of that is
    said in the result.

    Args:
        files: Content by file name.
        limits: The most that is read.

    Raises:
        BadFile: What is wrong, in which file and which line; or which limit it is beyond.

    Example:
        >>> links, classes = b"source,target\\nann,bob\\nbob,cy\\n", b"id,class\\nann,a\\n"
        >>> graph = import_graph({"links.csv": links, "classes.csv": classes})
        >>> graph.names, graph.classes, graph.graph.data.edge_index.tolist()
        (('ann', 'bob', 'cy'), ('a',), [[0, 1, 1, 2], [1, 0, 2, 1]])
    """
    limits = limits or ImportLimits()
    if not files:
        raise BadFile("no file was given")
    end = time.monotonic() + limits.seconds
    budgets = {name: Budget(name, limits, end=end) for name in files}
    size = sum(map(len, files.values()))
    first = next(iter(files))
    if size > limits.megabytes * 1_000_000:
        raise budgets[first].bad(f"{size / 1e6:.0f} MB in all; the limit is {limits.megabytes} MB")
    endings = {name: PurePath(name).suffix.lower() for name in files}
    for name, ending in endings.items():
        if ending not in ENDINGS:
            raise budgets[name].bad(f"is of no kind that is read: {', '.join(ENDINGS)}")
        if ending in _READERS and len(files) > 1:
            raise budgets[name].bad("has links and nodes in one, so it must be the only file")
    reader = _READERS.get(endings[first])
    parsed = read_csv(files, budgets) if reader is None else reader(files[first], budgets[first])
    return assemble(parsed, tuple(files))
