"""Plan of a rewiring in files: its inputs, its spec, and the blocks of nodes that fit into memory."""

import json
import math
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from torque_core import __version__
from torque_core.errors import BadConfig, BadFile, BadGraph
from torque_core.graph.column_statistics import CHUNK_ROWS
from torque_core.out_of_core.edge_source import (
    EdgeColumns,
    EdgePart,
    check_columns,
    count_edges,
    edge_files,
    split_edges,
)
from torque_core.rewiring.spec import AUTO, RewireSpec

__all__ = ["FORMAT", "StorePlan", "check_disk", "make_plan"]

FORMAT = 2
"""Version of the files; a rewiring is only continued by a program that writes the same."""

LEVERS = ("structural", "feature", "euclidean", "unit")
FORCES = ("dirichlet", "cosine", "energy", "unit")

# Largest memory of each step, in bytes, as measured with `python -m torque_core.bench.out_of_core`
_ROW_BYTES = 6 * 4  # a feature of a node: x, mean1 and mean2 of two blocks
_RECORD_BYTES = 110  # an edge of the input while the edges of a block are sorted
_CUT_BYTES = 30  # an edge, when all torques are compared with the null model
_FIXED_BYTES = 400_000_000  # torque of 262,144 pairs, batches of the input, buffers of pyarrow
_SHARE = 0.7  # of the memory that blocks may take; the rest is for what an estimate misses


@dataclass(frozen=True, kw_only=True)
class StorePlan:
    """What :func:`~torque_core.out_of_core.rewire_store.rewire_store` is to do, as its manifest says.

    Attributes:
        spec: How to rewire.
        features: Path of the feature file.
        parts: Parts of the edges, each read at once.
        columns: Names of the columns of the edges.
        weighted: Whether the edges have weights.
        num_nodes: :math:`|\\mathcal{V}|`.
        num_features: :math:`F`.
        num_rows: Number of rows of the edge files, an upper bound for CSV files.
        rows: Nodes of a block, a multiple of 4,096 unless there is only one block.
        buffer_rows: Edges that are sorted into blocks before they are written.
        inputs: Size and time of change of each input file, by its path.
    """

    spec: RewireSpec
    features: str
    parts: tuple[EdgePart, ...]
    columns: EdgeColumns
    weighted: bool
    num_nodes: int
    num_features: int
    num_rows: int
    rows: int
    buffer_rows: int
    inputs: dict[str, tuple[int, int]]

    @property
    def blocks(self) -> int:
        """Number of blocks of nodes."""
        return math.ceil(self.num_nodes / self.rows)

    def nodes(self, block: int) -> slice:
        """Nodes of a block."""
        return slice(block * self.rows, min((block + 1) * self.rows, self.num_nodes))

    def size(self, block: int) -> int:
        """Number of nodes of a block."""
        nodes = self.nodes(block)
        return nodes.stop - nodes.start

    @property
    def disk_bytes(self) -> int:
        """Largest disk space that the working files and the results need; a row of the input counts as an edge."""
        nodes = 3 * 4 * self.num_nodes * self.num_features + 8 * 4 * self.num_nodes
        inputs = (16 + 8 * self.weighted) * self.num_rows
        per_layer = (8 + 8) + 4 + 12 + 48  # the graph, the distances of features, the torques, a row of the result
        return nodes + inputs + 16 * self.num_rows + per_layer * self.num_rows * self.spec.layers

    def to_json(self) -> str:
        """The plan as JSON, read again by :meth:`from_json`."""
        return json.dumps({"format": FORMAT, "version": __version__, **asdict(self)}, indent=1)

    @classmethod
    def from_json(cls, text: str, where: Path) -> "StorePlan":
        """Read a plan.

        Raises:
            BadConfig: If another version wrote it.
            BadFile: If it is damaged.
        """
        try:
            values: dict[str, Any] = json.loads(text)
            written, version = values.pop("format"), values.pop("version")
            if written != FORMAT:
                raise BadConfig(
                    f"{where} holds a rewiring in format {written}, written by version {version}; this version "
                    f"({__version__}) reads format {FORMAT}. Choose another folder, or replace it with --overwrite"
                )
            parts = tuple(EdgePart(part["file"], tuple(part["groups"])) for part in values.pop("parts"))
            inputs = {name: tuple(stamp) for name, stamp in values.pop("inputs").items()}
            spec, columns = RewireSpec(**values.pop("spec")), EdgeColumns(**values.pop("columns"))
            return cls(spec=spec, columns=columns, parts=parts, inputs=inputs, **values)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            if isinstance(error, BadConfig):
                raise
            raise BadFile(f"{where} is not the manifest of a rewiring, or it is damaged: {error}") from error


