"""Save and load rewirings: one compressed npz file of arrays with a JSON header, never a pickle."""

import io
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torque_core.errors import BadGraph
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.edge_confidence import EdgeConfidence
from torque_core.rewiring.gap import TorqueGap
from torque_core.rewiring.record import LayerRewiring, Rewiring
from torque_core.rewiring.screening import Screening
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.torque import Torque
from torque_core.utils.files import write_atomically

__all__ = ["load_rewiring", "rewiring_nbytes", "save_rewiring"]

_FORMAT = 2
_GAP_NUMBERS = ("threshold", "null_fraction", "sampling_error", "reason", "null_model", "reliability")
_ARRAYS_BY_EDGES = {  # arrays with one entry per edge
    "pairs": ("lever", "force", "sine", "pruned_mask", "direction_weight", "edge_confidence"),
    "added": ("added_lever", "added_force", "added_sine"),
}


def save_rewiring(rewiring: Rewiring, path: str | Path) -> Path:
    """Write the edges, torques, pruned edges and cut of every layer to one file, atomically.

    Args:
        rewiring: The rewiring to save.
        path: The file to create or replace.

    Returns:
        The path.

    Raises:
        OSError: If the file cannot be written.

    Example:
        >>> import tempfile
        >>> from torque_core import load, rewire
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = save_rewiring(rewire(load("karate").data), Path(folder, "karate.npz"))
        ...     load_rewiring(path).layers[0].pairs.shape
        torch.Size([2, 78])
    """
    arrays: dict[str, np.ndarray] = {}
    for index, layer in enumerate(rewiring.to("cpu").layers):
        arrays |= {f"{index}/{name}": value.numpy() for name, value in _tensors(layer).items() if value is not None}
    header = {
        "format": _FORMAT,
        "num_nodes": rewiring.num_nodes,
        "spec": asdict(rewiring.spec),
        "cuts": [_cut_header(layer.cut) for layer in rewiring.layers],
        "tensors": len(arrays),  # a damaged zip directory can hide some of them
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, about=np.array(json.dumps(header)), **arrays)  # type: ignore[arg-type]
    return write_atomically(Path(path), buffer.getvalue())


def load_rewiring(path: str | Path) -> Rewiring:
    """Load a rewiring that :func:`save_rewiring` wrote, on the CPU.

    Raises:
        BadGraph: If the file is not a saved rewiring, is damaged, or is inconsistent.
        OSError: If the file cannot be read.
    """
    content = Path(path).read_bytes()
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            header = json.loads(str(file["about"]))
            if header["format"] != _FORMAT:
                raise BadGraph(f"it has format {header['format']}; this version reads format {_FORMAT}")
            tensors = {name: torch.from_numpy(file[name]) for name in file.files if name != "about"}
        num_nodes = int(header["num_nodes"])
        layers = tuple(_layer(tensors, index, num_nodes, cut) for index, cut in enumerate(header["cuts"]))
        if len(tensors) != header.get("tensors", len(tensors)):
            raise BadGraph(f"it contains {len(tensors)} of {header['tensors']} arrays")
        spec = {"screen": False, **header["spec"]}  # older files do not name it
        return Rewiring(layers, num_nodes, RewireSpec(**spec))
    except Exception as error:  # numpy and zipfile raise a dozen types of errors on a damaged archive
        raise BadGraph(f"{path} is not a rewiring saved by this package, or it is damaged: {error}") from error


def rewiring_nbytes(rewiring: Rewiring) -> int:
    """Return the memory of all tensors of a rewiring, in bytes.

    Example:
        >>> from torque_core import RewireSpec, load, rewire
        >>> one, two = (rewiring_nbytes(rewire(load("karate").data, RewireSpec(layers=layers))) for layers in (1, 2))
        >>> 78 * 16 < one < two
        True
    """
    tensors = [tensor for layer in rewiring.layers for tensor in _tensors(layer).values() if tensor is not None]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _tensors(layer: LayerRewiring) -> dict[str, Tensor | None]:
    gap, confidence, screening = layer.cut.gap, layer.cut.edge_confidence, layer.screening
    return {
        "pairs": layer.pairs,
        "lever": layer.torque.lever,
        "force": layer.torque.force,
        "sine": layer.torque.sine,
        "pruned_mask": layer.pruned_mask,
        "added": layer.added,
        "added_lever": layer.added_torque.lever,
        "added_force": layer.added_torque.force,
        "added_sine": layer.added_torque.sine,
        "direction_weight": layer.direction_weight,
        "edge_confidence": layer.edge_confidence,
        "confidence_torques": None if confidence is None else confidence.torques,
        "confidence_values": None if confidence is None else confidence.values,
        "screening_distances": None if screening is None else screening.curve.torques,
        "screening_values": None if screening is None else screening.curve.values,
        "doubted": None if screening is None else torch.tensor(screening.doubted),
        "gap_torques": None if gap is None else gap.torques,
        "gap_heights": None if gap is None else gap.heights,
    }


def _cut_header(cut: Cut) -> dict[str, object]:
    """A cut without its curves, as JSON, which cannot represent infinity."""
    gap = None if cut.gap is None else {name: _finite(getattr(cut.gap, name)) for name in _GAP_NUMBERS}
    return {"threshold": _finite(cut.threshold), "reason": cut.reason, "gap": gap}


def _finite(value: object) -> object:
    return None if value == math.inf else value


def _layer(tensors: dict[str, Tensor], index: int, num_nodes: int, cut: dict[str, object]) -> LayerRewiring:
    def optional(name: str) -> Tensor | None:
        return tensors.get(f"{index}/{name}")

    def required(name: str) -> Tensor:
        return tensors[f"{index}/{name}"]

    def curve_of(at: str, values: str) -> EdgeConfidence | None:
        return None if optional(values) is None else EdgeConfidence(required(at), required(values))

    curve, gap = curve_of("confidence_torques", "confidence_values"), None
    by_features = curve_of("screening_distances", "screening_values")
    if isinstance(cut["gap"], dict):
        numbers: dict[str, Any] = {name: math.inf if value is None else value for name, value in cut["gap"].items()}
        gap = TorqueGap(
            torques=required("gap_torques"), heights=required("gap_heights"), edge_confidence=curve, **numbers
        )
    threshold = math.inf if cut["threshold"] is None else float(str(cut["threshold"]))
    layer = LayerRewiring(
        pairs=required("pairs"),
        torque=Torque(required("lever"), required("force"), optional("sine")),
        pruned_mask=required("pruned_mask"),
        added=required("added"),
        added_torque=Torque(required("added_lever"), required("added_force"), optional("added_sine")),
        cut=Cut(threshold, str(cut["reason"]), gap, curve),
        num_nodes=num_nodes,
        direction_weight=optional("direction_weight"),
        edge_confidence=optional("edge_confidence"),
        screening=None if by_features is None else Screening(by_features, int(required("doubted"))),
    )
    for edges, names in _ARRAYS_BY_EDGES.items():
        pairs = required(edges)
        for name in names:
            array = optional(name)
            if array is not None and array.size(-1) != pairs.size(1):
                raise BadGraph(f"layer {index + 1} has {pairs.size(1)} {edges}, but {array.size(-1)} of {name}")
        if pairs.numel() and not 0 <= int(pairs.min()) <= int(pairs.max()) < num_nodes:
            raise BadGraph(f"layer {index + 1} refers to a node outside 0 to {num_nodes - 1}")
    return layer
