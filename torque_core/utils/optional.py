"""Import of optional dependencies."""

from importlib import import_module
from types import ModuleType

from torque_core.errors import MissingDependency

__all__ = ["require"]

_DISTRIBUTIONS = {"PIL": "pillow", "faiss": "faiss-cpu", "ot": "POT", "sklearn": "scikit-learn"}


def require(module: str, *, extra: str) -> ModuleType:
    """Import a module that belongs to an optional dependency.

    ``import torque_core`` needs only the core dependencies; everything else is imported where it is used, through this
    function.

    Args:
        module: The module to import, such as ``"pandas"`` or ``"sklearn.mixture"``.
        extra: The extra of ``torque-core`` that installs it.

    Returns:
        The module.

    Raises:
        MissingDependency: If the package is not installed. An import error inside an installed package is not hidden.

    Example:
        >>> require("json", extra="app").loads("[1]")
        [1]
        >>> require("no_such_package.part", extra="studies")
        Traceback (most recent call last):
        ...
        torque_core.errors.MissingDependency: no_such_package is not installed; install it with:
        pip install "torque-core[studies]"
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        name = _DISTRIBUTIONS.get(package, package)
        raise MissingDependency(
            f'{name} is not installed; install it with: pip install "torque-core[{extra}]"'
        ) from error
