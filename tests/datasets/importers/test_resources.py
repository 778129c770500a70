"""Small files that would take much memory or time, each imported in a process of its own; and damaged files."""

import gzip
import io
import json
import os
import pickle
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.datasets.importers.fuzz import check_imported
from torque_core.datasets.importers import ImportLimits, import_graph, structural_features
from torque_core.datasets.importers.limits import Clock, LimitChecker, join_names, shorten
from torque_core.errors import BadFile

ROOT = Path(__file__).parents[3]
MEASURE = """
import json, os, pickle, resource, sys, time
from torque_core.datasets.importers import import_graph

import_graph({"edges.csv": b"a,b"})  # imports what is imported on demand
for name, files in pickle.load(sys.stdin.buffer).items():
    if process := os.fork():
        os.waitpid(process, 0)
        continue
    size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + 1_500_000_000,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
    base, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    try:
        import_graph(files)
        text = "graph"
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
    seconds, peak = time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = (peak - base) // 1000
    print(json.dumps({"name": name, "text": text, "seconds": seconds, "megabytes": megabytes}), flush=True)
    os._exit(0)
"""
EDGE = np.array([[0], [1]])


def npy(array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def header(shape, version=1, pad=0, descr="<f8") -> bytes:
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}}}".encode() + b" " * pad + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text


