"""Files made to do harm, and many at random: a clear message or a correct graph, in bounded memory and time."""

import io
import json
import pickle
import struct
import time
import tracemalloc
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from torque_core.datasets.importers import ImportLimits, import_graph
from torque_core.errors import BadFile
from torque_core.graph.pairs import check_graph

MANY = settings(max_examples=500, deadline=None)  # in each of six tests, most of which make two files of an example
_TEXT = st.text(max_size=12)
_ID = st.one_of(
    st.integers(-3, 12).map(str), _TEXT, st.sampled_from(["=cmd()", "nan", "a,b", '"', "\x00", "1e999", ""])
)
_NUMBER = st.one_of(st.floats(), st.integers(), st.booleans(), st.none(), _TEXT)


def outcome(files):
    """What comes of it, soon and with little memory: a graph that is in order, or a message that names a file."""
    found, message = None, ""
    tracemalloc.start()
    began = time.process_time()
    try:
        found = import_graph(files)
    except BadFile as error:
        message = str(error)
    finally:
        seconds, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert seconds < 10  # the first one imports igraph
    assert most < 50e6
    if found is None:
        assert any(message.startswith(name) for name in files)
        return
    data = found.graph.data
    check_graph(data)
    assert torch.isfinite(data.x).all()
    assert len(data.y) == len(data.x) == found.info.nodes > 0
    assert data.y.max() < max(len(found.classes), 1)
    assert data.edge_index.size(1) == 2 * found.info.edges
    assert found.names is None or len(found.names) == found.info.nodes


@MANY
@given(
    st.lists(st.lists(_ID, max_size=4), max_size=8),
    st.lists(st.lists(_ID, max_size=4), max_size=6),
    st.sampled_from([",", ";", "\t", " "]),
    st.sampled_from(["utf-8", "utf-16", "latin-1", "utf-8-sig"]),
    st.booleans(),
)
def test_tables(links, nodes, separator, encoding, headed):
    edges = "\n".join([separator.join(("source", "target"))] * headed + [separator.join(row) for row in links])
    said = "\n".join(["id,class,f"] * headed + [",".join(row) for row in nodes])
    files = {"edges.csv": edges.encode(encoding, "replace"), "nodes.csv": said.encode(encoding, "replace")}
    outcome(files)
    outcome({"edges.csv": files["edges.csv"]})


@MANY
@given(st.lists(st.tuples(_ID, st.dictionaries(_TEXT, _NUMBER, max_size=3)), max_size=6),
       st.lists(st.tuples(_ID, _ID), max_size=6), st.booleans())  # fmt: skip
def test_json(nodes, links, directed):
    document = {
        "directed": directed,
        "nodes": [{**said, "id": name} for name, said in nodes],
        "links": [{"source": source, "target": target} for source, target in links],
    }
    outcome({"g.json": json.dumps(document).encode()})


_KEYS = st.sampled_from(["nodes", "links", "edges", "id", "source", "target", "x"])


@MANY
@given(
    st.recursive(
        _NUMBER,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
        max_leaves=12,
    )
)
def test_json_of_any_form(document):
    outcome({"g.json": json.dumps(document).encode()})


def escaped(text: str) -> str:
    kept = "".join(letter for letter in text if letter.isprintable())
    return kept.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


@MANY
@given(st.lists(st.tuples(_ID, _ID, _ID), max_size=6), st.lists(st.tuples(_ID, _ID), max_size=6),
       st.sampled_from(["graphml", "gexf"]), st.binary(max_size=4), st.integers(0, 400))  # fmt: skip
def test_xml(nodes, links, kind, junk, at):
    data = '<data key="class">{}</data><data key="f">{}</data>'
    if kind == "gexf":
        data = '<attvalues><attvalue for="class" value="{}"/><attvalue for="f" value="{}"/></attvalues>'
    body = [f'<node id="{escaped(n)}">{data.format(escaped(c), escaped(f))}</node>' for n, c, f in nodes]
    body += [f'<edge source="{escaped(i)}" target="{escaped(j)}"/>' for i, j in links]
    content = f"<{kind}><graph>{''.join(body)}</graph></{kind}>".encode()
    outcome({f"g.{kind}": content})
    outcome({f"g.{kind}": content[:at] + junk + content[at:]})


