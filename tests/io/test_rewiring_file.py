import io
import json
import os
import re
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from torch_geometric.data import Data

from torque_core import BadGraph, load
from torque_core.attacks.noise import Noise, add_noise
from torque_core.io.rewiring_file import load_rewiring, save_rewiring
from torque_core.rewiring.record import Rewiring
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec

SPECS = {
    "gap": RewireSpec(),
    "none": RewireSpec(cut="none", layers=1),
    "cross": RewireSpec(product="cross", cut="fixed", fraction=0.3, additions=1.0, hierarchy="nested", layers=3),
}


@pytest.fixture(scope="module")
def graphs():
    """Karate, and the same with directions and weights."""
    plain = load("karate").data
    one_way = torch.arange(plain.num_edges) % 3 > 0
    weight = 1.0 + torch.arange(plain.num_edges) % 4
    return {
        "plain": plain,
        "weighted": Data(x=plain.x, edge_index=plain.edge_index[:, one_way], edge_weight=weight[one_way]),
        "edgeless": Data(x=plain.x, edge_index=plain.edge_index[:, :0]),
    }


def assert_same(first, second):
    """Two values are the same in every field."""
    assert type(first) is type(second)
    if isinstance(first, torch.Tensor):
        assert first.dtype == second.dtype
        assert torch.equal(first, second)
    elif hasattr(first, "__dataclass_fields__"):
        for name in first.__dataclass_fields__:
            assert_same(getattr(first, name), getattr(second, name))
    elif isinstance(first, tuple):
        assert len(first) == len(second)
        for pair in zip(first, second, strict=True):
            assert_same(*pair)
    else:
        assert first == second


@pytest.mark.parametrize("graph", ["plain", "weighted", "edgeless"])
@pytest.mark.parametrize("name", SPECS)
def test_a_saved_rewiring_is_loaded_unchanged(graphs, tmp_path, graph, name):
    rewiring = rewire(graphs[graph], SPECS[name])
    path = save_rewiring(rewiring, str(tmp_path / "file.npz"))
    assert path == tmp_path / "file.npz"
    assert_same(load_rewiring(path), rewiring)


def test_the_screening_is_saved(tmp_path):
    noisy = add_noise(load("digits").data, Noise("insert", 0.2)).data
    rewiring = rewire(noisy, layers=1)
    assert rewiring.layers[0].screening.doubted > 0
    assert_same(load_rewiring(save_rewiring(rewiring, tmp_path / "file.npz")), rewiring)


def test_a_file_that_does_not_name_screening_is_without_it(saved):
    spec = asdict(RewireSpec())
    del spec["screen"]
    changed(saved, **about(saved, spec=spec))
    assert load_rewiring(saved).spec == RewireSpec(screen=False)


def test_files_contain_no_pickle(graphs, tmp_path):
    path = save_rewiring(rewire(graphs["weighted"], SPECS["cross"]), tmp_path / "file.npz")
    with np.load(path, allow_pickle=False) as file:
        assert not any(file[name].dtype.hasobject for name in file.files)
        assert json.loads(str(file["about"]))["spec"] == vars(SPECS["cross"])
    assert b"pickle" not in path.read_bytes()


def test_saving_again_replaces_the_file_with_identical_bytes(graphs, tmp_path):
    path = tmp_path / "file.npz"
    path.write_bytes(b"of the run before")
    first = save_rewiring(rewire(graphs["plain"]), path).read_bytes()
    assert save_rewiring(rewire(graphs["plain"]), path).read_bytes() == first
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def saved(graphs, tmp_path):
    rewiring = rewire(graphs["weighted"], SPECS["cross"])
    assert all(layer.added.size(1) for layer in rewiring.layers[:2])
    return save_rewiring(rewiring, tmp_path / "file.npz")


def is_refused(path, reason=""):
    with pytest.raises(BadGraph, match=re.escape(f"{path} is not a rewiring") + f".*{re.escape(reason)}"):
        load_rewiring(path)


def changed(path, **arrays):
    """The file with some arrays replaced, or left out where None is given."""
    with np.load(path) as file:
        content = {name: file[name] for name in file.files} | arrays
    np.savez_compressed(path, **{name: value for name, value in content.items() if value is not None})


def about(path, **changes):
    with np.load(path) as file:
        return {"about": np.array(json.dumps(json.loads(str(file["about"])) | changes))}


