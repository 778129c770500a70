"""End of the server: on SIGTERM or Ctrl-C, jobs are interrupted and their curves stored, and the exit status is 0."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from types import FrameType

from pages.shared.background import local_results
from pages.shared.background.training_jobs import scheduler
from pages.shared.runs import registry, run_file
from torque_core.utils.files import make_private

__all__ = ["lifespan"]

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_PATIENCE = 4.0  # seconds for the jobs to reach a checkpoint; Docker, for example, kills after ten


@contextlib.asynccontextmanager
async def lifespan(app: object) -> AsyncIterator[None]:
    """Lifespan of the ASGI application, entered in the main thread after the web server has set its signal handlers."""
    with contextlib.suppress(OSError):  # such as a data folder without permission to write
        for folder in (run_file.folder(), local_results.folder()):
            make_private(folder)
    for number in _SIGNALS:
        signal.signal(number, _shut_down)
    yield


def _shut_down(number: int, frame: FrameType | None) -> None:
    for again in _SIGNALS:  # a second signal ends the process at once
        signal.signal(again, signal.SIG_DFL)
    threading.Thread(target=_end, name="shutdown").start()


def _end() -> None:
    """End the process without the interpreter's own shutdown, which aborts if PyTorch computes in another thread."""
    try:
        scheduler().shut_down(_PATIENCE)
        registry.save_interrupted()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
