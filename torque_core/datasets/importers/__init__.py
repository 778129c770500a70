"""Import of graphs from files of other programs, validated and with bounded resources.

Nothing is unpickled, and no entity or link in a file is followed.
"""

from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import PurePath

from torque_core.datasets.importers.assemble import assemble
from torque_core.datasets.importers.delimited_text import read_tables
from torque_core.datasets.importers.gexf import read_gexf
from torque_core.datasets.importers.gml import read_gml
from torque_core.datasets.importers.graphml import read_graphml
from torque_core.datasets.importers.gzip_files import decompress_files
from torque_core.datasets.importers.imported_graph import ImportedGraph
from torque_core.datasets.importers.limits import Clock, ImportLimits, LimitChecker, join_names, shorten
from torque_core.datasets.importers.matrix_market import read_matrix_market
from torque_core.datasets.importers.metis import read_metis
from torque_core.datasets.importers.node_link import read_node_link
from torque_core.datasets.importers.npz import read_npz
from torque_core.datasets.importers.pajek import read_pajek
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.datasets.importers.roles import ColumnRoles, FileColumns
from torque_core.datasets.importers.zip_files import unpack_zip_files
from torque_core.errors import BadFile, MissingDependency

__all__ = ["FILE_EXTENSIONS", "ColumnRoles", "FileColumns", "ImportLimits", "ImportedGraph", "import_graph"]

_SINGLE: dict[str, Callable[[bytes, LimitChecker], ParsedGraph]] = {
    ".graphml": read_graphml,
    ".gexf": read_gexf,
    ".gml": read_gml,
    ".json": read_node_link,
    ".cyjs": read_node_link,
    ".graph": read_metis,
    ".metis": read_metis,
    ".mtx": read_matrix_market,
}
"""Readers of files that contain both nodes and edges, by extension."""
_SEVERAL: dict[tuple[str, ...], Callable[[Mapping[str, bytes], Mapping[str, LimitChecker]], ParsedGraph]] = {
    (".csv", ".tsv", ".txt", ".edgelist", ".edges"): read_tables,
    (".net", ".paj", ".clu", ".vec"): read_pajek,
    (".npz",): read_npz,
}
"""Readers of graphs that may be spread over several files, by extensions."""
FILE_EXTENSIONS = (*chain.from_iterable(_SEVERAL), *_SINGLE)
"""Extensions of the files that :func:`import_graph` reads; each may be followed by ``.gz``, or be in a ``.zip``."""


def import_graph(
    files: Mapping[str, bytes],
    limits: ImportLimits | None = None,
    *,
    roles: ColumnRoles | None = None,
    checkpoint: Callable[[], object] | None = None,
) -> ImportedGraph:
    """Read a graph from the contents of one or more files.

    The ending of the file names selects the format:

    - ``.csv``, ``.tsv``, ``.txt``, ``.edgelist``, ``.edges``: text tables, of which one lists the edges or is an
      adjacency matrix, and the others list the nodes, see
      :func:`~torque_core.datasets.importers.delimited_text.read_tables`
    - ``.graphml``, ``.gexf``, ``.gml``
    - ``.json``, ``.cyjs``: node-link JSON, also of Cytoscape and Graphology
    - ``.net``, ``.paj``, ``.clu``, ``.vec``: Pajek, in one or more files
    - ``.graph``, ``.metis``: METIS
    - ``.mtx``: an adjacency matrix in the Matrix Market format
    - ``.npz``: arrays of NumPy or SciPy, in one or more files

    Each may be compressed with gzip, as in ``edges.csv.gz``, and all together may be in a zip archive. Edges go both
    ways unless a spec with ``directed`` asks for their directions, weights of edges are ignored unless a role is chosen
    for them, repeated edges and self-loops are removed, and a graph without features gets
    :func:`~torque_core.datasets.importers.structural_features.structural_features`. The result reports each of these
    changes.

    Args:
        files: Content by file name.
        limits: Upper limits for the files.
        roles: The columns that contain the ids, classes, features and so on; by default they are guessed, see
            :attr:`ImportedGraph.roles`.
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
    limits, roles = limits or ImportLimits(), roles or ColumnRoles()
    if not files:
        raise BadFile("no file was passed")
    clock = Clock(limits.seconds, checkpoint)
    names = join_names(files)
    try:
        return assemble(_parse(files, limits, clock, roles), tuple(map(shorten, files)), roles)
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


def _parse(files: Mapping[str, bytes], limits: ImportLimits, clock: Clock, roles: ColumnRoles) -> ParsedGraph:
    """Check the sizes and types of the files, and call the reader for their format."""
    checkers = {name: LimitChecker(name, limits, clock=clock) for name in files}
    size = sum(map(len, files.values()))
    first = next(iter(files))
    checkers[first].check(files=len(files))
    if size > limits.megabytes * 1_000_000:
        raise checkers[first].error(f"{size / 1e6:.0f} MB in total; the limit is {limits.megabytes} MB")
    files, unread = unpack_zip_files(files, checkers, FILE_EXTENSIONS)
    checkers = {name: LimitChecker(name, limits, clock=clock) for name in files}
    for name in files:
        if _extension(name.lower().removesuffix(".gz")) not in FILE_EXTENSIONS:
            raise checkers[name].error(f"unsupported file type; supported are {', '.join(FILE_EXTENSIONS)}")
    files = decompress_files(files, checkers)
    checkers = {name: LimitChecker(name, limits, clock=clock) for name in files}
    extensions = {_extension(name): name for name in files}
    for extension, name in extensions.items():
        if extension in _SINGLE and len(files) > 1:
            raise checkers[name].error("contains both nodes and edges, so it must be the only file")
    first, *others = extensions
    if first in _SINGLE:
        parsed = _SINGLE[first](files[extensions[first]], checkers[extensions[first]])
        return _with_note(parsed, unread)
    group = next(group for group in _SEVERAL if first in group)
    for extension in others:
        if extension not in group:
            raise checkers[extensions[extension]].error("is in another format than the other files; remove it")
    reader = _SEVERAL[group]
    parsed = read_tables(files, checkers, roles) if reader is read_tables else reader(files, checkers)
    return _with_note(parsed, unread)


def _with_note(parsed: ParsedGraph, unread: list[str]) -> ParsedGraph:
    if unread:
        parsed.notes.append(f"Files that were ignored: {join_names(unread)}.")
    return parsed


def _extension(name: str) -> str:
    return PurePath(name).suffix.lower()
