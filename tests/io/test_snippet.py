import contextlib
import io
import statistics

import pytest
import torch

from torque_core import BlockModel, DatasetSpec, Noise, RewireSpec, TrainSpec, add_noise, load, rewire
from torque_core.datasets.importers import ColumnRoles, import_graph
from torque_core.datasets.info import USER_GRAPH
from torque_core.diagnostics import detection, edge_homophily, structure
from torque_core.diagnostics.change_report import change_report
from torque_core.experiments import train_by
from torque_core.experiments.kinds.detection import Detection
from torque_core.experiments.kinds.training import Training
from torque_core.graph.pairs import undirected_pairs
from torque_core.io.snippet import comparison_script, experiment_script, python_snippet, training_script
from torque_core.io.source_code import GraphCode
from torque_core.methods.compare import compare

CASES = {
    "karate": (DatasetSpec("karate"), Noise("insert", 0.5, 3), RewireSpec(seed=3), 1, None),
    "block model": (
        DatasetSpec("block_model", block_model=BlockModel(nodes=60, classes=2, degree=4.0)),
        Noise("dice", 0.3),
        RewireSpec(cut="fixed", fraction=0.3, hierarchy="nested", layers=3),
        2,
        None,
    ),
    "by hand": (DatasetSpec("davis"), Noise("insert_by_degree", 0.4), RewireSpec(weight_by_confidence=False), 0, 0.25),
    "clean": (DatasetSpec("karate", split=2), Noise(), RewireSpec(lever="auto", force="auto"), 0, None),
}


