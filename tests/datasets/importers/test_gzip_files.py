"""Compressed files, within the limits of files that are not compressed."""

import gzip
import zlib

import pytest

from tests.datasets.importers.helpers import edges_of
from torque_core.datasets.importers import ImportLimits, import_graph
from torque_core.errors import BadFile
from torque_core.io.example_files import example_files

PATH = b"source,target\na,b\nb,c\n"


@pytest.mark.parametrize("name", [name for name in example_files() if not name.endswith(".csv")])
def test_every_format_may_be_compressed(name):
    content = example_files()[name]
    plain, packed = import_graph({name: content}), import_graph({f"{name}.gz": gzip.compress(content)})
    assert edges_of(packed) == edges_of(plain)
    assert packed.classes == plain.classes


def test_one_of_several_files_of_several_members_with_padding():
    packed = gzip.compress(PATH[:20]) + gzip.compress(PATH[20:]) + bytes(512)
    imported = import_graph({"e.csv.gz": packed, "nodes.csv": b"id,class\na,x\n"})
    assert edges_of(imported) == [("a", "b"), ("b", "c")]
    assert imported.classes == ("x",)


def test_decompression_stops_at_the_limit(monkeypatch):
    decompressed, original = 0, zlib.decompressobj

    class Counted:
        def __init__(self, window):
            self.object = original(window)

        def decompress(self, *arguments):
            nonlocal decompressed
            piece = self.object.decompress(*arguments)
            decompressed += len(piece)
            return piece

        def __getattr__(self, name):
            return getattr(self.object, name)

    bomb = gzip.compress(bytes(20_000_000))
    monkeypatch.setattr("torque_core.datasets.importers.gzip_files.zlib.decompressobj", Counted)
    with pytest.raises(BadFile, match=r"e\.csv\.gz: decompresses to more than 3 MB"):
        import_graph({"e.csv.gz": bomb}, ImportLimits(megabytes=3))
    assert decompressed <= 4_000_000


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"e.csv.gz": b"no gzip"}, r"e\.csv\.gz: not a gzip file, or damaged"),
        ({"e.csv.gz": gzip.compress(PATH)[:-9]}, r"e\.csv\.gz: is truncated"),
        ({"e.csv.gz": b""}, r"e\.csv\.gz: is empty"),
        ({"e.csv.gz": gzip.compress(PATH), "e.csv": PATH}, r"there are two files named 'e\.csv'"),
        ({"e.exe.gz": gzip.compress(PATH)}, r"e\.exe\.gz: unsupported file type"),
        ({"e.gz": gzip.compress(PATH)}, r"e\.gz: unsupported file type"),
    ],
)
def test_errors(files, message):
    with pytest.raises(BadFile, match=message):
        import_graph(files)
