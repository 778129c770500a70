"""Detectors: the torque of a layer and what it is to be compared with, as ROC curves on the same edges."""

from torch import Tensor
from torch_geometric.data import Data

from torque_core.diagnostics.detection import RocCurve, roc_curve
from torque_core.diagnostics.edge_scores import cosine_score, jaccard_score
from torque_core.rewiring.record import LayerRewiring

__all__ = ["detector_curves"]


def detector_curves(layer: LayerRewiring, data: Data, injected: Tensor) -> dict[str, RocCurve]:
    """How well a layer's torque, each of its factors alone, and two rivals tell the injected edges from the others.

    The rivals look at the graph that was given, the factors at the representations of the layer: the cosine distance
    of the features, blind to the graph, and the Jaccard distance of the neighbourhoods, blind to features; see
    :func:`~torque_core.diagnostics.edge_scores.cosine_score` and
    :func:`~torque_core.diagnostics.edge_scores.jaccard_score`.

    Args:
        layer: What happened.
        data: The graph with what was injected.
        injected: Which of ``layer.pairs`` the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.

    Returns:
        Curves by the name of the score, torque first, with the layer's cut on its own; none if no edge is injected, or
        every edge is.

    Example:
        >>> from torque_core import Noise, add_noise, load, rewire
        >>> noisy = add_noise(load("karate").data, Noise("insert", 0.5))
        >>> layer = rewire(noisy.data).layers[0]
        >>> curves = detector_curves(layer, noisy.data, noisy.is_injected(layer.pairs))
        >>> list(curves), round(curves["torque"].auroc, 2)
        (['torque', 'lever arm', 'force', 'cosine distance', 'Jaccard distance'], 0.74)
    """
    scores = layer.torque.factors | {
        "cosine distance": cosine_score(data, layer.pairs),
        "Jaccard distance": jaccard_score(data, layer.pairs),
    }
    curves = {"torque": roc_curve(layer.torque.value, injected, threshold=layer.cut.threshold)}
    curves |= {name: roc_curve(score, injected) for name, score in scores.items()}
    return {name: curve for name, curve in curves.items() if curve is not None}
