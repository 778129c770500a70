"""Tables as Markdown: a row for each label, under the title of its group."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from torque_core.datasets import DATASETS
from torque_core.experiments.report.tables import GROUPS, Measures, Table, labels_of, metric_name, noise_name
from torque_core.utils.optional import require

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["columns_of", "detection_text", "label_rate_text", "markdown", "measure_text", "score_text"]

_PER_CLASS = "per-class-"
_NOT_FRACTIONS = ("epochs", "resistance", "resistance_before")

Cell = Callable[[Any, "DataFrame"], str]
"""Formats a cell from its row of statistics and all rows of its column; an empty string leaves it empty."""


def columns_of(table: Table, cells: "DataFrame") -> "dict[str, DataFrame]":
    """Return the rows of statistics of each column, by its title: a noise level or a data set."""
    if table.over_rate:
        return {f"{100 * float(str(rate)):g} %": rows for rate, rows in cells.groupby("rate", sort=True)}
    return {str(place): rows for place, rows in cells.groupby("place", sort=True)}


def markdown(columns: "Mapping[str, DataFrame]", groups: Mapping[str, str], cell: Cell) -> str:
    """Return one table.

    Args:
        columns: Rows of :func:`~torque_core.experiments.report.tables.evidence` of each column, by its title.
        groups: Group of each label, in order, see :func:`~torque_core.experiments.report.tables.labels_of`.
        cell: Formats a cell; a label without any text has no row.

    Returns:
        The table; empty if it has no rows.
    """
    parts = [dict(zip(rows["label"], (cell(row, rows) for row in rows.itertuples()), strict=True))
             for rows in columns.values()]  # fmt: skip
    lines = [f"| | {' | '.join(columns)} |", f"|---|{'--:|' * len(columns)}"]
    before = None
    for label in (label for label in groups if any(part.get(label) for part in parts)):
        if groups[label] != before and set(groups.values()) != {"other"}:
            lines.append(f"| *{GROUPS[groups[label]]}* |{' |' * len(columns)}")
        before = groups[label]
        lines.append(f"| {label} | {' | '.join(part.get(label) or '–' for part in parts)} |")
    return "\n".join(lines) + "\n" if before else ""


def score_text(table: Table, cells: "DataFrame") -> str:
    """Return test scores and, if recorded, changed edges, durations and calibration, each under a heading."""
    columns, groups = _titled(table, cells), labels_of(table.runs)
    further: list[tuple[str, tuple[str, ...], Cell]] = [
        ("edges pruned / edges added, % of the edges", ("pruned", "added"), _changed),
        ("seconds to train + to rewire", ("seconds", "rewire_seconds"), _seconds),
        ("expected calibration error, %", ("ece",), lambda row, _: _percent(row.ece)),
        ("test score before the attack, %", ("before",), lambda row, _: _percent(row.before)),
    ]
    parts = [f"### {table.title}: test score, %\n\n{markdown(columns, groups, _score(scale=100, digits=1))}"]
    for title, needed, cell in further:
        if all(name in cells for name in needed) and (text := markdown(columns, groups, cell)):
            parts.append(f"#### {table.title}: {title}\n\n{text}")
    return "\n".join(parts)


def detection_text(table: Table, cells: "DataFrame") -> str:
    """Return the AUROC of each score, under a heading."""
    text = markdown(_titled(table, cells), labels_of(table.runs), _score(scale=1, digits=3))
    return f"### {table.title}: AUROC of scores as detectors of inserted edges\n\n{text}"


def measure_text(table: Measures) -> str:
    """Return means and standard deviations, under a heading; fractions are given in %."""

    def cell(row: Any, _: "DataFrame") -> str:
        scale, digits = (1, 2) if row.metric in _NOT_FRACTIONS else (100, 1)
        spread = "" if row.std != row.std else f" ± {scale * row.std:.{digits}f}"
        return f"{scale * row.mean:.{digits}f}{spread}" if row.n else ""

    return f"### {table.title}\n\n{markdown(table.columns, table.groups, cell)}"


def label_rate_text(scored: "Sequence[tuple[Table, DataFrame]]") -> str:
    """Return test scores over the number of training nodes per class, under a heading for each noise level.

    Args:
        scored: Tables with their statistics; only schemes with a number of training nodes per class are used.
    """
    pd = require("pandas", extra="studies")

    rows = [cells[cells["scheme"].str.startswith(_PER_CLASS)] for _, cells in scored]
    if not rows or (several := pd.concat(rows)).empty:
        return ""
    groups = labels_of(pd.concat([table.runs for table, _ in scored]))
    parts = []
    cell: Any
    for cell, results in several.groupby(["dataset", "rate", "noise_kind"], sort=True):
        dataset, rate, kind = cell
        trained_on = results["scheme"].str.removeprefix(_PER_CLASS).astype(int)
        columns = {f"{count} per class (n={rows['n'].max()})": rows for count, rows in results.groupby(trained_on)}
        if len(columns) > 1:
            level = noise_name(kind) + (f", {100 * rate:g} %" if rate else "")
            title = f"{DATASETS[dataset].title}, {level}: test score over training nodes, %"
            parts.append(f"### {title}\n\n{markdown(columns, groups, _score(scale=100, digits=1))}")
    return "\n".join(parts)


def _titled(table: Table, cells: "DataFrame") -> "dict[str, DataFrame]":
    """Return the columns with the metric in the title unless it is accuracy, and the largest number of runs."""
    titled = {}
    for title, rows in columns_of(table, cells).items():
        metric = metric_name(rows["dataset"].iloc[0])
        unusual = "" if metric == "accuracy" or table.over_rate else f", {metric}"
        titled[f"{title}{unusual} (n={rows['n'].max()})"] = rows
    return titled


def _score(*, scale: int, digits: int) -> Cell:
    """Format mean ± standard deviation, the best in bold, the mark, and n if it is less than that of the column."""

    def cell(row: Any, rows: "DataFrame") -> str:
        mean, best = (f"{scale * value:.{digits}f}" for value in (row.mean, rows["mean"].max()))
        words = [
            f"**{mean}**" if mean == best else mean,
            "" if row.std != row.std else f"± {scale * row.std:.{digits}f}",
            row.mark,
            f"n={row.n}" if row.n < rows["n"].max() else "",
        ]
        return " ".join(word for word in words if word)

    return cell


def _changed(row: Any, _: "DataFrame") -> str:
    nothing = row.pruned != row.pruned or row.pruned == row.added == 0
    return "" if nothing else f"{100 * row.pruned:.1f} / {100 * row.added:.1f}"


def _seconds(row: Any, _: "DataFrame") -> str:
    return "" if row.seconds != row.seconds else f"{row.seconds:.2f} + {row.rewire_seconds:.2f}"


def _percent(fraction: float) -> str:
    return "" if fraction != fraction else f"{100 * fraction:.1f}"
