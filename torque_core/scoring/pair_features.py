"""Pair features: similarity of the two end nodes of each pair, computed as if the pair were not an edge.

An edge makes its own end nodes similar, so a distance that scores the edge must not use it. In the notation of
:mod:`torque_core.graph.propagation`, and up to a positive factor that does not affect the cosine, the representation of
node :math:`i` without its edge to :math:`j` is

.. math::
    h^{1}_{i \\setminus j} \\propto D_i h^1_i - w_{ij} x_j

and

.. math::
    h^{2}_{i \\setminus j} \\propto D_i h^2_i - h^1_i - w_{ij} h^1_j + \\frac{D_i h^1_i - w_{ij} x_j}{D_i - w_{ij}}
        = D_i h^2_i - w_{ij} h^1_j + \\frac{w_{ij}}{D_i - w_{ij}} (h^1_i - x_j) .

This is exact: removing :math:`(i, j)` changes the first propagation only in rows :math:`i` and :math:`j`. At depth
three it would change further rows, hence ``MAX_DEPTH``. For a pair that is not an edge :math:`w_{ij} = 0`. Both
representations are sums of a few rows with one coefficient per pair, so dot products and lengths are sums of a few
products of rows. Neither a pass over the graph for each edge nor an array of size :math:`|\\mathcal{E}| \\times F` is
needed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from torque_core.errors import BadGraph
from torque_core.graph.propagation import Propagation
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.utils.compiled import compiled_distances, has_gradient
from torque_core.utils.sparse import PairPattern, pair_pattern, pair_products

__all__ = ["MAX_DEPTH", "PairFeatures", "Products", "root"]

MAX_DEPTH = 2
# rows are sums of unit vectors: a shorter one is a zero row with rounding errors
_SHORTEST = 1e-5
# if the squared length is a smaller fraction of its terms, rounding errors matter: subtract the rows themselves
_CANCELLED = 0.02
_BLOCK_ELEMENTS = 1 << 22
_BLOCK_PAIRS = 1 << 17  # arrays of this length stay in the CPU cache between sums

_Row = tuple[str, int]  # name of the rows, end of the pair
_Vector = dict[_Row, Tensor | float]  # a weighted sum of rows: the coefficient of each


@dataclass(frozen=True)
class Products:
    """Products of the representations :math:`a, b` of the two end nodes, each (P,).

    Attributes:
        dot: :math:`\\langle a, b \\rangle`.
        first: :math:`\\|a\\|^2`.
        second: :math:`\\|b\\|^2`.
    """

    dot: Tensor
    first: Tensor
    second: Tensor


def root(square: Tensor) -> Tensor:
    """Square root with derivative zero instead of infinity at zero, so that gradients stay finite."""
    positive = square > 0
    return torch.where(positive, torch.where(positive, square, 1).sqrt(), 0)


def _plus(total: Tensor, coefficient: Tensor | float, term: Tensor) -> Tensor:
    """``total + coefficient * term`` in one pass."""
    if isinstance(coefficient, Tensor):
        return torch.addcmul(total, coefficient, term)
    return torch.add(total, term, alpha=coefficient)


class PairFeatures:
    """Features of node pairs in one layer, the input of levers and forces; every result is cached.

    Args:
        propagation: The features (centred unit rows) and the graph of the layer.
        pairs: Pairs with :math:`i < j`, sorted by :math:`i`, edges of the graph or not, :math:`(2, P)`.
        feature_distance: The result of ``cosine_distance(0)``, if it is known.
        layer: Index of the layer, from 0.
        temperature: Temperature of the free energy.
        class_probabilities: Returns the class probabilities; called only if a force needs them.
        label_energy: Returns the weighted interaction energy of given pairs from the training labels, see
            :class:`~torque_core.scoring.label_energy.LabelEnergy`; None if the graph has none.

    Raises:
        BadGraph: If the pairs are not sorted.

    Example:
        On the path 0 - 1 - 2 without the edge (0, 1), node 0 has only its own feature.

        >>> path = Propagation(torch.eye(3), torch.tensor([[0, 1], [1, 2]]))
        >>> PairFeatures(path, torch.tensor([[0], [1]])).cosine_distance(1)
        tensor([1.])
    """

    def __init__(
        self,
        propagation: Propagation,
        pairs: Tensor,
        *,
        feature_distance: Tensor | None = None,
        layer: int = 0,
        temperature: float = 1.0,
        class_probabilities: Callable[[], ClassProbabilities] | None = None,
        label_energy: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        if bool((pairs[0, 1:] < pairs[0, :-1]).any()):
            raise BadGraph("the pairs are not sorted by their first node; undirected_pairs() sorts them")
        self.propagation = propagation
        self.pairs = pairs
        self.layer = layer
        self.temperature = temperature
        self._get_class_probabilities = class_probabilities
        self.label_energy = label_energy
        self._row_products: dict[tuple[_Row, _Row], Tensor] = {}
        self._distances: dict[int, Tensor] = {} if feature_distance is None else {0: feature_distance}

    @cached_property
    def weight(self) -> Tensor:
        """Weight of each pair, 0 for pairs that are not edges, :math:`(P,)`."""
        return self.propagation.weight_of(self.pairs)

    @cached_property
    def compiled(self) -> bool:
        """Whether distances are computed by :mod:`torque_core.utils.compiled`."""
        return self.propagation.compiled and not has_gradient(self.weight)

    @cached_property
    def class_probabilities(self) -> ClassProbabilities:
        """Class probabilities of the nodes; raises :class:`BadGraph` if there are none."""
        if self._get_class_probabilities is None:
            raise BadGraph("this force needs class probabilities; give y and train_mask, or class_probabilities")
        return self._get_class_probabilities()

    @cached_property
    def node_identities(self) -> "PairFeatures":
        """The same pairs with node identities as features, see :attr:`Propagation.node_identities`."""
        return PairFeatures(self.propagation.node_identities, self.pairs)

    def split(self, size: int) -> "list[PairFeatures]":
        """The same pairs in blocks of at most ``size`` pairs, for what depends on features and graph alone."""
        blocks = []
        for pairs, weight in zip(self.pairs.split(size, dim=1), self.weight.split(size), strict=True):
            block = PairFeatures(self.propagation, pairs)
            block.weight = weight  # already looked up
            blocks.append(block)
        return blocks

    @cached_property
    def _blocks(self) -> "list[PairFeatures]":
        return self.split(_BLOCK_PAIRS)

    @cached_property
    def _has_no_edges(self) -> bool:
        """True if no pair is an edge, so that there is no edge to exclude."""
        return not bool(self.weight.any())

    def products(self, depth: int) -> Products:
        """Products of the representations after ``depth`` propagations, the pair itself excluded.

        Args:
            depth: Number of propagations :math:`l`, at most ``MAX_DEPTH``.
        """
        first, second = self._vector(depth, 0), self._vector(depth, 1)
        dot = torch.zeros_like(self.weight)
        for key, coefficient in first.items():
            dot = _plus(dot, coefficient, self._combine(key, second))
        (left, left_terms), (right, right_terms) = self._square(first), self._square(second)
        # where terms nearly cancel, subtract the rows first, then multiply
        cancelled = (left < _CANCELLED * left_terms) | (right < _CANCELLED * right_terms)
        for part in cancelled.nonzero().flatten().split(max(1, _BLOCK_ELEMENTS // self.propagation.x.size(1))):
            a, b = self._subtract(first, part), self._subtract(second, part)
            dot = dot.index_copy(0, part, torch.linalg.vecdot(a, b))
            left = left.index_copy(0, part, torch.linalg.vecdot(a, a))
            right = right.index_copy(0, part, torch.linalg.vecdot(b, b))
        return Products(dot, left, right)

    def cosine_distance(self, depth: int) -> Tensor:
        """Cosine distance :math:`1 - \\cos(h^{l}_{i \\setminus j}, h^{l}_{j \\setminus i})`, in [0, 2], :math:`(P,)`.

        A zero representation has distance 1 from every other.

        Args:
            depth: Number of propagations :math:`l`; above ``MAX_DEPTH`` it is ``MAX_DEPTH``.
        """
        depth = min(depth, MAX_DEPTH)
        if depth not in self._distances:
            if depth and self.compiled:
                self._distances[depth] = self._compiled_distance(depth)
            elif self.pairs.size(1) <= _BLOCK_PAIRS:
                self._distances[depth] = self._distance(depth)
            else:
                distances = []
                for block in self._blocks:
                    distances.append(block._distance(depth))
                    block._keep_products(self.layer if self.layer < depth else -1)
                self._distances[depth] = torch.cat(distances)
        return self._distances[depth]

    def _compiled_distance(self, depth: int) -> Tensor:
        graph = self.propagation
        rows = graph.x, graph.rows("mean1"), graph.rows("mean2" if depth == 2 else "mean1")
        shortest = self._rounding(depth)
        return compiled_distances(self.pairs, self.weight, graph.weighted_degree, shortest, rows, depth=depth)

    def _distance(self, depth: int) -> Tensor:
        products, floor = self.products(depth), self._rounding(depth).square()
        genuine = (products.first > self._of_end(floor, 0)) & (products.second > self._of_end(floor, 1))
        lengths = torch.where(genuine, products.first * products.second, 1).sqrt()
        return torch.where(genuine, 1 - products.dot / lengths, 1).clamp(0, 2)

    def _keep_products(self, depth: int) -> None:
        """Free the products of rows, except for those that representations of this depth need as well, none for -1.

        Ten numbers for each pair would take most of the memory of a rewiring.
        """
        names = ("x", "mean1", "mean2")[: depth + 1]
        self._row_products = {
            (one, other): product
            for (one, other), product in self._row_products.items()
            if one[1] != other[1] and one[0] in names and other[0] in names
        }
        self.__dict__.pop("_pattern", None)

    def sine(self, depth: int) -> Tensor:
        """Sine of the angle between the arm :math:`r = b - a` and the force at its end, along :math:`b`, (P,).

        By Lagrange's identity :math:`\\|r \\times b\\|^2 = \\|r\\|^2 \\|b\\|^2 - \\langle r, b \\rangle^2`, which for
        rows of length one at an angle :math:`\\theta` to each other is :math:`\\sin^2 \\theta`. With
        :math:`\\|r\\|^2 = 2 (1 - \\cos \\theta)` the sine is :math:`\\sqrt{(1 + \\cos \\theta) / 2}`, the same for
        both ends.
        """
        return root(1 - self.cosine_distance(depth) / 2)

    def projected(self, projections: Mapping[str, Tensor], end: int) -> Tensor:
        """Products of a matrix with :math:`h^2_{i \\setminus j}`, for one end of every pair, :math:`(P, C)`.

        Args:
            projections: Products of the matrix with the rows ``x``, ``mean1`` and ``mean2`` of every node, each
                :math:`(|\\mathcal{V}|, C)`.
            end: 0 for the first node of each pair, 1 for the second.
        """
        total = self._sum(projections, self._vector(2, end), slice(None))
        degree = self._of_end(self.propagation.weighted_degree, end) - self.weight
        return total / degree[:, None]

    def _of_end(self, values: Tensor, end: int) -> Tensor:
        """Values of one end of every pair, given those of all nodes; several times faster than by brackets."""
        return values.index_select(0, self.pairs[end])

    def _vector(self, depth: int, end: int) -> _Vector:
        """Representation of one end node, the pair itself excluded, as coefficients of rows."""
        if depth == 0:
            return {("x", end): 1.0}
        degree, w = self._of_end(self.propagation.weighted_degree, end), self.weight
        if self._has_no_edges:
            return {(f"mean{depth}", end): degree}
        if depth == 1:
            return {("mean1", end): degree, ("x", 1 - end): -w}
        ratio = w / (degree - w)
        return {("mean2", end): degree, ("mean1", end): ratio, ("mean1", 1 - end): -w, ("x", 1 - end): -ratio}

    def _square(self, vector: _Vector) -> tuple[Tensor, Tensor]:
        """Squared length of one vector per pair, and the sum of the squares of its terms, each (P,)."""
        squares = mixed = torch.zeros_like(self.weight)
        later = dict(vector)
        for key, coefficient in vector.items():
            squares = _plus(squares, coefficient, coefficient * self._product(key, key))
            del later[key]
            if later:
                mixed = _plus(mixed, coefficient, self._combine(key, later))
        return squares + 2 * mixed, squares

    def _combine(self, key: _Row, vector: _Vector) -> Tensor:
        """Products of a row with one vector per pair, (P,)."""
        total = torch.zeros_like(self.weight)
        for other, coefficient in vector.items():
            total = _plus(total, coefficient, self._product(key, other))
        return total

    def _subtract(self, vector: _Vector, at: Tensor) -> Tensor:
        """The vectors of some of the pairs, (B, F)."""
        return self._sum({name: self.propagation.rows(name) for name, _ in vector}, vector, at)

    def _sum(self, rows: Mapping[str, Tensor], vector: _Vector, at: Tensor | slice) -> Tensor:
        """Weighted sums of rows for some of the pairs, (B, width of the rows)."""
        total = next(iter(rows.values())).new_zeros(())
        for (name, end), coefficient in vector.items():
            factor = coefficient[at, None] if isinstance(coefficient, Tensor) else coefficient
            total = total + factor * rows[name].index_select(0, self.pairs[end, at])
        return total

    def _product(self, one: _Row, other: _Row) -> Tensor:
        """Products of two rows, each at one end of every pair, (P,)."""
        one, other = sorted((one, other), key=lambda row: (row[1], row[0]))
        if (one, other) not in self._row_products:
            (name, end), (other_name, other_end) = one, other
            if end == other_end:
                product = self._of_end(self.propagation.node_product(name, other_name), end)
            else:
                rows = self.propagation.rows
                product = pair_products(rows(name), rows(other_name), self._pattern)
            self._row_products[one, other] = product
        return self._row_products[one, other]

    @cached_property
    def _pattern(self) -> PairPattern:
        return pair_pattern(self.pairs, self.propagation.x)

    def _rounding(self, depth: int) -> Tensor:
        """Length below which a sum without one edge consists only of rounding errors, (N,)."""
        if not depth:
            return self.propagation.x.new_full((self.propagation.num_nodes,), _SHORTEST)
        return (1e-7 * self.propagation.weighted_degree).clamp(min=_SHORTEST)  # the terms are rows of length <= 1
