"""Links and nodes as lines of text: CSV with any common separator."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice

from torque_core.datasets.importers.limits import Budget
from torque_core.datasets.importers.parsed import Parsed

__all__ = ["read_csv"]

_SOURCES = ("source", "from", "src", "node1", "node_1", "u")
_TARGETS = ("target", "to", "dst", "node2", "node_2", "v")
_IDS = ("id", "node", "node_id", "nodeid", "")
_SEPARATORS = ("\t", ";", ",")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")

_HEAD = ("#", "%", "sep=")  # begin a line before the table
_SPACES = "; here spaces separate: put a name with spaces in quotes, or separate by tabs or commas"
_COMMENT = ("# ", "% ")  # begin one within it, where a node may be called #so

Row = tuple[int, list[str]]


def read_csv(files: Mapping[str, bytes], budgets: Mapping[str, Budget]) -> Parsed:
    """One file of links, and any number of files of nodes.

    A file whose first line has ``source`` and ``target`` (or from and to, src and dst, u and v) is of links; one whose
    first column is ``id`` or ``node`` is of nodes: ``class``, ``name``, and every other column of numbers is a feature.
    Without such a line, a file is of nodes if its name says node, feature, label or class, and else of links, which are
    its first two columns; the first is left out if only in the others there are numbers. Skipped are lines before it
    that begin with # or %, later ones that begin so with a space after it, and the line ``sep=`` of Excel. Where
    semicolons separate, a comma is a decimal one.
    """
    links: list[str] = []
    nodes: list[str] = []
    for name, content in files.items():
        rows = _rows(content, budgets[name])
        (links if _is_of_links(name, next(rows, (0, []))[1]) else nodes).append(name)
    if len(links) != 1:
        budget = budgets[next(iter(files))]
        found = ", ".join(links) or "none"
        raise budget.bad(
            f"exactly one file of links is needed, found {found}; give it a first line source,target, and a file of "
            "nodes one that begins with id"
        )
    parsed = Parsed(budgets[links[0]])
    for name in nodes:
        parsed.budget = budgets[name]
        _read_nodes(name, files[name], parsed)
    parsed.budget = budgets[links[0]]
    known = len(parsed.ids)
    _read_links(files[links[0]], parsed)
    if nodes and len(parsed.ids) > known:
        if all(place >= known for place in chain(parsed.source, parsed.target)):
            name = next(islice(parsed.ids, known, None))
            raise budgets[nodes[0]].bad(f"no link names a node of it; its first column must hold ids, such as {name!r}")
        parsed.notes.append(f"Nodes that links name, and no file of nodes: {len(parsed.ids) - known:,}.")
    return parsed.done()


def _rows(content: bytes, budget: Budget) -> Iterator[Row]:
    """The lines with their numbers, split; without empty ones and comments."""
    reader = csv.reader(
        _lines(content, budget), delimiter=_separator(content, budget), skipinitialspace=True, strict=True
    )
    begun = False
    try:
        for row in reader:
            skipped = _COMMENT if begun else _HEAD
            if any(row) and not row[0].startswith(skipped) and row[0] not in ("#", "%"):
                begun = True
                yield reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise budget.bad(f"is no CSV: {error}", line=max(reader.line_num, 1)) from None


def _separator(content: bytes, budget: Budget) -> str:
    first = next((line for line in _lines(content, budget) if line.strip() and not line.startswith(_HEAD)), "")
    separator = max(_SEPARATORS, key=first.count)
    return " " if separator not in first and len(first.split()) > 1 else separator


def _begin(content: bytes, budget: Budget) -> tuple[Iterator[Row], int, list[str], bool]:
    """The lines after the first, the first with its number, and whether it must be titles.

    It must where it has a text, and the second line a number.
    """
    rows = _rows(content, budget)
    first, second = next(rows, None), next(rows, None)
    if first is None:
        raise budget.bad("is empty")
    number, titles = first
    if second is None:
        return rows, number, titles, False
    titled = any(
        title and _is_number(below) and not _is_number(title) for title, below in zip(titles, second[1], strict=False)
    )
    return chain([second], rows), number, titles, titled


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


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


def _width(row: list[str]) -> int:
    """How many values a line has, without empty ones at its end."""
    return max((place for place, cell in enumerate(row, start=1) if cell), default=0)


def _position(said: list[str], names: tuple[str, ...]) -> int | None:
    return next((said.index(name) for name in names if name in said), None)


def _read_nodes(file: str, content: bytes, parsed: Parsed) -> None:
    rows, number, header, titled = _begin(content, parsed.budget)
    if header[0].lower() not in _IDS and titled:
        parsed.notes.append(f"No first column id in {file}: the first line ({', '.join(header[:2])}) is of titles.")
    elif header[0].lower() not in _IDS:
        of_classes = len(header) == 2 and any(word in file.lower() for word in ("label", "class"))
        rows = chain([(number, header)], rows)
        header = ["id", "class"] if of_classes else [""] * len(header)
    separator = _separator(content, parsed.budget)
    columns = [name or f"column {place}" for place, name in enumerate(header, start=1)]
    if len(set(columns)) < len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        raise parsed.budget.bad(f"two columns are called {twice!r}", line=number)
    seen: set[int] = set()
    for line, row in rows:
        if separator == ";":
            row[1:] = [cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell) else cell for cell in row[1:]]
        if len(row) != len(columns):
            hint = _SPACES if separator == " " else ""
            raise parsed.budget.bad(f"{len(row)} values in place of {len(columns)}{hint}", line=line)
        _read_node(line, row, columns, parsed, seen)


def _read_node(line: int, row: list[str], columns: list[str], parsed: Parsed, seen: set[int]) -> None:
    place = parsed.node(row[0], line=line)
    if place in seen:
        raise parsed.budget.bad(f"node {row[0]!r} is there twice", line=line)
    seen.add(place)
    for column, value in zip(columns[1:], row[1:], strict=True):
        parsed.say(place, column, value, line=line)


def _read_links(content: bytes, parsed: Parsed) -> None:
    rows, number, header, titled = _begin(content, parsed.budget)
    lower = [cell.lower() for cell in header]
    spaced, widths, texts = _separator(content, parsed.budget) == " ", {_width(header): number}, False
    source, target, fate = (_position(lower, names) for names in (_SOURCES, _TARGETS, ("fate",)))
    dropped = width = 0
    if source is None or target is None:
        if len(header) < 2:
            raise parsed.budget.bad("a line needs two ends of a link, separated by a comma", line=number)
        source, target, fate, width = 0, 1, None, len(header)
        said = f"No first line source,target: the first two columns are links, the first line ({', '.join(header[:2])})"
        if titled:
            parsed.notes.append(f"{said} is of titles.")
        else:
            parsed.notes.append(f"{said} too.")
            rows, header = chain([(number, header)], rows), []
    parsed.left_out |= {name for place, name in enumerate(header) if name and place not in (source, target, fate)}
    for line, row in rows:
        if len(row) <= max(source, target):
            raise parsed.budget.bad(f"a line needs two ends of a link{_SPACES if spaced else ''}", line=line)
        if spaced:
            widths.setdefault(_width(row), line)
            texts |= any(not _is_number(cell) for cell in row[2 : _width(row)]) and not row[2].startswith("{")
        if width and not (len(row) == width and all(map(_is_number, row))):
            width = 0
        if fate is not None and len(row) > fate and row[fate] == "pruned":
            dropped += 1
            continue
        ends = (parsed.node(row[end], line=line) for end in (source, target))
        parsed.link(*ends)
    if texts and len(widths) > 1:
        (first, _), (other, line) = list(widths.items())[:2]
        raise parsed.budget.bad(f"{other} values, and {first} in the lines before{_SPACES}", line=line)
    if width == len(parsed.source) > 3:
        raise parsed.budget.bad("looks like an adjacency matrix; it must be a list of links, one in each line")
    if dropped:
        parsed.notes.append(f"{dropped:,} links whose fate is «pruned» were left out.")
