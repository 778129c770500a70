"""Edges in Parquet or CSV files, read batch by batch."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from torque_core.errors import BadFile
from torque_core.utils.optional import require
from torque_core.utils.suggest import did_you_mean

__all__ = ["EdgeColumns", "EdgePart", "check_columns", "count_edges", "edge_files", "read_edges", "split_edges"]

_BATCH_ROWS = 1 << 20
_CSV_BLOCK = 1 << 24
_FEWEST_BYTES = 4  # of a row in a CSV file: two digits, a comma, and the end of the line
_CSV = (".csv", ".tsv", ".txt")

Batch = tuple[np.ndarray, np.ndarray | None]
"""Sources and targets of some edges, :math:`(2, M)`, and their weights, :math:`(M,)`, or None."""


@dataclass(frozen=True)
class EdgeColumns:
    """Names of the columns of a table of edges.

    Attributes:
        source: Column of the first node of an edge, an integer from 0.
        target: Column of the second node.
        weight: Column of the edge weight; the edges have no weights if no file has such a column.
    """

    source: str = "source"
    target: str = "target"
    weight: str = "weight"


@dataclass(frozen=True)
class EdgePart:
    """A part of the edges that is read at once.

    Attributes:
        file: Path of the file.
        groups: Row groups of a Parquet file, the first and the one after the last; (0, 0) for a CSV file, which is
            read as a whole.
    """

    file: str
    groups: tuple[int, int] = (0, 0)


def edge_files(path: Path) -> list[Path]:
    """The file, or the files of a folder in alphabetical order.

    Raises:
        BadFile: If there is none, or one is neither Parquet nor CSV.
    """
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if not file.name.startswith(("_", ".")))
        if not files:
            raise BadFile(f"the folder {path} has no files")
    else:
        files = [path]
    for file in files:
        if not file.is_file():
            raise BadFile(f"cannot read {file}: there is no such file")
        if file.suffix.lower() not in (".parquet", ".pq", *_CSV):
            raise BadFile(f"{file} is neither a .parquet nor a .csv file")
    return [file.resolve() for file in files]


def count_edges(files: list[Path]) -> int:
    """Number of rows of all files; for a CSV file the largest that its size allows."""
    return sum(
        file.stat().st_size // _FEWEST_BYTES if _is_csv(file) else _open_parquet(file).metadata.num_rows
        for file in files
    )


def split_edges(files: list[Path], most_rows: int) -> list[EdgePart]:
    """Parts of about ``most_rows`` rows; a CSV file and a row group of a Parquet file remain in one part."""
    parts = []
    for file in files:
        if _is_csv(file):
            parts.append(EdgePart(str(file)))
            continue
        metadata = _open_parquet(file).metadata
        first = rows = 0
        for group in range(metadata.num_row_groups):
            if rows and rows + metadata.row_group(group).num_rows > most_rows:
                parts.append(EdgePart(str(file), (first, group)))
                first, rows = group, 0
            rows += metadata.row_group(group).num_rows
        parts.append(EdgePart(str(file), (first, metadata.num_row_groups)))
    return parts


def read_edges(part: EdgePart, columns: EdgeColumns, num_nodes: int) -> Iterator[Batch]:
    """Read a part batch by batch; :func:`check_columns` has found its columns.

    Raises:
        BadFile: If a column holds no integers, or an id is not that of a node; the message names the value.
    """
    file = Path(part.file)
    first = 0
    for batch in _csv_batches(file) if _is_csv(file) else _parquet_batches(file, part.groups, columns):
        ends = np.stack([_node_ids(batch, name, file, first, num_nodes) for name in (columns.source, columns.target)])
        weight = None
        if columns.weight in batch.schema.names:
            weight = _numbers(batch.column(columns.weight), columns.weight, file).astype(np.float64)
            wrong = ~(np.isfinite(weight) & (weight >= 0))
            if wrong.any():
                at = int(wrong.argmax())
                raise BadFile(
                    f"{file}, row {first + at + 1}: {columns.weight} must be finite and at least 0, got {weight[at]:g}"
                )
        first += len(batch)
        yield ends, weight


def check_columns(files: list[Path], columns: EdgeColumns) -> bool:
    """Raise :class:`BadFile` if a file lacks a column; return whether the files have weights."""
    weighted = set()
    for file in files:
        names = _csv_names(file) if _is_csv(file) else _open_parquet(file).schema_arrow.names
        _check_columns(file, names, columns)
        weighted.add(columns.weight in names)
    if len(weighted) > 1:
        raise BadFile(f"some files have a column {columns.weight!r} and others do not; give all of them one")
    return weighted.pop()


def _is_csv(file: Path) -> bool:
    return file.suffix.lower() in _CSV


def _open_parquet(file: Path) -> Any:
    pyarrow, parquet = require("pyarrow", extra="large"), require("pyarrow.parquet", extra="large")
    try:
        return parquet.ParquetFile(file)
    except (pyarrow.ArrowException, ValueError) as error:
        raise BadFile(f"{file} is not a Parquet file: {error}") from error


def _parquet_batches(file: Path, groups: tuple[int, int], columns: EdgeColumns) -> Iterator[Any]:
    pyarrow, table = require("pyarrow", extra="large"), _open_parquet(file)
    names = [name for name in (columns.source, columns.target, columns.weight) if name in table.schema_arrow.names]
    try:
        yield from table.iter_batches(_BATCH_ROWS, row_groups=list(range(*groups)), columns=names)
    except (pyarrow.ArrowException, OSError) as error:
        raise BadFile(f"cannot read {file}: {error}") from error


def _csv_batches(file: Path) -> Iterator[Any]:
    pyarrow, csv = require("pyarrow", extra="large"), require("pyarrow.csv", extra="large")
    try:
        yield from csv.open_csv(
            file,
            read_options=csv.ReadOptions(block_size=_CSV_BLOCK),
            parse_options=csv.ParseOptions(delimiter="\t" if file.suffix.lower() == ".tsv" else ","),
        )
    except pyarrow.ArrowException as error:
        raise BadFile(f"cannot read {file}: {error}") from error


def _csv_names(file: Path) -> list[str]:
    for batch in _csv_batches(file):
        return list(batch.schema.names)
    raise BadFile(f"{file} has no rows")


def _check_columns(file: Path, names: list[str], columns: EdgeColumns) -> None:
    for name in (columns.source, columns.target):
        if name not in names:
            raise BadFile(
                f"{file} has no column {name!r}, only {', '.join(names)}{did_you_mean(name, names)}; name the columns "
                "by EdgeColumns, or on the command line by --columns SOURCE,TARGET"
            )


def _numbers(column: Any, name: str, file: Path) -> np.ndarray:
    pyarrow = require("pyarrow", extra="large")
    if column.null_count:
        raise BadFile(f"{file}: the column {name!r} has {column.null_count:,} missing values; remove these rows")
    if not (pyarrow.types.is_integer(column.type) or pyarrow.types.is_floating(column.type)):
        raise BadFile(f"{file}: the column {name!r} must hold numbers, got {column.type}")
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _node_ids(batch: Any, name: str, file: Path, first: int, num_nodes: int) -> np.ndarray:
    values = _numbers(batch.column(name), name, file)
    if not np.issubdtype(values.dtype, np.integer):
        raise BadFile(f"{file}: the column {name!r} must hold node numbers, integers from 0; got {values.dtype}")
    wrong = (values < 0) | (values >= num_nodes)
    if wrong.any():
        at = int(wrong.argmax())
        raise BadFile(
            f"{file}, row {first + at + 1}: {name} is {values[at]}, but the features have {num_nodes:,} rows, so node "
            f"numbers are 0 to {num_nodes - 1}"
        )
    return values.astype(np.int64)
