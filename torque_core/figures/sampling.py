"""Deterministic samples for figures that cannot draw every item; they include rare kinds and extreme values."""

import numpy as np

__all__ = ["evenly_spaced", "stratified_sample"]

_MAX_KINDS = 16  # each kind is guaranteed one in so many places


def stratified_sample(kind: np.ndarray, value: np.ndarray, max_count: int, *, priority: np.ndarray) -> np.ndarray:
    """Sample items: all priority items, and items of each kind in proportion to its frequency.

    Each kind receives at least a sixteenth of the remaining places, or all of its items if it has fewer. Within a kind,
    and among the priority items if they alone are too many, items are spaced evenly along their ranked values.

    Args:
        kind: Kind of each item, an integer from 0; at most 16 kinds, :math:`(N,)`.
        value: Values by which the items of a kind are ranked, :math:`(N,)`.
        max_count: Maximum number of items.
        priority: Mask of the priority items, bool, :math:`(N,)`.

    Returns:
        Indices of the items, ascending.

    Example:
        Ten of 1,000 items are rare; a sample of 100 contains six of them.

        >>> value = np.arange(1000.0)
        >>> sample = stratified_sample((value >= 990).astype(int), value, 100, priority=value == 50)
        >>> len(sample), int((sample >= 990).sum()), 50 in sample
        (99, 6, True)
    """
    if len(kind) <= max_count:
        return np.arange(len(kind))
    prioritised = _evenly_by_rank(np.flatnonzero(priority), value, max_count)
    kinds = [np.flatnonzero((kind == number) & ~priority) for number in np.unique(kind)]
    size, places_left = np.array([len(items) for items in kinds]), max_count - len(prioritised)
    guaranteed = np.minimum(size, places_left // _MAX_KINDS)
    rest = size - guaranteed
    places = guaranteed + (places_left - guaranteed.sum()) * rest // max(1, rest.sum())
    parts = [_evenly_by_rank(items, value, count) for items, count in zip(kinds, places.tolist(), strict=True)]
    return np.sort(np.concatenate([prioritised, *parts]))


def evenly_spaced(count: int, max_count: int) -> np.ndarray:
    """Return at most ``max_count`` evenly spaced integers from 0 to ``count - 1``, including the first and the last.

    Example:
        >>> evenly_spaced(9, 3).tolist(), evenly_spaced(2, 3).tolist()
        ([0, 4, 8], [0, 1])
    """
    return np.arange(count) if count <= max_count else np.linspace(0, count - 1, max_count).astype(np.int64)


def _evenly_by_rank(items: np.ndarray, value: np.ndarray, max_count: int) -> np.ndarray:
    """At most ``max_count`` of the items, evenly spaced along their ranked values."""
    if len(items) <= max_count:
        return items
    ranked = items[np.argsort(value[items], kind="stable")]
    return ranked[evenly_spaced(len(ranked), max_count)]
