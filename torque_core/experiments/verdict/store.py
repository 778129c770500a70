"""Finished trainings of a verdict on disk, so that a verdict continues after its program has ended."""

import hashlib
import io
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch_geometric.data import Data

import torque_core
from torque_core.attacks.noise import add_noise
from torque_core.datasets import DatasetSpec
from torque_core.experiments.verdict.spec import VerdictSpec, VerdictTask
from torque_core.experiments.verdict.tables import VerdictRun
from torque_core.graph.pairs import undirected_pairs
from torque_core.utils.files import make_private, write_atomically

__all__ = ["VerdictStore"]

_MAX_VERDICTS = 32


@dataclass(frozen=True)
class VerdictStore:
    """The finished trainings of the verdict on one graph with one set of settings, a small file for each.

    A file contains scores, predictions and masks of edges, but neither the graph nor names: the edges follow from the
    graph and the seed of the noise. Nothing is pickled.

    Attributes:
        root: Folder of all verdicts.
        dataset: The data set with its first split.
        spec: Settings.

    Example:
        >>> import tempfile
        >>> from torque_core import TrainSpec, load
        >>> from torque_core.experiments.verdict import run_task
        >>> spec, karate = VerdictSpec(seeds=1, training=TrainSpec(epochs=5)), load("karate").data
        >>> task = VerdictTask("torque", 0.5, 0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = VerdictStore(Path(folder), DatasetSpec("karate"), spec)
        ...     run = run_task(karate, task, spec)
        ...     store.save(task, run)
        ...     store.load([karate])[task].test == run.test
        True
    """

    root: Path
    dataset: DatasetSpec
    spec: VerdictSpec

    @property
    def folder(self) -> Path:
        """The folder of this verdict; another version of this package has another one."""
        identity = repr((torque_core.__version__, self.dataset, self.spec))
        return self.root / hashlib.sha256(identity.encode()).hexdigest()[:32]

    def save(self, task: VerdictTask, run: VerdictRun) -> None:
        """Store a finished training. The oldest verdicts are removed if there are more than 32.

        Raises:
            OSError: If the file cannot be written.
        """
        if not self.folder.exists():
            make_private(self.root)
            others = sorted(
                (path for path in self.root.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime
            )
            for old in others[: max(0, len(others) + 1 - _MAX_VERDICTS)]:
                shutil.rmtree(old, ignore_errors=True)
        make_private(self.folder)
        numbers = [
            np.nan if value is None else value for value in (run.test, run.homophily_before, run.homophily_after)
        ]
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            numbers=np.array(numbers, dtype=np.float64),
            predictions=run.predictions.cpu().numpy(),
            pruned=run.pruned.cpu().numpy(),
        )
        write_atomically(self._path(task), buffer.getvalue(), private=True)

    def load(self, splits: Sequence[Data]) -> dict[VerdictTask, VerdictRun]:
        """Return the stored trainings; files that are damaged or do not suit the graph are ignored.

        Args:
            splits: The clean graph with a split for each seed.
        """
        runs: dict[VerdictTask, VerdictRun] = {}
        edges: dict[tuple[int, float], tuple[torch.Tensor, torch.Tensor]] = {}
        for task in self.spec.tasks():
            path = self._path(task)
            if not path.is_file():
                continue
            data, noise = splits[task.seed], (task.seed, task.rate)
            if noise not in edges:
                noisy = add_noise(data, self.spec.noise(task))
                pairs = undirected_pairs(noisy.data["edge_index"], len(data["x"]))
                edges[noise] = pairs, noisy.is_injected(pairs)
            run = _read(path, *edges[noise], len(data["x"]))
            if run is not None:
                runs[task] = run
        return runs

    def _path(self, task: VerdictTask) -> Path:
        return self.folder / f"{task.method}-{task.rate:g}-{task.seed}.npz"


def _read(path: Path, pairs: torch.Tensor, injected: torch.Tensor, num_nodes: int) -> VerdictRun | None:
    """Read a training; None if the file is damaged or of another graph."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            numbers, predictions, pruned = (file[name] for name in ("numbers", "predictions", "pruned"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if numbers.shape != (3,) or predictions.shape != (num_nodes,) or pruned.shape != (pairs.size(1),):
        return None
    if predictions.dtype.kind != "i" or pruned.dtype != bool or numbers.dtype != np.float64:
        return None
    test, before, after = (None if np.isnan(number) else float(number) for number in numbers)
    return VerdictRun(test, torch.from_numpy(predictions), pairs, torch.from_numpy(pruned), injected, before, after)
