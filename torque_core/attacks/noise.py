"""Attacks as kinds of noise: Metattack, Nettack and PRBCD, beside the random noise of :mod:`torque_core.graph.noise`.

>>> from torque_core.attacks.noise import Noise, add_noise
>>> from torque_core import load
>>> noisy = add_noise(load("karate").data, Noise("metattack", 0.05))
>>> noisy.injected.size(1) + noisy.removed.size(1)
4
"""

from functools import partial

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.attacks.spec import KNOWS, AttackSpec, MetattackSpec
from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.labels import class_labels, node_mask
from torque_core.graph.noise import Noise, NoisyGraph, add_noise
from torque_core.graph.noise_kinds import NOISE_KINDS, NoiseKind, register_noise
from torque_core.graph.pairs import is_among

__all__ = ["METATTACKS", "MOST_NODES", "NOISE_KINDS", "Noise", "NoiseKind", "NoisyGraph", "add_noise", "register_noise"]

MOST_NODES = 500
"""Number of nodes up to which Metattack is computed when it is needed; for larger graphs it must be stored."""

METATTACKS = {"metattack": "nothing", **{f"metattack_{knows}": knows for knows in list(KNOWS)[1:]}}
"""Kinds of noise that are a Metattack, and the defence that the attacker knows, a key of
:data:`~torque_core.attacks.spec.KNOWS`."""

_LEVEL = "edges flipped by {} (% of the original edges)"
_RATES = (0.05, 0.1, 0.15, 0.2, 0.25)
_PRBCD_EPOCHS = 100


def _metattack(data: Data, pairs: Tensor, changes: int, seed: int, *, knows: str = "nothing") -> tuple[Tensor, Tensor]:
    """Flips of a stored attack on this graph, whatever its seed; on a small graph, of a new one."""
    from torque_core.attacks.metattack import metattack
    from torque_core.attacks.stored import find_attack, read_attack, stored_attacks

    num_nodes = len(data["x"])
    _check_budget(changes, pairs, num_nodes)
    stored = find_attack(data, knows)
    flips = pairs[:, :0] if stored is None else read_attack(stored)[0]
    if flips.size(1) < changes:
        if num_nodes > MOST_NODES:
            known = ", ".join(
                f"{one.dataset} ({one.scheme}, split {one.split})" for one in stored_attacks() if one.knows == knows
            )
            limit = f"up to {100 * flips.size(1) / pairs.size(1):.0f} % on this graph and " if flips.size(1) else ""
            raise BadConfig(
                f"Metattack takes minutes on {num_nodes:,} nodes, and is stored {limit}for: {known or 'no graph'}; "
                "choose one of these, or compute it first with the command 'torque attacks make'"
            )
        spec = MetattackSpec(budget=changes / pairs.size(1), seed=seed, knows=knows)
        flips = torch.cat([pairs[:, :0], *metattack(data, spec)], dim=1)
        if flips.size(1) < changes:
            raise BadConfig(
                f"Metattack finds only {flips.size(1):,} of {changes:,} flips that keep the degree distribution"
                f"{'' if knows == 'nothing' else f' and that {KNOWS[knows]} would keep'}; choose a lower rate"
            )
    return _changes(flips[:, :changes], pairs, num_nodes)


def _nettack(data: Data, pairs: Tensor, changes: int, seed: int) -> tuple[Tensor, Tensor]:
    """Flips at nodes without a training label, drawn one after another, until there are enough."""
    from torque_core.attacks.nettack import nettack

    num_nodes = len(data["x"])
    _check_budget(changes, pairs, num_nodes)
    others = torch.ones(num_nodes, dtype=torch.bool)
    if data.get("train_mask") is not None:
        others &= ~node_mask(data["train_mask"], num_nodes, "train_mask").cpu()
    if data.get("test_mask") is not None and bool((test := node_mask(data["test_mask"], num_nodes)).any()):
        others &= test.cpu()
    nodes = others.nonzero().flatten()
    nodes = nodes[torch.randperm(len(nodes), generator=torch.Generator().manual_seed(seed))]
    flips = pairs[:, :0]
    for found in nettack(data, nodes, seed=seed):
        flips = torch.cat([flips, found], dim=1)
        if flips.size(1) >= changes:
            break
    if flips.size(1) < changes:
        raise BadConfig(
            f"Nettack finds only {flips.size(1):,} of {changes:,} flips at the {len(nodes):,} nodes that it may "
            "attack; choose a lower rate"
        )
    return _changes(flips[:, :changes], pairs, num_nodes)


