"""Cached results of the methods that Compare shows: each method runs once for each graph."""

import copy

import torch

from pages.shared.core import queries
from pages.shared.core.budget import check_budget
from pages.shared.core.cache import cached
from pages.shared.core.gpu_lock import exclusive_gpu
from pages.shared.core.turns import in_turn
from pages.shared.state.settings import Settings
from torque_core import DatasetSpec, Noise, RewireSpec
from torque_core.diagnostics.change_report import ChangeReport, change_report
from torque_core.methods.catalog import find_method
from torque_core.methods.compare import MethodResult, compare
from torque_core.utils.device import pick_device

__all__ = ["change", "injected", "is_slow", "report"]

_Key = tuple[DatasetSpec, Noise, str, RewireSpec, int, str]


def change(settings: Settings, method: str) -> MethodResult:
    """Return the result of a method on the noisy graph, in the layer shown if the method rewires by layer."""
    return _change(*_key(settings, method))


def report(settings: Settings, method: str) -> ChangeReport:
    """Return the measures of a method's change of the noisy graph."""
    return _report(*_key(settings, method))


def is_slow(method: str, nodes: int) -> bool:
    """Return True if the method takes so long on a graph of this size that the user should be asked first."""
    slow_from = find_method(method).slow_from
    return slow_from is not None and nodes > slow_from


def injected(settings: Settings) -> torch.Tensor:
    """Return a mask of the edges of the noisy graph that the noise inserted, :math:`(|\\mathcal{E}|,)`."""
    return _injected(settings.dataset, settings.noise)


def _key(settings: Settings, method: str) -> _Key:
    """Return what the result depends on; only torque and its controls depend on the settings of the rewiring."""
    if find_method(method).rewiring is not None:
        return settings.dataset, settings.noise, method, settings.rewire, settings.layer, settings.device
    return settings.dataset, settings.noise, method, RewireSpec(), 0, "cpu"


@cached
def _change(spec: DatasetSpec, noise: Noise, method: str, rewire: RewireSpec, layer: int, device: str) -> MethodResult:
    size, data = check_budget(spec, noise, rewire), queries.noisy(spec, noise).data
    with in_turn(size), exclusive_gpu(device):
        graph = copy.copy(data).to(pick_device(device))
        return compare(graph, method, rewire, layer=layer)


@cached
def _report(spec: DatasetSpec, noise: Noise, method: str, rewire: RewireSpec, layer: int, device: str) -> ChangeReport:
    done = _change(spec, noise, method, rewire, layer, device)
    return change_report(done, _injected(spec, noise), queries.dataset(spec).data.y, seconds=done.seconds)


@cached
def _injected(spec: DatasetSpec, noise: Noise) -> torch.Tensor:
    return queries.noisy(spec, noise).is_injected(_change(spec, noise, "plain", RewireSpec(), 0, "cpu").pairs)
