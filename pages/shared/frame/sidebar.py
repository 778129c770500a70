"""The sidebar: the settings that all pages share."""

from collections.abc import Collection

import streamlit as st

from pages.shared.core.markdown import escape_markdown
from pages.shared.core.queries import uploaded_graph
from pages.shared.frame.attack_caption import attack_caption
from pages.shared.frame.rewiring_controls import rewiring_controls
from pages.shared.frame.widgets import setting_widget
from pages.shared.state.declarations import SETTINGS
from pages.shared.state.settings import Settings, build_settings, choose_dataset, dataset_info
from pages.shared.state.teacher_mode import hidden_controls
from torque_core import DATASETS, BadConfig
from torque_core.attacks.noise import METATTACKS, NOISE_KINDS
from torque_core.datasets import is_local
from torque_core.datasets.info import USER_GRAPH, DatasetInfo
from torque_core.utils.text import visible

__all__ = ["noise_slider", "sidebar"]

_GRAPH_GONE = (
    "data set: your graph belonged to a session that has ended; import it again on the page Your graph. The block "
    "model is shown."
)
_KINDS = {
    "built in": "Included in the app.",
    "download": "Downloaded on first use.",
    "imported": "Kept in memory, for this browser only.",
}


def sidebar(*, shown: bool = True, without: Collection[str] = ()) -> Settings | None:
    """Draw the sidebar without the parts that the link hides.

    Args:
        shown: Whether to draw it at all; a page may draw some of its controls itself.
        without: Names of parts that have no effect on this page.

    Returns:
        The settings; None, with a message, if they do not fit together.
    """
    _correct_settings()
    hides, drawn, method = hidden_controls() | set(without), [], []
    if shown and "sidebar" not in hides:
        drawn, method = ([draw for name, draw in parts.items() if name not in hides] for parts in (_PARTS, _METHOD))
    with st.sidebar if drawn or method else st.container():
        message = st.container()
        for draw in drawn:
            draw()
        if method:
            with st.expander("Method", icon=":material/tune:"):
                for draw in method:
                    draw()
    try:
        return build_settings(st.session_state)
    except BadConfig as error:
        message.error(escape_markdown(str(error)), icon=":material/error:")
        return None


def _correct_settings() -> None:
    """Replace a data set, split, direction or layer that does not exist by one that does."""
    state = st.session_state
    if state.data == USER_GRAPH and uploaded_graph() is None:
        state.data = str(SETTINGS["data"].default)
        state.problems = [*state.problems, _GRAPH_GONE]
    info = _info()
    schemes = {scheme.name: scheme for scheme in info.splits}
    if state.scheme not in schemes:
        state.scheme = info.default_scheme
    state.directed = state.directed and info.has_directions
    state.split = min(state.split, schemes[state.scheme].count - 1)
    state.layer = min(state.layer, state.layers)


def _info() -> DatasetInfo:
    info = dataset_info(st.session_state)
    assert info is not None  # the setting allows no other name
    return info


def _dataset() -> None:
    own = uploaded_graph()

    def title(key: str) -> str:
        if own is not None and key == USER_GRAPH:
            return f"Yours: {visible(own.info.title)}"
        return DATASETS[key].title + ("" if is_local(key) else " (to download)")

    name = st.selectbox(
        "Data set",
        [*([] if own is None else [USER_GRAPH]), *DATASETS],
        format_func=title,
        key="data",
        on_change=lambda: choose_dataset(st.session_state.data),
        help="The first four are included in the app; the others are downloaded on first use.",
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
    if info.has_directions:
        setting_widget("directed")
    if name == "block_model":
        _block_model()


def _split() -> None:
    schemes = {scheme.name: scheme for scheme in _info().splits}
    with st.expander("Split", icon=":material/call_split:"):
        scheme = st.selectbox("Scheme", list(schemes), format_func=lambda key: schemes[key].description, key="scheme")
        count = schemes[scheme].count
        st.number_input(
            f"Split, 0 to {count - 1}",
            0,
            max(count - 1, 1),
            key="split",
            disabled=count == 1,
            help="Index of the split; in a random scheme, its seed.",
        )


def _block_model() -> None:
    with st.expander("Block model", icon=":material/scatter_plot:"):
        for key in ("nodes", "classes", "degree", "homophily", "signal"):
            setting_widget(key)


def _noise() -> None:
    setting_widget("noise", format_func=lambda key: NOISE_KINDS[key].title, on_change=_limit_rate)
    noise_slider()
    if (kind := st.session_state.noise) in METATTACKS:
        attack_caption(_info(), METATTACKS[kind])
    setting_widget("seed")


def _limit_rate() -> None:
    """Lower the noise level to the highest usual one of the new kind, such as 25 % for attacks."""
    state = st.session_state
    state.rate = min(state.rate, round(100 * max(NOISE_KINDS[state.noise].rates)))


def noise_slider() -> None:
    """Draw the noise level."""
    setting_widget("rate")


def _device() -> None:
    setting_widget("device")


_PARTS = {"data": _dataset, "noise": _noise}
"""Functions that draw the parts of the sidebar, by the names with which a link can hide them."""
_METHOD = {"method": rewiring_controls, "split": _split, "device": _device}
"""The same for the parts that a beginner does not need; they are folded away."""
