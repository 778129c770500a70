"""The experiment that asks how well scores of edges tell injected ones from a graph's own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.datasets import DatasetSpec, load
from torque_core.diagnostics.edge_scores import EDGE_SCORES, EdgeScore, detection_scores, torque_score
from torque_core.errors import BadConfig
from torque_core.experiments.experiment import Result, register_kind
from torque_core.graph.noise import Noise, add_noise
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import AUTO, RewireSpec

__all__ = ["DETECTORS", "Detection"]

_INSERTING = ("insert", "insert_by_degree", "dice")
_LOWEST = 1e-9  # of torques: zero has no logarithm


_LAYERS = 3


def _layered_torque(data: Data, pairs: Tensor, *, spec: RewireSpec) -> Tensor:
    """The mean log torque of an edge over layers, each of which looks at the graph that the one before left."""
    torques = []
    for layer in rewire(data, spec).layers:
        assert torch.equal(layer.pairs, pairs)
        torques.append(layer.torque.value)
    return torch.stack(torques).clamp(min=_LOWEST).log().mean(dim=0)


_FITTING = RewireSpec(lever=AUTO, force=AUTO, layers=_LAYERS)  # see :func:`~torque_core.rewiring.auto.choose_form`


DETECTORS: Mapping[str, EdgeScore] = {
    **EDGE_SCORES,
    "auto": partial(_layered_torque, spec=replace(_FITTING, layers=1)),
    "layered": partial(_layered_torque, spec=RewireSpec(layers=_LAYERS)),
    "layered_auto": partial(_layered_torque, spec=_FITTING),
    "lever": partial(torque_score, force="unit"),
    "neighbourhood_lever": partial(torque_score, lever="neighbourhood", force="unit"),
    "combined_torque": partial(torque_score, lever="combined"),
    "pair_torque": partial(torque_score, force="pair"),
    "free_torque": partial(torque_score, force="free"),
    "disparity_torque": partial(torque_score, force="disparity"),
    "pagerank_torque": partial(torque_score, force="pagerank_sum"),
    "third_version": partial(torque_score, lever="euclidean", force="disparity", product="cross"),
}
"""The scores that are compared: torque, its rivals, the torque that fits the graph (``auto``), three layers of torque
together (``layered``), the lever alone, and torque of other levers and forces; ``third_version`` is that of the paper's
third version."""


@register_kind
@dataclass(frozen=True, kw_only=True)
class Detection:
    """Inject edges and find them.

    Attributes:
        dataset: A key of :data:`~torque_core.datasets.DATASETS`.
        scheme: A split scheme of it; None is replaced by the set's first. Its training labels are for forces that
            rest on classes.
        split: Which split of the scheme.
        noise: One that inserts, at a rate above 0.

    Raises:
        BadConfig: A value that cannot be.

    Example:
        >>> found = Detection(dataset="karate", noise=Noise("insert", 0.5)).run().metrics
        >>> 0.5 < found["auroc_torque"] <= 1
        True
    """

    kind: ClassVar[str] = "detection"

    dataset: str
    scheme: str | None = None
    split: int = 0
    noise: Noise

    def __post_init__(self) -> None:
        """Check every field."""
        scheme = DatasetSpec(self.dataset, scheme=self.scheme, split=self.split).scheme
        object.__setattr__(self, "scheme", scheme)
        if self.noise.kind not in _INSERTING or not self.noise.rate:
            raise BadConfig(
                f"noise must insert edges ({', '.join(_INSERTING)}) at a rate above 0, got {self.noise.kind!r} at "
                f"{self.noise.rate}"
            )

    def run(self) -> Result:
        """Areas under the ROC curve, ``auroc_`` and the name of each of :data:`DETECTORS`."""
        data = load(DatasetSpec(self.dataset, scheme=self.scheme, split=self.split)).data
        found = detection_scores(add_noise(data, self.noise), DETECTORS)
        return Result({f"auroc_{name}": value for name, value in found.items()})
