"""Undirected node pairs of a PyG graph, mean propagation over its edges, and noise."""

from torque_core.graph.features import check_range, dense_features, scaled_features
from torque_core.graph.labels import class_labels, labels_of_part, node_mask
from torque_core.graph.noise import NOISE_KINDS, Noise, NoisyGraph, add_noise
from torque_core.graph.pairs import (
    ascending,
    check_graph,
    directed_edges,
    direction_weights,
    input_graph,
    is_among,
    mean_direction_weight,
    pair_keys,
    pairs_to_edge_index,
    positions_among,
    undirected_pairs,
)
from torque_core.graph.propagation import Propagation, centred_unit
from torque_core.graph.scipy_graph import adjacency, component_of, factorise

__all__ = [
    "NOISE_KINDS",
    "Noise",
    "NoisyGraph",
    "Propagation",
    "add_noise",
    "adjacency",
    "ascending",
    "centred_unit",
    "check_graph",
    "check_range",
    "class_labels",
    "component_of",
    "dense_features",
    "directed_edges",
    "direction_weights",
    "factorise",
    "input_graph",
    "is_among",
    "labels_of_part",
    "mean_direction_weight",
    "node_mask",
    "pair_keys",
    "pairs_to_edge_index",
    "positions_among",
    "scaled_features",
    "undirected_pairs",
]
