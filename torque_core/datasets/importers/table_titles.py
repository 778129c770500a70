"""Titles of the columns in tables of edges and nodes."""

from collections.abc import Sequence
from typing import NamedTuple

from torque_core.datasets.importers.column_titles import is_class_title, is_name_title, title_words

__all__ = [
    "end_columns",
    "end_entries",
    "has_known_title",
    "id_columns",
    "is_row_number",
    "lists_edges",
    "other_id_columns",
]

_CERTAIN = (
    ("source", "target"), ("source", "destination"), ("source", "dest"), ("source", "sink"), ("src", "dst"),
    ("src", "dest"), ("src", "tgt"), ("from", "to"), ("origin", "destination"), ("origin", "dest"),
    ("sender", "receiver"), ("sender", "recipient"), ("citing", "cited"), ("follower", "followee"),
    ("quelle", "ziel"), ("von", "nach"), ("origen", "destino"),
)  # fmt: skip
_UNCERTAIN = (
    ("start", "end"), ("begin", "end"), ("head", "tail"), ("parent", "child"), ("subject", "object"), ("ego", "alter"),
    ("caller", "callee"), ("i", "j"),
)  # fmt: skip
_NUMBERED = (("u", "v"), ("1", "2"), ("0", "1"), ("a", "b"), ("x", "y"), ("i", "j"))
_END_WORDS = (*_CERTAIN, *_UNCERTAIN, *_NUMBERED)
"""Words for the two ends of an edge, in order of precedence. Uncertain ones can also be nodes, or other attributes."""
_ENDS = {
    word: [(kind, pair.index(word)) for kind, pair in enumerate(_END_WORDS) if word in pair]
    for word in {word for pair in _END_WORDS for word in pair}
}
_ID_NOUNS = frozenset(("id", "ids", "node", "nodes", "vertex", "index", "idx", "key"))
_NOUNS = _ID_NOUNS | {
    "n", "v", "entity", "name", "user", "person", "actor", "author", "protein", "gene", "interactor", "paper", "member",
    "player", "character", "station", "city", "country", "word", "term", "company", "account", "page", "item",
    "product", "region", "species", "neuron", "employee",
}  # fmt: skip
"""Nouns for the ends of an edge: ``user_1`` and ``user_2`` are ends, ``feature_1`` and ``feature_2`` are not."""
_TIMES = frozenset(("date", "time", "year", "day", "month", "timestamp", "age", "period"))
_OLD_SPELLINGS = {"fromnodeid": ("from", "id"), "tonodeid": ("to", "id"), "sourceid": ("source", "id"),
                  "targetid": ("target", "id"), "idfrom": ("from", "id"), "idto": ("to", "id"),
                  "nodeid": ("node", "id")}  # fmt: skip
_ATTRIBUTE_TITLES = ("type", "weight", "id", "label", "timeset", "kind", "value")
_NODE_IDS = (("id",), ("node", "id"), ("node",), ("nodes",), ("vertex", "id"), ("vertex",), ("uid",), ("uuid",),
             ("identifier",), ("key",), ("node", "index"), ("node", "idx"), ("node", "key"))  # fmt: skip
_ROW_NUMBER_TITLES = ("index", "level_0", "rownames", "row.names", "row_names", "rowname")
_NODE_WORDS, _EDGE_WORDS = ("node", "feature", "label", "class"), ("edge", "link", "relation")


class _Ends(NamedTuple):
    source: int | None
    target: int | None
    is_certain: bool


def lists_edges(file: str, header: Sequence[str], *, only_file: bool) -> bool:
    """Return True if a table lists edges, by its header or else by its file name.

    Example:
        >>> lists_edges("a.csv", ["Source", "Destination"], only_file=False)
        True
        >>> lists_edges("a.csv", ["Label", "Id"], only_file=False)
        False
    """
    ids, others, ends = id_columns(header), other_id_columns(header), _known_ends(header)
    has_node_word, has_edge_word = (any(word in file.lower() for word in words) for words in (_NODE_WORDS, _EDGE_WORDS))
    may_list_edges = only_file or (has_edge_word and not has_node_word)
    if ends.source is not None and ends.target is not None:
        return ends.is_certain or may_list_edges or not _titled_ids(header)
    is_labelled, has_end = has_known_title(header), (ends.source, ends.target) != (None, None)
    if ids and ids[0] == 0:
        is_titled = not is_row_number(header[0])
        return may_list_edges and not (is_titled and (is_labelled or len(header) < 3))
    if ids and not is_row_number(header[ids[0]]) and not may_list_edges and not has_end:
        return False
    if has_node_word:
        return False
    if len(others) == 1 and not may_list_edges and not has_end:
        return False
    return not is_labelled or may_list_edges or has_end


