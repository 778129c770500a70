"""Places for the game "Catch the false links": a node with its neighbours, some of which the noise connected to it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from torque_core.figures.sampling import evenly_spaced

__all__ = ["GamePlace", "game_centres", "game_place"]

_DEGREES = (5, 12)  # of a centre: neither too easy nor crowded
_OF_EACH = 2  # fewest injected and fewest original edges of a centre
_CONTEXT = 6  # further nodes, which have several neighbours in the place


@dataclass(frozen=True)
class GamePlace:
    """A small part of a graph.

    Attributes:
        centre: The node in the middle.
        nodes: Nodes, ascending, :math:`(K,)`.
        edges: Mask of the edges between them, bool, :math:`(|\\mathcal{E}|,)`.
    """

    centre: int
    nodes: Tensor
    edges: Tensor


def game_centres(pairs: Tensor, injected: Tensor, num_nodes: int, *, seed: int = 0) -> list[int]:
    """Return nodes around which injected edges can be looked for, in random order.

    They have 5 to 12 edges, at least two of them injected and two not. If there is no such node, the node with the most
    injected edges is returned; none if no edge is injected.

    Args:
        pairs: Undirected edges, :math:`(2, |\\mathcal{E}|)`.
        injected: Mask of the edges that the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        seed: Random seed of the order.

    Example:
        >>> path = torch.tensor([[0, 1, 2], [1, 2, 3]])
        >>> game_centres(path, torch.tensor([False, True, True]), 4)
        [2]
    """
    if not bool(injected.any()):
        return []
    degree, false = (edges.flatten().bincount(minlength=num_nodes) for edges in (pairs, pairs[:, injected]))
    fits = (degree >= _DEGREES[0]) & (degree <= _DEGREES[1]) & (false >= _OF_EACH) & (degree - false >= _OF_EACH)
    centres = fits.nonzero().flatten().numpy()
    if not len(centres):
        return [int(false.argmax())]
    return np.random.default_rng(seed).permutation(centres).tolist()


def game_place(pairs: Tensor, centre: int, num_nodes: int) -> GamePlace:
    """Return the place around a node: its neighbours, and the nodes with most edges to these, at least two.

    Args:
        pairs: Undirected edges, :math:`(2, |\\mathcal{E}|)`.
        centre: The node.
        num_nodes: :math:`|\\mathcal{V}|`.

    Example:
        >>> square = torch.tensor([[0, 0, 1, 2, 3], [1, 2, 3, 3, 4]])  # 3 is adjacent to both neighbours of 0
        >>> game_place(square, 0, 5).nodes
        tensor([0, 1, 2, 3])
    """
    ends = pairs[:, (pairs == centre).any(dim=0)]
    neighbours = ends[ends != centre]
    inside = torch.zeros(num_nodes, dtype=torch.bool)
    inside[neighbours[torch.from_numpy(evenly_spaced(len(neighbours), _DEGREES[1]))]] = True
    inside[centre] = True
    for _ in range(_CONTEXT):
        first, second = inside[pairs]
        outer = torch.where(first, pairs[1], pairs[0])[first != second]
        count = outer.bincount(minlength=num_nodes)
        if not len(outer) or int(count.max()) < 2:
            break
        inside[count.argmax()] = True
    return GamePlace(centre, inside.nonzero().flatten(), inside[pairs].all(dim=0))
