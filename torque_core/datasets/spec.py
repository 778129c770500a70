"""Which graph, split how: the identity of a data set, hashable and checked."""

from dataclasses import dataclass

from torque_core.datasets.block_model import BlockModel
from torque_core.datasets.info import SEEDED, YOURS, SplitScheme
from torque_core.datasets.registry import DATASETS
from torque_core.errors import BadConfig

__all__ = ["DatasetSpec"]

_DEFAULT_BLOCK_MODEL = BlockModel()


@dataclass(frozen=True)
class DatasetSpec:
    """One data set with one split.

    Attributes:
        name: A key of :data:`DATASETS`.
        scheme: Name of a split scheme of that set. ``None`` takes the set's default and is replaced by
            its name, so that equal graphs have equal specs.
        split: Which split of the scheme, from 0; in a seeded scheme, the seed.
        block_model: Settings of the ``block_model`` set; reset to the default for every other set.
        content: Which graph it is if the name is ``yours``, see
            :attr:`~torque_core.datasets.importers.Imported.content`; empty for every other set.

    Raises:
        BadConfig: Unknown name or scheme, or split out of range.

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

    def __post_init__(self) -> None:
        """Check every field and fill in the default scheme."""
        if (self.name == YOURS) != bool(self.content):
            raise BadConfig(
                f"content belongs to the name {YOURS!r} and to no other, got {self.name!r}, {self.content!r}"
            )
        if self.name not in (*DATASETS, YOURS):
            raise BadConfig(f"unknown data set {self.name!r}; choose from: {', '.join(DATASETS)}")
        title, splits = self._known
        scheme = self.scheme or self.default_scheme
        counts = {known.name: known.count for known in splits}
        if scheme not in counts:
            raise BadConfig(f"{title} has no split scheme {scheme!r}; choose from: {', '.join(counts)}")
        if type(self.split) is not int or not 0 <= self.split < counts[scheme]:
            last = counts[scheme] - 1
            raise BadConfig(f"split of {scheme!r} must be an integer in 0 to {last}, got {self.split!r}")
        object.__setattr__(self, "scheme", scheme)
        if self.name != "block_model":
            object.__setattr__(self, "block_model", _DEFAULT_BLOCK_MODEL)

    @property
    def default_scheme(self) -> str:
        """The scheme that it gets if none is given."""
        return self._known[1][0].name

    @property
    def _known(self) -> tuple[str, tuple[SplitScheme, ...]]:
        """The set's title and split schemes."""
        return ("your graph", SEEDED) if self.name == YOURS else (DATASETS[self.name].title, DATASETS[self.name].splits)

    def check_content(self, content: str) -> None:
        """Whether it is of that graph.

        Raises:
            BadConfig: It is of another.
        """
        if self.content != content:
            raise BadConfig(f"the spec is of the graph {self.content[:12] or self.name!r}, not of {content[:12]!r}")
