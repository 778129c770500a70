"""Experiment: detection of inserted edges by scores of edges."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.attacks.noise import NOISE_KINDS, Noise, add_noise
from torque_core.datasets import DatasetSpec, load
from torque_core.diagnostics.detection import detection
from torque_core.diagnostics.edge_scores import EDGE_SCORES, EdgeScore, detection_scores, torque_score
from torque_core.errors import BadConfig
from torque_core.experiments.experiment import REWIRING, Result, register_kind
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import AUTO, RewireSpec

__all__ = ["DETECTORS", "Detection"]

_LOWEST = 1e-9  # smallest torque before the logarithm
_LAYERS = 3


def _layered_torque(data: Data, pairs: Tensor, *, spec: RewireSpec) -> Tensor:
    """Return the mean log torque over layers, each computed on the rewired graph of the layer before."""
    torques = []
    for layer in rewire(data, spec).layers:
        assert torch.equal(layer.pairs, pairs)
        torques.append(layer.torque.value)
    return torch.stack(torques).clamp(min=_LOWEST).log().mean(dim=0)


_DEFAULT = RewireSpec(layers=1, additions=0.0)
_AUTO = RewireSpec(**{**REWIRING, "lever": AUTO, "force": AUTO, "layers": _LAYERS})

DETECTORS: Mapping[str, EdgeScore] = {
    **EDGE_SCORES,
    "auto": partial(_layered_torque, spec=replace(_AUTO, layers=1)),
    "layered": partial(_layered_torque, spec=RewireSpec(**REWIRING, layers=_LAYERS)),
    "layered_auto": partial(_layered_torque, spec=_AUTO),
    "lever": partial(torque_score, force="unit"),
    "neighbourhood_lever": partial(torque_score, lever="neighbourhood", force="unit"),
    "combined_torque": partial(torque_score, lever="combined"),
    "energy_torque": partial(torque_score, force="energy"),
    "screened_torque": partial(_layered_torque, spec=_DEFAULT),
    "pair_torque": partial(torque_score, force="pair"),
    "free_torque": partial(torque_score, force="free"),
    "disparity_torque": partial(torque_score, force="disparity"),
    "pagerank_torque": partial(torque_score, force="pagerank_sum"),
    "third_version": partial(torque_score, lever="euclidean", force="disparity", product="cross"),
}
"""Scores by key: torque, other scores, torque with automatic lever and force (``auto``), the mean over three layers
(``layered``), the lever only, and torque with other levers and forces, such as those of the default settings,
without and with screening (``energy_torque``, ``screened_torque``); ``third_version`` is that of the paper's third
version."""


@register_kind
@dataclass(frozen=True, kw_only=True)
class Detection:
    """Insertion of edges into a graph, and their detection.

    Attributes:
        dataset: A key of :data:`~torque_core.datasets.DATASETS`.
        scheme: A split scheme of the data set; None is replaced by its first scheme. Forces based on classes use its
            training labels.
        split: Index of the split.
        noise: Noise of a kind that inserts edges, at a rate above 0.

    Raises:
        BadConfig: If a value is out of range.

    Example:
        >>> metrics = Detection(dataset="karate", noise=Noise("insert", 0.5)).run().metrics
        >>> 0.5 < metrics["auroc_torque"] <= 1
        True
    """

    kind: ClassVar[str] = "detection"

    dataset: str
    scheme: str | None = None
    split: int = 0
    noise: Noise

    def __post_init__(self) -> None:
        """Check all fields."""
        scheme = DatasetSpec(self.dataset, scheme=self.scheme, split=self.split).scheme
        object.__setattr__(self, "scheme", scheme)
        if not NOISE_KINDS[self.noise.kind].inserts or not self.noise.rate:
            inserting = ", ".join(key for key, kind in NOISE_KINDS.items() if kind.inserts)
            raise BadConfig(
                f"noise must insert edges ({inserting}) at a rate above 0, got {self.noise.kind!r} at {self.noise.rate}"
            )

    def run(self) -> Result:
        """Score all edges, and cut them by torque with default settings.

        Returns:
            The area under the ROC curve of each of :data:`DETECTORS`, as ``auroc_<key>``; ``pruned``: fraction of the
            edges that the first layer prunes, ``precision``: fraction of these that are inserted, and ``recall``:
            fraction of the inserted edges among them; ``precision`` is None if nothing is pruned.
        """
        data = load(DatasetSpec(self.dataset, scheme=self.scheme, split=self.split)).data
        noisy = add_noise(data, self.noise)
        scores = detection_scores(noisy, DETECTORS)
        layer = rewire(noisy.data, _DEFAULT).layers[0]
        found = detection(layer.torque.value, layer.pruned_mask, noisy.is_injected(layer.pairs))
        return Result(
            {
                **{f"auroc_{name}": value for name, value in scores.items()},
                "pruned": found.pruned / layer.pairs.size(1),
                "precision": found.precision,
                "recall": found.recall,
            }
        )
