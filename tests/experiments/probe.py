"""An experiment that leaves a trace of every run, and a study of such; other processes import it too."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from unittest.mock import patch

from torque_core.__main__ import main
from torque_core.experiments import STUDIES, Fixed, Result, Study, register_kind


@register_kind
@dataclass(frozen=True, kw_only=True)
class Probe:
    """Appends a line ``number pid`` to a file, sleeps, and fails unless a file is there, if it needs one."""

    kind: ClassVar[str] = "probe"

    number: int
    log: str
    seconds: float = 0.0
    needs: str | None = None

    def run(self) -> Result:
        with open(self.log, "a") as file:
            file.write(f"{self.number} {os.getpid()}\n")
        time.sleep(self.seconds)
        if self.needs is not None and not Path(self.needs).exists():
            raise RuntimeError(f"probe {self.number} lacks {Path(self.needs).name}")
        return Result({"value": self.number, "validation": -abs(self.number - 3) / 10}, {"curve": (1.0, self.number)})


def probes() -> Study:
    """Twelve probes in two plans; the environment says where they log and how long they take."""
    log, seconds = os.environ["PROBE_LOG"], float(os.environ["PROBE_SECONDS"])
    runs = tuple(Probe(number=number, log=log, seconds=seconds) for number in range(12))
    return Study("probes", (Fixed("first", runs[:8]), Fixed("second", runs[4:])))


def traces(log) -> list[tuple[int, int]]:
    """Number and process of every run so far, in order."""
    lines = Path(log).read_text().splitlines() if Path(log).exists() else []
    return [(int(number), int(process)) for number, process in map(str.split, lines)]


def command(arguments) -> int:
    """Run a command as the program does, with the study ``probes`` among the others."""
    with patch.dict(STUDIES, probes=probes):
        return main(list(map(str, arguments)))
