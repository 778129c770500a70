"""Report on a store: tables as Markdown and CSV, figures as self-contained HTML."""

import html
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torque_core.datasets import DATASETS
from torque_core.errors import BadConfig
from torque_core.experiments.paired_test import LEVEL
from torque_core.experiments.report.markdown import (
    columns_of,
    detection_text,
    label_rate_text,
    measure_text,
    score_text,
)
from torque_core.experiments.report.tables import (
    Table,
    detection_runs,
    evidence,
    labels_of,
    measure_tables,
    metric_name,
    study_tables,
)
from torque_core.experiments.results.store import Store
from torque_core.experiments.results.versions import software
from torque_core.experiments.statistics import split_ratio
from torque_core.io.spreadsheets import escape_formulas
from torque_core.methods.catalog import METHODS
from torque_core.utils.files import write_atomically
from torque_core.utils.optional import require
from torque_core.utils.suggest import did_you_mean

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from pandas import DataFrame

__all__ = ["write_report"]

_READING = f"""\
Test scores are in %: mean ± standard deviation over the runs of a cell; **bold** is the best of a column. ▲ and ▼:
above and below the plain backbone on the same graph, noise and splits, with p < {LEVEL} by the corrected resampled
t-test of Nadeau and Bengio (2003), which accounts for the nodes that splits share, after Holm's correction over
all comparisons of the table. Where the answers of both methods to every node are stored, the part of the variance that
is due to shared test nodes is measured; otherwise it is bounded, and the test is conservative if most nodes are test
nodes, so a missing mark does not mean that there is no difference. `p_strict` is always the latter. The n of a column
is the largest number of runs of its cells; cells with fewer runs state their n, and – means no runs. The CSV file of a
study has all numbers, with ranks, p values and the intervals of the differences, which have the same correction as the
p values.
"""


def write_report(store: Store, out: str | Path, *, studies: Sequence[str] | None = None) -> list[Path]:
    """Write ``report.md`` and for each study ``<study>.csv`` and, if there is something to draw, ``<study>.html``.

    The same results give the same files. Each file is written atomically. There are no SVG files, since Plotly needs a
    browser to render a figure; in the HTML, the camera button of a figure saves it as SVG.

    Args:
        store: Store of the results.
        out: Folder to write to; created if missing.
        studies: Names of the studies; None for all.

    Returns:
        The files, in the order in which they were written.

    Raises:
        BadConfig: If a study is not in the store, or the store has none.
        OSError: If the folder cannot be written.
    """
    known = store.studies()
    wanted = known if studies is None else tuple(studies)
    if missing := [name for name in wanted if name not in known]:
        raise BadConfig(
            f"{store.path} has no study {missing[0]!r}; it has {', '.join(known) or 'none yet'}"
            f"{did_you_mean(missing[0], known)}"
        )
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
    """Return the Markdown, the CSV, and the figures of a study by title."""
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
    return (
        "\n".join(text),
        escape_formulas(numbers).to_csv(index=False, float_format="%.6g", lineterminator="\n"),
        figures,
    )


def _protocol(store: Store, study: str, frame: "DataFrame") -> str:
    """Return the number of runs, the splits, the tuning budget, and the failures."""
    ran = "; ".join(", ".join(f"{name} {number}" for name, number in each.items()) for each in store.versions(study))
    lines = [f"- {frame['key'].nunique():,} runs, with {ran}."]
    trained = frame.dropna(subset=["test"]) if "test" in frame else frame.iloc[:0]
    cell: Any
    for cell, rows in trained.groupby(["dataset", "scheme"], sort=True):
        dataset, scheme = cell
        lines.append(
            f"- {DATASETS[dataset].title}: {metric_name(dataset)}, {rows['split'].nunique()} splits of the scheme "
            f"`{scheme}`, with {split_ratio(dataset, scheme):.3g} test nodes per training or validation node."
        )
    if named := [f"`{label}` {METHODS[label].title}" for label in sorted(set(trained["label"])) if label in METHODS]:
        lines.append(f"- Methods: {'; '.join(named)}.")
    trials = store.frame(study, role="trial")
    if len(trials):
        budget = int(trials.groupby(["label", "dataset"])["key"].nunique().max())
        splits = ", ".join(str(split) for split in sorted(trials["split"].unique()))
        lines.append(
            f"- Tuning: {trials['key'].nunique():,} further runs selected options by validation score on splits "
            f"{splits}, at most {budget} per label and data set. None of them used test nodes."
        )
    elif len(trained):
        lines.append("- No tuning.")
    if failed := store.failures(study):
        _, label, message = failed[0]
        line = (message.strip().splitlines() or ["no message"])[-1]
        lines.append(f"- {len(failed)} runs failed and are missing below. The first, of {label}: {line}")
    return "\n".join(lines) + "\n"


def _missing(table: Table, cells: "DataFrame") -> str:
    """Return a line on cells with fewer runs than others of their column, or none."""
    missing = []
    for title, rows in columns_of(table, cells).items():
        counts = dict(zip(rows["label"], rows["n"], strict=True))
        most = max(counts.values())
        missing += [
            f"{label} at {title} (n={counts.get(label, 0)} of {most})"
            for label in labels_of(table.runs)
            if counts.get(label, 0) < most
        ]
    return f"- {table.title}: {', '.join(missing)}." if missing else ""


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
    """Return a figure over noise levels, or one for each data set."""
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
    """Return the label that the others of a cell are compared with."""
    known = cells["baseline"].dropna()
    return None if known.empty else str(known.iloc[0])


def _page(study: str, figures: "dict[str, go.Figure]") -> str:
    """Return an HTML page with all figures of a study and the library that draws them."""
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
        "<p>Means over splits; bands and bars are 95 % confidence intervals of the mean. Click an entry of the "
        "legend to hide it.</p>\n" + "\n".join(parts) + "\n</body></html>\n"
    )
