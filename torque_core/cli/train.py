"""Command ``train``: train with several methods on the same graphs, splits and seeds."""

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import replace

from tqdm import tqdm

from torque_core.attacks.noise import add_noise
from torque_core.cli.flags import add_fields, add_graph, field_words, noise_of, spec_of
from torque_core.cli.graph_source import graph_source
from torque_core.cli.parser import Parser, one_of
from torque_core.errors import BadConfig
from torque_core.methods.catalog import find_method, methods_for
from torque_core.methods.train_by import train_by
from torque_core.nn.relations import without_rewiring
from torque_core.rewiring.spec import RewireSpec
from torque_core.training import PRESETS, Epoch, Finished, TrainSpec
from torque_core.utils.fields import fields_of

__all__ = ["add_arguments"]

_EXAMPLES = """\
examples:
  torque train cora --noise 0.5                      a plain GCN against the same with torque
  torque train edges.csv nodes.csv --runs 10         on a graph in files, whose nodes have classes
  torque train cora --methods plain torque gdc fosr  other methods
  torque train cora --batch-size 512                 in mini-batches with sampled neighbours
  torque train minesweeper --preset deep             with the settings of a strong deep model
  torque train cora --backbone gat --json            scores of every run, for other programs
"""
_WITHOUT = {"metric", *fields_of(RewireSpec)}
"""Fields of a training that are not flags: the data set has the metric, and the rewiring has the others."""


def add_arguments(command: Parser) -> None:
    """Add the flags of the command."""
    command.set_defaults(run=_train)
    command.epilog = _EXAMPLES
    methods = methods_for("train")
    command.add_argument("--scheme", help="split scheme; the data set's first by default")
    command.add_argument("--split", type=int, default=0, help="split of the first run; later runs use the next ones")
    command.add_argument("--runs", type=int, default=5, help="number of runs, each with its own split and seed")
    command.add_argument(
        "--methods",
        nargs="+",
        action="extend",
        type=one_of(methods),
        choices=[*methods],
        metavar="METHOD",
        help=f"methods to compare, plain and torque by default; of {', '.join(methods)}",
    )
    add_graph(command)
    command.implied = _preset_words  # type: ignore[method-assign]  # presets are of this command only
    training = command.add_argument_group("training")
    presets = "; ".join(f"{name}: {preset.title.lower()}" for name, preset in PRESETS.items())
    training.add_argument(
        "--preset",
        type=one_of(PRESETS),
        choices=[*PRESETS],
        help=f"hyper-parameters and number of layers from the literature; other flags win over it. {presets}",
    )
    add_fields(training, TrainSpec, without=_WITHOUT)
    training.add_argument(
        "--batch-size", type=int, metavar="N", help="training nodes in a mini-batch; by default the whole graph"
    )
    training.add_argument(
        "--fanout", type=int, default=15, metavar="N", help="neighbours sampled for each node and layer of a mini-batch"
    )


def _preset_words(words: Sequence[str]) -> list[str]:
    """Return the flags that ``--preset`` stands for; nothing if its value is missing or unknown."""
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    finder.add_argument("--preset")
    try:
        preset = PRESETS.get(finder.parse_known_args(list(words))[0].preset)
    except argparse.ArgumentError:  # without a value, which the parser of the command reports
        return []
    return [] if preset is None else [*field_words(preset.training, without=_WITHOUT), f"--layers={preset.layers}"]


def _train(options: argparse.Namespace) -> int:
    """Train by each method on the same graphs, splits and seeds; print mean and standard deviation of test scores."""
    if options.runs < 1:
        raise BadConfig(f"runs must be at least 1, got {options.runs}")
    source = graph_source(options)
    scores: dict[str, list[float]] = {method: [] for method in options.methods or ("plain", "torque")}
    metric = ""
    with tqdm(total=len(scores) * options.runs * options.epochs, unit="epoch", disable=options.quiet or None) as bar:
        for run in range(options.runs):
            seed, split = options.seed + run, options.split + run
            loaded = source.load(options.scheme, split)
            metric = loaded.info.metric
            graph = add_noise(loaded.data, noise_of(options, seed)).data
            training = spec_of(TrainSpec, options, without=_WITHOUT, metric=metric, seed=seed)
            rewiring = spec_of(RewireSpec, options, seed=seed)
            for method, values in scores.items():
                bar.set_description(f"run {run + 1} of {options.runs}, {method}")
                spec = training
                if find_method(method).rewiring is None:
                    spec = replace(training, relations=without_rewiring(training.relations))
                for event in train_by(
                    method,
                    graph,
                    spec,
                    rewiring,
                    device=options.device,
                    batch_size=options.batch_size,
                    fanout=options.fanout,
                ):
                    bar.update(isinstance(event, Epoch))
                    if isinstance(event, Finished):
                        if event.test is None:
                            raise BadConfig(f"split {split} of {options.scheme or 'this graph'!r} has no test nodes")
                        values.append(100 * event.test)
    if options.json:
        print(json.dumps(_document(source.name, metric, options, scores), indent=2))
        return 0
    print(f"test {metric} (%) on {source.name}, {options.noise_kind} {options.noise:.0%}, runs: {options.runs}")
    width = max(map(len, scores))
    for method, values in scores.items():
        spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
        each = " ".join(f"{value:.1f}" for value in values)
        print(f"{method:{width}}  {statistics.fmean(values):.1f}{spread}   {each}")
    return 0


def _document(name: str, metric: str, options: argparse.Namespace, scores: dict[str, list[float]]) -> dict[str, object]:
    return {
        "dataset": name,
        "metric": metric,
        "unit": "%",
        "noise": {"kind": options.noise_kind, "rate": options.noise},
        "methods": {
            method: {
                "title": find_method(method).title,
                "mean": statistics.fmean(values),
                "std": statistics.stdev(values) if len(values) > 1 else None,
                "runs": values,
            }
            for method, values in scores.items()
        },
    }
