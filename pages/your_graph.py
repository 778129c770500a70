"""Your graph: upload files, check what was read and assumed or what is wrong, and use the graph."""

from collections.abc import Sequence
from io import BytesIO

import pandas as pd
import streamlit as st

from pages.shared.core import queries
from pages.shared.core.markdown import escape_markdown
from pages.shared.frame.page import begin_page, hide_sidebar, percent
from torque_core.datasets.importers import FILE_EXTENSIONS, ImportedGraph, ImportLimits, import_graph
from torque_core.datasets.importers.node_link import MAX_JSON_MEGABYTES
from torque_core.datasets.info import USER_GRAPH
from torque_core.errors import BadFile, TorqueError
from torque_core.graph.pairs import undirected_pairs
from torque_core.io.example_files import example_files
from torque_core.io.graph_formats import escape_formulas

PREVIEW_ROWS = 8
LIMITS = ImportLimits()
FORMATS = {
    "edges.csv": ("CSV, edges", "Two columns, source and target. Node ids are numbers or text."),
    "nodes.csv": ("CSV, nodes", "A column id, then class, name and any number of feature columns."),
    "karate.graphml": ("GraphML", "As written by Gephi, yEd and NetworkX."),
    "karate.gexf": ("GEXF", "As written by Gephi."),
    "karate.json": ("JSON", "Node-link format, as written by NetworkX and D3. Nodes may have a list x of features."),
    "karate.npz": ("npz", "NumPy arrays edge_index, x, y and names, or a SciPy sparse matrix."),
}


@st.cache_data(show_spinner=False)
def sample_files() -> dict[str, bytes]:
    """Example files in every format."""
    return example_files()


def handle_upload() -> None:
    """Discard the previous graph when other files are uploaded."""
    st.session_state.import_error = ""
    if st.session_state.upload:
        discard()
        st.session_state.unread = True  # the page reads them, so that a spinner is visible


def read_files(uploaded: Sequence[BytesIO]) -> None:
    """Import the uploaded files; the files themselves are not kept."""
    state = st.session_state
    names = [file.name for file in uploaded]
    duplicates = {name for name in names if names.count(name) > 1}
    with st.spinner(f"Reading {escape_markdown(', '.join(names)[:200])} …", show_time=True):
        try:
            if duplicates:
                raise BadFile(f"There are two files named {min(duplicates)}. Remove one of them.")
            # drawing ends the script if the session is over, and restarts it if a widget has changed
            state.uploaded_graph = import_graph(
                {file.name: file.getvalue() for file in uploaded}, LIMITS, checkpoint=st.empty().empty
            )
        except TorqueError as error:
            state.import_error = str(error)
        state.unread = False  # set at the end, so that an interrupted import starts again


def discard() -> None:
    """Discard the uploaded graph."""
    state = st.session_state
    state.pop("uploaded_graph", None)
    state.import_error = ""
    if state.data == USER_GRAPH:
        state.update(data="block_model", scheme="", split=0, node=0, view="", picked=(), threshold="")


def use_graph() -> None:
    """Show the graph on all pages."""
    st.session_state.update(
        data=USER_GRAPH, scheme="", split=0, node=0, view="", picked=(), threshold="", rate=0, goto="explore"
    )


def draw_upload() -> None:
    """Draw the upload area and its limits."""
    uploaded = st.file_uploader(
        f"Your files: {', '.join(FILE_EXTENSIONS)}",
        accept_multiple_files=True,
        key="upload",
        on_change=handle_upload,
        max_upload_size=LIMITS.megabytes,
        help="One file, or several text tables: one with edges, and any number with nodes. A graph of Pajek or npz may "
        "also be in several files. Each file may be compressed with gzip.",
    )
    st.caption(
        f"At most {LIMITS.megabytes} MB ({MAX_JSON_MEGABYTES} MB of JSON), {LIMITS.nodes:,} nodes, "
        f"{LIMITS.edges:,} edges, {LIMITS.cells:,} values in text files and {LIMITS.numbers:,} in arrays, "
        f"{LIMITS.classes} classes, {LIMITS.seconds:.0f} seconds of import. The graph is kept in the memory of "
        "this server until the page is closed or reloaded; it is never written to disk."
    )
    if uploaded and st.session_state.get("unread"):
        read_files(uploaded)


def draw_preview(own: ImportedGraph) -> None:
    """Draw what was read and assumed, and the first nodes and edges."""
    data, info = own.graph.data, own.info
    row = st.container(horizontal=True, horizontal_alignment="distribute")
    for label, value, description in (
        ("Nodes", f"{info.nodes:,}", "Number of nodes in all files."),
        ("Edges", f"{info.edges:,}", "Number of undirected edges, without duplicates and self-loops."),
        ("Features", f"{info.features:,}", "Number of features per node."),
        ("Classes", f"{info.classes:,}", "Number of different classes."),
        ("Edge homophily", percent(info.homophily), "Fraction of the edges that connect two nodes of the same class."),
    ):
        row.metric(label, value, help=description, width="content")
    left, right = st.columns(2, gap="medium")
    left.markdown("**What was read**\n" + "".join(f"\n- {escape_markdown(line)}" for line in own.contents))
    right.markdown(
        "**What was assumed**\n" + "".join(f"\n- {escape_markdown(line)}" for line in own.notes or ("Nothing.",))
    )
    names = own.names or tuple(map(str, range(len(data.y))))
    classes = [own.classes[label] if label >= 0 else "–" for label in data.y[:PREVIEW_ROWS].tolist()]
    features = pd.DataFrame(data.x[:PREVIEW_ROWS, :6].numpy()).add_prefix("feature ")
    pairs = undirected_pairs(data.edge_index, len(data.y))[:, :PREVIEW_ROWS].T.tolist()
    left.markdown("**First nodes**")
    left.dataframe(
        escape_formulas(pd.concat([pd.DataFrame({"node": names[:PREVIEW_ROWS], "class": classes}), features], axis=1)),
        hide_index=True,
    )
    right.markdown("**First edges**")
    ends = pd.DataFrame([(names[i], names[j]) for i, j in pairs], columns=["source", "target"])
    right.dataframe(escape_formulas(ends), hide_index=True)
    foot = st.container(horizontal=True)
    foot.button("Use this graph", type="primary", icon=":material/hub:", key="use_graph", on_click=use_graph)
    foot.button("Discard", icon=":material/delete:", key="forget_graph", on_click=discard)


def draw_examples() -> None:
    """Draw download buttons for an example of each format."""
    st.markdown("**Example files**: Zachary's karate club in every supported format.")
    files = sample_files()
    for column, (name, (title, description)) in zip(st.columns(len(FORMATS)), FORMATS.items(), strict=True):
        column.download_button(
            title, files[name], name, icon=":material/download:", on_click="ignore", key=f"sample_{name}",
            width="stretch",
        )  # fmt: skip
        column.caption(description)


begin_page()
hide_sidebar()
st.markdown(
    "**Bring your graph**: upload its files, check what was read, and see on all pages which of its edges have high "
    "torque."
)
draw_upload()
if error := st.session_state.get("import_error"):
    st.error(escape_markdown(error), icon=":material/error:")
own = queries.uploaded_graph()
if own is not None:
    draw_preview(own)
draw_examples()
