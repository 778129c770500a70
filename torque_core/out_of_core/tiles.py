"""Edges of files, sorted into tiles: the pairs between two blocks of nodes."""

from collections import defaultdict

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.graph.pairs import input_graph
from torque_core.out_of_core.edge_source import read_edges
from torque_core.out_of_core.workspace import Workspace

__all__ = ["merged_pairs", "part_edges", "tile_edges"]


def part_edges(work: Workspace, part: int) -> None:
    """Read a part of the edges, and write them by the block of their smaller node."""
    plan = work.plan
    waiting: dict[int, list[tuple[Tensor, Tensor | None]]] = defaultdict(list)
    rows = piece = 0

    def write() -> None:
        for block, batches in waiting.items():
            name = f"edges/{block}/{part:06}-{piece:06}"
            if plan.weighted:
                work.files.save(f"{name}-weight", torch.cat([weight for _, weight in batches if weight is not None]))
            work.files.save(f"{name}-ends", torch.cat([ends for ends, _ in batches], dim=1))
        waiting.clear()

    kind = torch.int32 if plan.num_nodes < 1 << 31 else torch.int64
    for ends, weight in read_edges(plan.parts[part], plan.columns, plan.num_nodes):
        edges, weights = torch.from_numpy(ends), None if weight is None else torch.from_numpy(weight)
        of_block = edges.min(dim=0).values // plan.rows
        order = of_block.argsort(stable=True)
        counts = torch.bincount(of_block, minlength=plan.blocks)
        start = 0
        for block in counts.nonzero().flatten().tolist():
            at = order[start : start + int(counts[block])]
            waiting[block].append((edges[:, at].to(kind), None if weights is None else weights[at]))
            start += int(counts[block])
        rows += edges.size(1)
        if rows >= plan.buffer_rows:
            write()
            rows, piece = 0, piece + 1
    write()


def tile_edges(work: Workspace, block: int) -> None:
    """Merge the edges whose smaller node is in a block to undirected pairs, and write those of each tile."""
    plan, names = work.plan, work.files.names(f"edges/{block}/*-ends")
    edges = torch.cat([work.files.load(name) for name in names] or [torch.empty(2, 0, dtype=torch.int32)], dim=1)
    data = Data(edge_index=edges.long(), num_nodes=plan.num_nodes)
    if plan.weighted:
        weights = [work.files.load(f"{name.removesuffix('ends')}weight") for name in names]
        data.edge_weight = torch.cat(weights or [torch.empty(0)])
    pairs, weight = input_graph(data)
    of_block = pairs[1] // plan.rows
    for other in work.later_blocks(block):
        in_tile = of_block == other
        places = pairs[:, in_tile] - torch.tensor([[block], [other]]) * plan.rows
        work.save_graph(0, block, other, (places, None if weight is None else weight[:, in_tile]))
    work.files.delete(f"edges/{block}/*")


def merged_pairs(work: Workspace, graph: int, block: int) -> tuple[Tensor, Tensor]:
    """Pairs whose first node is in a block, by node number and sorted, and their order among the tiles.

    Args:
        work: The working files.
        graph: The layer that receives the graph of the pairs.
        block: The block.

    Returns:
        Pairs, :math:`(2, P)`, and for each the place in the concatenated tiles of the block, :math:`(P,)`.
    """
    tiles = []
    for other in work.later_blocks(block):
        pairs, _ = work.graph(graph, block, other)
        tiles.append(pairs.long() + torch.tensor([[block], [other]]) * work.plan.rows)
    pairs = torch.cat(tiles, dim=1)
    order = pairs[0].argsort(stable=True)  # tiles come in the order of the second node
    return pairs[:, order], order
