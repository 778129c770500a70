"""The parser of the command line: its commands, filled with their flags on demand, and its error messages."""

import argparse
import sys
from collections.abc import Callable, Collection, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from torque_core import __version__
from torque_core.cli.config_file import config_words
from torque_core.utils.suggest import did_you_mean

__all__ = ["COMMANDS", "Parser", "build_parser", "one_of", "parse"]

COMMANDS = {
    "rewire": ("rewire", "rewire a graph: write the graph of each layer, or print a summary"),
    "train": ("train", "train a GNN with and without rewiring, or with other methods, and compare the test scores"),
    "study": ("study", "run a study, or continue it; stored results are not computed again"),
    "ship": ("ship", "gather stores of results into one compact file"),
    "report": ("report", "write tables and figures of stored results"),
    "attacks": ("attacks", "compute attacks that are then offered as noise, or list them"),
    "completion": ("completion", "print a script that completes commands and flags in a shell"),
}
"""Module and description of each command, by name."""

_EXAMPLES = """\
examples:
  torque rewire edges.csv --json              the summary of a rewiring, for other programs
  torque rewire cora --noise 0.5 --out DIR    each layer's graph, and the torque of every edge
  torque train graph.graphml --runs 10        is rewiring a good idea on this graph?
  torque report                               tables and figures of the shipped results

Every command has its own --help. Exit status: 0 done, 1 failed, 2 wrong usage.
"""


class Parser(argparse.ArgumentParser):
    """A parser whose help shows examples and defaults, and whose errors are two lines."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Help, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """End the program with status 2 and this message."""
        self.exit(2, f"{self.prog}: error: {message}\nsee {self.prog} --help\n")

    @staticmethod
    def implied(words: Sequence[str]) -> Sequence[str]:
        """Return flags that other flags stand for; a command may replace this. Flags that are given win over them."""
        return ()

    @property
    def flags(self) -> dict[str, argparse.Action]:
        """The flags of this command by their text, such as ``--layers``."""
        return self._option_string_actions


class _Help(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.default in (None, False, []) else super()._get_help_string(action)


def build_parser(filled: Collection[str], prog: str | None = None) -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of the program, and those of its commands, of which only some have their flags.

    Args:
        filled: Names of the commands whose modules are imported, to add their flags.
        prog: Name of the program in messages; by default how it was called.
    """
    prog = prog or ("torque" if Path(sys.argv[0]).stem == "torque" else "python -m torque_core")
    parser = Parser(prog=prog, description="Rewire graphs by torque, and train GNNs on them.", epilog=_EXAMPLES)
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    commands: dict[str, Parser] = {}
    for name, (module, text) in COMMANDS.items():
        commands[name] = subparsers.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name in filled:
            import_module(f"torque_core.cli.{module}").add_arguments(commands[name])
    return parser, commands


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Parse the words of a command line, and the file that ``--config`` names.

    Returns:
        The options; ``run`` is the function to call with them.

    Raises:
        BadConfig: If the file of ``--config`` is wrong.
        SystemExit: After ``--help`` and ``--version``, and with status 2 if the words are wrong.
    """
    position = next((place for place, word in enumerate(words) if not word.startswith("-")), len(words))
    name = words[position] if position < len(words) else ""
    parser, commands = build_parser([name])
    if name and name not in commands:
        parser.error(f"there is no command {name!r}; choose from {', '.join(commands)}{did_you_mean(name, commands)}")
    command, own = commands.get(name, parser), list(words[position + 1 :])
    if "--config" in command.flags:
        own = [*config_words(own, name, command.flags, COMMANDS), *own]
    own = [*command.implied(own), *own]
    for word in own:  # before anything else, as a misspelt flag may be one that is missing
        flag = word.partition("=")[0]
        if flag.startswith("--") and flag not in command.flags:
            command.error(f"unknown flag {flag!r}{did_you_mean(flag, command.flags)}")
    options, unknown = parser.parse_known_args([*words[: position + 1], *own])
    if unknown:
        command.error(f"unknown argument {unknown[0]!r}")
    return options


def one_of(choices: Collection[str]) -> Callable[[str], str]:
    """Return a type for :meth:`argparse.ArgumentParser.add_argument` that suggests a choice for a misspelt one."""

    def check(word: str) -> str:
        if word not in choices:
            raise argparse.ArgumentTypeError(
                f"must be one of {', '.join(choices)}; got {word!r}{did_you_mean(word, choices)}"
            )
        return word

    return check
