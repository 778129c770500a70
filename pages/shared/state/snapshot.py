"""Snapshots of a training: the rewired graphs that one of its models used from some epoch on."""

import re
from dataclasses import dataclass

__all__ = ["Snapshot", "is_run_id"]

_RUN_ID = "[0-9a-f]{16}"


def is_run_id(text: str) -> bool:
    """Return True if the text has the form of a training's id."""
    return re.fullmatch(_RUN_ID, text) is not None


@dataclass(frozen=True)
class Snapshot:
    """The rewiring that a model of a training used from an epoch on; its text form is part of links.

    Attributes:
        run: Id of the training.
        method: Name of the method that trained the model.
        epoch: First epoch on this rewiring, counted from 1.

    Example:
        >>> snapshot = Snapshot("0123456789abcdef", "torque", 61)
        >>> str(snapshot)
        '0123456789abcdef-torque-61'
        >>> Snapshot.parse(str(snapshot)) == snapshot, Snapshot.is_valid("0123-torque")
        (True, False)
    """

    run: str
    method: str
    epoch: int

    def __str__(self) -> str:
        return f"{self.run}-{self.method}-{self.epoch}"

    @classmethod
    def parse(cls, text: str) -> "Snapshot":
        """Parse the text form; it must be valid, see :meth:`is_valid`."""
        run, _, rest = text.partition("-")
        method, _, epoch = rest.rpartition("-")
        return cls(run, method, int(epoch))

    @staticmethod
    def is_valid(text: str) -> bool:
        """Return True if the text is the text form of a snapshot."""
        return re.fullmatch(_RUN_ID + r"-[\w.-]{1,60}-[1-9][0-9]{0,3}", text) is not None
