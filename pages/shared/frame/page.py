"""Parts that all pages share: loading the data, errors as messages, the theme and the choice of a node."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import streamlit as st

from pages.shared.core import queries
from pages.shared.core.budget import check_budget
from pages.shared.core.cache import is_stored
from pages.shared.core.markdown import escape_markdown
from pages.shared.core.view import View
from pages.shared.frame.navigation import navigate
from pages.shared.runs import registry
from pages.shared.state.declarations import SETTINGS
from pages.shared.state.settings import Settings, choose_dataset
from pages.shared.state.snapshot import Snapshot
from torque_core import DATASETS, DatasetUnavailable, TorqueError
from torque_core.datasets import download
from torque_core.experiments import METHODS
from torque_core.figures import DARK, LIGHT, Theme
from torque_core.utils.text import visible

__all__ = [
    "begin_page",
    "chart_config",
    "hide_sidebar",
    "load_view",
    "node_input",
    "node_positions",
    "percent",
    "show_errors",
    "theme",
]


_NARROW = 768  # pixels; up to there Streamlit moves the navigation into the sidebar
_MAX_NAMES = 5_000  # a longer list takes long to reach the browser


@contextmanager
def show_errors() -> Iterator[None]:
    """Show an error of the core as a message and stop the page there."""
    try:
        yield
    except TorqueError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        if isinstance(error, DatasetUnavailable):
            row = st.container(horizontal=True)
            row.button("Try again", icon=":material/refresh:", key="retry_dataset", width="content")
            row.button(
                "Show a built-in graph", icon=":material/hub:", key="built_in_dataset", width="content",
                on_click=choose_dataset, args=(str(SETTINGS["data"].default),),
            )  # fmt: skip
        st.stop()


def begin_page() -> None:
    """Initialise a page. Reruns ``app.py`` first if the page was opened directly.

    Until ``st.navigation`` is called, a new server treats ``pages/`` as an app of Streamlit's older kind and runs the
    page of a link alone.
    """
    if not st.session_state.pop("framed", False):
        navigate()
        st.rerun()


def hide_sidebar() -> None:
    """Hide the sidebar on a page that does not depend on it; in a narrow window it holds the navigation and stays."""
    hidden = "[data-testid=stSidebar], [data-testid=stExpandSidebarButton] { display: none; }"
    st.html(f"<style>@media (min-width: {_NARROW + 1}px) {{ {hidden} }}</style>")


def load_view(
    *, every_layer: bool = False, of_training: bool = False, preview: Callable[[Settings], None] | None = None
) -> View:
    """Load the graph, noise and rewiring of the settings. If they are not available, show a message and stop the page.

    Args:
        every_layer: Whether the page shows all layers; otherwise layers after the chosen one are not computed.
        of_training: Whether the page shows the graphs of a training if a snapshot is chosen.
        preview: Draws what can be seen of the graph while it is rewired.
    """
    begin_page()
    settings: Settings | None = st.session_state.settings
    if settings is None:
        st.info("Correct the settings in the sidebar; the message there explains how.", icon=":material/tune:")
        st.stop()
    with show_errors():
        layers = settings.rewire.layers if every_layer else settings.layer + 1
        check_budget(settings.dataset, settings.noise, replace(settings.rewire, layers=layers))
        if settings.dataset.name in DATASETS and DATASETS[settings.dataset.name].kind == "download":
            _download(settings)
        source = (_chosen_snapshot(settings) if of_training else None) or replace(settings.rewire, layers=layers)
        key = settings.dataset, settings.noise, source, settings.device
        place = st.empty()
        try:
            with place.container(), st.spinner("Rewiring …", show_time=True):
                dataset, noisy = queries.dataset(settings.dataset), queries.noisy(settings.dataset, settings.noise)
                if preview is not None and not is_stored(queries.rewiring, *key):
                    preview(settings)
                rewiring = queries.rewiring(*key)
        except TorqueError:
            place.empty()
            raise
        place.empty()
        threshold = st.session_state.threshold
        return View(settings, dataset, noisy, source, rewiring, float(threshold) if threshold else None)


def node_positions(view: View) -> np.ndarray:
    """Return the layout of the graph, with a message while it is computed: seconds for a large graph."""
    with st.empty(), st.spinner("Placing the nodes …", show_time=True):  # it takes a place even if it is not drawn
        return queries.layout(view.settings.dataset)


def _chosen_snapshot(settings: Settings) -> Snapshot | None:
    """Return the chosen snapshot and name it on the page; None if it belongs to other settings or is not stored."""
    if not st.session_state.snapshot:
        return None
    snapshot = Snapshot.parse(st.session_state.snapshot)
    run = registry.find(snapshot.run)
    if run is None or registry.rewiring_at(snapshot) is None:
        st.warning(
            "The graphs of that training are no longer stored. The rewiring before training is shown instead.",
            icon=":material/history:",
        )
        st.session_state.snapshot = ""
        return None
    if (run.settings.dataset, run.settings.noise, run.settings.rewire) != (
        settings.dataset, settings.noise, settings.rewire,
    ):  # fmt: skip
        st.session_state.snapshot = ""
        return None
    notice, back = st.columns([5, 2], vertical_alignment="center")
    notice.info(
        f"Graphs of **{METHODS[snapshot.method].title}** from epoch {snapshot.epoch} on, in the training "
        f"«{escape_markdown(run.record.name)}».",
        icon=":material/model_training:",
    )
    back.button("Back to the rewiring before training", icon=":material/undo:", on_click=_leave_training)
    return snapshot


def _leave_training() -> None:
    st.session_state.snapshot = ""


def _download(settings: Settings) -> None:
    line = st.empty()

    def progress(count: int) -> None:
        line.info(f"Downloading {settings.dataset.name}: {count / 1e6:.1f} MB so far …", icon=":material/download:")

    download(settings.dataset, progress=progress)  # before the cached query, which must not draw
    line.empty()


def node_input(size: int, *, purpose: str, names: Sequence[str] | None = None) -> int:
    """Draw the choice of the node that the views show; a number beyond the last node is replaced by the last.

    Args:
        size: Number of nodes.
        purpose: Tooltip.
        names: Names of the nodes, by which a graph that is not too large can be searched.
    """
    requested = st.session_state.node
    if requested >= size:
        st.session_state.node = size - 1
        st.warning(
            f"Node {requested:,} is not in this graph of {size:,} nodes; the last node is shown.",
            icon=":material/info:",
        )
    node = st.session_state.node
    if names and size <= _MAX_NAMES:
        return st.selectbox(
            "Node", range(size), node, format_func=lambda choice: f"{choice}: {visible(names[choice])}", key="node",
            help=f"{purpose} Type a part of the name to search.", width=260, persist_state="session",
        )  # fmt: skip
    return int(
        st.number_input(
            f"Node, 0 to {size - 1:,}", 0, size - 1, node, key="node", help=purpose, width=220, persist_state="session"
        )
    )


def theme() -> Theme:
    """Return the theme of figures that fits the page, light or dark."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def chart_config(**more: object) -> dict[str, object]:
    """Return the configuration of Plotly figures, with the format of saved images that the session has."""
    picture = {"format": st.session_state.image, "scale": 2, "filename": "torque"}
    return {"displaylogo": False, "toImageButtonOptions": picture, **more}


def percent(fraction: float | None) -> str:
    """Format a fraction in percent; a dash if there is none.

    Example:
        >>> percent(0.256), percent(None)
        ('25.6 %', '–')
    """
    return "–" if fraction is None else f"{100 * fraction:.1f} %"
