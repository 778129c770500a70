"""Nearest-neighbour search by inner product: exact for few rows, approximate for many."""

from typing import Any

import torch
from torch import Tensor

from torque_core.errors import MissingDependency
from torque_core.utils.optional import require

__all__ = ["NearestRows"]

_EXACT_UP_TO = 8_192  # rows
_PROBED = 8  # cells of the inverted file that are searched for each query
_BLOCK_ELEMENTS = 1 << 24
_CELL_ELEMENTS = 1 << 20  # products of the queries and rows of a cell that are in memory at once


class NearestRows:
    """Search index for the rows of largest inner product with a query; for rows of length one, the most similar rows.

    Up to 8,192 rows the search is exact. With more rows it is approximate: only the 8 nearest of
    :math:`\\sqrt{8 N}` cells of an inverted file are searched (Douze et al., The Faiss library, arXiv 2401.08281).
    Without faiss the search is exact for any number of rows: all products are computed block by block in torch, which
    takes time quadratic in the number of rows and may order equal rows differently.

    Args:
        rows: The rows to search, float32, :math:`(N, F)`.

    Example:
        >>> index = NearestRows(torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]]))
        >>> index.search(torch.tensor([[1.0, 0.1]]), 2)
        tensor([[0, 1]])
    """

    def __init__(self, rows: Tensor) -> None:
        self._rows = rows.detach().cpu()
        self._cells: _Cells | None = None
        try:
            self._faiss: Any = require("faiss", extra="baselines")
        except MissingDependency:
            self._faiss = None
            return
        if len(rows) > _EXACT_UP_TO:
            self._cells = _Cells(self._faiss, self._rows)

    def search(self, queries: Tensor, count: int) -> Tensor:
        """Indices of the ``count`` nearest rows of each query, nearest first.

        Args:
            queries: :math:`(Q, F)`.
            count: Number of rows per query, at most :math:`N`.

        Returns:
            Indices on the CPU, :math:`(Q, \\text{count})`; -1 where the searched cells hold fewer rows.
        """
        queries = queries.detach().cpu()
        if self._cells is not None:
            return self._cells.search(queries, count)
        if self._faiss is not None:
            exact = self._faiss.IndexFlatIP(self._rows.size(1))
            exact.add(self._rows.numpy())
            return torch.from_numpy(exact.search(queries.numpy(), count)[1])
        blocks = queries.split(max(1, _BLOCK_ELEMENTS // max(len(self._rows), 1)))
        return torch.cat([(block @ self._rows.T).topk(count, dim=1).indices for block in blocks])


class _Cells:
    """Inverted file: the rows by the nearest of several centroids.

    The result is that of ``faiss.IndexIVFFlat``, except for rows that tie within float32 rounding. Products are
    computed in torch, for all queries of a cell at once: faiss searches the cells query by query, and its wheels come
    with a library of linear algebra that is several times slower.
    """

    def __init__(self, faiss: Any, rows: Tensor) -> None:
        self._faiss = faiss
        self._rows = rows
        self._centroids = _centroids(faiss, rows)
        self._probes = self._nearest_cells(rows)  # of the rows; the first is the cell that holds the row
        self._order = self._probes[:, 0].argsort(stable=True)  # rows of cell 0, of cell 1, ...

    def search(self, queries: Tensor, count: int) -> Tensor:
        """See :meth:`NearestRows.search`."""
        num_cells, probes = len(self._centroids), self._probes
        if queries.data_ptr() != self._rows.data_ptr() or queries.shape != self._rows.shape:
            probes = self._nearest_cells(queries)
        members = self._order.split(torch.bincount(self._probes[:, 0], minlength=num_cells).tolist())
        asking = (probes.flatten().argsort(stable=True) // probes.size(1)).split(
            torch.bincount(probes.flatten(), minlength=num_cells).tolist()
        )
        best = self._faiss.ResultHeap(len(queries), count, keep_max=True)
        for rows, all_of_cell in zip(members, asking, strict=True):
            if len(rows) and len(all_of_cell):
                cell = self._rows[rows].T
                for part in all_of_cell.split(max(1, _CELL_ELEMENTS // len(rows))):
                    best.add_result_subset(part.numpy(), (queries[part] @ cell).numpy(), rows.numpy())
        best.finalize()
        return torch.from_numpy(best.I)

    def _nearest_cells(self, queries: Tensor) -> Tensor:
        """Cells whose centroids are nearest to each query, nearest first, (Q, 8)."""
        cells = torch.arange(len(self._centroids))
        best = self._faiss.ResultHeap(len(queries), min(_PROBED, len(cells)), keep_max=True)
        for part in torch.arange(len(queries)).split(max(1, _CELL_ELEMENTS // len(cells))):
            best.add_result_subset(part.numpy(), (queries[part] @ self._centroids.T).numpy(), cells.numpy())
        best.finalize()
        return torch.from_numpy(best.I)


def _centroids(faiss: Any, rows: Tensor) -> Tensor:
    """Centroids of the cells, fitted to a sample of the rows, (cells, F)."""
    cells = int((_PROBED * len(rows)) ** 0.5)  # then a query is compared with as many cells as rows
    exact = faiss.IndexFlatIP(rows.size(1))
    index = faiss.IndexIVFFlat(exact, rows.size(1), cells, faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = 4  # rough cells are good enough
    index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, 64
    index.train(rows.numpy())
    return torch.from_numpy(exact.reconstruct_n(0, cells))
