"""Which graph, split how: the identity of a data set, hashable and checked."""

from dataclasses import dataclass

from torque_core.datasets.block_model import BlockModel
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

    def __post_init__(self) -> None:
        """Check every field and fill in the default scheme."""
        if self.name not in DATASETS:
            raise BadConfig(f"unknown data set {self.name!r}; choose from: {', '.join(DATASETS)}")
        info = DATASETS[self.name]
        scheme = self.scheme or info.default_scheme
        counts = {known.name: known.count for known in info.splits}
        if scheme not in counts:
            raise BadConfig(f"{info.title} has no split scheme {scheme!r}; choose from: {', '.join(counts)}")
        if type(self.split) is not int or not 0 <= self.split < counts[scheme]:
            last = counts[scheme] - 1
            raise BadConfig(f"split of {scheme!r} must be an integer in 0 to {last}, got {self.split!r}")
        object.__setattr__(self, "scheme", scheme)
        if self.name != "block_model":
            object.__setattr__(self, "block_model", _DEFAULT_BLOCK_MODEL)
