"""What a training is exported as: its curves as a table, and a script that trains the same models."""

from collections.abc import Sequence

import pandas as pd

from pages.shared.core.uploads import current_upload, graph_code
from pages.shared.runs.registry import Run
from torque_core.io.snippet import training_script

__all__ = ["curves_table", "run_script"]


def run_script(run: Run) -> str:
    """Return the script of a run; empty if its graph was replaced by another upload."""
    settings, upload = run.settings, current_upload()
    if run.private and (upload is None or upload.graph.content != settings.dataset.content):
        return ""
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
