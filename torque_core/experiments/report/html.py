"""The report of a store: tables as Markdown and CSV, figures as HTML that needs nothing else."""

import html
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torque_core.datasets import DATASETS
from torque_core.errors import BadConfig
from torque_core.experiments.report.markdown import (
    columns_of,
    detection_text,
    label_rate_text,
    measure_text,
    score_text,
)
from torque_core.experiments.report.tables import (
    LEVEL,
    Table,
    detection_runs,
    evidence,
    labels_of,
    measure_tables,
    metric_name,
    study_tables,
)
from torque_core.experiments.results.store import Store, software
from torque_core.experiments.statistics import split_ratio
from torque_core.methods.catalog import METHODS
from torque_core.utils.files import write_atomically
from torque_core.utils.optional import require

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from pandas import DataFrame

__all__ = ["write_report"]

_READING = f"""\
Test scores are in %: mean ± standard deviation over the runs of a cell; **bold** is the best of a column. ▲ and ▼:
above and below the plain backbone on the same graph, noise and splits, with p < {LEVEL} by the corrected resampled
t-test of Nadeau and Bengio (2003), which allows for the test nodes that splits share, after Holm's correction over all
comparisons of the table. No mark does not mean no difference: where most nodes are for testing the test is strict. A
column's n is the most runs of a cell in it: a cell with fewer says so, and where there is none stands –. A study's CSV
has all numbers, with intervals, ranks and p values.
"""


def write_report(store: Store, out: str | Path, *, studies: Sequence[str] | None = None) -> list[Path]:
    """Write ``report.md`` and for each study ``<study>.csv`` and, if there is something to draw, ``<study>.html``.

    The same results give the same files. Each appears whole: it is written beside its place and then moved there.
    There are no SVG files, as nothing that the package requires draws a Plotly figure without a browser; in the HTML,
    the camera in the corner of a figure saves it as SVG.

    Args:
        store: Where the results are.
        out: Folder to write to; it is made if need be.
        studies: Names of the studies; None for all.

    Returns:
        The files, in the order in which they were written.

    Raises:
        BadConfig: A study is not in the store, or the store has none.
        OSError: The folder cannot be written.
    """
    known = store.studies()
    wanted = known if studies is None else tuple(studies)
    if missing := [name for name in wanted if name not in known]:
        raise BadConfig(f"{store.path} has no study {missing[0]!r}; it has {', '.join(known) or 'none yet'}")
    if not wanted:
        raise BadConfig(f"{store.path} has no study yet; run one first")
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    command = ["python", "-m", "torque_core", "report", "--store", str(store.path), "--out", str(folder)]
    command += [word for name in studies or () for word in ("--study", name)]
    versions = ", ".join(f"{name} {version}" for name, version in software().items())
    text = [f"# Results\n\nMade by `{shlex.join(command)}` with {versions}.\n\n{_READING}"]
    written = []
    for study in wanted:
        part, numbers, figures = _study(store, study)
        for suffix, content in ((".csv", numbers), (".html", _page(study, figures) if figures else "")):
            if content:
                written.append(write_atomically(folder / f"{study}{suffix}", content.encode()))
        files = ", ".join(f"`{path.name}`" for path in written if path.stem == study)
        text.append(f"{part}\nFiles: {files}.\n" if files else part)
    return [*written, write_atomically(folder / "report.md", "\n".join(text).encode())]


def _study(store: Store, study: str) -> "tuple[str, str, dict[str, go.Figure]]":
    """Its part of the Markdown, its CSV, and its figures by title."""
    pd = require("pandas", extra="studies")

    frame = store.frame(study)
    scored = [(table, evidence(table)) for table in study_tables(frame)]
    detected = [(table, evidence(table, "auroc")) for table in study_tables(detection_runs(frame), "auroc")]
    measured = measure_tables(frame)
    text = [f"## {study}\n", _protocol(store, study, frame)]
    text += [overview] if (overview := label_rate_text(scored)) else []
    text += [score_text(*both) for both in scored] + [detection_text(*both) for both in detected]
    text += [measure_text(table) for table in measured]
    missing = [line for both in (*scored, *detected) if (line := _missing(*both))]
    if missing:
        text.append("Missing:\n\n" + "\n".join(missing) + "\n")
    figures = {title: figure for both in scored for title, figure in _score_figures(*both).items()}
    figures |= {
        f"{table.title}: detection": _over_rate(table, cells, True) for table, cells in detected if table.over_rate
    }
    if not scored and not detected and not measured:
        return "\n".join(text), "", figures
    numbers = pd.concat(
        [cells.assign(table=table.name, metric="test") for table, cells in scored]
        + [cells.assign(table=table.name, metric="auroc") for table, cells in detected]
        + [cells.assign(table=table.name) for table in measured for cells in table.columns.values()]
    )
    ahead = ["table", "metric"]
    numbers = numbers[[*ahead, *(name for name in numbers if name not in ahead)]]
    return "\n".join(text), numbers.to_csv(index=False, float_format="%.6g", lineterminator="\n"), figures


