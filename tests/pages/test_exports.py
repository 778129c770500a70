"""Every export of an uploaded graph is read back by networkx, pandas and PyG, and equals the page."""

import io
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch_geometric.data import Data
from torch_geometric.utils import to_undirected

from pages.shared.views import export_menu
from torque_core.datasets.importers import import_graph

ROOT = Path(__file__).parents[2]
SIZE = 30
FILES = {
    "edges.csv": ("source,target,since\n" + "".join(
        f"n{i},n{(i + step) % SIZE},{1990 + i}\n" for i in range(SIZE) for step in (1, 2)
    )).encode(),
    "nodes.csv": ("id,team,age,city,split\n" + "".join(
        f"n{i},{'ab'[i // 15]},{20 + i},City {i},{('train', 'val', 'test')[i % 3]}\n" for i in range(SIZE)
    )).encode(),
}  # fmt: skip
GRAPHS = ("layer", "rewired", "noisy", "clean")


@pytest.fixture(scope="module")
def page():
    """Explore with the graph and injected edges; a threshold by hand makes sure that edges are pruned."""
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120).switch_page("pages/your_graph.py").run()
    given = [(name, content, "text/csv") for name, content in FILES.items()]
    test.file_uploader(key="upload").set_value(given).run()
    test.button(key="use_graph").click().run()
    test.session_state.rate, test.session_state.threshold = 50, "1.0"
    views = []
    draw = export_menu.draw_export_menu
    patch = pytest.MonkeyPatch()
    patch.setattr(export_menu, "draw_export_menu", lambda place, view, *rest, **more: (
        views.append(view), draw(place, view, *rest, **more)))  # fmt: skip
    try:
        test.switch_page("pages/explore.py").run()
    finally:
        patch.undo()
    assert not test.exception
    view = views[-1]
    assert view.layer.pruned.size(1)
    return view


def expected_edges(view, graph: str) -> set[tuple[int, int]]:
    pairs = {
        "layer": torch.cat([view.layer.pairs, view.layer.added], dim=1),
        "rewired": view.layer.rewired,
        "noisy": view.noisy.data.edge_index,
        "clean": view.dataset.data.edge_index,
    }[graph]
    return {(min(edge), max(edge)) for edge in pairs.T.tolist()}


def since(pair: tuple[int, int]) -> float | None:
    """The year of an edge in the files."""
    i, j = pair
    return {1: 1990 + i, 2: 1990 + i, SIZE - 1: 1990 + j, SIZE - 2: 1990 + j}.get(j - i)


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize(("form", "read"), [("graphml", nx.read_graphml), ("gexf", nx.read_gexf)])
def test_networkx_reads_the_graph_with_all_attributes(page, graph, form, read: Callable):
    read_back = nx.relabel_nodes(read(io.BytesIO(export_menu._write_graph(page, graph, form, {}))), int)
    assert {(min(edge), max(edge)) for edge in read_back.edges} == expected_edges(page, graph)
    for node, attributes in read_back.nodes(data=True):
        assert (attributes["name"], attributes["class"]) == (f"n{node}", "ab"[node // 15])
        assert (attributes["age"], attributes["city"]) == (20 + node, f"City {node}")
    for i, j, attributes in read_back.edges(data=True):
        assert attributes.get("since") == since((min(i, j), max(i, j)))
    if graph == "layer":
        fates = [attributes["fate"] for *_, attributes in read_back.edges(data=True)]
        assert fates.count("pruned") == page.layer.pruned.size(1)


@pytest.mark.parametrize("graph", GRAPHS)
def test_pandas_reads_the_table_of_edges(page, graph):
    table = pd.read_csv(io.BytesIO(export_menu._write_graph(page, graph, "csv", {})))
    assert set(zip(table["source"], table["target"], strict=True)) == expected_edges(page, graph)
    assert table["source name"].tolist() == [f"n{node}" for node in table["source"]]
    years = [since(pair) for pair in zip(table["source"], table["target"], strict=True)]
    assert table["since"].fillna(-1).tolist() == [-1 if year is None else year for year in years]


@pytest.mark.parametrize("graph", GRAPHS)
def test_pyg_reads_the_rewired_graph_with_features_classes_masks_and_weights(page, graph):
    with np.load(io.BytesIO(export_menu._write_graph(page, graph, "npz", {})), allow_pickle=False) as file:
        tensors = {
            name: torch.from_numpy(file[name])
            for name in ("x", "y", "edge_index", "train_mask", "val_mask", "test_mask", "edge_weight")
            if name in file
        }
        texts = {name: file[name].tolist() for name in ("names", "class_names", "feature_names", "node_city")}
        since_years, pairs = file["edge_since"], file["pairs"]
    data = Data(**tensors)
    assert data.validate()
    assert data.is_undirected()
    if graph in ("layer", "rewired"):
        assert torch.equal(to_undirected(data.edge_index), to_undirected(page.layer.rewired))
        weight = page.layer.edge_weight
        assert ("edge_weight" in data) == (weight is not None)
    else:
        assert {(min(e), max(e)) for e in data.edge_index.T.tolist()} == expected_edges(page, graph)
    assert torch.equal(data.x, page.noisy.data.x if graph != "clean" else page.dataset.data.x)
    assert data.y.tolist() == page.dataset.data.y.tolist()
    assert data.val_mask.tolist() == [node % 3 == 1 for node in range(SIZE)]
    assert texts == {
        "names": [f"n{node}" for node in range(SIZE)], "class_names": ["a", "b"], "feature_names": ["age"],
        "node_city": [f"City {node}" for node in range(SIZE)],
    }  # fmt: skip
    years = [since(tuple(pair)) for pair in pairs.T.tolist()]
    assert np.nan_to_num(since_years, nan=-1).tolist() == [-1 if year is None else year for year in years]


@pytest.mark.parametrize("form", ["csv", "graphml", "gexf", "npz"])
def test_the_import_reads_the_rewired_graph(page, form):
    imported = import_graph({f"g.{form}": export_menu._write_graph(page, "layer", form, {})})
    names = imported.names or tuple(map(str, range(imported.info.nodes)))
    ends = ({names[i], names[j]} for i, j in imported.attributes.pairs.T.tolist())
    label = str if form == "csv" else "n{}".format
    assert {frozenset(pair) for pair in ends} == {frozenset(map(label, pair)) for pair in page.layer.rewired.T.tolist()}
    assert form == "csv" or imported.classes == ("a", "b")


def test_the_tables_have_the_attributes(page):
    data = page.dataset
    nodes = export_menu.edge_table(
        page.layer, page.injected, data.data.y, data.names, data.class_names, data.attributes
    )
    years = [since((min(pair), max(pair))) for pair in zip(nodes["source"], nodes["target"], strict=True)]
    assert nodes["since"].fillna(-1).tolist() == [-1 if year is None else year for year in years]
