"""The settings of a view as the specs of :mod:`torque_core`."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.shared.state.declarations import SETTINGS
from pages.shared.state.lesson_steps import State
from pages.shared.state.spec_settings import spec_options
from torque_core import DATASETS, BlockModel, DatasetSpec, Noise, RewireSpec
from torque_core.datasets.info import USER_GRAPH, DatasetInfo

__all__ = ["MAX_NETWORK_NODES", "Settings", "build_settings", "choose_dataset", "dataset_info", "default_view"]

MAX_NETWORK_NODES = 300
"""Number of nodes up to which a graph is drawn as one interactive network; beyond, a neighbourhood is."""


@dataclass(frozen=True)
class Settings:
    """Settings of the sidebar.

    Attributes:
        dataset: Data set and split.
        noise: Noise added to the graph.
        rewire: How the noisy graph is rewired.
        layer: Index of the layer that the views show, from 0.
        device: Device to compute on.
    """

    dataset: DatasetSpec
    noise: Noise
    rewire: RewireSpec
    layer: int
    device: str


def build_settings(state: State) -> Settings:
    """Build the specs from the values of a session.

    Raises:
        BadConfig: If a value is out of range, or the values do not fit together.

    Example:
        >>> from pages.shared.state.declarations import default_state
        >>> build_settings(default_state() | {"data": "karate", "scheme": "random-10-10-80", "rate": 20}).noise
        Noise(kind='insert', rate=0.2, seed=0)
    """
    value: Any = state.__getitem__
    name, seed = value("data"), int(value("seed"))
    block_model = BlockModel(**spec_options(BlockModel, SETTINGS, state)) if name == "block_model" else BlockModel()
    content = value("uploaded_graph").content if name == USER_GRAPH else ""
    return Settings(
        DatasetSpec(name, value("scheme"), int(value("split")), block_model, content, value("directed")),
        Noise(**spec_options(Noise, SETTINGS, state), seed=seed),
        RewireSpec(**spec_options(RewireSpec, SETTINGS, state), seed=seed),
        int(value("layer")) - 1,
        value("device"),
    )


def dataset_info(state: State) -> DatasetInfo | None:
    """Return the description of the chosen data set; None if there is none of that name."""
    name, uploaded = str(state.get("data")), state.get("uploaded_graph")
    return uploaded.info if name == USER_GRAPH and uploaded is not None else DATASETS.get(name)  # type: ignore[attr-defined]


def choose_dataset(name: str) -> None:
    """Choose a data set, and reset what belongs to the former one: split, directions, node, selection and threshold."""
    upload = st.session_state.get("upload_in_use")
    directed = name == USER_GRAPH and upload is not None and upload.directed
    st.session_state.update(data=name, scheme="", split=0, directed=directed, node=0, view="", picked=(), threshold="")


def default_view(nodes: int) -> str:
    """Return the view that suits a graph of this number of nodes."""
    return "network" if nodes <= MAX_NETWORK_NODES else "whole"
