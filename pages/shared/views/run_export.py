"""Export of a training: its curves as a table, and a script that trains the same models."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.shared.core.uploads import current_upload, graph_code
from pages.shared.frame.deferred_download import deferred_download
from pages.shared.runs.registry import Run
from torque_core.io.graph_formats import spreadsheet_csv
from torque_core.io.snippet import training_script
from torque_core.utils.text import visible

__all__ = ["curves_table", "draw_run_export", "run_script"]


def draw_run_export(runs: list[Run]) -> None:
    """Draw the exports of one of the runs, which the user chooses if there are several."""
    with st.expander("Take away", icon=":material/download:", key="run_export", on_change="rerun") as export:
        if not export.open or not runs:
            return
        names = {run.id: visible(run.record.name) for run in runs}
        chosen = st.selectbox("Run", list(names), format_func=names.__getitem__, key="export_run")
        run = next(one for one in runs if one.id == chosen)
        row = st.container(horizontal=True)
        deferred_download(row, "Curves as CSV", lambda: spreadsheet_csv(curves_table([run])), "curves.csv",
                          mime="text/csv", icon=":material/download:")  # fmt: skip
        upload = current_upload()
        if run.private and (upload is None or upload.graph.content != run.settings.dataset.content):
            st.caption("The graph of this run was replaced by another upload, so there is no script.")
            return
        script = run_script(run)
        deferred_download(row, "Python script", lambda: script, "train.py", mime="text/x-python",
                          icon=":material/code:")  # fmt: skip
        st.caption("**Train the same models in Python**; it prints the scores of this run:")
        st.code(script, language="python")


def run_script(run: Run) -> str:
    """Return the script of a run."""
    settings = run.settings
    code = graph_code(settings.dataset, settings.noise)
    return training_script(
        code, run.record.spec, settings.rewire, list(run.models), device=settings.device, seeds=len(run.record.seeds)
    )


def curves_table(runs: Sequence[Run]) -> pd.DataFrame:
    """Return one row for each run, seed, model and epoch; scores are in [0, 1]."""
    rows = [
        {"run": run.record.name, "model": method, "seed": seed, **vars(epoch)}
        for run in runs
        for seed, models in run.record.seeds.items()
        for method, model in models.items()
        for epoch in list(model.epochs)
    ]
    return pd.DataFrame(rows)
