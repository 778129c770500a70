"""The one door to the core: every answer is computed once per setting and shared by all sessions, read-only.

What is said of a person's own graph stays in their session, see :mod:`pages.shared.core.cache`. Keys are frozen
dataclasses and scalars; what comes out must never be changed in place.
"""

import copy

import numpy as np
import streamlit as st
import torch

from pages.shared.core.cache import cached
from pages.shared.core.gpu_lock import guarded
from pages.shared.runs import registry
from pages.shared.state.snapshot import Snapshot
from torque_core import DatasetSpec, LayerRewiring, Noise, NoisyGraph, RewireSpec, Rewiring, add_noise, load
from torque_core import rewire as rewire_graph
from torque_core.datasets import LoadedDataset
from torque_core.datasets.importers import ImportedGraph
from torque_core.datasets.info import USER_GRAPH
from torque_core.diagnostics import Detection, Structure, auroc, detection, dirichlet_energy, spectral_gap, structure
from torque_core.diagnostics.before_after import BeforeAfter, Change, changes
from torque_core.diagnostics.detection import RocCurve
from torque_core.diagnostics.detectors import detector_curves
from torque_core.diagnostics.edge_scores import cosine_score
from torque_core.diagnostics.fates import EdgeFates, edge_fates
from torque_core.diagnostics.walk_influence import walk_influence
from torque_core.errors import BadConfig, DatasetUnavailable
from torque_core.figures import node_layout, stored_layout
from torque_core.graph.pairs import directed_edges, direction_weights, undirected_pairs
from torque_core.utils.device import pick_device

__all__ = [
    "RewiringSource",
    "cosine_auroc",
    "dataset",
    "detectors",
    "fates",
    "influence",
    "injected",
    "layer_changes",
    "layer_detection",
    "layer_structure",
    "layout",
    "noisy",
    "rewiring",
    "uploaded_graph",
]

RewiringSource = RewireSpec | Snapshot
"""How a graph is rewired: by a rule, or as it was at a moment of a training."""

_GAP_UP_TO = 5_000  # nodes: below it takes less than 0.1 s
_ENERGY_UP_TO = 10_000_000  # numbers in the features: likewise


def uploaded_graph() -> ImportedGraph | None:
    """The graph that this session brought."""
    return st.session_state.get("yours")


@cached(max_entries=4)
def dataset(spec: DatasetSpec) -> LoadedDataset:
    """The clean graph."""
    if spec.name != USER_GRAPH:
        return load(spec)
    own = uploaded_graph()
    if own is None:
        raise DatasetUnavailable("your graph is gone with its session; import it again on the page Your graph")
    return own.dataset(spec)


@cached(max_entries=8)
def noisy(spec: DatasetSpec, noise: Noise) -> NoisyGraph:
    """The graph after noise."""
    return add_noise(dataset(spec).data, noise)


@cached(max_entries=16)
def rewiring(spec: DatasetSpec, noise: Noise, method: RewiringSource, device: str) -> Rewiring:
    """What torque does to the noisy graph, or did at a moment of a training on it."""
    if isinstance(method, Snapshot):
        found = registry.rewiring_at(method)
        if found is None:
            raise BadConfig("the graphs of that training are not kept any more; train again, or go back")
        return found
    with guarded(device):
        graph = copy.copy(noisy(spec, noise).data).to(pick_device(device))
        return rewire_graph(graph, method).to("cpu")


@cached(max_entries=8)
def layout(spec: DatasetSpec) -> np.ndarray:
    """Where each node stands: from the clean graph, so that noise and rewiring do not move it."""
    data = dataset(spec).data
    place = node_layout if spec.name == USER_GRAPH else stored_layout  # nothing of a person's graph goes to the disk
    return place(undirected_pairs(data.edge_index, len(data.x)), len(data.x))


def injected(spec: DatasetSpec, noise: Noise, layer: LayerRewiring) -> torch.Tensor:
    """Which of a layer's judged edges the noise inserted, bool."""
    return noisy(spec, noise).is_injected(layer.pairs)


