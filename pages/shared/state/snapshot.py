"""A moment of a training: the graphs that one of its models saw from some epoch on."""

import re
from dataclasses import dataclass

__all__ = ["Moment", "is_run_id"]

_RUN_ID = "[0-9a-f]{16}"


def is_run_id(said: str) -> bool:
    """Whether that can be the id of a training."""
    return re.fullmatch(_RUN_ID, said) is not None


@dataclass(frozen=True)
class Moment:
    """The rewiring that a model of a training had before an epoch; as text, as a link has it.

    Example:
        >>> moment = Moment("0123456789abcdef", "torque", 61)
        >>> str(moment), Moment.read(str(moment)) == moment, Moment.is_one("0123-torque")
        ('0123456789abcdef-torque-61', True, False)
    """

    run: str
    method: str
    epoch: int

    def __str__(self) -> str:
        return f"{self.run}-{self.method}-{self.epoch}"

    @classmethod
    def read(cls, said: str) -> "Moment":
        """The moment that a text stands for."""
        run, method, epoch = said.split("-")
        return cls(run, method, int(epoch))

    @staticmethod
    def is_one(said: str) -> bool:
        """Whether a text stands for a moment."""
        return re.fullmatch(_RUN_ID + r"-[a-z_]{1,20}-[1-9][0-9]{0,3}", said) is not None
