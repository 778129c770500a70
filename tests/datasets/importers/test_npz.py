"""Arrays as the programs for graph learning write them."""

import networkx as nx
import numpy as np
import pytest
from scipy import sparse

from tests.datasets.importers.helpers import classes_of, edges_in, edges_of, npz
from torque_core.datasets.importers import import_graph
from torque_core.datasets.info import USER_GRAPH
from torque_core.datasets.spec import DatasetSpec
from torque_core.errors import BadConfig, BadFile

KARATE = nx.karate_club_graph()
ADJACENCY = sparse.csr_array(nx.to_scipy_sparse_array(KARATE, weight=None))
EDGES = np.array(list(KARATE.edges)).T
Y = np.array([int(club == "Officer") for _, club in KARATE.nodes(data="club")])
X = np.arange(34 * 3).reshape(34, 3) % 5 * 1.0
PARTS = np.arange(34) % 3
TRAIN, VAL, TEST = (part == PARTS for part in range(3))


def stored(prefix: str, matrix) -> dict[str, np.ndarray]:
    """The arrays of a matrix in CSR."""
    matrix = sparse.csr_array(matrix)
    return {f"{prefix}{part}": np.asarray(getattr(matrix, part)) for part in ("data", "indices", "indptr", "shape")}


def masks(form) -> dict[str, np.ndarray]:
    return {f"{part}_mask": form(mask) for part, mask in (("train", TRAIN), ("val", VAL), ("test", TEST))}


OBJECTS = np.array([{"a": 1}], dtype=object)
FILES = {
    "PyG": {"a.npz": npz(x=X, y=Y, edge_index=EDGES, **masks(np.asarray))},
    "Shchur": {"a.npz": npz(**stored("adj_", ADJACENCY), **stored("attr_", X), labels=Y, node_names=OBJECTS,
                            attr_names=np.array(["age", "pay", "size"]), metadata=OBJECTS)},
    "Shchur, with dots": {"a.npz": npz(**stored("adj_matrix.", ADJACENCY), **stored("attr_matrix.", X), labels=Y)},
    "DeepRobust": {"a.npz": npz(**stored("adj_", ADJACENCY.astype(np.float32)), **stored("attr_", X), labels=Y)},
    "OGB": {"data.npz": npz(edge_index=EDGES, node_feat=X, num_nodes_list=np.array([34]),
                            num_edges_list=np.array([EDGES.shape[1]])), "node-label.npz": npz(node_label=Y[:, None])},
    "Yandex": {"a.npz": npz(node_features=X, node_labels=Y, edges=EDGES.T, **{
        f"{name}s": np.stack([mask, mask]) for name, mask in masks(np.asarray).items()})},
    "MUSAE": {"a.npz": npz(features=X, target=Y, edges=EDGES.T)},
    "one-hot, dense": {"a.npz": npz(x=X, y=np.eye(2)[Y], adj=ADJACENCY.toarray())},
}  # fmt: skip


@pytest.mark.parametrize("program", FILES)
def test_edges_features_and_classes(program):
    imported = import_graph(FILES[program])
    assert edges_of(imported) == edges_in(KARATE)
    assert imported.graph.data.x.tolist() == X.tolist()
    assert imported.graph.data.y.tolist() == Y.tolist()


@pytest.mark.parametrize("program", ["PyG", "Yandex"])
def test_masks_are_the_first_split_scheme(program):
    imported = import_graph(FILES[program])
    scheme = imported.info.splits[0]
    assert (scheme.name, scheme.count) == ("file", 2 if program == "Yandex" else 1)
    data = imported.dataset(DatasetSpec(USER_GRAPH, "file", content=imported.content)).data
    assert [data[name].tolist() for name in ("train_mask", "val_mask", "test_mask")] == [
        mask.tolist() for mask in (TRAIN, VAL, TEST)
    ]
    with pytest.raises(BadConfig, match="the files contain"):
        imported.dataset(DatasetSpec(USER_GRAPH, "file", 5, content=imported.content))


@pytest.mark.parametrize("form", [np.flatnonzero, lambda mask: mask[:, None], lambda mask: mask.astype(np.uint8)])
def test_forms_of_masks(form):
    imported = import_graph({"a.npz": npz(edge_index=EDGES, y=Y, **masks(form))})
    assert imported.graph.data.train_mask.flatten().tolist() == TRAIN.tolist()


def test_overlapping_masks_are_ignored_with_a_reason():
    imported = import_graph({"a.npz": npz(edge_index=EDGES, y=Y, train_mask=TRAIN, test_mask=TRAIN)})
    assert "The masks were ignored: node 0 is in more than one of the training, validation and test sets." in (
        imported.notes
    )
    assert imported.info.splits[0].name != "file"
    with pytest.raises(BadConfig, match="contain no splits"):
        imported.dataset(DatasetSpec(USER_GRAPH, "file", content=imported.content))


def test_names_of_classes():
    imported = import_graph({"a.npz": npz(edge_index=EDGES, y=Y, class_names=np.array(["Mr. Hi", "Officer"]))})
    assert [*classes_of(imported).values()] == [club for _, club in KARATE.nodes(data="club")]


def test_repeated_entries_of_features_are_summed_and_csc_is_read():
    matrix = sparse.csc_array(np.array([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0]]))
    arrays = {f"attr_{part}": np.asarray(getattr(matrix, part)) for part in ("data", "indices", "indptr", "shape")}
    imported = import_graph({"a.npz": npz(edge_index=np.array([[0], [1]]), **arrays)})
    assert imported.graph.data.x.tolist() == [[0.0, 1.0, 2.0], [3.0, 0.0, 0.0]]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"attr_shape": np.array([34, 999_999]), "attr_indptr": np.zeros(35, int), "attr_indices": np.zeros(0, int)},
         "more than 20,000 columns"),
        ({"attr_shape": np.array([2, 20_000]), "attr_indptr": np.zeros(3, int), "attr_indices": np.zeros(0, int),
          "y": Y}, "different numbers of nodes"),
        ({"num_nodes_list": np.ones(9, int)}, "contains 9 graphs; expected one"),
        ({"x": np.ones((34, 1)), "y": OBJECTS}, "y.npy contains object"),
    ],
)  # fmt: skip
def test_errors(arrays, message):
    with pytest.raises(BadFile, match=message):
        import_graph({"a.npz": npz(edge_index=EDGES, **arrays)})


def test_a_few_bytes_do_not_become_many_features():
    zeros = {"attr_indptr": np.zeros(199_001, np.uint8), "attr_indices": np.zeros(0, int)}
    content = npz(edge_index=EDGES, attr_shape=np.array([199_000, 200]), **zeros)
    with pytest.raises(BadFile, match="199,000 x 200 numbers, more than 300 times the size of the file"):
        import_graph({"a.npz": content})


def test_two_files_with_the_same_array():
    with pytest.raises(BadFile, match=r"b\.npz: contains y, as another file does"):
        import_graph({"a.npz": npz(edge_index=EDGES, y=Y), "b.npz": npz(y=Y)})
