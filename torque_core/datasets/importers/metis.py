"""Adjacency lists of the graph partitioner METIS."""

from collections.abc import Iterator

from torque_core.datasets.importers.limits import LimitChecker
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.datasets.importers.text_lines import text_lines

__all__ = ["read_metis"]


def read_metis(content: bytes, checker: LimitChecker) -> ParsedGraph:
    """Read a file of METIS, also used by Chaco, KaHIP and the DIMACS challenges: one line of neighbours per node.

    The first line contains the numbers of nodes and edges, then optionally a format of three digits (sizes of nodes,
    weights of nodes, weights of edges) and the number of weights per node. Nodes are numbered from 1. Weights of nodes
    become features ``weight`` or ``weight 1``, ``weight 2``, ...

    Raises:
        BadFile: If the file does not have one line per node, a line is malformed, or a limit is exceeded.
    """
    lines = _lines(content, checker)
    number, header = next(lines, (1, []))
    while not header and number:
        number, header = next(lines, (0, []))
    if not 2 <= len(header) <= 4:
        raise checker.error("expected the numbers of nodes and edges, as METIS writes them", line=number or 1)
    num_nodes, num_edges = (_integer(cell, number, checker) for cell in header[:2])
    checker.check(nodes=num_nodes, edges=num_edges)
    has_size, has_weights, has_edge_weights = _format(header[2] if len(header) > 2 else "0", number, checker)
    num_weights = _integer(header[3], number, checker) if len(header) > 3 else int(has_weights)
    checker.check(columns=num_weights)
    skipped = int(has_size)
    parsed = ParsedGraph(checker)
    parsed.ids = {str(node + 1): node for node in range(num_nodes)}
    titles = ["weight"] if num_weights == 1 else [f"weight {column + 1}" for column in range(num_weights)]
    node = -1
    for node, (number, cells) in enumerate(lines):
        if node >= num_nodes:
            if cells:
                raise checker.error(f"more lines than the {num_nodes:,} nodes of its header", line=number)
            continue
        for title, cell in zip(titles, cells[skipped:], strict=False):
            parsed.set_value(node, title, _integer(cell, number, checker), line=number)
        for place in range(skipped + num_weights, len(cells), 2 if has_edge_weights else 1):
            cell = cells[place]
            neighbour = _integer(cell, number, checker)
            if not 1 <= neighbour <= num_nodes:
                raise checker.error(f"the neighbour {cell[:20]!r} is not between 1 and {num_nodes:,}", line=number)
            parsed.add_edge(node, neighbour - 1)  # listed again by the other node
            if has_edge_weights and place + 1 < len(cells):
                parsed.set_edge_value(len(parsed.source) - 1, "weight", cells[place + 1])
    if node + 1 < num_nodes:
        raise checker.error(f"has {node + 1:,} lines for the {num_nodes:,} nodes of its header")
    return parsed.finish()


def _lines(content: bytes, checker: LimitChecker) -> Iterator[tuple[int, list[str]]]:
    """Numbers and cells of the lines without comments; an empty line is a node without neighbours."""
    for number, line in enumerate(text_lines(content, checker), start=1):
        if not line.lstrip().startswith("%"):
            yield number, line.split()


def _format(text: str, line: int, checker: LimitChecker) -> tuple[bool, ...]:
    """Whether nodes have sizes, nodes have weights, and edges have weights."""
    if len(text) > 3 or not set(text) <= {"0", "1"}:
        raise checker.error(f"the format must have up to three digits 0 or 1, got {text[:20]!r}", line=line)
    return tuple(digit == "1" for digit in text.zfill(3))


def _integer(text: str, line: int, checker: LimitChecker) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise checker.error(f"expected a whole number, got {text[:20]!r}", line=line)
    return int(text)
