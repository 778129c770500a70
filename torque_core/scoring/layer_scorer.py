"""Torque of node pairs in one layer: features and a graph in, the torque of any pairs out."""

from collections.abc import Callable
from functools import cached_property

import torch
from torch import Tensor

from torque_core.graph.features import scaled_features
from torque_core.graph.propagation import Propagation, centred_unit
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.scoring.label_energy import LabelEnergy
from torque_core.scoring.pair_features import PairFeatures
from torque_core.scoring.torque import Torque, torque

__all__ = ["LayerScorer", "layer_features"]

# with a larger weight the class probabilities confirm what the model predicts already, and fewer injected edges are
# detected
_CLASS_WEIGHT = 0.25


def layer_features(x: Tensor, class_probabilities: ClassProbabilities | None = None) -> Tensor:
    """Node features as torque uses them: centred unit rows, with class directions beside them if there are any.

    Args:
        x: Node features, :math:`(|\\mathcal{V}|, F)`.
        class_probabilities: Class probabilities from a model. The directions of confident nodes are appended to the
            features, scaled to a quarter of their length.

    Returns:
        Rows of length one, or zero, :math:`(|\\mathcal{V}|, F)`; with class probabilities
        :math:`(|\\mathcal{V}|, F + C)`.

    Example:
        >>> layer_features(torch.tensor([[0.0], [2.0]]))
        tensor([[-1.],
                [ 1.]])
        >>> class_probabilities = ClassProbabilities(torch.tensor([[99.0, 0.0], [0.0, 0.0]]), torch.tensor([-1, -1]))
        >>> layer_features(torch.tensor([[0.0], [2.0]]), class_probabilities)
        tensor([[-1.0000,  0.1768, -0.1768],
                [ 1.0000,  0.0000,  0.0000]])
    """
    features = centred_unit(scaled_features(x))
    if class_probabilities is None:
        return features
    return torch.cat([features, _CLASS_WEIGHT * class_probabilities.directions.to(features)], dim=1)


class LayerScorer:
    """Compute the torque of any node pairs in one layer.

    The features are propagated over the layer's graph once, when the first pairs are scored. A pair that is an edge of
    the graph is scored as if it were not there (leave-one-edge-out); see :class:`PairFeatures`.

    Args:
        features: Node features as returned by :func:`layer_features`, :math:`(|\\mathcal{V}|, F)`.
        pairs: Undirected edges of the layer's graph, each once, sorted, :math:`(2, |\\mathcal{E}|)`.
        weight: Edge weights, positive, :math:`(|\\mathcal{E}|,)`; None if all are 1.
        layer: Index of the layer, from 0.
        lever: A name in :data:`~torque_core.scoring.levers.LEVERS`.
        force: A name in :data:`~torque_core.scoring.forces.FORCES`.
        product: A name in :data:`~torque_core.scoring.torque.PRODUCTS`.
        temperature: Temperature of the force ``free``.
        class_probabilities: Returns the class probabilities of the nodes, given the propagated features. It is called
            at most once, by the first force that needs them.
        known: Labels of the training nodes, -1 for the other nodes, :math:`(|\\mathcal{V}|,)`, for the force
            ``energy``; None if the graph has none.
        confidence: Confidence of each edge, in (0, 1], by which its weight is multiplied in propagation,
            :math:`(|\\mathcal{E}|,)`; None for no such factor. Label energies, which weight edges by similarity, are
            computed without it.
        feature_distance: Cosine distance of the features of both ends of each edge, :math:`(|\\mathcal{E}|,)`, if it is
            known.

    Example:
        The path 0 - 1 - 2: torque of its edge (0, 1), and of the pair (0, 2), which is not an edge.

        >>> scorer = LayerScorer(torch.eye(3), torch.tensor([[0, 1], [1, 2]]))
        >>> scorer(torch.tensor([[0, 0], [1, 2]])).value
        tensor([1.0000, 0.1667])
    """

    def __init__(
        self,
        features: Tensor,
        pairs: Tensor,
        weight: Tensor | None = None,
        *,
        layer: int = 0,
        lever: str = "structural",
        force: str = "dirichlet",
        product: str = "scalar",
        temperature: float = 1.0,
        class_probabilities: Callable[[Propagation], ClassProbabilities] | None = None,
        known: Tensor | None = None,
        confidence: Tensor | None = None,
        feature_distance: Tensor | None = None,
    ) -> None:
        self._unscreened = self.propagation = Propagation(features, pairs, weight)
        if confidence is not None:
            self.propagation = self._unscreened.reweighted(confidence)
        self.layer = layer
        self.lever = lever
        self.force = force
        self.product = product
        self.temperature = temperature
        self._estimate = class_probabilities
        self.known = known
        self._feature_distance = feature_distance

    @cached_property
    def _class_probabilities(self) -> ClassProbabilities:
        assert self._estimate is not None
        return self._estimate(self.propagation)

    @cached_property
    def _label_energy(self) -> LabelEnergy:
        assert self.known is not None
        return LabelEnergy(self._unscreened, self.known, self._edge_features)

    @cached_property
    def _edge_features(self) -> PairFeatures:
        """The inputs for all edges, which the label energy shares."""
        return self._pair_features(self.propagation.pairs, self._feature_distance)

    def pair_features(self, pairs: Tensor) -> PairFeatures:
        """The inputs of levers and forces for these pairs.

        Args:
            pairs: Node pairs with :math:`i < j`, sorted by :math:`i`, :math:`(2, P)`.
        """
        return self._edge_features if pairs is self.propagation.pairs else self._pair_features(pairs)

    def _pair_features(self, pairs: Tensor, feature_distance: Tensor | None = None) -> PairFeatures:
        return PairFeatures(
            self.propagation,
            pairs,
            feature_distance=feature_distance,
            layer=self.layer,
            temperature=self.temperature,
            class_probabilities=None if self._estimate is None else lambda: self._class_probabilities,
            label_energy=None if self.known is None else self._weighted_label_energy,
        )

    def _weighted_label_energy(self, pairs: Tensor) -> Tensor:
        return self._label_energy.weight * self._label_energy(pairs)

    def __call__(self, pairs: Tensor) -> Torque:
        """The torque of each pair.

        Args:
            pairs: Node pairs with :math:`i < j`, sorted by :math:`i`, :math:`(2, P)`.

        Raises:
            BadConfig: If the lever, the force or the product is unknown.
            BadGraph: If the pairs are not sorted, or the force needs class probabilities and there are none.
        """
        scored = torque(self.pair_features(pairs), lever=self.lever, force=self.force, product=self.product)
        if pairs is self.propagation.pairs:
            del self._edge_features  # not needed again, and several numbers for every edge
        return scored
