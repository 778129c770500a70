"""Benchmark of training, ``python -m torque_core.bench.training``: time of an epoch and memory, for each backbone."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from torque_core import __version__
from torque_core.bench.__main__ import peak_memory, processor_name
from torque_core.bench.graphs import BENCH_GRAPHS
from torque_core.training import Epoch, TrainSpec, train
from torque_core.utils.files import write_atomically
from torque_core.utils.terminal import run_program

__all__ = ["CASES", "main", "training_table"]

_BACKBONES = ("gcn", "sage", "gat", "gprgnn", "dir_gcn")
CASES: list[tuple[str, str, int | None]] = [
    *((graph, backbone, None) for graph in ("cora", "169k") for backbone in _BACKBONES),
    ("169k", "gcn", 1024),
    ("1M", "gcn", None),
    ("1M", "gcn", 1024),
]
"""Graph, backbone and batch size of each training; None trains on all nodes at once."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trainings, each in a separate process, and write ``training.json``."""
    parser = argparse.ArgumentParser(prog="python -m torque_core.bench.training", description=__doc__)
    graphs = list(dict.fromkeys(graph for graph, *_ in CASES))
    parser.add_argument("--graphs", nargs="*", default=graphs, choices=BENCH_GRAPHS, metavar="GRAPH")
    parser.add_argument("--epochs", type=int, default=3, help="number of timed epochs; the table has their median")
    parser.add_argument("--out", type=Path, default=Path("assets/bench"), help="folder of training.json")
    parser.add_argument("--one", nargs=3, metavar=("GRAPH", "BACKBONE", "BATCH"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        graph, backbone, batch = options.one
        print(json.dumps(_measure(graph, backbone, int(batch) or None, options.epochs)))
        return 0
    runs = []
    for graph, backbone, batch in CASES:
        if graph not in options.graphs:
            continue
        case = [graph, backbone, str(batch or 0)]
        command = [sys.executable, "-m", "torque_core.bench.training", "--epochs", str(options.epochs), "--one", *case]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
        print(f"{graph:8}{backbone:10}{batch or 'all':>6}  {_text(runs[-1])}", flush=True)
    machine = {"processor": processor_name(), "cores": os.cpu_count(), "torque_core": __version__}
    record = {"machine": machine, "epochs": options.epochs, "runs": runs}
    options.out.mkdir(parents=True, exist_ok=True)
    write_atomically(options.out / "training.json", (json.dumps(record, indent=1) + "\n").encode())
    return 0


def _measure(graph: str, backbone: str, batch: int | None, epochs: int) -> dict[str, Any]:
    """Train in this process: the time of an epoch with its validation, and the peak memory beyond the loaded graph."""
    data = BENCH_GRAPHS[graph].make()
    part = torch.arange(int(data.num_nodes or 0)) % 10
    data.train_mask, data.val_mask, data.test_mask = part == 0, part == 1, part > 1
    small = BENCH_GRAPHS["karate"].make()
    small.train_mask, small.val_mask, small.test_mask = (torch.arange(34) % 3 == k for k in range(3))
    list(train(small, TrainSpec(backbone=backbone, epochs=1), device="cpu"))  # imports are not measured
    before = peak_memory("cpu", reset=True)
    events = train(data, TrainSpec(backbone=backbone, epochs=epochs + 1), device="cpu", batch_size=batch)
    stamps = [time.perf_counter() for event in events if isinstance(event, Epoch)]  # the end of each epoch
    seconds = [end - start for start, end in pairwise(stamps)]
    return {
        "graph": graph,
        "nodes": data.num_nodes,
        "edges": data.num_edges // 2,
        "features": data.num_features,
        "backbone": backbone,
        "batch_size": batch,
        "epoch_seconds": statistics.median(seconds),
        "bytes": peak_memory("cpu") - before,
    }


def training_table(runs: Sequence[dict[str, Any]]) -> str:
    """Return the runs as a Markdown table: a row for each backbone and batch size, a column for each graph.

    Example:
        >>> run = {"graph": "g", "nodes": 3, "edges": 2, "features": 1, "backbone": "gcn", "batch_size": None}
        >>> print(training_table([run | {"epoch_seconds": 0.5, "bytes": 2e6}]))
        | | g: 3 nodes, 2 edges, 1 features |
        |---|--:|
        | gcn, all nodes at once | 0.5 s, 2 MB |
    """
    graphs = {
        run["graph"]: f"{run['graph']}: {run['nodes']:,} nodes, {run['edges']:,} edges, {run['features']} features"
        for run in runs
    }
    rows: dict[str, dict[str, str]] = {}
    for run in runs:
        batch = f"batches of {run['batch_size']:,}" if run["batch_size"] else "all nodes at once"
        rows.setdefault(f"{run['backbone']}, {batch}", {})[run["graph"]] = _text(run)
    lines = [f"| | {' | '.join(graphs.values())} |", f"|---|{'--:|' * len(graphs)}"]
    lines += [f"| {row} | {' | '.join(cells.get(graph, '–') for graph in graphs)} |" for row, cells in rows.items()]
    return "\n".join(lines)


def _text(run: dict[str, Any]) -> str:
    return f"{run['epoch_seconds']:.2g} s, {run['bytes'] / 1e6:,.0f} MB"


if __name__ == "__main__":
    sys.exit(run_program(main))
