"""Screening: the confidence of edges, estimated from the features of their ends before any torque is computed."""

from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.graph.propagation import Propagation
from torque_core.rewiring.bounded_gap import bounded_gap
from torque_core.rewiring.edge_confidence import EdgeConfidence
from torque_core.scoring.null_model import NullModelPairs, null_model_pairs, null_weights
from torque_core.scoring.pair_features import PairFeatures
from torque_core.utils.display import ShortRepr

__all__ = ["Screening", "feature_distance", "screen_by_features", "screening_curve"]

_EVEN = 0.5  # an edge of this confidence is as likely random as not


@dataclass(frozen=True, repr=False)
class Screening(ShortRepr):
    """The confidence of the edges of a graph, estimated from the features of their ends alone.

    Attributes:
        curve: The confidence of an edge as a function of the cosine distance of its two ends.
        doubted: Number of edges with a confidence below one half.
    """

    curve: EdgeConfidence
    doubted: int

    def __call__(self, distance: Tensor) -> Tensor:
        """The confidence of edges with these cosine distances, in (0, 1], with their shape and device."""
        return self.curve(distance)


def screen_by_features(
    features: Tensor, pairs: Tensor, *, distance: Tensor | None = None, seed: int = 0
) -> Screening | None:
    """The confidence of an edge as a function of the cosine distance of its two ends.

    A lever arm compares neighbourhoods, and inserted edges change these: several at one node make it similar to those
    that it is tied to, and each hides the others. Features stay as they are. So their cosine distance is compared with
    that of null-model pairs first, in the same way as the torque afterwards
    (:func:`~torque_core.rewiring.bounded_gap.bounded_gap`), and the features are propagated with the weights

    .. math::
        w_{ij} \\, p(1 - \\cos(x_i, x_j)),

    where :math:`p` is the local confidence of that gap
    (:func:`~torque_core.rewiring.edge_confidence.estimate_edge_confidence`). Nothing is pruned for its features alone:
    an edge between dissimilar nodes whose other neighbours are alike still has a low torque. The two rounds, features
    before structure, are this project's.

    Args:
        features: Node features as returned by :func:`~torque_core.scoring.layer_scorer.layer_features`,
            :math:`(|\\mathcal{V}|, F)`.
        pairs: Undirected edges, each once, sorted, :math:`(2, |\\mathcal{E}|)`.
        distance: The result of :func:`feature_distance` for these pairs, if it is known.
        seed: Random seed of the null-model pairs.

    Returns:
        The confidence, or None if the features give no reason to doubt an edge.

    Example:
        A graph of similar handwritten digits, and random edges: a fifth as many as it has.

        >>> from torque_core import load
        >>> from torque_core.attacks.noise import Noise, add_noise
        >>> from torque_core.graph.pairs import undirected_pairs
        >>> from torque_core.scoring.layer_scorer import layer_features
        >>> digits = add_noise(load("digits").data, Noise("insert", 0.2)).data
        >>> screening = screen_by_features(layer_features(digits.x), undirected_pairs(digits.edge_index, len(digits.x)))
        >>> screening(torch.tensor([0.1, 1.0])).round(decimals=1)
        tensor([1., 0.])
    """
    null_model = null_model_pairs(pairs, len(features), torch.Generator().manual_seed(seed), uniform=True)
    distance = feature_distance(features, pairs) if distance is None else distance
    curve = screening_curve(distance, feature_distance(features, null_model.pairs), null_model)
    return None if curve is None else Screening(curve, int((distance > curve.last_torque(_EVEN)).sum()))


def screening_curve(distance: Tensor, null_distance: Tensor, null_model: NullModelPairs) -> EdgeConfidence | None:
    """The confidence from the cosine distances of the edges and of null-model pairs; see :func:`screen_by_features`.

    Args:
        distance: Of the edges, :math:`(|\\mathcal{E}|,)`.
        null_distance: Of the null-model pairs, :math:`(P,)`.
        null_model: These pairs, of both null models.
    """
    weights = null_weights(null_model.weight, null_model.uniform_weight)
    return bounded_gap(distance, null_distance, weights).edge_confidence


def feature_distance(features: Tensor, pairs: Tensor) -> Tensor:
    """Cosine distance of the features of two nodes, in [0, 2], :math:`(P,)`.

    Args:
        features: See :func:`screen_by_features`.
        pairs: Pairs with :math:`i < j`, sorted by :math:`i`, :math:`(2, P)`.

    Example:
        >>> feature_distance(torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]), torch.tensor([[0, 0], [1, 2]]))
        tensor([1., 2.])
    """
    return PairFeatures(Propagation(features, pairs), pairs).cosine_distance(0)
