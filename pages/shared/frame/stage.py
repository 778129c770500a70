"""The stage as a component: the figure of a graph, and the control of the cut, see :mod:`torque_core.figures.stage`."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import streamlit as st

from pages.shared.frame.gestures import OnSelect, selection_callback
from pages.shared.state.declarations import SETTINGS
from torque_core.figures.palette import Theme
from torque_core.figures.stage import stage_script, stage_style

__all__ = ["cut_control", "cut_serial", "draw_part", "numbers_strip", "stage", "steps_control"]

draw_part = st.components.v2.component("stage", css=stage_style(), js=stage_script("stage_component"))
"""Draw a part of a view; ``data["part"]`` names it, see ``_static/stage.js``."""


def stage(
    network: dict[str, object],
    *,
    key: str,
    group: str,
    alt: str,
    height: int = 560,
    live: dict[str, object] | None = None,
    switch: bool = True,
    numbers: bool = True,
    title: str = "",
    steps: Sequence[Mapping[str, object]] | None = None,
    selected_nodes: Iterable[int] = (),
    selected_edges: Iterable[tuple[int, int]] = (),
    camera: str | None = None,
    on_select: OnSelect | None = None,
) -> None:
    """Draw a graph that can be dragged, zoomed, hovered and clicked, and shown before, during and after its rewiring.

    The caller holds the selection and passes it on every run; gestures are reported to ``on_select``, as by
    :func:`~pages.shared.frame.network_canvas.network_canvas`. What is shown is the setting ``shown``. With focus, the
    arrow keys walk along the edges, Enter selects, Shift and an arrow key moves the view, + and - zoom, and 0 shows the
    whole graph.

    Args:
        network: See :func:`~torque_core.figures.network_data`.
        key: Key of the component.
        group: Name of the view; its stages and its control of the cut share the cut.
        alt: Description of the picture for screen readers.
        height: Height of the picture in pixels.
        live: The cut, see :func:`~torque_core.figures.stage.live_cut`; None if the fates of the edges are fixed.
        switch: Whether the user can choose what is shown; otherwise the changes are.
        numbers: Whether the stage shows what a cut does in numbers; False where :func:`numbers_strip` does.
        title: Title above the graph.
        steps: The graphs among which :func:`steps_control` chooses, each with its ``title``, ``alt`` and ``edges`` of
            the network; None if there is only one.
        selected_nodes: Selected nodes; those that are not drawn are ignored.
        selected_edges: Selected edges, as pairs of nodes; those that are not drawn are ignored.
        camera: Stages with the same name on a page share their camera.
        on_select: Called with the nodes, the edges as pairs with the smaller node first, and whether to extend the
            selection. If None, nothing can be selected.
    """

    def show() -> None:
        if SETTINGS["shown"].allows(str(chosen := st.session_state[key]["shown"])):
            st.session_state.shown = chosen

    draw_part(
        key=key,
        data={
            "part": "stage",
            "group": group,
            "network": network,
            "height": height,
            "alt": alt,
            "live": live,
            "shown": st.session_state.shown if switch else None,
            "numbers": numbers,
            "title": title,
            "steps": steps,
            "nodes": list(selected_nodes),
            "edges": list(selected_edges),
            "camera": camera,
            "image": st.session_state.image,
            "listens": on_select is not None,
        },
        on_gesture_change=selection_callback(key, on_select) if on_select else lambda: None,
        on_shown_change=show,
    )


def numbers_strip(counts: dict[str, object], theme: Theme, *, key: str, group: str) -> None:
    """Draw what the rewiring does in numbers: gain and cost. They follow while the user moves the cut of a stage.

    Args:
        counts: See :func:`~torque_core.figures.stage.counts_data`.
        theme: Light or dark theme.
        key: Key of the component.
        group: Name of the view, as for :func:`stage`.
    """
    colors = {"text": theme.text, "outline": theme.outline}
    draw_part(key=key, data={"part": "numbers", "group": group, "counts": counts, "colors": colors})


def cut_control(
    cut: dict[str, object],
    *,
    key: str,
    group: str,
    alt: str,
    live: dict[str, object],
    on_bars: Callable[[int, int], None] | None = None,
    on_points: Callable[[list[int]], None] | None = None,
) -> None:
    """Draw the control of the cut, which sets the setting ``threshold`` when the user has moved it.

    Args:
        cut: See :func:`~torque_core.figures.stage.cut_data`.
        key: Key of the component.
        group: Name of the view, as for :func:`stage`.
        alt: Description of the chart.
        live: The cut, see :func:`~torque_core.figures.stage.live_cut`.
        on_bars: Called with the first bar that was clicked or covered by a drag, and the one after the last.
        on_points: Called with the columns of the edges whose points were clicked or covered by a drag.
    """

    def move() -> None:
        event = st.session_state[key]["cut"]
        text = str(event["value"])
        if not text or SETTINGS["threshold"].allows(text):
            st.session_state.update(threshold=text, cut_serial=int(event["serial"]))

    def select() -> None:
        assert on_bars is not None
        first, end = st.session_state[key]["bars"]
        on_bars(int(first), int(end))

    def select_points() -> None:
        assert on_points is not None
        on_points([int(column) for column in st.session_state[key]["points"]])

    draw_part(
        key=key,
        data={"part": "cut", "group": group, "alt": alt, "live": live, "listens": on_bars is not None, **cut},
        on_cut_change=move,
        on_bars_change=select if on_bars else lambda: None,
        on_points_change=select_points if on_points else lambda: None,
    )


def steps_control(titles: Sequence[str], theme: Theme, *, key: str, group: str) -> None:
    """Draw the control that shows or plays the steps of a stage; the step is the setting ``frame`` once the user rests.

    Args:
        titles: Titles of the steps.
        theme: Light or dark theme.
        key: Key of the component.
        group: Name of the view, as for :func:`stage`.
    """

    def move() -> None:
        event = st.session_state[key]["step"]
        if SETTINGS["frame"].allows(str(event["value"])):
            st.session_state.update(frame=int(event["value"]), step_serial=int(event["serial"]))

    colors = {"text": theme.text, "background": theme.background, "outline": theme.outline, "ring": theme.added}
    serial = int(st.session_state.get("step_serial", 0))
    data = {"titles": list(titles), "step": st.session_state.frame, "serial": serial}
    draw_part(key=key, data={"part": "steps", "group": group, "colors": colors, **data}, on_step_change=move)


def cut_serial() -> int:
    """Return the serial number of the last cut that this session heard of."""
    return int(st.session_state.get("cut_serial", 0))
