"""The exports of the page Train: a report of all displayed runs, and the curves and the script of one run."""

import streamlit as st

from pages.shared.frame.deferred_download import deferred_download
from pages.shared.frame.image_format import choose_image_format
from pages.shared.runs.registry import Run
from pages.shared.views.run_export import curves_table, run_script
from pages.shared.views.run_gates import gates_table
from pages.shared.views.run_report import training_report
from torque_core.io.spreadsheets import spreadsheet_csv
from torque_core.utils.text import visible

__all__ = ["draw_take_away"]


def draw_take_away(all_runs: list[Run], displayed: list[Run]) -> None:
    """Draw the exports; the user chooses one of the runs that have ended."""
    with st.expander("Take away", icon=":material/download:", key="run_export", on_change="rerun") as export:
        if not export.open or not all_runs:
            return
        deferred_download(
            st.container(), "Report of this view", training_report(all_runs, displayed), "trainings.html",
            mime="text/html", icon=":material/article:",
            help="One HTML file with the settings, the scores, the figures and the scripts of the runs that are shown. "
            "It works offline, and its figures can be saved as PNG or SVG.",
        )  # fmt: skip
        choose_image_format()
        ended = {run.id: run for run in all_runs if not run.active}
        if not ended:
            return
        chosen = st.selectbox("Run", list(ended), format_func=lambda key: visible(ended[key].record.name),
                              key="export_run")  # fmt: skip
        run = ended[chosen]
        row = st.container(horizontal=True)
        deferred_download(row, "Curves as CSV", lambda: spreadsheet_csv(curves_table([run])), "curves.csv",
                          mime="text/csv", icon=":material/download:")  # fmt: skip
        if not (gates := gates_table([run])).empty:
            deferred_download(row, "Relations as CSV", lambda: spreadsheet_csv(gates), "relations.csv", mime="text/csv",
                              icon=":material/download:")  # fmt: skip
        script = run_script(run)
        if not script:
            st.caption("The graph of this run was replaced by another upload, so there is no script.")
            return
        deferred_download(row, "Python script", lambda: script, "train.py", mime="text/x-python",
                          icon=":material/code:")  # fmt: skip
        st.caption("**Train the same models in Python**; it prints the scores of this run:")
        st.code(script, language="python")
