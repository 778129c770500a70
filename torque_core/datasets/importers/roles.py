"""Roles of the columns of imported files: id, ends and weight of edges, class, name, features and split."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from torque_core.datasets.importers.limits import join_names
from torque_core.datasets.importers.node_columns import categorical_column, class_column, name_column
from torque_core.datasets.importers.parsed_graph import Cell, ParsedGraph
from torque_core.datasets.importers.split_masks import PARTS, SPLIT_COLUMNS, masks_from_column, part_of_title

__all__ = ["ColumnRoles", "FileColumns", "choose_roles"]


@dataclass(frozen=True)
class ColumnRoles:
    """The columns that contain each part of a graph.

    None stands for a guess by titles and contents, and an empty text or tuple for no column.

    Attributes:
        id: Column of the ids in tables of nodes.
        source: Column of the first end in the table of edges.
        target: Column of the second end in the table of edges.
        weight: Edge attribute that contains the weights. It is never guessed.
        classes: Node attribute that contains the classes.
        name: Node attribute that contains the names.
        features: Node attributes that are the features; see :attr:`FileColumns.features`.
        split: One node attribute that names the part of each node, or up to three masks.

    Example:
        >>> ColumnRoles(classes="department", features=("age", "salary")).weight is None
        True
    """

    id: str | None = None
    source: str | None = None
    target: str | None = None
    weight: str | None = None
    classes: str | None = None
    name: str | None = None
    features: tuple[str, ...] | None = None
    split: tuple[str, ...] | None = None


@dataclass(frozen=True)
class FileColumns:
    """The columns that can be chosen for each role.

    Attributes:
        ids: Columns of the tables of nodes; empty in formats whose ids are fixed.
        ends: Columns of the table of edges; empty in formats whose ends are fixed.
        nodes: Node attributes.
        edges: Edge attributes.
        features: Node attributes that contain numbers, and the array of features if there is one.
        unused: Node and edge attributes without a role.
    """

    ids: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def choose_roles(parsed: ParsedGraph, columns: Mapping[str, list[Cell]], roles: ColumnRoles) -> ColumnRoles:
    """Replace each guess by the column that is used, except for the features.

    Args:
        parsed: The parsed files.
        columns: Node attributes that may have a role.
        roles: The roles that the user has chosen.

    Raises:
        BadFile: If a chosen column does not exist.
    """
    for field in fields(ColumnRoles):
        chosen = getattr(roles, field.name)
        if field.name in ("classes", "name", "features", "split", "weight") and chosen:
            offered = parsed.edge_columns if field.name == "weight" else [*columns, parsed.x_title]
            for column in (chosen,) if isinstance(chosen, str) else chosen:
                if column not in offered:
                    known = join_names(offered, 20) or "none"
                    raise parsed.checker.error(f"there is no column {column[:80]!r} for the {field.name}, but {known}")
    split = roles.split if roles.split is not None else () if parsed.masks is not None else _split_columns(columns)
    free = {name: cells for name, cells in columns.items() if name not in split}
    name = (
        roles.name if roles.name is not None else name_column(_without(free, (roles.classes, *(roles.features or ()))))
    )
    classes = roles.classes
    if classes is None:
        others = _without(free, (name, *(roles.features or ())))
        classes = class_column(others)
        if classes is None and (classes := categorical_column(others)) is not None:
            parsed.notes.append(f"No column has a title of classes: {classes} was guessed to contain them.")
    source, target = parsed.end_columns or (None, None)
    return ColumnRoles(
        id=parsed.id_column,
        source=source,
        target=target,
        weight=roles.weight or "",
        classes=classes or "",
        name=name or "",
        features=roles.features,
        split=split,
    )


def _without(columns: Mapping[str, list[Cell]], names: Iterable[str | None]) -> dict[str, list[Cell]]:
    names = set(names)
    return {name: cells for name, cells in columns.items() if name not in names}


def _split_columns(columns: Mapping[str, list[Cell]]) -> tuple[str, ...]:
    """Columns that contain a split: masks called train, val and test, or one column of these words."""
    masks = {
        part: name for name in reversed(list(columns)) if (part := part_of_title(name)) and _is_mask(columns[name])
    }
    if {"train", "test"} <= masks.keys():
        return tuple(masks[part] for part in PARTS if part in masks)
    by_lower_case = {name.lower(): name for name in columns}
    named = [by_lower_case[title] for title in SPLIT_COLUMNS if title in by_lower_case]
    named += [name for name, cells in columns.items() if all(cell is None or isinstance(cell, str) for cell in cells)]
    return next(((name,) for name in named if masks_from_column(columns[name]) is not None), ())


def _is_mask(cells: list[Cell]) -> bool:
    return all(cell in (None, 0.0, 1.0) for cell in cells)
