"""Block-wise computation over many node pairs."""

import torch
from torch import Tensor

__all__ = ["squared_distances"]

# blocks that fit into the processor cache, and larger ones for a GPU
_BLOCK_ELEMENTS, _GPU_BLOCK_ELEMENTS = 1 << 16, 1 << 25


def squared_distances(rows: Tensor, pairs: Tensor) -> Tensor:
    """:math:`\\lVert r_i - r_j \\rVert^2` of every pair, with memory for one block of differences.

    Args:
        rows: One row per node, :math:`(|\\mathcal{V}|, F)`.
        pairs: Pairs of nodes, :math:`(2, P)`.

    Returns:
        Squared distances, :math:`(P,)`.
    """
    elements = _BLOCK_ELEMENTS if rows.device.type == "cpu" else _GPU_BLOCK_ELEMENTS
    squared = torch.empty(pairs.size(1), dtype=rows.dtype, device=rows.device)
    step = max(1, elements // max(1, rows.size(1)))
    for start in range(0, pairs.size(1), step):
        block = slice(start, start + step)
        difference = rows.index_select(0, pairs[0, block]).sub_(rows.index_select(0, pairs[1, block]))  # (B, F)
        torch.linalg.vecdot(difference, difference, out=squared[block])
    return squared
