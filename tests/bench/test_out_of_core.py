import json

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from torque_core.bench.out_of_core import main, write_graph
from torque_core.diagnostics import edge_homophily
from torque_core.graph.pairs import undirected_pairs


def test_the_graph_has_the_sizes_and_follows_the_classes(tmp_path):
    edges, x = write_graph(tmp_path, 2_000, 20_000, 4)
    assert np.load(x).shape == (2_000, 4)
    table = pq.read_table(edges)
    assert table.num_rows == 20_000
    ends = torch.from_numpy(np.stack([table["source"].to_numpy(), table["target"].to_numpy()]))
    assert 0 <= int(ends.min()) <= int(ends.max()) < 2_000
    # 70 % join one class; of the others a seventh does by chance: .7 + .3 / 7 = .74
    assert abs(edge_homophily(undirected_pairs(ends, 2_000), torch.arange(2_000) % 7) - 0.743) < 0.02


@pytest.mark.parametrize("workers", [0, 2])
def test_a_small_bench_adds_a_run_to_its_record(tmp_path, capsys, workers):
    sizes = ["--nodes", "300", "--edges", "1000", "--features", "4", "--max-memory", "4GB", "--workers", str(workers)]
    for _ in range(2 if workers == 0 else 1):
        assert main([*sizes, "--out", str(tmp_path)]) == 0
    (run,) = json.loads((tmp_path / "out_of_core.json").read_text())["runs"]
    assert 900 < run["edges"] <= 1_000
    assert 1e8 < run["peak_bytes"] < 4e9  # of another process
    assert run["workers"] == workers
    assert "300 nodes" in capsys.readouterr().out
    if workers == 0:
        assert main([*sizes, "--features", "5", "--out", str(tmp_path)]) == 0
        runs = json.loads((tmp_path / "out_of_core.json").read_text())["runs"]
        assert [run["features"] for run in runs] == [4, 5]
