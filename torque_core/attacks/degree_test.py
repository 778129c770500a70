"""Likelihood-ratio test of the degree distribution, which keeps an attack unnoticeable."""

import torch
from torch import Tensor

__all__ = ["DegreeTest"]

_MIN_DEGREE = 2  # the power law holds from here on
_LOWEST = _MIN_DEGREE - 0.5  # of the continuous law that approximates the discrete one


class DegreeTest:
    """Test whether the degrees of a changed graph follow the same power law as those of the original graph.

    Zügner et al. (Nettack, KDD 2018) fit :math:`p(d) \\propto d^{-\\alpha}` to the degrees :math:`d \\ge 2` of the
    original graph, of the changed graph, and of both together, and compare the likelihoods:

    .. math::
        \\Lambda = 2 \\big( \\ell(D_0) + \\ell(D) - \\ell(D_0 \\cup D) \\big), \\qquad
        \\ell(D) = n \\Big( \\log \\frac{n}{S} - 1 - \\log d_0 \\Big) - S, \\quad
        S = \\sum_{d \\in D, d \\ge 2} \\log \\frac{d}{d_0}, \\quad d_0 = 1.5

    where :math:`\\ell` is the maximum over :math:`\\alpha = 1 + n / S`. A change is unnoticeable if
    :math:`\\Lambda < 0.004`, a value of :math:`\\chi^2_1` with a p value of 0.95. The likelihoods are those of the
    maximum-likelihood estimate, so that :math:`\\Lambda \\ge 0`.

    Args:
        degree: Degrees of the original graph, :math:`(|\\mathcal{V}|,)`.
        threshold: Upper limit of :math:`\\Lambda`.

    Example:
        >>> test = DegreeTest(torch.tensor([1, 2, 2, 3, 4]))
        >>> float(test.statistic(torch.tensor([1, 2, 2, 3, 4])))
        0.0
        >>> float(test.statistic(torch.tensor([9, 9, 9, 9, 9]))) > 0.004
        True
    """

    def __init__(self, degree: Tensor, threshold: float = 0.004) -> None:
        self.threshold = threshold
        self._original = _sums(degree)

    def statistic(self, degree: Tensor) -> Tensor:
        """:math:`\\Lambda` of changed degrees, :math:`(|\\mathcal{V}|,)`; a scalar."""
        return self._statistic(*_sums(degree))

    def allowed_flips(self, degree: Tensor, change: int) -> tuple[Tensor, Tensor]:
        """Return which pairs may be flipped next.

        Args:
            degree: Current degrees, :math:`(|\\mathcal{V}|,)`.
            change: 1 for adding an edge, -1 for removing one.

        Returns:
            A table of the :math:`K` distinct degrees, bool, :math:`(K, K)`, and the row of each node in it,
            :math:`(|\\mathcal{V}|,)`.
        """
        distinct, row = degree.unique(return_inverse=True)
        (count, total), (number, summand) = _sums(degree), _terms(distinct)
        other_number, other_summand = _terms(distinct + change)
        number, summand = other_number - number, other_summand - summand  # (K,) changes by one node
        statistic = self._statistic(
            count + number[:, None] + number[None, :], total + summand[:, None] + summand[None, :]
        )
        return statistic < self.threshold, row

    def _statistic(self, count: Tensor, total: Tensor) -> Tensor:
        own_count, own_total = self._original
        apart = _log_likelihood(own_count, own_total) + _log_likelihood(count, total)
        return (2 * (apart - _log_likelihood(own_count + count, own_total + total))).clamp(min=0)


def _terms(degree: Tensor) -> tuple[Tensor, Tensor]:
    """Contribution of each node to :math:`n` and :math:`S`, float64."""
    counted = degree >= _MIN_DEGREE
    return counted.double(), torch.where(counted, (degree.double().clamp(min=1) / _LOWEST).log(), 0.0)


def _sums(degree: Tensor) -> tuple[Tensor, Tensor]:
    count, total = _terms(degree)
    return count.sum(), total.sum()


def _log_likelihood(count: Tensor, total: Tensor) -> Tensor:
    """Maximum of the log-likelihood without :math:`n \\log d_0`, which cancels; 0 if no node counts."""
    return torch.where(count > 0, count * ((count / total).log() - 1) - total, 0.0)
