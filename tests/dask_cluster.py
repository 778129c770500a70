"""A real Dask cluster for tests: a scheduler and two workers, each a process."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """The scheduler's address and the processes: the scheduler, and two workers that nobody starts again."""
    dask = [sys.executable, "-m", "dask"]
    file, output = folder / "scheduler.json", (folder / "output").open("w")
    quiet = {"cwd": HOME, "stdout": output, "stderr": output}
    where = ["--scheduler-file", str(file)]
    commands = [
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", *where],
        *2 * [[*dask, "worker", "--no-nanny", "--nthreads", "1", "--no-dashboard", *where]],
    ]
    processes = [subprocess.Popen(arguments, **quiet) for arguments in commands]
    try:
        while not file.exists() or not file.read_text().rstrip().endswith("}"):
            assert processes[0].poll() is None
            time.sleep(0.05)
        yield json.loads(file.read_text())["address"], processes
    finally:
        for process in processes:
            process.kill()
            process.wait()
        output.close()
