"""Command ``study``: run a study, or continue it."""

import argparse
import logging
import sys
from importlib.util import find_spec
from pathlib import Path

from tqdm import tqdm

from torque_core.cli.config_file import add_config
from torque_core.cli.flags import add_quiet
from torque_core.cli.parser import Parser, one_of
from torque_core.experiments.results.store import Store
from torque_core.experiments.runner import Summary, run_study
from torque_core.experiments.studies import STUDIES
from torque_core.utils.terminal import INTERRUPTED

__all__ = ["RUNS", "add_arguments"]

RUNS = Path("build", "runs.sqlite")
"""File to which results are written by default."""
_EXAMPLES = """\
examples:
  torque study --list                                the studies
  torque study noise --workers 2                     one study, or the rest of it, in two processes
  torque study clean --scheduler tcp://host:8786     on a Dask cluster
"""


def add_arguments(command: Parser) -> None:
    """Add the flags of the command."""
    command.set_defaults(run=_study)
    command.epilog = _EXAMPLES
    what = command.add_mutually_exclusive_group(required=True)
    names = ", ".join(STUDIES)
    what.add_argument(
        "name", nargs="?", metavar="NAME", type=one_of(STUDIES), choices=[*STUDIES], help=f"one of {names}"
    )
    what.add_argument("--list", action="store_true", help="list all studies and exit")
    command.add_argument("--store", type=Path, default=RUNS, metavar="PATH", help="file of the results")
    where = command.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, default=0, metavar="N", help="number of processes; 0 runs in this one")
    where.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler to use, such as tcp://10.0.0.1:8786")
    command.add_argument("--limit", type=int, metavar="N", help="run at most this many experiments")
    add_quiet(command)
    add_config(command)


def _study(options: argparse.Namespace) -> int:
    if options.list:
        width = max(map(len, STUDIES))
        for name in STUDIES:
            print(f"{name:{width}}  {STUDIES.describe(name)}")
        return 0
    _silence_libraries()
    with (
        Store(options.store) as store,
        # None: a bar on a terminal only, never in a file or a pipe
        tqdm(desc=options.name, unit="run", disable=options.quiet or None) as bar,
    ):

        def show(done: int, left: int) -> None:
            bar.total = done + left
            bar.update(done - bar.n)

        try:
            summary = run_study(
                STUDIES[options.name](),
                store,
                scheduler=options.scheduler,
                workers=options.workers,
                limit=options.limit,
                progress=show,
            )
        except KeyboardInterrupt:
            bar.close()
            print(f"stopped; finished runs are in {options.store}, and the same command continues from there")
            return INTERRUPTED
    _print_summary(options, summary)
    return 1 if summary.failed else 0


def _silence_libraries() -> None:
    """Set the log levels of this process, so that libraries do not write between the lines of the command."""
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # lost connections are raised as errors
    if find_spec("optuna") is not None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)


def _print_summary(options: argparse.Namespace, summary: Summary) -> None:
    print(f"{options.name}: {summary.done:,} runs now, {summary.known:,} runs before, all in {options.store}")
    if summary.unfinished:
        print(f"{summary.unfinished:,} plans need more runs than the limit allows; the same command continues them")
    for label, message in summary.failed:
        print(f"failed, will be tried again by the same command: {label}: {message}", file=sys.stderr)
