"""Caches of results, bounded in bytes: one shared by all sessions, and one per session for uploaded graphs."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import streamlit as st
import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core import DatasetSpec
from torque_core.datasets.info import USER_GRAPH

__all__ = ["ByteCache", "cached", "is_stored"]

_Rest = ParamSpec("_Rest")
_Result = TypeVar("_Result")
_Query = Callable[Concatenate[DatasetSpec, _Rest], _Result]

_SHARED_BYTES, _SESSION_BYTES = 1_500_000_000, 300_000_000
_OTHER_BYTES = 1_000  # charged for whatever is not an array


class ByteCache:
    """Results by key; the least recently used are dropped if their arrays exceed a number of bytes.

    An array that several results share is counted once. The newest result always stays. A result is computed once, also
    if several threads ask for it.

    Args:
        max_bytes: Largest number of bytes.

    Example:
        >>> cache = ByteCache(max_bytes=1_000)
        >>> for key in "abc":
        ...     _ = cache.get(key, lambda: np.zeros(50))
        >>> list(cache), cache.nbytes
        (['b', 'c'], 800)
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Hashable, tuple[Any, dict[int, int]]] = OrderedDict()
        self._computing: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], _Result]) -> _Result:
        """Return the result of a key; compute it if it is not stored."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key][0]
            computing = self._computing.setdefault(key, threading.Lock())
        with computing:
            with self._lock:
                if key in self._entries:
                    return self._entries[key][0]
            try:
                result = compute()
                self._add(key, result)
            finally:
                with self._lock:
                    self._computing.pop(key, None)
        return result

    @property
    def nbytes(self) -> int:
        """Bytes of all results."""
        return sum({place: size for _, arrays in self._entries.values() for place, size in arrays.items()}.values())

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._entries

    def __iter__(self) -> Iterator[Hashable]:
        return iter(tuple(self._entries))

    def _add(self, key: Hashable, result: object) -> None:
        with self._lock:
            self._entries[key] = result, _arrays(result)
            while len(self._entries) > 1 and self.nbytes > self._max_bytes:
                self._entries.popitem(last=False)


def _arrays(value: object) -> dict[int, int]:
    """Bytes of each array in a result, by its address."""
    parts: Iterable[object]
    if isinstance(value, Tensor) and value.layout == torch.strided:
        return {value.untyped_storage().data_ptr(): value.untyped_storage().nbytes()}
    if isinstance(value, np.ndarray):
        return {value.__array_interface__["data"][0]: value.nbytes}
    if isinstance(value, str):
        return {id(value): len(value)}
    if isinstance(value, Data):
        parts = value.to_dict().values()
    elif isinstance(value, Mapping):
        parts = value.values()
    elif isinstance(value, list | tuple):
        parts = value
    elif is_dataclass(value):
        parts = vars(value).values()
    else:
        return {id(value): _OTHER_BYTES}
    return {place: size for part in parts for place, size in _arrays(part).items()}


@st.cache_resource(show_spinner=False)
def _shared() -> ByteCache:
    return ByteCache(_SHARED_BYTES)


def cached(function: _Query[_Rest, _Result]) -> _Query[_Rest, _Result]:
    """Decorate a function of a data set and further settings, so that it computes each result once.

    Results are shared by all sessions and must not be changed in place. Results for an uploaded graph are kept in its
    session only.
    """

    @wraps(function)
    def query(spec: DatasetSpec, *rest: _Rest.args, **options: _Rest.kwargs) -> _Result:
        return _cache_of(spec).get(_key(function, spec, rest, options), lambda: function(spec, *rest, **options))

    return query


def is_stored(query: Callable[..., object], spec: DatasetSpec, *rest: Hashable, **options: Hashable) -> bool:
    """Return True if a decorated function would return a result for these arguments without computing it."""
    return _key(query, spec, rest, options) in _cache_of(spec)


def _cache_of(spec: DatasetSpec) -> ByteCache:
    if spec.name != USER_GRAPH:
        return _shared()
    own: ByteCache = st.session_state.setdefault("own_results", ByteCache(_SESSION_BYTES))
    return own


def _key(
    function: Callable[..., object], spec: DatasetSpec, rest: tuple[object, ...], options: Mapping[str, object]
) -> Hashable:
    return function.__module__, function.__qualname__, spec, rest, tuple(sorted(options.items()))
