import subprocess
import sys
from dataclasses import replace

import pytest

from torque_core.datasets import DATASETS, DatasetSpec, is_local, load
from torque_core.datasets.benchmark import raw_files
from torque_core.datasets.registry import _by_label_rate

DOWNLOADS = [name for name, info in DATASETS.items() if info.kind == "download"]


def homophily(data):
    source, target = data.edge_index
    known = (data.y[source] >= 0) & (data.y[target] >= 0)
    return (data.y[source] == data.y[target])[known].double().mean().item()


def check_form(dataset):
    data = dataset.data
    keys = data.edge_index[0] * data.num_nodes + data.edge_index[1]
    assert (keys.diff() > 0).all()  # sorted, no repeats
    assert not data.has_self_loops()
    assert data.is_undirected()
    assert str(data.x.dtype) == "torch.float32"
    assert str(data.y.dtype) == "torch.int64"
    masks = [data.train_mask, data.val_mask, data.test_mask]
    assert all(str(mask.dtype) == "torch.bool" and mask.shape == data.y.shape and mask.any() for mask in masks)
    parts = sum(mask.int() for mask in masks)
    assert parts.max() == 1  # disjoint
    assert (data.y[parts == 1] >= 0).all()


def check_numbers(dataset):
    data, info = dataset.data, dataset.info
    result = (data.num_nodes, data.num_edges // 2, data.num_features, int(data.y.max()) + 1)
    assert result == (info.nodes, info.edges, info.features, info.classes)
    assert homophily(data) == pytest.approx(info.homophily, abs=5e-5)


@pytest.mark.parametrize("name", ["karate", "davis", "digits"])
def test_built_in_is_as_registered(name):
    dataset = load(DatasetSpec(name))
    check_form(dataset)
    check_numbers(dataset)


@pytest.mark.parametrize("name", DOWNLOADS)
def test_download_is_as_registered(root_with, name):
    root = root_with(name)
    folder = root / raw_files(name, DATASETS[name].default_scheme).folder.parent
    before = sorted(folder.rglob("*"))
    dataset = load(DatasetSpec(name), root=root)
    check_form(dataset)
    check_numbers(dataset)
    assert sorted(folder.rglob("*")) == before  # reading writes nothing


@pytest.mark.parametrize("name", DATASETS)
def test_entry_is_complete(name):
    info = DATASETS[name]
    assert info.class_names is None or len(set(info.class_names)) == info.classes
    assert info.name == name == name.lower()
    assert info.description.endswith(".")
    assert info.source
    assert info.licence
    assert {"random-48-32-20", "random-10-10-80"} <= {scheme.name for scheme in info.splits}
    for scheme in info.splits:
        spec = DatasetSpec(name, scheme=scheme.name, split=scheme.count - 1)
        if info.kind == "download":
            urls = raw_files(name, spec.scheme).urls
            assert all(url.startswith("https://") for url in urls.values())


def test_import_loads_no_heavy_library():
    heavy = ("sklearn", "networkx", "igraph", "faiss", "scipy.sparse", "scipy.optimize")
    code = f"import sys, torque_core.datasets; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["karate", "davis", "digits", "block_model"])
def test_label_rates_match_their_names(name):
    for train in (5, 10, 20, 40):
        scheme = next(known for known in DATASETS[name].splits if known.name == f"per-class-{train}")
        assert scheme.count == 10
        assert scheme.description.startswith(f"{train} training nodes per class")
        data = load(DatasetSpec(name, scheme=scheme.name, split=9)).data
        check_form(load(DatasetSpec(name, scheme=scheme.name)))
        sizes = data.y.bincount()
        assert data.y[data.train_mask].bincount().tolist() == [min(train, max(int(n) // 2, 1)) for n in sizes]
        # classes differ in size, what is said does not know how
        assert scheme.fractions.test == pytest.approx(float(data.test_mask.double().mean()), abs=0.13)


def test_all_nodes_of_a_set_of_unknown_size_count_as_test_nodes():
    schemes = {scheme.name: scheme for scheme in _by_label_rate(replace(DATASETS["penn94"], nodes=None))}
    assert schemes["per-class-20"].fractions == (20, 500, 1.0)


@pytest.mark.parametrize(("name", "expected"), [
    ("cora", {"neural networks": 818, "rule learning": 180, "theory": 351}),
    # pages whose features are those of a page of this class in the files of Sen et al.
    ("texas", {"course": 33, "staff": 1, "project": 18, "student": 101, "faculty": 30}),
    ("cornell", {"course": 38, "staff": 16, "project": 17, "student": 82, "faculty": 30}),
    ("wisconsin", {"course": 70, "staff": 10, "project": 21, "student": 118, "faculty": 32}),
    # pages in the five ranges of the average monthly traffic in the files of Rozemberczki et al.
    ("chameleon", {"lowest traffic": 456, "low traffic": 460, "medium traffic": 453, "high traffic": 521,
                   "highest traffic": 387}),
    ("reed98", {"female": 504, "male": 361}),
])  # fmt: skip
def test_classes_have_the_sizes_of_their_names(root_with, name, expected):
    y = load(DatasetSpec(name), root=root_with(name)).data.y
    sizes = dict(zip(DATASETS[name].class_names, y[y >= 0].bincount().tolist(), strict=True))
    assert {label: sizes[label] for label in expected} == expected


@pytest.mark.parametrize("name", ["chameleon", "squirrel"])
def test_the_filtered_wikipedia_networks_have_the_same_classes(root_with, name):
    whole, filtered = (load(DatasetSpec(one), root=root_with(one)).data for one in (name, f"{name}_filtered"))
    labels = {}
    for features, label in zip(whole.x.gt(0).numpy(), whole.y.tolist(), strict=True):
        labels.setdefault(features.tobytes(), set()).add(label)
    kept = zip(filtered.x.gt(0).numpy(), filtered.y.tolist(), strict=True)
    assert all(label in labels[features.tobytes()] for features, label in kept)
    assert DATASETS[f"{name}_filtered"].class_names == DATASETS[name].class_names


def test_what_is_on_disk_is_local(root_with, tmp_path):
    assert is_local("digits", root=tmp_path)
    assert not is_local("cora", root=tmp_path)
    assert is_local("cora", root=root_with("cora"))
