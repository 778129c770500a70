"""Features of a file as centred rows of length one, block by block: :func:`torque_core.graph.centred_unit` in files."""

import numpy as np
import torch
from torch import Tensor

from torque_core.errors import BadGraph
from torque_core.graph.column_statistics import chunk_norms, chunk_sums, column_mean, pareto_scale, unit_rows
from torque_core.graph.features import check_range, power_of_two_scale
from torque_core.out_of_core.workspace import Workspace

__all__ = ["centre_block", "norm_block", "sum_block"]


def sum_block(work: Workspace, block: int) -> None:
    """Check the features of a block; write the sums of its columns and the largest magnitude."""
    x = _read(work, block)
    if not bool(torch.isfinite(x).all()):
        row = int((~torch.isfinite(x)).any(dim=1).nonzero()[0]) + work.plan.nodes(block).start
        raise BadGraph(f"{work.plan.features} has NaN or infinity, first in row {row}; replace or remove such values")
    check_range(x, work.plan.features)
    x = x.float()
    work.files.save(f"features/largest-{block}", torch.tensor(max(map(abs, map(float, x.aminmax())))).double())
    work.files.save(f"features/sums-{block}", chunk_sums(x))


def norm_block(work: Workspace, block: int) -> None:
    """Write the norms of the centred columns of a block."""
    work.files.save(f"features/norms-{block}", chunk_norms(_scaled(work, block) - _mean(work)))


def centre_block(work: Workspace, block: int) -> None:
    """Write the rows ``x`` of a block."""
    mean = _mean(work)
    norms = torch.cat([work.files.load(f"features/norms-{other}") for other in range(work.plan.blocks)])
    scale = pareto_scale(norms, mean, work.plan.num_nodes)
    work.files.save(f"features/x-{block}", unit_rows(_scaled(work, block).sub_(mean), mean, scale))


def _read(work: Workspace, block: int) -> Tensor:
    features = np.load(work.plan.features, mmap_mode="r")
    return torch.from_numpy(np.array(features[work.plan.nodes(block)], order="C"))


def _scale(work: Workspace) -> float:
    """Power of two by which all features are multiplied, so that float32 can square them."""
    return power_of_two_scale(max(float(work.files.load(f"features/largest-{other}")) for other in _all(work)))


def _scaled(work: Workspace, block: int) -> Tensor:
    x, scale = _read(work, block).float(), _scale(work)
    return x if scale == 1 else x * scale


def _mean(work: Workspace) -> Tensor:
    sums = torch.cat([work.files.load(f"features/sums-{other}") for other in _all(work)])
    return column_mean(sums * _scale(work), work.plan.num_nodes)


def _all(work: Workspace) -> range:
    return range(work.plan.blocks)
