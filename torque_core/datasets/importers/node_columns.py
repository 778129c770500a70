"""Interpretation of node attributes as names, classes or features."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from torque_core.datasets.clean import format_count
from torque_core.datasets.importers.cell_values import MISSING_SYMBOLS, is_missing_word, whole_number
from torque_core.datasets.importers.column_titles import CLASS_TITLES, first_titled, is_class_title, is_name_title
from torque_core.datasets.importers.limits import join_names
from torque_core.datasets.importers.parsed_graph import LARGEST, Cell, ParsedGraph
from torque_core.datasets.importers.structural_features import STRUCTURAL_FEATURES, structural_features
from torque_core.graph.pairs import undirected_pairs

__all__ = [
    "FeatureMatrix", "categorical_column", "class_column", "class_labels", "feature_matrix", "name_column",
    "without_symbols",
]  # fmt: skip

_MAX_GUESSED_CLASSES = 20
_FEW = 4  # nodes, of which each may have a class of its own
_MISSING_CLASSES = ("nan", "none", "null")


class FeatureMatrix(NamedTuple):
    """Features of the nodes, with a report."""

    x: Tensor
    """Features, :math:`(|\\mathcal{V}|, F)`."""
    source: str
    """The origin of the features, for a reader."""
    notes: list[str]
    """One sentence for each value or column that was replaced or ignored."""
    columns: tuple[str, ...] = ()
    """The columns that were used, with the array of features if there is one."""
    names: tuple[str, ...] | None = None
    """Name of each feature; None if they are only numbered."""


def name_column(columns: Mapping[str, list[Cell]]) -> str | None:
    """Return the column that contains the names of the nodes, if there is one."""
    labels = (name for name, cells in columns.items() if _contains_names(name, cells))
    return next(filter(is_name_title, columns), None) or next(labels, None)


def class_column(columns: Mapping[str, list[Cell]]) -> str | None:
    """Return the column that contains the classes of the nodes by its title, if there is one.

    A column whose values are all different, or that contains fractions, does not contain classes, whatever its title
    is; only ``class`` may have as many values as there are nodes.
    """
    candidates = first_titled(list(columns), CLASS_TITLES)
    return next((name for name in candidates if _may_be_classes(name, columns[name])), None)


def _may_be_classes(column: str, cells: list[Cell]) -> bool:
    if _contains_names(column, cells) or _is_continuous(cells):
        return False
    values = [cell for cell in cells if cell is not None]
    return column.lower() == "class" or len(values) < _FEW or len(set(values)) < len(values)


def categorical_column(columns: Mapping[str, list[Cell]]) -> str | None:
    """Return the first column of text with few values that all occur often enough to be classes, if there is one.

    Example:
        >>> categorical_column({"city": ["Rome", "Oslo", "Bern", "Riga"], "team": ["a", "b", "b", "a"]})
        'team'
    """
    for name, cells in columns.items():
        texts = [cell for cell in cells if cell is not None]
        if all(isinstance(cell, str) for cell in texts):
            count = len(set(texts))
            if 2 <= count <= min(_MAX_GUESSED_CLASSES, max(2, len(texts) // 2)) and count < len(texts):
                return name
    return None


def _contains_names(column: str, cells: list[Cell]) -> bool:
    """Return True for a column ``label`` of names, as in files of Gephi, where all values are different."""
    values = [cell for cell in cells if cell is not None]
    return (
        column.lower() == "label" and len(values) > 2 and len(set(values)) == len(values) and not _is_continuous(cells)
    )


def _is_continuous(cells: list[Cell]) -> bool:
    """Return True if all values are numbers and not all are integers, as for a layout coordinate called ``y``."""
    try:
        numbers = [float(cell) for cell in cells if cell is not None]
    except ValueError:
        return False
    return all(abs(number) <= LARGEST for number in numbers) and any(number % 1 > 0 for number in numbers)


def without_symbols(cells: list[Cell], parsed: ParsedGraph) -> list[Cell]:
    """Replace symbols for missing values in a column of classes, such as ?, by None, unless + is a class.

    If all other classes are integers, words such as unknown are missing values as well.
    """
    texts = {str(cell) for cell in cells if cell is not None}
    symbols = set() if "+" in texts else texts & MISSING_SYMBOLS
    words = {text for text in texts - symbols if is_missing_word(text)}
    if all(text.lstrip("-").isdecimal() for text in texts - symbols - words):
        symbols |= words
    if not symbols:
        return cells
    parsed.missing_markers |= symbols
    return [None if cell in symbols else cell for cell in cells]


def class_labels(cells: list[Cell]) -> tuple[Tensor, tuple[str, ...]]:
    """Convert classes to labels.

    Classes that are integers, with or without a decimal point, are sorted by value, and negative integers are unknown;
    other classes are sorted as text.

    Returns:
        Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`, and the name of each class.
    """
    texts = [None if cell is None or str(cell).lower() in _MISSING_CLASSES else str(cell) for cell in cells]
    as_integers = [None if text is None else whole_number(text) or text for text in texts]
    integers = all(
        text.lstrip("-").isdecimal() and text.isascii() and len(text) < 19
        for text in {*as_integers}
        if text is not None
    )
    texts = as_integers if integers else texts
    known = {text for text in texts if text is not None}
    classes = sorted((text for text in known if not (integers and text.startswith("-"))), key=int if integers else None)
    label = {text: number for number, text in enumerate(classes)}
    return torch.tensor([label.get(text, -1) if text is not None else -1 for text in texts]), tuple(classes)


def feature_matrix(
    parsed: ParsedGraph,
    columns: Mapping[str, list[Cell]],
    order: np.ndarray,
    edges: Tensor,
    chosen: Sequence[str] | None = None,
) -> FeatureMatrix:
    """Return the feature array if there is one, else the numeric columns, else structural features.

    Args:
        parsed: The parsed files.
        columns: Node attributes that are neither names nor classes, in the order of the graph.
        order: Parsed index of each node, :math:`(|\\mathcal{V}|,)`.
        edges: The edges, :math:`(2, M)`.
        chosen: The columns to use, and the title of the feature array if it is used, too; None for a guess.

    Raises:
        BadFile: If a feature is not finite, there are too many features, or a chosen column contains text.
    """
    checker, num_nodes = parsed.checker, len(order)
    notes: list[str] = []
    columns = {name: _measurements(name, cells) for name, cells in columns.items()}
    texts, numeric = [], {}
    for name, cells in columns.items():
        checker.check()
        if name in parsed.text_columns or all(cell is None or isinstance(cell, str) for cell in cells):
            texts.append(name)
        else:
            numeric[name] = _without_words(name, cells, parsed)
    if texts:
        notes.append(f"Text columns cannot be features and were ignored: {join_names(texts)}.")
    if chosen is not None:
        if wrong := [name for name in chosen if name in texts]:
            raise checker.error(f"features must be numbers, but {join_names(wrong)} contains text")
        if unused := [name for name in numeric if name not in chosen]:
            notes.append(f"Columns that were not chosen as features: {join_names(unused)}.")
        numeric = {name: cells for name, cells in numeric.items() if name in chosen}
    if parsed.x is not None and (chosen is None or parsed.x_title in chosen):
        if parsed.x.ndim != 2 or len(parsed.x) != num_nodes or parsed.x.dtype.kind not in "biuf":
            raise checker.error("the features must be one list of numbers for each node")
        x = parsed.x if (order[1:] > order[:-1]).all() else parsed.x[order]  # no copy if the order is unchanged
        with np.errstate(over="ignore"):  # overflow gives infinity, which is reported below
            x = x.astype(np.float32, copy=False)
        checker.check()
        missing = np.isnan(x)
        if missing.any():
            x = np.where(missing, np.float32(0), x)
            notes.append(_missing_note(int(missing.sum())))
        not_finite = ~np.isfinite(x)
        if not_finite.any():
            node, column = np.argwhere(not_finite)[0].tolist()
            raise checker.error(f"feature {column} of node {node:,} is {x[node, column]}, which is not finite")
        names = parsed.x_names
        source = f"{format_count(x.shape[1], 'column')} of the {parsed.x_title}"
        if numeric and chosen is not None:
            others = _numeric_features(parsed, numeric, num_nodes, notes)
            titles = names or tuple(f"{parsed.x_title}[{column}]" for column in range(x.shape[1]))
            both = torch.cat([torch.from_numpy(x), others.x], dim=1)
            return FeatureMatrix(
                both, f"{source}, and {others.source}", others.notes, (parsed.x_title, *numeric), (*titles, *numeric)
            )
        if numeric:
            notes.append(f"The features are the {parsed.x_title}; other columns were ignored: {join_names(numeric)}.")
        if x.shape[1]:
            return FeatureMatrix(torch.from_numpy(x), source, notes, (parsed.x_title,), names)
    elif numeric:
        checker.check(numbers=num_nodes * len(numeric))
        return _numeric_features(parsed, numeric, num_nodes, notes)
    notes.append(
        f"No features: five structural features were computed for each node, {', '.join(STRUCTURAL_FEATURES)}."
    )
    return FeatureMatrix(
        structural_features(undirected_pairs(edges, num_nodes), num_nodes, checkpoint=checker.check),
        "five structural features",
        notes,
        names=STRUCTURAL_FEATURES,
    )


def _measurements(column: str, cells: list[Cell]) -> list[Cell]:
    """Convert a column that has a title for classes, such as y, to numbers if these are no classes."""
    if not is_class_title(column) or not (_is_continuous(cells) or _counts(column, cells)):
        return cells
    return [None if cell is None else float(cell) for cell in cells]


def _counts(column: str, cells: list[Cell]) -> bool:
    """Return True if all values are different integers, too many for classes."""
    texts = [str(cell) for cell in cells if cell is not None]
    return not _may_be_classes(column, cells) and all(text.lstrip("-").isdecimal() and len(text) < 19 for text in texts)


def _without_words(column: str, cells: list[Cell], parsed: ParsedGraph) -> list[Cell]:
    """Replace words such as unknown by None, if all other cells of a column are numbers."""
    words = {cell for cell in cells if isinstance(cell, str)}
    if not words or not all(map(is_missing_word, words)):
        return cells
    parsed.missing_markers |= words
    parsed.not_numeric.pop(column, None)
    return [None if isinstance(cell, str) else cell for cell in cells]


def _missing_note(count: int) -> str:
    return f"{format_count(count, 'missing feature value', 'was')} replaced by 0."


def _numeric_features(
    parsed: ParsedGraph, columns: Mapping[str, list[Cell]], num_nodes: int, notes: list[str]
) -> FeatureMatrix:
    x = np.zeros((num_nodes, len(columns)), dtype=np.float32)
    missing = 0
    for column, (name, cells) in enumerate(columns.items()):
        parsed.checker.check()
        if name in parsed.not_numeric:
            raise parsed.not_numeric[name]
        for node, cell in enumerate(cells):
            if cell is None:
                missing += 1
            else:
                x[node, column] = cell
    if missing:
        notes = [*notes, _missing_note(missing)]
    listed = join_names(columns) + (" …" if len(columns) > 8 else "")
    source = f"{format_count(len(columns), 'numeric column')}, {listed}"
    return FeatureMatrix(torch.from_numpy(x), source, notes, tuple(columns), tuple(columns))
