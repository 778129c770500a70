import contextlib
import io

import pytest
import torch

from torque_core import BlockModel, DatasetSpec, Noise, RewireSpec, add_noise, load, rewire
from torque_core.diagnostics import detection, edge_homophily
from torque_core.io.snippet import python_snippet

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


@pytest.mark.parametrize("name", CASES)
def test_the_script_runs_and_prints_the_same_numbers(name):
    dataset, noise, spec, layer, threshold = CASES[name]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(python_snippet(dataset, noise, spec, layer=layer, threshold=threshold), name, "exec"), {})
    results = dict(line.rsplit(" ", 1) for line in printed.getvalue().splitlines())
    graph = load(dataset)
    noisy = add_noise(graph.data, noise)
    record = rewire(noisy.data, spec).layers[layer]
    record = record if threshold is None else record.recut(threshold, additions=spec.additions)
    report = detection(record.torque.value, record.pruned_mask, noisy.is_injected(record.pairs))
    assert results == {
        "edges judged": str(record.pairs.size(1)),
        "edges pruned": str(report.pruned),
        "edges added": str(record.added.size(1)),
        "precision": str(report.precision),
        "recall": str(report.recall),
        "AUROC of torque": str(report.auroc),
        "edge homophily before": str(edge_homophily(noisy.data.edge_index, graph.data.y)),
        "edge homophily after": str(edge_homophily(record.rewired, graph.data.y)),
    }


def test_another_device_is_written(monkeypatch):
    monkeypatch.setattr("torque_core.io.snippet.pick_device", lambda name: torch.device("cuda"))
    text = python_snippet(DatasetSpec("karate"), Noise(), RewireSpec(), device="auto")
    assert 'layer = rewire(noisy.data.clone().to("cuda"), RewireSpec()).to("cpu").layers[0]\n' in text


def test_defaults_are_omitted():
    text = python_snippet(DatasetSpec("karate"), Noise(), RewireSpec())
    assert "load(DatasetSpec('karate'))" in text
    assert "Noise())" in text
    assert "RewireSpec()).layers[0]\n" in text
