"""Torques of the pairs of a graph in tiles, and of null-model pairs."""

from collections.abc import Mapping

import torch
from torch import Tensor

from torque_core.graph.pairs import is_among
from torque_core.graph.propagation import Propagation
from torque_core.out_of_core.propagate import NODE_PRODUCTS
from torque_core.out_of_core.tiles import merged_pairs
from torque_core.out_of_core.workspace import Workspace
from torque_core.scoring.null_model import NullModelPairs, has_few_pairs, null_model_pairs, sampled_null_model
from torque_core.scoring.pair_features import PairFeatures
from torque_core.scoring.torque import Torque, torque
from torque_core.utils.compiled import is_worth_compiling

__all__ = ["null_model", "null_torque", "score_block"]

_ROWS = ("x", "mean1", "mean2")
_PAIRS_AT_ONCE = 1 << 18  # arrays of this length stay in the CPU cache, and their memory is given back


class _LoadedRows(Propagation):
    """Representations of some nodes, as read from files."""

    def __init__(self, rows: Mapping[str, Tensor], degree: Tensor, products: Tensor) -> None:
        self._rows = rows
        self._products = {tuple(sorted(names)): product for names, product in zip(NODE_PRODUCTS, products, strict=True)}
        self.x = rows["x"]
        self.num_nodes = len(degree)
        self.weighted_degree = degree

    def rows(self, name: str) -> Tensor:
        return self._rows[name]

    def node_product(self, name: str, other: str) -> Tensor:
        return self._products[min(name, other), max(name, other)]


def score_block(work: Workspace, layer: int, block: int) -> None:
    """Write lever arm, force and, for the product ``cross``, sine of the scored pairs of a block's tiles."""
    plan, size = work.plan, work.plan.size(block)
    rows = {name: torch.empty(size + plan.rows, plan.num_features) for name in _ROWS}
    degree, products = _of_nodes(work, layer, block)
    for name in _ROWS:
        work.files.load_into(_file(name, layer, block), rows[name][:size])
    for other in work.later_blocks(block):
        name = f"{layer}/torque/{block}-{other}"
        if name in work.files:
            continue  # of an earlier attempt
        pairs, _ = work.scored(layer, block, other)
        if other == block:
            loaded = _LoadedRows({name: rows[name][:size] for name in _ROWS}, degree, products)
        else:
            end = size + plan.size(other)
            for row in _ROWS:
                work.files.load_into(_file(row, layer, other), rows[row][size:end])
            there = _of_nodes(work, layer, other)
            loaded = _LoadedRows(
                {row: rows[row][:end] for row in _ROWS},
                torch.cat([degree, there[0]]),
                torch.cat([products, there[1]], dim=1),
            )
            pairs[1] += size
        weight = work.weight_of_scored(layer, block, other)
        factors = [
            torch.stack([*_torque(work, layer, loaded, part.long(), part_weight).factors.values()])
            for part, part_weight in zip(pairs.split(_PAIRS_AT_ONCE, dim=1), weight.split(_PAIRS_AT_ONCE), strict=True)
        ]
        work.files.save(name, torch.cat(factors, dim=1))


def _torque(work: Workspace, layer: int, loaded: Propagation, pairs: Tensor, weight: Tensor) -> Torque:
    spec = work.plan.spec
    features = PairFeatures(loaded, pairs, layer=layer, temperature=spec.temperature)
    features.weight = weight
    features.compiled = is_worth_compiling(work.plan.num_nodes, work.plan.num_features)
    return torque(features, lever=spec.lever, force=spec.force, product=spec.product)


def _of_nodes(work: Workspace, layer: int, block: int) -> tuple[Tensor, Tensor]:
    return work.files.load(f"{layer}/degree-{block}"), work.files.load(f"{layer}/products-{block}")


def _file(name: str, layer: int, block: int) -> str:
    return f"features/x-{block}" if name == "x" else f"{layer}/{name}-{block}"


def null_model(work: Workspace, graph: int, *, uniform: bool) -> NullModelPairs:
    """The null-model pairs of the graph that a layer receives, those that a rewiring in memory would sample."""
    plan = work.plan
    generator = torch.Generator().manual_seed(plan.spec.seed)
    if has_few_pairs(plan.num_nodes):
        pairs = torch.cat([merged_pairs(work, graph, block)[0] for block in range(plan.blocks)], dim=1)
        return null_model_pairs(pairs, plan.num_nodes, generator, uniform=uniform)
    neighbours = torch.cat([work.files.load(f"{graph}/neighbours-{block}") for block in range(plan.blocks)])
    counts = [
        sum(work.graph(graph, block, other)[0].size(1) for other in work.later_blocks(block))
        for block in range(plan.blocks)
    ]
    num_pairs = sum(counts)

    def end_at(position: Tensor) -> Tensor:
        found, first = torch.empty_like(position), 0
        for block, count in enumerate(counts):
            at = position % max(num_pairs, 1) - first
            here = (at >= 0) & (at < count)
            pairs, _ = merged_pairs(work, graph, block)
            found[here] = pairs[position[here] // num_pairs, at[here]]
            first += count
        return found

    def is_edge(sampled: Tensor) -> Tensor:
        found = torch.zeros(sampled.size(1), dtype=torch.bool)
        for block in range(plan.blocks):
            here = sampled[0] // plan.rows == block
            found[here] = is_among(sampled[:, here], merged_pairs(work, graph, block)[0], plan.num_nodes)
        return found

    nodes = neighbours.nonzero().flatten()
    return sampled_null_model(end_at, 2 * num_pairs, nodes, is_edge, plan.num_nodes, generator, uniform=uniform)


def null_torque(work: Workspace, layer: int, pairs: Tensor) -> Tensor:
    """Torques of pairs that are no edges, (P,)."""
    plan, nodes = work.plan, pairs.unique()
    rows: dict[str, list[Tensor]] = {name: [] for name in _ROWS}
    degrees, products = [], []
    for block in range(plan.blocks):
        at = nodes[nodes // plan.rows == block] - plan.nodes(block).start
        for name in _ROWS:
            rows[name].append(work.files.load(_file(name, layer, block), at=at))
        degree, product = _of_nodes(work, layer, block)
        degrees.append(degree[at])
        products.append(product[:, at])
    gathered = {name: torch.cat(parts) for name, parts in rows.items()}
    loaded = _LoadedRows(gathered, torch.cat(degrees), torch.cat(products, dim=1))
    weight = torch.zeros(pairs.size(1))
    return _torque(work, layer, loaded, torch.searchsorted(nodes, pairs), weight).value
