"""From a spec to a graph that is ready to rewire and train on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor
from torch_geometric.data import Data

from torque_core.datasets.clean import count_of, largest_component, tidy
from torque_core.datasets.files import Progress, data_root, ensure_files
from torque_core.datasets.info import YOURS, DatasetInfo
from torque_core.datasets.registry import DATASETS
from torque_core.datasets.spec import DatasetSpec
from torque_core.datasets.splits import Split, fixed_split, stratified_split
from torque_core.errors import DatasetUnavailable

__all__ = ["LoadedDataset", "download", "load", "split_notes"]


@dataclass(frozen=True)
class LoadedDataset:
    """A graph with one split, what is known of it, and what is peculiar about it.

    Attributes:
        data: ``x`` :math:`(|\\mathcal{V}|, F)` float32, ``y`` :math:`(|\\mathcal{V}|,)` int64 with -1 where
            unknown, ``edge_index`` :math:`(2, 2|\\mathcal{E}|)` both ways, sorted, without self-loops, and
            the bool masks ``train_mask``, ``val_mask``, ``test_mask`` :math:`(|\\mathcal{V}|,)`, which
            hold labelled nodes only.
        info: The entry of :data:`DATASETS`.
        notes: A sentence for each thing that was changed or is peculiar.
        names: The nodes' names, where they have them.
    """

    data: Data
    info: DatasetInfo
    notes: tuple[str, ...]
    names: tuple[str, ...] | None = None

    @property
    def class_names(self) -> tuple[str, ...] | None:
        """What the classes are called, by label; None if they have nothing but their numbers."""
        return self.info.class_names


def load(spec: DatasetSpec | str, *, root: str | Path | None = None, progress: Progress | None = None) -> LoadedDataset:
    """Load a data set, downloading it first if it is neither built in nor on disk.

    Args:
        spec: Which set, with which split; a name stands for that set with its first split.
        root: Folder of all data sets; by default ``$TORQUE_DATA``, else the user's cache folder.
        progress: Gets the bytes downloaded so far, while a download runs.

    Raises:
        DatasetUnavailable: It cannot be downloaded, its files cannot be read, or it is a person's own, which
            :func:`~torque_core.datasets.importers.import_graph` reads.

    Example:
        >>> karate = load("karate")
        >>> karate.data
        Data(x=[34, 34], edge_index=[2, 156], y=[34], train_mask=[34], val_mask=[34], test_mask=[34])
        >>> karate.notes
        ('Features are the one-hot node ids: the set has none of its own.',)
    """
    spec = DatasetSpec(spec) if isinstance(spec, str) else spec
    if spec.name == YOURS:
        raise DatasetUnavailable("this graph was imported from files; read them with import_graph, which returns it")
    info = DATASETS[spec.name]
    scheme = next(known for known in info.splits if known.name == spec.scheme)
    # Imported on demand: they bring in what only they need.
    if info.kind == "built in":
        from torque_core.datasets.builtin import built_in

        graph = tidy(built_in(spec))
    else:
        from torque_core.datasets.benchmark import read_benchmark

        graph = read_benchmark(info, scheme.name, data_root(root), progress)
    if scheme.largest_component:
        graph = largest_component(graph)
    x, y, edge_index = (graph.data[key] for key in ("x", "y", "edge_index"))
    if scheme.fractions is None:
        split = fixed_split(graph.data, spec.split)
    else:
        split = stratified_split(y, scheme.fractions, seed=spec.split)
    data = Data(x=x, y=y, edge_index=edge_index, train_mask=split.train, val_mask=split.val, test_mask=split.test)
    return LoadedDataset(data, info, graph.notes + split_notes(y, split, info.class_names), graph.data.get("names"))


def download(spec: DatasetSpec, *, root: str | Path | None = None, progress: Progress | None = None) -> None:
    """Bring the raw files of a data set to disk if they are not there yet; :func:`load` then needs no network.

    Raises:
        DatasetUnavailable: They cannot be had.

    Example:
        >>> download(DatasetSpec("karate"))  # built in: nothing to do
    """
    info = DATASETS[spec.name]
    if info.kind == "download":
        from torque_core.datasets.benchmark import raw_files

        files = raw_files(info.name, spec.scheme or info.default_scheme)
        ensure_files(data_root(root) / files.folder, files.urls, title=info.title, progress=progress)


def split_notes(y: Tensor, split: Split, classes: Sequence[str] | None = None) -> tuple[str, ...]:
    """What is peculiar about a split."""
    parts = {"training": split.train, "validation": split.val, "test": split.test}
    notes = []
    left_out = int(((y >= 0) & ~(split.train | split.val | split.test)).sum())
    if left_out:
        notes.append(f"{count_of(left_out, 'labelled node', 'is')} in no part of this split.")
    for label in (y[y >= 0].bincount() == 1).nonzero().flatten().tolist():
        node = int((y == label).nonzero())
        where = next((f"is in the {name} set only" for name, mask in parts.items() if mask[node]), "is in no set")
        notes.append(f"Class {classes[label] if classes else label} has a single node, which {where}.")
    return tuple(notes)
