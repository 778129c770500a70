"""Node classification task: graph, features, labels and split on one device."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.diagnostics.detection import auroc
from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.labels import class_labels, node_mask
from torque_core.graph.pairs import check_graph, directed_edges, direction_weights, undirected_pairs

__all__ = ["Task", "score_of"]

_SPARSE_BELOW = 0.2  # fraction of non-zero features below which a sparse matrix is faster


@dataclass(frozen=True)
class Task:
    """A node classification task on one device.

    Attributes:
        graph: Features, edges, labels and training mask, which rewiring may use.
        x: Features of torch's default dtype, :math:`(|\\mathcal{V}|, F)`; a sparse COO tensor on the CPU if most of
            them are zero.
        y: Labels, :math:`(|\\mathcal{V}|,)`.
        train: Mask of the training nodes, :math:`(|\\mathcal{V}|,)`.
        val: Mask of the validation nodes, :math:`(|\\mathcal{V}|,)`.
        test: Mask of the test nodes, :math:`(|\\mathcal{V}|,)`.
        classes: Number of classes :math:`C`.
    """

    graph: Data
    x: Tensor
    y: Tensor
    train: Tensor
    val: Tensor
    test: Tensor
    classes: int

    @classmethod
    def of(cls, data: Data, metric: str, device: torch.device) -> "Task":
        """Check graph, labels and masks, and copy them to the device; ``data.to()`` would move the caller's tensors.

        Raises:
            BadGraph: If the graph, its labels or its masks are invalid.
            BadConfig: If the metric does not fit the number of classes.
        """
        data = check_graph(data)
        if not isinstance(data.y, Tensor):
            raise BadGraph("training needs labels y, one class index per node, -1 where unknown")
        y = class_labels(data.y)
        train, val, test = (_mask(data, name) for name in ("train_mask", "val_mask", "test_mask"))
        if not bool(train.any()):
            raise BadGraph("training needs at least one node in train_mask; choose another split")
        if bool((y[train | val | test] < 0).any()):
            raise BadGraph("a node of a mask has no label (y < 0); leave unlabelled nodes out of the masks")
        classes = int(y.max()) + 1
        if metric == "roc_auc" and classes != 2:
            raise BadConfig(f"metric roc_auc needs two classes, 0 and 1; the graph has {classes}")
        x, y = data["x"].to(device, torch.get_default_dtype()), y.to(device)
        graph = Data(x=x, edge_index=data["edge_index"].to(device), y=y, train_mask=train.to(device))
        if data.get("edge_weight") is not None:
            graph.edge_weight = data["edge_weight"].to(device)
        if device.type == "cpu" and int(x.count_nonzero()) < _SPARSE_BELOW * x.numel():
            x = x.to_sparse()
        return cls(graph, x, y, train.to(device), val.to(device), test.to(device), classes)

    def edges(self, *, self_loops: bool) -> tuple[Tensor, Tensor | None]:
        """Return ``edge_index``, each edge once per direction, and ``edge_weight``, with or without self-loops."""
        edge_index, weight = self.graph["edge_index"], self.graph.get("edge_weight")
        pairs = undirected_pairs(edge_index, len(self.graph["x"]))
        edges, weights = directed_edges(pairs, direction_weights(self.graph, pairs))
        is_loop = edge_index[0] == edge_index[1]
        if not self_loops or not bool(is_loop.any()):
            return edges, weights
        weights = torch.ones_like(edges[0]).float() if weights is None else weights
        loop_weights = torch.ones_like(edge_index[0, is_loop]).float() if weight is None else weight[is_loop].float()
        return torch.cat([edges, edge_index[:, is_loop]], dim=1), torch.cat([weights, loop_weights])


def _mask(data: Data, name: str) -> Tensor:
    part = data.get(name)
    return node_mask(torch.tensor([], dtype=torch.long) if part is None else part, len(data["x"]), name)


def score_of(logits: Tensor, y: Tensor, mask: Tensor, metric: str) -> float | None:
    """Accuracy or area under the ROC curve on the nodes of a mask; None if the mask is empty.

    Args:
        logits: Class scores, :math:`(|\\mathcal{V}|, C)`.
        y: Labels, :math:`(|\\mathcal{V}|,)`, see :func:`~torque_core.graph.labels.class_labels`.
        mask: Nodes to evaluate, :math:`(|\\mathcal{V}|,)`, see :func:`~torque_core.graph.labels.node_mask`.
        metric: ``accuracy`` or ``roc_auc``.

    Example:
        >>> logits = torch.tensor([[2.0, 1.0], [0.0, 1.0]])
        >>> score_of(logits, torch.tensor([0, 0]), torch.tensor([True, True]), "accuracy")
        0.5
    """
    y, mask = class_labels(y), node_mask(mask, len(y))
    if not bool(mask.any()):
        return None
    if metric == "roc_auc":
        return auroc(logits[mask, 1] - logits[mask, 0], y[mask] == 1)
    return float((logits[mask].argmax(dim=1) == y[mask]).float().mean())
