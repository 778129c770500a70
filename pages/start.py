"""Start: an introduction in a few sentences, a film and a picture, with links to other pages."""

from urllib.parse import urlencode

import streamlit as st

from pages.shared.core import queries
from pages.shared.core.view import View
from pages.shared.frame.navigation import page_script
from pages.shared.frame.page import begin_page, hide_sidebar, show_errors, theme
from pages.shared.frame.stage import stage
from pages.shared.state.link import write_link
from pages.shared.state.settings import Settings
from pages.shared.views.film import draw_film
from torque_core import BlockModel, DatasetSpec, Noise, RewireSpec
from torque_core.figures import layer_edges, network_data
from torque_core.figures.stage import live_cut

EXAMPLE = Settings(
    DatasetSpec("block_model", block_model=BlockModel(nodes=80, classes=4, signal=1.5)),
    Noise("insert", 0.5),
    RewireSpec(layers=2),
    layer=1,
    device="cpu",
)
FILM_NODE = 49  # rewiring helps it about as much as it helps the median node of this graph
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
        "Upload CSV, GraphML, GEXF, JSON or npz. Only your browser can open it.",
    ),
}


def example() -> View:
    """The small graph with false edges that the page shows."""
    with show_errors():
        return View(
            EXAMPLE,
            queries.dataset(EXAMPLE.dataset),
            queries.noisy(EXAMPLE.dataset, EXAMPLE.noise),
            EXAMPLE.rewire,
            queries.rewiring(EXAMPLE.dataset, EXAMPLE.noise, EXAMPLE.rewire, EXAMPLE.device),
        )


def draw_opening(view: View) -> None:
    """Draw the film of one node, with a link to the same film on the page where all its controls are."""
    draw_film(view, FILM_NODE, key="opening", height=380, opening=True)
    graph = EXAMPLE.dataset.block_model
    link = write_link({
        "nodes": graph.nodes, "classes": graph.classes, "signal": graph.signal, "layer": EXAMPLE.layer + 1,
        "node": FILM_NODE,
    })  # fmt: skip
    st.caption(
        f"Messages that node {FILM_NODE} of a small graph receives, before and after rewiring; ◆ marks false edges. "
        f"[Choose another node, the noise and the cut](receptive_field?{urlencode(link)})."
    )


def draw_example(view: View) -> None:
    """Draw a small graph with false edges, before and after one layer of rewiring."""
    noisy, layer, position = view.noisy, view.rewiring.layers[0], queries.layout(EXAMPLE.dataset)
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
    for name, (title, icon, description) in LINKS.items():
        with st.container(border=True, key=f"door_{name}"):
            st.page_link(page_script(name), label=f"**{title}**", icon=icon)
            st.caption(description)


begin_page()
hide_sidebar()
view = example()
words, film = st.columns([2, 3], gap="large")
with film:
    draw_opening(view)
words.markdown(
    "## Which edges of a graph are misleading?\n"
    "A graph neural network learns from the neighbours of each node, so edges between unlike nodes, noise and attacks "
    "mislead it. The **torque** of an edge is high if its ends are far apart in the graph and have unlike features. In "
    "every layer, the edges with the highest torque are pruned, and nodes that are close and similar are connected. "
    "Here you can see which edges are pruned and why, follow a node through the layers, and find out where rewiring "
    "improves a network, and where it does not."
)
with words:
    draw_links()
draw_example(view)
