"""Import damaged files, and report every outcome that is neither a graph in order nor a helpful message.

Run ``python -m tests.datasets.importers.fuzz --files 100000 --seed 1`` for a longer search than that of the tests.
"""

import argparse
import gzip
import io
import random
import resource
import time
import traceback
import warnings
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from torque_core.datasets.importers import ImportedGraph, import_graph
from torque_core.errors import BadFile
from torque_core.io.example_files import example_files

MAX_SECONDS, MAX_MEGABYTES = 5.0, 300
_TOKENS = (
    b"\x00", b"\xff", b"\xff\xfe", b"\xed\xa0\x80", b'"', b"'", b",", b";", b"\t", b"\n", b"<", b"</", b">", b"&#0;",
    b"&e;", b"<!DOCTYPE a>", b"<![CDATA[", b"]]>", b'encoding="gbk"', b'<?xml version="1.0" encoding="idna"?>', b"{",
    b"}", b"[", b"]", b"null", b"true", b"NaN", b"1e999", b"-1", b"9" * 400, b'"\\ud800"', b"\\udc00", b'"x": [[1]],',
    b'"x": ["1"],', b'"id": {},', b"PK\x05\x06", b"PK\x01\x02", b"\x0c\x00", b"(-1,)", b"(9999999999,)", b"'|O'",
    b"'<U0'", b"<key id='k'><default/></key>", b"<default>1</default>", b"class", b"source", b"label",
)  # fmt: skip


def main(files: int, seed: int) -> None:
    """Import many damaged files, and print a summary and the failures."""
    warnings.simplefilter("error")
    samples = _samples()
    import_graph({"edges.csv": b"a,b\n"})  # imports what is imported on demand
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + 4 * MAX_MEGABYTES * 1_000_000,) * 2)
    outcomes: Counter[str] = Counter()
    for number in range(files):
        chance = random.Random(f"{seed}/{number}")
        case = dict(chance.choice(samples))
        name = chance.choice(list(case))
        case[name] = _damaged(name, case[name], chance, samples)
        began = time.process_time()
        try:
            outcome = _outcome(case)
        except Exception:
            outcome = f"FAILURE with file {number} of seed {seed}: {traceback.format_exc()}"
        if time.process_time() - began > MAX_SECONDS:
            outcome = f"FAILURE: file {number} of seed {seed} takes more than {MAX_SECONDS} s"
        outcomes[outcome] += 1
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) // 1000
    if megabytes > MAX_MEGABYTES:
        outcomes[f"FAILURE: {megabytes} MB of memory"] += 1
    for outcome, count in outcomes.most_common():
        print(count, outcome)


def _samples() -> list[dict[str, bytes]]:
    """Valid files of every format."""
    files = example_files()
    samples = [{name: content} for name, content in files.items() if not name.endswith(".csv")]
    samples.append({name: content for name, content in files.items() if name.endswith(".csv")})
    arrays = {"edge_index": np.array([[0, 1, 2], [1, 2, 3]]), "x": np.eye(4), "y": np.arange(4) % 2}
    for save in (np.savez, np.savez_compressed):
        buffer = io.BytesIO()
        save(buffer, **arrays, names=np.array(["Ann", "Bob", "Cy", "Ed"]))
        samples.append({"small.npz": buffer.getvalue()})
    document = b'{"nodes": [{"id": 1, "x": [1, 2]}, {"id": "b", "x": [3, 4], "class": "c"}], "links": []}'
    keys = b'<key id="k" attr.name="f" for="node"><default>1</default></key>'
    nodes = b'<graph><node id="a"><data key="k">2</data></node><node id="b"/><edge source="a" target="b"/></graph>'
    xml = b'<?xml version="1.0" encoding="utf-8"?><graphml>' + keys + nodes + b"</graphml>"
    gml = b'graph [ directed 0 node [ id 1 label "a" graphics [ x 1 ] ] node [ id 2 ] edge [ source 1 target 2 ] ]'
    pajek = b'*Vertices 3\n1 "a" 0.1 0.2 box\n2 b\n3 c\n*Edges\n1 2 1\n*Partition p\n*Vertices 3\n1\n1\n2\n'
    matrix = b"%%MatrixMarket matrix coordinate real symmetric\n% comment\n3 3 2\n2 1 1.5\n3 2 1\n"
    metis = b"3 2 011\n4 2 1\n5 1 1 3 7\n6 2 7\n"
    small = {"small.gml": gml, "small.paj": pajek, "small.mtx": matrix, "small.graph": metis,
             "matrix.csv": b",a,b\na,0,1\nb,1,0\n", "small.json.gz": gzip.compress(document)}  # fmt: skip
    sparse = {"adj_shape": np.array([2, 2]), "adj_indptr": np.array([0, 1, 2]), "adj_indices": np.array([1, 0])}
    sparse |= {name.replace("adj", "attr"): array for name, array in sparse.items()}
    buffer = io.BytesIO()
    np.savez(buffer, **sparse, train_mask=np.array([1, 0]), test_mask=np.array([0, 1]))
    return [*samples, {"small.json": document}, {"small.graphml": xml}, {"sparse.npz": buffer.getvalue()},
            *({name: content} for name, content in small.items())]  # fmt: skip


def _damaged(name: str, content: bytes, chance: random.Random, samples: list[dict[str, bytes]]) -> bytes:
    """Apply one to four random changes to a file; to an array within it half of the time if it is an archive."""
    if name.endswith(".npz") and chance.random() < 0.5:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {info.filename: archive.read(info) for info in archive.infolist()}
        member = chance.choice(list(members))
        members[member] = _changed(members[member], chance, samples)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            for key, value in members.items():
                archive.writestr(key, value)
        return buffer.getvalue()
    return _changed(content, chance, samples)


def _changed(content: bytes, chance: random.Random, samples: list[dict[str, bytes]]) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 4))):
        # the start of a file has its declarations, so half of all changes are there
        start = chance.randrange(min(len(content), 200) if chance.random() < 0.5 else len(content)) if content else 0
        stop = start + chance.choice((0, 1, 1, 4, 40, 400))
        match chance.randrange(6):
            case 0:
                content = content[:start] + bytes([chance.randrange(256)]) + content[start + 1 :]
            case 1:
                content = content[:start] + content[stop:]
            case 2:
                content = content[:stop] + content[start:]
            case 3:
                content = content[:start] + chance.choice(_TOKENS) + content[stop:]
            case 4 if chance.random() < 0.3:
                content = content[:start]
            case _:
                other = chance.choice(list(chance.choice(samples).values()))
                content = content[:start] + other[start : start + 100] + content[stop:]
    return content


def _outcome(files: dict[str, bytes]) -> str:
    """Import files, and check the graph or the message."""
    try:
        imported = import_graph(files)
    except BadFile as error:
        message = str(error)
        assert any(message.startswith(name) for name in files), message
        assert len(message) < 1100, message
        message.encode()
        return "message of a last resort" if "cannot be read as a graph" in message else "message"
    check_imported(imported)
    return "graph"


def check_imported(imported: ImportedGraph) -> None:
    """Assert that a graph is in order, and that its texts can be shown and saved."""
    data = imported.graph.data
    assert torch.isfinite(data.x).all()
    assert data.x.dtype == torch.float32
    assert len(data.y) == len(data.x) == imported.info.nodes > 1
    assert data.edge_index.size(1) == 2 * imported.info.edges
    assert imported.names is None or len(imported.names) == len(data.x)
    for text in (*imported.notes, *imported.contents, *imported.classes, *(imported.names or ()), imported.info.title):
        assert len(text) <= 600
        text.encode()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    main(arguments.files, arguments.seed)
