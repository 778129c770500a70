"""The export menu of the page Robustness: a report of the figure, its points and their scripts."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.core.robustness_data import RobustnessData
from pages.shared.frame.deferred_download import deferred_download
from pages.shared.frame.image_format import choose_image_format
from pages.shared.views.robustness_chart import robustness_figure
from torque_core import DATASETS
from torque_core.experiments.report.tables import metric_name, noise_name
from torque_core.experiments.robustness import DETECTION, Disturbed
from torque_core.figures.report import ChartSection, CodeSection, Section, TableSection, report_html
from torque_core.figures.styles import Style
from torque_core.io.snippet import experiment_script
from torque_core.io.spreadsheets import spreadsheet_csv

__all__ = ["draw_robustness_export"]

_COLUMNS = {
    "label": "line", "rate": "noise level", "n": "runs", "mean": "mean", "std": "standard deviation",
    "low": "95 % CI, low", "high": "95 % CI, high",
}  # fmt: skip


def draw_robustness_export(
    place: DeltaGenerator, graph: Disturbed, data: RobustnessData, styles: dict[str, Style], level: float
) -> None:
    """Draw a button that opens the export menu.

    Args:
        place: The container of the menu.
        graph: The graph and its noise.
        data: The runs that are shown.
        styles: Style of each line in the figure.
        level: The noise level of the sidebar.
    """
    with place.popover("Export", icon=":material/download:"):
        deferred_download(
            st.container(), "Report of this view", _report(graph, data, styles, level),
            f"robustness-{graph.dataset}.html", mime="text/html", icon=":material/article:",
            help="One HTML file with the figure, the numbers of all its points and a script for each line. It works "
            "offline, and its figure can be saved as PNG or SVG.",
        )  # fmt: skip
        shown = data.runs[data.runs["label"].isin(list(styles))]
        deferred_download(
            st.container(), "All runs as CSV", lambda: spreadsheet_csv(shown), f"robustness-{graph.dataset}.csv",
            mime="text/csv", icon=":material/download:",
            help="All runs of the lines in the figure, with their settings and scores.",
        )  # fmt: skip
        choose_image_format()


def _report(graph: Disturbed, data: RobustnessData, styles: dict[str, Style], level: float) -> Callable[[], str]:
    """Gather what the report needs; the returned function writes it."""
    drawn, scored = robustness_figure(graph, data, styles, level), st.session_state.measure == "score"
    title = DATASETS[graph.dataset].title
    parameters = {
        "data set": title, "split scheme": graph.scheme, "noise": noise_name(graph.noise_kind),
        "measure": f"test {metric_name(graph.dataset)}" if scored else "AUROC of the detection of injected edges",
        "runs": ", ".join(_sources(data)), "noise level of the scripts": f"{100 * level:g} %",
    }  # fmt: skip
    cells = data.cells[data.cells["label"].isin(list(styles))]
    table = cells[list(_COLUMNS)].sort_values(["label", "rate"]).rename(columns=_COLUMNS)
    sections: list[tuple[str, Section]] = [
        ("Robustness", ChartSection(drawn.figure, drawn.alt)),
        ("All points", TableSection(table, "Scores and noise levels are fractions. CI: interval of the mean.")),
    ]  # fmt: skip
    for label in styles if scored else [DETECTION]:
        runs = data.runs[(data.runs["label"].isin([label] if scored else list(styles))) & (data.runs["rate"] == level)]
        if len(runs):
            split = int(runs["split"].min())
            script = experiment_script(data.recipes[label].at(graph, level, split))
            sections.append((f"{label} in Python", CodeSection(script, f"It prints the scores of split {split}.")))
    return lambda: report_html(f"Robustness on {title}", parameters, sections)


def _sources(data: RobustnessData) -> list[str]:
    """Where the runs come from."""
    here = data.runs["here"]
    return [name for name, some in (("included in the app", ~here), ("of this server", here)) if some.any()]
