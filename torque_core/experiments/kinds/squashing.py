"""Experiment: over-squashing, by the influence of distant nodes on a model and the resistance of its graphs."""

from dataclasses import dataclass
from statistics import fmean
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from torque_core.attacks.noise import Noise
from torque_core.diagnostics.influence import influence_by_class, influence_by_hop, jacobian_influence
from torque_core.diagnostics.receptive_field import receptive_field
from torque_core.diagnostics.resistance import effective_resistance
from torque_core.experiments.experiment import Metric, Result, register_kind
from torque_core.experiments.kinds.training import Training
from torque_core.graph.pairs import undirected_pairs
from torque_core.training import TrainSpec
from torque_core.utils.fields import check_fields, spec_field

__all__ = ["Squashing"]

_HOPS = 3
_NO_NOISE, _DEFAULT = Noise(), TrainSpec()


@register_kind
@dataclass(frozen=True, kw_only=True)
class Squashing:
    """Training with a method, followed by measurements of over-squashing.

    Attributes:
        dataset: See :class:`~torque_core.experiments.Training`, also for the fields up to ``layers``.
        scheme: A split scheme.
        split: Index of the split; also the random seed for sampled nodes and pairs, which are the same for all methods.
        noise: Noise added to the graph first.
        method: A key of :data:`~torque_core.methods.catalog.METHODS`; its options are the defaults.
        spec: How to train.
        layers: Number of layers of the model.
        nodes: Number of nodes whose Jacobian is computed.
        pairs: Number of node pairs whose effective resistance is computed.

    Raises:
        BadConfig: If a value is out of range.

    Example:
        >>> metrics = Squashing(dataset="karate", spec=TrainSpec(epochs=20), nodes=5, pairs=50).run().metrics
        >>> round(sum(metrics[part] for part in ("hop_0", "hop_1", "hop_2", "hop_3", "beyond")), 5)
        1.0
        >>> metrics["disconnected"], metrics["resistance"] == metrics["resistance_before"]
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
    nodes: int = spec_field(20, title="nodes", low=1, high=10_000, unit="nodes", help="Nodes of the Jacobian.")
    pairs: int = spec_field(
        1_000, title="pairs", low=1, high=1_000_000, unit="pairs", help="Node pairs of the effective resistance."
    )

    def __post_init__(self) -> None:
        """Check all fields, and normalise those of equivalent experiments."""
        check_fields(self)
        training = self._training()
        for name in ("scheme", "noise", "spec"):
            object.__setattr__(self, name, getattr(training, name))

    def _training(self) -> Training:
        names = ("dataset", "scheme", "split", "noise", "method", "spec", "layers")
        return Training(**{name: getattr(self, name) for name in names})

    def run(self) -> Result:
        """Train, then measure.

        Returns:
            ``test`` score of the model. ``hop_0`` to ``hop_3`` and ``beyond``: fractions of the Jacobian influence
            (see :func:`~torque_core.diagnostics.influence.jacobian_influence`) on a node's output that originate from
            the node, from nodes 1, 2, 3 hops away, and from all others. Hops are counted in the graph **before**
            rewiring, so that all methods are compared on the same nodes. ``own_class``: the fraction from nodes of the
            same class. All are means over the nodes. ``resistance``: mean effective resistance in ohm, without weights,
            of the pairs that the layers' graphs connect; ``resistance_before``: of the same pairs in the graph before
            rewiring; ``disconnected``: the fraction of pairs that are no longer connected; means over layers.
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
        sampled = labelled[torch.randperm(len(labelled), generator=generator)[: self.nodes]]
        by_hop, own = torch.zeros(_HOPS + 1), []
        model.eval()
        for node in sampled.tolist():
            influence = jacobian_influence(lambda x, edges: model(x, edges, weights), x, graphs, node).cpu()
            hops = receptive_field(node, [before] * _HOPS, len(x)).hops
            fractions = influence_by_hop(influence, hops)
            by_hop[: len(fractions)] += fractions
            own.append(float(influence_by_class(influence, y)[y[node]]))
        means = (by_hop / len(sampled)).tolist()
        named = {f"hop_{hop}": mean for hop, mean in enumerate(means)}
        return {**named, "beyond": max(1 - sum(means), 0.0), "own_class": fmean(own)}

    def _resistance(self, before: Tensor, after: list[Tensor], num_nodes: int) -> dict[str, Metric]:
        generator = torch.Generator().manual_seed(self.split)
        drawn = torch.randint(num_nodes, (2, self.pairs), generator=generator)
        first = effective_resistance(before, num_nodes, drawn)
        connected = first.isfinite() & (drawn[0] != drawn[1])
        drawn, first = drawn[:, connected], first[connected]
        means, means_before, disconnected = [], [], []
        for pairs in after:
            resistance = effective_resistance(pairs, num_nodes, drawn)
            connected = resistance.isfinite()
            disconnected.append(float((~connected).double().mean()))
            if connected.any():
                means.append(float(resistance[connected].mean()))
                means_before.append(float(first[connected].mean()))
        return {
            "resistance": fmean(means) if means else None,
            "resistance_before": fmean(means_before) if means else None,
            "disconnected": fmean(disconnected),
        }
