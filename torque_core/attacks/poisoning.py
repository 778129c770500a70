"""Input and result of poisoning attacks: a checked graph, and the flips of its edges."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.attacks.spec import MetattackSpec
from torque_core.errors import BadGraph
from torque_core.graph.labels import labels_of_part
from torque_core.graph.pairs import check_graph, direction_weights, pair_keys, undirected_pairs
from torque_core.utils.memory import check_memory

__all__ = ["PoisoningInput", "flip_pairs"]


@dataclass(frozen=True)
class PoisoningInput:
    """What a poisoning attack knows, on the CPU.

    Attributes:
        x: Features of torch's default dtype, :math:`(|\\mathcal{V}|, F)`.
        labels: Labels of the training nodes, -1 for all others, :math:`(|\\mathcal{V}|,)`.
        pairs: Edges of the original graph, :math:`(2, |\\mathcal{E}|)`.
    """

    x: Tensor
    labels: Tensor
    pairs: Tensor

    @classmethod
    def of(cls, data: Data, spec: MetattackSpec) -> "PoisoningInput":
        """Check that a graph can be attacked, and that memory is sufficient.

        Raises:
            BadGraph: If the graph is directed, weighted, has no labelled training nodes, or has no others.
            BadConfig: If the attack needs more memory than is available.
        """
        data = check_graph(data)
        labels = _training_labels(data).cpu()
        pairs = undirected_pairs(data["edge_index"], len(labels))
        if direction_weights(data, pairs) is not None:
            raise BadGraph(
                "the graph has directions or edge weights; make it undirected (to_undirected) without weights"
            )
        check_memory(_bytes_needed(data["x"], labels, spec), f"an attack on {len(labels):,} nodes")
        return cls(data["x"].to("cpu", torch.get_default_dtype()), labels, pairs.cpu())

    def degree(self, pairs: Tensor) -> Tensor:
        """Degree of each node in a changed graph, :math:`(|\\mathcal{V}|,)`."""
        return torch.bincount(pairs.flatten(), minlength=len(self.x))


def flip_pairs(pairs: Tensor, flips: Tensor, num_nodes: int) -> Tensor:
    """Return the edges after flips: pairs that are edges are removed, others are added.

    Args:
        pairs: The edges, :math:`i < j`, sorted, :math:`(2, |\\mathcal{E}|)`.
        flips: Distinct pairs, :math:`i < j`, :math:`(2, B)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Example:
        >>> flip_pairs(torch.tensor([[0, 1], [1, 2]]), torch.tensor([[0, 0], [1, 2]]), 3)
        tensor([[0, 1],
                [2, 2]])
    """
    keys, counts = torch.cat([pair_keys(pairs, num_nodes), pair_keys(flips, num_nodes)]).unique(return_counts=True)
    kept = keys[counts == 1]
    return torch.stack([kept // num_nodes, kept % num_nodes])


def _training_labels(data: Data) -> Tensor:
    """Labels of the training nodes, -1 for all others, (N,)."""
    if data.get("y") is None or data.get("train_mask") is None:
        raise BadGraph(
            "the attack needs labels y and a train_mask, since it trains a surrogate model; choose another noise"
        )
    labels = labels_of_part(data, "train_mask")
    if not bool((labels >= 0).any()):
        raise BadGraph("train_mask must contain at least one labelled node (y >= 0); choose another split")
    if bool((labels >= 0).all()):
        raise BadGraph("train_mask contains all nodes; the attack needs others to attack; choose another split")
    return labels


def _bytes_needed(x: Tensor, labels: Tensor, spec: MetattackSpec) -> float:
    """Estimate of the peak memory."""
    nodes, features = x.shape
    train, classes = int((labels >= 0).sum()), int(labels.max()) + 1
    factors = 8 * nodes * (train + classes)
    training = 8 * spec.steps * train * classes + 4 * train**2
    return torch.get_default_dtype().itemsize * (6 * nodes * features + factors + training + 3 * nodes**2)
