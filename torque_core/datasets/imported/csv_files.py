"""Links and nodes as lines of text: CSV with any common separator."""

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import chain

from torque_core.datasets.imported.limits import Budget
from torque_core.datasets.imported.parsed import Parsed

__all__ = ["read_csv"]

_SOURCES = ("source", "from", "src", "node1", "node_1", "u")
_TARGETS = ("target", "to", "dst", "node2", "node_2", "v")
_IDS = ("id", "node", "node_id", "nodeid", "")
_SEPARATORS = ("\t", ";", ",")

Row = tuple[int, list[str]]


def read_csv(files: Mapping[str, bytes], budgets: Mapping[str, Budget]) -> Parsed:
    """One file of links, and any number of files of nodes.

    A file whose first line has ``source`` and ``target`` (or from and to, src and dst, u and v) is of links; one whose
    first column is ``id`` or ``node`` is of nodes: ``class``, ``name``, and every other column of numbers is a feature.
    Without such a line, a file is of nodes if its name says node, feature, label or class, and else of links, which are
    its first two columns. Lines that begin with # are skipped.
    """
    links: list[str] = []
    nodes: list[str] = []
    for name, content in files.items():
        rows = _rows(content, budgets[name])
        (links if _is_of_links(name, next(rows, (0, []))[1]) else nodes).append(name)
    if len(links) != 1:
        budget = budgets[next(iter(files))]
        found = ", ".join(links) or "none"
        raise budget.bad(f"exactly one file of links is needed, found {found}; give it a first line source,target")
    parsed = Parsed(budgets[links[0]])
    for name in nodes:
        parsed.budget = budgets[name]
        _read_nodes(name, files[name], parsed)
    parsed.budget = budgets[links[0]]
    known = len(parsed.ids)
    _read_links(files[links[0]], parsed)
    if nodes and len(parsed.ids) > known:
        parsed.notes.append(f"{len(parsed.ids) - known:,} nodes are named by links only, and in no file of nodes.")
    return parsed.done()


def _rows(content: bytes, budget: Budget) -> Iterator[Row]:
    """The lines with their numbers, split; without empty ones and comments."""
    first = next((line for line in _lines(content, budget) if line.strip() and not line.startswith("#")), "")
    separator = max(_SEPARATORS, key=first.count)
    if separator not in first and len(first.split()) > 1:
        separator = " "
    reader = csv.reader(_lines(content, budget), delimiter=separator, skipinitialspace=True, strict=True)
    try:
        for row in reader:
            if any(row) and not row[0].startswith("#"):
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise budget.bad(f"is no CSV: {error}", line=max(reader.line_num, 1)) from None


def _begin(content: bytes, budget: Budget) -> tuple[Iterator[Row], int, list[str]]:
    """The lines after the first, and the first with its number."""
    rows = _rows(content, budget)
    first = next(rows, None)
    if first is None:
        raise budget.bad("is empty")
    return rows, *first


def _lines(content: bytes, budget: Budget) -> Iterator[str]:
    """The lines of a file in UTF-8, or in UTF-16 with its mark; after each thousand a look at the clock."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    most = budget.limits.line
    try:
        for number, line in enumerate(iter(lambda: text.readline(most + 1), "")):
            if len(line) > most or number % 1000 == 0:
                budget.allow(line=len(line))
            yield line
    except UnicodeError:
        raise budget.bad("is not UTF-8; save it as CSV UTF-8", line=_undecoded(content, encoding)) from None


def _undecoded(content: bytes, encoding: str) -> int | None:
    """The line that cannot be decoded."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return content[: error.start].count(b"\n") + 1
    except UnicodeError:
        pass
    return None


def _is_of_links(name: str, header: list[str]) -> bool:
    said = [cell.lower() for cell in header]
    if _position(said, _SOURCES) is not None and _position(said, _TARGETS) is not None:
        return True
    if said and said[0] in _IDS:
        return False
    return not any(word in name.lower() for word in ("node", "feature", "label", "class"))


def _position(said: list[str], names: tuple[str, ...]) -> int | None:
    return next((said.index(name) for name in names if name in said), None)


def _read_nodes(file: str, content: bytes, parsed: Parsed) -> None:
    rows, number, header = _begin(content, parsed.budget)
    if header[0].lower() not in _IDS:  # it has none
        of_classes = len(header) == 2 and any(word in file.lower() for word in ("label", "class"))
        rows = chain([(number, header)], rows)
        header = ["id", "class"] if of_classes else [""] * len(header)
    columns = [name or f"column {place}" for place, name in enumerate(header, start=1)]
    if len(set(columns)) < len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        raise parsed.budget.bad(f"two columns are called {twice!r}", line=number)
    seen: set[int] = set()
    for line, row in rows:
        _read_node(line, row, columns, parsed, seen)


def _read_node(line: int, row: list[str], columns: list[str], parsed: Parsed, seen: set[int]) -> None:
    if len(row) != len(columns):
        raise parsed.budget.bad(f"{len(row)} values in place of {len(columns)}", line=line)
    place = parsed.node(row[0], line=line)
    if place in seen:
        raise parsed.budget.bad(f"node {row[0]!r} is there twice", line=line)
    seen.add(place)
    for column, value in zip(columns[1:], row[1:], strict=True):
        parsed.say(place, column, value, line=line)


def _read_links(content: bytes, parsed: Parsed) -> None:
    rows, number, header = _begin(content, parsed.budget)
    said = [cell.lower() for cell in header]
    source, target, fate, dropped = _position(said, _SOURCES), _position(said, _TARGETS), None, 0
    if source is None or target is None:
        if len(header) < 2:
            raise parsed.budget.bad("a line needs two ends of a link, separated by a comma", line=number)
        source, target, rows = 0, 1, chain([(number, header)], rows)
    else:
        fate = _position(said, ("fate",))
        parsed.left_out |= {name for place, name in enumerate(header) if place not in (source, target, fate)}
    for line, row in rows:
        if len(row) <= max(source, target):
            raise parsed.budget.bad("a line needs two ends of a link", line=line)
        if fate is not None and len(row) > fate and row[fate] == "pruned":
            dropped += 1
            continue
        ends = (parsed.node(row[end], line=line) for end in (source, target))
        parsed.link(*ends)
    if dropped:
        parsed.notes.append(f"{dropped:,} links whose fate is «pruned» were left out.")
