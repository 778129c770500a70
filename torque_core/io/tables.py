"""What a layer did to every edge and every node, as tables."""

from collections.abc import Sequence

import pandas as pd
import torch
from torch import Tensor

from torque_core.rewiring.record import LayerRewiring

__all__ = ["edge_table", "node_table"]


def edge_table(
    layer: LayerRewiring,
    injected: Tensor,
    y: Tensor | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
) -> pd.DataFrame:
    """One row for each link that a layer judged or added.

    Args:
        layer: What happened.
        injected: Which of ``layer.pairs`` the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.
        names: Of the nodes.
        classes: Names of the classes; by default their numbers.

    Returns:
        ``source``, ``target``, with names ``source name`` and ``target name``, with labels ``source class``,
        ``target class`` (missing where unknown) and ``same class``, then ``fate`` (kept, pruned, added), ``injected``,
        each factor of the torque, ``torque`` and ``edge_confidence`` if the layer has any: the judged edges in order,
        then the added links.

    Example:
        >>> from torque_core import load, rewire
        >>> layer = rewire(load("karate").data).layers[0]
        >>> table = edge_table(layer, torch.zeros(78, dtype=torch.bool))
        >>> list(table.columns)
        ['source', 'target', 'fate', 'injected', 'lever arm', 'force', 'torque']
        >>> len(table), int((table["fate"] == "pruned").sum()) == layer.pruned.size(1)
        (78, True)
    """
    pairs = torch.cat([layer.pairs, layer.added], dim=1).cpu()
    added = layer.added.size(1)
    columns: dict[str, object] = {"source": pairs[0].numpy(), "target": pairs[1].numpy()}
    if names is not None:
        columns |= {f"{end} name": [names[node] for node in columns[end]] for end in ("source", "target")}  # type: ignore[attr-defined]
    if y is not None:
        ends = y.cpu()[pairs]
        columns |= {f"{end} class": _labels(ends[row], classes) for row, end in enumerate(("source", "target"))}
        columns["same class"] = pd.array((ends[0] == ends[1]).numpy(), dtype="boolean")
        columns["same class"][((ends < 0).any(dim=0)).numpy()] = pd.NA  # type: ignore[index]
    fates = torch.cat([layer.pruned_mask.cpu().long(), torch.full((added,), 2)])
    columns["fate"] = pd.Categorical.from_codes(fates.numpy(), ["kept", "pruned", "added"])
    columns["injected"] = torch.cat([injected.cpu(), torch.zeros(added, dtype=torch.bool)]).numpy()
    for name, of_judged in layer.torque.factors.items():
        columns[name] = torch.cat([of_judged, layer.added_torque.factors[name]]).cpu().numpy()
    columns["torque"] = torch.cat([layer.torque.value, layer.added_torque.value]).cpu().numpy()
    if layer.edge_confidence is not None:
        columns["trust"] = (
            torch.cat([layer.edge_confidence, layer.edge_confidence.new_full((added,), torch.nan)]).cpu().numpy()
        )
    return pd.DataFrame(columns)


def node_table(
    layer: LayerRewiring,
    y: Tensor | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
) -> pd.DataFrame:
    """One row for each node: what a layer did around it.

    Args:
        layer: What happened.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.
        names: Of the nodes.
        classes: Names of the classes; by default their numbers.

    Returns:
        ``node``, with names ``name``, with labels ``class``, ``degree before`` and ``degree after``, ``pruned`` and
        ``added`` links at it, the ``mean torque`` of its judged edges (missing without any), and, with labels, the
        share of its labelled neighbours that have its class, ``alike before`` and ``alike after``, in [0, 1], missing
        if there are none.

    Example:
        >>> from torque_core import load, rewire
        >>> table = node_table(rewire(load("karate").data).layers[0])
        >>> int(table.loc[33, "degree before"]), int(table["degree before"].sum())
        (17, 156)
    """
    size = layer.num_nodes
    columns: dict[str, object] = {"node": range(size)}
    if names is not None:
        columns["name"] = list(names)
    if y is not None:
        columns["class"] = _labels(y, classes)
    graphs = {"before": layer.pairs.cpu(), "after": layer.rewired.cpu()}
    columns |= {f"degree {when}": _degree(pairs, size).numpy() for when, pairs in graphs.items()}
    columns |= {
        name: _degree(pairs.cpu(), size).numpy() for name, pairs in (("pruned", layer.pruned), ("added", layer.added))
    }
    torque = layer.torque.value.cpu().double()
    total = torch.zeros(size, dtype=torch.float64).index_add_(0, layer.pairs.cpu().flatten(), torque.repeat(2))
    columns["mean torque"] = (total / _degree(layer.pairs.cpu(), size)).numpy()
    if y is not None:
        columns |= {f"alike {when}": _alike(pairs, y.cpu()) for when, pairs in graphs.items()}
    return pd.DataFrame(columns)


def _labels(y: Tensor, classes: Sequence[str] | None) -> "pd.api.extensions.ExtensionArray":
    if classes:
        return pd.Categorical.from_codes(y.cpu().clamp(min=-1).numpy(), list(classes))
    labels = pd.array(y.cpu().numpy(), dtype="Int64")
    labels[(y < 0).cpu().numpy()] = pd.NA
    return labels


def _degree(pairs: Tensor, size: int) -> Tensor:
    return torch.bincount(pairs.flatten(), minlength=size)


def _alike(pairs: Tensor, y: Tensor) -> object:
    """The share of each node's labelled neighbours that have its class, NaN for none."""
    ends = y[pairs]
    known = (ends >= 0).all(dim=0)
    same = known & (ends[0] == ends[1])
    return (_degree(pairs[:, same], len(y)) / _degree(pairs[:, known], len(y)).double()).numpy()
