import json

import pytest
import torch
from torch_geometric.data import Data

from tests.conftest import SPARSIFIERS, runnable
from torque_core.bench import __main__ as bench
from torque_core.bench.cases import CASES, Case
from torque_core.bench.graphs import BENCH_GRAPHS
from torque_core.graph.pairs import undirected_pairs
from torque_core.methods.catalog import METHODS
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec


@pytest.fixture
def karate():
    data = BENCH_GRAPHS["karate"].make()
    data.pairs = undirected_pairs(data.edge_index, 34)
    return data


@pytest.mark.parametrize(
    "name",
    [
        *("gather", "score", "call", "rewire", "default"),
        *runnable(["jaccard", "gdc", "fosr", "sdrf", "borf", "delaunay", "dhgr", "jdr", *SPARSIFIERS]),
    ],
)
def test_every_method_runs(karate, name):
    assert CASES[name].run(karate) is not None


def test_the_gather_pass_is_the_dot_product_of_the_ends(karate):
    i, j = karate.pairs
    torch.testing.assert_close(CASES["gather"].run(karate), (karate.x[i] * karate.x[j]).sum(dim=1))


def test_score_and_cut_and_the_call_are_what_the_default_settings_do(karate):
    unlabelled = rewire(Data(x=karate.x, edge_index=karate.edge_index), layers=1).layers[0]
    karate.train_mask = torch.arange(34) % 10 == 0
    layer = rewire(karate, layers=1).layers[0]
    assert not torch.equal(layer.torque.value, unlabelled.torque.value)
    assert torch.equal(CASES["call"].run(karate).layers[0].torque.value, layer.torque.value)
    cut = CASES["score"].run(karate)
    assert (cut.threshold, cut.reason) == (layer.cut.threshold, layer.cut.reason)


def test_the_call_with_default_settings(karate):
    rewiring = CASES["default"].run(karate)
    assert (rewiring.spec, len(rewiring.layers)) == (RewireSpec(), 2)


def test_networkit_scores_triangles_and_neighbourhoods():
    pytest.importorskip("networkit")
    # a triangle 0, 1, 2 with a tail 2 - 3
    data = Data(x=torch.eye(4), pairs=torch.tensor([[0, 0, 1, 2], [1, 2, 2, 3]]))
    triangles, jaccard = CASES["networkit"].run(data)
    assert sorted(triangles) == [0, 1, 1, 1]
    assert sorted(jaccard) == pytest.approx([0, 1 / 4, 1 / 4, 1 / 3])


def test_limits_of_the_peers_are_those_of_the_catalog():
    cases = {"gdc": "gdc_approximate", **{key: key for key in ("jaccard", "sdrf", "fosr", "borf")}}
    assert {CASES[case].most_nodes for case in cases.values()} == {200_000, 50_000, None}
    for key, case in cases.items():
        assert CASES[case].most_nodes == METHODS[key].most_nodes


def test_jaccard_keeps_what_shares_a_word(karate):
    karate.x = torch.zeros(34, 5).scatter(1, torch.arange(34)[:, None] % 5, 1.0)
    kept = undirected_pairs(CASES["jaccard"].run(karate).edge_index, 34)
    i, j = karate.pairs
    assert torch.equal(kept, karate.pairs[:, i % 5 == j % 5])


def test_a_small_bench_writes_its_table(tmp_path):
    assert (
        bench.main(["--graphs", "karate", "--methods", "gather", "call", "--repeat", "2", "--out", str(tmp_path)]) == 0
    )
    report = json.loads((tmp_path / "bench.json").read_text())
    assert report["machine"]["torch"] == torch.__version__
    assert [result["method"] for result in report["results"]] == ["gather", "call"]
    for result in report["results"]:
        assert len(result["all_seconds"]) == 2
        assert min(result["all_seconds"]) <= result["seconds"] <= max(result["all_seconds"])
    table = (tmp_path / "bench.md").read_text()
    assert "karate: 34 nodes" in table
    assert CASES["call"].title in table
    assert "The first call of `rewire` in a process takes" in table
    call = report["results"][1]
    assert call["first_call"] > call["seconds"]
    assert call["processor_seconds"] > 0
    assert f"takes {call['bytes'] / call['edges']:.0f} bytes an edge" in table


def test_a_method_that_fails_says_why_and_the_others_go_on(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "_LIMIT", 0.01)
    bench.main(["--graphs", "karate", "--methods", "gather", "--repeat", "1", "--out", str(tmp_path)])
    assert json.loads((tmp_path / "bench.json").read_text())["results"][0]["failed"] == "not done in 0.01 s"


def test_memory_is_what_a_method_adds_at_its_peak(tmp_path, monkeypatch):
    def hungry(data):
        return torch.ones(25_000_000).sum()  # 100 MB, given back at once

    monkeypatch.setitem(CASES, "hungry", Case("takes 100 MB", hungry))
    monkeypatch.setattr(bench, "_warm_up", lambda method, device, graph: None)
    file = tmp_path / "graph.pt"
    data = BENCH_GRAPHS["karate"].make()
    torch.save({"x": data.x, "edge_index": data.edge_index, "y": data.y}, file)
    assert 95e6 < bench._measure("hungry", str(file), "cpu", 2)["bytes"] < 130e6


def test_what_was_measured_on_other_graphs_stays_in_the_table(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "_run_in_process", lambda *_: {"seconds": 2.0, "bytes": 1.0})
    other = {"graph": "cora", "nodes": 1, "edges": 1, "features": 1, "method": "gather", "seconds": 1.0, "bytes": 0.0}
    arguments = ["--graphs", "karate", "--methods", "gather", "--repeat", "1", "--out", str(tmp_path)]
    bench.main(arguments)
    report = json.loads((tmp_path / "bench.json").read_text())
    for machine, kept in ((report["machine"], ["karate", "cora"]), ({"processor": "another"}, ["karate"])):
        found = report | {"machine": machine, "results": [other, *report["results"]]}
        (tmp_path / "bench.json").write_text(json.dumps(found))
        bench.main(arguments)
        assert [r["graph"] for r in json.loads((tmp_path / "bench.json").read_text())["results"]] == kept
