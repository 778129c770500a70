"""Kinds of random noise: insertion and deletion of edges, the DICE attack, and feature noise."""

from collections.abc import Mapping
from types import MappingProxyType

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.labels import class_labels
from torque_core.graph.noise_kinds import NoiseKind
from torque_core.graph.pairs import pair_keys

__all__ = ["RANDOM_NOISE"]

_LIST_ALL_PAIRS_UP_TO = 2048  # nodes
_ROUNDS = 64


def _insert(data: Data, pairs: Tensor, changes: int, seed: int) -> tuple[Tensor, Tensor]:
    return _new_pairs(pairs, len(data["x"]), changes, _generator(seed)), pairs[:, :0]


def _insert_by_degree(data: Data, pairs: Tensor, changes: int, seed: int) -> tuple[Tensor, Tensor]:
    num_nodes = len(data["x"])
    degree = torch.bincount(pairs.flatten(), minlength=num_nodes).double()
    return _new_pairs(pairs, num_nodes, changes, _generator(seed), weight=degree), pairs[:, :0]


def _delete(data: Data, pairs: Tensor, changes: int, seed: int) -> tuple[Tensor, Tensor]:
    return pairs[:, :0], _some_of(pairs, changes, _generator(seed))


def _dice(data: Data, pairs: Tensor, changes: int, seed: int) -> tuple[Tensor, Tensor]:
    """``changes // 2`` edges within classes to delete, the others across classes to insert."""
    label, generator = class_labels(data.y).cpu() if isinstance(data.y, Tensor) else torch.tensor([]), _generator(seed)
    if not bool((label >= 0).any()):
        raise BadGraph("dice needs node labels y; choose another noise, or give the graph labels")
    inside = pairs[:, (label[pairs[0]] == label[pairs[1]]) & (label[pairs[0]] >= 0)]
    deletions = changes // 2
    if deletions > inside.size(1):
        most = 2 * inside.size(1) / max(pairs.size(1), 1)
        fix = f"choose a rate of at most {most:.2f}" if most else "choose another noise"
        raise BadConfig(f"dice would delete {deletions} edges within classes, but there are {inside.size(1)}; {fix}")
    injected = _new_pairs(pairs, len(label), changes - deletions, generator, label=label)
    return injected, _some_of(inside, deletions, generator)


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _some_of(pairs: Tensor, count: int, generator: torch.Generator) -> Tensor:
    chosen = torch.randperm(pairs.size(1), generator=generator)[:count].sort().values
    return pairs[:, chosen]


def _new_pairs(
    pairs: Tensor,
    num_nodes: int,
    count: int,
    generator: torch.Generator,
    *,
    weight: Tensor | None = None,
    label: Tensor | None = None,
) -> Tensor:
    """Sample exactly ``count`` distinct non-adjacent pairs.

    Nodes are sampled with probability proportional to ``weight``; with ``label``, both nodes differ in class.
    """
    if not count:
        return pairs[:, :0]
    edge_keys = pair_keys(pairs, num_nodes)
    if num_nodes <= _LIST_ALL_PAIRS_UP_TO:  # list all pairs: exact even if nearly all of them are edges
        all_pairs = torch.triu_indices(num_nodes, num_nodes, offset=1)
        valid = ~torch.isin(pair_keys(all_pairs, num_nodes), edge_keys)
        if label is not None:
            valid &= _across(all_pairs, label)
        if weight is not None:
            valid &= (weight[all_pairs[0]] > 0) & (weight[all_pairs[1]] > 0)
        free = all_pairs[:, valid]
        if count > free.size(1):
            raise BadConfig(
                f"cannot insert {count} edges: only {free.size(1)} suitable pairs are not adjacent; choose a lower rate"
            )
        if weight is None:
            return _some_of(free, count, generator)
        # Efraimidis and Spirakis, 2006: the largest u^(1/w) are a weighted sample without replacement
        draw = torch.rand(free.size(1), generator=generator, dtype=torch.double).clamp(min=1e-300).log()
        chosen = (draw / (weight[free[0]] * weight[free[1]])).topk(count).indices.sort().values
        return free[:, chosen]
    sampled = edge_keys.new_empty(0)
    ends = torch.repeat_interleave(weight.long()) if weight is not None else None
    for _ in range(_ROUNDS):
        size = 2 * (count - len(sampled)) + 64
        high = num_nodes if ends is None else len(ends)
        drawn = torch.randint(high, (2, size), generator=generator)
        drawn = (drawn if ends is None else ends[drawn]).sort(dim=0).values
        valid = drawn[0] != drawn[1]
        if label is not None:
            valid &= _across(drawn, label)
        keys = pair_keys(drawn[:, valid], num_nodes)
        keys = keys[~torch.isin(keys, edge_keys)]
        sampled = _first_distinct(torch.cat([sampled, keys]))[:count]
        if len(sampled) == count:
            keys = sampled.sort().values
            return torch.stack([keys // num_nodes, keys % num_nodes])
    raise BadConfig(f"cannot insert {count} edges: too few suitable pairs after {_ROUNDS} rounds; choose a lower rate")


def _across(pairs: Tensor, label: Tensor) -> Tensor:
    return (label[pairs[0]] != label[pairs[1]]) & (label[pairs[0]] >= 0) & (label[pairs[1]] >= 0)


def _first_distinct(keys: Tensor) -> Tensor:
    """Distinct keys in the order of their first occurrence, so that small keys are not preferred."""
    ordered, order = keys.sort(stable=True)
    first = torch.ones(len(keys), dtype=torch.bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return keys[order[first].sort().values]


RANDOM_NOISE: Mapping[str, NoiseKind] = MappingProxyType(
    {
        "insert": NoiseKind(
            title="Insert edges",
            description="Edges are inserted between nodes drawn uniformly.",
            level="inserted edges (% of the original edges)",
            change=_insert,
            inserts=True,
        ),
        "insert_by_degree": NoiseKind(
            title="Insert edges, by degree",
            description="Edges are inserted between nodes drawn in proportion to their degree, so that hubs stay hubs.",
            level="edges inserted by degree (% of the original edges)",
            change=_insert_by_degree,
            inserts=True,
        ),
        "delete": NoiseKind(
            title="Delete edges",
            description="Edges are deleted uniformly at random.",
            level="deleted edges (% of the original edges)",
            change=_delete,
            most=1,
        ),
        "dice": NoiseKind(
            title="DICE attack",
            description="Edges within classes are deleted, and edges between classes are inserted.",
            level="edges rewired by DICE (% of the original edges)",
            change=_dice,
            inserts=True,
        ),
        "features": NoiseKind(
            title="Blur the features",
            description="Gaussian noise is added to the features.",
            level="feature noise (% of the feature standard deviation)",
        ),
    }
)
"""The kinds of random noise by key."""
