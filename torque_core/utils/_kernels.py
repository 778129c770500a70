"""Loops that numba compiles; :mod:`torque_core.utils.compiled` imports this module where it pays."""

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

__all__ = ["agreements", "class_scores", "cosine_distances", "sparse_product"]


_FAST_MATH = {"reassoc", "contract", "nsz"}  # sums in any order, for several numbers at once


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile at the first call, and keep the machine code on disk if there is a folder that can be written to."""
    try:
        return numba.njit(function, cache=True, nogil=True, fastmath=_FAST_MATH)
    except RuntimeError:  # no such folder
        return numba.njit(function, nogil=True, fastmath=_FAST_MATH)


@_compiled
def cosine_distances(low, high, weight, degree, shortest, older, old, new, exact, out):  # type: ignore[no-untyped-def]
    """Write the cosine distances of the representations of both ends of each pair, the pair itself excluded.

    Args:
        low: First nodes, (P,).
        high: Second nodes, (P,).
        weight: Weights of the pairs, (P,).
        degree: Weighted degrees of the nodes, (N,).
        shortest: Squared length below which a sum is only a rounding error, (N,).
        older: Rows before ``old``, (N, F); not used after one propagation.
        old: Rows before the last propagation, (N, F).
        new: Rows after it, (N, F).
        exact: Whether ``old`` are propagated rows, so that they contain the pair as well.
        out: Where to write, (P,).
    """
    for pair in range(len(low)):
        i, j, w = low[pair], high[pair], weight[pair]
        d_i, d_j = degree[i], degree[j]
        ratio_i, ratio_j = (w / (d_i - w), w / (d_j - w)) if exact else (w - w, w - w)
        dot = first = second = w - w
        for f in range(new.shape[1]):
            a = d_i * new[i, f] + ratio_i * old[i, f] - w * old[j, f] - ratio_i * older[j, f]
            b = d_j * new[j, f] + ratio_j * old[j, f] - w * old[i, f] - ratio_j * older[i, f]
            dot += a * b
            first += a * a
            second += b * b
        if first > shortest[i] and second > shortest[j]:
            out[pair] = min(max(1 - dot / math.sqrt(first * second), 0), 2)
        else:
            out[pair] = 1


@_compiled
def sparse_product(starts, columns, entries, x, out, first, stop):  # type: ignore[no-untyped-def]
    """Write the rows ``first`` to ``stop`` of the product of a CSR matrix with ``x``, summed column by column."""
    total = np.empty_like(x[0])
    for row in range(first, stop):
        total[:] = 0
        for at in range(starts[row], starts[row + 1]):
            entry, column = entries[at], columns[at]
            for f in range(len(total)):
                total[f] += entry * x[column, f]
        out[row] = total


@_compiled
def class_scores(low, high, weight, degree, x, mean1, mean2, prior, out):  # type: ignore[no-untyped-def]
    """Write the class scores of both ends of each pair, the pair itself excluded, less the highest of each end.

    Args:
        low: First nodes, (P,).
        high: Second nodes, (P,).
        weight: Weights of the pairs, (P,).
        degree: Weighted degrees of the nodes, (N,).
        x: Products of the features with the class means, (N, C).
        mean1: The same after one propagation.
        mean2: The same after two.
        prior: Logarithms of the class frequencies, (C,).
        out: Where to write, (2, P, C).
    """
    for pair in range(len(low)):
        w = weight[pair]
        for end in range(2):
            i, j = (low[pair], high[pair]) if end == 0 else (high[pair], low[pair])
            rest, highest = degree[i] - w, -np.inf
            scores = out[end, pair]
            for c in range(len(prior)):
                product = degree[i] * mean2[i, c] - w * mean1[j, c] + w / rest * (mean1[i, c] - x[j, c])
                scores[c] = product / rest + prior[c]
                highest = max(highest, scores[c])
            for c in range(len(prior)):
                scores[c] -= highest


@_compiled
def agreements(low, high, known, exponentials, out):  # type: ignore[no-untyped-def]
    """Write the probability that both ends of each pair have the same class.

    Args:
        low: First nodes, (P,).
        high: Second nodes, (P,).
        known: Class of each node, -1 if unknown, (N,).
        exponentials: Of the class scores of both ends, (2, P, C).
        out: Where to write, (P,).
    """
    for pair in range(len(low)):
        first, second = exponentials[0, pair], exponentials[1, pair]
        a, b = known[low[pair]], known[high[pair]]
        if a >= 0 and b >= 0:
            out[pair] = a == b
        elif a >= 0:
            out[pair] = second[a] / second.sum()
        elif b >= 0:
            out[pair] = first[b] / first.sum()
        else:
            dot = first_sum = second_sum = first[0] - first[0]
            for c in range(len(first)):
                dot += first[c] * second[c]
                first_sum += first[c]
                second_sum += second[c]
            out[pair] = dot / (first_sum * second_sum)
