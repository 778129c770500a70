"""Edge scores that detect injected edges: torque and the scores that it is compared with."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.functional import normalize
from torch_geometric.data import Data

from torque_core.diagnostics._blocks import squared_distances
from torque_core.diagnostics.detection import auroc
from torque_core.errors import BadGraph
from torque_core.graph.features import scaled_features
from torque_core.graph.noise import NoisyGraph
from torque_core.graph.pairs import check_graph, undirected_pairs
from torque_core.graph.scipy_graph import adjacency
from torque_core.scoring.class_probabilities import cross_fitted_probabilities, known_labels, training_labels
from torque_core.scoring.layer_scorer import LayerScorer, layer_features
from torque_core.utils.registry import Registry

__all__ = [
    "EDGE_SCORES",
    "EdgeScore",
    "cosine_score",
    "detection_scores",
    "jaccard_score",
    "random_score",
    "torque_score",
]

EdgeScore = Callable[[Data, Tensor], Tensor]

EDGE_SCORES: Registry[EdgeScore] = Registry("edge score")
"""Scores by name. Each is called with a graph and node pairs and returns one number per pair, high if suspicious."""

_BLOCK_PAIRS = 1 << 14


@torch.no_grad()
def torque_score(
    data: Data, pairs: Tensor, *, lever: str = "structural", force: str = "dirichlet", product: str = "scalar"
) -> Tensor:
    """Torque in the first layer, see :func:`~torque_core.scoring.torque.torque`, without the tested edge.

    Use ``functools.partial(torque_score, force="unit")`` for another force. Edge weights are ignored. Forces that need
    classes use the training labels, see
    :func:`~torque_core.scoring.class_probabilities.cross_fitted_probabilities`.

    Args:
        data: The graph with the injected edges; ``y`` and ``train_mask`` for forces that need classes.
        pairs: Sorted node pairs, :math:`(2, P)`.
        lever: A name in :data:`~torque_core.scoring.levers.LEVERS`.
        force: A name in :data:`~torque_core.scoring.forces.FORCES`.
        product: A name in :data:`~torque_core.scoring.torque.PRODUCTS`.

    Raises:
        BadConfig: If a name is unknown.
        BadGraph: If the pairs are not sorted, or the force needs labels that are missing.

    Example:
        >>> data = Data(x=torch.eye(3), edge_index=torch.tensor([[0, 1], [1, 2]]))
        >>> torque_score(data, data.edge_index)  # lever arm 2: without the edge the halves are opposite; force 1.5
        tensor([3., 3.])
    """
    scorer = LayerScorer(
        layer_features(data["x"]),
        undirected_pairs(data["edge_index"], data["x"].size(0)),
        lever=lever,
        force=force,
        product=product,
        class_probabilities=lambda propagation: cross_fitted_probabilities(propagation, known_labels(data)),
        known=training_labels(data),
    )
    return scorer(pairs).value


def cosine_score(data: Data, pairs: Tensor) -> Tensor:
    """Cosine distance of the raw features, :math:`1 - \\cos(x_i, x_j) \\in [0, 2]`; 1 where a row is zero.

    This score ignores the graph.

    Example:
        >>> data = Data(x=torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]))
        >>> cosine_score(data, torch.tensor([[0, 1], [1, 2]]))
        tensor([0., 1.])
    """
    x = scaled_features(data["x"])
    unit = normalize(x)
    zero = torch.linalg.vecdot(unit, unit) < 0.5  # or too short to be normalised
    zero[zero.clone()] = ~x[zero].any(dim=1)
    # half the squared distance of unit rows is the cosine distance, without cancellation if it is small
    return torch.where(zero[pairs].any(dim=0), 1.0, squared_distances(unit, pairs) / 2)


def jaccard_score(data: Data, pairs: Tensor) -> Tensor:
    """Jaccard distance of the neighbourhoods, which ignores the features. The tested edge is part of the graph.

    .. math::
        1 - \\frac{|\\mathcal{N}(i) \\cap \\mathcal{N}(j)|}{|\\mathcal{N}(i) \\cup \\mathcal{N}(j)|} \\in [0, 1]

    with open neighbourhoods, :math:`i \\notin \\mathcal{N}(i)`: the coefficient of link prediction (Liben-Nowell and
    Kleinberg, J. Am. Soc. Inf. Sci. Technol. 58, 2007). An edge adds its two ends to the union but not to the
    intersection. The distance is 1 if both neighbourhoods are empty.

    Example:
        A triangle 0, 1, 2 with a tail 2 - 3: the ends 0 and 1 have one of three neighbours in common, 2 and 3 none.

        >>> data = Data(x=torch.eye(4), edge_index=torch.tensor([[0, 0, 1, 2], [1, 2, 2, 3]]))
        >>> jaccard_score(data, torch.tensor([[0, 2], [1, 3]]))
        tensor([0.6667, 1.0000])
    """
    num_nodes = data["x"].size(0)
    graph = adjacency(undirected_pairs(data["edge_index"], num_nodes), num_nodes)
    degree = graph.sum(axis=1)
    blocks = [
        graph[i].multiply(graph[j]).sum(axis=1) / (degree[i] + degree[j]).clip(min=1)
        for i, j in (block.cpu().numpy() for block in pairs.split(_BLOCK_PAIRS, dim=1))
    ]
    # s / (a + b - s), written with r = s / (a + b)
    ratio = torch.cat([torch.from_numpy(block) for block in blocks])
    return (1 - ratio / (1 - ratio)).to(pairs.device, torch.get_default_dtype())


def random_score(data: Data, pairs: Tensor, *, seed: int = 0) -> Tensor:
    """Uniform random numbers in [0, 1), as a control; equal seeds give equal scores.

    Example:
        >>> pairs = torch.tensor([[0, 1], [1, 2]])
        >>> bool((random_score(Data(), pairs) == random_score(Data(), pairs)).all())
        True
    """
    return torch.rand(pairs.size(1), generator=torch.Generator().manual_seed(seed)).to(pairs.device)


# not registered by decorators, which would hide the options from type checkers
EDGE_SCORES.update(torque=torque_score, cosine=cosine_score, jaccard=jaccard_score, random=random_score)


def detection_scores(noisy: NoisyGraph, scores: Mapping[str, EdgeScore] = EDGE_SCORES) -> dict[str, float]:
    """Evaluate how well each score detects the injected edges of a graph, by the area under the ROC curve.

    This is the probability that an injected edge scores above an original edge; 0.5 for a random score. See
    :func:`~torque_core.diagnostics.detection.auroc`.

    Args:
        noisy: A graph with injected edges.
        scores: Scores by name.

    Returns:
        The area under the ROC curve by the name of the score.

    Raises:
        BadGraph: If no edge or every edge of the graph is injected.

    Example:
        >>> from functools import partial
        >>> from torque_core import Noise, add_noise, load
        >>> noisy = add_noise(load("karate").data, Noise("insert", 0.5))
        >>> areas = detection_scores(noisy, {**EDGE_SCORES, "lever": partial(torque_score, force="unit")})
        >>> {name: round(value, 2) for name, value in areas.items()}
        {'torque': 0.74, 'cosine': 0.5, 'jaccard': 0.62, 'random': 0.54, 'lever': 0.74}
    """
    noisy = replace(noisy, data=check_graph(noisy.data))
    pairs = undirected_pairs(noisy.data["edge_index"], len(noisy.data["x"]))
    injected = noisy.is_injected(pairs)
    if not bool(injected.any()) or bool(injected.all()):
        raise BadGraph(
            f"{int(injected.sum())} of {len(injected)} edges are injected; detection needs both injected and "
            "original edges, so choose a noise that inserts edges, and a rate above 0"
        )
    # never None here, because edges of both kinds exist
    return {name: auroc(score(noisy.data, pairs), injected) or 0.0 for name, score in scores.items()}
