"""Titles of the columns in tables of edges and nodes."""

from collections.abc import Sequence

from torque_core.datasets.importers.parsed_graph import CLASS_COLUMNS, NAME_COLUMNS

__all__ = ["end_columns", "has_known_title", "id_columns", "is_row_number", "lists_edges"]

_END_TITLES = (
    ("source", "target"), ("from", "to"), ("src", "dst"), ("node1", "node2"), ("node_1", "node_2"), ("u", "v"),
    ("source_id", "target_id"), ("sourceid", "targetid"), ("source id", "target id"), ("from_id", "to_id"),
    ("fromnodeid", "tonodeid"), ("source_node", "target_node"), ("from_node", "to_node"), ("id1", "id2"),
    ("id_1", "id_2"), ("node_a", "node_b"), ("node a", "node b"),
    ("node 1", "node 2"), ("v1", "v2"), ("source", "destination"), ("origin", "destination"),
    ("sender", "receiver"), ("sender", "recipient"), ("citing", "cited"), ("follower", "followee"), ("start", "end"),
    ("quelle", "ziel"), ("origen", "destino"),
)  # fmt: skip
_SOURCE_TITLES = ("source", "src", "source_id", "sourceid", "source id", "source_node")
_TARGET_TITLES = ("target", "dst", "target_id", "targetid", "target id", "target_node", "destination")
_ATTRIBUTE_TITLES = ("type", "weight", "id", "label", "timeset", "kind", "value")
_ID_TITLES = ("id", "node_id", "nodeid", "node id", "node")
_ROW_NUMBER_TITLES = ("index", "level_0", "rownames", "row.names", "row_names", "rowname")
_LABEL_TITLES = tuple(title for title in (*CLASS_COLUMNS, *NAME_COLUMNS) if len(title) > 1)
_NODE_WORDS, _EDGE_WORDS = ("node", "feature", "label", "class"), ("edge", "link", "relation")


def lists_edges(file: str, header: Sequence[str], *, only_file: bool) -> bool:
    """Return True if a table lists edges, by its header or else by its file name.

    Example:
        >>> lists_edges("a.csv", ["Source", "Destination"], only_file=False)
        True
        >>> lists_edges("a.csv", ["Label", "Id"], only_file=False)
        False
    """
    titles = [title.lower() for title in header]
    ids = id_columns(titles)
    ends = _known_ends(titles)
    has_node_word, has_edge_word = (any(word in file.lower() for word in words) for words in (_NODE_WORDS, _EDGE_WORDS))
    if None not in ends:
        return True
    may_list_edges = only_file or has_edge_word
    if ids and ids[0] == 0:
        return titles[0] not in _ID_TITLES and may_list_edges and not has_node_word
    if ids and titles[ids[0]] in _ID_TITLES and not may_list_edges and ends == (None, None):
        return False
    if has_node_word:
        return False
    is_labelled = any(title in _LABEL_TITLES for title in titles)
    return not is_labelled or may_list_edges or ends != (None, None)


def end_columns(header: Sequence[str]) -> tuple[tuple[int, int] | None, bool]:
    """Return the columns of the two ends of an edge, and whether both have a known title.

    If only one end has a known title, the other is the column next to it. The result is None if no title is known.

    Example:
        >>> end_columns(["weight", "From", "To"]), end_columns(["Type", "Source", "Person"]), end_columns(["a", "b"])
        (((1, 2), True), ((1, 2), False), (None, False))
    """
    titles = [title.lower() for title in header]
    source, target = _known_ends(titles)
    if source is not None and target is not None:
        return (source, target), True
    known = source if source is not None else target
    if known is None:
        return None, False
    others = [column for column in range(len(titles)) if column != known and not is_row_number(titles[column])]
    others = [column for column in others if titles[column] not in _ATTRIBUTE_TITLES] or others
    if not others:
        return None, False
    step = 1 if source is not None else -1
    other = known + step if known + step in others else others[0]
    return ((known, other) if source is not None else (other, known)), False


def id_columns(header: Sequence[str]) -> list[int]:
    """Return the columns that may contain the ids of nodes, by their titles, in order of precedence.

    pandas and R write the numbers of the rows into a first column without a title, which contains ids only if no other
    column does.

    Example:
        >>> id_columns(["", "Label", "Id"])
        [2, 0]
    """
    titles = [title.lower() for title in header]
    columns = [titles.index(title) for title in _ID_TITLES if title in titles]
    is_unnamed = len(titles) > 1 and (titles[0] == "" or titles[0].startswith("unnamed: "))
    return columns + [0] * is_unnamed


def has_known_title(header: Sequence[str]) -> bool:
    """Return True if a row of a table of nodes contains the title of a class or a name."""
    return any(title.lower() in _LABEL_TITLES for title in header)


def is_row_number(title: str) -> bool:
    """Return True if a title is one under which programs write the numbers of the rows."""
    return title == "" or title.lower() in _ROW_NUMBER_TITLES or title.lower().startswith("unnamed: ")


def _known_ends(titles: Sequence[str]) -> tuple[int | None, int | None]:
    for source, target in _END_TITLES:
        if source in titles and target in titles:
            return titles.index(source), titles.index(target)
    return tuple(
        next((titles.index(title) for title in known if title in titles), None)
        for known in (_SOURCE_TITLES, _TARGET_TITLES)
    )  # type: ignore[return-value]
