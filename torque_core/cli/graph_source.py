"""The graph that a command line names: a data set, or files."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from torque_core.datasets import DATASETS, DatasetSpec, LoadedDataset, download, load
from torque_core.datasets.importers import FILE_EXTENSIONS, ImportLimits, import_graph
from torque_core.datasets.info import USER_GRAPH
from torque_core.errors import BadConfig, BadFile

__all__ = ["GraphSource", "graph_source"]

_MAX_BYTES = ImportLimits().megabytes * 1_000_000
_STDIN = "-"


@dataclass(frozen=True)
class GraphSource:
    """A graph that can be loaded with any of its splits.

    Attributes:
        name: Name of the data set, or of the files.
        load: Returns the graph with a split, by scheme (None for the default one) and number.
    """

    name: str
    load: Callable[[str | None, int], LoadedDataset]


def graph_source(options: argparse.Namespace) -> GraphSource:
    """Find the graph that the words of a command line name. Files are read at once, a data set when it is loaded.

    Raises:
        BadConfig: If no graph is named, or a name is neither that of a data set nor of a file.
        BadFile: If a file cannot be read as a graph.
    """
    words: Sequence[str] = options.graph or []
    if not words:
        raise BadConfig(f"name a graph: a file, or one of {', '.join(DATASETS)}")
    if len(words) == 1 and words[0] in DATASETS:
        return GraphSource(
            words[0],
            lambda scheme, split: _load(DatasetSpec(words[0], scheme, split, directed=options.directed), options.quiet),
        )
    for word in words:
        if word in DATASETS and not Path(word).exists():
            raise BadConfig(f"{word} is a data set, which must be the only graph; got {' '.join(words)}")
        if word != _STDIN and Path(word).suffix.lower() not in FILE_EXTENSIONS and not Path(word).exists():
            DatasetSpec(word)  # raises an error that lists the data sets
    contents = dict(map(_read, words))
    if len(contents) < len(words):
        raise BadConfig("the files must have different names")
    imported = import_graph(contents)
    return GraphSource(
        ", ".join(contents),
        lambda scheme, split: imported.dataset(
            DatasetSpec(
                USER_GRAPH,
                scheme or imported.info.default_scheme,
                split,
                content=imported.content,
                directed=options.directed,
            )
        ),
    )


def _load(spec: DatasetSpec, quiet: bool) -> LoadedDataset:
    # None: a bar on a terminal only, never in a file or a pipe
    with tqdm(desc=f"download {spec.name}", unit="B", unit_scale=True, disable=quiet or None, leave=False) as bar:
        download(spec, progress=lambda done: bar.update(done - bar.n) and None)
    return load(spec)


def _read(word: str) -> tuple[str, bytes]:
    """Return the name and the content of a file, or of standard input."""
    try:
        if word == _STDIN:
            content = sys.stdin.buffer.read(_MAX_BYTES + 1)
            return f"stdin{_extension(content)}", content
        with Path(word).open("rb") as file:
            return Path(word).name, file.read(_MAX_BYTES + 1)  # import_graph refuses more than the limit
    except OSError as error:
        raise BadFile(f"cannot read {word}: {error.strerror or error}") from error


def _extension(content: bytes) -> str:
    """Return the extension of the format that the content begins with."""
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"pk"):
        return ".npz"
    if start.startswith(b"<"):
        return ".gexf" if b"<gexf" in start else ".graphml"
    return ".json" if start.startswith((b"{", b"[")) else ".csv"
