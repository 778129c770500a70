"""Command ``attacks``: compute attacks that are offered as noise without waiting, and list them."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from torque_core.attacks.metattack import metattack
from torque_core.attacks.spec import MetattackSpec
from torque_core.attacks.stored import StoredAttack, attack_folder, read_attack, stored_attacks, write_attack
from torque_core.datasets import DATASETS, DatasetSpec, load
from torque_core.errors import BadConfig

__all__ = ["SHIPPED_SPLITS", "add_attack_commands", "make_attack"]

SHIPPED_SPLITS = {
    ("cora", "component-10-10-80"): 5,
    ("cora", "public"): 1,
    ("chameleon_filtered", "component-10-10-80"): 5,
    ("digits", "component-10-10-80"): 5,
}
"""Number of splits for which the package contains an attack, by data set and split scheme."""

_SAVE_EVERY = 50  # flips


def make_attack(dataset: DatasetSpec, folder: Path, *, budget: float = 0.25) -> Iterator[int]:
    """Compute Metattack on a data set and store it; an interrupted or smaller attack is continued.

    The random seed of the attack is the index of the split.

    Args:
        dataset: The data set and its split.
        folder: Folder of the file.
        budget: Number of flips as a fraction of the edges.

    Yields:
        The number of flips so far.

    Raises:
        BadConfig: If the attack does not fit the graph or the memory, or a stored one has other options.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     list(make_attack(DatasetSpec("karate"), Path(folder), budget=0.05))
        [1, 2, 3, 4]
    """
    data, spec = load(dataset).data, MetattackSpec(budget=budget, seed=dataset.split)
    assert dataset.scheme is not None  # the default was filled in
    stored = StoredAttack.of(data, dataset.name, dataset.scheme, dataset.split, folder)
    flips = torch.empty(2, 0, dtype=torch.long)
    if stored.path.exists():
        flips, earlier = read_attack(stored)
        if earlier != MetattackSpec(budget=earlier.budget, seed=spec.seed):
            raise BadConfig(f"{stored.path} was computed with other options; delete the file")
    for found in metattack(data, spec, done=flips):
        flips = torch.cat([flips, found], dim=1)
        if not flips.size(1) % _SAVE_EVERY:
            write_attack(stored, flips, spec)
        yield flips.size(1)
    write_attack(stored, flips, spec)


def add_attack_commands(commands: Any) -> None:
    """Add the command to the subparsers of a program."""
    form = argparse.ArgumentDefaultsHelpFormatter
    attacks = commands.add_parser("attacks", help="compute or list attacks that are then offered as noise")
    actions = attacks.add_subparsers(required=True, metavar="ACTION")
    make = actions.add_parser(
        "make",
        help="compute Metattack, or continue it; without --dataset, all attacks that the package contains",
        formatter_class=form,
    )
    make.set_defaults(run=_make)
    make.add_argument("--dataset", choices=DATASETS, metavar="NAME", help="data set")
    make.add_argument("--scheme", help="split scheme; the data set's first by default")
    make.add_argument("--split", type=int, default=0, help="split, also the random seed of the attack")
    make.add_argument("--budget", type=float, default=0.25, help="flips as a fraction of the edges")
    make.add_argument("--out", type=Path, default=attack_folder(), metavar="DIR", help="folder to write to")
    make.add_argument("--quiet", action="store_true", help="show no progress bar")
    known = actions.add_parser("list", help="list the stored attacks")
    known.set_defaults(run=_list, out=None)


def _make(options: argparse.Namespace) -> int:
    if options.dataset is None:
        wanted = [DatasetSpec(*place, split) for place, splits in SHIPPED_SPLITS.items() for split in range(splits)]
    else:
        wanted = [DatasetSpec(options.dataset, options.scheme, options.split)]
    for dataset in wanted:
        name = f"{dataset.name}, {dataset.scheme}, split {dataset.split}"
        count = 0
        # None: a bar on a terminal only, never in a file or a pipe
        with tqdm(desc=name, unit="flip", disable=options.quiet or None, leave=False) as bar:
            for count in make_attack(dataset, options.out, budget=options.budget):
                bar.update(count - bar.n)
        print(f"{name}: {f'{count:,} flips' if count else 'complete before'}")
    print(f"attacks are in {options.out}")
    return 0


def _list(options: argparse.Namespace) -> int:
    for attack in stored_attacks():
        flips, spec = read_attack(attack)
        print(f"{attack.dataset}, {attack.scheme}, split {attack.split}: {flips.size(1):,} flips, seed {spec.seed}")
    return 0
