"""Delaunay rewiring: replace the edges by a triangulation of the features in the plane."""

from importlib import import_module

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from torque_core.baselines.peer import PEERS, Peer
from torque_core.errors import MissingDependency
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.utils.random import check_seed
from torque_core.utils.validation import check_choices

__all__ = ["DelaunayRewire"]

_PERTURBATION = 1e-6
_DENSE_UP_TO = 512  # features


@PEERS.register("delaunay")
class DelaunayRewire(Peer):
    """Delaunay rewiring (Attali, Buscaldi and Pernelle, ICML 2024): triangulate the features in two dimensions.

    The features are reduced to two dimensions, and the edges of the Delaunay triangulation of these points, in which
    no circumcircle of a triangle contains another point, replace those of the graph: fewer than
    :math:`3 |\\mathcal{V}|` edges. The given edges are ignored. Nodes with the same features and points on a line are
    separated by a random perturbation of a millionth of the range and Qhull's option ``QJ``, which the authors' code
    uses, too. Up to three nodes are all joined.

    The paper reduces by UMAP. Its package takes seconds to import and is not installed by any extra, so UMAP is an
    option here, and the default is a principal component analysis: fast and deterministic, but linear, so that it
    preserves large distances rather than neighbourhoods. The accuracies in the paper are for UMAP.

    Args:
        reduction: ``pca`` or ``umap`` (``umap.UMAP`` of the package umap-learn, with its defaults).
        seed: Random seed of the perturbation and of UMAP.

    Raises:
        BadConfig: If an option is out of range.
        MissingDependency: If the reduction is ``umap`` and umap-learn is not installed.

    Example:
        Three corners of a triangle, and a node within.

        >>> from torch_geometric.data import Data
        >>> x = torch.tensor([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [1.0, 1.0]])
        >>> DelaunayRewire()(Data(x=x, edge_index=torch.tensor([[0, 1], [1, 0]]))).num_edges // 2
        6
    """

    def __init__(self, *, reduction: str = "pca", seed: int = 0) -> None:
        self.reduction = reduction
        self.seed = seed
        check_choices(self, {"reduction": ("pca", "umap")})
        check_seed(seed)

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the new edges, see :meth:`Peer.rewire <torque_core.baselines.Peer.rewire>`."""
        if len(x) < 4:
            return pairs_to_edge_index(torch.triu_indices(len(x), len(x), offset=1)), None
        points = _principal_components(x) if self.reduction == "pca" else self._umap(x)
        return pairs_to_edge_index(self._triangulate(points)), None

    def _umap(self, x: Tensor) -> NDArray[np.float64]:
        try:
            umap = import_module("umap")
        except ModuleNotFoundError as error:
            raise MissingDependency("umap-learn is not installed; install it, or choose reduction='pca'") from error
        return umap.UMAP(n_components=2, random_state=self.seed).fit_transform(x.numpy()).astype(np.float64)

    def _triangulate(self, points: NDArray[np.float64]) -> Tensor:
        """Edges of the triangulation of points in the plane, each once, :math:`(2, M)`."""
        from scipy.spatial import Delaunay

        points = points / (np.abs(points).max() or 1)
        noise = np.random.default_rng(self.seed).uniform(-1, 1, points.shape)
        simplices = Delaunay(points + _PERTURBATION * noise, qhull_options="QJ").simplices  # (T, 3)
        sides = np.concatenate([simplices[:, [0, 1]], simplices[:, [1, 2]], simplices[:, [0, 2]]])
        return undirected_pairs(torch.from_numpy(sides.T.astype(np.int64)), len(points))


def _principal_components(x: Tensor) -> NDArray[np.float64]:
    """The first two principal components of the features, without an array of their shape, :math:`(N, 2)`."""
    from scipy.sparse.linalg import LinearOperator, svds

    features, mean = x.numpy(), x.mean(dim=0).double().numpy()
    if features.shape[1] <= _DENSE_UP_TO:
        covariance = features.T.astype(np.float64) @ features - len(features) * np.outer(mean, mean)
        axes = np.linalg.eigh(covariance)[1][:, :-3:-1]
        found = features @ axes - mean @ axes
        return np.pad(found, ((0, 0), (0, 2 - found.shape[1])))
    centred = LinearOperator(  # type: ignore[call-arg, misc]
        features.shape,
        matvec=lambda v: features @ v.ravel() - mean @ v.ravel(),
        rmatvec=lambda v: features.T @ v.ravel() - mean * v.sum(),
        dtype=np.float64,
    )
    start = np.random.default_rng(0).standard_normal(min(features.shape))  # ARPACK's own is random
    left, values, _ = svds(centred, k=2, v0=start)
    return (left * values)[:, ::-1]
