import json

import pytest

from tests.out_of_core.graph_files import make_graph, write_files
from torque_core import rewire
from torque_core.__main__ import main
from torque_core.out_of_core import StoredRewiring


@pytest.fixture
def words(tmp_path):
    edges, x = write_files(make_graph(), tmp_path)
    return ["rewire", "--edges", str(edges), "--features", str(x), "--layers", "1"]


def test_a_graph_in_files(words, tmp_path, capsys):
    out = tmp_path / "out"
    assert main([*words, "--max-memory", "4GB", "--out", str(out)]) == 0
    printed, errors = capsys.readouterr()
    layer = rewire(make_graph(), layers=1, additions=0.0).layers[0]
    assert f"layer 1: {layer.pruned.size(1):,} of {layer.pairs.size(1):,} edges pruned" in printed
    assert "600 nodes in 1 blocks; up to 0.0 GB in" in errors
    assert StoredRewiring.open(out).layers[0].pruned == layer.pruned.size(1)
    assert main([*words, "--out", str(out)]) == 2
    assert "holds a complete rewiring" in capsys.readouterr().err
    assert main([*words, "--out", str(out), "--force", "--json", "--quiet"]) == 0
    printed, errors = capsys.readouterr()
    assert json.loads(printed)["layers"][0]["pruned"] == layer.pruned.size(1)
    assert errors == ""


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ([], "--edges also needs --out"),
        (["--out", "OUT", "cora"], "give a graph or --edges, not both"),
        (["--out", "OUT", "--noise", "0.5"], "--noise is for graphs in memory"),
        (["--out", "OUT", "--additions", "0.5"], "adds no edges"),
        (["--out", "OUT", "--columns", "a"], "--columns must be two or three names"),
        (["--out", "OUT", "--max-memory", "10MB"], "cannot hold one block"),
    ],
)
def test_wrong_flags(words, tmp_path, capsys, more, message):
    assert main([*words, *(str(tmp_path / "out") if word == "OUT" else word for word in more)]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_missing_column(words, tmp_path, capsys):
    assert main([*words, "--columns", "from,target", "--out", str(tmp_path / "out")]) == 1
    assert "has no column 'from', only source, target" in capsys.readouterr().err
