"""Torque of node pairs: pair features, lever arms, forces, and the null model."""

from torque_core.scoring.class_probabilities import (
    ClassProbabilities,
    cross_fitted_probabilities,
    known_labels,
    training_labels,
)
from torque_core.scoring.forces import (
    FORCES,
    Force,
    cosine_force,
    dirichlet_force,
    disparity_force,
    energy_force,
    free_force,
    pagerank_difference_force,
    pagerank_sum_force,
    pair_force,
    unit_force,
)
from torque_core.scoring.label_energy import LabelEnergy
from torque_core.scoring.layer_scorer import LayerScorer, layer_features
from torque_core.scoring.levers import (
    LEVERS,
    Lever,
    combined_lever,
    euclidean_lever,
    feature_lever,
    neighbourhood_lever,
    structural_lever,
    unit_lever,
)
from torque_core.scoring.null_model import NullModelPairs, null_model_pairs
from torque_core.scoring.pair_features import MAX_DEPTH, PairFeatures, Products, root
from torque_core.scoring.torque import PRODUCTS, Torque, torque

__all__ = [
    "FORCES",
    "LEVERS",
    "MAX_DEPTH",
    "PRODUCTS",
    "ClassProbabilities",
    "Force",
    "LabelEnergy",
    "LayerScorer",
    "Lever",
    "NullModelPairs",
    "PairFeatures",
    "Products",
    "Torque",
    "combined_lever",
    "cosine_force",
    "cross_fitted_probabilities",
    "dirichlet_force",
    "disparity_force",
    "energy_force",
    "euclidean_lever",
    "feature_lever",
    "free_force",
    "known_labels",
    "layer_features",
    "neighbourhood_lever",
    "null_model_pairs",
    "pagerank_difference_force",
    "pagerank_sum_force",
    "pair_force",
    "root",
    "structural_lever",
    "torque",
    "training_labels",
    "unit_force",
    "unit_lever",
]
