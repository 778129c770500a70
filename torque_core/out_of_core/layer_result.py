"""The cut of a layer, and its result: a Parquet file per block, and the graph that the next layer receives."""

import json
import math
import os
from typing import Any

import torch
from torch import Tensor

from torque_core.out_of_core.stored_rewiring import FATES, RESULTS
from torque_core.out_of_core.tile_scores import null_model, null_torque
from torque_core.out_of_core.tiles import merged_pairs
from torque_core.out_of_core.workspace import Workspace
from torque_core.rewiring.cuts import CUTS, Cut, CutInputs
from torque_core.scoring.torque import Torque
from torque_core.utils.files import write_atomically
from torque_core.utils.optional import require

__all__ = ["cut_layer", "write_block"]

_ROW_GROUP = 1 << 20


def cut_layer(work: Workspace, layer: int) -> None:
    """Choose the threshold of a layer from the torques of all its edges and of null-model pairs."""
    plan = work.plan
    uniform = CUTS.properties(plan.spec.cut).uniform_null
    null = null_model(work, work.scored_graph(layer), uniform=uniform)
    null_value = null_torque(work, layer, null.pairs)
    values = [
        _torque(work, layer, block, other).value for block in range(plan.blocks) for other in work.later_blocks(block)
    ]
    inputs = CutInputs(
        torch.cat(values),
        null_value,
        null.weight,
        fraction=plan.spec.fraction,
        budget=plan.spec.budget,
        uniform_weight=null.uniform_weight,
        reliability=_about(work, layer - 1)["reliability"] if layer else 1.0,
    )
    del values
    cut = CUTS[plan.spec.cut](inputs)
    if cut.edge_confidence is not None:
        work.save_confidence(f"{layer}/confidence", cut.edge_confidence)
    about = {
        "threshold": None if cut.threshold == math.inf else cut.threshold,
        "reason": cut.reason,
        "null_fraction": None if cut.gap is None else cut.gap.null_fraction,
        "reliability": 1.0 if cut.gap is None else cut.gap.reliability,
    }
    write_atomically(work.files.folder / f"{layer}/cut.json", json.dumps(about).encode())


def _read_cut(work: Workspace, layer: int) -> Cut:
    """The threshold of a layer, its reason and the edge confidence; without the curves of the gap."""
    about = _about(work, layer)
    threshold = math.inf if about["threshold"] is None else about["threshold"]
    return Cut(threshold, about["reason"], edge_confidence=work.confidence(f"{layer}/confidence"))


def _about(work: Workspace, layer: int) -> dict[str, Any]:
    about: dict[str, Any] = json.loads((work.files.folder / f"{layer}/cut.json").read_text())
    return about


def write_block(work: Workspace, layer: int, block: int) -> None:
    """Write the result of a layer for the pairs whose first node is in a block, and the graph of the next layer."""
    plan, cut = work.plan, _read_cut(work, layer)
    tiles = []
    for other in work.later_blocks(block):
        pairs, weight = work.scored(layer, block, other)
        torque = _torque(work, layer, block, other)
        pruned = torque.value >= cut.threshold
        confidence = None
        if plan.spec.weight_by_confidence and cut.edge_confidence is not None:
            confidence = cut.edge_confidence(torque.value)
            weight = confidence.expand(2, -1) if weight is None else weight * confidence
        if layer + 1 < plan.spec.layers:
            kept_weight = None if weight is None else weight[:, ~pruned]
            work.save_graph(layer + 1, block, other, (pairs[:, ~pruned], kept_weight))
        tiles.append((torque, pruned, confidence, weight))
    weighted = tiles[0][2] is not None or work.has_weights(layer)
    pairs, order = merged_pairs(work, work.scored_graph(layer), block)

    def joined(parts: list[Tensor]) -> Tensor:
        return torch.cat(parts, dim=-1)[..., order]

    columns = {"source": pairs[0], "target": pairs[1]}
    pruned = joined([pruned for _, pruned, _, _ in tiles])
    for name in tiles[0][0].factors:
        columns[name] = joined([torque.factors[name] for torque, *_ in tiles])
    columns["torque"] = joined([torque.value for torque, *_ in tiles])
    if tiles[0][2] is not None:
        columns["edge confidence"] = joined([confidence for _, _, confidence, _ in tiles if confidence is not None])
    if weighted:
        ones = [torch.ones(2, len(pruned)) if weight is None else weight for _, pruned, _, weight in tiles]
        both = torch.where(pruned, 0.0, joined(ones))
        columns["weight"], columns["weight back"] = both
    _write_parquet(work, layer, block, columns, pruned)
    work.files.save(f"{layer}/counts-{block}", torch.tensor([len(pruned), int(pruned.sum())]))


def _torque(work: Workspace, layer: int, block: int, other: int) -> Torque:
    return Torque(*work.files.load(f"{layer}/torque/{block}-{other}"))


def _write_parquet(work: Workspace, layer: int, block: int, columns: dict[str, Tensor], pruned: Tensor) -> None:
    pyarrow, parquet = require("pyarrow", extra="large"), require("pyarrow.parquet", extra="large")
    arrays = {name: pyarrow.array(column.numpy()) for name, column in columns.items()}
    arrays["fate"] = pyarrow.DictionaryArray.from_arrays(pyarrow.array(pruned.char().numpy()), list(FATES))
    folder = work.files.folder / RESULTS / f"layer-{layer + 1}"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"part-{block:05}.parquet"
    incomplete = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        # only the fates repeat
        parquet.write_table(pyarrow.table(arrays), incomplete, row_group_size=_ROW_GROUP, use_dictionary=["fate"])
        os.replace(incomplete, file)
    finally:
        incomplete.unlink(missing_ok=True)
