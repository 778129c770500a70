"""Modules that are imported at their first use, whoever imports them."""

import sys
from importlib import import_module
from types import ModuleType

__all__ = ["defer_import"]


class _Deferred(ModuleType):
    """Stands in for a module until one of its attributes or submodules is used."""

    def __getattr__(self, attribute: str) -> object:
        name = self.__name__
        if attribute.startswith("__") and attribute != "__path__":  # tools ask all loaded modules for these
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        if sys.modules.get(name) is self:
            del sys.modules[name]
        return getattr(import_module(name), attribute)


def defer_import(name: str) -> None:
    """Defer the import of a module to the first use of what it holds. Without effect if it is loaded.

    Args:
        name: Its full name.

    Example:
        >>> defer_import("this")
        >>> import this  # prints nothing
    """
    sys.modules.setdefault(name, _Deferred(name))
