"""The one door to the core: every answer is computed once per setting and shared by all sessions, read-only.

Keys are frozen dataclasses and scalars; what comes out must never be changed in place.
"""

import copy

import numpy as np
import streamlit as st
import torch

from torque_core import DatasetSpec, LayerRewiring, Noise, NoisyGraph, RewireSpec, Rewiring, add_noise, load
from torque_core import rewire as rewire_graph
from torque_core.datasets import LoadedDataset
from torque_core.device import pick_device
from torque_core.diagnostics import Detection, Structure, auroc, detection, structure
from torque_core.figures import node_layout
from torque_core.graph import undirected_pairs
from torque_core.links import Links
from torque_core.propagation import Propagation

__all__ = [
    "cosine_auroc",
    "dataset",
    "injected",
    "layer_detection",
    "layer_structure",
    "layout",
    "noisy",
    "rewiring",
]


@st.cache_resource(max_entries=4, show_spinner=False)
def dataset(spec: DatasetSpec) -> LoadedDataset:
    """The clean graph."""
    return load(spec)


@st.cache_resource(max_entries=8, show_spinner=False)
def noisy(spec: DatasetSpec, noise: Noise) -> NoisyGraph:
    """The graph after noise."""
    return add_noise(dataset(spec).data, noise)


@st.cache_resource(max_entries=16, show_spinner=False)
def rewiring(spec: DatasetSpec, noise: Noise, method: RewireSpec, device: str) -> Rewiring:
    """What torque does to the noisy graph."""
    graph = copy.copy(noisy(spec, noise).data).to(pick_device(device))
    return rewire_graph(graph, method).to("cpu")


@st.cache_resource(max_entries=8, show_spinner=False)
def layout(spec: DatasetSpec) -> np.ndarray:
    """Where each node stands: from the clean graph, so that noise and rewiring do not move it."""
    data = dataset(spec).data
    return node_layout(undirected_pairs(data.edge_index, len(data.x)), len(data.x))


def injected(spec: DatasetSpec, noise: Noise, layer: LayerRewiring) -> torch.Tensor:
    """Which of a layer's judged edges the noise inserted, bool."""
    return noisy(spec, noise).is_injected(layer.pairs)


@st.cache_resource(max_entries=64, show_spinner=False)
def layer_detection(spec: DatasetSpec, noise: Noise, method: RewireSpec, device: str, layer: int) -> Detection:
    """Pruned against injected edges."""
    record = rewiring(spec, noise, method, device).layers[layer]
    return detection(record.torque.value, record.pruned_mask, injected(spec, noise, record))


@st.cache_resource(max_entries=32, show_spinner=False)
def cosine_auroc(spec: DatasetSpec, noise: Noise) -> float | None:
    """AUROC of the features' cosine distance as a detector of injected edges: the rival to beat."""
    graph = noisy(spec, noise)
    pairs = undirected_pairs(graph.data.edge_index, len(graph.data.x))
    x = torch.nn.functional.normalize(graph.data.x, dim=1)
    return auroc(Links(Propagation(x, pairs), pairs).cosine_distance(0), graph.is_injected(pairs))


@st.cache_resource(max_entries=64, show_spinner=False)
def layer_structure(
    spec: DatasetSpec, noise: Noise, method: RewireSpec, device: str
) -> tuple[Structure, Structure, tuple[Structure, ...]]:
    """The clean graph, the noisy one, and each layer's, in numbers."""
    clean, disturbed = dataset(spec).data, noisy(spec, noise).data
    size, y = len(clean.x), clean.y
    before = [structure(undirected_pairs(data.edge_index, size), size, y) for data in (clean, disturbed)]
    after = tuple(structure(layer.rewired, size, y) for layer in rewiring(spec, noise, method, device).layers)
    return before[0], before[1], after
