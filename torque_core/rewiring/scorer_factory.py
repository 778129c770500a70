"""Scorers of the layers of a rewiring, as its spec describes them."""

from collections.abc import Callable

from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadGraph
from torque_core.graph.pairs import mean_direction_weight
from torque_core.graph.propagation import Propagation
from torque_core.rewiring.screening import Screening, feature_distance, screen_by_features
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.class_probabilities import (
    ClassProbabilities,
    cross_fitted_probabilities,
    known_labels,
    training_labels,
)
from torque_core.scoring.layer_scorer import LayerScorer, layer_features

__all__ = ["LayerScorerFactory"]


class LayerScorerFactory:
    """Create the :class:`~torque_core.scoring.layer_scorer.LayerScorer` of any layer of a rewiring.

    Args:
        data: The graph before rewiring, with ``x``; ``y`` and ``train_mask`` if a force needs class probabilities.
        class_probabilities: Class probabilities from a model. They are appended to the features, see
            :func:`~torque_core.scoring.layer_scorer.layer_features`, and used by the forces that need them. If None,
            such forces use :func:`~torque_core.scoring.class_probabilities.cross_fitted_probabilities`.

    Raises:
        BadGraph: If the number of class probabilities differs from the number of nodes.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> from torque_core.graph.pairs import undirected_pairs
        >>> data = KarateClub()[0]
        >>> pairs = undirected_pairs(data.edge_index, 34)
        >>> LayerScorerFactory(data).of_layer(0, (pairs, None), RewireSpec())(pairs).value.shape
        torch.Size([78])
    """

    def __init__(self, data: Data, class_probabilities: ClassProbabilities | None = None) -> None:
        x = data["x"]
        if class_probabilities is not None:
            if len(class_probabilities.known) != len(x):
                raise BadGraph(
                    f"class_probabilities has {len(class_probabilities.known)} nodes, but the graph has {len(x)}"
                )
            class_probabilities = class_probabilities.to(x.device)
        self._data = data
        self._input_features = layer_features(x)
        self._features = self._input_features if class_probabilities is None else layer_features(x, class_probabilities)
        self._class_probabilities = class_probabilities
        self._known = training_labels(data) if class_probabilities is None else _some(class_probabilities.known)
        self._last: tuple[Tensor, Tensor] | None = None

    def of_layer(
        self,
        layer: int,
        graph: tuple[Tensor, Tensor | None],
        spec: RewireSpec,
        *,
        screening: Screening | None = None,
        predictions: bool = True,
    ) -> LayerScorer:
        """The scorer of one layer.

        Args:
            layer: Index of the layer, from 0.
            graph: The graph that the layer receives: its pairs, :math:`(2, |\\mathcal{E}|)`, and their weights in both
                directions, :math:`(2, |\\mathcal{E}|)` or None.
            spec: Names of lever, force and product, and their options.
            screening: The result of :meth:`screen` for these edges; None to propagate over all edges alike.
            predictions: Whether to append class probabilities from a model to the features, if they were given.
        """
        pairs, direction_weight = graph
        features = self._features if predictions else self._input_features
        distance = None if screening is None else self._distance(pairs)
        return LayerScorer(
            features,
            pairs,
            mean_direction_weight(direction_weight),
            layer=layer,
            lever=spec.lever,
            force=spec.force,
            product=spec.product,
            temperature=spec.temperature,
            class_probabilities=self._estimator(spec.confidence),
            known=self._known,
            confidence=None if screening is None or distance is None else screening(distance),
            feature_distance=distance if features is self._input_features else None,
        )

    def screen(self, pairs: Tensor, spec: RewireSpec) -> Screening | None:
        """The confidence of edges from their features alone; None if the spec asks for none, or they do not differ.

        See :func:`~torque_core.rewiring.screening.screen_by_features`. Class probabilities from a model are left out,
        as they follow the edges.

        Args:
            pairs: The edges of the graph that a layer receives, :math:`(2, |\\mathcal{E}|)`.
            spec: How to rewire.
        """
        if not spec.screen:
            return None
        return screen_by_features(self._input_features, pairs, distance=self._distance(pairs), seed=spec.seed)

    def _distance(self, pairs: Tensor) -> Tensor:
        """Cosine distances of the input features, kept for the edges that they were computed for last."""
        if self._last is None or self._last[0] is not pairs:
            self._last = pairs, feature_distance(self._input_features, pairs)
        return self._last[1]

    def _estimator(self, confidence: float) -> Callable[[Propagation], ClassProbabilities]:
        if (from_model := self._class_probabilities) is not None:
            return lambda propagation: from_model
        return lambda propagation: cross_fitted_probabilities(
            propagation, known_labels(self._data), confidence=confidence
        )


def _some(known: Tensor) -> Tensor | None:
    """The known labels, or None if there are none."""
    return known if bool((known >= 0).any()) else None
