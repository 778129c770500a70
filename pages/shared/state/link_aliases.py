"""Former names in links, session files and stored trainings, and the names that replaced them."""

from collections.abc import Mapping

__all__ = ["KEYS", "update_link"]

KEYS = {"moment": "snapshot"}
"""Former keys of the link's parameters and the present ones."""


def update_link(parameters: Mapping[str, str]) -> dict[str, str]:
    """Replace former keys of a link by the present ones; a present key takes precedence.

    Example:
        >>> update_link({"moment": "0123456789abcdef-torque-61", "data": "karate"})
        {'snapshot': '0123456789abcdef-torque-61', 'data': 'karate'}
    """
    return {KEYS.get(key, key): value for key, value in parameters.items() if KEYS.get(key) not in parameters}
