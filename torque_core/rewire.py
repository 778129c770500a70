"""Layer by layer: prune the edges of high torque, add links of low torque, and hand the graph to the next layer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.additions import lowest_torques
from torque_core.candidates import candidate_pairs
from torque_core.chance import chance_pairs
from torque_core.cuts import CUTS, Cut
from torque_core.errors import BadConfig
from torque_core.forces import FORCES
from torque_core.graph import check_graph, pairs_to_edge_index, undirected_pairs
from torque_core.levers import LEVERS
from torque_core.propagation import Propagation, centred_unit
from torque_core.randomness import check_seed
from torque_core.torque import Torque, torque

__all__ = ["HIERARCHIES", "LayerRewiring", "RewireSpec", "Rewiring", "rewire"]

HIERARCHIES = ("independent", "nested")
# heavier beliefs make sure of what the model thinks already: the detection of injected edges then falls
_BELIEF_WEIGHT = 0.25
_PROPOSED_PER_PLACE = 8  # candidates for each link that may be added


@dataclass(frozen=True)
class RewireSpec:
    """How to rewire: what :func:`rewire` is asked for, and its identity in caches and links.

    Attributes:
        lever: A name in :data:`~torque_core.levers.LEVERS`.
        force: A name in :data:`~torque_core.forces.FORCES`.
        cut: A name in :data:`~torque_core.cuts.CUTS`.
        fraction: Share of the edges that the cut ``fixed`` prunes, in [0, 1].
        additions: At most so many links are added for each edge pruned, in [0, 2].
        layers: Number of layers, 1 to 8; each has its own graph.
        hierarchy: ``independent``: every layer judges the input graph's edges anew, in the light of the graph of
            the layer before; an edge may come back. ``nested``: it judges that graph's edges, and what is
            cut is not judged again; only as a new link of low torque may it return.
        seed: Seed of the sampled chance pairs and of the search for candidates.

    Example:
        >>> RewireSpec(cut="fixed", fraction=0.2).layers
        2
    """

    lever: str = "structural"
    force: str = "energy"
    cut: str = "gap"
    fraction: float = 0.1
    additions: float = 0.25
    layers: int = 2
    hierarchy: str = "independent"
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` for a value that cannot be."""
        for name, value, known in (
            ("lever", self.lever, LEVERS),
            ("force", self.force, FORCES),
            ("cut", self.cut, CUTS),
            ("hierarchy", self.hierarchy, HIERARCHIES),
        ):
            if value not in known:
                raise BadConfig(f"{name} must be one of {', '.join(known)}; got {value!r}")
        for name, number, low, high in (
            ("fraction", self.fraction, 0, 1),
            ("additions", self.additions, 0, 2),
            ("layers", self.layers, 1, 8),
        ):
            if not low <= number <= high or (name == "layers" and type(number) is not int):
                raise BadConfig(
                    f"{name} must be {'an integer ' if name == 'layers' else ''}in [{low}, {high}], got {number}"
                )
        check_seed(self.seed)


@dataclass(frozen=True)
class LayerRewiring:
    """What happened to the graph in one layer. Undirected, each pair once.

    Attributes:
        pairs: The edges that were judged, :math:`(2, |\\mathcal{E}|)`.
        torque: Their torques.
        pruned_mask: Which of them were pruned, bool, :math:`(|\\mathcal{E}|,)`.
        added: The links that were added, :math:`(2, A)`.
        added_torque: Their torques.
        cut: Where the torques were cut, and why there.
    """

    pairs: Tensor
    torque: Torque
    pruned_mask: Tensor
    added: Tensor
    added_torque: Torque
    cut: Cut

    def to(self, device: torch.device | str) -> "LayerRewiring":
        """The same record with every tensor on ``device``; the gap's curves stay where they are."""
        return replace(
            self,
            pairs=self.pairs.to(device),
            torque=self.torque.to(device),
            pruned_mask=self.pruned_mask.to(device),
            added=self.added.to(device),
            added_torque=self.added_torque.to(device),
        )

    @property
    def kept(self) -> Tensor:
        """Edges that stayed, :math:`(2, K)`."""
        return self.pairs[:, ~self.pruned_mask]

    @property
    def pruned(self) -> Tensor:
        """Edges that went, :math:`(2, |\\mathcal{E}| - K)`."""
        return self.pairs[:, self.pruned_mask]

    @cached_property
    def rewired(self) -> Tensor:
        """The layer's graph: kept edges, then added links, :math:`(2, K + A)`."""
        return torch.cat([self.kept, self.added], dim=1)

    @cached_property
    def edge_index(self) -> Tensor:
        """The layer's graph as PyG wants it, both directions, :math:`(2, 2(K + A))`."""
        return pairs_to_edge_index(self.rewired)


