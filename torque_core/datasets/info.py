"""What is known of a data set before it is loaded: sizes, origin, splits."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["GEOM_GCN", "OWN", "PUBLIC", "SEEDED", "YOURS", "DatasetInfo", "SplitScheme"]

YOURS = "yours"
"""The name of a graph that a person brings, see :mod:`torque_core.datasets.importers`; not in :data:`DATASETS`."""


@dataclass(frozen=True)
class SplitScheme:
    """One way to split the nodes into training, validation and test.

    Attributes:
        name: As in :attr:`DatasetSpec.scheme`.
        description: One line for a reader.
        count: How many splits it has: ``split`` runs from 0 to ``count - 1``.
        fractions: Train, validation and test shares of a seeded scheme, whose ``split`` is the seed;
            ``None`` for a scheme whose splits are fixed by the set's files.
        largest_component: Whether only the largest connected component is looked at.
    """

    name: str
    description: str
    count: int
    fractions: tuple[float, float, float] | None = None
    largest_component: bool = False


PUBLIC = SplitScheme("public", "Planetoid's one split: 20 nodes of each class, 500 and 1,000 nodes", 1)
GEOM_GCN = SplitScheme("geom-gcn", "Geom-GCN's ten splits: 48 / 32 / 20 % of the nodes they cover", 10)
OWN = SplitScheme("own", "The ten splits that come with the set", 10)
#: Seeded schemes that every set offers.
SEEDED = (
    SplitScheme("random-48-32-20", "48 / 32 / 20 % of each class, drawn by seed", 1000, (0.48, 0.32, 0.2)),
    SplitScheme("random-10-10-80", "10 / 10 / 80 % of each class, drawn by seed", 1000, (0.1, 0.1, 0.8)),
    SplitScheme(
        "component-10-10-80",
        "The same, of the largest component: as in studies of attacks",
        1000,
        (0.1, 0.1, 0.8),
        True,
    ),
)


@dataclass(frozen=True)
class DatasetInfo:
    """One entry of :data:`DATASETS`. A number that is ``None`` is not known before the first load.

    Attributes:
        name: As in :attr:`DatasetSpec.name`.
        title: For a reader.
        nodes: :math:`|\\mathcal{V}|`.
        edges: :math:`|\\mathcal{E}|`, undirected, each once, without self-loops.
        features: :math:`F`.
        classes: How many classes the labels have.
        homophily: Share of the edges that join two nodes of one class, of those with both ends labelled.
        description: One sentence.
        kind: Whether it comes with the package, is downloaded at the first load, or was imported from files.
        source: Where it is from.
        licence: As stated by that source.
        splits: The schemes it offers, the default first.
        metric: What its paper scores.
        class_names: What the classes are called, by label; None if they have nothing but their numbers.
    """

    name: str
    title: str
    nodes: int | None
    edges: int | None
    features: int | None
    classes: int | None
    homophily: float | None
    description: str
    kind: Literal["built in", "download", "imported"]
    source: str
    licence: str
    splits: tuple[SplitScheme, ...] = SEEDED
    metric: Literal["accuracy", "roc_auc"] = "accuracy"
    class_names: tuple[str, ...] | None = None

    @property
    def default_scheme(self) -> str:
        """Name of the scheme that a spec without one gets."""
        return self.splits[0].name
