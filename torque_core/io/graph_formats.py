"""Graphs as files that other programs read: CSV, GraphML, GEXF, npz."""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
from torch import Tensor

from torque_core.errors import BadConfig
from torque_core.graph.pairs import directed_edges

__all__ = ["GRAPH_FILES", "graph_file", "harmless", "safe_csv"]

_FORMULA = re.compile(r"^[=+\-@\t\r]")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}  # else a reader makes spaces of them
_MOST_FEATURES = 5_000_000  # numbers: 20 MB


def graph_file(
    kind: str,
    pairs: Tensor,
    num_nodes: int,
    *,
    y: Tensor | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    links: Mapping[str, Sequence[Any]] | None = None,
    weight: Tensor | None = None,
    x: Tensor | None = None,
) -> bytes:
    """An undirected graph as the content of a file.

    ``csv`` has a line for each link, made harmless for spreadsheets by :func:`safe_csv`. ``graphml`` and ``gexf`` have
    nodes with ``class`` and ``name``, and links with what is said of them; what is missing is left out, and so are
    characters that XML cannot have. ``npz`` has ``edge_index`` in both directions and ``edge_weight``, as PyG wants
    them, ``num_nodes``, ``y``, the features ``x`` if they are not more than 5 million numbers, and an array for each
    column of ``links``; no pickle.

    Args:
        kind: A name in :data:`GRAPH_FILES`.
        pairs: The links, each once, :math:`(2, P)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.
        names: Of the nodes.
        classes: Names of the classes, in place of their numbers in all files but npz.
        links: Columns to be said of each link, each of length :math:`P`.
        weight: What each link weighs from :math:`i` to :math:`j` and back, 0 where it does not go, :math:`(2, P)`;
            in all files but npz it is ``weight``, and ``weight back`` if any link has two.
        x: Features, :math:`(|\\mathcal{V}|, F)`.

    Raises:
        BadConfig: There is no such kind.

    Example:
        >>> import torch
        >>> path = torch.tensor([[0, 1], [1, 2]])
        >>> print(graph_file("csv", path, 3, links={"torque": [0.5, 1.0]}).decode())
        source,target,torque
        0,1,0.5
        1,2,1.0
    """
    if kind not in GRAPH_FILES:
        raise BadConfig(f"kind must be one of {', '.join(GRAPH_FILES)}; got {kind!r}")
    said = dict(links or {})
    if weight is not None and kind != "npz":
        there, back = weight.cpu().numpy()
        said |= {"weight": there} if (there == back).all() else {"weight": there, "weight back": back}
    return GRAPH_FILES[kind](_Graph(pairs.cpu(), num_nodes, y, names, classes, said, weight, x))


def safe_csv(table: pd.DataFrame) -> str:
    """A table as CSV in which no text is taken for a formula, see :func:`harmless`.

    Example:
        >>> safe_csv(pd.DataFrame({"name": ["=1+1", "a"], "value": [-1, 2]}))
        "name,value\\n'=1+1,-1\\na,2\\n"
    """
    return harmless(table).to_csv(index=False, lineterminator="\n")


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """A table in which a text that begins like a formula has an apostrophe before it.

    Pages show texts of a person's files so, too: what is on the screen is copied, and saved, into spreadsheets.
    """

    def quoted(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value

    texts = table.select_dtypes(exclude=["number", "bool"]).columns
    return table.assign(**{name: table[name].map(quoted) for name in texts})


@dataclass(frozen=True)
class _Graph:
    pairs: Tensor
    num_nodes: int
    y: Tensor | None
    names: Sequence[str] | None
    classes: Sequence[str] | None
    links: dict[str, Sequence[Any]]
    weight: Tensor | None
    x: Tensor | None

    @property
    def nodes(self) -> dict[str, Sequence[Any]]:
        """What is said of each node."""
        labels: dict[str, Sequence[Any]] = {} if self.y is None else {"class": self.y.tolist()}
        if self.classes and labels:
            labels["class"] = [self.classes[label] if label >= 0 else None for label in labels["class"]]
        return labels if self.names is None else {**labels, "name": self.names}


def _csv(graph: _Graph) -> bytes:
    ends: dict[str, Sequence[Any]] = {"source": graph.pairs[0].tolist(), "target": graph.pairs[1].tolist()}
    if graph.names is not None:
        ends |= {f"{end} name": [graph.names[node] for node in ends[end]] for end in ("source", "target")}
    return safe_csv(pd.DataFrame(ends | graph.links)).encode()


def _npz(graph: _Graph) -> bytes:
    edge_index, edge_weight = directed_edges(graph.pairs, None if graph.weight is None else graph.weight.cpu())
    tensors = {"edge_index": edge_index, "edge_weight": edge_weight, "pairs": graph.pairs, "y": graph.y}
    if graph.x is not None and graph.x.numel() <= _MOST_FEATURES:
        tensors["x"] = graph.x
    arrays = {name: tensor.cpu().numpy() for name, tensor in tensors.items() if tensor is not None}
    arrays |= {f"link_{name.replace(' ', '_')}": _array(column) for name, column in graph.links.items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, num_nodes=np.array(graph.num_nodes), **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def _array(column: Sequence[Any]) -> np.ndarray:
    array = np.asarray(column)
    return array.astype(str) if array.dtype == object else array  # an array of objects would be pickled


def _graphml(graph: _Graph) -> bytes:
    nodes, links = _columns(graph.nodes), _columns(graph.links)
    keys = "".join(
        f'<key id="{of[0]}{place}" for="{of}" attr.name="{_text(name)}" attr.type="{column.kind}"/>\n'
        for of, columns in (("node", nodes), ("edge", links))
        for place, (name, column) in enumerate(columns.items())
    )
    node_data = _cells(nodes, '<data key="n{}">{}</data>', graph.num_nodes)
    link_data = _cells(links, '<data key="e{}">{}</data>', graph.pairs.size(1))
    ends = graph.pairs.T.tolist()
    return "".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n',
            f'{keys}<graph edgedefault="undirected">\n',
            *(f'<node id="{node}">{data}</node>\n' for node, data in enumerate(node_data)),
            *(f'<edge source="{i}" target="{j}">{d}</edge>\n' for (i, j), d in zip(ends, link_data, strict=True)),
            "</graph>\n</graphml>\n",
        ]
    ).encode()


