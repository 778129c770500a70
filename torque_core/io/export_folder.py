"""Write a rewiring to disk: each layer's graph, every edge's fate, and a summary. Whole files only, never a pickle."""

import csv
import io
import json
import math
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
from torch import Tensor

from torque_core.diagnostics import Detection, Structure, auroc, detection, structure
from torque_core.graph.noise import NoisyGraph
from torque_core.graph.pairs import undirected_pairs
from torque_core.io.rewiring_file import write_atomically
from torque_core.rewiring.record import LayerRewiring, Rewiring

__all__ = ["export_rewiring", "summary"]


def export_rewiring(
    rewiring: Rewiring, noisy: NoisyGraph, folder: str | Path, about: Mapping[str, object]
) -> list[Path]:
    """Write ``layer_1.npz``, ``layer_1.csv``, ... and ``summary.json`` into a folder, which is made if need be.

    ``layer_*.npz`` has ``edge_index`` (2, M), both directions, as PyG wants it, and ``edge_weight`` (M,) if the graph
    has weights. ``layer_*.csv`` has a line for each edge that was judged or added: ``source, target, fate, injected,
    lever, force, torque``.

    A folder that is not there yet appears at once and whole: it is written beside its place and then moved there. In
    one that is there already, each file does.

    Args:
        rewiring: What happened.
        noisy: The graph that was rewired, and what the noise had done to it.
        folder: Where to write.
        about: What was asked for, to stand in the summary.

    Returns:
        The files, in the order in which they were written.

    Raises:
        OSError: The folder cannot be written.
    """
    folder = Path(folder)
    if folder.exists():
        return _write(rewiring, noisy, folder, about)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as staging:
        whole = Path(staging, folder.name)  # one level down, for the staging itself is for the user's eyes only
        written = _write(rewiring, noisy, whole, about)
        os.rename(whole, folder)
    return [folder / file.name for file in written]


def _write(rewiring: Rewiring, noisy: NoisyGraph, folder: Path, about: Mapping[str, object]) -> list[Path]:
    """Write each file at once and whole."""
    folder.mkdir(exist_ok=True)
    written = []
    for number, layer in enumerate(rewiring.layers, start=1):
        buffer = io.BytesIO()
        arrays = {"edge_index": layer.edge_index.cpu().numpy(), "num_nodes": np.array(rewiring.num_nodes)}
        if layer.edge_weight is not None:
            arrays["edge_weight"] = layer.edge_weight.cpu().numpy()
        np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
        written.append(write_atomically(folder / f"layer_{number}.npz", buffer.getvalue()))
        written.append(write_atomically(folder / f"layer_{number}.csv", _table(layer, noisy).encode()))
    text = json.dumps(summary(rewiring, noisy, about), indent=2, allow_nan=False)
    written.append(write_atomically(folder / "summary.json", text.encode()))
    return written


def summary(rewiring: Rewiring, noisy: NoisyGraph, about: Mapping[str, object]) -> dict[str, object]:
    """A rewiring in numbers, ready for JSON: what was asked, the graph before, and each layer.

    Example:
        >>> from torque_core import Noise, add_noise, load, rewire
        >>> noisy = add_noise(load("karate").data, Noise("insert", 0.5))
        >>> report = summary(rewire(noisy.data), noisy, {"dataset": "karate"})
        >>> report["injected"], len(report["layers"])
        (39, 2)
    """
    size, y = rewiring.num_nodes, noisy.data.y
    labels = y.cpu() if isinstance(y, Tensor) else None
    before = undirected_pairs(noisy.data["edge_index"].cpu(), size)
    layers = []
    for layer in rewiring.to("cpu").layers:
        injected = noisy.is_injected(layer.pairs)
        report: Detection = detection(layer.torque.value, layer.pruned_mask, injected)
        after: Structure = structure(layer.rewired, size, labels)
        layers.append(
            {
                "edges_judged": layer.pairs.size(1),
                "edges_pruned": layer.pruned.size(1),
                "links_added": layer.added.size(1),
                "threshold": layer.cut.threshold if math.isfinite(layer.cut.threshold) else None,
                "reason": layer.cut.reason,
                "null_fraction": layer.cut.gap.null_fraction if layer.cut.gap else None,
                "detection": asdict(report),
                "own_links": None if labels is None else _own_links(layer, injected, labels),
                "after": asdict(after),
            }
        )
    return {
        **about,
        "nodes": size,
        "method": asdict(rewiring.spec),
        "injected": noisy.injected.size(1),
        "removed": noisy.removed.size(1),
        "before": asdict(structure(before, size, labels)),
        "layers": layers,
    }


def _own_links(layer: LayerRewiring, injected: Tensor, y: Tensor) -> dict[str, int | float | None]:
    """Which of the graph's own links go: those between classes look like noise, and to a homophilous model they are."""
    labels = y[layer.pairs]  # (2, E)
    own = ~injected & (labels >= 0).all(dim=0)
    between = own & (labels[0] != labels[1])
    told_apart = injected | (own & ~between)

    def share(of: Tensor) -> float | None:
        return float(between[of].double().mean()) if bool(of.any()) else None

    return {
        "between_classes": share(own),
        "pruned": int((own & layer.pruned_mask).sum()),
        "pruned_between_classes": share(own & layer.pruned_mask),
        "auroc_against_those_within_classes": auroc(layer.torque.value[told_apart], injected[told_apart]),
    }


def _table(layer: LayerRewiring, noisy: NoisyGraph) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["source", "target", "fate", "injected", "lever", "force", "torque"])
    fates = ["pruned" if gone else "kept" for gone in layer.pruned_mask.tolist()]
    for pairs, torque, fate in (
        (layer.pairs, layer.torque, fates),
        (layer.added, layer.added_torque, ["added"] * layer.added.size(1)),
    ):
        injected = noisy.is_injected(pairs.cpu()).tolist()
        numbers = zip(torque.lever.tolist(), torque.force.tolist(), torque.value.tolist(), strict=True)
        for (i, j), what, noise, values in zip(pairs.T.tolist(), fate, injected, numbers, strict=True):
            writer.writerow([i, j, what, int(noise), *(f"{value:.6g}" for value in values)])
    return text.getvalue()
