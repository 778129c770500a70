"""Commands ``study``, ``ship`` and ``report``: run a study, gather stores into one file, and write a report."""

import argparse
import logging
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tqdm import tqdm

from torque_core.experiments.results import SHIPPED
from torque_core.experiments.results.store import Store
from torque_core.experiments.runner import Summary, run_study
from torque_core.experiments.studies import STUDIES

__all__ = ["add_commands"]

_RUNS = Path("build", "runs.sqlite")
_INTERRUPTED = 130  # exit status of a program that was ended by Ctrl-C


def add_commands(commands: Any) -> None:
    """Add the commands to the subparsers of a program; the default ``run`` of each is the function to call."""
    form = argparse.ArgumentDefaultsHelpFormatter
    study = commands.add_parser(
        "study", help="run a study, or continue it; stored results are not computed again", formatter_class=form
    )
    study.set_defaults(run=_study, out=None)
    what = study.add_mutually_exclusive_group(required=True)
    names = ", ".join(STUDIES)
    what.add_argument("name", nargs="?", metavar="NAME", choices=STUDIES, help=f"one of {names}")
    what.add_argument("--list", action="store_true", help="list all studies and exit")
    study.add_argument("--store", type=Path, default=_RUNS, metavar="PATH", help="file of the results")
    where = study.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, default=0, metavar="N", help="number of processes; 0 runs in this one")
    where.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler to use, such as tcp://10.0.0.1:8786")
    study.add_argument("--limit", type=int, metavar="N", help="run at most this many experiments")
    study.add_argument("--quiet", action="store_true", help="show no progress bar")
    ship = commands.add_parser("ship", help="gather stores into one compact file", formatter_class=form)
    ship.set_defaults(run=_ship, out=None)
    ship.add_argument("--store", type=Path, default=_RUNS, metavar="PATH", help="file of the results")
    ship.add_argument(
        "--take",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="another store to copy results from first; may be repeated",
    )
    ship.add_argument("--to", type=Path, default=SHIPPED, metavar="PATH", help="file to write; .xz is compressed")
    ship.add_argument("--study", action="append", metavar="NAME", help="include only this study; may be repeated")
    report = commands.add_parser("report", help="write tables and figures of the stored results", formatter_class=form)
    report.set_defaults(run=_report)
    report.add_argument("--store", type=Path, default=SHIPPED, metavar="PATH", help="file of the results")
    report.add_argument("--out", type=Path, default=Path("build", "report"), metavar="DIR", help="folder to write to")
    report.add_argument("--study", action="append", metavar="NAME", help="include only this study; may be repeated")


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
            return _INTERRUPTED
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


def _ship(options: argparse.Namespace) -> int:
    with Store(options.store) as store:
        for path in options.take:
            print(f"{store.take(path):,} results from {path}")
        written = store.copy_to(options.to, studies=options.study)
    print(f"{written.stat().st_size / 1e6:.1f} MB in {written}")
    return 0


def _report(options: argparse.Namespace) -> int:
    from torque_core.experiments.report.html import write_report

    with Store(options.store, read_only=True) as store:
        files = write_report(store, options.out, studies=options.study)
    print(f"{len(files)} files in {options.out}")
    return 0
