import os
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # as the command line and the app do, before torch is loaded
os.environ.setdefault("OMP_NUM_THREADS", "1")  # programs under test: on small graphs, more threads wait for each other

import pytest
import torch
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser
from torch_geometric.data import Data

from tests.chromium import chromium
from torque_core.baselines import PEERS, Sparsifier
from torque_core.graph.pairs import pairs_to_edge_index

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
torch.set_num_threads(1)  # on tiny tensors more threads are in each other's way

CHECKOUT = Path(__file__).resolve().parents[1]
SPARSIFIERS = [name for name, peer in PEERS.items() if isinstance(peer, type) and issubclass(peer, Sparsifier)]
PATH = torch.tensor([[0, 1, 2], [1, 2, 3]])  # 0 - 1 - 2 - 3
STAR = torch.tensor([[0, 0, 0], [1, 2, 3]])  # node 0 in the middle


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests in the browser, whose files take longest: processes side by side then end together."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


@pytest.fixture(scope="session")
def raw_root() -> Path:
    """Folder of raw files: $TORQUE_TEST_DATA, or shared/datasets in or beside the checkout."""
    given = os.environ.get("TORQUE_TEST_DATA")
    places = [Path(given)] if given else [base / "shared/datasets" for base in (CHECKOUT, CHECKOUT.parent)]
    for place in places:
        if place.is_dir():
            return place
    pytest.skip(f"no raw files in {' or '.join(map(str, places))}; set TORQUE_TEST_DATA to their folder")


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Restore the main module, which AppTest replaces by its script: worker processes would run that."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def installed(methods: Iterable[str]) -> list[str]:
    """The peers or methods of these names whose package is installed."""
    return [name for name in methods if name not in SPARSIFIERS or find_spec("networkit")]


def runnable(methods: Iterable[str]) -> list[Any]:
    """Parameters for the peers or methods of these names; those whose package is not installed are skipped."""
    missing = pytest.mark.skip("networkit is not installed")
    return [name if installed([name]) else pytest.param(name, marks=missing) for name in methods]


def all_pairs(num_nodes: int) -> torch.Tensor:
    """Every pair of nodes, i < j."""
    return torch.triu_indices(num_nodes, num_nodes, offset=1)


def as_set(pairs: torch.Tensor) -> set[tuple[int, int]]:
    """Pairs as a set of tuples; fails if one is there twice."""
    columns = list(map(tuple, pairs.T.tolist()))
    assert len(set(columns)) == len(columns)
    return set(columns)


def unit_rows(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(x, dim=1)


@st.composite
def pair_sets(draw, min_nodes: int = 2, max_nodes: int = 8) -> tuple[torch.Tensor, int]:
    """The edges of a small simple graph, none to all of them, and its number of nodes."""
    num_nodes = draw(st.integers(min_nodes, max_nodes))
    every = all_pairs(num_nodes)
    chosen = draw(st.lists(st.booleans(), min_size=every.size(1), max_size=every.size(1)))
    return every[:, torch.tensor(chosen)], num_nodes


def edge_weights(count: int) -> st.SearchStrategy[torch.Tensor]:
    """Weights between 0.1 and 10 of so many edges."""
    return st.integers(0, 2**31).map(
        lambda seed: 10 ** (2 * torch.rand(count, generator=torch.Generator().manual_seed(seed)) - 1)
    )


def as_weights(pairs: torch.Tensor, weight: torch.Tensor | None) -> dict[tuple[int, int], float]:
    """What each edge weighs, for references by loops."""
    values = [1.0] * pairs.size(1) if weight is None else weight.tolist()
    return dict(zip(map(tuple, pairs.T.tolist()), values, strict=True))


def slow_means(x: torch.Tensor, weights: dict[tuple[int, int], float], depth: int) -> torch.Tensor:
    """``depth`` mean propagations by loops over nodes, float64."""
    h = x.double()
    for _ in range(depth):
        total, mass = h.clone(), torch.ones(len(h), 1, dtype=torch.double)
        for (i, j), w in weights.items():
            total[i] += w * h[j]
            total[j] += w * h[i]
            mass[i] += w
            mass[j] += w
        h = total / mass
    return h


@st.composite
def graphs(draw, min_nodes: int = 2, max_nodes: int = 8, features: int = 8) -> Data:
    """A small graph with features in general position: no two torques are the same but by construction."""
    pairs, num_nodes = draw(pair_sets(min_nodes, max_nodes))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    x = torch.randn(num_nodes, features, generator=generator)
    return Data(x=x, edge_index=pairs_to_edge_index(pairs))
