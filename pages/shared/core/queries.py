"""Cached queries to :mod:`torque_core`: graphs, noise, rewirings and measures, by their settings.

Each result is computed once and shared, see :mod:`pages.shared.core.cache`; it must not be changed in place. Cache
keys are frozen dataclasses and scalars.
"""

import copy

import numpy as np
import streamlit as st
import torch

from pages.shared.core.budget import check_budget
from pages.shared.core.cache import cached
from pages.shared.core.gpu_lock import exclusive_gpu
from pages.shared.core.turns import checkpoint, in_turn
from pages.shared.runs import registry
from pages.shared.state.snapshot import Snapshot
from torque_core import DatasetSpec, LayerRewiring, Noise, NoisyGraph, RewireSpec, Rewiring, add_noise, load
from torque_core import rewire as rewire_graph
from torque_core.datasets import LoadedDataset
from torque_core.datasets.importers import ImportedGraph
from torque_core.datasets.info import USER_GRAPH
from torque_core.diagnostics import (
    DetectionReport,
    Structure,
    auroc,
    detection,
    dirichlet_energy,
    spectral_gap,
    structure,
)
from torque_core.diagnostics.before_after import BeforeAfter, MeasureChange, changes
from torque_core.diagnostics.detection import RocCurve
from torque_core.diagnostics.detectors import detector_curves
from torque_core.diagnostics.edge_scores import cosine_score
from torque_core.diagnostics.fates import EdgeFates, edge_fates
from torque_core.diagnostics.relation_influence import RelationInfluence, relation_influence
from torque_core.errors import BadConfig, DatasetUnavailable
from torque_core.figures import Theme, in_unit_square, node_layout, stored_layout
from torque_core.figures.backdrop import shade_layer
from torque_core.figures.shading import Shading
from torque_core.graph.pairs import directed_edges, direction_weights, undirected_pairs
from torque_core.utils.device import pick_device

__all__ = [
    "RewiringSource",
    "cosine_auroc",
    "dataset",
    "detectors",
    "fates",
    "injected",
    "layer_changes",
    "layer_detection",
    "layer_shading",
    "layer_structure",
    "layout",
    "measure_changes",
    "noisy",
    "noisy_pairs",
    "noisy_structure",
    "relation_influences",
    "rewiring",
    "uploaded_graph",
]

RewiringSource = RewireSpec | Snapshot
"""The source of a rewiring: a spec, or a snapshot of a training."""

_MAX_NODES_SPECTRAL_GAP = 5_000  # up to here it takes less than 0.1 s
_MAX_ENTRIES_ENERGY = 10_000_000  # of the feature matrix; likewise


def uploaded_graph() -> ImportedGraph | None:
    """Return the graph that was uploaded in this session, or None."""
    return st.session_state.get("uploaded_graph")


@cached
def dataset(spec: DatasetSpec) -> LoadedDataset:
    """Return the data set without noise."""
    if spec.name != USER_GRAPH:
        with in_turn(check_budget(spec)):
            return load(spec)
    graph = uploaded_graph()
    if graph is None:
        raise DatasetUnavailable("your graph was removed with its session; import it again on the page Your graph")
    return graph.dataset(spec)


@cached
def noisy(spec: DatasetSpec, noise: Noise) -> NoisyGraph:
    """Return the graph with noise."""
    size = check_budget(spec, noise)
    data = dataset(spec).data  # before the turn, which is not given away while another result is waited for
    with in_turn(size):
        return add_noise(data, noise)


@cached
def noisy_pairs(spec: DatasetSpec, noise: Noise) -> torch.Tensor:
    """Return the undirected edges of the graph with noise, each once, sorted."""
    data = noisy(spec, noise).data
    return undirected_pairs(data.edge_index, len(data.x))


@cached
def rewiring(spec: DatasetSpec, noise: Noise, source: RewiringSource, device: str) -> Rewiring:
    """Return the rewiring of the noisy graph, computed from a spec or taken from a snapshot of a training."""
    if isinstance(source, Snapshot):
        stored = registry.rewiring_at(source)
        if stored is None:
            raise BadConfig("the graphs of that training are no longer stored; train again, or go back")
        return stored
    size = check_budget(spec, noise, source)
    data = noisy(spec, noise).data
    with in_turn(size), exclusive_gpu(device):
        graph = copy.copy(data).to(pick_device(device))
        return rewire_graph(graph, source, progress=lambda _: checkpoint()).to("cpu")


@cached
def layout(spec: DatasetSpec) -> np.ndarray:
    """Return node positions, :math:`(|\\mathcal{V}|, 2)`, from the files or the clean graph."""
    loaded = dataset(spec)
    if loaded.attributes is not None and loaded.attributes.position is not None:
        return in_unit_square(loaded.attributes.position)
    data = loaded.data
    compute = node_layout if spec.name == USER_GRAPH else stored_layout  # uploaded graphs are never written to disk
    return compute(undirected_pairs(data.edge_index, len(data.x)), len(data.x))


