"""The commands ``study``, which runs a study, ``ship``, which gathers stores, and ``report``, which shows one."""

import argparse
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from torque_core.experiments.results import SHIPPED
from torque_core.experiments.results.store import Store
from torque_core.experiments.runner import Summary, run_study
from torque_core.experiments.studies import STUDIES

__all__ = ["add_commands"]

_RUNS = Path("build", "runs.sqlite")
_STOPPED = 130  # the status of a program that Ctrl-C ended


def add_commands(commands: Any) -> None:
    """Add both to the commands of a program, which is what ``add_subparsers`` gave; ``run`` is what runs each."""
    form = argparse.ArgumentDefaultsHelpFormatter
    study = commands.add_parser(
        "study", help="run a study, or go on with it; what was run before is not run again", formatter_class=form
    )
    study.set_defaults(run=_study, out=None)
    what = study.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", metavar="NAME", choices=STUDIES, help=f"one of {', '.join(STUDIES)}")
    what.add_argument("--list", action="store_true", help="say what studies there are, and run none")
    study.add_argument("--store", type=Path, default=_RUNS, metavar="PATH", help="where results are kept")
    where = study.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, default=0, metavar="N", help="processes; 0 runs in this one")
    where.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask scheduler, such as tcp://10.0.0.1:8786")
    study.add_argument("--limit", type=int, metavar="N", help="run at most so many experiments now")
    study.add_argument("--quiet", action="store_true", help="no progress bar")
    ship = commands.add_parser(
        "ship", help="gather stores into one compact file, for others to read", formatter_class=form
    )
    ship.set_defaults(run=_ship, out=None)
    ship.add_argument("--store", type=Path, default=_RUNS, metavar="PATH", help="where results are kept")
    ship.add_argument(
        "--take",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="a store to take over first; may be given again",
    )
    ship.add_argument("--to", type=Path, default=SHIPPED, metavar="PATH", help="the file to be written")
    ship.add_argument("--study", action="append", metavar="NAME", help="only this one; may be given again")
    report = commands.add_parser(
        "report", help="write the tables and figures of what a store holds", formatter_class=form
    )
    report.set_defaults(run=_report)
    report.add_argument("--store", type=Path, default=SHIPPED, metavar="PATH", help="where results are kept")
    report.add_argument("--out", type=Path, default=Path("build", "report"), metavar="DIR", help="folder to write to")
    report.add_argument("--study", action="append", metavar="NAME", help="only this one; may be given again")


def _study(options: argparse.Namespace) -> int:
    if options.list:
        width = max(map(len, STUDIES))
        for name in STUDIES:
            print(f"{name:{width}}  {STUDIES.describe(name)}")
        return 0
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
            print(f"stopped; what is done is in {options.store}, and the same command goes on from there")
            return _STOPPED
    _say(options, summary)
    return 1 if summary.failed else 0


def _say(options: argparse.Namespace, summary: Summary) -> None:
    print(f"{options.name}: {summary.done:,} run now, {summary.known:,} known before, all in {options.store}")
    if summary.unfinished:
        print(f"{summary.unfinished:,} plans want more runs than the limit allows; the same command goes on")
    for label, message in summary.failed:
        print(f"failed, to be tried again by the same command: {label}: {message}", file=sys.stderr)


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
