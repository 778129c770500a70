"""What every view begins with: settings in place, data at hand, and errors as messages instead of traces."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import streamlit as st

from pages.shared.core import queries
from pages.shared.core.view import View
from pages.shared.frame.navigation import navigate
from pages.shared.runs import registry
from pages.shared.state.settings import Settings
from pages.shared.state.snapshot import Snapshot
from torque_core import (
    DATASETS,
    TorqueError,
)
from torque_core.datasets import download
from torque_core.experiments import METHODS
from torque_core.figures import DARK, LIGHT, Theme

__all__ = [
    "begin_page",
    "chart_config",
    "hide_sidebar",
    "load_view",
    "node_input",
    "percent",
    "show_errors",
    "theme",
]


_NAMES_UP_TO = 5_000  # beyond it a list takes long to reach the browser


@contextmanager
def show_errors() -> Iterator[None]:
    """Show an error of the core as a message on the page and end the page there."""
    try:
        yield
    except TorqueError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def begin_page() -> None:
    """Begin a page: make sure that app.py has run before it.

    A server that has just started takes pages/ for Streamlit's older kind of app and runs the page of a link alone,
    until somebody calls st.navigation.
    """
    if not st.session_state.pop("framed", False):
        navigate()
        st.rerun()


def hide_sidebar() -> None:
    """On a page that the settings in it do not concern."""
    st.html("<style>[data-testid=stSidebar], [data-testid=stExpandSidebarButton] { display: none; }</style>")


def load_view(*, every_layer: bool = False, of_training: bool = False) -> View:
    """The settings' graph, noise and rewiring; with a message, and no more, if they cannot be had.

    Args:
        every_layer: Whether the page shows layers beyond the one that is chosen: else nobody waits for those.
        of_training: Whether the page can show the graphs of a training, if a moment of one is chosen.
    """
    begin_page()
    settings: Settings | None = st.session_state.settings
    if settings is None:
        st.info("Correct the settings in the sidebar: the message there says how.", icon=":material/tune:")
        st.stop()
    with show_errors():
        if settings.dataset.name in DATASETS and DATASETS[settings.dataset.name].kind == "download":
            _download(settings)
        layers = settings.rewire.layers if every_layer else settings.layer + 1
        rule = (_moment(settings) if of_training else None) or replace(settings.rewire, layers=layers)
        with st.spinner("Rewiring …", show_time=True):
            threshold = st.session_state.threshold
            return View(
                settings,
                queries.dataset(settings.dataset),
                queries.noisy(settings.dataset, settings.noise),
                rule,
                queries.rewiring(settings.dataset, settings.noise, rule, settings.device),
                float(threshold) if threshold else None,
            )


def _moment(settings: Settings) -> Snapshot | None:
    """The moment of a training that is chosen, said on top of the page; none if it is of other settings, or gone."""
    if not st.session_state.snapshot:
        return None
    moment = Snapshot.parse(st.session_state.snapshot)
    run = registry.find(moment.run)
    if run is None or registry.rewiring_at(moment) is None:
        st.warning(
            "The graphs of that training are not kept any more. Shown is the rewiring before any training.",
            icon=":material/history:",
        )
        st.session_state.snapshot = ""
        return None
    if (run.settings.dataset, run.settings.noise, run.settings.rewire) != (
        settings.dataset, settings.noise, settings.rewire,
    ):  # fmt: skip
        st.session_state.snapshot = ""
        return None
    said, back = st.columns([5, 2], vertical_alignment="center")
    said.info(
        f"The graphs that **{METHODS[moment.method].title}** had from epoch {moment.epoch} on, in the training "
        f"«{run.record.name}».",
        icon=":material/model_training:",
    )
    back.button("Back to the rewiring before training", icon=":material/undo:", on_click=_leave_training)
    return moment


def _leave_training() -> None:
    st.session_state.snapshot = ""


def _download(settings: Settings) -> None:
    line = st.empty()

    def progress(count: int) -> None:
        line.info(f"Downloading {settings.dataset.name}: {count / 1e6:.1f} MB so far …", icon=":material/download:")

    download(settings.dataset, progress=progress)  # not in the cache, which must not draw
    line.empty()


def node_input(size: int, *, purpose: str, names: Sequence[str] | None = None) -> int:
    """The node that is looked at, the same on every page; a number that the graph lacks becomes its last.

    Nodes of few enough names can be searched by them.
    """
    asked = st.session_state.node
    if asked >= size:
        st.session_state.node = size - 1
        st.warning(
            f"Node {asked:,} is not in this graph of {size:,} nodes; its last one is shown.", icon=":material/info:"
        )
    now = st.session_state.node
    if names and size <= _NAMES_UP_TO:
        return st.selectbox("Node", range(size), now, format_func=lambda node: f"{node}: {names[node]}", key="node",
                            help=f"{purpose} Type a part of its name.", width=260, persist_state="session")  # fmt: skip
    return int(
        st.number_input(
            f"Node, 0 to {size - 1:,}", 0, size - 1, now, key="node", help=purpose, width=220, persist_state="session"
        )
    )


def theme() -> Theme:
    """Light or dark, as the page is."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def chart_config(**more: object) -> dict[str, object]:
    """How Plotly's figures behave on every page: their own button saves them as the session asks for."""
    picture = {"format": st.session_state.image, "scale": 2, "filename": "torque"}
    return {"displaylogo": False, "toImageButtonOptions": picture, **more}


def percent(share: float | None) -> str:
    """A share as per cent, or a dash if there is none.

    Example:
        >>> percent(0.256), percent(None)
        ('25.6 %', '–')
    """
    return "–" if share is None else f"{100 * share:.1f} %"
