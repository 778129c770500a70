"""Report of the displayed trainings as one HTML file: their scores, curves, calibration, relations and scripts."""

from collections.abc import Callable

from pages.shared.runs.registry import Run
from pages.shared.state.declarations import SETTINGS
from pages.shared.views.run_charts import curves_figure
from pages.shared.views.run_errors import calibration_figure
from pages.shared.views.run_export import run_script
from pages.shared.views.run_gates import gates_figures
from pages.shared.views.run_scores import scores_table
from torque_core.figures.report import ChartSection, CodeSection, TableSection, report_html

__all__ = ["training_report"]


def training_report(all_runs: list[Run], displayed: list[Run]) -> Callable[[], str]:
    """Gather what the report of the displayed runs needs; the returned function writes it."""
    parameters = {run.record.name: _settings(run) for run in displayed}
    table, curves = scores_table(all_runs, displayed), curves_figure(all_runs, displayed)
    calibration = calibration_figure(all_runs, displayed)
    gates = gates_figures(all_runs, displayed)
    scripts = [(run.record.name, script) for run in displayed if (script := run_script(run))]
    sections = [
        ("Test scores", TableSection(table, "Means over the seeds of a run; ±: standard deviation (sd) over seeds, or "
                                     "standard error (se) of one seed. See the settings above for split and noise.")),
        ("Curves", ChartSection(curves.figure, curves.alt)),
        *([("Calibration", ChartSection(calibration.figure, calibration.alt))] if calibration else []),
        *[(f"Relations of {label}", ChartSection(drawn.figure, drawn.alt)) for label, drawn in gates.items()],
        *[(f"{name} in Python", CodeSection(text, "It prints the test scores above.")) for name, text in scripts],
    ]  # fmt: skip
    return lambda: report_html("Trainings", parameters, sections)


def _settings(run: Run) -> str:
    """The data set of a run and all settings that differ from their defaults."""
    values = (f"{SETTINGS[key].label}: {text}" for key, text in run.record.link.items() if key != "data")
    return "; ".join([run.record.title, *values])
