"""A page with two canvases, for test_canvas.py; the address says how large the network is."""

import json

import numpy as np
import streamlit as st
import torch

from pages.shared.frame.network_canvas import network_canvas
from torque_core.figures import LIGHT, NetworkEdges, network_data
from torque_core.scoring.torque import Torque

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
PAIRS = [[0, 1, 2, 0], [1, 2, 3, 3]]


@st.cache_resource
def large(nodes: int, links: int) -> tuple[np.ndarray, torch.Tensor]:
    """Places and links at random, links between neighbours in a grid of places."""
    side = int(np.ceil(np.sqrt(nodes)))
    place = np.stack([np.arange(nodes) % side, np.arange(nodes) // side], axis=1) / side
    generator = torch.Generator().manual_seed(0)
    ends = torch.randint(0, nodes, (2, 4 * links), generator=generator)
    ends[1] = (ends[0] + torch.randint(1, 3 * side, (4 * links,), generator=generator)) % nodes
    pairs = ends.sort(dim=0).values.unique(dim=1)
    return place, pairs[:, torch.randperm(pairs.size(1), generator=generator)[:links]]


def remember(name: str):
    """Write down a gesture, and select as the app does."""

    def write(nodes, edges, add):
        state = st.session_state
        state.gestures = [*state.get("gestures", []), [name, list(nodes), [list(edge) for edge in edges], add]]
        state.nodes = sorted({*(state.get("nodes", []) if add else []), *nodes})
        state.edges = sorted({*(state.get("edges", []) if add else []), *edges})

    return write


st.set_page_config(layout="wide")
count = int(st.query_params.get("nodes", 4))
position, pairs = large(count, int(st.query_params["links"])) if count > 4 else (SQUARE, torch.tensor(PAIRS))
cut = st.number_input("Pruned links", 0, value=1)
fate = torch.zeros(pairs.size(1), dtype=torch.uint8)
fate[:cut] = 1
fate[-1] = 2
injected = torch.zeros(pairs.size(1), dtype=torch.bool)
injected[0] = True
torque = Torque(torch.full((pairs.size(1),), 0.5), torch.full((pairs.size(1),), 0.25))
links = NetworkEdges(pairs, fate, injected, torque)
data = network_data(range(count), links, position, torch.arange(count) % 7, LIGHT)
st.button("Again")
shown = st.toggle("Shown", value=True)
columns = (st.columns(2) if count == 4 else [st.container()]) if shown else []
for column, name in zip(columns, ("left", "right"), strict=False):
    with column:
        network_canvas(
            data,
            key=name,
            height=400 if count == 4 else 560,
            alt=f"Network on the {name}",
            selected_nodes=st.session_state.get("nodes", []),
            selected_edges=st.session_state.get("edges", []),
            camera="shared",
            image="svg" if name == "left" else "png",
            on_select=remember(name),
        )
st.code(json.dumps(st.session_state.get("gestures", [])), language=None)
