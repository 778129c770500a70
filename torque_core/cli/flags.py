"""Flags that several commands share, and those of a configuration dataclass."""

import argparse
import math
from collections.abc import Collection
from pathlib import Path
from typing import Any, TypeVar

from torque_core.attacks.noise import NOISE_KINDS, Noise
from torque_core.cli.config_file import add_config
from torque_core.cli.parser import Parser, one_of
from torque_core.datasets import DatasetSpec
from torque_core.errors import BadConfig
from torque_core.rewiring.spec import RewireSpec
from torque_core.training import TrainSpec
from torque_core.utils.device import DEVICES
from torque_core.utils.fields import Field, fields_of

__all__ = [
    "OVERWRITE",
    "add_fields",
    "add_graph",
    "add_output",
    "add_quiet",
    "check_output",
    "field_words",
    "noise_of",
    "spec_of",
]

OVERWRITE = object()
"""Value of ``--force`` without a value, in a command that rewires."""
_Spec = TypeVar("_Spec", RewireSpec, TrainSpec)


def add_graph(command: Parser) -> None:
    """Add the flags of a command that rewires: the graph, its noise, and how to rewire it."""
    command.add_argument(
        "graph",
        nargs="*",
        default=argparse.SUPPRESS,
        metavar="GRAPH",
        help="name of a data set; or a file (.csv, .tsv, .txt, .graphml, .gexf, .json, .npz), or several tables, one "
        "of edges and the others of nodes; - reads standard input",
    )
    command.add_argument(
        "--dataset", dest="graph", nargs="+", action="extend", metavar="NAME", help="the same as GRAPH"
    )
    command.add_argument("--directed", action="store_true", help=_lower(fields_of(DatasetSpec)["directed"].help))
    command.add_argument("--noise", type=float, default=0.0, metavar="RATE", help="noise level; 0.5 means 50 %%")
    command.add_argument(
        "--noise-kind", default="insert", type=one_of(NOISE_KINDS), choices=NOISE_KINDS, help="kind of noise"
    )
    command.add_argument("--seed", type=int, default=0, help="random seed for the noise, the rewiring and the training")
    command.add_argument("--device", default="auto", type=one_of(DEVICES), choices=DEVICES, help="device to compute on")
    command.add_argument("--json", action="store_true", help="print a JSON document instead of text")
    add_quiet(command)
    add_config(command)
    add_fields(command.add_argument_group("rewiring"), RewireSpec)


def add_quiet(command: Parser) -> None:
    """Add the flag ``--quiet``."""
    command.add_argument("--quiet", action="store_true", help="show no progress bar")


def add_output(command: Parser, flag: str, metavar: str, text: str, default: Path | None = None) -> None:
    """Add a flag for the place to write to, and ``--overwrite``, also called ``--force``.

    A command that rewires has a flag ``--force`` already, the force of the torque. Without a value it means the same.
    """
    command.add_argument(flag, dest="out", type=Path, default=default, metavar=metavar, help=text)
    names, text = ["--overwrite"], "replace files that exist"
    if "--force" in command.flags:
        rule = command.flags["--force"]
        rule.nargs, rule.const = "?", OVERWRITE
        text += "; the same as --force without a value"
    else:
        names.append("--force")
    command.add_argument(*names, dest="overwrite", action="store_true", help=text)


def check_output(path: Path, *, overwrite: bool) -> None:
    """Raise :class:`BadConfig` if something would be replaced that the user did not say to replace."""
    taken = any(path.iterdir()) if path.is_dir() else path.exists()
    if taken and not overwrite:
        raise BadConfig(f"{path} exists; choose another place, or replace what it holds with --force")


def noise_of(options: argparse.Namespace, seed: int) -> Noise:
    """The noise that the flags of :func:`add_graph` describe."""
    return Noise(options.noise_kind, options.noise, seed)


def add_fields(group: Any, config: type, *, without: Collection[str] = ()) -> None:
    """Add a flag for each declared field of a configuration dataclass."""
    for name, field in fields_of(config).items():
        if name in without:
            continue
        flag = f"--{name.replace('_', '-')}"
        text = _lower(field.help) or field.title
        if isinstance(field.default, bool):
            group.add_argument(flag, action=argparse.BooleanOptionalAction, default=field.default, help=text)
        elif field.several:
            default = ",".join(field.default)
            group.add_argument(flag, default=default, metavar="A,B", help=f"{text}; {field.text}, with commas between")
        elif field.choices is not None:
            values = tuple(value for value in field.choices() if value is not None)
            group.add_argument(flag, default=field.default, type=one_of(values), choices=values, help=text)
        else:
            number = int if field.integer else float
            group.add_argument(flag, default=field.default, type=number, metavar="N", help=f"{text}; {_range(field)}")


def field_words(config: TrainSpec | RewireSpec, *, without: Collection[str] = ()) -> list[str]:
    """Return the flags of :func:`add_fields` for the fields that are not at their defaults, as words of a command line.

    Example:
        >>> field_words(TrainSpec(hidden=8, residual=True, directions=("back",)))
        ['--hidden=8', '--residual', '--directions=back']
    """
    words = []
    for name, field in fields_of(type(config)).items():
        value, flag = getattr(config, name), f"--{name.replace('_', '-')}"
        if name in without or value == field.default:
            continue
        if isinstance(value, bool):
            words.append(flag if value else f"--no-{flag[2:]}")
        else:
            words.append(f"{flag}={','.join(value) if field.several else value}")
    return words


def spec_of(config: type[_Spec], options: argparse.Namespace, *, without: Collection[str] = (), **others: Any) -> _Spec:
    """Build a configuration from the flags that :func:`add_fields` added."""
    values: dict[str, Any] = {}
    for name, field in fields_of(config).items():
        if name not in without:
            value = getattr(options, name)
            value = field.default if value is OVERWRITE else value
            values[name] = tuple(value.split(",")) if field.several else value
    return config(**values, **others)


def _lower(text: str) -> str:
    """Return a help text as argparse shows it: from a small letter on, without the last full stop."""
    text = text.replace("`", "'").replace("%", "%%").rstrip(".")
    return text[:1].lower() + text[1:]


def _range(field: Field) -> str:
    return f"{field.low} or more" if field.high == math.inf else field.text