@MANY
@given(st.integers(0, 6), st.lists(st.tuples(st.integers(-1, 7), st.integers(-1, 7)), max_size=6),
       st.sampled_from(["<i4", "<i8", ">i8", "<u2", "<f4", "<U3", "|b1"]),
       st.sampled_from(["<f4", "<f8", "<f2", "<c8", "<i4"]), st.booleans(), st.binary(max_size=3),
       st.integers(0, 600))  # fmt: skip
def test_npz(size, links, of_links, of_features, labelled, junk, at):
    arrays = {"edge_index": np.array(links, dtype=np.int64).reshape(-1, 2).T.astype(of_links)}
    arrays["x"] = np.ones((size, 2)).astype(of_features)
    if labelled:
        arrays["y"] = np.arange(size)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    content = buffer.getvalue()
    outcome({"g.npz": content})
    outcome({"g.npz": content[:at] + junk + content[at + len(junk) :]})


@MANY
@given(st.lists(st.integers(-1, 4), max_size=3), st.lists(st.integers(-2, 6), max_size=6),
       st.lists(st.integers(-1, 6), max_size=6), st.sampled_from(["<i4", "<u8", "<f8"]), st.booleans())  # fmt: skip
def test_a_matrix_as_scipy_saves_it(shape, first, columns, of_places, by_entries):
    names = ("row", "col") if by_entries else ("indptr", "indices")
    with np.errstate(invalid="ignore"):
        places = [np.array(said, dtype=np.int64).astype(of_places) for said in (first, columns)]
    buffer = io.BytesIO()
    np.savez(buffer, shape=np.array(shape, dtype=np.int64), **dict(zip(names, places, strict=True)))
    outcome({"g.npz": buffer.getvalue()})


def test_an_npz_whose_directory_points_before_its_beginning():
    buffer = io.BytesIO()
    np.savez(buffer, edge_index=np.zeros((2, 1), np.int64))
    content = bytearray(buffer.getvalue())
    end = content.rfind(b"PK\x05\x06")
    content[end + 16 : end + 20] = struct.pack("<I", int.from_bytes(content[end + 16 : end + 20], "little") + 500)
    with pytest.raises(BadFile, match=r"g\.npz: not an npz file"):
        import_graph({"g.npz": bytes(content)})


def bounded(files, said, *, seconds=20.0, megabytes=400.0, limits=None):
    """The message comes soon, and without much memory beyond the file's own."""
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(BadFile, match=said):
            import_graph(files, limits)
        assert time.process_time() - began < seconds
        assert tracemalloc.get_traced_memory()[1] < 1e6 * megabytes
    finally:
        tracemalloc.stop()


def test_a_billion_laughs():
    entities = "".join(f'<!ENTITY l{k + 1} "{f"&l{k};" * 10}">' for k in range(9))
    content = f'<!DOCTYPE graphml [<!ENTITY l0 "lol">{entities}]><graphml><graph>&l9;</graph></graphml>'
    bounded({"g.graphml": content.encode()}, "document type declarations", megabytes=1)
    bounded({"g.gexf": content.replace("graphml", "gexf").encode()}, "document type declarations", megabytes=1)


@pytest.mark.parametrize("system", ["file:///etc/passwd", "http://127.0.0.1:9/x"])
def test_external_entities_are_not_followed(system):
    content = f'<!DOCTYPE graphml [<!ENTITY e SYSTEM "{system}">]><graphml><node id="&e;"/></graphml>'
    bounded({"g.graphml": content.encode()}, "document type declarations", megabytes=1)
    bounded(
        {"g.graphml": b'<!DOCTYPE graphml SYSTEM "x.dtd"><graphml/>'},
        "document type declarations",
        megabytes=1,
    )


