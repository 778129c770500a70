"""Command ``completion``: a script with which a shell completes commands, flags, their values and file names."""

import argparse

from torque_core.cli.parser import COMMANDS, Parser, build_parser, one_of
from torque_core.utils.optional import require

__all__ = ["add_arguments"]

SHELLS = ("bash", "zsh", "fish")
_EXAMPLES = """\
examples:
  torque completion bash > ~/.local/share/bash-completion/completions/torque
  torque completion zsh > ~/.zfunc/_torque           with ~/.zfunc in $fpath
  torque completion fish > ~/.config/fish/completions/torque.fish
"""
_FILES = {"GRAPH", "FILE", "PATH"}


def add_arguments(command: Parser) -> None:
    """Add the flags of the command."""
    command.set_defaults(run=_completion)
    command.epilog = _EXAMPLES
    command.add_argument("shell", metavar="SHELL", type=one_of(SHELLS), choices=SHELLS, help=", ".join(SHELLS))


def _completion(options: argparse.Namespace) -> int:
    """Print a complete script: it runs no Python, so that a key press costs no import of torch."""
    shtab = require("shtab", extra="cli")
    from torque_core.datasets import DATASETS

    parser, commands = build_parser(COMMANDS, prog="torque")
    for command in commands.values():
        for action in command._actions:
            if action.metavar in _FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
            elif action.metavar == "DIR":
                action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
            elif action.dest == "graph":
                action.choices = list(DATASETS)
    print(shtab.complete(parser, shell=options.shell))
    return 0
