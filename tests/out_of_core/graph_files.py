"""A graph in memory and in files, and blocks so small that it needs several."""

import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch_geometric.data import Data

from torque_core.bench.graphs import BenchGraph
from torque_core.graph import column_statistics

NODES, ROWS = 600, 128


def small_blocks(monkeypatch, rows=ROWS, chunk=64):
    """Let a rewiring in files use blocks of 128 nodes, which are two chunks."""
    module = sys.modules["torque_core.out_of_core.rewire_store"]  # the package exports a function of that name
    make_plan = module.make_plan
    monkeypatch.setattr(column_statistics, "CHUNK_ROWS", chunk)
    monkeypatch.setattr(module, "make_plan", lambda *arguments: replace(make_plan(*arguments), rows=rows))


def make_graph(kind="two-way"):
    """600 nodes and about 3,000 edges, in both directions, in one, or with weights and in any order."""
    graph = BenchGraph(NODES, 3_000, 8, heavy_tail=True).make()
    edge_index, generator = graph.edge_index, torch.Generator().manual_seed(0)
    if kind == "one-way":
        ends = edge_index[:, edge_index[0] < edge_index[1]]
        flipped = torch.rand(ends.size(1), generator=generator) < 0.5
        return Data(x=graph.x, edge_index=torch.where(flipped, ends.flip(0), ends))
    if kind == "weighted":
        order = torch.randint(edge_index.size(1), (edge_index.size(1),), generator=generator)  # some repeated
        edges = torch.cat([edge_index[:, order], torch.tensor([[5, 7], [5, 7]])], dim=1)  # two self-loops
        weight = torch.rand(edges.size(1), generator=generator)
        weight[::50] = 0
        return Data(x=graph.x, edge_index=edges, edge_weight=weight)
    return Data(x=graph.x, edge_index=edge_index)


def write_files(data, folder, *, row_group_size=700):
    """Write a graph as edges.parquet and x.npy; return their paths."""
    columns = {"source": data.edge_index[0].numpy(), "target": data.edge_index[1].numpy()}
    if data.get("edge_weight") is not None:
        columns["weight"] = data.edge_weight.numpy()
    pq.write_table(pa.table(columns), folder / "edges.parquet", row_group_size=row_group_size)
    np.save(folder / "x.npy", data.x.numpy())
    return folder / "edges.parquet", folder / "x.npy"


def assert_same(stored, rewiring):
    """The results in files are those of ``rewire``, bit for bit."""
    assert stored.spec == rewiring.spec
    for ours, theirs in zip(stored.layers, rewiring.layers, strict=True):
        table = ours.read()
        assert np.array_equal(np.stack([table["source"], table["target"]]), theirs.pairs.numpy())
        for name, factor in theirs.torque.factors.items():
            assert np.array_equal(table[name], factor.numpy())
        assert np.array_equal(table["torque"], theirs.torque.value.numpy())
        assert np.array_equal(table["fate"] == "pruned", theirs.pruned_mask.numpy())
        assert (ours.threshold, ours.reason) == (theirs.cut.threshold, theirs.cut.reason)
        assert (ours.edges, ours.pruned) == (theirs.pairs.size(1), theirs.pruned.size(1))
        edge_index, weight = ours.graph()
        assert torch.equal(edge_index, theirs.edge_index)
        assert (weight is None) == (theirs.edge_weight is None)
        assert weight is None or torch.equal(weight, theirs.edge_weight)
