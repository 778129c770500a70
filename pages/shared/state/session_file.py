"""Session files: a page and its link parameters as JSON. Files are untrusted input and are checked."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pages.shared.state.declarations import SETTINGS
from pages.shared.state.link import read_link
from torque_core import BadConfig

__all__ = ["MAX_BYTES", "VERSION", "SessionFile", "read_session", "write_session"]

VERSION = 1
MAX_BYTES = 1_000_000
"""Largest size of a file that is read; saved files are much smaller."""
_APP = "Torque Explorer"


@dataclass(frozen=True)
class SessionFile:
    """Valid content of a session file.

    Attributes:
        page: Name of the page; None if it is missing or unknown.
        values: Values of the valid settings by key.
        problems: A sentence for each part that was left out.
    """

    page: str | None
    values: dict[str, object]
    problems: list[str]


def write_session(page: str, link: Mapping[str, str]) -> str:
    """Write a session as JSON.

    Args:
        page: Name of the page.
        link: State of the session, see :func:`~pages.shared.state.link.write_link`.

    Example:
        >>> read_session(write_session("train", {"data": "karate"}).encode(), ["train"]).values
        {'data': 'karate'}
    """
    return json.dumps({"app": _APP, "version": VERSION, "page": page, "settings": dict(link)}, indent=2)


def read_session(raw: bytes, pages: Collection[str]) -> SessionFile:
    """Read a session file. Invalid parts are reported and left out.

    Args:
        raw: Content of the file.
        pages: Names of the pages of the app.

    Raises:
        BadConfig: If the file is not a session file.
    """
    if len(raw) > MAX_BYTES:
        raise BadConfig(f"A session file has at most {MAX_BYTES:,} bytes, this file has {len(raw):,}.")
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:  # ValueError: not JSON, not UTF-8, or a huge number
        raise BadConfig(f"The file is not JSON ({str(error)[:80]}); choose a file that this app saved.") from None
    if not isinstance(content, dict) or content.get("app") != _APP or not isinstance(content.get("settings"), dict):
        raise BadConfig(f"The file is JSON but not a session of {_APP}; choose a file that this app saved.")
    problems = []
    if content.get("version") != VERSION:
        problems.append(
            f"version: {_shorten(content.get('version'))} is not {VERSION}; only the known settings were read."
        )
    page = content.get("page")
    if not isinstance(page, str) or page not in pages:
        problems.append(f"page: {_shorten(page)} is not one of {', '.join(pages)}; the page was not changed.")
        page = None
    link = {}
    for key, value in content["settings"].items():
        if key in SETTINGS and SETTINGS[key].fixed:
            problems.append(f"{SETTINGS[key].title}: it cannot be set by a session file; it was left out.")
        elif not isinstance(value, str):
            problems.append(f"{_shorten(key)}: {_shorten(value)} is not a string; it was left out.")
        else:
            link[key] = value
    values, bad = read_link(link, source="file")
    return SessionFile(page, values, problems + bad)


def _shorten(value: object) -> str:
    text = repr(value) if isinstance(value, str | int | float | None) else f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:60]}…"
