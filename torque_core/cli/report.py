"""Command ``report``: write tables and figures of stored results."""

import argparse
from pathlib import Path

from torque_core.cli.config_file import add_config
from torque_core.cli.flags import add_output, check_output
from torque_core.cli.parser import Parser
from torque_core.experiments.report.html import write_report
from torque_core.experiments.results import SHIPPED
from torque_core.experiments.results.store import Store

__all__ = ["add_arguments"]

_EXAMPLES = """\
examples:
  torque report                                      all shipped results, in build/report
  torque report --study noise clean --out DIR        two studies
"""


def add_arguments(command: Parser) -> None:
    """Add the flags of the command."""
    command.set_defaults(run=_report)
    command.epilog = _EXAMPLES
    command.add_argument("--store", type=Path, default=SHIPPED, metavar="PATH", help="file of the results")
    add_output(command, "--out", "DIR", "folder to write to, created if missing", Path("build", "report"))
    command.add_argument("--study", nargs="+", action="extend", metavar="NAME", help="include only these studies")
    add_config(command)


def _report(options: argparse.Namespace) -> int:
    check_output(options.out, overwrite=options.overwrite)
    with Store(options.store, read_only=True) as store:
        files = write_report(store, options.out, studies=options.study)
    print(f"{len(files)} files in {options.out}")
    return 0
