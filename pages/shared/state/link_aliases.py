"""Former names in links, session files and stored trainings, and the names that replaced them."""

from collections.abc import Mapping
from typing import Any

__all__ = ["KEYS", "update_link", "update_train_spec"]

KEYS = {"apart": "separate", "moment": "snapshot", "trust": "weighted"}
"""Former keys of the link's parameters and the present ones."""


def update_link(parameters: Mapping[str, str]) -> dict[str, str]:
    """Replace former keys of a link by the present ones; a present key takes precedence.

    Example:
        >>> update_link({"moment": "0123456789abcdef-torque-61", "data": "karate"})
        {'snapshot': '0123456789abcdef-torque-61', 'data': 'karate'}
    """
    return {KEYS.get(key, key): value for key, value in parameters.items() if KEYS.get(key) not in parameters}


def update_train_spec(options: Mapping[str, Any]) -> dict[str, Any]:
    """Update the options of a training, as JSON has them, to those of :class:`~torque_core.TrainSpec`.

    Example:
        >>> update_train_spec({"epochs": 50, "hear_pruned": True})
        {'epochs': 50, 'relations': ('kept', 'pruned')}
    """
    updated = dict(options)
    if "hear_pruned" in updated:
        updated["relations"] = ("kept", "pruned") if updated.pop("hear_pruned") else ("kept",)
    if "relations" in updated:
        updated["relations"] = tuple(updated["relations"])
    return updated
