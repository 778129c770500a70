"""Attacks that were computed before: compact files of flips, found by the attacked graph."""

import hashlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from platformdirs import user_cache_path
from torch import Tensor
from torch_geometric.data import Data

from torque_core.attacks.spec import KNOWS, MetattackSpec
from torque_core.errors import BadFile
from torque_core.graph.labels import node_mask
from torque_core.graph.pairs import pair_keys, undirected_pairs
from torque_core.utils.files import write_atomically

__all__ = [
    "SHIPPED_ATTACKS",
    "StoredAttack",
    "attack_folder",
    "find_attack",
    "graph_identity",
    "read_attack",
    "stored_attacks",
    "write_attack",
]

SHIPPED_ATTACKS = Path(__file__).with_name("_shipped")
"""Folder of the attacks that the package contains."""

_MOST_BYTES = 50_000_000  # of a file, and of the array in it


@dataclass(frozen=True)
class StoredAttack:
    """Flips of Metattack on one split of a data set.

    Attributes:
        dataset: Key of the data set.
        scheme: Split scheme.
        split: Index of the split whose training nodes the attacker used.
        graph: Identity of the attacked graph, see :func:`graph_identity`.
        path: The file.
        knows: The defence that the attacker knew, see :class:`~torque_core.attacks.spec.MetattackSpec`.
    """

    dataset: str
    scheme: str
    split: int
    graph: str
    path: Path
    knows: str = "nothing"

    @classmethod
    def of(
        cls, data: Data, dataset: str, scheme: str, split: int, folder: Path, knows: str = "nothing"
    ) -> "StoredAttack":
        """Return the record of an attack on a graph, whose file may not exist yet."""
        graph = graph_identity(data)
        suffix = "" if knows == "nothing" else f".{knows}"
        return cls(dataset, scheme, split, graph, folder / f"{dataset}.{scheme}.{split}.{graph}{suffix}.npz", knows)


def attack_folder() -> Path:
    """Return the folder of this user's attacks: ``$TORQUE_ATTACKS``, else a folder in the user's cache."""
    return Path(os.environ.get("TORQUE_ATTACKS") or user_cache_path("torque-explorer") / "attacks").expanduser()


def graph_identity(data: Data) -> str:
    """Return 16 hexadecimal digits that identify the edges and the training nodes of a graph.

    Example:
        >>> from torque_core import load
        >>> graph_identity(load("karate").data) == graph_identity(load("karate").data)
        True
    """
    num_nodes = len(data["x"])
    train = node_mask(data["train_mask"], num_nodes, "train_mask").nonzero().flatten()
    keys = pair_keys(undirected_pairs(data["edge_index"], num_nodes), num_nodes)
    parts = (torch.tensor([num_nodes, len(train)]), train.cpu(), keys.cpu())
    return hashlib.sha256(torch.cat(parts).numpy().astype("<i8").tobytes()).hexdigest()[:16]


def stored_attacks() -> tuple[StoredAttack, ...]:
    """Return all stored attacks by data set, scheme, split and known defence.

    Those of the package take precedence over those of the user.
    """
    found = {}
    for folder in (attack_folder(), SHIPPED_ATTACKS):
        for attack in _attacks_in(folder):
            found[attack.dataset, attack.scheme, attack.split, attack.knows] = attack
    return tuple(found[place] for place in sorted(found))


def find_attack(data: Data, knows: str = "nothing") -> StoredAttack | None:
    """Return the stored attack on a graph with these edges and training nodes, by an attacker who knows this defence.

    None if there is none.
    """
    if data.get("train_mask") is None:
        return None
    graph = graph_identity(data)
    return next((attack for attack in stored_attacks() if (attack.graph, attack.knows) == (graph, knows)), None)


def write_attack(attack: StoredAttack, flips: Tensor, spec: MetattackSpec) -> None:
    """Write the flips of an attack, complete or interrupted, with its specification.

    Args:
        attack: Where to write it.
        flips: The flips in order, :math:`(2, B)`.
        spec: The specification.
    """
    attack.path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, flips=flips.numpy().astype("<u4"), spec=np.array(json.dumps(asdict(spec))))
    write_atomically(attack.path, buffer.getvalue())


def read_attack(attack: StoredAttack) -> tuple[Tensor, MetattackSpec]:
    """Read the flips of an attack, :math:`(2, B)`, and its specification.

    Raises:
        BadFile: If the file is damaged or too large.
    """
    try:
        if attack.path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"it has more than {_MOST_BYTES:,} bytes")
        with np.load(attack.path, allow_pickle=False) as archive:
            size = archive.zip.getinfo("flips.npy").file_size
            if size > _MOST_BYTES:
                raise ValueError(f"its flips have more than {_MOST_BYTES:,} bytes")
            flips = torch.from_numpy(archive["flips"].astype("<i8"))
            spec = MetattackSpec(**json.loads(str(archive["spec"])))
        if flips.dim() != 2 or flips.size(0) != 2 or not bool((flips[0] < flips[1]).all()):
            raise ValueError("its flips are not pairs of nodes")
    except Exception as error:  # numpy and zipfile raise a dozen types of errors on a damaged archive
        raise BadFile(f"the attack in {attack.path} cannot be read ({error}); delete the file") from error
    return flips, spec


def _attacks_in(folder: Path) -> Iterator[StoredAttack]:
    for path in sorted(folder.glob("*.npz")):
        parts = path.stem.split(".")
        knows = parts[4] if len(parts) == 5 else "nothing"
        if len(parts) in (4, 5) and parts[2].isdecimal() and knows in KNOWS:
            yield StoredAttack(parts[0], parts[1], int(parts[2]), parts[3], path, knows)