@cached
def layer_shading(
    spec: DatasetSpec,
    noise: Noise,
    source: RewiringSource,
    device: str,
    layer: int,
    theme: Theme,
    threshold: float | None = None,
) -> Shading:
    """Return the density image of a layer's graph, for graphs that are too large for the stage."""
    return shade_layer(_layer(spec, noise, source, device, layer, threshold), layout(spec), theme)


def injected(spec: DatasetSpec, noise: Noise, layer: LayerRewiring) -> torch.Tensor:
    """Return a mask of the layer's scored edges that the noise inserted."""
    return noisy(spec, noise).is_injected(layer.pairs)


@cached
def layer_detection(
    spec: DatasetSpec, noise: Noise, source: RewiringSource, device: str, layer: int, threshold: float | None = None
) -> DetectionReport:
    """Compare pruned with injected edges; a threshold set by hand replaces that of the cut rule."""
    record = _layer(spec, noise, source, device, layer, threshold)
    return detection(record.torque.value, record.pruned_mask, injected(spec, noise, record))


@cached
def cosine_auroc(spec: DatasetSpec, noise: Noise) -> float | None:
    """Return the AUROC of the features' cosine distance as a detector of injected edges, the baseline of torque."""
    graph, pairs = noisy(spec, noise), noisy_pairs(spec, noise)
    return auroc(cosine_score(graph.data, pairs), graph.is_injected(pairs))


@cached
def detectors(spec: DatasetSpec, noise: Noise, source: RewiringSource, device: str, layer: int) -> dict[str, RocCurve]:
    """Return ROC curves of a layer's torque, its factors and the baselines as detectors of injected edges."""
    record = rewiring(spec, noise, source, device).layers[layer]
    return detector_curves(record, noisy(spec, noise).data, injected(spec, noise, record))


@cached
def fates(spec: DatasetSpec, noise: Noise, source: RewiringSource, device: str) -> EdgeFates:
    """Return the fate of each edge, layer by layer."""
    record = rewiring(spec, noise, source, device)
    return edge_fates(record, injected(spec, noise, record.layers[0]))


@cached
def layer_changes(
    spec: DatasetSpec, noise: Noise, source: RewiringSource, device: str, layer: int, threshold: float | None = None
) -> tuple[MeasureChange, ...]:
    """Return measures of the noisy graph and of a layer's graph; slow measures only if the graph is not large."""
    record = _layer(spec, noise, source, device, layer, threshold)
    structures = layer_structure(spec, noise, source, device, layer, threshold)
    return measure_changes(noisy(spec, noise), record, structures)


def measure_changes(
    graph: NoisyGraph, record: LayerRewiring, structures: tuple[Structure, Structure]
) -> tuple[MeasureChange, ...]:
    """Measure the noisy graph and a layer's graph, of which the structure is known; see :func:`layer_changes`."""
    x, size = graph.data.x, record.num_nodes
    graphs = undirected_pairs(graph.data.edge_index, size), record.rewired
    gaps = energies = None
    if size <= _MAX_NODES_SPECTRAL_GAP:
        gaps = BeforeAfter(*(spectral_gap(graph, size) for graph in graphs))
    if x.numel() <= _MAX_ENTRIES_ENERGY:
        energies = BeforeAfter(*(dirichlet_energy(x, graph) for graph in graphs))
    return changes(*structures, spectral_gap=gaps, dirichlet_energy=energies)


@cached
def layer_structure(
    spec: DatasetSpec, noise: Noise, source: RewiringSource, device: str, layer: int, threshold: float | None = None
) -> tuple[Structure, Structure]:
    """Return the structure of the noisy graph and of a layer's graph."""
    record = _layer(spec, noise, source, device, layer, threshold)
    size, y = record.num_nodes, dataset(spec).data.y
    return noisy_structure(spec, noise), structure(record.rewired, size, y)


@cached
def noisy_structure(spec: DatasetSpec, noise: Noise) -> Structure:
    """Return the structure of the graph with noise."""
    data = noisy(spec, noise).data
    return structure(noisy_pairs(spec, noise), len(data.x), dataset(spec).data.y)


@cached
def relation_influences(
    spec: DatasetSpec,
    noise: Noise,
    source: RewiringSource,
    device: str,
    node: int,
    layers: int,
    threshold: float | None = None,
) -> tuple[RelationInfluence, RelationInfluence]:
    """Return the influence of each node on one node after some layers by relation, before and after rewiring.

    In a directed graph the walks follow edges in both directions, as separate relations. A threshold set by hand
    replaces that of the cut rule in the last of the layers.
    """
    data, pairs = noisy(spec, noise).data, noisy_pairs(spec, noise)
    edges = directed_edges(pairs, direction_weights(data, pairs))
    former = rewiring(spec, noise, source, device).layers[: layers - 1]
    graphs = (*former, _layer(spec, noise, source, device, layers - 1, threshold))
    before, after = (
        relation_influence(edges, graphs, node, rewired=rewired, directed=spec.directed) for rewired in (False, True)
    )
    return before, after


def _layer(
    spec: DatasetSpec, noise: Noise, source: RewiringSource, device: str, layer: int, threshold: float | None
) -> LayerRewiring:
    graphs = rewiring(spec, noise, source, device)
    record = graphs.layers[layer]
    return record if threshold is None else record.recut(threshold, additions=graphs.spec.additions)
