import json

import numpy as np
import pyarrow.parquet as pq
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


def test_a_small_bench_writes_its_record(tmp_path, capsys):
    sizes = ["--nodes", "300", "--edges", "1000", "--features", "4", "--max-memory", "4GB"]
    assert main([*sizes, "--out", str(tmp_path)]) == 0
    record = json.loads((tmp_path / "out_of_core.json").read_text())
    assert 900 < record["edges"] <= 1_000
    assert 1e8 < record["peak_bytes"] < 4e9  # of the other process
    assert "300 nodes" in capsys.readouterr().out
