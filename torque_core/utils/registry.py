"""Registries: named functions that a user can add to."""

import inspect
from collections.abc import Callable
from typing import TypeVar

from torque_core.errors import BadConfig

__all__ = ["Registry"]

F = TypeVar("F", bound=Callable[..., object])


class Registry(dict[str, F]):
    """Functions by name, each with a one-line description: the first line of its docstring.

    Args:
        kind: What they are, for messages.

    Example:
        >>> levers = Registry("lever")
        >>> @levers.register("constant")
        ... def constant_lever(links):
        ...     "Every lever arm 1."
        >>> levers.describe("constant")
        'Every lever arm 1.'
        >>> levers.get_or_raise("long")
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: lever must be one of constant; got 'long'
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def register(self, name: str) -> Callable[[F], F]:
        """Decorate a function to have it under this name; :class:`BadConfig` if another function has it.

        The same function, of a module that is loaded again, takes its own place.
        """

        def add(function: F) -> F:
            there = self.get(name, function)
            if (there.__module__, there.__qualname__) != (function.__module__, function.__qualname__):
                raise BadConfig(f"{self.kind} {name!r} is registered already; choose another name")
            self[name] = function
            return function

        return add

    def get_or_raise(self, name: str) -> F:
        """The function of that name, or :class:`BadConfig` naming the choices."""
        if name not in self:
            raise BadConfig(f"{self.kind} must be one of {', '.join(self)}; got {name!r}")
        return self[name]

    def describe(self, name: str) -> str:
        """The first line of the function's docstring, or its name."""
        return (inspect.getdoc(self[name]) or name).splitlines()[0]
