"""Former names in links, session files and stored trainings, and the names that replaced them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pages.shared.state.kinds import SEPARATOR
from pages.shared.state.snapshot import Snapshot
from torque_core.experiments.results.migrate import LABELS, METHODS, STUDIES, update_train_spec

__all__ = ["KEYS", "train_options", "update_link", "update_method"]

KEYS = {"apart": "separate", "moment": "snapshot", "trust": "weighted"}
"""Former keys of the link's parameters and the present ones."""


def update_link(parameters: Mapping[str, str]) -> dict[str, str]:
    """Replace former keys and names in a link by the present ones; a present key takes precedence.

    Example:
        >>> update_link({"moment": "0123456789abcdef-torque_apart-61", "models": "plain~random"})
        {'snapshot': '0123456789abcdef-torque_relational-61', 'models': 'plain~ablation_random'}
    """
    link = {KEYS.get(key, key): value for key, value in parameters.items() if KEYS.get(key) not in parameters}
    labels = {} if _shows_edge_scores(link) else LABELS
    updates: dict[str, Callable[[str], str]] = {
        "left": update_method,
        "peer": update_method,
        "models": lambda text: _update_list(text, METHODS),
        "snapshot": _update_snapshot,
        "study": lambda text: STUDIES.get(text, text),
        "methods": lambda text: _update_list(text, labels),
        "lines": lambda text: _update_list(text, labels),
    }
    return {key: updates[key](value) if key in updates else value for key, value in link.items()}


def update_method(name: str) -> str:
    """Return the present name of a method."""
    return METHODS.get(name, name)


def train_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a training, as JSON has them, as :class:`~torque_core.TrainSpec` takes them.

    Example:
        >>> train_options({"epochs": 50, "hear_pruned": True})
        {'epochs': 50, 'relations': ('kept', 'pruned')}
    """
    updated = update_train_spec(options)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in updated.items()}


def _shows_edge_scores(link: Mapping[str, str]) -> bool:
    """Return True if the lines of a link are edge scores, where ``random`` is a present name and not a method."""
    return link.get("measure") == "detection" or any(
        "detection" in link.get(key, "") for key in ("study", "disturbance")
    )


def _update_list(text: str, names: Mapping[str, str]) -> str:
    return SEPARATOR.join(names.get(name, name) for name in text.split(SEPARATOR))


def _update_snapshot(text: str) -> str:
    if not Snapshot.is_valid(text):
        return text
    snapshot = Snapshot.parse(text)
    return str(replace(snapshot, method=update_method(snapshot.method)))
