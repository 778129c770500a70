"""The cached door to the comparison: each method runs once for each graph, and is shared by all sessions, read-only."""

import copy

import torch

from pages.shared.core import queries
from pages.shared.core.cache import cached
from pages.shared.core.gpu_lock import guarded
from pages.shared.state.settings import Settings
from torque_core import DatasetSpec, Noise, RewireSpec
from torque_core.diagnostics.change_report import ChangeReport, change_report
from torque_core.methods.catalog import find_method
from torque_core.methods.compare import MethodResult, compare
from torque_core.utils.device import pick_device

__all__ = ["change", "injected", "is_slow", "report"]

_Key = tuple[DatasetSpec, Noise, str, RewireSpec, int, str]


def change(settings: Settings, method: str) -> MethodResult:
    """What the method makes of the noisy graph, in the layer shown if it has layers."""
    return _change(*_key(settings, method))


def report(settings: Settings, method: str) -> ChangeReport:
    """The same in numbers."""
    return _report(*_key(settings, method))


def is_slow(method: str, nodes: int) -> bool:
    """Whether the method takes so long on a graph of so many nodes that a reader should be asked first."""
    slow_from = find_method(method).slow_from
    return slow_from is not None and nodes > slow_from


def injected(settings: Settings) -> torch.Tensor:
    """Which edges of the noisy graph the noise inserted, bool; the edges are those of every method."""
    return _injected(settings.dataset, settings.noise)


def _key(settings: Settings, method: str) -> _Key:
    """What the answer depends on: of the sidebar's rewiring only for torque and its control."""
    if find_method(method).rewiring is not None:
        return settings.dataset, settings.noise, method, settings.rewire, settings.layer, settings.device
    return settings.dataset, settings.noise, method, RewireSpec(), 0, "cpu"


@cached(max_entries=64)
def _change(spec: DatasetSpec, noise: Noise, method: str, rewire: RewireSpec, layer: int, device: str) -> MethodResult:
    with guarded(device):
        graph = copy.copy(queries.noisy(spec, noise).data).to(pick_device(device))
        return compare(graph, method, rewire, layer=layer)


@cached(max_entries=128)
def _report(spec: DatasetSpec, noise: Noise, method: str, rewire: RewireSpec, layer: int, device: str) -> ChangeReport:
    done = _change(spec, noise, method, rewire, layer, device)
    return change_report(done, _injected(spec, noise), queries.dataset(spec).data.y, seconds=done.seconds)


@cached(max_entries=8)
def _injected(spec: DatasetSpec, noise: Noise) -> torch.Tensor:
    return queries.noisy(spec, noise).is_injected(_change(spec, noise, "plain", RewireSpec(), 0, "cpu").pairs)
