"""Build a graph from parsed files, with a report of its contents and of every assumption."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.datasets.attributes import GraphAttributes
from torque_core.datasets.clean import clean_graph, format_count
from torque_core.datasets.importers.cell_values import whole_number
from torque_core.datasets.importers.directions import directed_edges, directed_weights
from torque_core.datasets.importers.drawing import drawing_columns, drawing_position
from torque_core.datasets.importers.edge_attributes import edge_attributes, edge_weights, one_kind
from torque_core.datasets.importers.imported_graph import Directions, ImportedGraph
from torque_core.datasets.importers.limits import join_names, shorten
from torque_core.datasets.importers.node_columns import class_labels, feature_matrix, without_symbols
from torque_core.datasets.importers.parsed_graph import Cell, ParsedGraph
from torque_core.datasets.importers.roles import ColumnRoles, FileColumns, choose_roles
from torque_core.datasets.importers.split_masks import PARTS, masks_from_arrays, masks_from_column, part_of_title
from torque_core.datasets.info import SEEDED, USER_GRAPH, USER_SPLITS, DatasetInfo, SplitScheme
from torque_core.diagnostics.homophily import edge_homophily
from torque_core.graph.pairs import positions_among, undirected_pairs

__all__ = ["assemble"]

_GUESSED = ColumnRoles()
_ID_TITLES = (
    "id",
    "_id",
    "key",
    "name",
    "label",
    "title",
    "value",
    "index",
    "node",
    "nodeid",
    "node_id",
    "suid",
    "uid",
)
_SENTENCE_LENGTH = 600
_OTHER_NOTES = ("merged into", "label", "repeated", "one-hot")  # in notes that do not suit an imported graph


def assemble(parsed: ParsedGraph, files: tuple[str, ...], roles: ColumnRoles = _GUESSED) -> ImportedGraph:
    """Build a graph from parsed files.

    Args:
        parsed: The parsed files.
        files: Names of the files.
        roles: The roles of the columns that the user has chosen.

    Raises:
        BadFile: If there are fewer than two nodes, a feature is not finite, a weight is not positive, there are too
            many classes or features, or a column that was chosen does not exist.
    """
    checker = parsed.checker
    num_nodes = len(parsed.ids)
    if not num_nodes:
        raise checker.error("contains no nodes")
    if num_nodes == 1:
        raise checker.error("contains only one node; rewiring needs two")
    ids, order = _node_order(parsed)
    attributes = {name: _reorder(cells, order) for name, cells in parsed.columns.items()}
    edges = _edges(parsed, order)
    pairs = undirected_pairs(edges, num_nodes)
    directed = directed_edges(parsed, edges, num_nodes)
    has_directions = directed.size(1) < 2 * pairs.size(1)
    drawn = drawing_columns(attributes)
    repeated = [name for name, cells in attributes.items() if name.lower() in _ID_TITLES and _repeats(cells, ids)]
    chosen = {roles.classes, roles.name, *(roles.features or ()), *(roles.split or ())}
    free = {name: cells for name, cells in attributes.items() if name in chosen or name not in (*drawn, *repeated)}
    roles = choose_roles(parsed, free, roles)
    names = None
    if roles.name:
        names = tuple(str(ids[node] if cell is None else cell) for node, cell in enumerate(attributes[roles.name]))
    elif ids != tuple(map(str, range(num_nodes))):
        names = ids
    y, classes = class_labels(
        without_symbols(attributes[roles.classes], parsed) if roles.classes else [None] * num_nodes
    )
    classes = _class_names(classes, parsed.class_names)
    checker.check(classes=len(classes))
    masks = _masks(parsed, roles, attributes, order)
    others = {
        name: cells for name, cells in free.items() if name not in (roles.name, roles.classes, *(roles.split or ()))
    }
    matrix = feature_matrix(parsed, others, order, edges, roles.features)
    roles = replace(roles, features=matrix.columns)

    data = Data(x=matrix.x, y=y, edge_index=edges)
    if names is not None:
        data.names = names
    splits: tuple[SplitScheme, ...] = SEEDED
    if masks is not None:
        for part, mask in masks.items():
            data[f"{part}_mask"] = torch.from_numpy(mask)
        splits = (replace(USER_SPLITS, count=masks["train"].shape[1]), *SEEDED)
    graph = clean_graph(data)
    if roles.weight:
        weight = torch.from_numpy(edge_weights(parsed, roles.weight, edges, pairs, num_nodes))
        graph.data.edge_weight = weight[positions_among(graph.data["edge_index"].sort(dim=0).values, pairs, num_nodes)]
        one_way = Directions(directed, directed_weights(parsed, roles.weight, edges, directed, num_nodes))
    else:
        one_way = Directions(directed)
    used = {roles.id, roles.name, roles.classes, *matrix.columns, *(roles.split or ())}
    kept = {name: one_kind(cells) for name, cells in attributes.items() if name not in (*drawn, *repeated)}
    columns = FileColumns(
        parsed.offered_ids,
        parsed.offered_ends,
        tuple(attributes),
        tuple(parsed.edge_columns),
        tuple(name for name in (*attributes, parsed.x_title) if _is_numeric(name, parsed, attributes)),
        (*(name for name in attributes if name not in used), *(n for n in parsed.edge_columns if n != roles.weight)),
    )
    position = drawing_position(parsed, attributes, drawn, order)
    notes = [*parsed.notes, *_notes(parsed, roles, drawn, repeated, has_position=position is not None)]
    if not classes:
        notes.append("No classes: views that need classes show a dash, and no model can be trained.")
    elif len(classes) == 1:
        notes.append(f"Only one class, {classes[0]}: no model can be trained.")
    notes += matrix.notes
    notes += _edge_notes(edges, pairs)
    notes += [note for note in graph.notes if not any(word in note for word in _OTHER_NOTES)]
    unlabelled = int((y < 0).sum())
    if classes and unlabelled:
        are = "is" if unlabelled == 1 else "are"
        notes.append(f"{format_count(unlabelled, 'node', 'has')} no class and {are} in no split.")

    contents = [
        f"{format_count(num_nodes, 'node')} and {format_count(pairs.size(1), 'undirected edge')}.",
        f"Features: {matrix.source}.",
        "No classes." if not classes else _class_list(classes),
    ]
    if masks is not None:
        split = format_count(splits[0].count, "split")
        contents.append(f"{split} into training, validation and test nodes.")
    if roles.weight:
        contents.append(f"Weights of the edges: {roles.weight}.")
    if names is not None:
        contents.append(f"Node names: column {roles.name}." if roles.name else "Node names: their ids.")
    info = DatasetInfo(
        name=USER_GRAPH,
        title=checker.file,
        nodes=num_nodes,
        edges=pairs.size(1),
        features=matrix.x.size(1),
        classes=len(classes),
        homophily=edge_homophily(graph.data["edge_index"], y),
        description="Your graph, which only this browser can open.",
        kind="imported",
        source="your files",
        licence="yours",
        splits=splits,
        has_directions=has_directions,
        class_names=None if classes == tuple(map(str, range(len(classes)))) else classes,
    )
    return ImportedGraph(
        graph,
        classes,
        tuple(shorten(sentence, _SENTENCE_LENGTH) for sentence in contents),
        tuple(shorten(sentence, _SENTENCE_LENGTH) for sentence in notes),
        info,
        _digest(graph.data, classes, files, directed),
        files,
        roles,
        columns,
        GraphAttributes(kept, edge_attributes(parsed, edges, pairs, num_nodes), pairs, matrix.names, position),
        one_way,
        parsed.directed and has_directions,
    )


def _notes(
    parsed: ParsedGraph, roles: ColumnRoles, drawn: list[str], repeated: list[str], *, has_position: bool
) -> Iterator[str]:
    """Describe what was ignored or assumed, one sentence each."""
    if ignored := sorted((parsed.ignored | parsed.edge_columns.keys()) - {roles.weight}):
        yield f"Edge attributes were ignored: {join_names(ignored)}."
    if parsed.num_incomplete:
        yield f"{format_count(parsed.num_incomplete, 'edge', 'was')} ignored, because an end is missing."
    if parsed.missing_markers:
        yield f"Read as missing values: {join_names(sorted(parsed.missing_markers))}."
    if drawn:
        yield f"Colours, sizes and positions of a drawing were ignored: {join_names(drawn)}."
    if has_position:
        yield "The positions of the nodes in a drawing were kept as the layout."
    if repeated:
        yield f"Columns that repeat the ids were ignored: {join_names(repeated)}."


def _masks(
    parsed: ParsedGraph, roles: ColumnRoles, attributes: Mapping[str, list[Cell]], order: np.ndarray
) -> dict[str, np.ndarray] | None:
    """Masks of the splits, from arrays or from columns of the nodes."""
    if not roles.split:
        return None if parsed.masks is None else {part: mask[order] for part, mask in parsed.masks.items()}
    num_nodes = len(order)
    try:
        if len(roles.split) == 1:
            masks = masks_from_column(attributes[roles.split[0]])
            if masks is None:
                raise ValueError(f"{roles.split[0]} must contain train, val and test, and no other word")
            return masks_from_arrays(masks, num_nodes)
        columns = {part_of_title(name): attributes[name] for name in roles.split}
        if None in columns or len(columns) < len(roles.split):
            raise ValueError("choose one column for each of train, val and test, with titles such as train_mask")
        cells = {part: [0.0 if cell is None else cell for cell in column] for part, column in columns.items() if part}
        return masks_from_arrays({part: np.array(column) for part, column in cells.items()}, num_nodes)
    except ValueError as error:
        parsed.notes.append(f"The split was ignored: {error}.")
        return None


def _repeats(cells: list[Cell], ids: tuple[str, ...]) -> bool:
    """Return True if a column contains the ids of the nodes."""
    texts = (whole_number(str(cell)) or str(cell) if isinstance(cell, float) else cell for cell in cells)
    return all(text == name for text, name in zip(texts, ids, strict=True))


def _is_numeric(name: str, parsed: ParsedGraph, attributes: Mapping[str, list[Cell]]) -> bool:
    if name not in attributes:
        return parsed.x is not None
    return name not in parsed.text_columns and any(isinstance(cell, float) for cell in attributes[name])


def _node_order(parsed: ParsedGraph) -> tuple[tuple[str, ...], np.ndarray]:
    """Ids in the order of the graph, and the parsed index of each: numeric order if ids are 0, 1, 2, ..., else as read.

    Returns:
        The ids, and the parsed index of each node, :math:`(|\\mathcal{V}|,)`.
    """
    ids = tuple(parsed.ids)
    if all(text in parsed.ids for text in map(str, range(len(ids)))):
        order = np.array([parsed.ids[str(node)] for node in range(len(ids))], dtype=np.int64)
        return tuple(map(str, range(len(ids)))), order
    return ids, np.arange(len(ids))


def _reorder(cells: list[Cell], order: np.ndarray) -> list[Cell]:
    return [cells[index] if index < len(cells) else None for index in order.tolist()]


def _edges(parsed: ParsedGraph, order: np.ndarray) -> Tensor:
    """The edges by nodes of the graph, (2, M)."""
    node = np.empty(len(order), dtype=np.int64)
    node[order] = np.arange(len(order))
    ends = np.array([parsed.source, parsed.target], dtype=np.int64).reshape(2, -1)
    return torch.from_numpy(node[ends]) if ends.size else torch.empty(2, 0, dtype=torch.long)


def _edge_notes(edges: Tensor, pairs: Tensor) -> list[str]:
    """Report repeated edges, unless every edge is listed in both directions, as is usual for undirected graphs."""
    repeated = edges.size(1) - int((edges[0] == edges[1]).sum()) - pairs.size(1)
    if not repeated or 2 * pairs.size(1) == edges.size(1):
        return []
    return [f"{format_count(repeated, 'repeated or reversed edge', 'was')} removed."]


def _class_list(classes: tuple[str, ...]) -> str:
    count = "1 class" if len(classes) == 1 else f"{len(classes)} classes"
    return f"{count}: {join_names(classes, 12)}{' …' if len(classes) > 12 else ''}."


def _class_names(classes: tuple[str, ...], names: tuple[str, ...] | None) -> tuple[str, ...]:
    """Names of the classes, if the classes are the positions of their names."""
    if names is None or not all(text.isdecimal() and int(text) < len(names) for text in classes):
        return classes
    return tuple(shorten(names[int(text)]) for text in classes)


def _digest(data: Data, classes: tuple[str, ...], files: tuple[str, ...], directed: Tensor) -> str:
    digest = hashlib.sha256(repr((files, tuple(data["x"].shape), classes, data.get("names"))).encode())
    for key in ("x", "y", "edge_index", "edge_weight", *(f"{part}_mask" for part in PARTS)):
        if key in data:
            digest.update(data[key].contiguous().numpy().tobytes())
    digest.update(directed.numpy().tobytes())
    return digest.hexdigest()
