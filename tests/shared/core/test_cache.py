"""The cache: bounded in bytes, shared arrays counted once, and each result computed once."""

import threading

import pytest
import torch
from torch_geometric.data import Data

from pages.shared.core.cache import ByteCache
from torque_core import load, rewire
from torque_core.io import rewiring_nbytes


def test_the_least_recently_used_are_dropped_and_the_newest_stays():
    cache = ByteCache(1_000)
    for key in "ab":
        cache.get(key, lambda: torch.zeros(100))  # 400 bytes
    cache.get("a", lambda: pytest.fail("is stored"))
    cache.get("c", lambda: torch.zeros(100))
    assert list(cache) == ["a", "c"]
    assert "a" in cache
    assert "b" not in cache
    cache.get("large", lambda: torch.zeros(1_000))
    assert (list(cache), cache.nbytes) == (["large"], 4_000)


def test_an_array_that_results_share_is_counted_once():
    cache, x = ByteCache(10_000), torch.zeros(100)
    cache.get("data", lambda: Data(x=x))
    cache.get("copy", lambda: {"same": [x[:50]]})
    assert cache.nbytes == 400


def test_records_count_all_their_arrays():
    cache = ByteCache(10**9)
    rewiring = cache.get("record", lambda: rewire(load("karate").data))
    assert cache.nbytes >= 0.9 * rewiring_nbytes(rewiring)


def test_a_result_is_computed_once_and_a_failure_is_not_kept():
    cache, computed, release = ByteCache(1_000), [], threading.Event()

    def compute() -> int:
        computed.append(1)
        release.wait(20)
        return 7

    threads = [threading.Thread(target=cache.get, args=("key", compute)) for _ in range(3)]
    for thread in threads:
        thread.start()
    release.set()
    for thread in threads:
        thread.join(20)
    assert len(computed) == 1
    with pytest.raises(ZeroDivisionError):
        cache.get("broken", lambda: 1 / 0)
    assert cache.get("broken", lambda: 3) == 3