def output_of(script: str) -> str:
    """Run a script and return what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(script, "script", "exec"), {})
    return printed.getvalue()


def printed_by(script: str) -> dict[str, str]:
    """Run a script and return the numbers that it prints, by name."""
    return dict(line.rsplit(" ", 1) for line in output_of(script).splitlines())


@pytest.mark.parametrize("name", CASES)
def test_the_script_runs_and_prints_the_same_numbers(name):
    dataset, noise, spec, layer, threshold = CASES[name]
    results = printed_by(python_snippet(GraphCode(dataset, noise), spec, layer=layer, threshold=threshold))
    graph = load(dataset)
    noisy = add_noise(graph.data, noise)
    record = rewire(noisy.data, spec).layers[layer]
    record = record if threshold is None else record.recut(threshold, additions=spec.additions)
    report = detection(record.torque.value, record.pruned_mask, noisy.is_injected(record.pairs))
    before, after = (structure(pairs, record.num_nodes, graph.data.y) for pairs in (record.pairs, record.rewired))
    measures = {
        "precision": report.precision, "recall": report.recall, "AUROC of torque": report.auroc,
    } if noise.rate else {
        "components before": before.components, "components after": after.components,
        "isolated nodes before": before.isolated, "isolated nodes after": after.isolated,
    }  # fmt: skip
    assert results == {
        "edges judged": str(record.pairs.size(1)),
        "edges pruned": str(report.pruned),
        "edges added": str(record.added.size(1)),
        **{name: str(value) for name, value in measures.items()},
        "edge homophily before": str(
            edge_homophily(undirected_pairs(noisy.data.edge_index, record.num_nodes), graph.data.y)
        ),
        "edge homophily after": str(edge_homophily(record.rewired, graph.data.y)),
    }


def test_an_edge_in_both_directions_counts_once(raw_root, monkeypatch):
    if not (raw_root / "webkb" / "texas" / "raw").is_dir():
        pytest.skip(f"{raw_root} lacks webkb/texas")
    monkeypatch.setenv("TORQUE_DATA", str(raw_root))
    code = GraphCode(DatasetSpec("texas", directed=True), Noise())
    graph = load(code.dataset)
    source, target = graph.data.edge_index.tolist()
    edges = {frozenset(ends) for ends in zip(source, target, strict=True)}
    assert len(edges) < len(source) < 2 * len(edges)  # some edges go both ways, others do not
    y = graph.data.y.tolist()
    same = sum(len({y[node] for node in ends}) == 1 for ends in edges)
    results = printed_by(python_snippet(code, RewireSpec()))
    assert float(results["edge homophily before"]) == pytest.approx(same / len(edges))
    assert results["edges judged"] == str(len(edges))


def test_the_script_of_a_training_prints_its_scores():
    code, spec = GraphCode(DatasetSpec("karate"), Noise("insert", 0.5, 3)), TrainSpec(epochs=8, seed=3)
    results = printed_by(training_script(code, spec, RewireSpec(seed=3), ["plain", "torque"]))
    data = add_noise(load(code.dataset).data, code.noise).data
    for method in ("plain", "torque"):
        *_, end = train_by(method, data, spec, RewireSpec(seed=3), watch_test=True)
        for name, value in (("best epoch", end.best_epoch), ("validation", end.validation), ("test", end.test)):
            assert results[f"{method} {name}"] == str(value)


def test_the_script_of_several_seeds_prints_their_mean_and_deviation():
    code, spec = GraphCode(DatasetSpec("karate"), Noise("insert", 0.5, 3)), TrainSpec(epochs=8, seed=3)
    results = printed_by(training_script(code, spec, RewireSpec(seed=5), ["plain", "torque"], seeds=3))
    data = add_noise(load(code.dataset).data, code.noise).data
    for method in ("plain", "torque"):
        scores = []
        for more in range(3):
            *_, end = train_by(method, data, TrainSpec(epochs=8, seed=3 + more), RewireSpec(seed=5 + more))
            assert results[f"{method} test with seed {3 + more}"] == str(end.test)
            scores.append(end.test)
        assert float(results[f"{method} mean"]) == pytest.approx(sum(scores) / 3)
        assert float(results[f"{method} standard deviation"]) == pytest.approx(statistics.stdev(scores))


@pytest.mark.parametrize("method", ["torque", "gdc", "ablation_random"])
def test_the_script_of_a_compared_method_prints_its_measures(method):
    code = GraphCode(DatasetSpec("karate"), Noise("insert", 0.5))
    results = printed_by(comparison_script(code, method, RewireSpec(cut="fixed"), layer=1))
    graph = load(code.dataset)
    noisy = add_noise(graph.data, code.noise)
    change = compare(noisy.data, method, RewireSpec(cut="fixed"), layer=1)
    report = change_report(change, noisy.is_injected(change.pairs), graph.data.y, seconds=change.seconds)
    names = ("kept", "pruned", "added", "precision", "recall", "homophily_before", "homophily_change")
    of_graph = ("edge_homophily", "components", "isolated")
    assert results == {name: str(getattr(report, name)) for name in names} | {
        name: str(getattr(report.after, name)) for name in of_graph
    }


@pytest.mark.parametrize(
    "experiment",
    [
        Training(dataset="karate", method="torque", split=2, noise=Noise("insert", 0.5, 2),
                 spec=TrainSpec(epochs=4, seed=2), options=(("cut", "fixed"), ("fraction", 0.3))),
        Detection(dataset="karate", noise=Noise("insert", 0.5, 1)),
    ],
    ids=["training", "detection"],
)  # fmt: skip
def test_the_script_of_a_stored_point_prints_its_metrics(experiment):
    results = dict(line.split(" ", 1) for line in output_of(experiment_script(experiment)).splitlines())
    expected = {name: str(value) for name, value in experiment.run().metrics.items()}
    assert results.keys() == expected.keys()
    assert {name for name in expected if results[name] != expected[name]} <= {
        name for name in expected if "seconds" in name
    }
    assert "test" in results or "auroc_torque" in results


def test_the_script_of_an_uploaded_graph_reads_its_files(tmp_path, monkeypatch):
    files = {"edges.csv": b"source,target,w\na,b,2\nb,c,1\nc,d,1\nd,a,3\n",
             "nodes.csv": b"id,team,city\na,x,u\nb,x,v\nc,y,u\nd,y,v\n"}  # fmt: skip
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    roles = ColumnRoles(classes="city", weight="w")
    imported = import_graph(files, roles=roles)
    code = GraphCode(DatasetSpec(USER_GRAPH, content=imported.content), Noise(), imported.files, roles)
    results = printed_by(python_snippet(code, RewireSpec()))
    assert results["edges judged"] == "4"
    assert results["edge homophily before"] == "0.0"


def test_another_device_is_written(monkeypatch):
    monkeypatch.setattr("torque_core.io.snippet.pick_device", lambda name: torch.device("cuda"))
    text = python_snippet(GraphCode(DatasetSpec("karate"), Noise()), RewireSpec(), device="auto")
    assert 'layer = rewire(noisy.data.clone().to("cuda"), RewireSpec()).to("cpu").layers[0]\n' in text


def test_defaults_are_omitted():
    text = python_snippet(GraphCode(DatasetSpec("karate"), Noise()), RewireSpec())
    assert "load(DatasetSpec('karate'))" in text
    assert "Noise())" in text
    assert "RewireSpec()).layers[0]\n" in text
