import re

import pytest
import torch

from torque_core import BadConfig, DatasetSpec, RewireSpec, TrainSpec, load
from torque_core.datasets.importers import ColumnRoles, import_graph
from torque_core.datasets.info import USER_GRAPH
from torque_core.experiments.verdict import VerdictSpec, VerdictTask, run_task, run_verdict, verdict_script
from torque_core.experiments.verdict.__main__ import main
from torque_core.graph.pairs import undirected_pairs
from torque_core.methods.compare import compare

SHORT = TrainSpec(epochs=4, warmup=2, hidden=8)
KARATE = load(DatasetSpec("karate")).data


def test_a_run_is_the_same_again_and_knows_its_edges():
    task, spec = VerdictTask("torque", 0.5, 3), VerdictSpec(training=SHORT)
    first, again = (run_task(KARATE, task, spec) for _ in range(2))
    assert torch.equal(first.predictions, again.predictions)
    assert torch.equal(first.pruned, again.pruned)
    assert int(first.injected.sum()) == 39
    clean = undirected_pairs(KARATE.edge_index, 34)
    assert torch.equal(first.pairs[:, ~first.injected], clean)


def test_a_peer_is_trained_on_the_graph_that_it_makes():
    spec = VerdictSpec(training=SHORT)
    run = run_task(KARATE, VerdictTask("cosine", 0.0, 0), spec)
    assert torch.equal(run.pruned, compare(KARATE, "cosine").pruned_mask)
    plain = run_task(KARATE, VerdictTask("plain", 0.0, 0), spec)
    assert not plain.pruned.any()
    assert plain.homophily_before == plain.homophily_after


def test_watch_can_end_a_run():
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_task(KARATE, VerdictTask("plain", 0.0, 0), VerdictSpec(training=SHORT), watch=stop)


def test_the_script_prints_the_same_numbers(capsys):
    spec = VerdictSpec(rates=(0.0, 0.5), seeds=2, methods=("plain", "torque"), training=SHORT,
                       rewire=RewireSpec(cut="fixed", fraction=0.25))  # fmt: skip
    datasets = [DatasetSpec("karate", split=seed) for seed in range(2)]
    exec(verdict_script(datasets, spec), {})
    out = capsys.readouterr().out
    verdict = run_verdict([load(dataset).data for dataset in datasets], spec)
    assert out == f"{verdict.sentence()}\n{verdict.scores().to_string()}\n{verdict.edges().to_string()}\n"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rates": (0.5, 0.0)}, "rates must be ascending"),
        ({"rates": ()}, "rates must be ascending"),
        ({"seeds": 0}, "seeds must be"),
        ({"methods": ("torque", "plain")}, "methods must begin with 'plain'"),
        ({"methods": ("plain", "alchemy")}, "method must be one of"),
    ],
)
def test_bad_settings(values, message):
    with pytest.raises(BadConfig, match=message):
        VerdictSpec(**values)


def test_as_many_splits_as_seeds():
    with pytest.raises(BadConfig, match="one graph for each of the 5 seeds, got 1"):
        run_verdict([KARATE], VerdictSpec(training=SHORT))


def test_the_script_of_an_uploaded_graph_keeps_its_roles(capsys, tmp_path, monkeypatch):
    ends = [(i, (i + step) % 12) for i in range(12) for step in (1, 5)]
    files = {
        "edges.csv": "".join(f"{i},{j}\n" for i, j in [("source", "target"), *ends]).encode(),
        "nodes.csv": b"id,kind,age\n" + b"".join(f"{i},{'xy'[i % 2]},{i}\n".encode() for i in range(12)),
    }
    roles = ColumnRoles(classes="kind", features=())
    imported = import_graph(files, roles=roles)
    datasets = [DatasetSpec(USER_GRAPH, "random-48-32-20", content=imported.content, directed=True)]
    spec = VerdictSpec(rates=(0.0,), seeds=1, methods=("plain", "torque"), training=SHORT)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    exec(verdict_script(datasets, spec, files=list(files), roles=roles), {})
    verdict = run_verdict([imported.dataset(datasets[0]).data], spec)
    assert capsys.readouterr().out.startswith(verdict.sentence())


def test_the_command_prints_the_tables_and_the_time(capsys):
    threads = torch.get_num_threads()
    main(["karate", "--seeds", "1", "--threads", "1"])  # more are in each other's way on so small a graph
    torch.set_num_threads(threads)
    out = capsys.readouterr().out
    assert re.search(r"25 trainings in \d+ s with 1 threads, \d+ s of CPU time\n$", out)