def end_columns(header: Sequence[str]) -> tuple[tuple[int, int] | None, bool]:
    """Return the columns of the two ends of an edge, and whether both certainly have such a title.

    If only one end has a known title, the other is the column next to it. The result is None if no title is known.

    Example:
        >>> end_columns(["weight", "From", "To"]), end_columns(["Type", "Source", "Person"]), end_columns(["a", "b"])
        (((1, 2), True), ((1, 2), False), (None, False))
        >>> end_columns(["", "user_1", "user_2"]), end_columns(["head", "tail"])
        (((1, 2), True), ((0, 1), False))
    """
    source, target, is_certain = _known_ends(header)
    if source is not None and target is not None:
        return (source, target), is_certain
    known = source if source is not None else target
    if known is None:
        return None, False
    titles = [title.lower() for title in header]
    others = [column for column in range(len(titles)) if column != known and not is_row_number(titles[column])]
    others = [column for column in others if titles[column] not in _ATTRIBUTE_TITLES] or others
    if not others:
        return None, False
    step = 1 if source is not None else -1
    other = known + step if known + step in others else others[0]
    return ((known, other) if source is not None else (other, known)), False


def end_entries(names: Sequence[str]) -> tuple[str, str] | None:
    """Return the names of the two ends among the entries of an edge, as in JSON; None unless both are known.

    Example:
        >>> end_entries(["weight", "startNode", "endNode"]), end_entries(["source"])
        (('startNode', 'endNode'), None)
    """
    source, target, _ = _known_ends(names)
    return None if source is None or target is None else (names[source], names[target])


def id_columns(header: Sequence[str]) -> list[int]:
    """Return the columns whose titles say that they contain the ids of nodes, in order of precedence.

    pandas and R write the numbers of the rows into a first column without a title, which contains ids only if no other
    column does.

    Example:
        >>> id_columns(["", "Label", "Id"]), id_columns(["vertex", "Node ID"])
        ([2, 0], [1, 0])
    """
    words = [_words(title) for title in header]
    columns = [words.index(title) for title in _NODE_IDS if title in words]
    is_unnamed = len(header) > 1 and (header[0] == "" or header[0].lower().startswith("unnamed: "))
    return columns + [0] * is_unnamed


def other_id_columns(header: Sequence[str]) -> list[int]:
    """Return the columns of further ids, such as ``paper_id``, which may be those of the nodes.

    Example:
        >>> other_id_columns(["id", "paper_id", "cluster_id"])
        [1]
    """
    words = [_words(title) for title in header]
    return [
        i for i, title in enumerate(words) if title[-1:] == ("id",) and len(title) > 1 and title not in _NODE_IDS
        and not is_class_title(header[i])
    ]  # fmt: skip


def has_known_title(header: Sequence[str]) -> bool:
    """Return True if a row of a table of nodes contains the title of a class or a name."""
    return any(len(title) > 1 and (is_class_title(title) or is_name_title(title)) for title in header)


def is_row_number(title: str) -> bool:
    """Return True if a title is one under which programs write the numbers of the rows."""
    return title == "" or title.lower() in _ROW_NUMBER_TITLES or title.lower().startswith("unnamed: ")


def _known_ends(header: Sequence[str]) -> _Ends:
    """Columns of the two ends of an edge."""
    twice = [i for i, title in enumerate(header) if _words(title) in _NODE_IDS and header.count(title) == 2]
    if len(twice) == 2:
        return _Ends(twice[0], twice[1], True)
    found: dict[tuple[int, tuple[str, ...]], list[int | None]] = {}
    for column, title in enumerate(header):
        words = _words(title)
        for position, word in enumerate(words):
            rest = words[:position] + words[position + 1 :]
            for kind, side in _ENDS.get(word, ()):
                if _may_be_end(_END_WORDS[kind], rest):
                    place = found.setdefault(
                        (kind, tuple(noun for noun in rest if noun not in _ID_NOUNS)), [None, None]
                    )
                    place[side] = column if place[side] is None else place[side]
    pairs = [(len(noun), kind, ends) for (kind, noun), ends in found.items() if None not in ends]
    if pairs:
        _, kind, (source, target) = min(pairs, key=lambda pair: pair[:2])
        words = _END_WORDS[kind]
        has_noun = source is not None and len(_words(header[source])) > 1
        return _Ends(source, target, words in _CERTAIN or has_noun or words == ("u", "v"))
    if len(others := other_id_columns(header)) > 1 and not _titled_ids(header):
        return _Ends(others[0], others[1], False)
    alone = [ends for (kind, noun), ends in found.items() if not noun and _END_WORDS[kind][0] in ("source", "src")]
    source, target = (next((ends[side] for ends in alone if ends[side] is not None), None) for side in (0, 1))
    return _Ends(source, target, False)


def _may_be_end(pair: tuple[str, str], rest: tuple[str, ...]) -> bool:
    """Return True if a title with a word for an end, and the rest of its words, may be that of an end of an edge."""
    if pair in _CERTAIN:
        return len(rest) <= 2 and _TIMES.isdisjoint(rest)
    if not rest:
        return pair in _UNCERTAIN or pair == ("u", "v")
    return len(rest) <= 2 and _NOUNS.issuperset(rest)


def _titled_ids(header: Sequence[str]) -> list[int]:
    return [column for column in id_columns(header) if not is_row_number(header[column])]


def _words(title: str) -> tuple[str, ...]:
    words = title_words(title)
    return _OLD_SPELLINGS.get("".join(words), words)
