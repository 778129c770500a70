"""A Dask cluster on this machine: a scheduler and workers, each in a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torque_core.utils.optional import require

__all__ = ["local_cluster"]


@contextmanager
def local_cluster(
    folder: Path, workers: int, *, home: Path | None = None
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a scheduler and workers of one thread each, which nobody restarts, and stop them at the end.

    Yields the address of the scheduler and the processes, the scheduler first.

    Args:
        folder: Folder for the scheduler's file and the output of the processes.
        workers: Number of workers.
        home: Folder that the processes start in; by default the current one.

    Raises:
        RuntimeError: If the scheduler ends at once; the message has its output.
    """
    require("distributed", extra="large")
    file, log = folder / "scheduler.json", folder / "output"
    where, dask = ["--scheduler-file", str(file)], [sys.executable, "-m", "dask"]
    commands = [
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *where],
        *workers * [[*dask, "worker", "--no-nanny", "--nthreads", "1", "--no-dashboard", *where]],
    ]
    with log.open("w") as output:
        processes = [subprocess.Popen(command, cwd=home, stdout=output, stderr=output) for command in commands]
        try:
            while not file.exists() or not file.read_text().rstrip().endswith("}"):
                if processes[0].poll() is not None:
                    raise RuntimeError(f"the scheduler ended: {log.read_text()[-1000:]}")
                time.sleep(0.05)
            yield json.loads(file.read_text())["address"], processes
        finally:
            for process in processes:
                process.kill()
                process.wait()
