"""Start: an introduction in a few sentences and a picture, with links to other pages."""

import streamlit as st

from pages.shared.core import queries
from pages.shared.frame.navigation import page_script
from pages.shared.frame.page import begin_page, hide_sidebar, show_errors, theme
from pages.shared.frame.stage import stage
from pages.shared.state.settings import Settings
from torque_core import BlockModel, DatasetSpec, Noise, RewireSpec
from torque_core.figures import layer_edges, network_data
from torque_core.figures.stage import live_cut

EXAMPLE = Settings(
    DatasetSpec("block_model", block_model=BlockModel(nodes=80, classes=4, signal=1.5)),
    Noise("insert", 0.5),
    RewireSpec(layers=1),
    layer=0,
    device="cpu",
)
LINKS = {
    "explore": (
        "Explore",
        ":material/hub:",
        "Choose a graph and a noise, and see which edges have high torque, and why.",
    ),
    "learn": ("Learn", ":material/school:", "Ten short steps: what torque is, what it prunes, and whether that helps."),
    "your_graph": (
        "Bring your graph",
        ":material/upload_file:",
        "Upload CSV, GraphML, GEXF, JSON or npz. It stays in your session.",
    ),
}


def draw_example() -> None:
    """Draw a small graph with false edges, before and after one layer of rewiring."""
    with show_errors():
        noisy = queries.noisy(EXAMPLE.dataset, EXAMPLE.noise)
        layer = queries.rewiring(EXAMPLE.dataset, EXAMPLE.noise, EXAMPLE.rewire, EXAMPLE.device).layers[0]
        position = queries.layout(EXAMPLE.dataset)
    injected = noisy.is_injected(layer.pairs)
    stage(
        network_data(range(layer.num_nodes), layer_edges(layer, injected), position, noisy.data.y, theme()),
        key="start_picture",
        group="start",
        alt=f"A graph of {layer.num_nodes} nodes with {int(injected.sum())} false edges, and what torque changes",
        height=420,
        live=live_cut(layer.cut.threshold, layer.cut.threshold, additions=EXAMPLE.rewire.additions),
    )
    detected = int((injected & layer.pruned_mask).sum())
    st.caption(
        f"A synthetic graph with four classes and {int(injected.sum())} false edges (◆). Torque is not told which "
        f"edges are false. It pruned {layer.pruned.size(1)} edges (**dashed**), {detected} of them false, and added "
        f"{layer.added.size(1)} (**blue**)."
    )


def draw_links() -> None:
    """Draw links to the first pages to visit."""
    for column, (name, (title, icon, description)) in zip(st.columns(len(LINKS)), LINKS.items(), strict=True):
        with column.container(border=True, key=f"door_{name}"):
            st.page_link(page_script(name), label=f"**{title}**", icon=icon)
            st.caption(description)


begin_page()
hide_sidebar()
st.markdown(
    "## Which edges of a graph are misleading?\n"
    "A graph neural network learns from the neighbours of each node, so edges between unlike nodes, noise and attacks "
    "mislead it. The **torque** of an edge is high if its ends are far apart in the graph and have unlike features. In "
    "every layer, the edges with the highest torque are pruned, and nodes that are close and similar are connected. "
    "Here you can see which edges are pruned and why, follow a node through the layers, and find out where rewiring "
    "improves a network, and where it does not."
)
draw_links()
draw_example()
