"""Statistics of the change that a rewiring method makes to a graph."""

from dataclasses import dataclass

from torch import Tensor

from torque_core.diagnostics.homophily import edge_homophily
from torque_core.diagnostics.spectrum import spectral_gap
from torque_core.diagnostics.structure import Structure, structure
from torque_core.rewiring.graph_change import GraphChange

__all__ = ["ChangeReport", "change_report"]

_GAP_UP_TO = 20_000  # nodes; so far it takes less than a second


@dataclass(frozen=True)
class ChangeReport:
    """Statistics of a change; a fraction is None if its denominator is zero.

    Attributes:
        kept: Number of kept edges.
        pruned: Number of pruned edges.
        added: Number of added edges.
        injected: Number of edges before the change that the noise had inserted.
        hits: Number of pruned edges that had been injected.
        precision: hits / pruned; None also if no edge was injected.
        recall: hits / injected.
        homophily_before: Edge homophily before the change; None without an edge between labelled nodes.
        after: Structure of the graph after the change.
        spectral_gap: Spectral gap of its largest component, see :func:`~torque_core.diagnostics.spectral_gap`; None
            without an edge, and above 20,000 nodes, where it is not computed.
        weighted: Whether the edges have weights after the change.
        seconds: Running time of the method, if it was measured.
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
    weighted: bool
    seconds: float | None = None

    @property
    def homophily_change(self) -> float | None:
        """Increase of the edge homophily; None if it is unknown before or after."""
        before, after = self.homophily_before, self.after.edge_homophily
        return None if before is None or after is None else after - before


def change_report(
    change: GraphChange, injected: Tensor, y: Tensor | None = None, *, seconds: float | None = None
) -> ChangeReport:
    """Count kept, pruned and added edges, and describe the graph after the change.

    Args:
        change: The change that a method made.
        injected: Mask of the edges in ``change.pairs`` that the noise had inserted, bool, :math:`(|\\mathcal{E}|,)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.
        seconds: Running time of the method.

    Example:
        The path 0 - 1 - 2 - 3, of which the edge 1 - 2 was injected and is pruned.

        >>> import torch
        >>> path, middle = torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([False, True, False])
        >>> report = change_report(
        ...     GraphChange(pairs=path, pruned_mask=middle, added=path[:, :0], num_nodes=4), middle
        ... )
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
        weighted=change.weighted,
        seconds=seconds,
    )
