"""Command line: ``torque COMMAND`` or ``python -m torque_core COMMAND``.

Commands are ``rewire``, ``train``, ``study``, ``ship``, ``report`` and ``attacks``; ``--help`` explains each.
"""

import argparse
import math
import statistics
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from torque_core import __version__
from torque_core.attacks.noise import NOISE_KINDS, Noise, add_noise
from torque_core.datasets import DATASETS, DatasetSpec, download, load
from torque_core.errors import BadConfig, TorqueError
from torque_core.experiments.attack_command import add_attack_commands
from torque_core.experiments.cli import add_commands
from torque_core.io.export_folder import export_rewiring
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.training import Epoch, Finished, TrainSpec, train
from torque_core.utils.device import DEVICES, pick_device
from torque_core.utils.fields import Field, fields_of
from torque_core.utils.plugins import load_plugins

__all__ = ["main"]

_Spec = TypeVar("_Spec", RewireSpec, TrainSpec)
_WITHOUT = {"metric", *fields_of(RewireSpec)}
"""Fields of a training that are not flags: the data set has the metric, and the rewiring has the others."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 0, or 2 after an error, which is one line on standard error."""
    load_plugins()
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except TorqueError as error:
        print(f"torque_core: {error}", file=sys.stderr)
    except OSError as error:
        print(f"torque_core: cannot write {error.filename or options.out}: {error.strerror or error}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    program = "torque" if Path(sys.argv[0]).stem == "torque" else "python -m torque_core"
    parser = argparse.ArgumentParser(prog=program, description="Rewire graphs by torque, and train GNNs on them.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    form = argparse.ArgumentDefaultsHelpFormatter
    rewiring = commands.add_parser(
        "rewire", help="rewire a data set and write the graph of each layer and a summary", formatter_class=form
    )
    rewiring.set_defaults(run=_rewire)
    rewiring.add_argument(
        "--out", required=True, default=argparse.SUPPRESS, metavar="DIR", help="folder to write to; created if missing"
    )
    _add_common(rewiring)
    training = commands.add_parser(
        "train",
        help="train a GNN with and without rewiring on a data set and compare the test scores",
        formatter_class=form,
    )
    training.set_defaults(run=_train, out=None)
    training.add_argument("--scheme", help="split scheme; the data set's first by default")
    training.add_argument("--split", type=int, default=0, help="split of the first run; later runs use the next ones")
    training.add_argument("--runs", type=int, default=5, help="number of runs, each with its own split and seed")
    _add_common(training)
    _add_fields(training.add_argument_group("training"), TrainSpec, without=_WITHOUT)
    add_commands(commands)
    add_attack_commands(commands)
    return parser


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--dataset",
        required=True,
        default=argparse.SUPPRESS,
        metavar="NAME",
        help=f"one of {', '.join(DATASETS)}",
    )
    command.add_argument("--noise", type=float, default=0.0, metavar="RATE", help="noise level; 0.5 means 50 %%")
    command.add_argument("--noise-kind", default="insert", choices=NOISE_KINDS, help="kind of noise")
    command.add_argument("--seed", type=int, default=0, help="random seed for the noise, the rewiring and the training")
    command.add_argument("--device", default="auto", choices=DEVICES, help="device to compute on")
    command.add_argument("--quiet", action="store_true", help="show no progress bar")
    _add_fields(command.add_argument_group("rewiring"), RewireSpec)


def _add_fields(group: Any, config: type, *, without: Collection[str] = ()) -> None:
    """Add a flag for each declared field of a configuration dataclass."""
    for name, field in fields_of(config).items():
        if name in without:
            continue
        flag = f"--{name.replace('_', '-')}"
        text = field.help.replace("`", "'").replace("%", "%%").rstrip(".")
        text = text[:1].lower() + text[1:] or field.title
        if isinstance(field.default, bool):
            group.add_argument(flag, action=argparse.BooleanOptionalAction, default=field.default, help=text)
        elif field.choices is not None:
            values = tuple(_text(value) for value in field.choices() if value is not None)
            group.add_argument(flag, default=_text(field.default), choices=values, help=text)
        else:
            number = int if field.integer else float
            group.add_argument(flag, default=field.default, type=number, metavar="N", help=f"{text}; {_range(field)}")


def _text(value: Any) -> Any:
    """Return a choice as it is written on the command line: a tuple with commas."""
    return ",".join(value) if isinstance(value, tuple) else value


def _range(field: Field) -> str:
    return f"{field.low} or more" if field.high == math.inf else field.text


def _spec(config: type[_Spec], options: argparse.Namespace, without: Collection[str] = (), **others: Any) -> _Spec:
    """Build a configuration from the flags that :func:`_add_fields` added."""
    values: dict[str, Any] = {}
    for name, field in fields_of(config).items():
        if name not in without:
            value = getattr(options, name)
            values[name] = tuple(value.split(",")) if isinstance(field.default, tuple) else value
    return config(**values, **others)


def _download(dataset: DatasetSpec, quiet: bool) -> None:
    # None: a bar on a terminal only, never in a file or a pipe
    with tqdm(desc=f"download {dataset.name}", unit="B", unit_scale=True, disable=quiet or None, leave=False) as bar:
        download(dataset, progress=lambda done: bar.update(done - bar.n) and None)


def _train(options: argparse.Namespace) -> int:
    """Train both models on the same graphs, splits and seeds; print mean and standard deviation of the test scores."""
    if options.runs < 1:
        raise BadConfig(f"runs must be at least 1, got {options.runs}")
    plain_name = options.backbone.upper()
    scores: dict[str, list[float]] = {plain_name: [], "TorqueGNN": []}
    metric = ""
    with tqdm(total=2 * options.runs * options.epochs, unit="epoch", disable=options.quiet or None) as bar:
        for run in range(options.runs):
            seed = options.seed + run
            dataset = DatasetSpec(options.dataset, scheme=options.scheme, split=options.split + run)
            _download(dataset, options.quiet)
            loaded = load(dataset)
            metric = loaded.info.metric
            graph = add_noise(loaded.data, Noise(options.noise_kind, options.noise, seed)).data
            spec = _spec(TrainSpec, options, _WITHOUT, metric=metric, seed=seed)
            plain, rewiring = replace(spec, relations=("kept",)), _spec(RewireSpec, options, seed=seed)
            for name, training, method in ((plain_name, plain, None), ("TorqueGNN", spec, rewiring)):
                bar.set_description(f"run {run + 1} of {options.runs}, {name}")
                for event in train(graph, training, rewiring=method, layers=options.layers, device=options.device):
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
    spec = _spec(RewireSpec, options, seed=options.seed)
    device = pick_device(options.device)
    _download(dataset, options.quiet)
    with tqdm(total=spec.layers + 3, desc="load", unit="step", disable=options.quiet or None) as bar:
        loaded = load(dataset)
        bar.update()
        bar.set_description("noise")
        noisy = add_noise(loaded.data, noise)
        bar.update()
        bar.set_description("rewire")
        rewiring = rewire(noisy.data.clone().to(device), spec, progress=lambda _: bar.update() and None).to("cpu")
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
              f"{layer.added.size(1):,} edges added. {layer.cut.reason}")  # fmt: skip
    print(f"{len(files)} files in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
