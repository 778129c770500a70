"""Benchmark, ``python -m torque_core.bench``: running time and memory of every method, each in a separate process."""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

# Before torch is loaded: its threads wait for each other for about ten microseconds before they give up the processor.
# By default they wait for milliseconds, which on a machine with other work slows everything down tenfold and more.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

import torch
from torch_geometric.data import Data

from torque_core import __version__
from torque_core.bench.cases import CASES, cases_of_catalog
from torque_core.bench.graphs import BENCH_GRAPHS, BenchGraph
from torque_core.graph.pairs import undirected_pairs
from torque_core.utils.compiled import is_worth_compiling
from torque_core.utils.files import write_atomically
from torque_core.utils.plugins import load_plugins
from torque_core.utils.terminal import run_program

__all__ = ["main", "peak_memory", "processor_name", "table"]

_WIDE = BenchGraph(64, 128, 1 << 18)  # quick, but with enough numbers for compiled code
_LIMIT = 900  # seconds for all repetitions of one method on one graph
Result = dict[str, object]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench and write ``bench.json`` and ``bench.md``, or measure one method on a graph in a file."""
    load_plugins()
    CASES.update(cases_of_catalog())
    parser = argparse.ArgumentParser(prog="python -m torque_core.bench", description=__doc__)
    parser.add_argument("--graphs", nargs="*", default=list(BENCH_GRAPHS), choices=BENCH_GRAPHS, metavar="GRAPH")
    parser.add_argument("--methods", nargs="*", default=list(CASES), choices=CASES, metavar="METHOD")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--repeat", type=int, default=5, help="number of runs; the table has their median")
    parser.add_argument("--out", type=Path, default=Path("assets/bench"), help="folder to write to")
    parser.add_argument("--one", nargs=2, metavar=("METHOD", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        print(json.dumps(_measure(options.one[0], options.one[1], options.device, options.repeat)))
        return 0
    machine: dict[str, object] = {
        "processor": processor_name(),
        "cores": os.cpu_count(),
        "device": torch.cuda.get_device_name() if options.device == "cuda" else "cpu",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torque_core": __version__,
    }
    options.out.mkdir(parents=True, exist_ok=True)
    results = _earlier(options.out / "bench.json", machine, options.graphs)
    with tempfile.TemporaryDirectory() as folder:
        for name in options.graphs:
            file = Path(folder, "graph.pt")
            data = BENCH_GRAPHS[name].make()
            size = {"nodes": data.num_nodes, "edges": data.num_edges // 2, "features": data.num_features}
            torch.save({"x": data.x, "edge_index": data.edge_index, "y": data.y}, file)
            del data
            for method in options.methods:
                if (BENCH_GRAPHS[name].nodes > (CASES[method].most_nodes or sys.maxsize)) or (
                    options.device == "cuda" and not CASES[method].on_gpu
                ):
                    continue
                result = _run_in_process(method, file, options.device, options.repeat)
                results.append({"graph": name, **size, "method": method, **result})
                print(f"{name:24}{CASES[method].title:32}{_text(result)}", flush=True)
                results.sort(key=lambda result: list(BENCH_GRAPHS).index(str(result["graph"])))
                report = {"machine": machine, "repeat": options.repeat, "results": results}
                write_atomically(options.out / "bench.json", json.dumps(report, indent=1).encode())
    write_atomically(options.out / "bench.md", table(machine, results).encode())
    return 0


def _earlier(file: Path, machine: dict[str, object], graphs: Sequence[str]) -> list[Result]:
    """Return earlier results on other graphs, if they are of this machine and the same versions."""
    if not file.exists():
        return []
    report = json.loads(file.read_text())
    return [r for r in report["results"] if r["graph"] not in graphs] if report["machine"] == machine else []


def _run_in_process(method: str, file: Path, device: str, repeat: int) -> Result:
    command = [sys.executable, "-m", "torque_core.bench", "--one", method, str(file)]
    try:
        done = subprocess.run(
            [*command, "--device", device, "--repeat", str(repeat)], capture_output=True, text=True, timeout=_LIMIT
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done in {_LIMIT} s"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
        return {"failed": last[:200]}
    result: Result = json.loads(done.stdout.splitlines()[-1])
    return result


def _measure(method: str, file: str, device: str, repeat: int) -> Result:
    """Return seconds and bytes of one method on the graph of a file, measured in this process.

    The memory is the peak of the process minus its memory with the graph loaded and the libraries imported.
    """
    data = Data(**torch.load(file, weights_only=True))
    data.pairs = undirected_pairs(data["edge_index"], len(data["x"]))
    data = data.to(device)
    run = CASES[method].run
    start = time.perf_counter()
    _warm_up(method, device, BENCH_GRAPHS["karate"])
    first_call = time.perf_counter() - start  # on 34 nodes, so that it is the time of imports
    if is_worth_compiling(*data["x"].shape):
        _warm_up(method, device, _WIDE)
    before = peak_memory(device, reset=True)
    seconds, busy = [], []
    for _ in range(repeat):
        start, start_of_work = time.perf_counter(), time.process_time()
        run(data)
        if device == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
        busy.append(time.process_time() - start_of_work)
    return {
        "seconds": statistics.median(seconds),
        "all_seconds": seconds,
        "processor_seconds": statistics.median(busy),  # of all cores together; other programs hardly change it
        "first_call": first_call,
        "bytes": peak_memory(device) - before,
    }


def _warm_up(method: str, device: str, graph: BenchGraph) -> None:
    """Run once on a small graph, so that imports and compilation are not measured."""
    small = graph.make()
    small.pairs = undirected_pairs(small["edge_index"], len(small["x"]))
    CASES[method].run(small.to(device))


def peak_memory(device: str, *, reset: bool = False) -> int:
    """Return the peak memory so far; with ``reset``, reset the peak and return the current memory."""
    if device == "cuda":
        if reset:
            torch.cuda.reset_peak_memory_stats()
        return torch.cuda.max_memory_allocated()
    if reset:
        # Linux can reset the peak; elsewhere it includes loading the graph, and the difference is too small
        clear = Path("/proc/self/clear_refs")
        if clear.exists():
            clear.write_text("5")
        status = Path("/proc/self/statm")
        if status.exists():
            return int(status.read_text().split()[1]) * resource.getpagesize()
    peak = Path("/proc/self/status")
    if peak.exists():
        line = next(line for line in peak.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def table(machine: Mapping[str, object], results: Sequence[Result]) -> str:
    """Return the results as a Markdown table: a row for each method, a column for each graph.

    Example:
        >>> print(table({"processor": "P"}, [{"graph": "g", "nodes": 3, "edges": 2, "features": 1, "method": "gather",
        ...     "seconds": 0.5, "processor_seconds": 0.9, "bytes": 2e6}]))
        P. Median seconds (of all cores together), and megabytes beyond the graph.
        <BLANKLINE>
        | | g: 3 nodes, 2 edges, 1 features |
        |---|--:|
        | one gather-and-reduce pass | 0.5 s (0.9 s), 2 MB |
        <BLANKLINE>
    """
    graphs = {str(r["graph"]): f"{r['graph']}: {r['nodes']:,} nodes, {r['edges']:,} edges, {r['features']} features"
              for r in results}  # fmt: skip
    cells = {(r["method"], r["graph"]): _text(r) for r in results}
    named = ", ".join(f"{value} {key}" if key == "cores" else str(value) for key, value in machine.items()
                      if key in ("processor", "cores", "device"))  # fmt: skip
    lines = [
        f"{named}. Median seconds (of all cores together), and megabytes beyond the graph.",
        "",
        f"| | {' | '.join(graphs.values())} |",
        f"|---|{'--:|' * len(graphs)}",
    ]
    for method in dict.fromkeys(str(r["method"]) for r in results):
        row = [cells.get((method, graph), "–") for graph in graphs]
        lines.append(f"| {CASES[method].title} | {' | '.join(row)} |")
    first = [float(str(result["first_call"])) for result in results if "first_call" in result
             and result["method"] == "call"]  # fmt: skip
    if first:
        lines += [
            "",
            f"The first call of `rewire` in a process takes {statistics.median(first):.1f} s longer: imports.",
        ]
    largest = max((r for r in results if r["method"] == "call" and "bytes" in r), key=_edges, default=None)
    if largest is not None:
        each = float(str(largest["bytes"])) / _edges(largest)
        lines += ["", f"On {largest['graph']} `rewire(data, layers=1, additions=0)` takes {each:.0f} bytes an edge."]
    return "\n".join(lines) + "\n"


def _edges(result: Result) -> int:
    return int(str(result["edges"]))


def _text(result: Result) -> str:
    if "failed" in result:
        return str(result["failed"])
    seconds = f"{_short(result['seconds'])} s"
    if "processor_seconds" in result:
        seconds += f" ({_short(result['processor_seconds'])} s)"
    return f"{seconds}, {float(str(result['bytes'])) / 1e6:,.0f} MB"


def _short(seconds: object) -> str:
    """Two digits, without an exponent."""
    number = float(str(seconds))
    return f"{number:.0f}" if number >= 100 else f"{number:.2g}"


def processor_name() -> str:
    """Return the name of the processor, as Linux states it, or its architecture."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        if names:
            return names[0]
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(run_program(main))
