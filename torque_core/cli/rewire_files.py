"""Rewiring of a graph in files that may be larger than the memory, for the command ``rewire``."""

import argparse
import json
import sys
from contextlib import nullcontext
from pathlib import Path

from tqdm import tqdm

from torque_core.cli.flags import OVERWRITE, spec_of
from torque_core.cli.parser import Parser
from torque_core.errors import BadConfig
from torque_core.out_of_core import DaskRunner, EdgeColumns, make_plan, rewire_store
from torque_core.out_of_core.rewire_store import in_this_process
from torque_core.rewiring.spec import RewireSpec
from torque_core.utils.fields import fields_of
from torque_core.utils.memory import parse_bytes

__all__ = ["add_store", "rewire_files"]

_BAR = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"


def add_store(command: Parser) -> None:
    """Add the flags of a graph in files that may be larger than the memory."""
    group = command.add_argument_group("a graph that may be larger than the memory")
    group.add_argument(
        "--edges",
        type=Path,
        metavar="PATH",
        help="Parquet or CSV file of edges, or a folder of such files, instead of GRAPH; no edges are added",
    )
    group.add_argument("--features", type=Path, metavar="FILE", help="NumPy file (.npy) with a row for each node")
    group.add_argument(
        "--columns",
        default="source,target,weight",
        metavar="NAMES",
        help="columns of the edges: source, target and, if there is one, weight",
    )
    group.add_argument("--max-memory", metavar="SIZE", help="largest memory, such as 8GB; the available one by default")
    group.add_argument(
        "--scheduler", metavar="ADDRESS", help="Dask scheduler whose workers share the files; --max-memory is for each"
    )


def rewire_files(options: argparse.Namespace) -> int:
    """Rewire the graph that ``--edges`` and ``--features`` name, or continue; print a line for each layer."""
    for flag in ("features", "out"):
        if getattr(options, flag) is None:
            raise BadConfig(f"--edges also needs --{flag}; see torque rewire --help")
    if getattr(options, "graph", None):
        raise BadConfig(f"give a graph or --edges, not both; got {' '.join(options.graph)} and {options.edges}")
    if options.noise:
        raise BadConfig("--noise is for graphs in memory; omit it with --edges")
    if options.additions not in (0, fields_of(RewireSpec)["additions"].default):
        raise BadConfig(f"--edges adds no edges; omit --additions, got {options.additions:g}")
    names = options.columns.split(",")
    if not 2 <= len(names) <= 3:
        raise BadConfig(f"--columns must be two or three names, such as source,target,weight; got {options.columns!r}")
    spec = spec_of(RewireSpec, options, without=["additions"], additions=0.0, seed=options.seed)
    memory = None if options.max_memory is None else parse_bytes(options.max_memory)
    plan = make_plan(options.edges, options.features, spec, EdgeColumns(*names), memory)
    if not options.quiet:
        print(
            f"{plan.num_nodes:,} nodes in {plan.blocks} blocks; up to {plan.disk_bytes / 1e9:,.1f} GB in {options.out}",
            file=sys.stderr,
        )
    cluster = nullcontext(in_this_process) if options.scheduler is None else DaskRunner(options.scheduler)
    with cluster as runner, tqdm(total=1.0, bar_format=_BAR, disable=options.quiet or None) as bar:

        def progress(done: float, step: str) -> None:
            bar.set_description(step)
            bar.update(done - bar.n)

        rewiring = rewire_store(
            options.edges,
            options.features,
            options.out,
            spec,
            max_memory=memory,
            columns=EdgeColumns(*names),
            runner=runner,
            progress=progress,
            overwrite=options.overwrite or options.force is OVERWRITE,
        )
    if options.json:
        print(json.dumps(json.loads((rewiring.folder / "summary.json").read_text(encoding="utf-8")), indent=2))
        return 0
    for number, layer in enumerate(rewiring.layers, start=1):
        print(f"layer {number}: {layer.pruned:,} of {layer.edges:,} edges pruned. {layer.reason}")
    print(f"the edges of each layer are in {rewiring.folder}")
    return 0
