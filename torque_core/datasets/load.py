"""Load a data set, ready for rewiring and training."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor
from torch_geometric.data import Data

from torque_core.datasets.attributes import GraphAttributes
from torque_core.datasets.clean import CleanedGraph, clean_graph, format_count, largest_component
from torque_core.datasets.files import Progress, data_root, ensure_files, missing_files
from torque_core.datasets.info import USER_GRAPH, DatasetInfo, SplitScheme
from torque_core.datasets.registry import DATASETS
from torque_core.datasets.spec import DatasetSpec
from torque_core.datasets.splits import Split, fixed_split, stratified_split
from torque_core.errors import DatasetUnavailable

__all__ = ["LoadedDataset", "download", "is_local", "load", "split_dataset"]


@dataclass(frozen=True)
class LoadedDataset:
    """A graph with one split, its description and notes.

    Attributes:
        data: ``x`` :math:`(|\\mathcal{V}|, F)` float32; ``y`` :math:`(|\\mathcal{V}|,)` int64 with -1 where unknown;
            ``edge_index``, sorted and without self-loops, :math:`(2, 2|\\mathcal{E}|)` with both directions of every
            edge, or with those of the source only if the spec is ``directed``; and the boolean masks ``train_mask``,
            ``val_mask`` and ``test_mask`` :math:`(|\\mathcal{V}|,)`, which contain labelled nodes only.
        info: The entry of :data:`DATASETS`.
        notes: One sentence for each change and each peculiarity.
        names: Names of the nodes; None if they are only numbered.
        attributes: Further attributes of the nodes and edges; None unless the graph was imported from files.
    """

    data: Data
    info: DatasetInfo
    notes: tuple[str, ...]
    names: tuple[str, ...] | None = None
    attributes: GraphAttributes | None = None

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """Names of the classes, by label; None if they are only numbered."""
        return self.info.class_names


def load(spec: DatasetSpec | str, *, root: str | Path | None = None, progress: Progress | None = None) -> LoadedDataset:
    """Load a data set; download it first if it is neither built in nor on disk.

    Args:
        spec: The data set and its split; a name selects the default split.
        root: Folder of all data sets; by default ``$TORQUE_DATA``, else the user's cache folder.
        progress: Called with the number of bytes downloaded so far.

    Raises:
        DatasetUnavailable: If the data set cannot be downloaded or read, or is a graph imported from files, which
            :func:`~torque_core.datasets.importers.import_graph` returns.
        MissingDependency: If a built-in data set belongs to a package that is not installed.

    Example:
        >>> karate = load("karate")
        >>> karate.data
        Data(x=[34, 34], edge_index=[2, 156], y=[34], train_mask=[34], val_mask=[34], test_mask=[34])
        >>> karate.notes
        ('The data set has no features; one-hot node ids are used instead.',)
    """
    spec = DatasetSpec(spec) if isinstance(spec, str) else spec
    if spec.name == USER_GRAPH:
        raise DatasetUnavailable("this graph was imported from files; read them again with import_graph")
    info = DATASETS[spec.name]
    scheme = next(offered for offered in info.splits if offered.name == spec.scheme)
    # imported on demand, for their dependencies
    if info.kind == "built in":
        from torque_core.datasets.builtin import built_in_graph

        graph = clean_graph(built_in_graph(spec))
    else:
        from torque_core.datasets.benchmark import read_benchmark

        graph = read_benchmark(info, scheme.name, data_root(root), progress, directed=spec.directed)
    if scheme.largest_component:
        graph = largest_component(graph)
    return split_dataset(graph, info, scheme, spec.split)


def split_dataset(
    graph: CleanedGraph, info: DatasetInfo, scheme: SplitScheme, index: int, attributes: GraphAttributes | None = None
) -> LoadedDataset:
    """Return a graph with one of its splits.

    Args:
        graph: The graph, reduced to the nodes that the scheme splits.
        info: Description of the data set.
        scheme: How the nodes are split.
        index: Which split of the scheme.
        attributes: All attributes of the nodes and edges of an imported graph.
    """
    y = graph.data["y"]
    if scheme.fractions is None:
        split = fixed_split(graph.data, index)
    else:
        split = stratified_split(y, scheme.fractions, seed=index)
    fields = {key: graph.data[key] for key in ("x", "y", "edge_index", "edge_weight") if key in graph.data}
    data = Data(**fields, train_mask=split.train, val_mask=split.val, test_mask=split.test)
    notes = graph.notes + _split_notes(y, split, info.class_names)
    return LoadedDataset(data, info, notes, graph.data.get("names"), attributes)


def download(spec: DatasetSpec, *, root: str | Path | None = None, progress: Progress | None = None) -> None:
    """Download the raw files of a data set if they are missing, so that :func:`load` needs no network.

    Args:
        spec: The data set.
        root: Folder of all data sets, see :func:`load`.
        progress: Called with the number of bytes downloaded so far.

    Raises:
        DatasetUnavailable: If a file cannot be downloaded.

    Example:
        >>> download(DatasetSpec("karate"))  # built in: no download
    """
    info = DATASETS[spec.name]
    if info.kind == "download":
        from torque_core.datasets.benchmark import raw_files

        files = raw_files(info.name, spec.scheme or info.default_scheme)
        ensure_files(data_root(root) / files.folder, files.urls, title=info.title, progress=progress)


def is_local(name: str, *, root: str | Path | None = None) -> bool:
    """Return True if a data set with its default split can be loaded without a network.

    Example:
        >>> is_local("karate")
        True
    """
    info = DATASETS[name]
    if info.kind != "download":
        return True
    from torque_core.datasets.benchmark import raw_files

    files = raw_files(name, info.default_scheme)
    return not missing_files(data_root(root) / files.folder, files.urls)


def _split_notes(y: Tensor, split: Split, classes: Sequence[str] | None = None) -> tuple[str, ...]:
    """Describe the peculiarities of a split, one sentence each.

    Args:
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.
        split: The split.
        classes: Names of the classes, by label.
    """
    parts = {"training": split.train, "validation": split.val, "test": split.test}
    notes = []
    unused = int(((y >= 0) & ~(split.train | split.val | split.test)).sum())
    if unused:
        notes.append(f"{format_count(unused, 'labelled node', 'is')} in no part of this split.")
    for label in (y[y >= 0].bincount() == 1).nonzero().flatten().tolist():
        node = int((y == label).nonzero())
        part = next((f"in the {name} set only" for name, mask in parts.items() if mask[node]), "in no set")
        notes.append(f"Class {classes[label] if classes else label} has a single node, which is {part}.")
    return tuple(notes)
