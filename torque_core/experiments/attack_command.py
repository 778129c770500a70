"""Attacks that are computed in advance and then offered as noise without waiting."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch

from torque_core.attacks.metattack import metattack
from torque_core.attacks.spec import KNOWS, MetattackSpec
from torque_core.attacks.stored import StoredAttack, find_attack, read_attack, write_attack
from torque_core.datasets import DatasetSpec, load
from torque_core.errors import BadConfig

__all__ = ["ATTACKED_SPLITS", "attacks_of_studies", "make_attack"]

ATTACKED_SPLITS = {
    ("cora", "component-10-10-80"): 5,
    ("cora", "public"): 1,
    ("chameleon_filtered", "component-10-10-80"): 5,
    ("digits", "component-10-10-80"): 5,
}
"""Number of splits that studies attack, by data set and split scheme; the package contains some of these attacks."""

_ADAPTIVE = DatasetSpec("cora", "component-10-10-80")
_ADAPTIVE_SPLITS = 3
_BUDGET, _ADAPTIVE_BUDGET = 0.25, 0.1
_SAVE_EVERY = 50  # flips


def attacks_of_studies() -> Iterator[tuple[DatasetSpec, float, str]]:
    """Yield the data set, the budget and the known defence of each Metattack that a study needs.

    Example:
        >>> dataset, budget, knows = next(attacks_of_studies())
        >>> dataset.name, dataset.split, budget, knows
        ('cora', 0, 0.25, 'nothing')
    """
    for (name, scheme), splits in ATTACKED_SPLITS.items():
        for split in range(splits):
            yield DatasetSpec(name, scheme, split), _BUDGET, "nothing"
    for split in range(_ADAPTIVE_SPLITS):
        for knows in list(KNOWS)[1:]:
            yield replace(_ADAPTIVE, split=split), _ADAPTIVE_BUDGET, knows


def make_attack(
    dataset: DatasetSpec, folder: Path, *, budget: float = _BUDGET, knows: str = "nothing"
) -> Iterator[int]:
    """Compute Metattack on a data set and store it; an interrupted, smaller or shipped attack is continued.

    The random seed of the attack is the index of the split.

    Args:
        dataset: The data set and its split.
        folder: Folder of the file.
        budget: Number of flips as a fraction of the edges.
        knows: The defence that the attacker knows, see :class:`~torque_core.attacks.MetattackSpec`.

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
    data, spec = load(dataset).data, MetattackSpec(budget=budget, seed=dataset.split, knows=knows)
    assert dataset.scheme is not None  # the default was filled in
    stored = StoredAttack.of(data, dataset.name, dataset.scheme, dataset.split, folder, knows)
    flips = torch.empty(2, 0, dtype=torch.long)
    known = stored if stored.path.exists() else find_attack(data, knows)
    if known is not None:
        flips, earlier = read_attack(known)
        if earlier != replace(spec, budget=earlier.budget):
            raise BadConfig(f"{known.path} was computed with other options; delete the file")
    before = flips.size(1)
    for found in metattack(data, spec, done=flips):
        flips = torch.cat([flips, found], dim=1)
        if not flips.size(1) % _SAVE_EVERY:
            write_attack(stored, flips, spec)
        yield flips.size(1)
    if flips.size(1) > before:
        write_attack(stored, flips, spec)
