"""Links: the values of settings as the parameters of a URL, and back."""

from collections.abc import Mapping

from pages.shared.state.declarations import MAX_SELECTED_IN_LINK, SETTINGS
from pages.shared.state.lesson_steps import State
from pages.shared.state.link_aliases import update_link
from pages.shared.state.selection import Selection
from pages.shared.state.settings import dataset_info, default_view

__all__ = ["read_link", "write_link"]


def read_link(parameters: Mapping[str, str], *, source: str = "link") -> tuple[dict[str, object], list[str]]:
    """Read the values of the settings that a link names, with a sentence for each part that is invalid.

    Args:
        parameters: Parameters of the link, or settings in the same form from elsewhere.
        source: Name of the source in the sentences.

    Returns:
        Values by key, and the problems.

    Example:
        >>> read_link({"rate": "900", "data": "karate"})
        ({'data': 'karate'}, ['noise level in %: «900» is not a number from 0 to 200; the default, 50, is shown.'])
    """
    values: dict[str, object] = {}
    problems = []
    for key, text in update_link(parameters).items():
        setting = SETTINGS.get(key)
        if setting is None:
            problems.append(f"The {source}'s part «{_shorten(key)}» is unknown and was left out.")
        elif setting.allows(text):
            values[key] = setting.parse(text)
        else:
            empty = setting.default in ("", ()) or isinstance(setting.default, tuple)
            consequence = "it was left out" if empty else f"the default, {setting.format(setting.default)}, is shown"
            problems.append(f"{setting.title}: «{_shorten(text)}» is not {setting.describe()}; {consequence}.")
    if "node" not in values and (leading := _leading_node(values)) is not None:
        values["node"] = leading
    return values, problems


def write_link(state: State, *, whole: bool = False, defaults: State | None = None) -> dict[str, str]:
    """Write a session's state as the parameters of a link, without what a new session shows by itself.

    Args:
        state: Value of each setting; a missing one is at its default.
        whole: Whether to write all of a long selection, as undo and session files need, and not only its first
            :data:`~pages.shared.state.declarations.MAX_SELECTED_IN_LINK` nodes and edges.
        defaults: Values that the page begins with in place of some defaults.

    Returns:
        Parameters in the order of the declarations.

    Example:
        >>> write_link({"data": "karate", "rate": 50, "seed": 3})
        {'data': 'karate', 'seed': '3'}
    """
    link, implied = {}, _implied(state)
    defaults, leading = dict(defaults or {}), _leading_node(state)
    if leading is not None:
        defaults["node"] = leading  # as in read_link
    for key, setting in SETTINGS.items():
        value = state.get(key)
        if isinstance(value, list | tuple):
            value = tuple(value if whole or key != "picked" else value[:MAX_SELECTED_IN_LINK])
        if value not in (None, "", (), defaults.get(key, setting.default), implied.get(key)):
            link[key] = setting.format(value)
    return link


def _leading_node(state: State) -> int | None:
    """Return the node that a link with a selection but without a node shows."""
    return Selection.read(state.get("picked") or ()).leading_node  # type: ignore[arg-type]


def _implied(state: State) -> dict[str, object]:
    """Return ``scheme`` and ``view`` as the data set implies them if the user does not choose."""
    info = dataset_info(state)
    if info is None:
        return {}
    nodes = state.get("nodes") if info.name == "block_model" else info.nodes
    return {"scheme": info.default_scheme, "view": default_view(nodes) if isinstance(nodes, int) else None}


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
