"""The chart of the page Robustness: scores against the noise level."""

import streamlit as st

from pages.shared.core.robustness_data import RobustnessData
from pages.shared.frame.page import chart_config, theme
from torque_core.experiments.report.tables import metric_name
from torque_core.experiments.robustness import Disturbed
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.over_noise import accuracy_over_noise, detection_over_noise
from torque_core.figures.styles import Style

__all__ = ["draw_robustness_chart", "robustness_figure"]


def robustness_figure(
    graph: Disturbed, data: RobustnessData, styles: dict[str, Style], level: float
) -> DescribedFigure:
    """The score of each line against the noise level."""
    scored = st.session_state.measure == "score"
    metric = f"test {metric_name(graph.dataset)} (%)" if scored else "AUROC"
    draw = accuracy_over_noise if scored else detection_over_noise
    options = {"title": metric} if scored else {}
    figure = draw(
        data.cells, styles, theme(), noise_kind=graph.noise_kind, level=level, ringed=_ringed(data), **options
    )  # fmt: skip
    at_level = data.cells[(data.cells["rate"] == level) & data.cells["label"].isin(list(styles))]
    scale = 100 if scored else 1
    values = "; ".join(f"{row.label} {scale * row.mean:.3g}" for row in at_level.itertuples())
    alt = (
        f"Mean {metric} against the noise level of {', '.join(styles)}, with 95 % confidence intervals. "
        f"At {100 * level:g} %: {values or 'no runs yet'}."
    )
    return DescribedFigure(figure, alt, None)


def draw_robustness_chart(graph: Disturbed, data: RobustnessData, styles: dict[str, Style], level: float) -> None:
    """Draw the figure, in which points can be clicked."""
    drawn = robustness_figure(graph, data, styles, level)
    st.plotly_chart(
        drawn.figure, key="robustness_figure", config=chart_config(), on_select=_select_clicked,
        selection_mode="points", alt=drawn.alt,
    )  # fmt: skip
    st.caption(
        "Bands: 95 % confidence interval of the mean over splits and seeds. Dashed line: the noise level of the "
        + ("sidebar. Rings: points that include runs of this server. " if _ringed(data) else "sidebar. ")
        + "**Click a point** to see its runs."
    )


def _ringed(data: RobustnessData) -> set[tuple[str, float]]:
    """The points with runs of this server, if there are other runs as well."""
    return set() if data.runs["here"].all() else data.local_points


def _select_clicked() -> None:
    """Show the point that was clicked."""
    for point in st.session_state.robustness_figure.selection.points:
        if data := point.get("customdata"):
            st.session_state.update(rate=round(100 * float(data[1])), point=str(data[0]))
