"""What a training learns from a graph, and how it is scored."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.diagnostics.detection import auroc
from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.pairs import check_graph

__all__ = ["Task", "score_of"]

_SPARSE_BELOW = 0.2  # share of features that are not zero


@dataclass(frozen=True)
class Task:
    """A graph on its device, with what training looks at; ``x`` is sparse if nearly all of it is zero."""

    graph: Data
    x: Tensor
    y: Tensor
    train: Tensor
    val: Tensor
    test: Tensor
    classes: int

    @classmethod
    def of(cls, data: Data, metric: str, device: torch.device) -> "Task":
        """Check labels and masks, and copy the graph; ``data.to()`` would move the caller's own."""
        check_graph(data)
        y = data.y
        if not isinstance(y, Tensor):
            raise BadGraph("training needs labels y, one class index per node, -1 where unknown")
        train, val, test = (_mask(data, part) for part in ("train_mask", "val_mask", "test_mask"))
        if not bool(train.any()):
            raise BadGraph("training needs at least one node in train_mask; choose another split")
        if bool((y[train | val | test] < 0).any()):
            raise BadGraph("a node of a mask has no label (y < 0); leave unlabelled nodes out of the masks")
        classes = int(y.max()) + 1
        if metric == "roc_auc" and classes != 2:
            raise BadConfig(f"metric roc_auc needs two classes, 0 and 1; the graph has {classes}")
        x, y = data["x"].float().to(device), y.long().to(device)
        graph = Data(x=x, edge_index=data["edge_index"].to(device), y=y, train_mask=train.to(device))
        if data.get("edge_weight") is not None:
            graph.edge_weight = data["edge_weight"].to(device)
        if device.type == "cpu" and int(x.count_nonzero()) < _SPARSE_BELOW * x.numel():
            x = x.to_sparse()
        return cls(graph, x, y, train.to(device), val.to(device), test.to(device), classes)


def _mask(data: Data, name: str) -> Tensor:
    mask = data.get(name)
    size = len(data["x"])
    if mask is None:
        return torch.zeros(size, dtype=torch.bool)
    if mask.shape != (size,):
        raise BadGraph(f"{name} has shape {tuple(mask.shape)}, not ({size},); choose one split of several")
    return torch.as_tensor(mask).bool()


def score_of(logits: Tensor, y: Tensor, mask: Tensor, metric: str) -> float | None:
    """The share of right classes or the area under the ROC curve, of the nodes of a mask; None if it is empty.

    Args:
        logits: Class scores, :math:`(|\\mathcal{V}|, C)`.
        y: Labels, :math:`(|\\mathcal{V}|,)`.
        mask: Which nodes are scored, bool, :math:`(|\\mathcal{V}|,)`.
        metric: ``accuracy`` or ``roc_auc``.

    Example:
        >>> logits = torch.tensor([[2.0, 1.0], [0.0, 1.0]])
        >>> score_of(logits, torch.tensor([0, 0]), torch.tensor([True, True]), "accuracy")
        0.5
    """
    if not bool(mask.any()):
        return None
    if metric == "roc_auc":
        return auroc(logits[mask, 1] - logits[mask, 0], y[mask] == 1)
    return float((logits[mask].argmax(dim=1) == y[mask]).float().mean())
