"""The torque plane on the control of the cut, where the curve of equal torque is dragged."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from torque_core.figures.columns import encode_column
from torque_core.figures.iso_torque import PlaneAxis, plane_axis
from torque_core.rewiring.record import LayerRewiring
from torque_core.utils.text import visible

__all__ = ["plane_data"]


def plane_data(
    layer: LayerRewiring, injected: Tensor, *, selected: Tensor | None = None, names: Sequence[str] | None = None
) -> dict[str, object]:
    """Encode every scored edge of a layer at its lever arm and force, for ``_static/stage_plane.js``.

    A factor that is the same for all edges is spread along its axis, as in
    :func:`~torque_core.figures.plane.torque_plane`, which draws graphs that are too large for the stage.

    Args:
        layer: Record of the layer.
        injected: Mask of the injected edges in ``layer.pairs``, bool, :math:`(|\\mathcal{E}|,)`.
        selected: Mask of the selected edges; None if there are none.
        names: Names of the nodes; by default their indices.

    Example:
        >>> import torch
        >>> from torque_core import RewireSpec, load, rewire
        >>> layer = rewire(load("karate").data, RewireSpec(layers=1)).layers[0]
        >>> plane = plane_data(layer, torch.zeros(78, dtype=torch.bool))
        >>> plane["axes"]["force"]["title"], plane["curved"]
        ('force (no unit)', True)
    """
    torque = layer.torque
    lever, force = plane_axis("lever arm", torque.lever), plane_axis("force", torque.force)
    return {
        "lever": encode_column(lever.values, "<f4"),
        "force": encode_column(force.values, "<f4"),
        "torque": encode_column(torque.value, "<f4"),
        "injected": encode_column(injected, "u1"),
        "selected": encode_column(np.zeros(len(injected)) if selected is None else selected, "u1"),
        "source": encode_column(layer.pairs[0], "<i4"),
        "target": encode_column(layer.pairs[1], "<i4"),
        "names": None if names is None else [visible(name) for name in names],
        "axes": {"lever": _axis(lever), "force": _axis(force)},
        "curved": torque.sine is None and 0 not in (lever.constant, force.constant),
    }


def _axis(axis: PlaneAxis) -> dict[str, object]:
    return {"title": axis.title.replace("<br>", " "), "range": axis.range, "constant": axis.constant}
