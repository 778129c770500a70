"""Mean propagation over a graph in tiles, with the numbers of :class:`torque_core.graph.Propagation`, bit for bit."""

from collections.abc import Iterator

import numpy as np
import torch
from scipy.sparse import csr_matrix, eye_array
from torch import Tensor

from torque_core.out_of_core.workspace import Workspace
from torque_core.utils.compiled import compiled_mm, is_worth_compiling
from torque_core.utils.sparse import pair_pattern, pair_products, sparse_mm

__all__ = ["NODE_PRODUCTS", "count_block", "degree_block", "propagate_block"]

NODE_PRODUCTS = (
    ("x", "x"),
    ("mean1", "mean1"),
    ("mean2", "mean2"),
    ("mean1", "x"),
    ("mean2", "x"),
    ("mean1", "mean2"),
)
"""Pairs of rows whose products are kept for each node."""


def count_block(work: Workspace, layer: int, block: int) -> None:
    """Write the numbers of neighbours of the nodes of a block."""
    size = work.plan.size(block)
    count = torch.zeros(size, dtype=torch.long)
    for i, j, end in _tiles_of(work, block):
        count += torch.bincount(work.graph(layer, i, j)[0][end], minlength=size)
    work.files.save(f"{layer}/neighbours-{block}", count)


def degree_block(work: Workspace, layer: int, block: int) -> None:
    """Write the weighted degrees of the nodes of a block."""
    degree = torch.ones(work.plan.size(block))
    for i, j, end in _tiles_of(work, block):
        nodes = work.graph(layer, i, j)[0][end].long()
        degree = degree.index_add(0, nodes, work.propagation_weight(layer, i, j))
    work.files.save(f"{layer}/degree-{block}", degree)


def _tiles_of(work: Workspace, block: int) -> Iterator[tuple[int, int, int]]:
    """Yield the tiles with nodes of a block, and the end of their pairs at which these are.

    Their order is that of a graph in memory, as rounding depends on it: all first nodes, then all second ones.
    """
    for other in work.later_blocks(block):
        yield block, other, 0
    for other in range(block + 1):
        yield other, block, 1


def propagate_block(work: Workspace, layer: int, block: int, depth: int) -> None:
    """Write the rows ``mean1`` or ``mean2`` of a block, and after the second the products of each node's rows.

    The columns of the operator are processed block by block. The sum so far is the first entry of each row, with
    coefficient 1, so that the products are added in the same order as in one sum over all columns.
    """
    plan, files = work.plan, work.files
    size, width = plan.size(block), plan.num_features
    source = "features/x" if depth == 1 else f"{layer}/mean1"
    product = compiled_mm if is_worth_compiling(plan.num_nodes, width) else sparse_mm
    rows = torch.empty(size + plan.rows, width)
    total: Tensor | None = None
    for other, matrix in _operators(work, layer, block):
        there = rows[size : size + plan.size(other)]
        files.load_into(f"{source}-{other}", there)
        if total is None:
            total = product(_torch(matrix), there)
            continue
        rows[:size] = total
        del total
        total = product(_torch(_with_carry(matrix)), rows[: size + plan.size(other)])
    assert total is not None  # every node is its own neighbour
    files.save(f"{layer}/mean{depth}-{block}", total)
    if depth == 2:
        _save_products(work, layer, block, total)


def _operators(work: Workspace, layer: int, block: int) -> Iterator[tuple[int, csr_matrix]]:
    """Rows of :math:`D^{-1} (A + I)` that belong to a block, for each block of columns that has entries."""
    degree = work.files.load(f"{layer}/degree-{block}").numpy()
    for other in range(work.plan.blocks):
        matrix = None
        if other >= block:
            matrix = _adjacency(work, layer, block, other)
        if other <= block:
            transposed = _adjacency(work, layer, other, block).T.tocsr()
            matrix = transposed if matrix is None else matrix + transposed
        if other == block:
            matrix = (matrix + eye_array(len(degree), dtype=np.float32)).tocsr()
        assert matrix is not None
        if matrix.nnz:
            matrix.sort_indices()
            matrix.data = matrix.data / np.repeat(degree, np.diff(matrix.indptr))
            yield other, matrix


def _adjacency(work: Workspace, layer: int, i: int, j: int) -> csr_matrix:
    pairs, _ = work.graph(layer, i, j)
    starts = np.zeros(work.plan.size(i) + 1, dtype=np.int64)
    np.cumsum(np.bincount(pairs[0].numpy(), minlength=work.plan.size(i)), out=starts[1:])
    shape = (work.plan.size(i), work.plan.size(j))
    return csr_matrix((work.propagation_weight(layer, i, j).numpy(), pairs[1].numpy(), starts), shape=shape)


def _with_carry(matrix: csr_matrix) -> csr_matrix:
    """The matrix behind an identity matrix, whose entry comes first in each row."""
    count = matrix.shape[0]
    starts = matrix.indptr + np.arange(count + 1)
    carry = np.zeros(matrix.nnz + count, dtype=bool)
    carry[starts[:-1]] = True
    indices = np.empty(len(carry), dtype=np.int32)
    indices[carry], indices[~carry] = np.arange(count), matrix.indices + count
    data = np.ones(len(carry), dtype=np.float32)
    data[~carry] = matrix.data
    return csr_matrix((data, indices, starts), shape=(count, count + matrix.shape[1]))


def _torch(matrix: csr_matrix) -> Tensor:
    starts, columns, entries = (torch.from_numpy(array) for array in (matrix.indptr, matrix.indices, matrix.data))
    return torch.sparse_csr_tensor(starts.to(columns.dtype), columns, entries, matrix.shape, check_invariants=False)


def _save_products(work: Workspace, layer: int, block: int, mean2: Tensor) -> None:
    rows = {"mean2": mean2, "x": work.files.load(f"features/x-{block}")}
    rows["mean1"] = work.files.load(f"{layer}/mean1-{block}")
    nodes = torch.arange(len(mean2))
    pattern = pair_pattern(torch.stack([nodes, nodes]), mean2)
    products = [pair_products(rows[one], rows[other], pattern) for one, other in NODE_PRODUCTS]
    work.files.save(f"{layer}/products-{block}", torch.stack(products))
