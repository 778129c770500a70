"""Your graph: bring files, see what was read of them, what was assumed and what is wrong, and use the graph."""

from collections.abc import Sequence
from io import BytesIO

import pandas as pd
import streamlit as st

from pages.shared.core import queries
from pages.shared.core.view import escape_markdown
from pages.shared.frame.page import begin_page, hide_sidebar, percent
from torque_core.datasets.importers import FILE_EXTENSIONS, ImportedGraph, ImportLimits, import_graph
from torque_core.datasets.importers.node_link import MAX_JSON_MEGABYTES
from torque_core.datasets.info import USER_GRAPH
from torque_core.errors import BadFile, TorqueError
from torque_core.graph.pairs import undirected_pairs
from torque_core.io.example_files import example_files
from torque_core.io.graph_formats import escape_formulas

SHOWN = 8  # rows of the preview
LIMITS = ImportLimits()
FORMS = {
    "edges.csv": ("CSV, edges", "Two columns, source and target; ids are numbers or text."),
    "nodes.csv": ("CSV, nodes", "Column id, then class, name and any columns of numbers, which are features."),
    "karate.graphml": ("GraphML", "As Gephi, yEd and NetworkX write it."),
    "karate.gexf": ("GEXF", "As Gephi writes it."),
    "karate.json": ("JSON", "Node-link, as NetworkX and D3 write it; nodes can have a list x of features."),
    "karate.npz": ("npz", "NumPy arrays: edge_index, x, y, names; or a matrix of SciPy."),
}


@st.cache_data(show_spinner=False)
def sample_files() -> dict[str, bytes]:
    """To look at and to start from."""
    return example_files()


def changed() -> None:
    """Other files are there: what was read before is forgotten."""
    st.session_state.import_error = ""
    if st.session_state.upload:
        forget()
        st.session_state.unread = True  # the page reads them, where a reader sees that it does


def take(uploaded: Sequence[BytesIO]) -> None:
    """Read what was uploaded; of the files themselves nothing is kept."""
    state = st.session_state
    names = [file.name for file in uploaded]
    twice = {name for name in names if names.count(name) > 1}
    with st.spinner(f"Reading {escape_markdown(', '.join(names)[:200])} …", show_time=True):
        try:
            if twice:
                raise BadFile(f"Two files are called {min(twice)}; take one out.")
            state.uploaded_graph = import_graph({file.name: file.getvalue() for file in uploaded}, LIMITS)
        except TorqueError as error:
            state.import_error = str(error)
        state.unread = False  # not before: who is interrupted here begins again


def forget() -> None:
    """Let go of the graph that was brought."""
    state = st.session_state
    state.pop("uploaded_graph", None)
    state.import_error = ""
    if state.data == USER_GRAPH:
        state.update(data="block_model", scheme="", split=0, node=0, view="", picked=(), threshold="")


def use() -> None:
    """Have all views show it."""
    st.session_state.update(
        data=USER_GRAPH, scheme="", split=0, node=0, view="", picked=(), threshold="", rate=0, goto="explore"
    )


def upload() -> None:
    """Where the files are dropped, and what they may be."""
    uploaded = st.file_uploader(
        f"Your files: {', '.join(FILE_EXTENSIONS)}",
        accept_multiple_files=True,
        key="upload",
        on_change=changed,
        max_upload_size=LIMITS.megabytes,
        help="One file of GraphML, GEXF, JSON or npz; or CSV: one file of edges and any "
        "number of files of nodes, dropped together.",
    )
    st.caption(
        f"At most {LIMITS.megabytes} MB ({MAX_JSON_MEGABYTES} MB of JSON), {LIMITS.nodes:,} nodes, "
        f"{LIMITS.edges:,} edges, {LIMITS.cells:,} values in files of text and {LIMITS.numbers:,} in arrays, "
        f"{LIMITS.classes} classes, {LIMITS.seconds:.0f} seconds. The graph stays in this session, on this server, "
        "and is gone when the page is closed or loaded anew; nothing is written to a disk."
    )
    if uploaded and st.session_state.get("unread"):
        take(uploaded)


def preview(own: ImportedGraph) -> None:
    """What was read, what was assumed, the first nodes and links."""
    data, info = own.graph.data, own.info
    row = st.container(horizontal=True, horizontal_alignment="distribute")
    for label, value, meaning in (
        ("Nodes", f"{info.nodes:,}", "All that the files name."),
        ("Edges", f"{info.edges:,}", "Undirected, each once, none from a node to itself."),
        ("Features", f"{info.features:,}", "Numbers of each node."),
        ("Classes", f"{info.classes:,}", "Of the nodes that have one."),
        ("Edge homophily", percent(info.homophily), "Share of the edges that join two nodes of one class."),
    ):
        row.metric(label, value, help=meaning, width="content")
    left, right = st.columns(2, gap="medium")
    left.markdown("**What was read**\n" + "".join(f"\n- {escape_markdown(line)}" for line in own.contents))
    right.markdown(
        "**What was assumed**\n" + "".join(f"\n- {escape_markdown(line)}" for line in own.notes or ("Nothing.",))
    )
    names = own.names or tuple(map(str, range(len(data.y))))
    classes = [own.classes[label] if label >= 0 else "–" for label in data.y[:SHOWN].tolist()]
    features = pd.DataFrame(data.x[:SHOWN, :6].numpy()).add_prefix("feature ")
    pairs = undirected_pairs(data.edge_index, len(data.y))[:, :SHOWN].T.tolist()
    left.markdown("**The first nodes**")
    left.dataframe(
        escape_formulas(pd.concat([pd.DataFrame({"node": names[:SHOWN], "class": classes}), features], axis=1)),
        hide_index=True,
    )
    right.markdown("**The first edges**")
    ends = pd.DataFrame([(names[i], names[j]) for i, j in pairs], columns=["node", "and"])
    right.dataframe(escape_formulas(ends), hide_index=True)
    foot = st.container(horizontal=True)
    foot.button("Use this graph", type="primary", icon=":material/hub:", key="use_graph", on_click=use)
    foot.button("Forget it", icon=":material/delete:", key="forget_graph", on_click=forget)


def forms() -> None:
    """A sample of each form."""
    st.markdown("**Samples to download**: the karate club in every form that is read.")
    files = sample_files()
    for column, (name, (title, about)) in zip(st.columns(len(FORMS)), FORMS.items(), strict=True):
        column.download_button(
            title, files[name], name, icon=":material/download:", on_click="ignore", key=f"sample_{name}",
            width="stretch",
        )  # fmt: skip
        column.caption(about)


begin_page()
hide_sidebar()
st.markdown(
    "**Bring your graph**: drop its files here, look at what was read of them, and see in all views which of its edges "
    "torque blames."
)
upload()
if error := st.session_state.get("import_error"):
    st.error(escape_markdown(error), icon=":material/error:")
own = queries.uploaded_graph()
if own is not None:
    preview(own)
forms()
