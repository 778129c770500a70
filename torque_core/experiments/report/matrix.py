"""The matrix of evidence: the difference of torque to the plain model, for each graph and disturbance."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torque_core.experiments.paired_test import LEVEL
from torque_core.experiments.report.tables import Table
from torque_core.experiments.studies.questions import readable_studies
from torque_core.methods.catalog import METHODS
from torque_core.utils.optional import require

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["COLUMNS", "LEFT_OUT", "Column", "evidence_matrix", "matrix_summary", "verdict_of"]


@dataclass(frozen=True)
class Column:
    """A column of the matrix.

    Attributes:
        title: Title for readers.
        labels: Labels of the runs of torque, that of the present default settings first. A cell shows the first of
            which at least two splits are stored, otherwise the first of which any run is.
        noise_kind: Kind of the noise.
        rate: Noise level; None for the highest that was run.
    """

    title: str
    labels: tuple[str, ...]
    noise_kind: str
    rate: float | None = 0.0


_DEFAULTS = ("torque_screened", "torque_bounded", "torque_default")
COLUMNS = (
    Column("clean", _DEFAULTS, "none"),
    Column("+50 %", _DEFAULTS, "insert", 0.5),
    Column("+100 %", _DEFAULTS, "insert", 1.0),
    Column("Metattack", _DEFAULTS, "metattack", None),
    Column("PRBCD", _DEFAULTS, "prbcd", None),
    Column("adaptive attack", ("torque_screened", "torque_adaptive"), "attack", None),
    Column("as a relation", ("torque_default_relational",), "none"),
)
"""The columns, from the clean graph over random edges and attacks to pruned edges as a separate relation."""

LEFT_OUT = frozenset({"labels", "pseudo_labels", "ablation", "clean_separate", "squashing"})
"""Studies that the matrix does not show: they answer other questions, with other models or few splits."""
_FEWEST_SPLITS = 2  # without them, there is no interval
_GCN, _LAYERS = "gcn", 2  # the model of a study that names none


def verdict_of(difference: float, p: float) -> str:
    """Return ``better``, ``worse`` or, if the difference is not significant, ``undecided``.

    Example:
        >>> verdict_of(0.05, 0.01), verdict_of(-0.05, 0.01), verdict_of(0.05, 0.2), verdict_of(0.05, float("nan"))
        ('better', 'worse', 'undecided', 'undecided')
    """
    return "undecided" if not p < LEVEL else "better" if difference > 0 else "worse"


def evidence_matrix(studies: "Mapping[str, Iterable[tuple[Table, DataFrame]]]") -> "DataFrame":
    """Return one row for each graph and column of :data:`COLUMNS` of which runs are stored.

    All numbers are those of the study's own table, see :func:`~torque_core.experiments.report.tables.evidence`:
    interval and p value have the same correction. Runs with the present default settings come before those with the
    former ones; of several studies of the same graph, the first in the order of
    :data:`~torque_core.experiments.studies.questions.QUESTIONS` counts. Only GCNs are compared; the studies
    in :data:`LEFT_OUT` do not count.

    Args:
        studies: Tables of each study with their statistics.

    Returns:
        ``row`` (graph), ``column`` (an ordered categorical), ``study``, ``table``, ``place``, ``scheme``,
        ``noise_kind`` (of the table), ``rate``, ``label``, ``baseline``, ``n``, ``difference``, ``low``, ``high``,
        ``p`` (corrected), ``verdict``, ``mlp`` (difference of an MLP to the plain model), ``control`` and
        ``control_label`` (the best control); differences are fractions.
    """
    pd = require("pandas", extra="studies")

    cells: dict[tuple[str, str, int, str], list[dict[str, Any]]] = {}
    order = readable_studies(set(studies) - LEFT_OUT)
    for column, label, study in ((c, label, study) for c in COLUMNS for label in c.labels for study in order):
        for table, evidence in studies[study]:
            for cell in _cells_of(column, label, table, evidence):
                place = cell["dataset"], cell["scheme"], cell["layers"], column.title
                cells.setdefault(place, []).append(cell | {"study": study})
    rows = pd.DataFrame([max(found, key=lambda cell: cell["n"] >= _FEWEST_SPLITS) for found in cells.values()])
    if rows.empty:
        return rows
    return _named(rows)


def _cells_of(column: Column, label: str, table: Table, evidence: "DataFrame") -> Iterable[dict[str, Any]]:
    """Yield the cells of a column in a table, from the runs with a label."""
    of_kind = evidence["noise_kind"] == column.noise_kind
    if not (of_kind & (evidence["label"] == label)).any():
        return
    rows = evidence[of_kind & evidence["difference"].notna()]
    if column.rate is not None:
        rows = rows[rows["rate"] == column.rate]
    models = table.runs[table.runs["label"] == label]
    cell: Any
    for cell, at in rows.groupby(["dataset", "scheme"], sort=True):
        here = at[at["rate"] == at["rate"].max()].set_index("label")
        runs = models[(models["dataset"] == cell[0]) & (models["scheme"] == cell[1])]
        if label not in here.index or not _is_gcn(runs.iloc[0]):
            continue
        torque = here.loc[label]
        relational = label.endswith("_relational")
        controls = here.loc[[label for label in here.index if _is_control(label, relational=relational)], "difference"]
        best = controls.idxmax() if len(controls) else None
        yield {
            "dataset": cell[0], "scheme": cell[1], "layers": _layers(runs.iloc[0]), "column": column.title,
            "table": table.name, "place": torque["place"], "noise_kind": table.noise_kind, "rate": torque["rate"],
            "label": label, "baseline": torque["baseline"], "n": int(torque["pairs"]),
            "difference": torque["difference"], "low": torque["difference_low"], "high": torque["difference_high"],
            "p": torque["p_holm"], "verdict": verdict_of(torque["difference"], torque["p_holm"]),
            "mlp": here["difference"].get("mlp", math.nan), "control_label": best,
            "control": math.nan if best is None else controls[best],
        }  # fmt: skip


def _is_gcn(model: Any) -> bool:
    backbone = model.get("backbone")
    return backbone in (_GCN, None) or backbone != backbone  # attacks name none: their models are GCNs


def _layers(model: Any) -> int:
    layers = model.get("layers")
    return int(layers) if layers and layers == layers else _LAYERS


def _is_control(label: str, *, relational: bool) -> bool:
    return label in METHODS and METHODS[label].kind == "control" and label.endswith("_relational") == relational


def _named(rows: "DataFrame") -> "DataFrame":
    """Add the titles of the rows, with whatever distinguishes those of the same data set, and sort."""
    pd = require("pandas", extra="studies")

    titles = [str(place).split(" (")[0] for place in rows["place"]]
    for name, text in (("scheme", "{}"), ("layers", "{} layers")):
        values: dict[str, set[Any]] = {}
        for dataset, value in zip(rows["dataset"], rows[name], strict=True):
            values.setdefault(dataset, set()).add(value)
        titles = [
            f"{title}, {text.format(value)}" if len(values[dataset]) > 1 else title
            for title, dataset, value in zip(titles, rows["dataset"], rows[name], strict=True)
        ]
    columns = pd.Categorical(rows["column"], [column.title for column in COLUMNS], ordered=True)
    widths = Counter(titles)
    rows = rows.assign(
        row=titles, column=columns.remove_unused_categories(), width=[-widths[title] for title in titles]
    )
    # graphs with most columns first: they tell most
    return rows.sort_values(["width", "row", "column"]).drop(columns="width").reset_index(drop=True)


def matrix_summary(matrix: "DataFrame") -> list[str]:
    """Return one sentence for each column of the matrix: on how many graphs torque is better, undecided and worse.

    It says on how many of them only runs with former default settings are stored.

    Example:
        >>> import pandas as pd
        >>> cells = pd.DataFrame({"row": ["Cora", "Actor"], "column": pd.Categorical(["clean", "clean"]),
        ...                       "label": ["torque_screened", "torque_default"], "difference": [0.04, 0.0],
        ...                       "verdict": ["better", "undecided"]})
        >>> matrix_summary(cells)
        ['**clean** (2 graphs, 1 with former settings): better on 1, up to +4.0 points (Cora); undecided on 1; \
worse on 0.']
    """
    return [_sentence(title, matrix[matrix["column"] == title]) for title in matrix["column"].cat.categories]


def _sentence(title: str, cells: "DataFrame") -> str:
    parts = []
    for verdict, direction in (("better", "up"), ("undecided", ""), ("worse", "down")):
        rows = cells[cells["verdict"] == verdict].sort_values("difference", ascending=verdict == "worse")
        text = f"{verdict} on {len(rows)}"
        if direction and len(rows):
            most = rows.iloc[0]
            text += f", {direction} to {100 * most['difference']:+.1f} points ({most['row']})"
        parts.append(text)
    former = int(cells["label"].isin(_DEFAULTS[1:]).sum())
    graphs = f"{len(cells)} graph{'s'[: len(cells) > 1]}" + (f", {former} with former settings" if former else "")
    return f"**{title}** ({graphs}): {'; '.join(parts)}."
