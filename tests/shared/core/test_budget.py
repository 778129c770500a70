"""The budget of a view: an upper bound of its memory, and an error that names values that fit."""

import re
from dataclasses import replace

import pytest

from pages.shared.core import budget
from pages.shared.core.budget import MAX_EDGES, check_budget, max_bytes
from torque_core import DATASETS, BlockModel, DatasetSpec, Noise, RewireSpec
from torque_core.errors import BadConfig


def block(**model) -> DatasetSpec:
    return DatasetSpec("block_model", block_model=BlockModel(**model))


def test_the_estimate_adds_up():
    noise, rewire = Noise("insert", 0.5), RewireSpec(layers=2, additions=0.25)
    edges = 100 * 10 / 2 * 1.5
    expected = 17 * 100 * 16 + 1_000 * edges + 100 * edges * 1.125 * 2  # one edge in eight is added
    assert check_budget(block(nodes=100, degree=10), noise, rewire) == expected
    assert check_budget(block(nodes=100, degree=10), Noise("delete", 0.5)) == 17 * 100 * 16


@pytest.mark.parametrize(
    ("model", "noise", "rewire"),
    [
        ({"nodes": 200_000, "degree": 25}, Noise("insert", 1.0), RewireSpec(layers=4)),
        ({"nodes": 200_000, "degree": 15}, Noise("insert_by_degree", 1.0), RewireSpec(layers=1)),
        ({"nodes": 100_000, "degree": 20}, Noise(), RewireSpec(layers=2, additions=2.0)),
        ({"nodes": 200_000, "degree": 18}, Noise(), RewireSpec(layers=16, additions=0.75)),
    ],
)
def test_what_exceeds_it_is_refused_and_every_value_that_is_named_fits(model, noise, rewire):
    with pytest.raises(BadConfig, match="limit") as error:
        check_budget(block(**model), noise, rewire)
    remedies = re.findall(
        r"(nodes|mean degree|noise level in %|layers|additions) of at most ([\d,.]*\d)", str(error.value)
    )
    assert remedies
    for title, text in remedies:
        value = float(text.replace(",", ""))
        changed = {
            "nodes": lambda v: (model | {"nodes": int(v)}, noise, rewire),
            "mean degree": lambda v: (model | {"degree": v}, noise, rewire),
            "noise level in %": lambda v: (model, replace(noise, rate=v / 100), rewire),
            "layers": lambda v: (model, noise, replace(rewire, layers=int(v))),
            "additions": lambda v: (model, noise, replace(rewire, additions=v)),
        }
        options, *rest = changed[title](value)
        check_budget(block(**options), *rest)


def test_the_limit_of_the_memory_can_be_set(monkeypatch):
    view = block(nodes=100, degree=10), Noise(), RewireSpec(layers=1)
    check_budget(*view)
    monkeypatch.setattr(budget, "max_bytes", lambda: 100)
    with pytest.raises(BadConfig, match="TORQUE_VIEW_MEGABYTES"):
        check_budget(*view)
    monkeypatch.undo()
    monkeypatch.setenv("TORQUE_VIEW_MEGABYTES", "7000")
    assert max_bytes() == 7_000_000_000
    monkeypatch.setenv("TORQUE_VIEW_MEGABYTES", "much")
    assert max_bytes() == 6_000_000_000


def test_edges_are_limited_whatever_the_memory(monkeypatch):
    monkeypatch.setenv("TORQUE_VIEW_MEGABYTES", "1000000")
    with pytest.raises(BadConfig, match=f"{MAX_EDGES:,}"):
        check_budget(block(nodes=200_000, degree=21), Noise())


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_fits_with_the_default_settings(name):
    check_budget(DatasetSpec(name), Noise(), RewireSpec())