def archive(method=zipfile.ZIP_DEFLATED, **members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def zeros(megabytes: int) -> bytes:
    return bytes(1_000_000 * megabytes)


def many_columns() -> dict[str, bytes]:
    header = "id" + ",a" * 300_000
    return {"links.csv": b"source,target\na,b\n", "nodes.csv": header.encode()}


def empty_defaults() -> dict[str, bytes]:
    keys = "".join(f"<key id='k{key}' for='node'><default></default></key>" for key in range(10_000))
    nodes = "".join(f"<node id='{node}'/>" for node in range(20_000))
    return {"g.graphml": f"<graphml>{keys}<graph>{nodes}</graph></graphml>".encode()}


def values_of_the_last_node() -> dict[str, bytes]:
    nodes = "".join(f"<node id='{node}'/>" for node in range(100_000))
    data = "".join(f"<data key='k{key}'>1</data>" for key in range(5_000))
    return {"g.graphml": f"<graphml><graph>{nodes}<node id='last'>{data}</node></graph></graphml>".encode()}


def values_of_the_first_node() -> dict[str, bytes]:
    data = ",".join(f'"k{key}": 1' for key in range(5_000))
    nodes = ",".join(f'{{"id": {node}}}' for node in range(1, 100_000))
    return {"g.json": f'{{"nodes": [{{"id": 0, {data}}},{nodes}], "links": []}}'.encode()}


# functions, as large files are made only if these tests run
CASES = {
    "bzip2": (lambda: {"g.npz": archive(zipfile.ZIP_BZIP2, edge_index=npy(EDGE), x=zeros(10))}, "unsupported method"),
    "lzma": (lambda: {"g.npz": archive(zipfile.ZIP_LZMA, edge_index=npy(EDGE), x=zeros(10))}, "unsupported method"),
    "zeros": (
        lambda: {"g.npz": archive(edge_index=npy(EDGE), x=header((1_000_000, 45)) + zeros(360))},
        "360 MB, more than 300 times its size, which is the limit; save it with numpy.savez",
    ),
    "negative": (
        lambda: {"g.npz": archive(edge_index=npy(EDGE), x=header((-1,)) + zeros(200))},
        r"x\.npy has the shape \(-1,\)",
    ),
    "long header": (
        lambda: {"g.npz": archive(edge_index=npy(EDGE), x=header((1, 1), 2, pad=300_000_000))},
        "the header of x.npy is longer than 10,000 bytes",
    ),
    "long edges": (
        lambda: {"g.npz": archive(edge_index=header((2, 3_900_000), descr="<i8") + zeros(62) + bytes(400_000))},
        "more than 2,000,000 edges",
    ),
    "columns": (many_columns, "nodes.csv: more than 20,000 columns"),
    "defaults": (empty_defaults, "graph"),
    "last": (values_of_the_last_node, "more than 4,000,000 cells"),
    "first": (values_of_the_first_node, "more than 4,000,000 cells"),
    "gzip": (lambda: {"e.csv.gz": gzip.compress(zeros(120))}, "decompresses to more than 50 MB"),
    "dense matrix": (lambda: {"g.mtx": b"%%MatrixMarket matrix array real general\n20000 20000\n0\n"}, "is truncated"),
    "sparse features": (
        lambda: {
            "g.npz": archive(
                edge_index=npy(EDGE),
                attr_shape=npy(np.array([200_000, 250])),
                attr_indptr=npy(np.zeros(200_001, np.uint8)),
                attr_indices=npy(np.zeros(0, int)),
            )
        },
        "more than 300 times the size of the file",
    ),
    "gml": (lambda: {"g.gml": b"graph [ " + b"a 1 " * 5_000_000}, "more than 1,000,000 characters in a line"),
    "gml lines": (lambda: {"g.gml": b"graph [ node [ id 1 " + b"a 1\n" * 1_000_000}, r"node \[ has no \]"),
    "row": (
        lambda: {"e.csv": b'source,target\na,"\n' + b'ab","\n' * 5_000_000},
        "more than 1,000,000 characters in a line",
    ),
}


@pytest.fixture(scope="module")
def outcomes():
    """Message, CPU time and peak memory of each case, in a process of its own that is killed after 30 s of CPU time."""
    files = pickle.dumps({name: make() for name, (make, _) in CASES.items()})
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], input=files, capture_output=True, cwd=ROOT, env=environment, check=True
    )
    return {outcome["name"]: outcome for outcome in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", CASES)
def test_memory_and_time(outcomes, name):
    assert name in outcomes, "killed"
    text, seconds, megabytes = (outcomes[name][key] for key in ("text", "seconds", "megabytes"))
    assert re.search(CASES[name][1], text)
    assert text.startswith(("BadFile: ", "graph"))
    assert seconds < 5
    assert megabytes < 100


def test_damaged_files_become_graphs_or_messages():
    """Set TORQUE_FUZZ_FILES and TORQUE_FUZZ_SEED for more and other files."""
    number, seed = os.environ.get("TORQUE_FUZZ_FILES", "2000"), os.environ.get("TORQUE_FUZZ_SEED", "0")
    done = subprocess.run(
        [sys.executable, "-m", "tests.datasets.importers.fuzz", "--files", number, "--seed", seed],
        capture_output=True, text=True, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=True,
    )  # fmt: skip
    assert "FAILURE" not in done.stdout, done.stdout
    outcomes = {outcome: int(count) for count, _, outcome in (line.partition(" ") for line in done.stdout.splitlines())}
    assert min(outcomes["graph"], outcomes["message"]) > 0.02 * int(number)


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ((2, -1), "has the shape"),
        ((2**70, 1), "more than 50,000,000 numbers"),
        ((2**32, 2**32), "more than 50,000,000 numbers"),
        ((1000, 1), "x.npy is truncated"),
        ((1, 1), "x.npy is longer than its header declares"),
    ],
)
def test_shapes_are_checked_before_arrays_are_unpacked(shape, text):
    with pytest.raises(BadFile, match=text):
        import_graph({"g.npz": archive(edge_index=npy(EDGE), x=header(shape) + bytes(16))})


def test_arrays_with_one_name_are_rejected():
    buffer = io.BytesIO(archive(edge_index=npy(EDGE)))
    with zipfile.ZipFile(buffer, "a") as file, pytest.warns(UserWarning, match="Duplicate name"):
        file.writestr("edge_index.npy", npy(EDGE))
    with pytest.raises(BadFile, match="two arrays are named 'edge_index'"):
        import_graph({"g.npz": buffer.getvalue()})


def test_a_damaged_number_is_found_by_the_checksum():
    content = archive(zipfile.ZIP_STORED, edge_index=npy(EDGE), x=npy(np.full((2, 3), 7.0)))
    damaged = content.replace(np.float64(7).tobytes(), np.float64(8).tobytes(), 1)
    assert import_graph({"g.npz": content}).graph.data.x.tolist() == [[7.0] * 3] * 2
    with pytest.raises(BadFile, match="damaged: Bad CRC-32"):
        import_graph({"g.npz": damaged})


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f2", "<i8", "|u1", "|b1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_features_of_any_number_type(monkeypatch, dtype, order):
    monkeypatch.setattr("torque_core.datasets.importers.npz_archive._CHUNK_BYTES", 24)  # more than one chunk
    x = np.asarray(np.arange(10).reshape(5, 2) % 3, dtype=dtype, order=order)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, edge_index=EDGE, x=x)
    data = import_graph({"g.npz": buffer.getvalue()}).graph.data
    assert torch.equal(data.x, torch.from_numpy(x.astype("=f8")).float())


