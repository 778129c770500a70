"""In every file and table, the factors of an edge multiply to its torque, in the digits that are written."""

import csv
import io
from functools import cache
from itertools import product

import networkx
import numpy as np
import pandas as pd
import pytest

from torque_core import FORCES, LEVERS, BlockModel, DatasetSpec, Noise, RewireSpec, add_noise, load, rewire
from torque_core.io.export_folder import export_rewiring
from torque_core.io.graph_formats import graph_file
from torque_core.io.spreadsheets import spreadsheet_csv
from torque_core.io.tables import edge_table
from torque_core.scoring.torque import PRODUCTS

FACTORS = {"scalar": ["lever arm", "force"], "cross": ["lever arm", "force", "sine"]}


@cache
def noisy_graph():
    data = load(DatasetSpec("block_model", block_model=BlockModel(nodes=40))).data
    return add_noise(data, Noise("insert", 0.5))


def assert_products(rows, factors):
    """The product of the factor columns is the torque column."""
    table = pd.DataFrame(rows)
    first, last = table.columns.get_loc("lever arm"), table.columns.get_loc("torque")
    assert list(table.columns[first:last]) == factors
    written = table[factors].astype(np.float64)
    expected = table["torque"].astype(np.float64)
    assert len(table)
    np.testing.assert_allclose(written.prod(axis=1), expected, rtol=4e-7, atol=1e-30)


def in_csv(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(("lever", "force", "multiply"), list(product(LEVERS, FORCES, PRODUCTS)))
def test_factors_multiply_to_the_torque_in_every_file(lever, force, multiply, tmp_path):
    noisy, factors = noisy_graph(), FACTORS[multiply]
    options = {"cut": "fixed", "fraction": 0.3, "additions": 1.0, "layers": 1}
    rewiring = rewire(noisy.data, RewireSpec(lever=lever, force=force, product=multiply, **options))
    export_rewiring(rewiring, noisy, tmp_path, {})
    assert_products(in_csv((tmp_path / "layer_1.csv").read_text()), factors)

    (layer,) = rewiring.layers
    table = edge_table(layer, noisy.is_injected(layer.pairs))
    assert_products(table, factors)
    assert_products(in_csv(spreadsheet_csv(table)), factors)

    pairs = np.concatenate([layer.pairs, layer.added], axis=1)
    columns = {name: column for name, column in table.items() if name not in ("source", "target", "fate")}
    files = {
        kind: graph_file(kind, layer.pairs.new_tensor(pairs), 40, edge_columns=columns)
        for kind in ("csv", "graphml", "gexf", "npz")
    }
    assert_products(in_csv(files["csv"].decode()), factors)
    for kind, read in (("graphml", networkx.read_graphml), ("gexf", networkx.read_gexf)):
        edges = read(io.BytesIO(files[kind])).edges(data=True)
        assert_products([{name: data[name] for name in (*factors, "torque")} for _, _, data in edges], factors)
    with np.load(io.BytesIO(files["npz"])) as arrays:
        names = [*factors, "torque"]
        assert_products({name: arrays[f"edge_{name.replace(' ', '_')}"] for name in names}, factors)
