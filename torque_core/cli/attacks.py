"""Command ``attacks``: compute attacks that are then offered as noise without waiting, or list them."""

import argparse
from pathlib import Path

from tqdm import tqdm

from torque_core.attacks.spec import KNOWS
from torque_core.attacks.stored import attack_folder, read_attack, stored_attacks
from torque_core.cli.config_file import add_config
from torque_core.cli.flags import add_quiet
from torque_core.cli.parser import Parser, one_of
from torque_core.datasets import DATASETS, DatasetSpec
from torque_core.experiments.attack_command import attacks_of_studies, make_attack

__all__ = ["add_arguments"]

_EXAMPLES = """\
examples:
  torque attacks list                                the stored attacks
  torque attacks make --dataset citeseer             Metattack on another data set, or the rest of it
  torque attacks make                                the attacks of the studies that the package lacks
"""
_ACTIONS = ["make", "list"]


def add_arguments(command: Parser) -> None:
    """Add the flags of the command."""
    command.set_defaults(run=_attacks)
    command.epilog = _EXAMPLES
    command.add_argument(
        "action",
        metavar="ACTION",
        type=one_of(_ACTIONS),
        choices=_ACTIONS,
        help="make: compute Metattack, or continue it; list: list the stored attacks",
    )
    command.add_argument(
        "--dataset",
        type=one_of(DATASETS),
        choices=DATASETS,
        metavar="NAME",
        help="data set; by default those of the studies",
    )
    command.add_argument("--scheme", help="split scheme; the data set's first by default")
    command.add_argument("--split", type=int, default=0, help="split, also the random seed of the attack")
    command.add_argument("--budget", type=float, default=0.25, help="flips as a fraction of the edges")
    command.add_argument(
        "--knows",
        default="nothing",
        type=one_of(KNOWS),
        choices=KNOWS,
        metavar="DEFENCE",
        help=f"defence that the attacker knows: {', '.join(KNOWS)}",
    )
    command.add_argument("--out", type=Path, default=attack_folder(), metavar="DIR", help="folder to write to")
    add_quiet(command)
    add_config(command)


def _attacks(options: argparse.Namespace) -> int:
    return _make(options) if options.action == "make" else _list()


def _make(options: argparse.Namespace) -> int:
    if options.dataset is None:
        wanted = list(attacks_of_studies())
    else:
        wanted = [(DatasetSpec(options.dataset, options.scheme, options.split), options.budget, options.knows)]
    for dataset, budget, knows in wanted:
        name = f"{dataset.name}, {dataset.scheme}, split {dataset.split}{_known(knows)}"
        count = 0
        # None: a bar on a terminal only, never in a file or a pipe
        with tqdm(desc=name, unit="flip", disable=options.quiet or None, leave=False) as bar:
            for count in make_attack(dataset, options.out, budget=budget, knows=knows):
                bar.update(count - bar.n)
        print(f"{name}: {f'{count:,} flips' if count else 'complete before'}")
    print(f"attacks are in {options.out}")
    return 0


def _list() -> int:
    for attack in stored_attacks():
        flips, spec = read_attack(attack)
        name = f"{attack.dataset}, {attack.scheme}, split {attack.split}"
        print(f"{name}: {flips.size(1):,} flips, seed {spec.seed}{_known(attack.knows)}")
    return 0


def _known(defence: str) -> str:
    """What an attacker knows, for the end of a line."""
    return "" if defence == "nothing" else f", knows {KNOWS[defence]}"
