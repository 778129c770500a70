"""Dropout of dense and sparse matrices, with an explicit random number generator."""

import torch
from torch import Tensor, nn

__all__ = ["dropout"]


def dropout(x: Tensor, probability: float, *, training: bool, generator: torch.Generator | None = None) -> Tensor:
    """Dropout (Srivastava et al., JMLR 2014) that can draw from a generator other than torch's global one.

    Models that are trained in parallel threads therefore need not share random state. On the CPU the result is that of
    :func:`torch.nn.functional.dropout` after seeding the global generator alike.

    Args:
        x: A dense tensor, or a sparse matrix, of which only the stored entries are drawn; the others remain 0. A
            matrix in CSR or another compressed layout is converted to COO.
        probability: Probability of an entry to be zeroed, in [0, 1].
        training: If False, return ``x`` unchanged.
        generator: Generator on the device of ``x``; None for the global one.

    Example:
        >>> dropout(torch.ones(99), 0.2, training=True, generator=torch.Generator().manual_seed(3)).unique()
        tensor([0.0000, 1.2500])
    """
    if x.layout != torch.strided:
        x = x.to_sparse_coo().coalesce()
        values = dropout(x.values(), probability, training=training, generator=generator)
        return torch.sparse_coo_tensor(x.indices(), values, x.shape, is_coalesced=True, check_invariants=False)
    if generator is None or not training or probability == 0:
        return nn.functional.dropout(x, probability, training)
    keep = 1 - probability
    mask = torch.empty_like(x).bernoulli_(keep, generator=generator)
    return x * (mask.div_(keep) if keep > 0 else mask)
