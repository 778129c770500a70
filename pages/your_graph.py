"""Your graph: upload files, check what was read and assumed or what is wrong, and use the graph."""

from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO

import streamlit as st

from pages.shared.core.markdown import escape_markdown
from pages.shared.core.uploads import Upload, current_upload, forget_upload, keep_upload
from pages.shared.frame.page import begin_page, hide_sidebar, percent
from pages.shared.state.settings import choose_dataset
from pages.shared.views.column_roles import draw_column_roles
from pages.shared.views.upload_preview import edge_preview, node_preview
from torque_core.datasets.importers import FILE_EXTENSIONS, ColumnRoles, ImportLimits, import_graph
from torque_core.datasets.importers.json_document import MAX_JSON_MEGABYTES
from torque_core.datasets.importers.limits import join_names
from torque_core.datasets.info import USER_GRAPH
from torque_core.errors import TorqueError
from torque_core.io.example_files import example_files
from torque_core.io.spreadsheets import escape_formulas

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


def uploader_key() -> str:
    """Key of the upload area; a new one empties it."""
    serial = st.session_state.get("upload_serial", 0)
    return f"upload_{serial}" if serial else "upload"


def handle_upload() -> None:
    """Read the files on the next run of the page, so that a spinner is visible."""
    st.session_state.import_error = ""
    st.session_state.unread = bool(st.session_state[uploader_key()])


def read_upload(uploaded: Sequence[BytesIO]) -> None:
    """Import the uploaded files, which replace former ones, and empty the upload area.

    Tables of nodes alone are read together with the former files, to which they may belong.
    """
    state = st.session_state
    names = [file.name for file in uploaded]
    files = {file.name: file.getvalue() for file in uploaded}
    duplicates = {name for name in names if names.count(name) > 1}
    former = current_upload()
    discard()
    if duplicates:
        state.import_error = f"There are two files named {min(duplicates)}. Remove one of them."
    elif not read_files(files, ColumnRoles()) and former is not None and former.files.keys().isdisjoint(files):
        message = state.import_error
        if not read_files(former.files | files, former.roles):
            state.import_error = message
    state.unread = False  # set at the end, so that an interrupted import starts again
    state.upload_serial = state.get("upload_serial", 0) + 1
    st.rerun()


def read_files(files: dict[str, bytes], roles: ColumnRoles) -> bool:
    """Import files with some roles of their columns, and return whether that succeeded."""
    state = st.session_state
    with st.spinner(f"Reading {escape_markdown(', '.join(files)[:200])} …", show_time=True):
        try:
            # drawing ends the script if the session is over, and restarts it if a widget has changed
            graph = import_graph(files, LIMITS, roles=roles, checkpoint=st.empty().empty)
        except TorqueError as error:
            state.import_error = str(error)
            return False
    former = current_upload()
    is_same = former is not None and former.files == files
    directed = former.directed if is_same and former is not None else graph.is_directed
    keep_upload(Upload(files, roles, graph, directed and graph.info.has_directions))
    state.update(import_error="", role_serial=state.get("role_serial", 0) + 1)
    return True


def handle_roles(roles: ColumnRoles) -> None:
    """Read the files again on the next run of the page, with other roles of their columns."""
    st.session_state.update(import_error="", unread_roles=roles)


def read_roles(roles: ColumnRoles) -> None:
    """Import the files again; if that fails, the former graph stays and the selectors show its columns."""
    state, former = st.session_state, current_upload()
    if former is not None and not read_files(former.files, roles):
        state.role_serial = state.get("role_serial", 0) + 1
    if state.data == USER_GRAPH:
        state.update(scheme="", split=0, node=0, picked=(), threshold="")
    state.unread_roles = None
    st.rerun()


def handle_directions(key: str) -> None:
    """Keep or ignore the directions of the edges, also on the other pages if they show the graph."""
    state, upload = st.session_state, current_upload()
    if upload is None:
        return
    keep_upload(replace(upload, directed=state[key]))
    if state.data == USER_GRAPH:
        state.update(directed=state[key], view="", picked=(), threshold="")


def discard() -> None:
    """Discard the uploaded graph."""
    state = st.session_state
    forget_upload()
    state.import_error = ""
    if state.data == USER_GRAPH:
        choose_dataset("block_model")