@dataclass(frozen=True)
class Rewiring:
    """One graph per layer, and how each came about."""

    layers: tuple[LayerRewiring, ...]
    num_nodes: int
    spec: RewireSpec

    def to(self, device: torch.device | str) -> "Rewiring":
        """The same record with every tensor on ``device``."""
        return replace(self, layers=tuple(layer.to(device) for layer in self.layers))

    @property
    def edge_indices(self) -> list[Tensor]:
        """The graphs of the layers, to be given to :class:`~torque_core.nn.TorqueGNN`."""
        return [layer.edge_index for layer in self.layers]


def rewire(
    data: Data,
    spec: RewireSpec | None = None,
    *,
    beliefs: Tensor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Rewiring:
    """Rewire a graph layer by layer by torque.

    Every layer propagates the features over the graph that the layer before left (the first: over the input
    graph), takes the torque of each edge and of chance pairs, cuts, and adds the candidate links of lowest torque.

    Args:
        data: A PyG graph with ``x`` :math:`(|\\mathcal{V}|, F)` and ``edge_index``. Directions, repeats and
            self-loops are not looked at.
        spec: What to do; the default is structural lever, energy force, torque gap, two layers.
        beliefs: Class probabilities of the nodes, :math:`(|\\mathcal{V}|, C)`, that a model holds by now. They are
            put beside the features at a quarter of their length; a row that is the same for all classes has no say.
        progress: Called with the number of layers done.

    Returns:
        The record of every layer.

    Raises:
        BadGraph: The graph is empty, malformed or has features that are not finite.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> rewiring = rewire(KarateClub()[0], RewireSpec(cut="fixed", fraction=0.1))
        >>> [(layer.pruned.size(1), layer.added.size(1)) for layer in rewiring.layers]
        [(8, 2), (7, 2)]
    """
    spec = spec or RewireSpec()
    check_graph(data)
    features = centred_unit(data["x"].float())
    num_nodes = len(features)
    if beliefs is not None:
        features = torch.cat([features, _BELIEF_WEIGHT * _centred(beliefs.to(features))], dim=1)
    pairs = graph = undirected_pairs(data["edge_index"], num_nodes)
    layers: list[LayerRewiring] = []
    for index in range(spec.layers):
        layer = _rewire_layer(features, graph, pairs, index, spec)
        layers.append(layer)
        graph = layer.rewired
        pairs = graph if spec.hierarchy == "nested" else pairs
        if progress is not None:
            progress(index + 1)
    return Rewiring(tuple(layers), num_nodes, spec)


def _centred(beliefs: Tensor) -> Tensor:
    """Probabilities as directions: a certain one has length one, an undecided one is zero and has no say, (N, C)."""
    classes = beliefs.size(1)
    length = max(1 - 1 / classes, 0.5) ** 0.5  # of a certain row; two classes have 0.5, one class has nothing to say
    return (beliefs - 1 / classes) / length


@torch.no_grad()
def _rewire_layer(features: Tensor, graph: Tensor, pairs: Tensor, index: int, spec: RewireSpec) -> LayerRewiring:
    """Judge ``pairs`` on ``graph``, cut and add."""
    num_nodes = len(features)
    propagation = Propagation(features, graph)

    def torque_of(links: Tensor) -> Torque:
        return torque(propagation, links, lever=spec.lever, force=spec.force, layer=index)

    judged = torque_of(pairs)
    chance = chance_pairs(pairs, num_nodes, torch.Generator().manual_seed(spec.seed))
    cut = CUTS[spec.cut](judged.value, torque_of(chance.pairs).value, chance.weight, spec.fraction)
    pruned_mask = judged.value >= cut.threshold

    budget = round(spec.additions * int(pruned_mask.sum()))
    candidates = pairs[:, :0]
    if budget:
        candidates = candidate_pairs(propagation.mean2, pairs, most=_PROPOSED_PER_PLACE * budget, seed=spec.seed)
    proposed = torque_of(candidates)
    chosen = lowest_torques(proposed.value, judged.value[~pruned_mask], budget)
    return LayerRewiring(pairs, judged, pruned_mask, candidates[:, chosen], proposed[chosen], cut)
