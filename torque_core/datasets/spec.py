"""Identity of a data set and its split, validated and hashable."""

from dataclasses import dataclass

from torque_core.datasets.block_model import BlockModel
from torque_core.datasets.info import SEEDED, USER_GRAPH, USER_SPLITS, SplitScheme
from torque_core.datasets.registry import DATASETS
from torque_core.errors import BadConfig
from torque_core.utils.fields import check_fields, spec_field
from torque_core.utils.suggest import did_you_mean

__all__ = ["DatasetSpec"]

_DEFAULT_BLOCK_MODEL = BlockModel()


@dataclass(frozen=True)
class DatasetSpec:
    """A data set with one split.

    Attributes:
        name: A key of :data:`DATASETS`, or ``yours`` for a graph imported from files.
        scheme: Name of a split scheme of the data set. None selects the default scheme and is replaced by its name, so
            that equal graphs have equal specs.
        split: Index of the split, from 0; the seed in a seeded scheme.
        block_model: Settings of the data set ``block_model``; reset to the default for every other data set.
        content: Identifier of the graph if the name is ``yours``, see
            :attr:`~torque_core.datasets.importers.ImportedGraph.content`; empty for every other data set.
        directed: Whether to keep the direction of the edges, for graphs from files and the data sets whose source
            states it, see :attr:`~torque_core.datasets.info.DatasetInfo.has_directions`. Otherwise every edge goes both
            ways.

    Raises:
        BadConfig: If the name or the scheme is unknown, the split is out of range, or the data set has no directions
            to keep.

    Example:
        >>> DatasetSpec("texas") == DatasetSpec("texas", scheme="geom-gcn", split=0)
        True
        >>> DatasetSpec("texas", split=10)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: split of 'geom-gcn' must be an integer in 0 to 9, got 10
    """

    name: str = "block_model"
    scheme: str | None = None
    split: int = 0
    block_model: BlockModel = _DEFAULT_BLOCK_MODEL
    content: str = ""
    directed: bool = spec_field(
        False,
        title="keep edge directions",
        help="Keep the direction of the edges, if the source of the data set states it; otherwise every edge goes both "
        "ways.",
    )

    def __post_init__(self) -> None:
        """Validate every field and fill in the default scheme."""
        if (self.name == USER_GRAPH) != bool(self.content):
            raise BadConfig(
                f"content must be set for the name {USER_GRAPH!r} only, got {self.name!r} and {self.content!r}"
            )
        if self.name not in (*DATASETS, USER_GRAPH):
            raise BadConfig(
                f"unknown data set {self.name!r}; choose from: {', '.join(DATASETS)}{did_you_mean(self.name, DATASETS)}"
            )
        title, splits = self._title_and_splits
        scheme = self.scheme or self.default_scheme
        counts = {offered.name: offered.count for offered in splits}
        if scheme not in counts:
            raise BadConfig(f"{title} has no split scheme {scheme!r}; choose from: {', '.join(counts)}")
        if type(self.split) is not int or not 0 <= self.split < counts[scheme]:
            last = counts[scheme] - 1
            raise BadConfig(f"split of {scheme!r} must be an integer in 0 to {last}, got {self.split!r}")
        check_fields(self)
        if self.directed and self.name in DATASETS and not DATASETS[self.name].has_directions:
            known = ", ".join(name for name, info in DATASETS.items() if info.has_directions)
            raise BadConfig(
                f"{title} has no edge directions that could be kept; set directed=False, or choose from: {known}"
            )
        object.__setattr__(self, "scheme", scheme)
        if self.name != "block_model":
            object.__setattr__(self, "block_model", _DEFAULT_BLOCK_MODEL)

    @property
    def default_scheme(self) -> str:
        """The scheme that is used if none is chosen."""
        return self._title_and_splits[1][0].name

    @property
    def _title_and_splits(self) -> tuple[str, tuple[SplitScheme, ...]]:
        if self.name == USER_GRAPH:
            return "your graph", (*SEEDED, USER_SPLITS)
        return DATASETS[self.name].title, DATASETS[self.name].splits

    def check_content(self, content: str) -> None:
        """Check that the spec describes the graph with this content.

        Raises:
            BadConfig: If it describes another graph.
        """
        if self.content != content:
            raise BadConfig(f"the spec describes the graph {self.content[:12] or self.name!r}, not {content[:12]!r}")