def test_zip_bombs():
    def header(shape: tuple[int, ...]) -> bytes:
        buffer = io.BytesIO()
        np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": False, "shape": shape})
        return buffer.getvalue()

    def archive(content: bytes, times: int = 1) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file, file.open("x.npy", "w") as member:
            for _ in range(times):
                member.write(content)
        return buffer.getvalue()

    def with_links(content: bytes) -> bytes:
        buffer = io.BytesIO(content)
        with zipfile.ZipFile(buffer, "a") as file:
            links = io.BytesIO()
            np.save(links, np.array([[0], [1]]))
            file.writestr("edge_index.npy", links.getvalue())
        return buffer.getvalue()

    huge = with_links(archive(header((10**9, 10**9))))
    bounded({"g.npz": huge}, "more than 50,000,000 numbers", megabytes=5)
    false = with_links(archive(header((2, 1)) + bytes(10_000_000), 30))  # says two numbers, holds 300 MB
    assert len(false) < 1_000_000
    outcome({"g.npz": false})
    many, zeros = io.BytesIO(), np.zeros(2_000_000)  # two of 16 MB are within the limit, three beyond it
    np.savez_compressed(many, edge_index=np.zeros((2, 1), int), x=zeros, y=zeros, names=zeros)
    bounded({"g.npz": many.getvalue()}, "more than 5 MB", megabytes=70, limits=ImportLimits(megabytes=5))
    cut = with_links(archive(header((4_000_000, 10))))  # says 320 MB, holds none
    bounded({"g.npz": cut}, "truncated", megabytes=5)


def test_zip_directory_with_many_names():
    content = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 65535, 65535, 200_000, 0, 0)
    bounded({"g.npz": content}, "its directory is longer", megabytes=1)


def test_nothing_is_unpickled(tmp_path):
    class Harm:
        def __reduce__(self):
            return open, (str(tmp_path / "harm"), "w")

    buffer = io.BytesIO()
    np.savez(buffer, edge_index=np.array([Harm()], dtype=object))
    bounded({"g.npz": buffer.getvalue()}, "contains object")
    bounded({"g.npz": pickle.dumps(Harm())}, "not an npz file")
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("kind", ["csv", "json", "graphml", "gexf"])
def test_a_very_long_line(kind):
    long = b"a" * 40_000_000
    content = {
        "csv": b"source,target\n" + long + b",b\n",
        "json": b'{"nodes": ["' + long[:19_000_000] + b'"], "links": []}',
        "graphml": b'<graphml><node id="' + long + b'"/></graphml>',
        "gexf": b'<gexf><node id="' + long + b'"/></gexf>',
    }[kind]
    bounded({f"g.{kind}": content}, "which is the limit")
    bounded({f"g.{kind}": b"a" * 100_000_000}, "100 MB in total; the limit is 50 MB", megabytes=1)


def test_text_between_tags_is_bounded():
    content = b"<graphml><node id='a'><data key='k'>" + b"a" * 2_000_000 + b"</data></node></graphml>"
    bounded({"g.graphml": content}, "more than 1,000,000 characters in a line", megabytes=20)


@pytest.mark.parametrize(
    ("files", "limits", "said"),
    [
        ({"e.csv": b"a,b\nc,d\n"}, ImportLimits(nodes=3), "more than 3 nodes"),
        ({"e.csv": b"a,b\nb,c\n"}, ImportLimits(edges=1), "more than 1 edges"),
        ({"e.csv": b"source,target\na,b", "n.csv": b"id,f,g\na,1,2\n"}, ImportLimits(columns=1), "more than 1 columns"),
        ({"e.csv": b"source,target\na,b", "n.csv": b"id,f,g\na,1,2\n"}, ImportLimits(cells=1), "more than 1 cells"),
        (
            {"e.csv": b"source,target\na,b", "n.csv": b"id,y\na,1\nb,2\n"},
            ImportLimits(classes=1),
            "more than 1 classes",
        ),
        ({"e.csv": b"a,b\n" * 2000}, ImportLimits(seconds=0), "not read within 0 seconds"),
        ({"g.graphml": b"<graphml>" + b"<a>" * 200}, ImportLimits(), "more than 100 levels"),
        ({"g.json": b"[" * 1_000_000}, ImportLimits(), "nested too deeply"),
        (
            {"g.json": b'{"nodes": [' + b"9" * 5000 + b'], "links": []}'},
            ImportLimits(),
            "not valid JSON: Exceeds the limit",
        ),
    ],
)
def test_limits(files, limits, said):
    bounded(files, said, limits=limits, megabytes=30)
