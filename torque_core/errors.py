"""Exceptions of the package. Every message names the value at fault and how to correct it."""

__all__ = ["BadConfig", "BadFile", "BadGraph", "DatasetUnavailable", "MissingDependency", "TorqueError"]


class TorqueError(Exception):
    """Base class of all errors that ``torque_core`` raises deliberately."""


class BadGraph(TorqueError, ValueError):
    """The graph is unusable, for example empty, malformed or with NaN features."""


class BadConfig(TorqueError, ValueError):
    """An option is unknown, out of range or incompatible with the graph."""


class BadFile(TorqueError, ValueError):
    """An input file cannot be read as a graph or exceeds a limit; the message names the file and the line."""


class DatasetUnavailable(TorqueError):
    """A data set is neither on disk nor available for download."""


class MissingDependency(TorqueError, ImportError):
    """An optional dependency is not installed; the message names the extra that installs it."""