@pytest.mark.parametrize(
    "content", [b"", b"no archive", b"PK\x03\x04", np.lib.format.MAGIC_PREFIX, b"\x80\x04N."], ids=repr
)
def test_files_of_other_formats_raise(tmp_path, content):
    path = tmp_path / "foreign.npz"
    path.write_bytes(content)
    is_refused(path)


def test_other_npz_files_raise(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, edge_index=np.zeros((2, 3)))
    is_refused(path, "about")
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    path.write_bytes(buffer.getvalue())
    is_refused(path)
    np.savez(path, about=np.array([{"format": 1}], dtype=object))
    is_refused(path, "allow_pickle=False")


def test_a_truncated_file_raises(saved):
    content = saved.read_bytes()
    for length in range(0, len(content), max(1, len(content) // 50)):
        saved.write_bytes(content[:length])
        is_refused(saved)


def test_a_damaged_file_raises_or_is_loaded_unchanged(saved):
    content, whole = saved.read_bytes(), load_rewiring(saved)
    refused = 0
    for place in range(0, len(content), len(content) // 200):
        saved.write_bytes(content[:place] + bytes([content[place] ^ 0x21]) + content[place + 1 :])
        try:
            loaded = load_rewiring(saved)
        except BadGraph:
            refused += 1
        else:
            assert_same(loaded, whole)  # it was a date, say
    assert refused > 100


def test_another_format_is_reported(saved):
    changed(saved, **about(saved, format=1))
    is_refused(saved, "it has format 1; this version reads format 2")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"spec": {"lever": "of a friend"}}, "lever must be one of"),
        ({"spec": {"leverage": 1}}, "leverage"),
        ({"cuts": [{}]}, "gap"),
        ({"num_nodes": 7}, "layer 1 refers to a node outside 0 to 6"),
        ({"num_nodes": None}, "NoneType"),
    ],
)
def test_inconsistent_headers_are_reported(saved, changes, reason):
    changed(saved, **about(saved, **changes))
    is_refused(saved, reason)


@pytest.mark.parametrize("links", ["pairs", "added"])
@pytest.mark.parametrize("node", [-1, 34])
def test_nonexistent_nodes_are_reported(saved, links, node):
    with np.load(saved) as file:
        pairs = file[f"1/{links}"].copy()
    pairs[1, 0] = node
    changed(saved, **{f"1/{links}": pairs})
    is_refused(saved, "layer 2 refers to a node outside 0 to 33")


@pytest.mark.parametrize(
    "name",
    ["lever", "force", "sine", "pruned_mask", "direction_weight", "added_lever", "added_force", "added_sine"],
)
def test_arrays_of_the_wrong_length_are_reported(saved, name):
    with np.load(saved) as file:
        numbers = file[f"1/{name}"]
        links = "added" if name.startswith("added") else "pairs"
        count = file[f"1/{links}"].shape[1]
    changed(saved, **{f"1/{name}": numbers[..., 1:]})
    is_refused(saved, f"layer 2 has {count} {links}, but {count - 1} of {name}")


@pytest.mark.parametrize("name", ["pairs", "pruned_mask", "added", "added_force"])
def test_a_missing_array_is_reported(saved, name):
    changed(saved, **{f"0/{name}": None})
    is_refused(saved, f"0/{name}")


def test_a_nonexistent_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_rewiring(tmp_path / "nowhere.npz")


@pytest.mark.parametrize("function", ["replace", "fsync"])
def test_a_failed_write_keeps_the_previous_file(graphs, tmp_path, monkeypatch, function):
    def full_disk(*arguments):
        raise OSError(28, "No space left on device")

    path = tmp_path / "file.npz"
    rewiring = rewire(graphs["plain"])
    monkeypatch.setattr(os, function, full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_rewiring(rewiring, path)
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"of the run before")
    with pytest.raises(OSError, match="No space left"):
        save_rewiring(rewiring, path)
    assert [(file, file.read_bytes()) for file in tmp_path.iterdir()] == [(path, b"of the run before")]


def test_rewiring_with_a_removed_layer(graphs, tmp_path):
    rewiring = rewire(graphs["plain"], SPECS["cross"])
    part = Rewiring(rewiring.layers[:1], rewiring.num_nodes, replace(rewiring.spec, layers=1))
    assert_same(load_rewiring(save_rewiring(part, tmp_path / "file.npz")), part)
