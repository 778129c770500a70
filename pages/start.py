"""Start: what this is, in three sentences and a picture, and the doors to the rest."""

import streamlit as st

from pages.shared.core import comparisons, queries
from pages.shared.frame.navigation import page_script
from pages.shared.frame.page import begin_page, chart_config, hide_sidebar, theme
from pages.shared.state.settings import Settings
from torque_core import BlockModel, DatasetSpec, Noise, RewireSpec
from torque_core.figures import side_by_side_figure

SHOWN = Settings(
    DatasetSpec("block_model", block_model=BlockModel(nodes=80, classes=4, signal=1.5)),
    Noise("insert", 0.5),
    RewireSpec(layers=1),
    layer=0,
    device="cpu",
)
DOORS = {
    "explore": ("Explore", ":material/hub:", "Choose a graph and a noise: which edges does torque blame, and why?"),
    "learn": (
        "Learn",
        ":material/school:",
        "Ten short steps: what torque is, what it cuts, and whether that helps.",
    ),
    "your_graph": ("Bring your graph", ":material/upload_file:", "CSV, GraphML, GEXF, JSON or npz; it stays with you."),
}


def picture() -> None:
    """A small graph with false links, and what one layer makes of it."""
    before, after = (comparisons.change(SHOWN, method) for method in ("plain", "torque"))
    injected = comparisons.injected(SHOWN)
    figure = side_by_side_figure(
        [("With false links", before), ("Rewired by torque", after)],
        queries.layout(SHOWN.dataset), queries.dataset(SHOWN.dataset).data.y, injected, theme(),
    )  # fmt: skip
    st.plotly_chart(figure.figure, key="start_picture", alt=figure.alt, config=chart_config())
    found = int((injected & after.pruned_mask).sum())
    st.caption(
        f"A made-up graph of four groups, with {int(injected.sum())} false links (◇). Torque is not told which: it cut "
        f"{after.pruned.size(1)} links (**dashed**), {found} of them false, and added {after.added.size(1)} (**blue**)."
    )


def doors() -> None:
    """Where to go from here."""
    for column, (name, (title, icon, about)) in zip(st.columns(len(DOORS)), DOORS.items(), strict=True):
        with column.container(border=True, key=f"door_{name}"):
            st.page_link(page_script(name), label=f"**{title}**", icon=icon)
            st.caption(about)


begin_page()
hide_sidebar()
st.markdown(
    "## Which links of a graph mislead?\n"
    "A graph neural network learns each node from its neighbours, and is misled by links between unlike nodes, by "
    "noise and by attacks. **Torque** blames a link whose ends are far apart in the graph and unlike in what they "
    "carry; layer by layer it cuts what it blames most, and links what is near and alike. Here you see which links go "
    "and why, follow a node through the layers, and find out where that helps a network to learn, and where it does "
    "not."
)
doors()
picture()
