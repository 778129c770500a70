"""Training of plain and rewired models."""

from torque_core.training.events import Epoch, Event, Finished, Refresh
from torque_core.training.loop import Rewirer, train
from torque_core.training.neighbour_sampler import NeighbourSampler, SampledGraphs
from torque_core.training.presets import PRESETS, Preset
from torque_core.training.spec import METRICS, MODELS, TrainSpec
from torque_core.training.task import Task, score_of

__all__ = [
    "METRICS",
    "MODELS",
    "PRESETS",
    "Epoch",
    "Event",
    "Finished",
    "NeighbourSampler",
    "Preset",
    "Refresh",
    "Rewirer",
    "SampledGraphs",
    "Task",
    "TrainSpec",
    "score_of",
    "train",
]