def test_one_hot_features_may_be_compressed():
    buffer = io.BytesIO()
    np.savez_compressed(buffer, edge_index=EDGE, x=np.eye(2500))  # 50 MB
    assert len(buffer.getvalue()) < 200_000
    assert torch.equal(import_graph({"g.npz": buffer.getvalue()}).graph.data.x, torch.eye(2500))


@pytest.mark.parametrize("encoding", ["foo", "gbk", "idna", "utf-32", "utf-9", "punycode", "iso-8859-12", "a" * 5000])
def test_unsupported_encodings_of_xml(encoding):
    content = f'<?xml version="1.0" encoding="{encoding}"?><graphml><node id="a"/><node id="b"/></graphml>'
    with pytest.raises(BadFile, match=r"g.graphml, line 1: the encoding '.*' is not supported; save the file as UTF-8"):
        import_graph({"g.graphml": content.encode()})


@pytest.mark.parametrize("encoding", ["UTF-8", "utf-16", "ISO-8859-1", "iso-8859-15", "windows-1252", "latin1"])
def test_supported_encodings_of_xml(encoding):
    content = f'<?xml version="1.0" encoding="{encoding}"?><graphml><node id="Zoë"/><node id="b"/></graphml>'
    assert import_graph({"g.graphml": content.encode(encoding)}).names == ("Zoë", "b")


@pytest.mark.parametrize(
    ("x", "text"),
    [
        ("[[1, 2], [3, 4]]", "lists of numbers"),
        ("[[1], [3, 4]]", "lists of numbers"),
        ('["1", "2"]', "lists of numbers"),
        ('[{"a": 1}, 2]', "lists of numbers"),
    ],
)
def test_features_in_json_that_are_not_numbers(x, text):
    content = f'{{"nodes": [{{"id": "a", "x": {x}}}, {{"id": "b", "x": {x}}}], "links": []}}'
    with pytest.raises(BadFile, match=text):
        import_graph({"g.json": content.encode()})


@pytest.mark.parametrize("x", [np.array([["1"], ["2"]]), np.array([["a"], ["b"]])])
def test_features_in_npz_that_are_texts(x):
    with pytest.raises(BadFile, match="must be one list of numbers for each node"):
        import_graph({"g.npz": archive(edge_index=npy(EDGE), x=npy(x))})


@pytest.mark.parametrize(
    "node",
    ['{"id": "\\ud800"}', '{"id": 1, "name": "\\udc00!"}', '{"id": 1, "class": "\\ud83d"}', '{"id": 1, "a\\ud83d": 1}'],
)
def test_half_of_a_surrogate_pair_is_rejected(node):
    with pytest.raises(BadFile, match=r"g.json, node 1: '.*\\ud.*' contains half of a surrogate pair") as caught:
        import_graph({"g.json": f'{{"nodes": [{node}, 2], "links": []}}'.encode()})
    str(caught.value).encode()


def test_a_whole_surrogate_pair_is_a_character():
    assert import_graph({"g.json": b'{"nodes": ["\\ud83d\\ude00", 2], "links": []}'}).names == (
        "\N{GRINNING FACE}",
        "2",
    )


def test_half_of_a_surrogate_pair_in_a_part_that_is_ignored():
    links = '[{"source": 1, "target": 2, "\\udc00": 1}]'
    imported = import_graph(
        {"g\ud800.json": f'{{"nodes": [1, {{"id": 2, "t": "\\ud800"}}], "links": {links}}}'.encode()}
    )
    check_imported(imported)
    assert "Edge attributes were ignored: \\udc00." in imported.notes
    assert imported.files == ("g\\ud800.json",)
    with pytest.raises(BadFile, match=r"g\\ud800.json, line 1") as caught:
        import_graph({"g\ud800.json": b"{"})
    str(caught.value).encode()


