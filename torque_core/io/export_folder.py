"""Export a rewiring as a folder: the graph of each layer, a table of its edges, and a summary."""

import csv
import io
import json
import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from torch import Tensor

from torque_core.diagnostics import auroc, detection, structure
from torque_core.graph.noise import NoisyGraph
from torque_core.graph.pairs import undirected_pairs
from torque_core.io.spreadsheets import escape_formulas
from torque_core.io.tables import direction_arrows
from torque_core.rewiring.record import LayerRewiring, Rewiring
from torque_core.utils.files import write_atomically
from torque_core.utils.optional import require

__all__ = ["export_rewiring", "summary"]


def export_rewiring(
    rewiring: Rewiring,
    noisy: NoisyGraph,
    folder: str | Path,
    about: Mapping[str, object],
    *,
    names: Sequence[str] | None = None,
) -> list[Path]:
    """Write ``layer_1.npz``, ``layer_1.csv``, ... and ``summary.json`` into a folder; create it if necessary.

    ``layer_*.npz`` contains ``edge_index`` :math:`(2, M)` with both directions, as PyG expects, and ``edge_weight``
    :math:`(M,)` if the graph is weighted. ``layer_*.csv`` has one row per judged or added edge with the columns
    ``source``, ``target``, ``fate``, ``injected``, the factors of the torque (``lever arm``, ``force``, and ``sine``
    if the product is ``cross``) and their product ``torque``; ``direction`` (→, ← or ↔) follows if some edges go one
    way, and ``source name`` and ``target name`` if ``names`` are passed. Every number is written with enough digits to
    read back the exact value.

    A new folder appears only once it is complete: it is written next to its final location and then moved. In an
    existing folder, each file is replaced atomically.

    Args:
        rewiring: The rewiring to export.
        noisy: The graph that was rewired, with its record of injected and removed edges.
        folder: The target folder.
        about: Further entries for the summary, such as the settings of the run.
        names: Names of the nodes.

    Returns:
        The files, in the order in which they were written.

    Raises:
        OSError: If the folder cannot be written.
    """
    folder = Path(folder)
    if folder.exists():
        return _write(rewiring, noisy, folder, about, names)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as staging:
        complete = Path(staging, folder.name)  # one level down: only the user may enter the staging folder itself
        written = _write(rewiring, noisy, complete, about, names)
        os.rename(complete, folder)
    return [folder / file.name for file in written]


def _write(
    rewiring: Rewiring, noisy: NoisyGraph, folder: Path, about: Mapping[str, object], names: Sequence[str] | None
) -> list[Path]:
    """Write each file atomically."""
    folder.mkdir(exist_ok=True)
    written = []
    for number, layer in enumerate(rewiring.layers, start=1):
        buffer = io.BytesIO()
        arrays = {"edge_index": layer.edge_index.cpu().numpy(), "num_nodes": np.array(rewiring.num_nodes)}
        if layer.edge_weight is not None:
            arrays["edge_weight"] = layer.edge_weight.cpu().numpy()
        np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
        written.append(write_atomically(folder / f"layer_{number}.npz", buffer.getvalue()))
        written.append(write_atomically(folder / f"layer_{number}.csv", _edge_csv(layer, noisy, names).encode()))
    text = json.dumps(summary(rewiring, noisy, about), indent=2, allow_nan=False)
    written.append(write_atomically(folder / "summary.json", text.encode()))
    return written


