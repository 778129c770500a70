"""The command line: ``python -m torque_core rewire --dataset cora --out DIR``, ``train``, ``study`` and ``report``."""

import argparse
import os
import statistics
import sys
from collections.abc import Sequence
from dataclasses import fields

from tqdm import tqdm

# Before torch is loaded: its threads wait for each other for about ten microseconds before they give up the processor.
# By default they wait for milliseconds, which on a machine with other work slows everything down tenfold and more.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

from torque_core import __version__
from torque_core.datasets import DATASETS, DatasetSpec, download, load
from torque_core.errors import BadConfig, TorqueError
from torque_core.experiments.cli import add_commands
from torque_core.graph.noise import NOISE_KINDS, Noise, add_noise
from torque_core.io.export_folder import export_rewiring
from torque_core.rewiring.additions import ADDITIONS
from torque_core.rewiring.cuts import CUTS
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import AUTO, HIERARCHIES, RewireSpec
from torque_core.scoring.forces import FORCES
from torque_core.scoring.levers import LEVERS
from torque_core.scoring.torque import PRODUCTS
from torque_core.training.loop import Epoch, Finished, TrainSpec, train
from torque_core.utils.device import DEVICES, pick_device

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0, or 2 after an error, which is one line on standard error."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except TorqueError as error:
        print(f"torque_core: {error}", file=sys.stderr)
    except OSError as error:
        print(f"torque_core: cannot write {error.filename or options.out}: {error.strerror or error}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m torque_core", description="Torque-driven rewiring of graphs.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    form = argparse.ArgumentDefaultsHelpFormatter
    rewiring = commands.add_parser(
        "rewire", help="rewire a data set and write each layer's graph and a summary", formatter_class=form
    )
    rewiring.set_defaults(run=_rewire)
    rewiring.add_argument("--out", required=True, metavar="DIR", help="folder to write to; it is made if need be")
    _common(rewiring)
    training = commands.add_parser(
        "train",
        help="train a plain GCN and TorqueGNN on a data set and compare their test scores",
        formatter_class=form,
    )
    training.set_defaults(run=_train, out=None)
    training.add_argument("--scheme", help="split scheme; by default the data set's first")
    training.add_argument("--split", type=int, default=0, help="split of the first run; each run takes the next")
    training.add_argument("--runs", type=int, default=5, help="each with a split and a seed of its own")
    training.add_argument("--epochs", type=int, default=TrainSpec().epochs)
    _common(training)
    add_commands(commands)
    return parser


def _common(command: argparse.ArgumentParser) -> None:
    default = RewireSpec()
    command.add_argument("--dataset", required=True, metavar="NAME", help=f"one of {', '.join(DATASETS)}")
    command.add_argument("--noise", type=float, default=0.0, metavar="RATE", help="noise level, 0.5 is 50 %%")
    command.add_argument("--noise-kind", default="insert", choices=NOISE_KINDS)
    command.add_argument("--seed", type=int, default=0, help="of the noise and of what is sampled")
    command.add_argument("--lever", default=default.lever, choices=(*LEVERS, AUTO))
    command.add_argument("--force", default=default.force, choices=(*FORCES, AUTO))
    command.add_argument("--product", default=default.product, choices=PRODUCTS)
    command.add_argument("--temperature", type=float, default=default.temperature, help="of the force 'free'")
    command.add_argument("--confidence", type=float, default=default.confidence, help="of the force 'disparity'")
    command.add_argument("--cut", default=default.cut, choices=CUTS)
    command.add_argument("--fraction", type=float, default=default.fraction, help="share that the cut 'fixed' prunes")
    command.add_argument("--budget", type=int, default=default.budget, help="edges that the cut 'budget' prunes")
    command.add_argument(
        "--trust",
        action=argparse.BooleanOptionalAction,
        default=default.trust,
        help="whether kept edges weigh as much as the cut trusts them",
    )
    command.add_argument("--add", default=default.add, choices=ADDITIONS)
    command.add_argument("--additions", type=float, default=default.additions, help="links added per edge pruned")
    command.add_argument("--hops", type=int, default=default.hops, help="how far apart proposed nodes may be")
    command.add_argument("--layers", type=int, default=default.layers)
    command.add_argument("--hierarchy", default=default.hierarchy, choices=HIERARCHIES)
    command.add_argument("--device", default="auto", choices=DEVICES)
    command.add_argument("--quiet", action="store_true", help="no progress bar")


def _method(options: argparse.Namespace, seed: int) -> RewireSpec:
    named = {field.name: getattr(options, field.name) for field in fields(RewireSpec) if field.name != "seed"}
    return RewireSpec(**named, seed=seed)


def _fetch(dataset: DatasetSpec, quiet: bool) -> None:
    # None: a bar on a terminal only, never in a file or a pipe
    with tqdm(desc=f"download {dataset.name}", unit="B", unit_scale=True, disable=quiet or None, leave=False) as bar:
        download(dataset, progress=lambda done: bar.update(done - bar.n) and None)


def _train(options: argparse.Namespace) -> int:
    """Both models on the same graphs, splits and seeds; the mean and the spread of their test scores."""
    if options.runs < 1:
        raise BadConfig(f"runs must be at least 1, got {options.runs}")
    scores: dict[str, list[float]] = {"GCN": [], "TorqueGNN": []}
    metric = ""
    with tqdm(total=2 * options.runs * options.epochs, unit="epoch", disable=options.quiet or None) as bar:
        for run in range(options.runs):
            seed = options.seed + run
            dataset = DatasetSpec(options.dataset, scheme=options.scheme, split=options.split + run)
            _fetch(dataset, options.quiet)
            loaded = load(dataset)
            metric = loaded.info.metric
            graph = add_noise(loaded.data, Noise(options.noise_kind, options.noise, seed)).data
            spec = TrainSpec(epochs=options.epochs, metric=metric, seed=seed)
            for name, method in (("GCN", None), ("TorqueGNN", _method(options, seed))):
                bar.set_description(f"run {run + 1} of {options.runs}, {name}")
                for event in train(graph, spec, rewiring=method, layers=options.layers, device=options.device):
                    bar.update(isinstance(event, Epoch))
                    if isinstance(event, Finished):
                        if event.test is None:
                            raise BadConfig(f"split {dataset.split} of {dataset.scheme!r} has no test nodes")
                        scores[name].append(100 * event.test)
    print(f"test {metric} (%) on {options.dataset}, {options.noise_kind} {options.noise:.0%}, {options.runs} runs")
    for name, values in scores.items():
        spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
        print(f"{name:10} {statistics.fmean(values):.1f}{spread}   {' '.join(f'{value:.1f}' for value in values)}")
    return 0


def _rewire(options: argparse.Namespace) -> int:
    dataset = DatasetSpec(options.dataset)
    noise = Noise(options.noise_kind, options.noise, options.seed)
    method = _method(options, options.seed)
    device = pick_device(options.device)
    _fetch(dataset, options.quiet)
    with tqdm(total=method.layers + 3, desc="load", unit="step", disable=options.quiet or None) as bar:
        loaded = load(dataset)
        bar.update()
        bar.set_description("noise")
        noisy = add_noise(loaded.data, noise)
        bar.update()
        bar.set_description("rewire")
        rewiring = rewire(noisy.data.clone().to(device), method, progress=lambda _: bar.update() and None).to("cpu")
        bar.set_description("write")
        about = {
            "dataset": dataset.name,
            "notes": list(loaded.notes),
            "noise": {"kind": noise.kind, "rate": noise.rate, "seed": noise.seed},
            "version": __version__,
        }
        files = export_rewiring(rewiring, noisy, options.out, about)
        bar.update()
    for number, layer in enumerate(rewiring.layers, start=1):
        print(f"layer {number}: {layer.pruned.size(1):,} of {layer.pairs.size(1):,} edges pruned, "
              f"{layer.added.size(1):,} links added. {layer.cut.reason}")  # fmt: skip
    print(f"{len(files)} files in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
