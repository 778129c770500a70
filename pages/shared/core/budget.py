"""Limits of a view: the number of its edges and the memory that it takes, estimated before anything is computed."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from torque_core import DATASETS, DatasetSpec, Noise, RewireSpec
from torque_core.datasets.info import USER_GRAPH
from torque_core.errors import BadConfig

__all__ = ["LARGE_BYTES", "MAX_EDGES", "check_budget", "max_bytes"]

MAX_EDGES = 2_000_000
"""Largest number of edges of a view, with those that the noise inserts."""
LARGE_BYTES = 300_000_000
"""Memory from which a view is large: such views are computed one at a time."""

_MEGABYTES = "TORQUE_VIEW_MEGABYTES"
_DEFAULT_MEGABYTES = 6_000  # enough for every data set of the registry
# measured upper bounds, see docs/howto/hosting.md
_PER_FEATURE, _PER_SCORED_PAIR, _PER_EDGE_AND_LAYER = 17, 1_000, 100
_CANDIDATES_PER_ADDITION = 8
_NOISE_OF_AS_MANY_EDGES = ("delete", "dice", "features")  # or fewer


@dataclass(frozen=True)
class _Sizes:
    nodes: int
    edges: float
    features: int


def max_bytes() -> int:
    """Return the memory that a view may take: ``TORQUE_VIEW_MEGABYTES``, 6,000 by default."""
    text = os.environ.get(_MEGABYTES, "")
    return 1_000_000 * (int(text) if text.isdecimal() else _DEFAULT_MEGABYTES)


def check_budget(spec: DatasetSpec, noise: Noise | None = None, rewire: RewireSpec | None = None) -> int:
    """Estimate the memory of a view, an upper bound, from its settings alone.

    Args:
        spec: The data set.
        noise: Its noise; None for none.
        rewire: How it is rewired; None if it is not.

    Returns:
        The number of bytes; 0 for a data set whose size is known only when it is loaded.

    Raises:
        BadConfig: If the view exceeds :data:`MAX_EDGES` or :func:`max_bytes`; the message names values that fit.
    """
    view = spec, noise or Noise(), rewire
    edges, size = _cost(*view)
    if _fits(*view):
        return size
    if edges > MAX_EDGES:
        problem = f"{edges:,.0f} edges with the noise exceed the limit of {MAX_EDGES:,}"
    else:
        problem = f"These settings need about {size / 1e9:.1f} GB, more than the limit of {max_bytes() / 1e9:.1f} GB"
    remedies = _remedies(*view)
    remedy = f"Choose {' or '.join(remedies)}." if remedies else "Choose a smaller data set."
    raise BadConfig(f"{problem}. {remedy} Whoever runs the server can raise the memory by {_MEGABYTES}.")


def _sizes(spec: DatasetSpec) -> _Sizes | None:
    if spec.name == "block_model":
        model = spec.block_model
        return _Sizes(model.nodes, model.nodes * model.degree / 2, model.features)
    uploaded = st.session_state.get("uploaded_graph")
    info = uploaded.info if spec.name == USER_GRAPH and uploaded is not None else DATASETS.get(spec.name)
    if info is None or info.nodes is None or info.edges is None or info.features is None:
        return None
    return _Sizes(info.nodes, info.edges, info.features)


def _cost(spec: DatasetSpec, noise: Noise, rewire: RewireSpec | None) -> tuple[float, int]:
    """Edges with the noise, and bytes."""
    sizes = _sizes(spec)
    if sizes is None:
        return 0.0, 0
    edges = sizes.edges * (1 + noise.rate * (noise.kind not in _NOISE_OF_AS_MANY_EDGES))
    size = _PER_FEATURE * sizes.nodes * sizes.features
    if rewire is not None:
        pruned = {"none": 0.0, "fixed": rewire.fraction, "budget": min(1.0, rewire.budget / max(edges, 1))}
        added = rewire.additions * pruned.get(rewire.cut, 0.5)  # per edge
        growth = max(1.0, 1 - pruned.get(rewire.cut, 0.5) + added) if rewire.hierarchy == "nested" else 1.0
        largest = edges * growth ** (rewire.layers - 1)
        size += _PER_SCORED_PAIR * largest * max(1.0, _CANDIDATES_PER_ADDITION * added)
        size += _PER_EDGE_AND_LAYER * largest * (1 + added) * rewire.layers
    return edges, round(size)


def _fits(spec: DatasetSpec, noise: Noise, rewire: RewireSpec | None) -> bool:
    edges, size = _cost(spec, noise, rewire)
    return edges <= MAX_EDGES and size <= max_bytes()


def _remedies(spec: DatasetSpec, noise: Noise, rewire: RewireSpec | None) -> list[str]:
    """Settings that fit if nothing else is changed, each with the largest value that does."""

    def of_model(field: str, unit: float) -> Callable[[int], bool]:
        def fits(value: int) -> bool:
            options: dict[str, Any] = {field: value * unit if unit < 1 else value}
            return _fits(replace(spec, block_model=replace(spec.block_model, **options)), noise, rewire)

        return fits

    model, choices = spec.block_model, list[tuple[str, Sequence[int], float, Callable[[int], bool]]]()
    smallest = model.classes * (int(model.degree) + 2)  # with fewer nodes, classes have too few pairs for the degree
    if spec.name == "block_model":
        choices.append(("nodes", range(smallest, model.nodes), 1, of_model("nodes", 1)))
        choices.append(("mean degree", range(1, int(2 * model.degree)), 0.5, of_model("degree", 0.5)))
    if noise.kind not in _NOISE_OF_AS_MANY_EDGES:
        percent = range(0, round(100 * noise.rate), 5)
        choices.append(("noise level in %", percent, 1, lambda v: _fits(spec, replace(noise, rate=v / 100), rewire)))
    if rewire is not None:
        layers = range(1, rewire.layers)
        choices.append(("layers", layers, 1, lambda v: _fits(spec, noise, replace(rewire, layers=v))))
        quarters = range(round(4 * rewire.additions))
        choices.append(("additions", quarters, 0.25, lambda v: _fits(spec, noise, replace(rewire, additions=v / 4))))
    found = ((title, unit, _largest(values, fits)) for title, values, unit, fits in choices)
    return [f"{title} of at most {value * unit:,.10g}" for title, unit, value in found if value is not None]


def _largest(values: Sequence[int], fits: Callable[[int], bool]) -> int | None:
    """The largest of ascending values that fits; None if the smallest does not."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if fits(values[middle]) else (low, middle)
    return values[low - 1] if low else None
