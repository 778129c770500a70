"""ROC curves of torque and of other detectors of injected edges, on the same edges."""

from torch import Tensor
from torch_geometric.data import Data

from torque_core.diagnostics.detection import RocCurve, roc_curve
from torque_core.diagnostics.edge_scores import cosine_score, jaccard_score
from torque_core.rewiring.record import LayerRewiring

__all__ = ["detector_curves"]


def detector_curves(layer: LayerRewiring, data: Data, injected: Tensor) -> dict[str, RocCurve]:
    """Compute ROC curves of the torque of a layer, of each of its factors, and of two simple scores.

    The simple scores are computed on the input graph: the cosine distance of the features, which ignores the graph, and
    the Jaccard distance of the neighbourhoods, which ignores the features; see
    :func:`~torque_core.diagnostics.edge_scores.cosine_score` and
    :func:`~torque_core.diagnostics.edge_scores.jaccard_score`.

    Args:
        layer: The record of the layer.
        data: The graph with the injected edges.
        injected: Mask of the edges in ``layer.pairs`` that the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.

    Returns:
        Curves by the name of the score, torque first, whose curve includes the cut of the layer; empty if no edge or
        every edge is injected.

    Example:
        >>> from torque_core import Noise, add_noise, load, rewire
        >>> noisy = add_noise(load("karate").data, Noise("insert", 0.5))
        >>> layer = rewire(noisy.data).layers[0]
        >>> curves = detector_curves(layer, noisy.data, noisy.is_injected(layer.pairs))
        >>> list(curves), round(curves["torque"].auroc, 2)
        (['torque', 'lever arm', 'force', 'cosine distance', 'Jaccard distance'], 0.78)
    """
    scores = layer.torque.factors | {
        "cosine distance": cosine_score(data, layer.pairs),
        "Jaccard distance": jaccard_score(data, layer.pairs),
    }
    curves = {"torque": roc_curve(layer.torque.value, injected, threshold=layer.cut.threshold)}
    curves |= {name: roc_curve(score, injected) for name, score in scores.items()}
    return {name: curve for name, curve in curves.items() if curve is not None}
