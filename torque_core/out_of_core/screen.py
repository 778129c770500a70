"""Screening of edges in tiles, with the numbers of :mod:`torque_core.rewiring.screening`, bit for bit."""

import torch

from torque_core.out_of_core.tile_scores import null_model
from torque_core.out_of_core.workspace import Workspace
from torque_core.rewiring.screening import feature_distance, screening_curve

__all__ = ["distance_block", "screen_layer"]

_PAIRS_AT_ONCE = 1 << 18


def distance_block(work: Workspace, layer: int, block: int) -> None:
    """Write the cosine distances of the features along the edges of a block's tiles."""
    plan, size = work.plan, work.plan.size(block)
    rows = torch.empty(size + plan.rows, plan.num_features)
    work.files.load_into(f"features/x-{block}", rows[:size])
    for other in work.later_blocks(block):
        name = f"{layer}/distance/{block}-{other}"
        if name in work.files:
            continue  # of an earlier attempt
        pairs, end = work.graph(layer, block, other)[0].long(), size
        if other != block:
            end += plan.size(other)
            work.files.load_into(f"features/x-{other}", rows[size:end])
            pairs[1] += size
        distances = [feature_distance(rows[:end], part) for part in pairs.split(_PAIRS_AT_ONCE, dim=1)]
        work.files.save(name, torch.cat(distances))


def screen_layer(work: Workspace, layer: int) -> None:
    """Write the confidence of edges as a function of their distance, if features distinguish any from the others."""
    plan = work.plan
    null = null_model(work, layer, uniform=True)
    nodes = null.pairs.unique()
    rows = torch.cat(
        [
            work.files.load(f"features/x-{block}", at=nodes[nodes // plan.rows == block] - plan.nodes(block).start)
            for block in range(plan.blocks)
        ]
    )
    distance = torch.cat(
        [
            work.files.load(f"{layer}/distance/{block}-{other}")
            for block in range(plan.blocks)
            for other in work.later_blocks(block)
        ]
    )
    null_distance = feature_distance(rows, torch.searchsorted(nodes, null.pairs))
    if (curve := screening_curve(distance, null_distance, null)) is not None:
        work.save_confidence(f"{layer}/screening", curve)
