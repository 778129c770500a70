"""Which test nodes a run classified correctly, as a short text that is stored with its metrics."""

import base64
import zlib

import numpy as np
from torch import Tensor

from torque_core.errors import BadConfig

__all__ = ["node_variance", "pack_answers", "unpack_answers"]

_MOST_NODES = 1 << 24


def pack_answers(correct: Tensor, tested: Tensor) -> str:
    """Return which of the tested nodes are classified correctly, as a text of up to a third of a character per node.

    Args:
        correct: Whether the prediction of a node is its class, bool, :math:`(|\\mathcal{V}|,)`.
        tested: The test nodes, bool, :math:`(|\\mathcal{V}|,)`.

    Example:
        >>> import torch
        >>> text = pack_answers(torch.tensor([True, True, False]), torch.tensor([False, True, True]))
        >>> unpack_answers(text)
        array([nan,  1.,  0.])
    """
    bits = np.stack([tested.cpu().numpy(), (correct & tested).cpu().numpy()])
    packed = zlib.compress(np.packbits(bits, axis=1).tobytes(), level=9)
    return f"{len(tested)}:{base64.b85encode(packed).decode()}"


def unpack_answers(text: str) -> np.ndarray:
    """Return 1 for each node that was classified correctly, 0 for an error, and NaN for a node that was not tested.

    Raises:
        BadConfig: If the text was not written by :func:`pack_answers`.
    """
    try:
        size, _, packed = text.partition(":")
        nodes = int(size)
        if not 0 <= nodes <= _MOST_NODES:
            raise ValueError(f"{nodes} nodes")
        width = (nodes + 7) // 8
        content = zlib.decompressobj().decompress(base64.b85decode(packed), 2 * width + 1)
        bits = np.frombuffer(content, np.uint8).reshape(2, width)
    except (ValueError, zlib.error) as error:
        raise BadConfig(f"these answers are damaged: {error}; run the experiment again") from error
    tested, correct = np.unpackbits(bits, axis=1, count=nodes)
    return np.where(tested, correct.astype(float), np.nan)


def node_variance(first: np.ndarray, second: np.ndarray) -> float:
    """Estimate the variance between nodes of the difference of two methods.

    For a node :math:`v` that is tested in split :math:`s`, :math:`D_{sv}` is 1 if only the first method is right, -1 if
    only the second is right, and 0 otherwise. The variance of the expectation of a node, without that of single
    splits, is the mean product of two splits of the same node,

    .. math::
        \\sigma_b^2 = \\operatorname{mean}_{v,\\, s \\ne s'} D_{sv} D_{s'v} - \\bar{D}^2 ,

    and at least 0.

    Args:
        first: Answers of one method, see :func:`unpack_answers`, one row per split, :math:`(n, |\\mathcal{V}|)`.
        second: Answers of the other method on the same splits.

    Returns:
        The variance; NaN if no node is tested in two splits.

    Example:
        Four nodes, the first of which only one method gets right, in both splits.

        >>> node_variance(np.array([[1, 1, 0, 0], [1, 1, 0, 0]]), np.array([[0, 1, 0, 0], [0, 1, 0, 0]]))
        0.1875
    """
    difference = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    tested = ~np.isnan(difference)
    times = tested.sum(axis=0)
    pairs = float((times * (times - 1)).sum())
    if not pairs:
        return float("nan")
    values = np.where(tested, difference, 0.0)
    products = float((values.sum(axis=0) ** 2 - (values**2).sum(axis=0)).sum())
    return max(0.0, products / pairs - float(values.sum() / tested.sum()) ** 2)
