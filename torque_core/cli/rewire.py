"""Command ``rewire``: rewire a graph, and write what happened to each edge."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from torque_core import __version__
from torque_core.attacks.noise import add_noise
from torque_core.cli.flags import OVERWRITE, add_graph, add_output, check_output, noise_of, spec_of
from torque_core.cli.graph_source import graph_source
from torque_core.cli.parser import Parser
from torque_core.cli.rewire_files import add_store, rewire_files
from torque_core.errors import BadConfig
from torque_core.io.export_folder import export_rewiring, summary
from torque_core.io.spreadsheets import spreadsheet_csv
from torque_core.rewiring.record import Rewiring
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.utils.device import pick_device
from torque_core.utils.optional import require

__all__ = ["add_arguments"]

_EXAMPLES = """\
examples:
  torque rewire cora --noise 0.5 --out DIR           each layer's graph, every edge's torque, a summary
  torque rewire edges.csv nodes.csv --out DIR        the same for a graph in files
  torque rewire graph.graphml --json | jq .layers    the summary only, for other programs
  torque rewire - --layers 1 --out - < a.csv > b.csv from and to a table of edges
  torque rewire cora --config settings.toml          flags from a file
  torque rewire --edges edges.parquet --features x.npy --max-memory 8GB --out DIR    larger than the memory
"""
_STDOUT = Path("-")


def add_arguments(command: Parser) -> None:
    """Add the flags of the command."""
    command.set_defaults(run=_rewire)
    command.epilog = _EXAMPLES
    add_graph(command)
    add_output(
        command, "--out", "DIR", "folder to write to, created if missing; - prints the edges of each layer as CSV"
    )
    add_store(command)


def _rewire(options: argparse.Namespace) -> int:
    if options.edges is not None:
        return rewire_files(options)
    out: Path | None = options.out
    if out == _STDOUT and options.json:
        raise BadConfig("--json and --out - both write to standard output; choose one")
    if out is not None and out != _STDOUT:
        check_output(out, overwrite=options.overwrite or options.force is OVERWRITE)
    noise = noise_of(options, options.seed)
    spec = spec_of(RewireSpec, options, seed=options.seed)
    device = pick_device(options.device)
    source = graph_source(options)
    with tqdm(total=spec.layers + 3, desc="load", unit="step", disable=options.quiet or None) as bar:
        loaded = source.load(None, 0)
        bar.update()
        bar.set_description("noise")
        noisy = add_noise(loaded.data, noise)
        bar.update()
        bar.set_description("rewire")
        rewiring = rewire(noisy.data.clone().to(device), spec, progress=lambda _: bar.update() and None).to("cpu")
        bar.set_description("write")
        about = {
            "dataset": source.name,
            "notes": list(loaded.notes),
            "noise": {"kind": noise.kind, "rate": noise.rate, "seed": noise.seed},
            "version": __version__,
        }
        files = None
        if out is not None and out != _STDOUT:
            files = export_rewiring(rewiring, noisy, out, about, names=loaded.names)
        bar.update()
    if options.json:
        print(json.dumps(summary(rewiring, noisy, about), indent=2, allow_nan=False))
    elif out == _STDOUT:
        _print_edges(rewiring, loaded.names)
    else:
        for number, layer in enumerate(rewiring.layers, start=1):
            print(f"layer {number}: {layer.pruned.size(1):,} of {layer.pairs.size(1):,} edges pruned, "
                  f"{layer.added.size(1):,} edges added. {layer.cut.reason}")  # fmt: skip
        if files is not None:
            print(f"{len(files)} files in {out}")
    return 0


def _print_edges(rewiring: Rewiring, names: Sequence[str] | None) -> None:
    """Print the graph of each layer as a table of undirected edges, which this command reads again."""
    pd = require("pandas", extra="app")
    tables = []
    for number, layer in enumerate(rewiring.layers, start=1):
        nodes = layer.rewired.tolist()
        source, target = nodes if names is None else ([names[node] for node in ends] for ends in nodes)
        weight = 1.0 if layer.rewired_weight is None else layer.rewired_weight[0].numpy()
        tables.append(pd.DataFrame({"source": source, "target": target, "weight": weight, "layer": number}))
    print(spreadsheet_csv(pd.concat(tables)), end="")
