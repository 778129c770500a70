"""Study of edge scores: do they detect inserted edges?"""

from collections.abc import Iterator

from torque_core.attacks.noise import Noise
from torque_core.experiments.kinds.detection import Detection
from torque_core.experiments.plans import Fixed, Study
from torque_core.experiments.studies.base import STUDIES

__all__ = ["detection"]


@STUDIES.register("detection")
def detection() -> Study:
    """AUROC of torque, its variants and other scores as detectors of inserted edges; five draws of each noise."""
    sets = (("cora", "component-10-10-80"), ("texas", None), ("chameleon_filtered", None), ("actor", None))
    large = (("minesweeper", None), ("pubmed", "geom-gcn"))
    return Study(
        "detection",
        tuple(
            Fixed("detection", tuple(_detections(dataset, scheme, kind)))
            for dataset, scheme in (*sets, *large)
            for kind in ("insert", "insert_by_degree")
        ),
    )


def _detections(dataset: str, scheme: str | None, kind: str) -> Iterator[Detection]:
    for rate in (0.2, 0.5, 1.0):
        for draw in range(5):
            yield Detection(dataset=dataset, scheme=scheme, split=draw, noise=Noise(kind, rate, draw))
