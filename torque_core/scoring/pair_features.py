"""Links as one layer sees them: how alike the two ends are, each link judged as if it were not there.

An edge makes its own ends look alike, so a distance that is to judge the edge must not use it. With the terms of
:mod:`torque_core.graph.propagation`, and up to a positive factor that the cosine does not see, node :math:`i` without
its edge to :math:`j` has

.. math::
    h^{1}_{i \\setminus j} \\propto D_i h^1_i - w_{ij} x_j

and

.. math::
    h^{2}_{i \\setminus j} \\propto D_i h^2_i - h^1_i - w_{ij} h^1_j + \\frac{D_i h^1_i - w_{ij} x_j}{D_i - w_{ij}}
        = D_i h^2_i - w_{ij} h^1_j + \\frac{w_{ij}}{D_i - w_{ij}} (h^1_i - x_j) .

This is exact: removing :math:`(i, j)` changes the first propagation in rows :math:`i` and :math:`j` alone. At depth
three it would reach further, hence ``MAX_DEPTH``. A pair that is no edge has :math:`w_{ij} = 0`. Both sides are sums of
few rows with coefficients of the link, so dot products and lengths are sums of few products of rows: no pass over the
graph for each edge, and no array of :math:`|\\mathcal{E}| \\times F`.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property

import torch
from torch import Tensor

from torque_core.errors import BadGraph
from torque_core.graph.propagation import Propagation
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.utils.sparse import PairPattern, pair_pattern, pair_products

__all__ = ["MAX_DEPTH", "PairFeatures", "Products", "root"]

MAX_DEPTH = 2
# rows are made of unit vectors: below this length only rounding is left of a zero row
_SHORTEST = 1e-5
# where so little is left of the terms that rounding would show, the rows are subtracted themselves
_CANCELLED = 0.02
_BLOCK_ELEMENTS = 1 << 22
_BLOCK_LINKS = 1 << 18  # so many numbers stay in the cache from one sum to the next

_Row = tuple[str, int]  # name of the rows, end of the link
_Vector = dict[_Row, Tensor | float]  # a sum of rows: the coefficient of each


@dataclass(frozen=True)
class Products:
    """Products of the representations :math:`a, b` at the two ends, each (P,).

    Attributes:
        dot: :math:`\\langle a, b \\rangle`.
        first: :math:`\\|a\\|^2`.
        second: :math:`\\|b\\|^2`.
    """

    dot: Tensor
    first: Tensor
    second: Tensor


def root(square: Tensor) -> Tensor:
    """Square root whose slope at zero is zero instead of infinite, so that gradients stay finite."""
    positive = square > 0
    return torch.where(positive, torch.where(positive, square, 1).sqrt(), 0)


def _plus(total: Tensor, coefficient: Tensor | float, term: Tensor) -> Tensor:
    """``total + coefficient * term`` in one pass."""
    if isinstance(coefficient, Tensor):
        return torch.addcmul(total, coefficient, term)
    return torch.add(total, term, alpha=coefficient)


class PairFeatures:
    """Pairs of nodes in a layer, with what levers and forces ask of them; nothing is computed twice.

    Args:
        propagation: The layer's features (centred unit rows) on the layer's graph.
        pairs: Pairs with :math:`i < j`, sorted by :math:`i`, edges of the graph or not, :math:`(2, P)`.
        layer: The layer's index, from 0.
        temperature: Of the free energy.
        beliefs: Gives what is held of the nodes' classes, to a force that asks.

    Raises:
        BadGraph: The pairs are not sorted.

    Example:
        A path 0 - 1 - 2: without the edge (0, 1), node 0 is left with its own feature.

        >>> links = PairFeatures(Propagation(torch.eye(3), torch.tensor([[0, 1], [1, 2]])), torch.tensor([[0], [1]]))
        >>> links.cosine_distance(1)
        tensor([1.])
    """

    def __init__(
        self,
        propagation: Propagation,
        pairs: Tensor,
        *,
        layer: int = 0,
        temperature: float = 1.0,
        class_probabilities: Callable[[], ClassProbabilities] | None = None,
    ) -> None:
        if bool((pairs[0].diff() < 0).any()):
            raise BadGraph("the pairs are not sorted by their first node; undirected_pairs() sorts them")
        self.propagation = propagation
        self.pairs = pairs
        self.layer = layer
        self.temperature = temperature
        self._beliefs = class_probabilities
        self._row_products: dict[tuple[_Row, _Row], Tensor] = {}
        self._products: dict[int, Products] = {}

    @cached_property
    def weight(self) -> Tensor:
        """The weight of each pair that is an edge, 0 of each that is none, :math:`(P,)`."""
        return self.propagation.weight_of(self.pairs)

    @cached_property
    def class_probabilities(self) -> ClassProbabilities:
        """What is held of the nodes' classes; :class:`BadGraph` if nothing is."""
        if self._beliefs is None:
            raise BadGraph("this force needs class probabilities; give y and train_mask, or class_probabilities")
        return self._beliefs()

    @cached_property
    def node_identities(self) -> "PairFeatures":
        """The same links between nodes told apart by name alone, see :attr:`Propagation.node_identities`."""
        return PairFeatures(self.propagation.node_identities, self.pairs)

    @cached_property
    def _blocks(self) -> "list[PairFeatures]":
        """The same links, few enough at a time."""
        blocks = []
        for pairs, weight in zip(self.pairs.split(_BLOCK_LINKS, dim=1), self.weight.split(_BLOCK_LINKS), strict=True):
            block = PairFeatures(self.propagation, pairs)
            block.weight = weight  # already looked up
            blocks.append(block)
        return blocks

    @cached_property
    def _apart(self) -> bool:
        """Whether no pair is an edge, so that there is nothing to leave out."""
        return not bool(self.weight.any())

    def products(self, depth: int) -> Products:
        """Products of the ends' representations after ``depth`` propagations, the link itself left out.

        Args:
            depth: Number of propagations :math:`l`; above ``MAX_DEPTH`` it is ``MAX_DEPTH``.
        """
        depth = min(depth, MAX_DEPTH)
        if depth not in self._products:
            if self.pairs.size(1) <= _BLOCK_LINKS:
                self._products[depth] = self._multiply(depth)
            else:
                blocks = [block._multiply(depth) for block in self._blocks]
                sums = ([getattr(block, field.name) for block in blocks] for field in fields(Products))
                self._products[depth] = Products(*map(torch.cat, sums))
        return self._products[depth]

    def cosine_distance(self, depth: int) -> Tensor:
        """:math:`1 - \\cos(h^{l}_{i \\setminus j}, h^{l}_{j \\setminus i})` of every link, in [0, 2], :math:`(P,)`.

        A zero representation is unrelated to all: distance 1.

        Args:
            depth: Number of propagations :math:`l`; above ``MAX_DEPTH`` it is ``MAX_DEPTH``.
        """
        products = self.products(depth)
        floor = self._rounding(min(depth, MAX_DEPTH)).square()
        genuine = (products.first > floor[self.pairs[0]]) & (products.second > floor[self.pairs[1]])
        lengths = torch.where(genuine, products.first * products.second, 1).sqrt()
        return torch.where(genuine, 1 - products.dot / lengths, 1).clamp(0, 2)

    def sine(self, depth: int) -> Tensor:
        """Sine of the angle between the arm :math:`r = b - a` and the force at its end, along :math:`b`, (P,).

        By Lagrange's identity :math:`\\|r \\times b\\|^2 = \\|r\\|^2 \\|b\\|^2 - \\langle r, b \\rangle^2`, which for
        rows of length one at an angle :math:`\\theta` to each other is :math:`\\sin^2 \\theta`. With
        :math:`\\|r\\|^2 = 2 (1 - \\cos \\theta)` the sine is :math:`\\sqrt{(1 + \\cos \\theta) / 2}`, the same seen
        from either end.
        """
        return root(1 - self.cosine_distance(depth) / 2)

    def _multiply(self, depth: int) -> Products:
        first, second = self._vector(depth, 0), self._vector(depth, 1)
        dot = torch.zeros_like(self.weight)
        for key, coefficient in first.items():
            dot = _plus(dot, coefficient, self._combine(key, second))
        (left, left_terms), (right, right_terms) = self._square(first), self._square(second)
        # sums whose terms nearly cancel: subtract the rows first, then multiply
        cancelled = (left < _CANCELLED * left_terms) | (right < _CANCELLED * right_terms)
        at = cancelled.nonzero().flatten()
        for part in at.split(max(1, _BLOCK_ELEMENTS // self.propagation.x.size(1))):
            a, b = self._subtract(first, part), self._subtract(second, part)
            dot = dot.index_copy(0, part, torch.linalg.vecdot(a, b))
            left = left.index_copy(0, part, torch.linalg.vecdot(a, a))
            right = right.index_copy(0, part, torch.linalg.vecdot(b, b))
        return Products(dot, left, right)

    def _vector(self, depth: int, end: int) -> _Vector:
        """What the node at one end carries without the link, as coefficients of rows."""
        if depth == 0:
            return {("x", end): 1.0}
        mass, w = self.propagation.weighted_degree[self.pairs[end]], self.weight
        if self._apart:
            return {(f"mean{depth}", end): mass}
        if depth == 1:
            return {("mean1", end): mass, ("x", 1 - end): -w}
        share = w / (mass - w)
        return {("mean2", end): mass, ("mean1", end): share, ("mean1", 1 - end): -w, ("x", 1 - end): -share}

    def _square(self, vector: _Vector) -> tuple[Tensor, Tensor]:
        """The squared length of a vector of every link, and the sum of its terms' squares, each (P,)."""
        squares = mixed = torch.zeros_like(self.weight)
        later = dict(vector)
        for key, coefficient in vector.items():
            squares = _plus(squares, coefficient, coefficient * self._product(key, key))
            del later[key]
            if later:
                mixed = _plus(mixed, coefficient, self._combine(key, later))
        return squares + 2 * mixed, squares

    def _combine(self, key: _Row, vector: _Vector) -> Tensor:
        """Products of a row with a vector of every link, (P,)."""
        total = torch.zeros_like(self.weight)
        for other, coefficient in vector.items():
            total = _plus(total, coefficient, self._product(key, other))
        return total

    def _subtract(self, vector: _Vector, at: Tensor) -> Tensor:
        """The vectors themselves, of some links, (B, F)."""
        total = self.propagation.x.new_zeros(len(at), self.propagation.x.size(1))
        for (name, end), coefficient in vector.items():
            factor = coefficient[at, None] if isinstance(coefficient, Tensor) else coefficient
            total = total + factor * self.propagation.rows(name)[self.pairs[end, at]]
        return total

    def _product(self, one: _Row, other: _Row) -> Tensor:
        """Products of two rows, each at one end of every link, (P,)."""
        one, other = sorted((one, other), key=lambda row: (row[1], row[0]))
        if (one, other) not in self._row_products:
            (name, end), (other_name, other_end) = one, other
            if end == other_end:  # of one node
                found = self.propagation.own_product(name, other_name)[self.pairs[end]]
            else:
                rows = self.propagation.rows
                found = pair_products(rows(name), rows(other_name), self._pattern)
            self._row_products[one, other] = found
        return self._row_products[one, other]

    @cached_property
    def _pattern(self) -> PairPattern:
        return pair_pattern(self.pairs, self.propagation.x)

    def _rounding(self, depth: int) -> Tensor:
        """Below this length, a sum without one edge is only the rounding of terms that cancelled, (N,)."""
        terms = (
            self.propagation.weighted_degree if depth else torch.zeros_like(self.propagation.weighted_degree)
        )  # rows of length <= 1 each
        return (1e-7 * terms).clamp(min=_SHORTEST)