@cached(max_entries=64)
def layer_detection(
    spec: DatasetSpec, noise: Noise, method: RewiringSource, device: str, layer: int, threshold: float | None = None
) -> Detection:
    """Pruned against injected edges; with a threshold, as a cut by hand would prune them."""
    record = _layer(spec, noise, method, device, layer, threshold)
    return detection(record.torque.value, record.pruned_mask, injected(spec, noise, record))


@cached(max_entries=32)
def cosine_auroc(spec: DatasetSpec, noise: Noise) -> float | None:
    """AUROC of the features' cosine distance as a detector of injected edges: the rival to beat."""
    graph = noisy(spec, noise)
    pairs = undirected_pairs(graph.data.edge_index, len(graph.data.x))
    return auroc(cosine_score(graph.data, pairs), graph.is_injected(pairs))


@cached(max_entries=32)
def detectors(spec: DatasetSpec, noise: Noise, method: RewiringSource, device: str, layer: int) -> dict[str, RocCurve]:
    """ROC curves of a layer's torque, its factors and its rivals as detectors of injected edges."""
    record = rewiring(spec, noise, method, device).layers[layer]
    return detector_curves(record, noisy(spec, noise).data, injected(spec, noise, record))


@cached(max_entries=16)
def fates(spec: DatasetSpec, noise: Noise, method: RewiringSource, device: str) -> EdgeFates:
    """What became of every edge, layer by layer."""
    found = rewiring(spec, noise, method, device)
    return edge_fates(found, injected(spec, noise, found.layers[0]))


@cached(max_entries=64)
def layer_changes(
    spec: DatasetSpec, noise: Noise, method: RewiringSource, device: str, layer: int, threshold: float | None = None
) -> tuple[Change, ...]:
    """The noisy graph and a layer's, measure by measure; those that take long only of graphs that are not large."""
    record = _layer(spec, noise, method, device, layer, threshold)
    data = noisy(spec, noise).data
    x, size = data.x, record.num_nodes
    graphs = undirected_pairs(data.edge_index, size), record.rewired
    before, after = layer_structure(spec, noise, method, device, layer, threshold)
    gaps = energies = None
    if size <= _GAP_UP_TO:
        gaps = BeforeAfter(*(spectral_gap(graph, size) for graph in graphs))
    if x.numel() <= _ENERGY_UP_TO:
        energies = BeforeAfter(*(dirichlet_energy(x, graph) for graph in graphs))
    return changes(before, after, spectral_gap=gaps, dirichlet_energy=energies)


@cached(max_entries=64)
def layer_structure(
    spec: DatasetSpec, noise: Noise, method: RewiringSource, device: str, layer: int, threshold: float | None = None
) -> tuple[Structure, Structure]:
    """The noisy graph and a layer's in numbers."""
    record = _layer(spec, noise, method, device, layer, threshold)
    size, y = record.num_nodes, dataset(spec).data.y
    before = undirected_pairs(noisy(spec, noise).data.edge_index, size)
    return structure(before, size, y), structure(record.rewired, size, y)


@cached(max_entries=256)
def influence(
    spec: DatasetSpec, noise: Noise, method: RewiringSource, device: str, node: int, layers: int, rewired: bool
) -> torch.Tensor:
    """The shares of all nodes in what one hears through so many layers, of the noisy graph or of the layers' own."""
    data = noisy(spec, noise).data
    size = len(data.x)
    if not rewired:
        pairs = undirected_pairs(data.edge_index, size)
        edge_index, edge_weight = directed_edges(pairs, direction_weights(data, pairs))
        return walk_influence([edge_index] * layers, [edge_weight] * layers, node, size)
    graphs = rewiring(spec, noise, method, device)
    return walk_influence(graphs.edge_indices[:layers], graphs.edge_weights[:layers], node, size)


def _layer(
    spec: DatasetSpec, noise: Noise, method: RewiringSource, device: str, layer: int, threshold: float | None
) -> LayerRewiring:
    record = rewiring(spec, noise, method, device).layers[layer]
    return record if threshold is None else record.recut(threshold)
