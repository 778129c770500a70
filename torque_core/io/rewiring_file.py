"""Keep a rewiring on disk: one compressed npz of arrays and a JSON text, never a pickle."""

import io
import json
import math
import os
import tempfile
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
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.torque import Torque

__all__ = ["load_rewiring", "save_rewiring", "size_of", "write_atomically"]

_FORMAT = 1
_GAP_NUMBERS = ("threshold", "null_fraction", "sampling_error", "reason")
_OWN = {  # what has an entry for each link
    "pairs": ("lever", "force", "sine", "pruned_mask", "direction_weight", "trust"),
    "added": ("added_lever", "added_force", "added_sine"),
}


def save_rewiring(rewiring: Rewiring, path: str | Path) -> Path:
    """Write every layer's edges, torques, fates and cut to one file, at once and whole.

    Example:
        >>> from torque_core import load, rewire
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = save_rewiring(rewire(load("karate").data), Path(folder, "karate.npz"))
        ...     load_rewiring(path).layers[0].pairs.shape
        torch.Size([2, 78])
    """
    arrays: dict[str, np.ndarray] = {}
    for index, layer in enumerate(rewiring.to("cpu").layers):
        arrays |= {f"{index}/{name}": value.numpy() for name, value in _tensors(layer).items() if value is not None}
    about = {
        "format": _FORMAT,
        "num_nodes": rewiring.num_nodes,
        "spec": asdict(rewiring.spec),
        "cuts": [_cut_text(layer.cut) for layer in rewiring.layers],
        "tensors": len(arrays),  # a directory that is damaged can hide some of them
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, about=np.array(json.dumps(about)), **arrays)  # type: ignore[arg-type]
    return write_atomically(Path(path), buffer.getvalue())


def load_rewiring(path: str | Path) -> Rewiring:
    """Read what :func:`save_rewiring` wrote, on the CPU.

    Raises:
        BadGraph: The file is none of those, is damaged, or does not fit together.
        OSError: The file cannot be read.
    """
    content = Path(path).read_bytes()
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            about = json.loads(str(file["about"]))
            if about["format"] != _FORMAT:
                raise BadGraph(f"it has format {about['format']}; this version reads format {_FORMAT}")
            tensors = {name: torch.from_numpy(file[name]) for name in file.files if name != "about"}
        layers = tuple(_layer(tensors, index, int(about["num_nodes"]), cut) for index, cut in enumerate(about["cuts"]))
        if len(tensors) != about.get("tensors", len(tensors)):
            raise BadGraph(f"of {about['tensors']} arrays {len(tensors)} are left")
        return Rewiring(layers, int(about["num_nodes"]), RewireSpec(**about["spec"]))
    except Exception as error:  # numpy and zipfile raise a dozen kinds over a damaged archive
        raise BadGraph(f"{path} is no rewiring that was saved by this package, or it is damaged: {error}") from error


def write_atomically(path: Path, content: bytes) -> Path:
    """Write a file beside its place and then move it there, so that nobody ever reads half of it."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as staging:
        whole = Path(staging, path.name)
        with whole.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(whole, path)
    return path


def size_of(rewiring: Rewiring) -> int:
    """Bytes of its tensors.

    Example:
        >>> from torque_core import RewireSpec, load, rewire
        >>> one, two = (size_of(rewire(load("karate").data, RewireSpec(layers=layers))) for layers in (1, 2))
        >>> 78 * 16 < one < two
        True
    """
    tensors = [tensor for layer in rewiring.layers for tensor in _tensors(layer).values() if tensor is not None]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _tensors(layer: LayerRewiring) -> dict[str, Tensor | None]:
    gap = layer.cut.gap
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
        "trust": layer.edge_confidence,
        "trust_torques": None if layer.cut.edge_confidence is None else layer.cut.edge_confidence.torques,
        "trust_values": None if layer.cut.edge_confidence is None else layer.cut.edge_confidence.values,
        "gap_torques": None if gap is None else gap.torques,
        "gap_heights": None if gap is None else gap.heights,
    }


def _cut_text(cut: Cut) -> dict[str, object]:
    """A cut without its curves, ready for JSON, which knows no infinity."""
    gap = None if cut.gap is None else {name: _finite(getattr(cut.gap, name)) for name in _GAP_NUMBERS}
    return {"threshold": _finite(cut.threshold), "reason": cut.reason, "gap": gap}


def _finite(value: object) -> object:
    return None if value == math.inf else value


def _layer(tensors: dict[str, Tensor], index: int, num_nodes: int, cut: dict[str, object]) -> LayerRewiring:
    def part(name: str) -> Tensor | None:
        return tensors.get(f"{index}/{name}")

    def need(name: str) -> Tensor:
        return tensors[f"{index}/{name}"]

    edge_confidence = (
        None if part("trust_values") is None else EdgeConfidence(need("trust_torques"), need("trust_values"))
    )
    gap = None
    if isinstance(cut["gap"], dict):
        numbers: dict[str, Any] = {name: math.inf if value is None else value for name, value in cut["gap"].items()}
        gap = TorqueGap(
            torques=need("gap_torques"), heights=need("gap_heights"), edge_confidence=edge_confidence, **numbers
        )
    threshold = math.inf if cut["threshold"] is None else float(str(cut["threshold"]))
    layer = LayerRewiring(
        pairs=need("pairs"),
        torque=Torque(need("lever"), need("force"), part("sine")),
        pruned_mask=need("pruned_mask"),
        added=need("added"),
        added_torque=Torque(need("added_lever"), need("added_force"), part("added_sine")),
        cut=Cut(threshold, str(cut["reason"]), gap, edge_confidence),
        num_nodes=num_nodes,
        direction_weight=part("direction_weight"),
        edge_confidence=part("trust"),
    )
    for name, own in _OWN.items():
        links = need(name)
        for number in own:
            if (found := part(number)) is not None and found.size(-1) != links.size(1):
                raise BadGraph(f"layer {index + 1} has {links.size(1)} {name}, but {found.size(-1)} of {number}")
        if links.numel() and not 0 <= int(links.min()) <= int(links.max()) < num_nodes:
            raise BadGraph(f"layer {index + 1} names a node outside of 0 to {num_nodes - 1}")
    return layer
