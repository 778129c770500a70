"""Interaction energy of class probabilities, from training labels alone and without the tested edge."""

from functools import cached_property

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from torque_core.graph.propagation import Propagation
from torque_core.scoring.pair_features import PairFeatures
from torque_core.utils.compiled import compiled_agreements

__all__ = ["LabelEnergy"]

_SMALLEST_AGREEMENT = 0.02  # probability that the ends have the same class, see LabelEnergy
_SMALLEST_PROBABILITY = 1e-6  # keeps logarithms finite
_SMALLEST_SIMILARITY = 1e-3  # an edge of weight 0 would be no edge
_BLOCK_ELEMENTS = 1 << 18  # arrays of this length stay in the CPU cache


class LabelEnergy:
    """Energy :math:`-\\log \\max(0.02, \\langle p_{i \\setminus j}, p_{j \\setminus i} \\rangle)` of node pairs.

    The energy is bounded, since some original edges join nodes of different classes. Without the bound, all of those
    between training nodes would be pruned, and their neighbourhoods would become purer than those of other nodes.

    Class probabilities compare the representation :math:`h_i` of a node with the mean :math:`\\mu_c` of each class:

    .. math::
        p_i = \\mathrm{softmax}_c \\big( s \\langle h_i, \\mu_c \\rangle + \\log (n_c / n) \\big),

    with :math:`n_c` of the :math:`n` training nodes in class :math:`c`; a training node has a one-hot row. Three
    choices keep them from following edges that an attacker inserted:

    - :math:`h` is propagated over the edges with the weights :math:`w_{ij} \\max(0, \\cos(x_i, x_j))`, since an edge
      can be inserted, but features stay;
    - class means have no parameters that fit the labels of a poisoned neighbourhood, as a regression has;
    - the representations of a pair exclude the pair's own edge, as in a lever arm.

    :math:`h` is either the features or the features propagated twice, whichever has the lower cross-entropy on the
    training nodes when the means leave the node itself out; :math:`s` is the scale that minimises it.

    Args:
        propagation: The features (centred unit rows) and the graph of the layer.
        known: Labels of the training nodes, -1 for the other nodes, int64, :math:`(|\\mathcal{V}|,)`.
        edges: The features of all edges of the graph, if the caller needs them as well; their weights may differ.

    Example:
        Two pairs of training nodes, of equal and of different classes.

        >>> propagation = Propagation(torch.eye(4), torch.tensor([[0, 2], [1, 3]]))
        >>> energy = LabelEnergy(propagation, torch.tensor([0, 0, 1, 1]))
        >>> energy(torch.tensor([[0, 0], [1, 2]])).exp().round()
        tensor([ 1., 50.])
    """

    def __init__(self, propagation: Propagation, known: Tensor, edges: PairFeatures | None = None) -> None:
        self._graph = propagation
        edges = PairFeatures(propagation, propagation.pairs) if edges is None else edges
        similarity = (1 - edges.cosine_distance(0)).clamp(min=_SMALLEST_SIMILARITY)
        self._similar = propagation.reweighted(similarity)
        self._known = known
        train = (known >= 0).nonzero().flatten()
        labels = known[train]
        members = one_hot(labels, int(known.max()) + 1).to(propagation.x)  # (T, C)
        counts = members.sum(dim=0)
        self._prior = (counts / len(train)).clamp(min=_SMALLEST_PROBABILITY).log()
        fits = []
        for name, rows in (("x", propagation.x[train]), ("mean2", self._similar.mean2_of(train))):
            means = (members.T @ rows / counts.clamp(min=1)[:, None]).T  # (F, C)
            scale, loss = _calibrate(_left_out(rows, means, labels, counts), self._prior, labels)
            fits.append((loss, name, scale * means))
        _, self._name, self._means = min(fits, key=lambda fit: fit[0])
        self._projections = self._project(self._means)
        self._similar.free()

    def _project(self, means: Tensor) -> dict[str, Tensor]:
        """Products of the representations that are used with the scaled class means, (N, C)."""
        projections = {"x": self._similar.x @ means}
        if self._name == "mean2":
            projections["mean1"] = self._similar.mean1 @ means
            projections["mean2"] = self._similar.propagated(projections["mean1"])
        return projections

    def __call__(self, pairs: Tensor) -> Tensor:
        """Energy of each pair, :math:`(P,)`.

        Args:
            pairs: Node pairs with :math:`i < j`, sorted by :math:`i`, :math:`(2, P)`.
        """
        if pairs is not self._graph.pairs:
            return self._energy(pairs)
        energy, _ = self._edge_energy, self.weight  # which needs them as well
        del self._edge_energy
        return energy

    @cached_property
    def _edge_energy(self) -> Tensor:
        """Energy of the edges of the graph, (E,)."""
        return self._energy(self._graph.pairs)

    def _energy(self, pairs: Tensor) -> Tensor:
        """Energy of each pair, (P,)."""
        agreement = self._agreement(PairFeatures(self._similar, pairs))
        return -agreement.clamp(min=_SMALLEST_AGREEMENT, max=1).log()

    def _agreement(self, features: PairFeatures) -> Tensor:
        """Probability that both ends of each pair have the same class, without the pair's own edge, (P,)."""
        if self._name == "mean2" and features.compiled:
            degree, of = self._similar.weighted_degree, self._projections
            projections = of["x"], of["mean1"], of["mean2"]
            return compiled_agreements(features.pairs, features.weight, degree, projections, self._prior, self._known)
        blocks = features.split(max(1, _BLOCK_ELEMENTS // len(self._prior)))
        return torch.cat(
            [(self._probabilities(block, 0) * self._probabilities(block, 1)).sum(dim=1) for block in blocks]
        )

    @cached_property
    def weight(self) -> Tensor:
        """Factor that makes the energy comparable with a Dirichlet energy, at least 0, a scalar.

        It is :math:`r / \\bar{E}`: the assortativity of the classes over the energy of a random pair,

        .. math::
            r = \\frac{\\sum_{ij} w_{ij} e^{-E_{ij}} / \\sum_{ij} w_{ij} - \\|a\\|^2}{1 - \\|a\\|^2}, \\qquad
            \\bar{E} = -\\log \\|a\\|^2, \\qquad a = \\sum_i d_i p_i \\Big/ \\sum_i d_i

        (Newman, Phys. Rev. E 67, 026126, 2003, with class probabilities for classes). If the ends of an edge agree in
        class no more often than those of a random pair, :math:`r \\le 0`, and the factor is 0.
        """
        graph, degree = self._graph, self._graph.weighted_degree - 1
        scores = self._projections[self._name] + self._prior
        mean = (degree[:, None] * _certain(scores, self._known)).sum(dim=0) / degree.sum().clamp(min=1e-9)
        chance = mean.square().sum().clamp(min=_SMALLEST_PROBABILITY, max=1 - _SMALLEST_PROBABILITY)
        agreement = (graph.weight * (-self._edge_energy).exp()).sum() / graph.weight.sum().clamp(min=1e-9)
        return ((agreement - chance) / (1 - chance)).clamp(min=0) / -chance.log()

    def _probabilities(self, block: PairFeatures, end: int) -> Tensor:
        """Class probabilities of one end of every pair of a block, without the pair's own edge, (B, C)."""
        node, projections = block.pairs[end], self._projections
        scores = projections["x"].index_select(0, node) if self._name == "x" else block.projected(projections, end)
        return _certain(scores + self._prior, self._known.index_select(0, node))


def _certain(scores: Tensor, known: Tensor) -> Tensor:
    """Class probabilities, one-hot where the label is known, (B, C)."""
    exponential = (scores - scores.detach().amax(dim=1, keepdim=True)).exp()  # for few classes faster than softmax
    probabilities, certain = exponential / exponential.sum(dim=1, keepdim=True), (known >= 0).nonzero().flatten()
    return probabilities.index_copy(0, certain, one_hot(known[certain], scores.size(1)).to(scores))


def _left_out(rows: Tensor, means: Tensor, labels: Tensor, counts: Tensor) -> Tensor:
    """Products of the training nodes' rows with the class means, each computed without the node itself, (T, C)."""
    products = rows @ means
    own, size = products.gather(1, labels[:, None]), counts[labels][:, None]
    without = (size * own - rows.square().sum(dim=1, keepdim=True)) / (size - 1).clamp(min=1)
    return products.scatter(1, labels[:, None], without)


def _calibrate(products: Tensor, prior: Tensor, labels: Tensor) -> tuple[float, float]:
    """Scale of the products that minimises the cross-entropy of the softmax, and that cross-entropy."""
    from scipy.optimize import minimize_scalar

    products, prior = products.detach().double(), prior.double()
    optimum = minimize_scalar(
        lambda exponent: float(cross_entropy(10**exponent * products + prior, labels)), bounds=(-2, 3), method="bounded"
    )
    return float(10**optimum.x), float(optimum.fun)
