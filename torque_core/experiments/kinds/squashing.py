"""The experiments on over-squashing: what a node hears from afar in a graph, and what models learn on trees."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader
from torch_geometric.nn import GraphConv

from torque_core.datasets.trees import TreesSpec, sample_trees
from torque_core.diagnostics.influence import influence_by_class, influence_by_hop, jacobian_influence
from torque_core.diagnostics.receptive_field import receptive_field
from torque_core.diagnostics.resistance import effective_resistance
from torque_core.experiments.experiment import Metric, Result, register_kind
from torque_core.experiments.kinds.training import Training
from torque_core.graph.noise import Noise
from torque_core.graph.pairs import is_among, undirected_pairs
from torque_core.methods.catalog import METHODS
from torque_core.nn import TorqueGNN
from torque_core.nn.backbones import Backbone
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.training import TrainSpec
from torque_core.utils.device import pick_device
from torque_core.utils.random import draw_from
from torque_core.utils.validation import check_choices, check_ranges

__all__ = ["TREE_METHODS", "Squashing", "SquashingTrees"]

_HOPS = 3
_NO_NOISE, _DEFAULT = Noise(), TrainSpec()


@register_kind
@dataclass(frozen=True, kw_only=True)
class Squashing:
    """Train by a method, then ask how far the model hears, and how well its graphs conduct.

    Attributes:
        dataset: See :class:`~torque_core.experiments.Training`, as of the others up to ``layers``.
        scheme: A split scheme.
        split: Which split; its number also draws the nodes and the pairs that are looked at, the same for all methods.
        noise: What is done to the graph before all else.
        method: A key of :data:`~torque_core.experiments.METHODS`, with the options that it has by default.
        spec: How to train.
        layers: Of the model.
        nodes: How many nodes the Jacobian is taken of.
        pairs: How many pairs of nodes the effective resistance is taken of.

    Raises:
        BadConfig: A value that cannot be.

    Example:
        >>> found = Squashing(dataset="karate", spec=TrainSpec(epochs=20), nodes=5, pairs=50).run().metrics
        >>> round(found["hop_0"] + found["hop_1"] + found["hop_2"] + found["hop_3"] + found["beyond"], 5)
        1.0
        >>> found["disconnected"], found["resistance"] == found["resistance_before"]
        (0.0, True)
    """

    kind: ClassVar[str] = "squashing"

    dataset: str
    scheme: str | None = None
    split: int = 0
    noise: Noise = _NO_NOISE
    method: str = "plain"
    spec: TrainSpec = _DEFAULT
    layers: int = 3
    nodes: int = 20
    pairs: int = 1_000

    def __post_init__(self) -> None:
        """Check every field, and give equal experiments equal fields."""
        check_ranges(self, {"nodes": (1, 10_000), "pairs": (1, 1_000_000)}, whole=("nodes", "pairs"))
        training = self._training()
        for name in ("scheme", "noise", "spec"):
            object.__setattr__(self, name, getattr(training, name))

    def _training(self) -> Training:
        names = ("dataset", "scheme", "split", "noise", "method", "spec", "layers")
        return Training(**{name: getattr(self, name) for name in names})

    def run(self) -> Result:
        """Train, then measure.

        Returns:
            ``test`` score of the model. ``hop_0`` to ``hop_3`` and ``beyond``: shares of the Jacobian influence (see
            :func:`~torque_core.diagnostics.influence.jacobian_influence`) on a node's output that come from the node,
            from those 1, 2, 3 hops away, and from all others. Hops are counted in the graph **before** rewiring, so
            that the same nodes are compared whatever a method does. ``own_class``: the share from nodes of its own
            class. All are means over the nodes. ``resistance``: mean effective resistance in ohm, weights aside, of
            the pairs that the layers' graphs still connect; ``resistance_before``: of the same pairs in the graph
            before rewiring; ``disconnected``: the fraction of pairs that are no longer connected; means over layers.
        """
        done = self._training().trained()
        data, end, num_nodes = done.data, done.end, len(done.data["x"])
        if end.rewiring is None:
            graphs: list[Tensor] = [data["edge_index"]] * self.layers
            weights: list[Tensor | None] = [data.get("edge_weight")] * self.layers
        else:
            graphs, weights = end.rewiring.edge_indices, end.rewiring.edge_weights
        metrics: dict[str, Metric] = {"test": end.test}
        metrics |= self._influence(end.model, data, graphs, weights, done.before)
        after = [undirected_pairs(graph.cpu(), num_nodes) for graph in graphs]
        after = after[:1] if end.rewiring is None else after
        return Result(metrics | self._resistance(done.before, after, num_nodes))

    def _influence(
        self, model: nn.Module, data: Data, graphs: list[Tensor], weights: list[Tensor | None], before: Tensor
    ) -> dict[str, Metric]:
        home = next(model.parameters()).device
        x, y = data["x"].to(home), data["y"]
        graphs = [graph.to(home) for graph in graphs]
        weights = [None if weight is None else weight.to(home) for weight in weights]
        generator = torch.Generator().manual_seed(self.split)
        labelled = (y >= 0).nonzero().flatten()
        looked_at = labelled[torch.randperm(len(labelled), generator=generator)[: self.nodes]]
        by_hop, own = torch.zeros(_HOPS + 1), []
        model.eval()
        for node in looked_at.tolist():
            influence = jacobian_influence(lambda x, given: model(x, given, weights), x, graphs, node).cpu()
            hops = receptive_field(node, [before] * _HOPS, len(x)).hops
            found = influence_by_hop(influence, hops)
            by_hop[: len(found)] += found
            own.append(float(influence_by_class(influence, y)[y[node]]))
        shares = (by_hop / len(looked_at)).tolist()
        named = {f"hop_{hop}": share for hop, share in enumerate(shares)}
        return {**named, "beyond": max(1 - sum(shares), 0.0), "own_class": fmean(own)}

    def _resistance(self, before: Tensor, after: list[Tensor], num_nodes: int) -> dict[str, Metric]:
        generator = torch.Generator().manual_seed(self.split)
        drawn = torch.randint(num_nodes, (2, self.pairs), generator=generator)
        first = effective_resistance(before, num_nodes, drawn)
        there = first.isfinite() & (drawn[0] != drawn[1])
        drawn, first = drawn[:, there], first[there]
        means, means_before, apart = [], [], []
        for pairs in after:
            found = effective_resistance(pairs, num_nodes, drawn)
            connected = found.isfinite()
            apart.append(float((~connected).double().mean()))
            if connected.any():
                means.append(float(found[connected].mean()))
                means_before.append(float(first[connected].mean()))
        return {
            "resistance": fmean(means) if means else None,
            "resistance_before": fmean(means_before) if means else None,
            "disconnected": fmean(apart),
        }


TREE_METHODS: Mapping[str, str] = {
    "plain": METHODS["plain"].title,
    "torque_default": METHODS["torque_default"].title,
    "torque_forced": "Torque, forced to prune a tenth of the edges and to add twice as many",
    "fosr": f"{METHODS['fosr'].title}, half as many edges as there are nodes",
    "fully_adjacent": "The last layer joins the root to every node",
}
"""How the trees are rewired, by key; a method of the catalog has its key there."""

_BY_TORQUE: Mapping[str, Mapping[str, Any]] = {
    "torque_default": {},
    "torque_forced": {"cut": "fixed", "fraction": 0.1, "additions": 2.0},
}
_CONVOLUTIONS: Mapping[str, Backbone | str] = {"gcn": "gcn", "sum": GraphConv}
_TREE_RANGES = {"epochs": (1, 50_000), "batch": (1, 100_000), "learning_rate": (1e-6, 10), "hidden": (1, 4096)}
_Graphs = list[tuple[Tensor, Tensor | None]]  # edge_index and edge_weight of each layer


@register_kind
@dataclass(frozen=True, kw_only=True)
class SquashingTrees:
    """Learn Trees-NeighborsMatch by heart, see :func:`~torque_core.datasets.trees.sample_trees`.

    Edges lead both ways here, unlike in the authors' code, as rewiring is of undirected edges. The model has one layer
    more than the tree is deep, residuals and layer norms, and a linear layer on the ReLU of the root's representation.

    Attributes:
        depth: Of the trees, 2 to 8.
        assignments: How many, see :class:`~torque_core.datasets.trees.TreesSpec`.
        method: A key of :data:`TREE_METHODS`.
        backbone: ``gcn``, or ``sum``: like GIN it adds up the neighbours, by PyG's ``GraphConv``.
        epochs: Passes over the trees, at most; training ends once all are right.
        batch: Trees in a batch.
        learning_rate: Of Adam.
        hidden: Width of the layers.
        seed: Of the trees, the weights, the batches and the rewiring.

    Raises:
        BadConfig: A value that cannot be.

    Example:
        >>> found = SquashingTrees(depth=2, epochs=2).run().metrics
        >>> sorted(found)
        ['added', 'epochs', 'fit', 'held_out', 'pruned', 'trees']
    """

    kind: ClassVar[str] = "squashing_trees"

    depth: int
    assignments: int | None = None
    method: str = "plain"
    backbone: str = "gcn"
    epochs: int = 100
    batch: int = 64
    learning_rate: float = 0.003
    hidden: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        """Check every field."""
        check_choices(self, {"method": TREE_METHODS, "backbone": _CONVOLUTIONS})
        check_ranges(self, _TREE_RANGES, whole=("epochs", "batch", "hidden"))
        self._spec()

    def _spec(self) -> TreesSpec:
        return TreesSpec(depth=self.depth, assignments=self.assignments, bidirectional=True, seed=self.seed)

    def run(self) -> Result:
        """Train on the trees, and look at the others once.

        Returns:
            ``fit``: the best share, over the epochs, of training trees whose root was right; ``held_out``: the share of
            the other trees at the end; ``epochs`` that it took, ``trees`` for training; ``pruned`` and ``added``:
            shares of a tree's edges in each layer, means over the training trees. The curve ``train``.
        """
        spec, device = self._spec(), pick_device()
        trees = sample_trees(spec)
        train, test = self._rewired(trees.train), self._rewired(trees.test)
        generator = torch.Generator().manual_seed(self.seed)
        with draw_from(generator):
            model = _RootModel(spec, self.hidden, _CONVOLUTIONS[self.backbone])
        model = model.to(device)
        shuffled = [train[place] for place in torch.randperm(len(train), generator=generator).tolist()]
        batches = [batch.to(device) for batch in DataLoader(shuffled, self.batch)]
        optimizer = torch.optim.Adam(model.parameters(), lr=self.learning_rate)
        shares: list[float] = []
        while len(shares) < self.epochs and 1.0 not in shares:
            right = 0
            order = torch.randperm(len(batches), generator=generator).tolist()
            for batch in (batches[place] for place in order):
                scores = model(batch)
                optimizer.zero_grad()
                cross_entropy(scores, batch.y).backward()
                optimizer.step()
                right += int((scores.argmax(dim=1) == batch.y).sum())
            shares.append(right / len(train))
        model.eval()
        with torch.no_grad():
            whole = next(iter(DataLoader(test, len(test)))).to(device)
            held_out = float((model(whole).argmax(dim=1) == whole.y).double().mean())
        changes = [_changes(tree, len(model.gnn.convs)) for tree in train]
        pruned, added = (torch.tensor(changes).mean(dim=0)[:, part].tolist() for part in (0, 1))
        metrics: dict[str, Metric] = {"fit": max(shares), "held_out": held_out, "epochs": len(shares)}
        return Result(metrics | {"trees": len(train), "pruned": pruned, "added": added}, {"train": tuple(shares)})

    def _rewired(self, trees: list[Data]) -> list[Data]:
        """The trees with a graph for each layer as PyG can batch it: ``edge_index_0``, ``edge_weight_0`` and so on."""
        if self.method in _BY_TORQUE:
            return [_with_graphs(tree, self._by_torque(tree)) for tree in trees]
        graphs = self._by_shape(trees[0])  # it does not depend on the features
        return [_with_graphs(tree, graphs) for tree in trees]

    def _by_torque(self, tree: Data) -> _Graphs:
        spec = RewireSpec(**_BY_TORQUE[self.method], layers=self.depth + 1, seed=self.seed)
        found = rewire(Data(x=tree["x"], edge_index=tree["edge_index"]), spec)
        return list(zip(found.edge_indices, found.edge_weights, strict=True))

    def _by_shape(self, tree: Data) -> _Graphs:
        edge_index, nodes = tree["edge_index"], len(tree["x"])
        last = edge_index
        if self.method == "fosr":
            from torque_core.baselines import FoSR

            peer = FoSR(iterations=nodes // 2, seed=self.seed)
            last = edge_index = peer(Data(x=tree["x"], edge_index=edge_index))["edge_index"]
        elif self.method == "fully_adjacent":  # what others hear there is not read
            last = torch.stack([torch.arange(1, nodes), torch.zeros(nodes - 1, dtype=torch.long)])
        return [*[(edge_index, None)] * self.depth, (last, None)]


class _RootModel(nn.Module):
    """A graph neural network and what it says of the roots."""

    def __init__(self, spec: TreesSpec, hidden: int, convolution: Backbone | str) -> None:
        super().__init__()
        self.gnn = TorqueGNN(
            2 * spec.leaves,
            hidden,
            hidden,
            num_layers=spec.depth + 1,
            dropout=0.0,
            backbone=convolution,
            residual=True,
            norm="layer",
        )
        self.read = nn.Linear(hidden, spec.leaves)

    def forward(self, trees: Data) -> Tensor:
        """Scores of the values, (T, L)."""
        layers = range(len(self.gnn.convs))
        edges, weights = ([trees[f"{name}_{layer}"] for layer in layers] for name in ("edge_index", "edge_weight"))
        at_nodes = self.gnn(trees["x"], edges, weights)
        at_roots: Tensor = self.read(torch.relu(at_nodes[trees["root_mask"]]))
        return at_roots


def _with_graphs(tree: Data, graphs: _Graphs) -> Data:
    made = copy.copy(tree)
    for layer, (edge_index, weight) in enumerate(graphs):
        made[f"edge_index_{layer}"] = edge_index
        made[f"edge_weight_{layer}"] = torch.ones(edge_index.size(1)) if weight is None else weight
    return made


def _changes(tree: Data, layers: int) -> list[tuple[float, float]]:
    """Links pruned and added in each layer, as shares of the tree's."""
    nodes = len(tree["x"])
    before = undirected_pairs(tree["edge_index"], nodes)
    found = []
    for layer in range(layers):
        after = undirected_pairs(tree[f"edge_index_{layer}"], nodes)
        stayed = int(is_among(before, after, nodes).sum())
        found.append(((before.size(1) - stayed) / before.size(1), (after.size(1) - stayed) / before.size(1)))
    return found
