"""Description of a data set that is available before it is loaded: sizes, origin, splits."""

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "GEOM_GCN",
    "GRAPHSAINT",
    "LINKX",
    "PUBLIC",
    "PUBLISHED",
    "SEEDED",
    "USER_GRAPH",
    "USER_SPLITS",
    "WIKI_CS",
    "DatasetInfo",
    "SplitScheme",
]

USER_GRAPH = "yours"
"""Name of a graph imported from files, see :mod:`torque_core.datasets.importers`; not in :data:`DATASETS`."""


@dataclass(frozen=True)
class SplitScheme:
    """A way to split the nodes into training, validation and test nodes.

    Attributes:
        name: The name, used as :attr:`DatasetSpec.scheme`.
        description: One line for a reader.
        count: Number of splits; ``split`` is in 0 to ``count - 1``.
        fractions: Fractions of training, validation and test nodes in a seeded scheme, whose ``split`` is the seed;
            None for a scheme whose splits are stored with the data set.
        largest_component: Whether the graph is reduced to its largest connected component.
    """

    name: str
    description: str
    count: int
    fractions: tuple[float, float, float] | None = None
    largest_component: bool = False


PUBLIC = SplitScheme("public", "Planetoid's public split: 20 nodes per class, 500 and 1,000 nodes", 1)
GEOM_GCN = SplitScheme("geom-gcn", "Geom-GCN's ten splits: 48 / 32 / 20 % of the nodes that they cover", 10)
PUBLISHED = SplitScheme("own", "The ten splits published with the data set", 10)
GRAPHSAINT = SplitScheme("graphsaint", "The split published with GraphSAINT: 50 / 25 / 25 %", 1)
LINKX = SplitScheme("linkx", "LINKX's five splits: 50 / 25 / 25 % of the labelled nodes", 5)
WIKI_CS = SplitScheme(
    "wiki-cs",
    "The twenty splits published with the data set: 5 % of each class for training, 22.5 % of the nodes for validation "
    "and the same half of the nodes for testing; the nodes for early stopping are unused",
    20,
)
#: Seeded schemes that every data set offers.
SEEDED = (
    SplitScheme("random-48-32-20", "48 / 32 / 20 % of each class, sampled by seed", 1000, (0.48, 0.32, 0.2)),
    SplitScheme("random-10-10-80", "10 / 10 / 80 % of each class, sampled by seed", 1000, (0.1, 0.1, 0.8)),
    SplitScheme(
        "component-10-10-80",
        "10 / 10 / 80 % of each class in the largest connected component, as in studies of attacks",
        1000,
        (0.1, 0.1, 0.8),
        True,
    ),
)
#: The scheme of a graph imported from files that contain splits.
USER_SPLITS = SplitScheme("file", "The splits in the files", 100)


@dataclass(frozen=True)
class DatasetInfo:
    """One entry of :data:`DATASETS`. A number is None if it is unknown before the first load.

    Attributes:
        name: The name, used as :attr:`DatasetSpec.name`.
        title: The name for a reader.
        nodes: Number of nodes :math:`|\\mathcal{V}|`.
        edges: Number of undirected edges :math:`|\\mathcal{E}|`, without self-loops.
        features: Number of features :math:`F`.
        classes: Number of classes.
        homophily: Edge homophily: the fraction of edges within a class, among edges with two labelled ends.
        description: One sentence.
        kind: ``built in``, downloaded at the first load, or imported from files.
        source: The publication or origin.
        licence: The licence stated by the source.
        splits: The split schemes, the default first.
        metric: The metric used in the literature.
        class_names: Names of the classes, by label; None if they are only numbered.
        has_directions: Whether the source states the direction of the edges, so that :func:`load` can keep it.
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
    has_directions: bool = False

    @property
    def default_scheme(self) -> str:
        """Name of the scheme that a spec without a scheme uses."""
        return self.splits[0].name