def _gexf(graph: _Graph) -> bytes:
    columns = {"node": _columns(graph.nodes), "edge": _columns(graph.links)}
    # its own place in GEXF: programs take it as how thick to draw a link, and how near its ends
    weight = columns["edge"].pop("weight", None)
    weights = [""] * graph.pairs.size(1) if weight is None else [f' weight="{value}"' for value in weight.values]
    declared = "".join(
        f'<attributes class="{of}">'
        + "".join(
            f'<attribute id="{place}" title="{_text(name)}" type="{_GEXF_KINDS.get(column.kind, column.kind)}"/>'
            for place, (name, column) in enumerate(said.items())
        )
        + "</attributes>\n"
        for of, said in columns.items()
        if said
    )
    cell = '<attvalue for="{}" value="{}"/>'
    labels = range(graph.num_nodes) if graph.names is None else map(_text, graph.names)
    node_data = _cells(columns["node"], cell, graph.num_nodes)
    link_data = _cells(columns["edge"], cell, graph.pairs.size(1))
    ends = graph.pairs.T.tolist()
    return "".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">\n',
            f'<graph defaultedgetype="undirected">\n{declared}<nodes>\n',
            *(
                f'<node id="{node}" label="{label}"><attvalues>{data}</attvalues></node>\n'
                for node, (label, data) in enumerate(zip(labels, node_data, strict=True))
            ),
            "</nodes>\n<edges>\n",
            *(
                f'<edge id="{place}" source="{i}" target="{j}"{w}><attvalues>{data}</attvalues></edge>\n'
                for place, ((i, j), w, data) in enumerate(zip(ends, weights, link_data, strict=True))
            ),
            "</edges>\n</graph>\n</gexf>\n",
        ]
    ).encode()


_GEXF_KINDS = {"long": "integer"}


@dataclass(frozen=True)
class _Column:
    kind: str
    """As GraphML calls it."""
    values: list[str | None]
    """As text, escaped; None where missing."""


def _columns(said: Mapping[str, Sequence[Any]]) -> dict[str, _Column]:
    """Every column as XML writes it. By hand, as networkx takes 20 s for 100,000 links, and this less than 1 s."""
    columns = {}
    for name, values in said.items():
        series = pd.Series(values)
        write: Callable[[Any], str]
        if pd.api.types.is_bool_dtype(series.dtype):
            kind, write = "boolean", lambda value: "true" if value else "false"
        elif pd.api.types.is_integer_dtype(series.dtype):
            kind, write = "long", str
        elif pd.api.types.is_float_dtype(series.dtype):
            # as many digits as bring the very number back
            kind, write = "double", "{:.9g}".format if series.dtype == np.float32 else repr
        else:
            kind, write = "string", lambda value: _text(str(value))
        missing = series.isna()
        pairs = zip(series.tolist(), missing.tolist(), strict=True)
        columns[name] = _Column(kind, [None if gone else write(value) for value, gone in pairs])
    return columns


def _cells(columns: Mapping[str, _Column], form: str, rows: int) -> Iterator[str]:
    """The elements of each row, one after the other."""
    if not columns:
        return iter([""] * rows)
    written = (
        ["" if value is None else form.format(place, value) for value in column.values]
        for place, column in enumerate(columns.values())
    )
    return map("".join, zip(*written, strict=True))


def _text(text: str) -> str:
    return escape(_NO_XML.sub("", text), _ENTITIES)


GRAPH_FILES: dict[str, Callable[[_Graph], bytes]] = {"csv": _csv, "graphml": _graphml, "gexf": _gexf, "npz": _npz}
"""What writes each kind of file."""
