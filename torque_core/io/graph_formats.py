"""Write graphs in formats that other programs read: CSV, GraphML, GEXF and npz."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torque_core.datasets.attributes import GraphAttributes
from torque_core.datasets.importers.directions import is_edge_type
from torque_core.errors import BadConfig
from torque_core.graph.pairs import directed_edges
from torque_core.io.spreadsheets import spreadsheet_csv
from torque_core.io.tables import free_columns
from torque_core.io.xml_text import xml_cells, xml_columns, xml_text
from torque_core.utils.optional import require

__all__ = ["GRAPH_FORMATS", "graph_file"]

_MAX_FEATURES = 5_000_000  # numbers: 20 MB


def graph_file(
    kind: str,
    pairs: Tensor,
    num_nodes: int,
    *,
    y: Tensor | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    edge_columns: Mapping[str, Sequence[Any]] | None = None,
    weight: Tensor | None = None,
    directions: Tensor | None = None,
    x: Tensor | None = None,
    masks: Mapping[str, Tensor] | None = None,
    attributes: GraphAttributes | None = None,
) -> bytes:
    """Return a graph as the content of a file.

    A graph in which some edges go one way only is written as a directed graph; in all formats but npz an edge that goes
    both ways then occurs twice.

    - ``csv``: one row per edge, with formulas escaped, see :func:`~torque_core.io.spreadsheets.spreadsheet_csv`. In a
      directed graph the column ``Type`` says ``Directed``, as in tables of Gephi.
    - ``graphml`` and ``gexf``: nodes with ``class``, ``name`` and ``attributes``, edges with ``edge_columns`` and
      ``attributes``. Missing values and characters that XML does not allow are omitted.
    - ``npz``: the graph as PyG expects it, ``edge_index`` with both directions and ``edge_weight``, without the edges
      whose ``fate`` is pruned; ``num_nodes``, ``is_directed`` if some edges go one way only, ``y``, the features ``x``
      if they are at most 5 million numbers, and the ``masks``. Also ``names``, ``class_names`` and ``feature_names``;
      ``pairs``, with the pruned edges; an array ``edge_<name>`` for each of their columns, and ``node_<name>`` for each
      attribute of the nodes. No pickle.

    Args:
        kind: A name in :data:`GRAPH_FORMATS`.
        pairs: The edges, each once, :math:`(2, P)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.
        names: Names of the nodes.
        classes: Names of the classes, written instead of labels in all formats except npz.
        edge_columns: Edge attributes by name, each of length :math:`P`.
        weight: Weight of each edge from :math:`i` to :math:`j` and from :math:`j` to :math:`i`, 0 if that direction
            does not exist, :math:`(2, P)`. Written as ``weight``; also as ``weight back`` if all edges go both ways and
            the weights differ.
        directions: Mask of the directions that exist, bool, :math:`(2, P)`; needed if edges of weight 0 are written,
            such as pruned ones. By default those of positive weight.
        x: Features, :math:`(|\\mathcal{V}|, F)`.
        masks: Masks of nodes by name, such as ``train_mask``, each :math:`(|\\mathcal{V}|,)`; written to npz only.
        attributes: Further attributes of nodes and edges, by their names.

    Returns:
        The content of the file.

    Raises:
        BadConfig: If ``kind`` is unknown.
        MissingDependency: If pandas is not installed; npz does not need it.

    Example:
        >>> import torch
        >>> path = torch.tensor([[0, 1], [1, 2]])
        >>> print(graph_file("csv", path, 3, edge_columns={"torque": [0.5, 1.0]}).decode())
        source,target,torque
        0,1,0.5
        1,2,1.0
    """
    if kind not in GRAPH_FORMATS:
        raise BadConfig(f"kind must be one of {', '.join(GRAPH_FORMATS)}; got {kind!r}")
    columns = dict(edge_columns or {})
    if attributes is not None:
        columns |= free_columns(attributes.of_edges(pairs.cpu()), columns)
    if weight is not None and kind != "npz":
        forward, back = weight.cpu().numpy()
        columns |= {"weight": forward} if (forward == back).all() else {"weight": forward, "weight back": back}
    return GRAPH_FORMATS[kind](
        _Graph(pairs.cpu(), num_nodes, y, names, classes, columns, weight, directions, x, masks or {}, attributes)
    )


@dataclass(frozen=True)
class _Graph:
    pairs: Tensor
    num_nodes: int
    y: Tensor | None
    names: Sequence[str] | None
    classes: Sequence[str] | None
    edge_columns: dict[str, Sequence[Any]]
    weight: Tensor | None
    directions: Tensor | None
    x: Tensor | None
    masks: Mapping[str, Tensor]
    attributes: GraphAttributes | None

    @property
    def node_columns(self) -> dict[str, Sequence[Any]]:
        """Node attributes by name."""
        labels: dict[str, Sequence[Any]] = {} if self.y is None else {"class": self.y.tolist()}
        if self.classes and labels:
            labels["class"] = [self.classes[label] if label >= 0 else None for label in labels["class"]]
        columns = labels if self.names is None else {**labels, "name": self.names}
        return columns if self.attributes is None else columns | free_columns(self.attributes.nodes, columns)


def _csv(graph: _Graph) -> bytes:
    graph, kind = _in_directions(graph)
    # a column that a file had for its directions may contradict those of this graph
    columns = {name: cells for name, cells in graph.edge_columns.items() if not is_edge_type(name, cells)}
    ends: dict[str, Sequence[Any]] = {"source": graph.pairs[0].tolist(), "target": graph.pairs[1].tolist()}
    if graph.names is not None:
        ends |= {f"{end} name": [graph.names[node] for node in ends[end]] for end in ("source", "target")}
    if kind == "directed":
        columns |= {"Type": ["Directed"] * len(ends["source"])}
    table = require("pandas", extra="app").DataFrame(ends | columns)
    return spreadsheet_csv(table).encode()


def _npz(graph: _Graph) -> bytes:
    fate = graph.edge_columns.get("fate")
    remains = torch.ones(graph.pairs.size(1), dtype=torch.bool)
    if fate is not None:
        remains = torch.from_numpy(np.asarray(fate).astype(str) != "pruned")
    edge_index, edge_weight = directed_edges(
        graph.pairs[:, remains], None if graph.weight is None else graph.weight.cpu()[:, remains]
    )
    tensors = {"edge_index": edge_index, "edge_weight": edge_weight, "pairs": graph.pairs, "y": graph.y, **graph.masks}
    if graph.x is not None and graph.x.numel() <= _MAX_FEATURES:
        tensors["x"] = graph.x
    arrays = {name: tensor.cpu().numpy() for name, tensor in tensors.items() if tensor is not None}
    if _one_way(graph) is not None:
        arrays["is_directed"] = np.array(True)
    attributes = graph.attributes
    texts = {"names": graph.names, "class_names": graph.classes}
    if attributes is not None and "x" in arrays:
        texts["feature_names"] = attributes.feature_names
    arrays |= {name: np.array(list(map(str, values))) for name, values in texts.items() if values}
    nodes = {} if attributes is None else attributes.nodes
    for element, columns in (("edge", graph.edge_columns), ("node", nodes)):
        names = {f"{element}_{name.replace(' ', '_')}": column for name, column in columns.items()}
        arrays |= {name: _array(column) for name, column in free_columns(names, arrays).items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, num_nodes=np.array(graph.num_nodes), **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def _array(column: Sequence[Any]) -> np.ndarray:
    array = np.asarray(column)
    if array.dtype != object:
        return array
    if any(isinstance(value, str) for value in column):  # an array of objects would be pickled
        return np.array(["" if value is None else str(value) for value in column])
    return np.array([np.nan if value is None else value for value in column], dtype=np.float64)


def _one_way(graph: _Graph) -> Tensor | None:
    """Which directions of each edge exist, (2, E), if some go one way only; None otherwise."""
    if graph.weight is None:
        return None
    exists = graph.weight.cpu() > 0 if graph.directions is None else graph.directions.cpu()
    return exists if bool((exists.sum(dim=0) == 1).any()) else None


def _in_directions(graph: _Graph) -> tuple[_Graph, str]:
    """A graph with one entry for each direction of its edges if some go one way only, and the kind of its edges."""
    exists = _one_way(graph)
    if graph.weight is None or exists is None:
        return graph, "undirected"
    weight = graph.weight.cpu()
    pd = require("pandas", extra="app")
    back = exists[1]
    forward = exists[0] | ~back  # an edge without known directions is listed once
    position = torch.cat([torch.nonzero(forward), torch.nonzero(back)]).flatten()  # (D,)
    is_back = torch.arange(len(position)) >= int(forward.sum())  # (D,)
    order = torch.argsort(position, stable=True)
    position, is_back = position[order], is_back[order]
    pairs = torch.where(is_back, graph.pairs.flip(0)[:, position], graph.pairs[:, position])
    columns = {
        name: pd.Series(values).take(position.numpy())
        for name, values in graph.edge_columns.items()
        if name not in ("weight", "weight back")
    }
    for source in [name for name in columns if name.startswith("source ")]:
        target = source.replace("source", "target", 1)
        if target in columns:
            ends = columns[source], columns[target]
            columns[source], columns[target] = (
                end.where(~is_back.numpy(), other) for end, other in (ends, reversed(ends))
            )
    own = weight[is_back.long(), position]
    if not bool(((own == 1) | (own == 0)).all()):
        columns["weight"] = own.numpy()
    return replace(graph, pairs=pairs, edge_columns=columns, weight=None, directions=None), "directed"


def _graphml(graph: _Graph) -> bytes:
    graph, kind = _in_directions(graph)
    nodes, edges = xml_columns(graph.node_columns), xml_columns(graph.edge_columns)
    keys = "".join(
        f'<key id="{element[0]}{index}" for="{element}" attr.name="{xml_text(name)}" attr.type="{column.kind}"/>\n'
        for element, columns in (("node", nodes), ("edge", edges))
        for index, (name, column) in enumerate(columns.items())
    )
    node_data = xml_cells(nodes, '<data key="n{}">{}</data>', graph.num_nodes)
    edge_data = xml_cells(edges, '<data key="e{}">{}</data>', graph.pairs.size(1))
    ends = graph.pairs.T.tolist()
    return "".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n',
            f'{keys}<graph edgedefault="{kind}">\n',
            *(f'<node id="{node}">{data}</node>\n' for node, data in enumerate(node_data)),
            *(f'<edge source="{i}" target="{j}">{d}</edge>\n' for (i, j), d in zip(ends, edge_data, strict=True)),
            "</graph>\n</graphml>\n",
        ]
    ).encode()


def _gexf(graph: _Graph) -> bytes:
    graph, kind = _in_directions(graph)
    columns = {"node": xml_columns(graph.node_columns), "edge": xml_columns(graph.edge_columns)}
    # an XML attribute in GEXF: programs derive line widths and layouts from it
    weight = columns["edge"].pop("weight", None)
    weights = [""] * graph.pairs.size(1) if weight is None else [f' weight="{value}"' for value in weight.values]
    declared = "".join(
        f'<attributes class="{element}">'
        + "".join(
            f'<attribute id="{index}" title="{xml_text(name)}" type="{_GEXF_KINDS.get(column.kind, column.kind)}"/>'
            for index, (name, column) in enumerate(attributes.items())
        )
        + "</attributes>\n"
        for element, attributes in columns.items()
        if attributes
    )
    cell = '<attvalue for="{}" value="{}"/>'
    labels = range(graph.num_nodes) if graph.names is None else map(xml_text, graph.names)
    node_data = xml_cells(columns["node"], cell, graph.num_nodes)
    edge_data = xml_cells(columns["edge"], cell, graph.pairs.size(1))
    ends = graph.pairs.T.tolist()
    return "".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">\n',
            f'<graph defaultedgetype="{kind}">\n{declared}<nodes>\n',
            *(
                f'<node id="{node}" label="{label}"><attvalues>{data}</attvalues></node>\n'
                for node, (label, data) in enumerate(zip(labels, node_data, strict=True))
            ),
            "</nodes>\n<edges>\n",
            *(
                f'<edge id="{index}" source="{i}" target="{j}"{w}><attvalues>{data}</attvalues></edge>\n'
                for index, ((i, j), w, data) in enumerate(zip(ends, weights, edge_data, strict=True))
            ),
            "</edges>\n</graph>\n</gexf>\n",
        ]
    ).encode()


_GEXF_KINDS = {"long": "integer"}


GRAPH_FORMATS: dict[str, Callable[[_Graph], bytes]] = {"csv": _csv, "graphml": _graphml, "gexf": _gexf, "npz": _npz}
"""Writers by format."""
