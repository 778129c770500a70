"""Session files: a page and the parameters of its link as JSON, read as text that nobody trusts."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pages.shared.state.declarations import SETTINGS
from pages.shared.state.link import read_link
from torque_core import BadConfig

__all__ = ["MAX_BYTES", "VERSION", "SessionFile", "read_session", "write_session"]

VERSION = 1
MAX_BYTES = 1_000_000
"""No file of ours is nearly so long."""
_APP = "Torque Explorer"


@dataclass(frozen=True)
class SessionFile:
    """What could be read from a file."""

    page: str | None
    values: dict[str, object]
    """Of the settings that it names and that are as they should be."""
    problems: list[str]
    """A sentence for each part that was left out."""


def write_session(page: str, link: Mapping[str, str]) -> str:
    """A session as JSON.

    Args:
        page: The name of the page.
        link: The state, see :func:`~pages.shared.state.link.write_link`.

    Example:
        >>> read_session(write_session("train", {"data": "karate"}).encode(), ["train"]).values
        {'data': 'karate'}
    """
    return json.dumps({"app": _APP, "version": VERSION, "page": page, "settings": dict(link)}, indent=2)


def read_session(raw: bytes, pages: Collection[str]) -> SessionFile:
    """Read a session file; a part that cannot be had is named, and the rest is taken.

    Args:
        raw: The file.
        pages: The names of the pages that there are.

    Raises:
        BadConfig: It is no session file at all.
    """
    if len(raw) > MAX_BYTES:
        raise BadConfig(f"A session file has at most {MAX_BYTES:,} bytes, this one has {len(raw):,}.")
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:  # ValueError: no JSON, no UTF-8, or a number of thousands of digits
        raise BadConfig(f"The file is not JSON ({str(error)[:80]}); choose one that this app has saved.") from None
    if not isinstance(content, dict) or content.get("app") != _APP or not isinstance(content.get("settings"), dict):
        raise BadConfig(f"The file is JSON, but not a session of {_APP}; choose one that this app has saved.")
    problems = []
    if content.get("version") != VERSION:
        problems.append(
            f"version: {_shown(content.get('version'))} is not {VERSION}; what is understood of the file was taken."
        )
    page = content.get("page")
    if not isinstance(page, str) or page not in pages:
        problems.append(f"page: {_shown(page)} is not one of {', '.join(pages)}; this one stays.")
        page = None
    link = {}
    for key, value in content["settings"].items():
        if key in SETTINGS and SETTINGS[key].fixed:
            problems.append(f"{SETTINGS[key].title}: a session file cannot say it; it was left out.")
        elif not isinstance(value, str):
            problems.append(f"{_shown(key)}: {_shown(value)} is not a text in quotation marks; it was left out.")
        else:
            link[key] = value
    values, bad = read_link(link, source="file")
    return SessionFile(page, values, problems + bad)


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str | int | float | None) else f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:60]}…"
