"""Command ``ship``: gather stores of results into one compact file."""

import argparse
from pathlib import Path

from torque_core.cli.config_file import add_config
from torque_core.cli.flags import add_output, check_output
from torque_core.cli.parser import Parser
from torque_core.cli.study import RUNS
from torque_core.experiments.results import SHIPPED
from torque_core.experiments.results.store import Store

__all__ = ["add_arguments"]

_EXAMPLES = """\
examples:
  torque ship --to results.sqlite.xz                 the results of `torque study`, compressed
  torque ship --take other.sqlite --to all.sqlite    with those of another machine
"""


def add_arguments(command: Parser) -> None:
    """Add the flags of the command."""
    command.set_defaults(run=_ship)
    command.epilog = _EXAMPLES
    command.add_argument("--store", type=Path, default=RUNS, metavar="PATH", help="file of the results")
    command.add_argument(
        "--take",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        metavar="PATH",
        help="other stores to copy results from first",
    )
    add_output(command, "--to", "PATH", "file to write; .xz is compressed", SHIPPED)
    command.add_argument("--study", nargs="+", action="extend", metavar="NAME", help="include only these studies")
    add_config(command)


def _ship(options: argparse.Namespace) -> int:
    check_output(options.out, overwrite=options.overwrite)
    with Store(options.store) as store:
        for path in options.take:
            print(f"{store.take(path):,} results from {path}")
        written = store.copy_to(options.out, studies=options.study)
    print(f"{written.stat().st_size / 1e6:.1f} MB in {written}")
    return 0
