import json

from torque_core.bench import training
from torque_core.bench.training import main, training_table


def test_a_small_bench_writes_its_record(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(training, "CASES", [("karate", "gcn", None), ("karate", "sage", 16), ("1M", "gcn", None)])
    assert main(["--graphs", "karate", "--epochs", "2", "--out", str(tmp_path)]) == 0
    record = json.loads((tmp_path / "training.json").read_text())
    assert [(run["backbone"], run["batch_size"]) for run in record["runs"]] == [("gcn", None), ("sage", 16)]
    assert all(0 < run["epoch_seconds"] < 60 and run["bytes"] >= 0 for run in record["runs"])
    lines = training_table(record["runs"]).splitlines()
    assert lines[0] == "| | karate: 34 nodes, 52 edges, 34 features |"
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["gcn, all nodes at once", "sage, batches of 16"]
    assert "sage" in capsys.readouterr().out
