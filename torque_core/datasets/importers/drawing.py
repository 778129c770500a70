"""Columns that describe the drawing of a graph rather than its nodes: colours, sizes and positions."""

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

from torque_core.datasets.importers.parsed_graph import Cell, ParsedGraph

__all__ = ["DRAWING_LISTS", "drawing_columns", "drawing_position"]

DRAWING_LISTS = ("pos", "position", "coordinates", "coords", "layout")
"""Names of lists that contain the position of a node."""
_POSITION = ("x", "y", "z")
_COLOUR = ("r", "g", "b")
_SIMULATION = ("index", "vx", "vy", "vz", "fx", "fy", "fz")  # written by the force simulation of D3
_COLOUR_TITLE = re.compile(r"colou?r|fill|stroke")
_COLOUR_TEXT = re.compile(r"#[0-9a-fA-F]{3,8}|(rgb|hsl)a?\(.*\)")


def drawing_columns(columns: Mapping[str, list[Cell]]) -> list[str]:
    """Return the columns of a drawing, if a program that draws graphs wrote them.

    Such a program leaves one of three signs: the colour of each node in ``r``, ``g`` and ``b`` (Gephi), the velocity in
    ``vx`` and ``vy`` (D3), or a column of colours such as ``#ff8800`` (sigma.js, vis.js). Without such a sign, columns
    called ``x``, ``y`` and ``size`` are measurements like any other.

    Example:
        >>> drawing_columns({"age": [31.0], "r": [255.0], "g": [0.0], "b": [0.0], "size": [7.5], "x": [1.0]})
        ['r', 'g', 'b', 'size', 'x']
        >>> drawing_columns({"size": [7.5], "x": [1.0], "y": [2.0]})
        []
    """
    by_lower_case = {name.lower(): name for name in columns}
    has_colours = all(_is_channel(columns.get(by_lower_case.get(name, ""), [])) for name in _COLOUR)
    has_velocities = {"vx", "vy"} <= by_lower_case.keys()
    colours = tuple(
        name for name, column in by_lower_case.items() if _COLOUR_TITLE.search(name) and _is_colour(columns[column])
    )
    drawn = set((*_COLOUR, "a", "alpha") if has_colours else ()) | set(_SIMULATION if has_velocities else ())
    drawn |= set(colours)
    if drawn:
        drawn |= {"size", *_POSITION}
    return [name for name in columns if name.lower() in drawn]


def drawing_position(
    parsed: ParsedGraph, columns: Mapping[str, list[Cell]], drawn: Sequence[str], order: np.ndarray
) -> np.ndarray | None:
    """Return the positions of the nodes in a drawing; None unless every node has one and they differ.

    Args:
        parsed: The parsed files.
        columns: The attributes of the nodes, in the order of the graph.
        drawn: Those that belong to a drawing.
        order: Parsed index of each node, :math:`(|\\mathcal{V}|,)`.

    Returns:
        Positions, float32, :math:`(|\\mathcal{V}|, 2)`.
    """
    by_axis = {name.lower(): columns[name] for name in drawn}
    position = np.full((len(order), 2), np.nan)
    for axis, name in enumerate(_POSITION[:2]):
        cells = parsed.positions.get(name)
        if cells is not None:
            position[: len(cells), axis] = [math.nan if cell is None else cell for cell in cells]
            position[:, axis] = position[order, axis]
        elif name in by_axis:
            position[:, axis] = [_coordinate(cell) for cell in by_axis[name]]
    extent = np.ptp(position, axis=0)
    return position.astype(np.float32) if np.isfinite(extent).all() and extent.any() else None


def _coordinate(cell: Cell) -> float:
    """Convert a cell to a number, as a column called ``y`` contains text; NaN if it is none."""
    try:
        return math.nan if cell is None else float(cell)
    except ValueError:
        return math.nan


def _is_channel(cells: list[Cell]) -> bool:
    """Return True if all values are channels of a colour, from 0 to 255."""
    numbers = [cell for cell in cells if cell is not None]
    return bool(numbers) and all(isinstance(number, float) and 0 <= number <= 255 for number in numbers)


def _is_colour(cells: list[Cell]) -> bool:
    """Return True if all values are colours as text."""
    texts = [cell for cell in cells if cell is not None]
    return bool(texts) and all(isinstance(text, str) and _COLOUR_TEXT.fullmatch(text) for text in texts)
