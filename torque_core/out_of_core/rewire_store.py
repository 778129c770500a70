"""Rewiring of a graph in files, which may be larger than the memory."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from torque_core import __version__
from torque_core.errors import BadConfig
from torque_core.out_of_core.edge_source import EdgeColumns
from torque_core.out_of_core.plan import FORMAT, StorePlan, check_disk, make_plan
from torque_core.out_of_core.stages import Stage, is_done, run_task, stages_of
from torque_core.out_of_core.stored_rewiring import RESULTS, StoredRewiring
from torque_core.out_of_core.workspace import Workspace
from torque_core.rewiring.spec import RewireSpec
from torque_core.utils.files import write_atomically
from torque_core.utils.memory import parse_bytes
from torque_core.utils.optional import require

__all__ = ["Progress", "TaskRunner", "in_this_process", "rewire_store"]

Progress = Callable[[float, str], None]
"""Called with the completed fraction of the work, in [0, 1], and the current step in words."""


class TaskRunner(Protocol):
    """Runs tasks of a stage that do not depend on each other, somewhere."""

    def __call__(self, folder: Path, stage: str, tasks: list[int]) -> Iterator[int]:
        """Run the tasks by :func:`~torque_core.out_of_core.stages.run_task`; yield each when it is done."""


def in_this_process(folder: Path, stage: str, tasks: list[int]) -> Iterator[int]:
    """Run one task after the other."""
    for task in tasks:
        run_task(str(folder), stage, task)
        yield task


def rewire_store(
    edges: str | Path,
    features: str | Path,
    out: str | Path,
    spec: RewireSpec | None = None,
    *,
    max_memory: str | int | None = None,
    columns: EdgeColumns | None = None,
    runner: TaskRunner = in_this_process,
    progress: Progress | None = None,
    overwrite: bool = False,
    **options: str | float,
) -> StoredRewiring:
    """Rewire a graph in files; :func:`~torque_core.rewiring.rewire.rewire` for a graph that does not fit into memory.

    The result is that of ``rewire`` on the same graph: the same torques, bit for bit, hence the same pruned edges. The
    nodes are divided into blocks such that the features of two blocks fit into memory, and the edges are sorted into
    tiles, the pairs between two blocks. Propagation and torque need two blocks and one tile at a time.

    Every completed block is kept: if the program is killed, the same call continues. No edges are added, since that
    needs a search among all nodes.

    Args:
        edges: A Parquet or CSV file, or a folder of such files, with the columns ``source`` and ``target``, node
            numbers from 0, and optionally ``weight``. An edge may be present in one direction or both.
        features: A NumPy file (``.npy``) of the features, :math:`(|\\mathcal{V}|, F)`.
        out: Folder for the results and the working files; it is created if it does not exist.
        spec: How to rewire, with ``additions=0``, which is also the default here. Levers are ``structural``,
            ``feature``, ``euclidean`` and ``unit``, forces ``dirichlet``, ``cosine``, ``energy`` (without labels) and
            ``unit``.
        max_memory: Largest memory of the process, in bytes or as a text such as ``"8GB"``; None for the memory that is
            available.
        columns: Names of the columns, if they are others.
        runner: Runs the tasks, by default in this process; see :class:`~torque_core.out_of_core.cluster.DaskRunner`.
        progress: Called after each task.
        overwrite: Whether to replace the rewiring that ``out`` holds.
        **options: Fields of :class:`~torque_core.rewiring.spec.RewireSpec` by name, instead of ``spec``.

    Returns:
        The results.

    Raises:
        BadFile: If an input cannot be read, lacks a column, or names a node that has no features.
        BadGraph: If a feature is not finite.
        BadConfig: If the spec is not supported, the memory or the disk is too small, or ``out`` holds something else.
        MissingDependency: If pyarrow is not installed.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     edges = Path(folder, "edges.csv")
        ...     _ = edges.write_text("source,target\\n0,1\\n0,2\\n1,2\\n2,3\\n")
        ...     np.save(Path(folder, "x.npy"), np.eye(4, dtype=np.float32))
        ...     rewired = rewire_store(edges, Path(folder, "x.npy"), Path(folder, "out"), cut="fixed", fraction=0.25)
        ...     rewired.layers[0].read("source", "target", "fate")["fate"].tolist()
        ['kept', 'kept', 'kept', 'pruned']
    """
    require("pyarrow", extra="large")
    spec = RewireSpec.of(spec, **(options if spec else {"additions": 0.0, **options}))
    memory = parse_bytes(max_memory) if isinstance(max_memory, str) else max_memory
    plan = make_plan(Path(edges), Path(features), spec, columns or EdgeColumns(), memory)
    work = Workspace(Path(out).resolve())
    with _locked(work.folder):
        _begin(work, plan, overwrite=overwrite)
        _run(work, runner, progress)
        _finish(work)
    return StoredRewiring.open(out)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        with FileLock(folder / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise BadConfig(f"another program is rewiring in {folder}; wait for it, or choose another folder") from error


def _begin(work: Workspace, plan: StorePlan, *, overwrite: bool) -> None:
    """Write the manifest, or check that what the folder holds is the same rewiring, unfinished."""
    ours = {".lock", "work", RESULTS, work.manifest.name}
    if foreign := [path.name for path in work.folder.iterdir() if path.name not in ours]:
        raise BadConfig(f"{work.folder} holds other files, such as {sorted(foreign)[0]}; choose an empty folder")
    if overwrite and (work.folder / RESULTS).exists():
        shutil.rmtree(work.folder / RESULTS)
        work.manifest.unlink(missing_ok=True)
    if (work.folder / RESULTS).exists():
        raise BadConfig(f"{work.folder} holds a complete rewiring; choose another folder, or replace it with overwrite")
    if work.manifest.exists():
        try:
            earlier = StorePlan.from_json(work.manifest.read_text(encoding="utf-8"), work.manifest)
            # blocks may differ, as another memory is available now
            same = replace(plan, rows=earlier.rows, buffer_rows=earlier.buffer_rows, parts=earlier.parts) == earlier
            if same and earlier.rows <= plan.rows:
                return
            if not same and not overwrite:
                raise BadConfig(
                    f"{work.folder} holds an unfinished rewiring of other files or with other settings; choose another "
                    "folder, or replace it with overwrite"
                )
        except BadConfig:
            if not overwrite:
                raise
        work.manifest.unlink()
    shutil.rmtree(work.files.folder)
    work.files.folder.mkdir()
    check_disk(plan, work.folder)
    write_atomically(work.manifest, plan.to_json().encode())


def _run(work: Workspace, runner: TaskRunner, progress: Progress | None) -> None:
    stages = stages_of(work.plan)
    whole, done = sum(stage.cost for stage in stages), 0.0
    for stage in stages:
        open_tasks = [task for task in range(stage.tasks) if not is_done(work, stage, task)]
        share = stage.cost / max(stage.tasks, 1) / max(whole, 1e-9)
        done += share * (stage.tasks - len(open_tasks))
        _report(progress, done, stage)
        for _ in runner(work.folder, stage.name, open_tasks):
            done += share
            _report(progress, done, stage)
        for files in stage.discards:
            work.files.delete(files)


def _report(progress: Progress | None, done: float, stage: Stage) -> None:
    if progress is not None:
        progress(min(done, 1.0), stage.title)


def _finish(work: Workspace) -> None:
    """Write the summary, move the results to their place at once, and delete the working files."""
    plan, results = work.plan, work.files.folder / RESULTS
    layers = []
    for layer in range(plan.spec.layers):
        cut = json.loads((work.files.folder / f"{layer}/cut.json").read_text())
        counts = work.files.load(f"{layer}/counts-0")
        for block in range(1, plan.blocks):
            counts = counts + work.files.load(f"{layer}/counts-{block}")
        del cut["reliability"]
        layers.append({"edges": int(counts[0]), "pruned": int(counts[1]), **cut})
    about = {
        "format": FORMAT,
        "version": __version__,
        "num_nodes": plan.num_nodes,
        "inputs": sorted(plan.inputs),
        "spec": asdict(plan.spec),
        "layers": layers,
    }
    write_atomically(results / "summary.json", json.dumps(about, indent=1).encode())
    os.replace(results, work.folder / RESULTS)
    shutil.rmtree(work.files.folder)
