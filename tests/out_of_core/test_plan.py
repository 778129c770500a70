from dataclasses import replace

import psutil
import pytest

from tests.out_of_core.graph_files import make_graph, write_files
from torque_core import RewireSpec
from torque_core.errors import BadConfig, BadFile
from torque_core.out_of_core import plan as module
from torque_core.out_of_core.plan import StorePlan, check_disk, make_plan

SPEC = RewireSpec(additions=0.0)


@pytest.fixture
def inputs(tmp_path):
    return (*write_files(make_graph(), tmp_path), SPEC, module.EdgeColumns())


def size(monkeypatch, nodes, features, edges):
    monkeypatch.setattr(module, "_feature_shape", lambda path: (nodes, features))
    monkeypatch.setattr(module, "count_edges", lambda files: edges)


def test_a_graph_that_fits_is_one_block(inputs):
    plan = make_plan(*inputs, None)
    assert (plan.blocks, plan.rows, plan.size(0)) == (1, 600, 600)


@pytest.mark.parametrize(
    ("nodes", "features", "edges", "memory"),
    [(10_000_000, 64, 100_000_000, 8e9), (5_000_000, 64, 50_000_000, 8e9), (34_000, 8_415, 248_000, 4e9)],
)
def test_blocks_fit_into_the_memory(inputs, monkeypatch, nodes, features, edges, memory):
    size(monkeypatch, nodes, features, edges)
    plan = make_plan(*inputs, int(memory))
    assert plan.rows % 4096 == 0
    assert plan.blocks > 1
    assert sum(map(plan.size, range(plan.blocks))) == nodes
    rest = memory - psutil.Process().memory_info().rss
    assert 6 * 4 * plan.rows * features < rest  # three rows of the nodes of two blocks
    assert 2 * edges / plan.blocks * 64 < rest


def test_too_little_memory_says_how_much_is_needed(inputs, monkeypatch):
    size(monkeypatch, 10_000_000, 64, 100_000_000)
    with pytest.raises(BadConfig, match=r"give at least [\d.]+ GB") as raised:
        make_plan(*inputs, int(1.5e9))
    needed = float(str(raised.value).partition("at least ")[2].split()[0])
    assert make_plan(*inputs, int((needed + 0.2) * 1e9)).blocks > 1


def test_a_plan_is_read_as_it_was_written(inputs, tmp_path):
    plan = make_plan(*inputs, None)
    assert StorePlan.from_json(plan.to_json(), tmp_path) == plan
    with pytest.raises(BadFile, match="is not the manifest"):
        StorePlan.from_json("{}", tmp_path)


def test_disk_space_grows_with_edges_features_and_layers(inputs, tmp_path):
    plan = make_plan(*inputs, None)
    for larger in (
        replace(plan, num_rows=10 * plan.num_rows),
        replace(plan, num_features=10 * plan.num_features),
        replace(plan, spec=replace(SPEC, layers=4)),
    ):
        assert larger.disk_bytes > plan.disk_bytes
    check_disk(plan, tmp_path)
    with pytest.raises(BadConfig, match="choose a folder on a larger disk"):
        check_disk(replace(plan, num_rows=10**16), tmp_path)
