import csv
import io
import json
import sys

import pytest

from torque_core.__main__ import main
from torque_core.io.example_files import example_files

EDGES = "source,target\nann,bob\nbob,cy\ncy,ann\ncy,dan\ndan,=eve\n=eve,cy\n"


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """The karate club in every format."""
    folder = tmp_path_factory.mktemp("examples")
    for name, content in example_files().items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def stdin(monkeypatch):
    def give(content: bytes):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    return give


def summary_of(capsys, *words):
    assert main(["rewire", *map(str, words), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    return document["dataset"], document["nodes"], document["before"]["edges"]


@pytest.mark.parametrize("name", ["karate.graphml", "karate.gexf", "karate.json", "karate.npz", "edges.csv"])
def test_a_file_of_any_format(capsys, examples, stdin, name):
    assert summary_of(capsys, examples / name) == (name, 34, 78)
    stdin((examples / name).read_bytes())
    suffix = name.partition(".")[2]
    assert summary_of(capsys, "-") == (f"stdin.{suffix}", 34, 78)


def test_tables_of_edges_and_nodes_are_trained_on(capsys, examples):
    files = [str(examples / name) for name in ("edges.csv", "nodes.csv")]
    assert main(["train", *files, "--epochs", "1", "--runs", "1", "--scheme", "random-10-10-80"]) == 0
    assert capsys.readouterr().out.startswith("test accuracy (%) on edges.csv, nodes.csv, insert 0%, runs: 1\n")


def test_edges_through_a_pipe(capsys, stdin):
    stdin(EDGES.encode())
    assert main(["rewire", "-", "--layers", "1", "--cut", "fixed", "--fraction", "0.2", "--out", "-"]) == 0
    out = capsys.readouterr().out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert list(rows[0]) == ["source", "target", "weight", "layer"]
    assert {row["layer"] for row in rows} == {"1"}
    assert {row["source"] for row in rows} | {row["target"] for row in rows} <= {"ann", "bob", "cy", "dan", "'=eve"}
    stdin(out.encode())
    assert summary_of(capsys, "-") == ("stdin.csv", 5, len(rows))


def test_names_are_in_the_tables_of_the_folder(capsys, tmp_path):
    (tmp_path / "edges.csv").write_text(EDGES)
    assert main(["rewire", str(tmp_path / "edges.csv"), "--out", str(tmp_path / "out")]) == 0
    with (tmp_path / "out" / "layer_1.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["source name"], row["target name"]) for row in rows][:2] == [("ann", "bob"), ("ann", "cy")]
    assert "'=eve" in {row["target name"] for row in rows}


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["none.csv"], 1, "cannot read none.csv: No such file or directory"),
        (["."], 1, "cannot read .: Is a directory"),
        (["karate", "edges.csv"], 2, "karate is a data set, which must be the only graph; got karate edges.csv"),
        ([], 2, "name a graph: a file, or one of karate, "),
        (["edges.xlsx"], 2, "unknown data set 'edges.xlsx'"),
    ],
)
def test_what_is_no_graph(capsys, monkeypatch, tmp_path, words, status, message):
    monkeypatch.chdir(tmp_path)
    assert main(["rewire", *words]) == status
    assert message in capsys.readouterr().err


def test_files_of_the_same_name(capsys, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "edges.csv").write_text(EDGES)
    assert main(["rewire", *(str(tmp_path / folder / "edges.csv") for folder in ("a", "b"))]) == 2
    assert "different names" in capsys.readouterr().err


def test_a_file_is_read_up_to_the_limit(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("torque_core.cli.graph_source._MAX_BYTES", 10)
    (tmp_path / "edges.csv").write_text("a,b\n" * 1_000_000)
    assert summary_of(capsys, tmp_path / "edges.csv")[1] == 2  # the first lines only


def test_a_graph_without_classes_is_not_trained_on(capsys, tmp_path):
    (tmp_path / "edges.csv").write_text(EDGES)
    assert main(["train", str(tmp_path / "edges.csv"), "--runs", "1", "--epochs", "1"]) in (1, 2)
    assert len(capsys.readouterr().err.splitlines()) == 1