def make_plan(edges: Path, features: Path, spec: RewireSpec, columns: EdgeColumns, max_memory: int | None) -> StorePlan:
    """Check the inputs, and choose blocks that fit into ``max_memory`` bytes; None for the memory that is available.

    Raises:
        BadFile: If an input cannot be read.
        BadGraph: If the features are not a matrix of at least two rows.
        BadConfig: If the spec is not supported, or the memory does not hold a block.
    """
    _check_spec(spec)
    files = edge_files(edges)
    weighted = check_columns(files, columns)
    num_nodes, num_features = _feature_shape(features)
    num_rows = count_edges(files)
    process = psutil.Process().memory_info().rss
    available = psutil.virtual_memory().available + process if max_memory is None else max_memory
    budget = max(0.0, _SHARE * (available - process - _FIXED_BYTES))
    smallest, row_bytes = min(num_nodes, CHUNK_ROWS), _ROW_BYTES * num_features
    needed = max(smallest * row_bytes, _CUT_BYTES * num_rows)
    if needed > budget:
        raise BadConfig(
            f"{available / 1e9:.1f} GB of memory cannot hold one block of this graph ({num_nodes:,} nodes, "
            f"{num_features:,} features, {num_rows:,} edges); give at least "
            f"{math.ceil((needed / _SHARE + process + _FIXED_BYTES) / 1e8) / 10:.1f} GB by max_memory"
        )
    # an edge is sorted with its smaller node, so that the first of several blocks has up to twice its share
    rows = int(min(budget // row_bytes, num_nodes / max(1, 2 * num_rows * _RECORD_BYTES / budget)))
    rows = num_nodes if rows >= num_nodes else max(smallest, rows // CHUNK_ROWS * CHUNK_ROWS)
    buffer_rows = max(1 << 16, int(budget / 64))
    return StorePlan(
        spec=spec,
        features=str(features.resolve()),
        parts=tuple(split_edges(files, buffer_rows)),
        columns=columns,
        weighted=weighted,
        num_nodes=num_nodes,
        num_features=num_features,
        num_rows=num_rows,
        rows=rows,
        buffer_rows=buffer_rows,
        inputs={str(file): _stamp(file) for file in [*files, features.resolve()]},
    )


def _check_spec(spec: RewireSpec) -> None:
    """Raise :class:`BadConfig` if a rewiring in files does not support the spec."""
    if spec.additions:
        raise BadConfig(f"additions need a search among all nodes in memory; set additions=0 (got {spec.additions:g})")
    for name, known in (("lever", LEVERS), ("force", FORCES)):
        value = getattr(spec, name)
        if value not in known:
            why = "its choice" if value == AUTO else "it"
            raise BadConfig(f"{name} must be one of {', '.join(known)} in files, got {value!r}: {why} needs all of the "
                            "graph in memory")  # fmt: skip
    if spec.learned:
        raise BadConfig(f"cut {spec.cut!r} is learned in training; choose another one for a rewiring in files")


def check_disk(plan: StorePlan, folder: Path) -> None:
    """Raise :class:`BadConfig` if the disk has less space than the rewiring may need."""
    needed, free = plan.disk_bytes, shutil.disk_usage(folder).free
    if needed > free:
        raise BadConfig(
            f"the rewiring needs up to {needed / 1e9:.1f} GB in {folder}, but {free / 1e9:.1f} GB are free; choose a "
            "folder on a larger disk"
        )


def _feature_shape(path: Path) -> tuple[int, int]:
    try:
        features = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise BadFile(f"cannot read {path} as an array of features (.npy): {error}") from error
    if not isinstance(features, np.ndarray) or features.ndim != 2 or features.shape[1] == 0:
        shape = getattr(features, "shape", type(features).__name__)
        raise BadGraph(f"{path} must hold an array of shape (nodes, features) with features >= 1, got {shape}")
    if features.dtype.kind not in "fiub":
        raise BadGraph(f"{path} must hold real numbers, got {features.dtype}")
    if len(features) < 2:
        raise BadGraph(f"{path} has {len(features)} row(s); rewiring needs at least 2 nodes")
    return features.shape[0], features.shape[1]


def _stamp(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_size, status.st_mtime_ns
