"""Benchmark graphs: which raw files they need, and PyG's own classes to read them.

The folders are those in which PyG's classes look, with one folder per class below the root. Nothing but
raw files is kept there: reading them takes at most a few seconds, while PyG's ``processed`` copies
take up to a gigabyte, need a writable folder and can be left half-written.

Planetoid's raw files are pickles. They come from their authors' repository over a verified connection;
put no others in their place that you do not trust.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch_geometric import datasets as pyg
from torch_geometric.data import Data, InMemoryDataset
from torch_geometric.utils import to_undirected

from torque_core.datasets.clean import Tidied, tidy
from torque_core.datasets.files import Progress, ensure_files
from torque_core.datasets.info import GEOM_GCN, DatasetInfo
from torque_core.errors import DatasetUnavailable

__all__ = ["RawFiles", "raw_files", "read_benchmark"]


@dataclass(frozen=True)
class RawFiles:
    """The raw files of one set: their folder below the root, their URLs by name, and how to read them."""

    folder: Path
    urls: Mapping[str, str]
    read: Callable[[Path], Data]


def read_benchmark(info: DatasetInfo, scheme: str, root: Path, progress: Progress | None = None) -> Tidied:
    """Read a benchmark graph from below ``root``, after downloading what is missing there.

    Raises:
        DatasetUnavailable: A file is missing and cannot be had, or cannot be read.
    """
    files = raw_files(info.name, scheme)
    folder = root / files.folder
    ensure_files(folder, files.urls, title=info.title, progress=progress)
    try:
        return tidy(files.read(root))
    except MemoryError:
        raise
    except Exception as error:  # a damaged file may fail in any way
        raise DatasetUnavailable(
            f"{info.title} cannot be read ({type(error).__name__}: {error}): a file in {folder} is damaged; "
            f"delete its files ({', '.join(files.urls)}) and load it again"
        ) from error


def raw_files(name: str, scheme: str) -> RawFiles:
    """Where the raw files of a set lie and come from.

    Example:
        >>> files = raw_files("amazon_photo", "random-48-32-20")
        >>> files.folder.as_posix(), list(files.urls)
        ('amazon/Photo/raw', ['amazon_electronics_photo.npz'])
    """
    match name.split("_"):
        case ["cora" | "citeseer" | "pubmed"]:
            return _planetoid(name, scheme)
        case ["texas" | "cornell" | "wisconsin"]:
            return _geom_gcn(pyg.WebKB, f"webkb/{name}/raw", pyg.WebKB.url, name, name=name)
        case ["chameleon" | "squirrel"]:
            url = pyg.WikipediaNetwork.processed_url
            return _geom_gcn(pyg.WikipediaNetwork, f"wikipedia/{name}/geom_gcn/raw", url, name, name=name)
        case ["actor"]:
            return _geom_gcn(pyg.Actor, "actor/raw", pyg.Actor.url, "film")
        case ["chameleon" | "squirrel", "filtered"]:
            urls = {f"{name}.npz": f"{pyg.HeterophilousGraphDataset.url}/{name}.npz"}
            folder = Path("filtered_wikipedia")
            return RawFiles(folder, urls, lambda root: _read_filtered(root / folder / f"{name}.npz"))
        case ["amazon", "computers" | "photo" as which]:
            urls = {(file := f"amazon_electronics_{which}.npz"): pyg.Amazon.url + file}
            return _pyg(pyg.Amazon, f"amazon/{which.capitalize()}/raw", urls, name=which)
        case ["coauthor", "cs" | "physics" as which]:
            urls = {(file := f"ms_academic_{which[:3]}.npz"): pyg.Coauthor.url + file}
            folder_name = {"cs": "CS", "physics": "Physics"}[which]
            return _pyg(pyg.Coauthor, f"coauthor/{folder_name}/raw", urls, name=which)
        case ["airports", which]:
            urls = {
                f"{which}-airports.edgelist": pyg.Airports.edge_url.format(which),
                f"labels-{which}-airports.txt": pyg.Airports.label_url.format(which),
            }
            return _pyg(pyg.Airports, f"airports/{which}/raw", urls, name=which)
        case [("penn94" | "reed98" | "amherst41" | "cornell5" | "johnshopkins55")]:
            return _pyg(pyg.LINKXDataset, f"linkx/{name}/raw", pyg.LINKXDataset.datasets[name], name=name)
        case _:
            urls = {f"{name}.npz": f"{pyg.HeterophilousGraphDataset.url}/{name}.npz"}
            return _pyg(pyg.HeterophilousGraphDataset, f"heterophilous/{name}/raw", urls, name=name)


def _planetoid(name: str, scheme: str) -> RawFiles:
    urls = {
        (file := f"ind.{name}.{part}"): f"{pyg.Planetoid.url}/{file}"
        for part in ("x", "tx", "allx", "y", "ty", "ally", "graph", "test.index")
    }
    title = {"cora": "Cora", "citeseer": "CiteSeer", "pubmed": "PubMed"}[name]
    if scheme != GEOM_GCN.name:
        return _pyg(pyg.Planetoid, f"planetoid/{title}/raw", urls, name=title)
    urls |= _split_urls(pyg.Planetoid.geom_gcn_url, name)
    return _pyg(pyg.Planetoid, f"planetoid/{title}/geom-gcn/raw", urls, name=title, split="geom-gcn")


def _geom_gcn(cls: type[InMemoryDataset], folder: str, url: str, source: str, **options: str) -> RawFiles:
    names = ("out1_node_feature_label.txt", "out1_graph_edges.txt")
    urls = {file: f"{url}/new_data/{source}/{file}" for file in names}
    return _pyg(cls, folder, urls | _split_urls(url, source), **options)


def _split_urls(url: str, source: str) -> dict[str, str]:
    names = (f"{source}_split_0.6_0.2_{index}.npz" for index in range(10))
    return {file: f"{url}/splits/{file}" for file in names}


def _pyg(cls: type[InMemoryDataset], folder: str, urls: Mapping[str, str], **options: str) -> RawFiles:
    reader = type(cls.__name__, (_ReadOnly, cls), {})
    base = folder.partition("/")[0]  # PyG's root: each class has a folder of its own
    return RawFiles(Path(folder), urls, lambda root: reader(str(root / base), **options)[0])


class _ReadOnly:
    """Turns a PyG class into a mere reader, which downloads, prints and writes nothing.

    PyG's constructors download, then run ``process``, which saves the graph, and load what was saved.
    """

    has_download = has_process = False
    #: LINKX: Penn94's own splits are a pickle, and are left out.
    splits: Mapping[str, str] = {}

    def load(self, path: str) -> None:
        """Run PyG's parser in place of loading what it once saved."""
        self.process()  # type: ignore[attr-defined]

    def save(self, data_list: list[Data], path: str) -> None:
        """Keep the graph in memory in place of saving it."""
        self.data, self.slices = data_list[0], None


def _read_filtered(path: Path) -> Data:
    """Wikipedia networks without duplicate nodes, in the layout of ``HeterophilousGraphDataset``."""
    with np.load(path, allow_pickle=False) as file:
        raw: dict[str, Any] = {key: torch.from_numpy(file[key]) for key in file.files}
    masks = {f"{part}_mask": raw[f"{part}_masks"].t() for part in ("train", "val", "test")}  # (N, 10)
    edge_index = to_undirected(raw["edges"].t(), num_nodes=len(raw["node_labels"]))
    return Data(x=raw["node_features"], y=raw["node_labels"], edge_index=edge_index, **masks)
