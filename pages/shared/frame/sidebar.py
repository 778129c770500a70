"""The sidebar: the settings that all pages share. Their values live in the session under the keys of SETTINGS."""

from collections.abc import Collection

import streamlit as st

from pages.shared.core.queries import uploaded_graph
from pages.shared.frame.rewiring_controls import rewiring_controls
from pages.shared.state.settings import SETTINGS, Settings, build_settings, dataset_info
from pages.shared.state.teacher_mode import hidden_controls
from torque_core import DATASETS, BadConfig
from torque_core.datasets.block_model import MAX_NODES
from torque_core.datasets.info import YOURS, DatasetInfo
from torque_core.graph.noise import NOISE_KINDS
from torque_core.utils.device import available_devices

__all__ = ["layer_slider", "noise_slider", "sidebar"]

_GONE = (
    "data set: your graph was in a session that has ended; import it again on the page Your graph. The block model is "
    "shown."
)
_KINDS = {
    "built in": "Comes with the app.",
    "download": "Downloaded on first use.",
    "imported": "It stays in this session and is gone with it.",
}


def sidebar(*, shown: bool = True, without: Collection[str] = ()) -> Settings | None:
    """Draw the sidebar, but for what the link hides; return what is set, or None after a message if that cannot be.

    A page that draws some of these controls itself, where they are talked about, has it not shown; one on which a part
    of it would do nothing has it without.
    """
    _fit()
    hides, drawn = hidden_controls() | set(without), []
    if shown and "sidebar" not in hides:
        drawn = [draw for name, draw in _PARTS.items() if name not in hides]
    with st.sidebar if drawn else st.container():
        message = st.container()
        for draw in drawn:
            draw()
    try:
        return build_settings(st.session_state)
    except BadConfig as error:
        message.error(str(error), icon=":material/error:")
        return None


def _fit() -> None:
    """Have the split and the layer be some that there are."""
    state = st.session_state
    if state.data == YOURS and uploaded_graph() is None:
        state.data = str(SETTINGS["data"].default)
        state.problems = [*state.problems, _GONE]
    info = _info()
    schemes = {scheme.name: scheme for scheme in info.splits}
    if state.scheme not in schemes:
        state.scheme = info.default_scheme
    state.split = min(state.split, schemes[state.scheme].count - 1)
    state.layer = min(state.layer, state.layers)


def _info() -> DatasetInfo:
    info = dataset_info(st.session_state)
    assert info is not None  # SETTINGS allows no other name
    return info


def _new_dataset() -> None:
    """Another data set has other splits and other nodes."""
    st.session_state.update(scheme="", split=0, node=0, view="", picked=(), threshold="")


def _dataset() -> None:
    own = uploaded_graph()
    name = st.selectbox(
        "Data set",
        [*([] if own is None else [YOURS]), *DATASETS],
        format_func=lambda key: f"Yours: {own.info.title}" if own and key == YOURS else DATASETS[key].title,
        key="data",
        on_change=_new_dataset,
        help="The first four come with the app, the others are downloaded on first use.",
    )
    info = _info()
    nodes = "" if info.nodes is None or name == "block_model" else f" {info.nodes:,} nodes, {info.edges:,} edges."
    homophily = (
        "" if info.homophily is None or name == "block_model" else f" Edge homophily {100 * info.homophily:.0f} %."
    )
    st.caption(
        f"{info.description}{nodes}{homophily}",
        help=f"Source: {info.source}. Licence: {info.licence}. {_KINDS[info.kind]}",
    )
    if name == "block_model":
        _block_model()


def _split() -> None:
    schemes = {scheme.name: scheme for scheme in _info().splits}
    with st.expander("Split", icon=":material/call_split:"):
        scheme = st.selectbox("Scheme", list(schemes), format_func=lambda key: schemes[key].description, key="scheme")
        count = schemes[scheme].count
        st.number_input(
            f"Split, 0 to {count - 1}", 0, max(count - 1, 1), key="split", disabled=count == 1, help="Which of them."
        )


def _block_model() -> None:
    with st.expander("Block model", icon=":material/scatter_plot:"):
        st.number_input("Nodes", 2, MAX_NODES, step=50, key="nodes")
        st.number_input("Classes", 1, 8, key="classes")
        st.number_input("Mean degree (edges per node)", 0.5, 50.0, key="degree")
        st.slider(
            "Homophily", 0, 100, format="%d %%", key="homophily", help="Share of edges that join nodes of one class."
        )
        st.slider(
            "Feature signal",
            0.0,
            5.0,
            step=0.1,
            key="signal",
            help="Length of a class's mean feature vector, against noise of length 1.",
        )


def _noise() -> None:
    st.selectbox(
        "Noise",
        list(NOISE_KINDS),
        format_func=NOISE_KINDS.__getitem__,
        key="noise",
        help="What disturbs the graph before it is rewired. Insert edges: between nodes drawn alike, or by degree, "
        "so that hubs stay hubs. DICE: delete edges within a class, insert across classes. "
        "Blur: Gaussian noise on the features.",
    )
    noise_slider()
    st.number_input("Seed", 0, 999_999, key="seed", help="Of the noise, the chance pairs and the training.")


def noise_slider() -> None:
    st.slider(
        "Noise level",
        0,
        200,
        step=5,
        format="%d %%",
        key="rate",
        help="Edges inserted, deleted or swapped, in per cent of the graph's edges; "
        "for features, the noise's standard deviation in per cent of theirs.",
    )


def layer_slider() -> None:
    layers = st.session_state.layers
    if layers > 1:
        st.slider(
            "Layer shown", 1, layers, key="layer", help="Which layer's graph the views show.", persist_state="session"
        )


def _device() -> None:
    st.selectbox(
        "Device",
        available_devices(),
        key="device",
        help="Where to compute: auto takes a GPU where there is one.",
    )


_PARTS = {
    "data": _dataset,
    "split": _split,
    "noise": _noise,
    "method": rewiring_controls,
    "layer": layer_slider,
    "device": _device,
}
"""Each part of the sidebar by the name under which a link can hide it."""
