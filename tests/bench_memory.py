"""Memory of a server that ten people use at once: prints its peak and writes assets/bench/memory.json (Linux)."""

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.browser.conftest import ROOT, start_server
from tests.websocket_visitor import visit
from torque_core import __version__

PEOPLE, NODES, EPOCHS = 10, 2_700, 50
FILE = ROOT / "assets" / "bench" / "memory.json"


def peak_megabytes(process: int) -> int:
    """Largest memory that a process has held."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return round(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1_000)


def main() -> None:
    """Let everybody open a graph of their own and train two models on it."""
    with tempfile.TemporaryDirectory() as data, ExitStack() as stack:
        process, url = start_server(Path(data))
        stack.callback(process.wait)
        stack.callback(process.terminate)
        people = [stack.enter_context(visit(url)) for _ in range(PEOPLE)]
        for seed, person in enumerate(people):
            person.open(f"explore?nodes={NODES}&degree=4&seed={seed}").wait('"isolated"', seconds=600)
        for seed, person in enumerate(people):
            person.open(f"train?nodes={NODES}&degree=4&seed={seed}&epochs={EPOCHS}").wait('"Train"', seconds=600)
            person.press("Train")
        for person in people:
            person.wait("done in", seconds=600)
        megabytes = peak_megabytes(process.pid)
    record = {"version": __version__, "people": PEOPLE, "nodes": NODES, "megabytes": megabytes}
    FILE.write_text(json.dumps(record, indent=1) + "\n")
    print(f"{PEOPLE} people with graphs of {NODES:,} nodes, who each train two models: {megabytes:,} MB")


if __name__ == "__main__":
    main()