def _protocol(store: Store, study: str, frame: "DataFrame") -> str:
    """How many runs there are, on which splits, what tuning cost, and what failed."""
    ran = "; ".join(", ".join(f"{name} {number}" for name, number in each.items()) for each in store.versions(study))
    lines = [f"- {frame['key'].nunique():,} runs, by {ran}."]
    trained = frame.dropna(subset=["test"]) if "test" in frame else frame.iloc[:0]
    cell: Any
    for cell, rows in trained.groupby(["dataset", "scheme"], sort=True):
        dataset, scheme = cell
        lines.append(
            f"- {DATASETS[dataset].title}: {metric_name(dataset)}, {rows['split'].nunique()} splits of the scheme "
            f"`{scheme}`, with {split_ratio(dataset, scheme):.3g} test nodes to one for training or validation."
        )
    if named := [f"`{label}` {METHODS[label].title}" for label in sorted(set(trained["label"])) if label in METHODS]:
        lines.append(f"- Methods: {'; '.join(named)}.")
    trials = store.frame(study, role="trial")
    if len(trials):
        budget = int(trials.groupby(["label", "dataset"])["key"].nunique().max())
        splits = ", ".join(str(split) for split in sorted(trials["split"].unique()))
        lines.append(
            f"- Tuning: {trials['key'].nunique():,} further runs chose options by their validation scores on splits "
            f"{splits}, at most {budget} for a label on a data set. None of them saw a test node."
        )
    elif len(trained):
        lines.append("- Nothing was tuned.")
    if failed := store.failures(study):
        _, label, message = failed[0]
        said = (message.strip().splitlines() or ["no message"])[-1]
        lines.append(f"- {len(failed)} runs failed and are missing below. The first, of {label}: {said}")
    return "\n".join(lines) + "\n"


def _missing(table: Table, cells: "DataFrame") -> str:
    """Cells with fewer runs than others of their column, and those with none."""
    found = []
    for title, rows in columns_of(table, cells).items():
        counts = dict(zip(rows["label"], rows["n"], strict=True))
        most = max(counts.values())
        found += [
            f"{label} at {title} (n={counts.get(label, 0)} of {most})"
            for label in labels_of(table.runs)
            if counts.get(label, 0) < most
        ]
    return f"- {table.title}: {', '.join(found)}." if found else ""


def _over_rate(table: Table, cells: "DataFrame", detection: bool) -> "go.Figure":
    from torque_core.figures import LIGHT
    from torque_core.figures.over_noise import accuracy_over_noise, detection_over_noise
    from torque_core.figures.styles import method_styles

    styles = method_styles(labels_of(table.runs), LIGHT)
    if detection:
        return detection_over_noise(cells, styles, LIGHT, noise_kind=table.noise_kind)
    title = f"test {metric_name(cells['dataset'].iloc[0])} (%)"
    return accuracy_over_noise(cells, styles, LIGHT, title=title, noise_kind=table.noise_kind)


def _score_figures(table: Table, cells: "DataFrame") -> "dict[str, go.Figure]":
    """One over the noise, or one for each data set."""
    from torque_core.figures import LIGHT
    from torque_core.figures.accuracy_dot_plot import accuracy_dot_plot
    from torque_core.figures.styles import method_styles

    if table.over_rate:
        return {table.title: _over_rate(table, cells, False)}
    styles = method_styles(labels_of(table.runs), LIGHT)
    return {
        f"{place}: {table.title}": accuracy_dot_plot(
            rows, styles, LIGHT, baseline=_baseline(rows), title=f"test {metric_name(rows['dataset'].iloc[0])} (%)"
        )
        for place, rows in cells.groupby("place", sort=True)
    }


def _baseline(cells: "DataFrame") -> str | None:
    """What the labels of a cell are compared with."""
    known = cells["baseline"].dropna()
    return None if known.empty else str(known.iloc[0])


def _page(study: str, figures: "dict[str, go.Figure]") -> str:
    """All figures of a study in one HTML file, with the library that draws them."""
    get_plotlyjs = require("plotly.offline", extra="studies").get_plotlyjs

    config = {"displaylogo": False, "responsive": True, "toImageButtonOptions": {"format": "svg"}}
    parts = []
    for number, (title, figure) in enumerate(figures.items(), start=1):
        figure.update_layout(template="plotly_white")
        drawn = figure.to_html(full_html=False, include_plotlyjs=False, div_id=f"figure-{number}", config=config)
        parts.append(f"<h2>{html.escape(title)}</h2>\n{drawn}")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(study)}</title>\n'
        "<style>body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}</style>\n"
        f"<script>{get_plotlyjs()}</script></head>\n<body><h1>{html.escape(study)}</h1>\n"
        "<p>Means over splits; bands and bars are 95 % confidence intervals of the mean. Click a name in a legend to "
        "hide it.</p>\n" + "\n".join(parts) + "\n</body></html>\n"
    )
