"""Tables of the edges and of the nodes of one layer, as data frames."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from torque_core.datasets.attributes import Attribute, GraphAttributes
from torque_core.graph.pairs import directed_edges
from torque_core.rewiring.record import LayerRewiring
from torque_core.utils.optional import require

if TYPE_CHECKING:
    import pandas as pd
    from pandas.api.extensions import ExtensionArray

__all__ = ["direction_arrows", "edge_table", "free_columns", "node_table"]

_ARROWS = ("", "→", "←", "↔")


def edge_table(
    layer: LayerRewiring,
    injected: Tensor,
    y: Tensor | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    attributes: GraphAttributes | None = None,
) -> pd.DataFrame:
    """Return a table with one row per judged or added edge of a layer.

    Args:
        layer: The layer's record.
        injected: Mask of the edges in ``layer.pairs`` that the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.
        names: Names of the nodes.
        classes: Names of the classes, by label; by default the labels themselves.
        attributes: Further attributes, each of which becomes a column at the end.

    Returns:
        The judged edges in order, then the added edges, with the columns ``source``, ``target``, ``direction`` (→, ← or
        ↔; only if some edges go one way), ``source name`` and ``target name`` (if ``names`` are passed),
        ``source class``, ``target class`` and ``same class`` (if ``y`` is passed; missing where unknown), ``fate``
        (kept, pruned or added), ``injected``, the factors of the torque (``lever arm``, ``force``, and ``sine`` for the
        product ``cross``), their product ``torque``, and ``edge confidence`` if the layer has it.

    Raises:
        MissingDependency: If pandas is not installed.

    Example:
        >>> from torque_core import load, rewire
        >>> layer = rewire(load("karate").data).layers[0]
        >>> table = edge_table(layer, torch.zeros(78, dtype=torch.bool))
        >>> list(table.columns)
        ['source', 'target', 'fate', 'injected', 'lever arm', 'force', 'torque']
        >>> len(table), int((table["fate"] == "pruned").sum()) == layer.pruned.size(1)
        (78, True)
    """
    pd = require("pandas", extra="app")
    pairs = torch.cat([layer.pairs, layer.added], dim=1).cpu()
    num_added = layer.added.size(1)
    ends = {"source": pairs[0].numpy(), "target": pairs[1].numpy()}
    columns: dict[str, object] = {**ends}
    if (arrows := direction_arrows(layer)) is not None:
        columns["direction"] = arrows
    if names is not None:
        columns |= {f"{end} name": [names[node] for node in nodes] for end, nodes in ends.items()}
    if y is not None:
        labels = y.cpu()[pairs]  # (2, P)
        columns |= {f"{end} class": _classes(labels[row], classes) for row, end in enumerate(ends)}
        same = pd.array((labels[0] == labels[1]).numpy(), dtype="boolean")
        same[(labels < 0).any(dim=0).numpy()] = pd.NA
        columns["same class"] = same
    fates = torch.cat([layer.pruned_mask.cpu().long(), torch.full((num_added,), 2)])
    columns["fate"] = pd.Categorical.from_codes(fates.numpy(), ["kept", "pruned", "added"])
    columns["injected"] = torch.cat([injected.cpu(), torch.zeros(num_added, dtype=torch.bool)]).numpy()
    for name, judged in layer.torque.factors.items():
        columns[name] = torch.cat([judged, layer.added_torque.factors[name]]).cpu().numpy()
    columns["torque"] = torch.cat([layer.torque.value, layer.added_torque.value]).cpu().numpy()
    if layer.edge_confidence is not None:
        of_added = layer.edge_confidence.new_full((num_added,), torch.nan)
        columns["edge confidence"] = torch.cat([layer.edge_confidence, of_added]).cpu().numpy()
    if attributes is not None:
        columns |= free_columns(attributes.of_edges(pairs), columns)
    return pd.DataFrame(columns)


def node_table(
    layer: LayerRewiring,
    y: Tensor | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    attributes: GraphAttributes | None = None,
) -> pd.DataFrame:
    """Return a table with one row per node: its degree, its edges and its homophily before and after a layer.

    Args:
        layer: The layer's record.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.
        names: Names of the nodes.
        classes: Names of the classes, by label; by default the labels themselves.
        attributes: Further attributes, each of which becomes a column at the end.

    Returns:
        The columns ``node``, ``name`` (if ``names`` are passed), ``class`` (if ``y`` is passed), ``degree before`` and
        ``degree after`` (numbers of neighbours), ``in-degree before``, ``out-degree before``, ``in-degree after`` and
        ``out-degree after`` (only if some edges go one way), ``pruned`` and ``added`` (numbers of such edges at the
        node), ``mean torque`` of its judged edges (missing if it has none), and, if ``y`` is passed, ``homophily
        before`` and ``homophily after``: the fraction of its labelled neighbours that have its class, in [0, 1],
        missing if there are none.

    Raises:
        MissingDependency: If pandas is not installed.

    Example:
        >>> from torque_core import load, rewire
        >>> table = node_table(rewire(load("karate").data).layers[0])
        >>> int(table.loc[33, "degree before"]), int(table["degree before"].sum())
        (17, 156)
    """
    pd = require("pandas", extra="app")
    num_nodes = layer.num_nodes
    columns: dict[str, object] = {"node": range(num_nodes)}
    if names is not None:
        columns["name"] = list(names)
    if y is not None:
        columns["class"] = _classes(y, classes)
    graphs = {"before": layer.pairs.cpu(), "after": layer.rewired.cpu()}
    columns |= {f"degree {when}": _degree(pairs, num_nodes).numpy() for when, pairs in graphs.items()}
    if layer.directions is not None:
        before = directed_edges(layer.pairs, layer.direction_weight)[0]
        for when, edges in (("before", before), ("after", layer.edge_index)):
            for end, nodes in (("in", edges[1]), ("out", edges[0])):
                columns[f"{end}-degree {when}"] = _degree(nodes.cpu(), num_nodes).numpy()
    columns |= {
        name: _degree(pairs.cpu(), num_nodes).numpy()
        for name, pairs in (("pruned", layer.pruned), ("added", layer.added))
    }
    torque = layer.torque.value.cpu().double()
    total = torch.zeros(num_nodes, dtype=torch.float64).index_add_(0, layer.pairs.cpu().flatten(), torque.repeat(2))
    columns["mean torque"] = (total / _degree(layer.pairs.cpu(), num_nodes)).numpy()
    if y is not None:
        columns |= {f"homophily {when}": _homophily(pairs, y.cpu()) for when, pairs in graphs.items()}
    if attributes is not None:
        columns |= free_columns(attributes.nodes, columns)
    return pd.DataFrame(columns)


def direction_arrows(layer: LayerRewiring) -> list[str] | None:
    """Return → (from the first end to the second), ← or ↔ for each edge; None if all edges go both ways.

    Example:
        >>> import copy
        >>> from torque_core import load, rewire
        >>> data = copy.copy(load("karate").data)
        >>> direction_arrows(rewire(data).layers[0]) is None
        True
        >>> data.edge_index = data.edge_index[:, 1:]  # without 0 -> 1
        >>> direction_arrows(rewire(data).layers[0])[:2]
        ['←', '↔']
    """
    if layer.directions is None:
        return None
    forth, back = layer.directions.cpu().long()
    return [_ARROWS[code] for code in (forth + 2 * back).tolist()]


def free_columns(attributes: Mapping[str, Attribute], taken: Collection[str]) -> dict[str, Attribute]:
    """Return attributes by titles that are not taken: of those that are, ``(file)`` becomes a part.

    Example:
        >>> free_columns({"age": [31.0], "torque": ["high"]}, ["torque"])
        {'age': [31.0], 'torque (file)': ['high']}
    """
    return {f"{name} (file)" if name in taken else name: values for name, values in attributes.items()}


def _classes(y: Tensor, classes: Sequence[str] | None) -> ExtensionArray:
    """A column of class names, or of labels if there are no names; missing where unknown."""
    pd = require("pandas", extra="app")
    if classes:
        return pd.Categorical.from_codes(y.cpu().clamp(min=-1).numpy(), list(classes))
    labels = pd.array(y.cpu().numpy(), dtype="Int64")
    labels[(y < 0).cpu().numpy()] = pd.NA
    return labels


def _degree(pairs: Tensor, num_nodes: int) -> Tensor:
    return torch.bincount(pairs.flatten(), minlength=num_nodes)


def _homophily(pairs: Tensor, y: Tensor) -> object:
    """The fraction of each node's labelled neighbours that have its class; NaN if there are none."""
    labels = y[pairs]
    known = (labels >= 0).all(dim=0)
    same = known & (labels[0] == labels[1])
    return (_degree(pairs[:, same], len(y)) / _degree(pairs[:, known], len(y)).double()).numpy()
