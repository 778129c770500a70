"""Changes: what became of a graph's edges, whoever rewired it, and that in numbers."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from torque_core.diagnostics.homophily import edge_homophily
from torque_core.diagnostics.spectrum import spectral_gap
from torque_core.diagnostics.structure import Structure, structure
from torque_core.rewiring.record import LayerRewiring

__all__ = ["ChangeReport", "GraphChange", "change_report"]

_GAP_UP_TO = 20_000  # nodes; so far it takes less than a second


@dataclass(frozen=True)
class GraphChange:
    """What a method made of a graph, alike for all methods. Undirected, each pair once, :math:`i < j`, sorted.

    Attributes:
        method: A key of :data:`~torque_core.methods.catalog.METHODS`.
        pairs: The edges of the graph before, :math:`(2, |\\mathcal{E}|)`.
        pruned_mask: Which of them are gone, bool, :math:`(|\\mathcal{E}|,)`.
        added: The links that were not there before, :math:`(2, A)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        seconds: How long the method took.
        weight: What each of ``pairs``, and then each of ``added``, weighs now from :math:`i` to :math:`j` and back, 0
            where it does not go any more, :math:`(2, |\\mathcal{E}| + A)`; None if all that are there weigh 1.
        layer: The record of the layer with its torques, for torque and its control; None for the others.
    """

    method: str
    pairs: Tensor
    pruned_mask: Tensor
    added: Tensor
    num_nodes: int
    seconds: float
    weight: Tensor | None = None
    layer: LayerRewiring | None = None

    @property
    def weighted(self) -> bool:
        """Whether the links that are there now have weights other than 1."""
        return self.weight is not None

    @cached_property
    def kept(self) -> Tensor:
        """Edges that stayed, :math:`(2, K)`."""
        return self.pairs[:, ~self.pruned_mask]

    @cached_property
    def pruned(self) -> Tensor:
        """Edges that went, :math:`(2, |\\mathcal{E}| - K)`."""
        return self.pairs[:, self.pruned_mask]

    @property
    def rewired(self) -> Tensor:
        """All links that are there now, the kept edges first, :math:`(2, K + A)`."""
        return torch.cat([self.kept, self.added], dim=1)


@dataclass(frozen=True)
class ChangeReport:
    """A change in numbers; a share is None where its whole is zero.

    Attributes:
        kept: Edges that stayed.
        pruned: Edges that went.
        added: Links that came.
        injected: Edges of the graph before that the noise had inserted.
        hits: Edges that went and had been injected.
        precision: hits / pruned; None also if nothing was injected.
        recall: hits / injected.
        homophily_before: Edge homophily of the graph before; None without an edge between labelled nodes.
        after: The graph that came out.
        spectral_gap: Of its largest component, see :func:`~torque_core.diagnostics.spectral_gap`; None without an edge,
            and beyond 20,000 nodes, where it is not computed.
        seconds: How long the method took.
        weighted: Whether the links have weights.
    """

    kept: int
    pruned: int
    added: int
    injected: int
    hits: int
    precision: float | None
    recall: float | None
    homophily_before: float | None
    after: Structure
    spectral_gap: float | None
    seconds: float
    weighted: bool

    @property
    def homophily_change(self) -> float | None:
        """By how much the edge homophily rose; None if it is unknown before or after."""
        before, after = self.homophily_before, self.after.edge_homophily
        return None if before is None or after is None else after - before


def change_report(change: GraphChange, injected: Tensor, y: Tensor | None = None) -> ChangeReport:
    """Count a change, and describe the graph that came out.

    Args:
        change: What a method did.
        injected: Which of ``change.pairs`` the noise had inserted, bool, :math:`(|\\mathcal{E}|,)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Example:
        The path 0 - 1 - 2 - 3, of which 1 - 2 was injected and is taken out.

        >>> path, middle = torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([False, True, False])
        >>> report = change_report(GraphChange("torque", path, middle, path[:, :0], 4, 0.1), middle)
        >>> report.kept, report.precision, report.recall, report.after.components
        (2, 1.0, 1.0, 2)
    """
    pruned, noisy, hits = (int(mask.sum()) for mask in (change.pruned_mask, injected, change.pruned_mask & injected))
    size, rewired = change.num_nodes, change.rewired
    return ChangeReport(
        kept=len(injected) - pruned,
        pruned=pruned,
        added=change.added.size(1),
        injected=noisy,
        hits=hits,
        precision=hits / pruned if pruned and noisy else None,
        recall=hits / noisy if noisy else None,
        homophily_before=None if y is None else edge_homophily(change.pairs, y),
        after=structure(rewired, size, y),
        spectral_gap=spectral_gap(rewired, size) if size <= _GAP_UP_TO else None,
        seconds=change.seconds,
        weighted=change.weighted,
    )
