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
        self._index: Any = None
        try:
            faiss = require("faiss", extra="baselines")
        except MissingDependency:
            return
        exact = faiss.IndexFlatIP(rows.size(1))
        self._index = exact if len(rows) <= _EXACT_UP_TO else _inverted_file(faiss, exact, self._rows)
        self._index.add(self._rows.numpy())

    def search(self, queries: Tensor, count: int) -> Tensor:
        """Indices of the ``count`` nearest rows of each query, nearest first.

        Args:
            queries: :math:`(Q, F)`.
            count: Number of rows per query, at most :math:`N`.

        Returns:
            Indices on the CPU, :math:`(Q, \\text{count})`; -1 where the searched cells hold fewer rows.
        """
        queries = queries.detach().cpu()
        if self._index is not None:
            return torch.from_numpy(self._index.search(queries.numpy(), count)[1])
        blocks = queries.split(max(1, _BLOCK_ELEMENTS // max(len(self._rows), 1)))
        return torch.cat([(block @ self._rows.T).topk(count, dim=1).indices for block in blocks])


def _inverted_file(faiss: Any, exact: Any, rows: Tensor) -> Any:
    """An empty inverted file whose cells are fitted to the rows."""
    cells = int((_PROBED * len(rows)) ** 0.5)  # then a query is compared with as many cells as rows
    index = faiss.IndexIVFFlat(exact, rows.size(1), cells, faiss.METRIC_INNER_PRODUCT)
    index.nprobe = _PROBED
    index.cp.niter = 4  # rough cells are good enough
    index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, 64
    index.train(rows.numpy())
    return index