def _prbcd(data: Data, pairs: Tensor, changes: int, seed: int) -> tuple[Tensor, Tensor]:
    """Flips of PRBCD against a GCN that is trained on the original graph."""
    from torque_core.attacks.prbcd import attack
    from torque_core.training import Finished, TrainSpec, train

    if data.get("y") is None or data.get("train_mask") is None:
        raise BadGraph("PRBCD needs labels y and a train_mask, since it trains a model; choose another noise")
    if not bool((class_labels(data["y"]) >= 0).any()):
        raise BadGraph("PRBCD needs labelled nodes (y >= 0); choose another noise")
    _check_budget(changes, pairs, len(data["x"]))
    *_, end = train(data, TrainSpec(epochs=100, patience=30, seed=seed), device=data["x"].device.type)
    assert isinstance(end, Finished)  # the last event
    spec = AttackSpec(
        budget=changes / pairs.size(1), epochs=_PRBCD_EPOCHS, block_size=max(20_000, 8 * changes), seed=seed
    )
    attacked = attack(end.model, data, spec)
    return attacked.added.cpu(), attacked.removed.cpu()


def _check_budget(changes: int, pairs: Tensor, num_nodes: int) -> None:
    edges, most = pairs.size(1), num_nodes * (num_nodes - 1) // 2
    if not 0 < changes <= most:
        raise BadConfig(
            f"an attack flips from 1 to all {most:,} pairs of nodes, but the noise level asks for {changes:,} flips of "
            f"{edges:,} edges; choose another level"
        )


def _changes(flips: Tensor, pairs: Tensor, num_nodes: int) -> tuple[Tensor, Tensor]:
    """Flips that insert an edge, and flips that delete one."""
    is_edge = is_among(flips, pairs, num_nodes)
    return flips[:, ~is_edge], flips[:, is_edge]


register_noise(
    "metattack",
    NoiseKind(
        title="Metattack",
        description="Edges are flipped that most increase the loss of a model trained on the changed graph. The "
        "attacker knows the training labels and attacks the predictions at all other nodes.",
        level=_LEVEL.format("Metattack"),
        change=_metattack,
        inserts=True,
        uses_split=True,
        rates=_RATES,
    ),
)
_SHORT = {"jaccard": "GCN-Jaccard", "gnnguard": "GNNGuard", "torque": "torque"}  # fits a closed list of the app
for _kind, _knows in list(METATTACKS.items())[1:]:
    register_noise(
        _kind,
        NoiseKind(
            title=f"Metattack, knows {_SHORT[_knows]}",
            description=f"As Metattack, but the attacker knows {KNOWS[_knows]} and flips what it would keep.",
            level=_LEVEL.format(f"Metattack that knows {KNOWS[_knows]}"),
            change=partial(_metattack, knows=_knows),
            inserts=True,
            uses_split=True,
            rates=_RATES[:2],
        ),
    )
register_noise(
    "nettack",
    NoiseKind(
        title="Nettack",
        description="Edges are flipped at test nodes drawn at random, as many as their degree plus 2 at each, so that "
        "a linear model misclassifies them.",
        level=_LEVEL.format("Nettack"),
        change=_nettack,
        inserts=True,
        uses_split=True,
        rates=_RATES,
    ),
)
register_noise(
    "prbcd",
    NoiseKind(
        title="PRBCD attack",
        description="Edges are flipped that most lower the test accuracy of a GCN trained on the original graph. The "
        "attacker knows all labels.",
        level=_LEVEL.format("PRBCD"),
        change=_prbcd,
        inserts=True,
        uses_split=True,
        rates=_RATES,
        most=0.5,
    ),
)
