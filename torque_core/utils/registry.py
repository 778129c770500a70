"""Registries of named functions, which users can extend."""

import inspect
from collections.abc import Callable
from typing import TypeVar

from torque_core.errors import BadConfig
from torque_core.utils.suggest import did_you_mean

__all__ = ["Registry"]

F = TypeVar("F", bound=Callable[..., object])


class Registry(dict[str, F]):
    """Functions by name, each described by the first line of its docstring.

    Args:
        kind: Kind of the functions, for error messages.

    Example:
        >>> levers = Registry("lever")
        >>> @levers.register("constant")
        ... def constant_lever(features):
        ...     "Lever arm 1 for every pair."
        >>> levers.describe("constant")
        'Lever arm 1 for every pair.'
        >>> levers.get_or_raise("long")
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: lever must be one of constant; got 'long'
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def register(self, name: str) -> Callable[[F], F]:
        """Return a decorator that registers a function under this name.

        A function of a module that is reloaded replaces its previous version.

        Raises:
            BadConfig: If another function has this name.
        """

        def add(function: F) -> F:
            registered = self.get(name, function)
            if (registered.__module__, registered.__qualname__) != (function.__module__, function.__qualname__):
                raise BadConfig(f"{self.kind} {name!r} is registered already; choose another name")
            self[name] = function
            return function

        return add

    def get_or_raise(self, name: str) -> F:
        """Return the function with this name, or raise :class:`BadConfig` with the registered names."""
        if name not in self:
            raise BadConfig(f"{self.kind} must be one of {', '.join(self)}; got {name!r}{did_you_mean(name, self)}")
        return self[name]

    def describe(self, name: str) -> str:
        """Return the first line of the docstring of a function, or its name if it has none."""
        return (inspect.getdoc(self[name]) or name).splitlines()[0]
