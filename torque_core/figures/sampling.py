"""Samples for figures that cannot draw everything: the same every time, with the rare and the extreme in them."""

import numpy as np

__all__ = ["evenly_spaced", "stratified_sample"]

_LEAST = 16  # of a small kind at least this part of all places, if it has so many


def stratified_sample(kind: np.ndarray, value: np.ndarray, most: int, *, first: np.ndarray) -> np.ndarray:
    """Items to draw, ascending: those that come first, and of each kind as many as its share of the others.

    A kind gets a sixteenth of the places at least, or all its items if it has fewer. Within a kind, and among those
    that come first if they alone are too many, items are taken evenly along their ranked values.

    Args:
        kind: Of each item, from 0, at most 16 kinds, :math:`(N,)`.
        value: What the items of a kind are ranked by, :math:`(N,)`.
        most: At most so many items.
        first: Which items come first, bool, :math:`(N,)`.

    Example:
        Of 1,000 items ten are rare; six of them are among 100.

        >>> value = np.arange(1000.0)
        >>> drawn = stratified_sample((value >= 990).astype(int), value, 100, first=value == 50)
        >>> len(drawn), int((drawn >= 990).sum()), 50 in drawn
        (99, 6, True)
    """
    if len(kind) <= most:
        return np.arange(len(kind))
    taken = _ranked_evenly(np.flatnonzero(first), value, most)
    kinds = [np.flatnonzero((kind == number) & ~first) for number in np.unique(kind)]
    size, room = np.array([len(items) for items in kinds]), most - len(taken)
    least = np.minimum(size, room // _LEAST)
    places = least + (room - least.sum()) * (size - least) // max(1, (size - least).sum())
    parts = [_ranked_evenly(items, value, count) for items, count in zip(kinds, places.tolist(), strict=True)]
    return np.sort(np.concatenate([taken, *parts]))


def evenly_spaced(count: int, most: int) -> np.ndarray:
    """At most so many of the numbers from 0 to ``count - 1``, ascending, the first and the last among them.

    Example:
        >>> evenly_spaced(9, 3).tolist(), evenly_spaced(2, 3).tolist()
        ([0, 4, 8], [0, 1])
    """
    return np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)


def _ranked_evenly(items: np.ndarray, value: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the items, evenly along their ranked values."""
    if len(items) <= most:
        return items
    ranked = items[np.argsort(value[items], kind="stable")]
    return ranked[evenly_spaced(len(ranked), most)]
