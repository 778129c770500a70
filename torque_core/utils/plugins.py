"""Plugins: installed packages that register their own methods, levers, forces, cut rules and other components."""

import threading
import warnings
from importlib.metadata import EntryPoint, entry_points

__all__ = ["GROUP", "load_plugins"]

GROUP = "torque_core.plugins"
"""Group of the entry points that name plugins."""

_LOCK = threading.Lock()
_LOADED: dict[EntryPoint, bool] = {}


def load_plugins() -> tuple[str, ...]:
    """Load all installed plugins, each once per process.

    The command line, the app and the worker processes of a study call this function at their start; ``import
    torque_core`` does not. A plugin is an entry point in the group :data:`GROUP`, declared in the ``pyproject.toml`` of
    the package that contains it::

        [project.entry-points."torque_core.plugins"]
        mine = "my_package.torque_plugin"

    It names a module, whose import registers components, or a function (``"my_package:register"``), which is called
    without arguments. A plugin that raises an exception is reported by a warning and skipped.

    Returns:
        The names of the plugins that were loaded without an error.

    Example:
        A plugin module with a lever, a cut rule and a method::

            from torque_core.methods.catalog import Method, register_method
            from torque_core.rewiring.cuts import CUTS, Cut
            from torque_core.scoring.levers import LEVERS

            @LEVERS.register("constant")
            def constant_lever(features):
                "Lever arm 1 for every pair."
                return features.propagation.x.new_ones(features.pairs.size(1))

            register_method(
                "torque_constant",
                Method(
                    title="Torque, constant lever",
                    description="Torque whose lever arm is 1.",
                    kind="rewiring",
                    rewiring={"lever": "constant"},
                    contexts=("compare", "train", "robustness"),
                ),
            )
    """
    with _LOCK:
        for entry in entry_points(group=GROUP):
            if entry not in _LOADED:
                _LOADED[entry] = _load(entry)
        return tuple(entry.name for entry, loaded in _LOADED.items() if loaded)


def _load(entry: EntryPoint) -> bool:
    try:
        plugin = entry.load()
        if callable(plugin):
            plugin()
    except Exception as error:  # a broken plugin must not keep the program from starting
        warnings.warn(
            f"the plugin {entry.name!r} ({entry.value}) was not loaded: {type(error).__name__}: {error}",
            RuntimeWarning,
            stacklevel=3,
        )
        return False
    return True
