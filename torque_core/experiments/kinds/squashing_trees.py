"""Experiment: fit Trees-NeighborsMatch, a problem that needs information from distant leaves (over-squashing)."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader
from torch_geometric.nn import GraphConv

from torque_core.datasets.trees import TreesSpec, sample_trees
from torque_core.experiments.experiment import REWIRING, Metric, Result, register_kind
from torque_core.graph.pairs import is_among, undirected_pairs
from torque_core.methods.catalog import METHODS
from torque_core.nn import TorqueGNN
from torque_core.nn.backbones import Backbone
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.utils.device import pick_device
from torque_core.utils.fields import check_fields, spec_field
from torque_core.utils.random import draw_from

__all__ = ["TREE_METHODS", "SquashingTrees"]

TREE_METHODS: Mapping[str, str] = {
    "plain": METHODS["plain"].title,
    "torque_default": METHODS["torque_default"].title,
    "torque_forced": "Torque, forced to prune a tenth of the edges and to add twice as many",
    "fosr": f"{METHODS['fosr'].title}, half as many edges as there are nodes",
    "fully_adjacent": "The last layer joins the root to every node",
}
"""Rewirings of the trees by key; methods of the catalog have the same key there."""

_BY_TORQUE: Mapping[str, Mapping[str, Any]] = {
    "torque_default": {},
    "torque_forced": {"cut": "fixed", "fraction": 0.1, "additions": 2.0},
}
_CONVOLUTIONS: Mapping[str, Backbone | str] = {"gcn": "gcn", "sum": GraphConv}
_Graphs = list[tuple[Tensor, Tensor | None]]  # edge_index and edge_weight of each layer


@register_kind
@dataclass(frozen=True, kw_only=True)
class SquashingTrees:
    """Training on Trees-NeighborsMatch, see :func:`~torque_core.datasets.trees.sample_trees`.

    Edges are undirected, unlike in the authors' code, since rewiring is of undirected edges. The model has one layer
    more than the depth of the trees, residual connections and layer norm, and a linear layer on the ReLU of the root's
    representation.

    Attributes:
        depth: Depth of the trees, 2 to 8.
        assignments: Number of assignments, see :class:`~torque_core.datasets.trees.TreesSpec`.
        method: A key of :data:`TREE_METHODS`.
        backbone: ``gcn``, or ``sum``: sum of the neighbours as in GIN, by PyG's ``GraphConv``.
        epochs: Largest number of passes over the trees; training ends when all predictions are right.
        batch: Batch size.
        learning_rate: Learning rate of Adam.
        hidden: Width of the layers.
        seed: Random seed for the trees, the weights, the batches and the rewiring.

    Raises:
        BadConfig: If a value is out of range.

    Example:
        >>> metrics = SquashingTrees(depth=2, epochs=2).run().metrics
        >>> sorted(metrics)
        ['added', 'epochs', 'fit', 'held_out', 'pruned', 'trees']
    """

    kind: ClassVar[str] = "squashing_trees"

    depth: int
    assignments: int | None = None
    method: str = spec_field("plain", title="method", choices=lambda: TREE_METHODS, help="How the trees are rewired.")
    backbone: str = spec_field("gcn", title="backbone", choices=lambda: _CONVOLUTIONS, help="Graph convolution.")
    epochs: int = spec_field(100, title="epochs", low=1, high=50_000, help="Passes over the trees at most.")
    batch: int = spec_field(64, title="batch size", low=1, high=100_000, unit="trees", help="Trees in a batch.")
    learning_rate: float = spec_field(0.003, title="learning rate", low=1e-6, high=10, help="Learning rate of Adam.")
    hidden: int = spec_field(32, title="hidden width", low=1, high=4096, help="Width of the layers.")
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` if a value is out of range."""
        check_fields(self)
        self._spec()

    def _spec(self) -> TreesSpec:
        return TreesSpec(depth=self.depth, assignments=self.assignments, bidirectional=True, seed=self.seed)

    def run(self) -> Result:
        """Train on the trees, and evaluate on held-out trees once.

        Returns:
            ``fit``: best training accuracy over the epochs; ``held_out``: accuracy on the other trees at the end;
            ``epochs``: number of epochs; ``trees``: number of training trees; ``pruned`` and ``added`` edges of each
            layer as fractions of a tree's edges, means over the training trees. The curve ``train``: training accuracy
            by epoch.
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
        accuracies: list[float] = []
        while len(accuracies) < self.epochs and 1.0 not in accuracies:
            right = 0
            order = torch.randperm(len(batches), generator=generator).tolist()
            for batch in (batches[place] for place in order):
                scores = model(batch)
                optimizer.zero_grad()
                cross_entropy(scores, batch.y).backward()
                optimizer.step()
                right += int((scores.argmax(dim=1) == batch.y).sum())
            accuracies.append(right / len(train))
        model.eval()
        with torch.no_grad():
            whole = next(iter(DataLoader(test, len(test)))).to(device)
            held_out = float((model(whole).argmax(dim=1) == whole.y).double().mean())
        changes = [_changes(tree, len(model.gnn.convs)) for tree in train]
        pruned, added = (torch.tensor(changes).mean(dim=0)[:, part].tolist() for part in (0, 1))
        metrics: dict[str, Metric] = {"fit": max(accuracies), "held_out": held_out, "epochs": len(accuracies)}
        return Result(metrics | {"trees": len(train), "pruned": pruned, "added": added}, {"train": tuple(accuracies)})

    def _rewired(self, trees: list[Data]) -> list[Data]:
        """Return the trees with a graph for each layer, as ``edge_index_0``, ``edge_weight_0`` and so on."""
        if self.method in _BY_TORQUE:
            return [_with_graphs(tree, self._by_torque(tree)) for tree in trees]
        graphs = self._by_shape(trees[0])  # independent of the features
        return [_with_graphs(tree, graphs) for tree in trees]

    def _by_torque(self, tree: Data) -> _Graphs:
        spec = RewireSpec(**{**REWIRING, **_BY_TORQUE[self.method]}, layers=self.depth + 1, seed=self.seed)
        rewiring = rewire(Data(x=tree["x"], edge_index=tree["edge_index"]), spec)
        return list(zip(rewiring.edge_indices, rewiring.edge_weights, strict=True))

    def _by_shape(self, tree: Data) -> _Graphs:
        edge_index, nodes = tree["edge_index"], len(tree["x"])
        last = edge_index
        if self.method == "fosr":
            from torque_core.baselines import FoSR

            peer = FoSR(iterations=nodes // 2, seed=self.seed)
            last = edge_index = peer(Data(x=tree["x"], edge_index=edge_index))["edge_index"]
        elif self.method == "fully_adjacent":  # only the root is read out
            last = torch.stack([torch.arange(1, nodes), torch.zeros(nodes - 1, dtype=torch.long)])
        return [*[(edge_index, None)] * self.depth, (last, None)]


class _RootModel(nn.Module):
    """A graph neural network with a linear layer on the representation of the root."""

    def __init__(self, spec: TreesSpec, hidden: int, convolution: Backbone | str) -> None:
        super().__init__()
        self.gnn = TorqueGNN(
            2 * spec.leaves,
            hidden,
            spec.depth + 1,
            backbone=convolution,
            residual=True,
            norm="layer",
            norm_kwargs={"mode": "node"},
        )
        self.read = nn.Linear(hidden, spec.leaves)

    def forward(self, trees: Data) -> Tensor:
        """Return the logits of the values for each tree, (T, L)."""
        layers = range(len(self.gnn.convs))
        edges, weights = ([trees[f"{name}_{layer}"] for layer in layers] for name in ("edge_index", "edge_weight"))
        at_nodes = self.gnn(trees["x"], edges, weights)
        at_roots: Tensor = self.read(torch.relu(at_nodes[trees["root_mask"]]))
        return at_roots


def _with_graphs(tree: Data, graphs: _Graphs) -> Data:
    batchable = copy.copy(tree)
    for layer, (edge_index, weight) in enumerate(graphs):
        batchable[f"edge_index_{layer}"] = edge_index
        batchable[f"edge_weight_{layer}"] = torch.ones(edge_index.size(1)) if weight is None else weight
    return batchable


def _changes(tree: Data, layers: int) -> list[tuple[float, float]]:
    """Return pruned and added edges of each layer, as fractions of the tree's edges."""
    nodes = len(tree["x"])
    before = undirected_pairs(tree["edge_index"], nodes)
    changes = []
    for layer in range(layers):
        after = undirected_pairs(tree[f"edge_index_{layer}"], nodes)
        kept = int(is_among(before, after, nodes).sum())
        changes.append(((before.size(1) - kept) / before.size(1), (after.size(1) - kept) / before.size(1)))
    return changes
