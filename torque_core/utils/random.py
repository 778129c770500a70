"""Seeds, and random number generators for operations that take none."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from torque_core.errors import BadConfig

__all__ = ["check_seed", "draw_from"]


def check_seed(seed: int) -> None:
    """Raise :class:`BadConfig` if ``seed`` is not a valid seed of a :class:`torch.Generator`.

    Example:
        >>> check_seed(-1)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: seed must be an integer from 0 to 2**63 - 1, got -1
    """
    if type(seed) is not int or not 0 <= seed < 2**63:
        raise BadConfig(f"seed must be an integer from 0 to 2**63 - 1, got {seed!r}")


# by name, as functions of torch, methods of Tensor or functions of torch.nn.init; each takes a generator
_SAMPLERS = frozenset(
    [
        *("bernoulli", "bernoulli_", "cauchy_", "exponential_", "geometric_", "kaiming_uniform_", "log_normal_"),
        *("multinomial", "normal", "normal_", "rand", "randint", "randn", "randperm", "random_", "uniform_"),
    ]
)


class draw_from(TorchFunctionMode):  # noqa: N801 - a context manager, used like torch.no_grad
    """Context in which torch's sampling functions draw from ``generator`` instead of the global random state.

    Modules initialise their parameters without a ``generator`` argument. Seeding the global state instead would
    interfere with other threads; this context affects only the current thread. It applies to ``torch.rand``,
    ``Tensor.uniform_``, ``torch.nn.init`` and the like, on the device of the generator, but not to operations that
    cannot take a generator, such as :func:`torch.nn.functional.dropout`.

    Args:
        generator: The generator to draw from.

    Example:
        >>> with draw_from(torch.Generator().manual_seed(0)):
        ...     layer = torch.nn.Linear(3, 2)
        >>> with draw_from(torch.Generator().manual_seed(0)):
        ...     again = torch.nn.Linear(3, 2)
        >>> torch.equal(layer.weight, again.weight)
        True
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.generator = generator

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Collection[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call ``func``, passing the generator if it is a sampling function called without one."""
        options = dict(kwargs or {})
        if getattr(func, "__name__", "") in _SAMPLERS and options.get("generator") is None:
            options["generator"] = self.generator
        return func(*args, **options)