def test_names_in_notes_and_messages_are_shortened():
    long = "k" * 5_000_000
    links = f'[{{"source": 1, "target": 2, "{long}": 1}}]'
    imported = import_graph({f"{long}.json": f'{{"nodes": [1, 2], "links": {links}}}'.encode()})
    check_imported(imported)
    assert any(note.startswith("Edge attributes were ignored: kkk") for note in imported.notes)
    header = f"{'s' * 100_000},t\n".encode()
    check_imported(import_graph({"e.csv": header + b"1,2\n"}))
    for files in ({"g.json": f'{{"nodes": [{{"id": 1, "{long}": 1}}], "links": []}}'.encode()},
                  {f"{long}.json": b"{"},
                  {f"{node}{long}.csv": b"source,target\n1,2\n" for node in range(3)}):  # fmt: skip
        with pytest.raises(BadFile) as caught:
            import_graph(files)
        assert len(str(caught.value)) < 1100


def test_number_of_files_is_limited():
    with pytest.raises(BadFile, match="more than 50 files"):
        import_graph({f"{number}.csv": b"" for number in range(51)})


def test_an_unexpected_error_becomes_a_message(monkeypatch):
    def fail(*_):
        raise KeyError("\ud800" * 10_000)

    for error, text in ((fail, "e.csv: cannot be read as a graph .KeyError: .*save it again"),
                        (lambda *_: bytearray(2**62), "e.csv: reading takes more memory than there is")):  # fmt: skip
        monkeypatch.setattr("torque_core.datasets.importers.assemble", error)
        with pytest.raises(BadFile, match=text) as caught:
            import_graph({"e.csv": b"a,b\n"})
        assert len(str(caught.value).encode()) < 1100


class SessionOver(Exception):
    pass


def raise_session_over():
    raise SessionOver


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.csv", b"a,b\n"),
        ("g.json", b'{"nodes": [1, 2], "links": []}'),
        ("g.graphml", b"<graphml><node id='a'/><node id='b'/></graphml>"),
        ("g.gexf", b"<gexf><node id='a'/><node id='b'/></gexf>"),
        ("g.npz", archive(edge_index=npy(EDGE))),
        ("g.gml", b"graph [ node [ id 1 ] node [ id 2 ] ]"),
        ("g.net", b"*Vertices 2\n*Edges\n1 2\n"),
        ("g.graph", b"2 1\n2\n1\n"),
        ("g.mtx", b"%%MatrixMarket matrix coordinate pattern symmetric\n2 2 1\n2 1\n"),
        ("e.csv.gz", gzip.compress(b"a,b\n", mtime=0)),
    ],
)
def test_a_checkpoint_aborts_every_reader(monkeypatch, name, content):
    calls = []
    monkeypatch.setattr("torque_core.datasets.importers.limits._CHECKPOINT_SECONDS", 0.0)
    import_graph({name: content}, checkpoint=lambda: calls.append(name))
    for last in range(1, len(calls) + 1):  # wherever it raises, its exception is passed on unchanged
        left = iter([None] * (last - 1))
        with pytest.raises(SessionOver):
            import_graph({name: content}, checkpoint=lambda left=left: next(left, 0) is None or raise_session_over())
    assert len(calls) > 3


def test_triangles_stop_at_a_checkpoint(monkeypatch):
    monkeypatch.setattr(structural_features, "_BLOCK_PRODUCTS", 1)
    pairs = torch.combinations(torch.arange(9)).T
    calls = []
    structural_features.structural_features(pairs, 9, checkpoint=lambda: calls.append(0))
    assert len(calls) > 9
    with pytest.raises(SessionOver):
        structural_features.structural_features(pairs, 9, checkpoint=raise_session_over)


def test_clock_calls_the_checkpoint_at_intervals(monkeypatch):
    now, calls = [0.0], []
    monkeypatch.setattr("torque_core.datasets.importers.limits.time.monotonic", lambda: now[0])
    clock = Clock(2.0, lambda: calls.append(now[0]))
    for tenths in range(30):
        now[0] = tenths / 10
        assert clock.is_over() == (now[0] > 2)
    assert 10 <= len(calls) <= 15
    assert np.diff(calls).min() > 0.19
    with pytest.raises(BadFile, match="not read within 2 seconds"):
        LimitChecker("a", ImportLimits(), clock=clock).check()


def test_shorten_and_join():
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdefg", 6) == "abcde…"
    assert join_names(["a", "b", "c"], 2) == "a, b"
    assert len(join_names(["a" * 1000] * 9)) == 400
