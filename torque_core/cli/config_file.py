"""Flags of a command from a TOML file."""

import argparse
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from torque_core.errors import BadConfig
from torque_core.utils.suggest import did_you_mean

__all__ = ["add_config", "config_words"]

_MAX_BYTES = 1_000_000
_NO_KEYS = ("--config", "--help")


def add_config(command: argparse.ArgumentParser) -> None:
    """Add the flag ``--config`` to a command."""
    command.add_argument("--config", metavar="FILE", help="TOML file with flags as keys; flags given here win")


def config_words(
    words: Sequence[str], command: str, flags: Mapping[str, argparse.Action], commands: Collection[str]
) -> list[str]:
    """Return the flags in the file that ``--config`` names, as words of a command line.

    The keys of the file are flags without the dashes in front; ``-`` and ``_`` are the same. A table with the name of a
    command holds keys of that command only. Flags that are also among the words are left out.

    Args:
        words: Words of the command line after the command.
        command: Name of the command.
        flags: Flags of the command.
        commands: Names of all commands.

    Raises:
        BadConfig: If the file cannot be read, or has an unknown key or a value of the wrong type.
    """
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    finder.add_argument("--config")
    try:
        path = finder.parse_known_args(list(words))[0].config
    except argparse.ArgumentError:  # without a value, which the parser of the command reports
        return []
    if path is None:
        return []
    table = _read(path)
    sections = {key: value for key, value in table.items() if isinstance(value, dict)}
    for key in sections:
        if key not in commands:
            raise BadConfig(f"{path}: there is no command [{key}]{did_you_mean(key, commands)}")
    values = {key: value for key, value in table.items() if key not in sections} | sections.get(command, {})
    given = {word.partition("=")[0] for word in words}
    found: list[str] = []
    for key, value in values.items():
        flag = f"--{key.replace('_', '-')}"
        if flag not in flags or flag in _NO_KEYS:
            known = [name[2:] for name in flags if name.startswith("--") and name not in _NO_KEYS]
            raise BadConfig(f"{path}: unknown key {key!r} for torque {command}{did_you_mean(flag[2:], known)}")
        if given.isdisjoint(flags[flag].option_strings):
            found += _as_words(f"{path}: {key}", flag, value, flags[flag])
    return found


def _read(path: str) -> dict[str, Any]:
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise BadConfig(f"{path} has more than {_MAX_BYTES:,} bytes; it should hold only flags")
        return tomllib.loads(content.decode())
    except OSError as error:
        raise BadConfig(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:  # TOMLDecodeError, UnicodeDecodeError
        raise error if isinstance(error, BadConfig) else BadConfig(f"{path}: {error}") from error


def _as_words(name: str, flag: str, value: Any, action: argparse.Action) -> list[str]:
    if action.nargs == 0:
        if not isinstance(value, bool):
            raise BadConfig(f"{name} must be true or false, got {value!r}")
        negative = f"--no-{flag[2:]}"
        return [flag] if value else [negative] if negative in action.option_strings else []
    items = value if isinstance(value, list) else [value]
    if not items or any(isinstance(item, bool) or not isinstance(item, str | int | float) for item in items):
        raise BadConfig(f"{name} must be text, a number or a list of these, got {value!r}")
    if action.nargs == "+":
        return [f"{flag}={item}" for item in items]
    return [f"{flag}={','.join(map(str, items))}"]
