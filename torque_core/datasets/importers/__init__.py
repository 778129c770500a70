"""Import of graphs from CSV, GraphML, GEXF, node-link JSON and npz files, validated and with bounded resources.

Nothing is unpickled, and no entity or link in a file is followed.
"""

from collections.abc import Callable, Mapping
from pathlib import PurePath

from torque_core.datasets.importers.assemble import ImportedGraph, assemble
from torque_core.datasets.importers.delimited_text import read_tables
from torque_core.datasets.importers.gexf import read_gexf
from torque_core.datasets.importers.graphml import read_graphml
from torque_core.datasets.importers.limits import Clock, ImportLimits, LimitChecker, join_names, shorten
from torque_core.datasets.importers.node_link import read_node_link
from torque_core.datasets.importers.npz import read_npz
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.errors import BadFile, MissingDependency

__all__ = ["FILE_EXTENSIONS", "ImportLimits", "ImportedGraph", "import_graph"]

_READERS: dict[str, Callable[[bytes, LimitChecker], ParsedGraph]] = {
    ".graphml": read_graphml,
    ".gexf": read_gexf,
    ".json": read_node_link,
    ".npz": read_npz,
}
FILE_EXTENSIONS = (".csv", ".tsv", ".txt", *_READERS)
"""Extensions of the files that :func:`import_graph` reads."""


def import_graph(
    files: Mapping[str, bytes],
    limits: ImportLimits | None = None,
    *,
    checkpoint: Callable[[], object] | None = None,
) -> ImportedGraph:
    """Read a graph from the contents of one or more files.

    Accepted are either one file of GraphML, GEXF, node-link JSON or npz; or text tables, of which one lists the edges
    and the others the nodes, see :func:`~torque_core.datasets.importers.delimited_text.read_tables`. Directions and
    weights of edges are ignored, repeated edges and self-loops are removed, and a graph without features gets
    :func:`~torque_core.datasets.importers.structural_features.structural_features`. The result reports each of these
    changes.

    Args:
        files: Content by file name.
        limits: Upper limits for the files.
        checkpoint: Called about five times a second while files are read. It may raise an exception to abort the
            import, which is passed on.

    Raises:
        BadFile: If a file is invalid or exceeds a limit. The message names the file, the line and the problem.
        MissingDependency: If a package that computes structural features is not installed.

    Example:
        >>> edges, classes = b"source,target\\nann,bob\\nbob,cy\\n", b"id,class\\nann,a\\n"
        >>> graph = import_graph({"edges.csv": edges, "classes.csv": classes})
        >>> graph.names, graph.classes, graph.graph.data.edge_index.tolist()
        (('ann', 'bob', 'cy'), ('a',), [[0, 1, 1, 2], [1, 0, 2, 1]])
    """
    limits = limits or ImportLimits()
    if not files:
        raise BadFile("no file was passed")
    clock = Clock(limits.seconds, checkpoint)
    names = join_names(files)
    try:
        return assemble(_parse(files, limits, clock), tuple(map(shorten, files)))
    except (BadFile, MissingDependency):
        raise
    except MemoryError:
        raise BadFile(f"{names}: reading takes more memory than there is; try a smaller file") from None
    except Exception as error:  # whatever else a parser raises on a malformed file
        if error is clock.interruption:
            raise
        problem = shorten(f"{type(error).__name__}: {error}")
        raise BadFile(
            f"{names}: cannot be read as a graph ({problem}); open it in the program that wrote it, save it again, and "
            f"check that it is complete, or use another format"
        ) from error


def _parse(files: Mapping[str, bytes], limits: ImportLimits, clock: Clock) -> ParsedGraph:
    """Check the sizes and types of the files, and call the reader for their format."""
    checkers = {name: LimitChecker(name, limits, clock=clock) for name in files}
    size = sum(map(len, files.values()))
    first = next(iter(files))
    checkers[first].check(files=len(files))
    if size > limits.megabytes * 1_000_000:
        raise checkers[first].error(f"{size / 1e6:.0f} MB in total; the limit is {limits.megabytes} MB")
    extensions = {name: PurePath(name).suffix.lower() for name in files}
    for name, extension in extensions.items():
        if extension not in FILE_EXTENSIONS:
            raise checkers[name].error(f"unsupported file type; supported are {', '.join(FILE_EXTENSIONS)}")
        if extension in _READERS and len(files) > 1:
            raise checkers[name].error("contains both nodes and edges, so it must be the only file")
    reader = _READERS.get(extensions[first])
    return read_tables(files, checkers) if reader is None else reader(files[first], checkers[first])
