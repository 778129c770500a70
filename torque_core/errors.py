"""The one exception tree: every error names the value and the way out."""

__all__ = ["BadConfig", "BadFile", "BadGraph", "DatasetUnavailable", "MissingDependency", "TorqueError"]


class TorqueError(Exception):
    """Base of every error that ``torque_core`` raises on purpose."""


class BadGraph(TorqueError, ValueError):
    """The graph itself cannot be used: empty, malformed, NaN features, ..."""


class BadConfig(TorqueError, ValueError):
    """A setting is out of range, unknown, or does not fit the graph."""


class BadFile(TorqueError, ValueError):
    """A person's file cannot be read as a graph, or is beyond the limits; the message names the file and the line."""


class DatasetUnavailable(TorqueError):
    """A data set is neither on disk nor to be had from the network."""


class MissingDependency(TorqueError, ImportError):
    """An optional dependency is not installed; the message names the extra that installs it."""
