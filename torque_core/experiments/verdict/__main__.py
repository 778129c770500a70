"""Run the verdict on a data set, and print its tables and the time that it took.

``python -m torque_core.experiments.verdict cora``
"""

import argparse
import time

import torch

from torque_core.datasets import DATASETS, DatasetSpec, load
from torque_core.experiments.verdict.run import run_verdict
from torque_core.experiments.verdict.spec import VerdictSpec

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the verdict that the command line describes."""
    parser = argparse.ArgumentParser(prog="python -m torque_core.experiments.verdict", description=__doc__)
    parser.add_argument("dataset", choices=list(DATASETS), help="the data set")
    parser.add_argument("--seeds", type=int, default=VerdictSpec().seeds, help="number of seeds, each with its split")
    parser.add_argument("--threads", type=int, default=2, help="number of CPU threads")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    spec = VerdictSpec(seeds=options.seeds)
    first = DatasetSpec(options.dataset)
    count = next(scheme.count for scheme in DATASETS[first.name].splits if scheme.name == first.scheme)
    splits = [load(DatasetSpec(first.name, first.scheme, seed % count)).data for seed in range(spec.seeds)]
    wall, cpu = time.perf_counter(), time.process_time()
    verdict = run_verdict(splits, spec)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(verdict.sentence())
    print(verdict.scores().to_string())
    print(verdict.edges().to_string())
    print(f"{len(spec.tasks())} trainings in {wall:.0f} s with {options.threads} threads, {cpu:.0f} s of CPU time")


if __name__ == "__main__":
    main()
