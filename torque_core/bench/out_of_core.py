"""Benchmark of rewiring in files, ``python -m torque_core.bench.out_of_core``: time, and peak memory from outside."""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from torque_core import __version__
from torque_core.bench.__main__ import processor_name
from torque_core.bench.local_cluster import local_cluster
from torque_core.utils.files import write_atomically
from torque_core.utils.optional import require
from torque_core.utils.terminal import run_program

__all__ = ["main", "write_graph"]

_CLASSES = 7
_MEANT = 0.7  # fraction of the edges that join nodes of one class
_PIECE = 1 << 20


def write_graph(folder: Path, nodes: int, edges: int, features: int, seed: int = 0) -> tuple[Path, Path]:
    """Write a random homophilous graph piece by piece: ``edges.parquet`` and ``x.npy``; a node's class is its number
    modulo 7.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     edges, x = write_graph(Path(folder), 100, 300, 8)
        ...     np.load(x).shape
        (100, 8)
    """
    pyarrow, parquet = require("pyarrow", extra="large"), require("pyarrow.parquet", extra="large")
    random = np.random.default_rng(seed)
    centre = random.standard_normal((_CLASSES, features), dtype=np.float32)
    x = np.lib.format.open_memmap(folder / "x.npy", mode="w+", dtype=np.float32, shape=(nodes, features))
    for first in range(0, nodes, _PIECE):
        part = np.arange(first, min(first + _PIECE, nodes))
        x[part] = 0.5 * centre[part % _CLASSES] + random.standard_normal((len(part), features), dtype=np.float32)
    x.flush()
    del x
    schema = pyarrow.schema([("source", pyarrow.int64()), ("target", pyarrow.int64())])
    with parquet.ParquetWriter(folder / "edges.parquet", schema) as writer:
        for first in range(0, edges, _PIECE):
            count = min(_PIECE, edges - first)
            source, target = random.integers(nodes, size=(2, count))
            meant = random.random(count) < _MEANT
            target[meant] += (source - target)[meant] % _CLASSES
            target[target >= nodes] -= _CLASSES
            writer.write_table(pyarrow.table({"source": source, "target": target}, schema=schema))
    return folder / "edges.parquet", folder / "x.npy"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a graph, rewire it by the command line in another process, and add the run to ``out_of_core.json``."""
    parser = argparse.ArgumentParser(prog="python -m torque_core.bench.out_of_core", description=__doc__)
    parser.add_argument("--nodes", type=int, default=5_000_000)
    parser.add_argument("--edges", type=int, default=50_000_000)
    parser.add_argument("--features", type=int, default=64)
    parser.add_argument("--max-memory", default="16GB", help="of the process, or of each worker")
    parser.add_argument(
        "--workers", type=int, default=0, help="number of Dask workers on this machine; 0 for one process without Dask"
    )
    parser.add_argument("--folder", type=Path, help="folder for the graph; a temporary one by default")
    parser.add_argument("--out", type=Path, default=Path("assets/bench"), help="folder of out_of_core.json")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        edges, x = write_graph(Path(name), options.nodes, options.edges, options.features)
        run = _timed(edges, x, options.max_memory, options.workers)
    sizes = {"nodes": options.nodes, "rows": options.edges, "features": options.features}
    run = sizes | {"max_memory": options.max_memory, "workers": options.workers} | run
    _add(options.out / "out_of_core.json", run)
    print(
        f"{options.nodes:,} nodes, {options.edges:,} edges, {options.features} features, --max-memory "
        f"{options.max_memory}, {options.workers or 'no'} workers: {run['seconds']} s ({run['cpu_seconds']} s of "
        f"processor time), peak {run['peak_bytes'] / 1e9:.1f} GB, {run['pruned']:,} edges pruned"
    )
    return 0


def _timed(edges: Path, x: Path, max_memory: str, workers: int) -> dict[str, Any]:
    """Rewire the graph in ``edges`` and ``x``; the time and the largest memory of a process, as the system reports."""
    folder = edges.parent
    command = [
        sys.executable,
        "-m",
        "torque_core",
        "rewire",
        "--edges",
        str(edges),
        "--features",
        str(x),
        "--layers",
        "1",
    ]
    command += ["--max-memory", max_memory, "--out", str(folder / "out"), "--json", "--quiet"]
    with local_cluster(folder, workers) if workers else nullcontext() as cluster:
        if cluster is not None:
            command += ["--scheduler", cluster[0]]
        start = time.perf_counter()
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        seconds = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)  # all of them have ended now
    layer = json.loads(printed)["layers"][0]
    return {
        "edges": layer["edges"],
        "pruned": layer["pruned"],
        "seconds": round(seconds, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }


def _add(file: Path, run: dict[str, Any]) -> None:
    """Add a run to a record, in place of an earlier one of the same settings; those of other machines are dropped."""
    machine = {"processor": processor_name(), "cores": os.cpu_count(), "torque_core": __version__}
    record = json.loads(file.read_text()) if file.exists() else {}
    runs = record["runs"] if record.get("machine") == machine else []
    settings = ("nodes", "rows", "features", "max_memory", "workers")
    runs = [other for other in runs if any(other[name] != run[name] for name in settings)] + [run]
    runs.sort(key=lambda run: [run[name] for name in ("rows", "workers", "nodes", "features")])
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, (json.dumps({"machine": machine, "runs": runs}, indent=1) + "\n").encode())


if __name__ == "__main__":
    sys.exit(run_program(main))