def use_graph(page: str = "explore") -> None:
    """Show the graph on all pages, and open one of them."""
    choose_dataset(USER_GRAPH)
    st.session_state.update(rate=0, goto=page)


def draw_upload() -> None:
    """Draw the upload area and its limits."""
    uploaded = st.file_uploader(
        "Your files: " + ", ".join(FILE_EXTENSIONS),
        accept_multiple_files=True,
        key=uploader_key(),
        on_change=handle_upload,
        max_upload_size=LIMITS.megabytes,
        help="One file, or several text tables: one with edges, and any number with nodes. A graph of Pajek or npz may "
        "also be in several files. Each file may be compressed with gzip.",
    )
    st.caption(
        f"At most {LIMITS.megabytes} MB ({MAX_JSON_MEGABYTES} MB of JSON), {LIMITS.nodes:,} nodes, "
        f"{LIMITS.edges:,} edges, {LIMITS.cells:,} values in text files and {LIMITS.numbers:,} in arrays, "
        f"{LIMITS.classes} classes, {LIMITS.seconds:.0f} seconds of import. The files are kept in the memory of "
        "this server for your browser only, for two hours after your last visit or until you discard them; they are "
        "never written to disk. Other files replace them."
    )
    if uploaded and st.session_state.get("unread"):
        read_upload(uploaded)
    if (roles := st.session_state.get("unread_roles")) is not None:
        read_roles(roles)


def draw_preview(upload: Upload) -> None:
    """Draw the roles of the columns, what was read and assumed, and the first nodes and edges."""
    own = upload.graph
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
    draw_column_roles(own, upload.roles, handle_roles, serial=st.session_state.get("role_serial", 0))
    draw_directions(upload)
    left, right = st.columns(2, gap="medium")
    left.markdown("**What was read**\n" + "".join(f"\n- {escape_markdown(line)}" for line in own.contents))
    assumed = [*own.notes]
    if own.columns.unused:
        assumed.append(f"Kept, but without a role: {join_names(own.columns.unused, 30)}.")
    right.markdown("**What was assumed**\n" + "".join(f"\n- {escape_markdown(n)}" for n in assumed or ("Nothing.",)))
    names = own.names or tuple(map(str, range(len(data.y))))
    left.markdown("**First nodes**")
    left.dataframe(escape_formulas(node_preview(own, names, PREVIEW_ROWS)), hide_index=True, placeholder="–")
    right.markdown("**First edges**")
    right.dataframe(escape_formulas(edge_preview(own, names, PREVIEW_ROWS)), hide_index=True, placeholder="–")
    foot = st.container(horizontal=True, vertical_alignment="center")
    foot.button("Use this graph", type="primary", icon=":material/hub:", key="use_graph", on_click=use_graph)
    if bool((data.y >= 0).any()):
        foot.button(
            "Get a verdict",
            icon=":material/gavel:",
            key="verdict_on_it",
            on_click=use_graph,
            args=("verdict",),
            help="Does torque help on this graph? Inserts known noise, trains the plain model, torque, peers and "
            "controls, and compares them.",
        )
    foot.button("Discard", icon=":material/delete:", key="forget_graph", on_click=discard)
    foot.caption(f"Read from {escape_markdown(join_names(upload.files))}.")


def draw_directions(upload: Upload) -> None:
    """Draw the switch of the edge directions, and say what it does to this graph."""
    own, edges = upload.graph, upload.graph.info.edges or 0
    if not own.info.has_directions:
        return
    key = f"upload_directed_{st.session_state.get('role_serial', 0)}"
    st.toggle(
        "Keep edge directions",
        value=upload.directed,
        key=key,
        on_change=handle_directions,
        args=(key,),
        help="If not, every edge goes both ways. Torque is the same for both directions of an edge; the models send "
        "messages along the edges that are kept.",
    )
    count = own.directions.edge_index.size(1)
    source = (
        "The files declare directed edges" if own.is_directed else "The files do not say whether edges are directed"
    )
    use = (
        f"{count:,} directed edges between {edges:,} pairs of nodes are used"
        if upload.directed
        else f"each of the {edges:,} edges goes both ways"
    )
    st.caption(f"{source}; {use}.")


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
if (upload := current_upload()) is not None:
    draw_preview(upload)
draw_examples()
