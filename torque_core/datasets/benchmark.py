"""Benchmark graphs: their raw files, which PyG's data set classes parse.

The folders have PyG's layout, with one folder per class below the root. Only raw files are kept: parsing them takes at
most a few seconds, while PyG's ``processed`` copies take up to a gigabyte, need a writable folder and can be left
incomplete.

Planetoid's raw files are pickles. They are downloaded from their authors' repository over a verified connection; do
not replace them by files from sources that you do not trust. Other data sets are read without unpickling; the splits of
Penn94 are a pickle as well, from which only lists of integers are accepted.
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

from torque_core.datasets.clean import CleanedGraph, clean_graph
from torque_core.datasets.files import Progress, ensure_files
from torque_core.datasets.info import GEOM_GCN, LINKX, DatasetInfo
from torque_core.datasets.linkx_splits import read_linkx_splits
from torque_core.errors import DatasetUnavailable
from torque_core.graph.pairs import undirected_pairs

__all__ = ["RawFiles", "raw_files", "read_benchmark"]

_GOOGLE_DRIVE = "https://drive.usercontent.google.com/download?id={}&confirm=t"
"""URL of a file, as in :func:`torch_geometric.data.download_google_url`."""


@dataclass(frozen=True)
class RawFiles:
    """The raw files of a data set.

    Attributes:
        folder: Their folder below the root.
        urls: Their URLs by name.
        read: A function that parses them, called with the root.
    """

    folder: Path
    urls: Mapping[str, str]
    read: Callable[[Path], Data]


def read_benchmark(
    info: DatasetInfo, scheme: str, root: Path, progress: Progress | None = None, *, directed: bool = False
) -> CleanedGraph:
    """Read a benchmark graph from its raw files; download missing ones.

    Args:
        info: The data set.
        scheme: Name of the split scheme, which determines the files.
        root: Folder of all data sets.
        progress: Called with the number of bytes downloaded so far.
        directed: Whether to keep the direction of the edges.

    Raises:
        DatasetUnavailable: If a file cannot be downloaded or read, or the graph has other sizes than in the registry.
    """
    files = raw_files(info.name, scheme)
    folder = root / files.folder
    ensure_files(folder, files.urls, title=info.title, progress=progress)
    repair = f"a file in {folder} is damaged; delete its files ({', '.join(files.urls)}) and load it again"
    try:
        graph = clean_graph(files.read(root), directed=directed)
    except MemoryError:
        raise
    except Exception as error:  # a damaged file can cause any type of error
        raise DatasetUnavailable(f"{info.title} cannot be read ({type(error).__name__}: {error}): {repair}") from error
    if differences := _differences(info, graph.data):
        raise DatasetUnavailable(f"{info.title} is not as registered ({differences}): {repair}")
    return graph


def _differences(info: DatasetInfo, data: Data) -> str:
    """Compare the sizes of a graph with the registry, since half a text file is often valid.

    Returns:
        The differences for a reader; empty if there are none.
    """
    x, y, edge_index = data["x"], data["y"], data["edge_index"]
    sizes = {
        "nodes": (len(x), info.nodes),
        "edges": (undirected_pairs(edge_index, len(x)).size(1), info.edges),
        "features": (x.size(1), info.features),
        "classes": (int(y.max()) + 1 if len(y) else 0, info.classes),
    }
    tolerance = 0.01 if info.homophily is None else 0.0  # without it the sizes are from the literature, not measured
    return ", ".join(
        f"{actual:,} {noun} instead of {registered:,}"
        for noun, (actual, registered) in sizes.items()
        if registered is not None and abs(actual - registered) > tolerance * registered
    )


def raw_files(name: str, scheme: str) -> RawFiles:
    """Return the location, the URLs and the parser of the raw files of a data set.

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
            return _linkx(name, scheme)
        case ["wikics"]:
            urls = {"data.json": f"{pyg.WikiCS.url}/data.json"}
            return _pyg(pyg.WikiCS, "wikics/raw", urls, is_undirected=False)
        case ["flickr"]:
            ids = {
                "adj_full.npz": pyg.Flickr.adj_full_id,
                "feats.npy": pyg.Flickr.feats_id,
                "class_map.json": pyg.Flickr.class_map_id,
                "role.json": pyg.Flickr.role_id,
            }
            return _pyg(pyg.Flickr, "flickr/raw", {file: _GOOGLE_DRIVE.format(key) for file, key in ids.items()})
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


def _linkx(name: str, scheme: str) -> RawFiles:
    files = _pyg(pyg.LINKXDataset, f"linkx/{name}/raw", pyg.LINKXDataset.datasets[name], name=name)
    if scheme != LINKX.name:
        return files
    url = pyg.LINKXDataset.splits[name]
    file = url.rpartition("/")[2]

    def read(root: Path) -> Data:
        data = files.read(root)
        return data.update(read_linkx_splits(root / files.folder / file, len(data["y"])))

    return RawFiles(files.folder, {**files.urls, file: url}, read)


def _geom_gcn(cls: type[InMemoryDataset], folder: str, url: str, source: str, **options: str) -> RawFiles:
    names = ("out1_node_feature_label.txt", "out1_graph_edges.txt")
    urls = {file: f"{url}/new_data/{source}/{file}" for file in names}
    return _pyg(cls, folder, urls | _split_urls(url, source), **options)


def _split_urls(url: str, source: str) -> dict[str, str]:
    names = (f"{source}_split_0.6_0.2_{index}.npz" for index in range(10))
    return {file: f"{url}/splits/{file}" for file in names}


def _pyg(cls: type[InMemoryDataset], folder: str, urls: Mapping[str, str], **options: str | bool) -> RawFiles:
    reader = type(cls.__name__, (_ReadOnly, cls), {})
    base = folder.partition("/")[0]  # PyG's root folder for this class
    return RawFiles(Path(folder), urls, lambda root: reader(str(root / base), **options)[0])


class _ReadOnly:
    """Mixin that reduces a PyG data set class to its parser, without downloads, output or saved files.

    PyG's constructors download the raw files, run ``process``, which parses and saves the graph, and load the result.
    """

    has_download = has_process = False
    #: LINKX: PyG would unpickle the splits of Penn94, see :func:`read_linkx_splits`.
    splits: Mapping[str, str] = {}

    def load(self, path: str) -> None:
        """Run PyG's parser instead of loading a saved graph."""
        self.process()  # type: ignore[attr-defined]

    def save(self, data_list: list[Data], path: str) -> None:
        """Keep the graph in memory instead of saving it."""
        self.data, self.slices = data_list[0], None


def _read_filtered(path: Path) -> Data:
    """Read a Wikipedia network without duplicate nodes, stored in the layout of ``HeterophilousGraphDataset``."""
    with np.load(path, allow_pickle=False) as file:
        raw: dict[str, Any] = {key: torch.from_numpy(file[key]) for key in file.files}
    masks = {f"{part}_mask": raw[f"{part}_masks"].t() for part in ("train", "val", "test")}  # (N, 10)
    edge_index = to_undirected(raw["edges"].t(), num_nodes=len(raw["node_labels"]))
    return Data(x=raw["node_features"], y=raw["node_labels"], edge_index=edge_index, **masks)