def summary(rewiring: Rewiring, noisy: NoisyGraph, about: Mapping[str, object]) -> dict[str, object]:
    """Summarise a rewiring as a JSON document: the settings, the graph before rewiring, and every layer.

    Args:
        rewiring: The rewiring to summarise.
        noisy: The graph that was rewired.
        about: Entries that come first in the document.

    Example:
        >>> from torque_core import Noise, add_noise, load, rewire
        >>> noisy = add_noise(load("karate").data, Noise("insert", 0.5))
        >>> report = summary(rewire(noisy.data), noisy, {"dataset": "karate"})
        >>> report["injected"], len(report["layers"])
        (39, 2)
    """
    num_nodes, y = rewiring.num_nodes, noisy.data.y
    labels = y.cpu() if isinstance(y, Tensor) else None
    before = undirected_pairs(noisy.data["edge_index"].cpu(), num_nodes)
    layers = []
    for layer in rewiring.to("cpu").layers:
        injected = noisy.is_injected(layer.pairs)
        layers.append(
            {
                "edges_judged": layer.pairs.size(1),
                "edges_pruned": layer.pruned.size(1),
                "edges_added": layer.added.size(1),
                "threshold": layer.cut.threshold if math.isfinite(layer.cut.threshold) else None,
                "reason": layer.cut.reason,
                "null_fraction": layer.cut.gap.null_fraction if layer.cut.gap else None,
                "detection": asdict(detection(layer.torque.value, layer.pruned_mask, injected)),
                "original_edges": None if labels is None else _original_edges(layer, injected, labels),
                "after": asdict(structure(layer.rewired, num_nodes, labels)),
            }
        )
    return {
        **about,
        "nodes": num_nodes,
        "method": asdict(rewiring.spec),
        "injected": noisy.injected.size(1),
        "removed": noisy.removed.size(1),
        "before": asdict(structure(before, num_nodes, labels)),
        "layers": layers,
    }


def _original_edges(layer: LayerRewiring, injected: Tensor, y: Tensor) -> dict[str, int | float | None]:
    """Describe the pruned edges that the noise did not insert.

    Edges between classes resemble noise, so they are counted separately.
    """
    labels = y[layer.pairs]  # (2, E)
    original = ~injected & (labels >= 0).all(dim=0)
    between = original & (labels[0] != labels[1])
    compared = injected | (original & ~between)

    def fraction_between(edges: Tensor) -> float | None:
        return float(between[edges].double().mean()) if bool(edges.any()) else None

    return {
        "between_classes": fraction_between(original),
        "pruned": int((original & layer.pruned_mask).sum()),
        "pruned_between_classes": fraction_between(original & layer.pruned_mask),
        "auroc_against_edges_within_classes": auroc(layer.torque.value[compared], injected[compared]),
    }


def _edge_csv(layer: LayerRewiring, noisy: NoisyGraph, names: Sequence[str] | None) -> str:
    """The judged edges in order, then the added edges."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = [] if names is None else ["source name", "target name"]
    arrows = direction_arrows(layer)
    directed = [] if arrows is None else ["direction"]
    writer.writerow(["source", "target", "fate", "injected", *layer.torque.factors, "torque", *directed, *columns])
    fates = ["pruned" if pruned else "kept" for pruned in layer.pruned_mask.tolist()]
    arrow = iter([] if arrows is None else arrows)
    for pairs, torque, edge_fates in (
        (layer.pairs, layer.torque, fates),
        (layer.added, layer.added_torque, ["added"] * layer.added.size(1)),
    ):
        injected = noisy.is_injected(pairs.cpu()).int().tolist()
        numbers = zip(*(factor.tolist() for factor in torque.factors.values()), torque.value.tolist(), strict=True)
        named = _names_of_ends(pairs, names)
        for ends, *state, values, name in zip(pairs.T.tolist(), edge_fates, injected, numbers, named, strict=True):
            # nine significant digits identify a float32
            way = [next(arrow)] if directed else []
            writer.writerow([*ends, *state, *(f"{value:.9g}" for value in values), *way, *name])
    return text.getvalue()


def _names_of_ends(pairs: Tensor, names: Sequence[str] | None) -> list[list[str]]:
    """Names of both ends of each pair, as spreadsheets do not evaluate them; nothing without names."""
    if names is None:
        return [[]] * pairs.size(1)
    ends = {end: [names[node] for node in nodes] for end, nodes in zip("ij", pairs.tolist(), strict=True)}
    escaped: list[list[str]] = escape_formulas(require("pandas", extra="app").DataFrame(ends)).to_numpy().tolist()
    return escaped
