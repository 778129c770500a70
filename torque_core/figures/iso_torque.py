"""Axes of the torque plane and the curve of equal torque at the threshold."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

__all__ = ["PlaneAxis", "iso_torque_curve", "plane_axis"]

_GOLDEN_RATIO = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class PlaneAxis:
    """One axis of the torque plane.

    Attributes:
        values: Coordinate of each edge, :math:`(|\\mathcal{E}|,)`.
        title: Axis title, with its unit.
        range: Lower and upper bound.
        constant: Value of the factor if it is the same for all edges, else None.
    """

    values: np.ndarray
    title: str
    range: list[float]
    constant: float | None = None


def plane_axis(name: str, factor: Tensor) -> PlaneAxis:
    """Create the axis of a factor of the torque.

    A factor that is the same for all edges is not a meaningful coordinate: the points are spread along the axis for
    visibility, and the title states this.

    Args:
        name: Name of the factor.
        factor: Factor of each edge, dimensionless, :math:`(|\\mathcal{E}|,)`.
    """
    values = factor.numpy().astype(np.float64)
    high = float(values.max()) if len(values) else 1.0
    if not len(values) or np.ptp(values) > 1e-6 * high:
        return PlaneAxis(values, f"{name} (no unit)", [0, 1.05 * high])
    # multiples of the golden ratio modulo 1 fill an interval evenly for any number of points
    spread = high - 0.5 + np.arange(len(values)) * _GOLDEN_RATIO % 1
    title = f"{name} (no unit): {high:.3g} for all edges,<br>points spread for visibility"
    return PlaneAxis(spread, title, [high - 0.6, high + 0.6], high)


def iso_torque_curve(
    factors: Mapping[str, Tensor], threshold: float, lever: PlaneAxis, force: PlaneAxis
) -> tuple[tuple[list[float], list[float]] | None, str]:
    """Compute the curve :math:`\\ell F = \\tau` at the threshold.

    Args:
        factors: Factors of the torque by name.
        threshold: Torque :math:`\\tau` from which edges are pruned; infinity if none are.
        lever: Horizontal axis.
        force: Vertical axis.

    Returns:
        Coordinates of the curve, or None if no curve separates pruned from kept edges; and a sentence that explains it.
    """
    others = [name for name in factors if name not in ("lever arm", "force")]
    if others:
        names = " and the ".join(others)
        return None, (
            f"The torque also depends on the {names}, so no curve separates pruned from kept edges; the markers "
            "distinguish them."
        )
    if not math.isfinite(threshold):
        return None, "No edge is pruned."
    if threshold <= 0:
        return None, f"The cut at torque {threshold:.3f} prunes every edge."
    constants = [axis.constant for axis in (lever, force) if axis.constant is not None]
    if len(constants) == 2 or 0 in constants:
        return None, f"All edges have torque {math.prod(constants):.3f}; the cut is at {threshold:.3f}."
    if lever.constant is not None:
        curve = lever.range, [threshold / lever.constant] * 2
    elif force.constant is not None:
        curve = [threshold / force.constant] * 2, force.range
    elif threshold >= lever.range[1] * force.range[1]:
        return None, f"The cut at torque {threshold:.3f} is above the torque of every edge."
    else:
        arm = np.geomspace(threshold / force.range[1], lever.range[1], 100)
        curve = arm.tolist(), (threshold / arm).tolist()
    return curve, f"A dashed curve marks the cut at torque {threshold:.3f}: edges beyond it are pruned."
