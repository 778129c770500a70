"""The table of the pages Evidence and Robustness: the scores of all methods on one graph."""

import pandas as pd
import streamlit as st

from torque_core.experiments.paired_test import LEVEL
from torque_core.io.spreadsheets import spreadsheet_csv
from torque_core.methods.catalog import METHODS

__all__ = ["as_csv", "draw_evidence_table"]

_NARROW = 60  # pixels: all columns up to the verdict fit a window of 1024 pixels, beside the sidebar, too
_ON_REQUEST = ("p_strict", "title")  # columns without which the others fit a window of 1440 pixels beside the sidebar
_WIDTHS = {"before": 100, "ece": 56}  # of other columns, in pixels; 68 if not named


def draw_evidence_table(
    cells: pd.DataFrame, groups: dict[str, str], metric: str, name: str, *, beside_sidebar: bool = False
) -> None:
    """Draw the table and its download button.

    Args:
        cells: Rows of :func:`~torque_core.experiments.report.tables.evidence` for one data set and noise level.
        groups: Group of each label.
        metric: ``test`` or ``auroc``.
        name: Name of the CSV file, without its extension.
        beside_sidebar: Whether there is less space; the strict p value and the description are then shown only if the
            user asks for them in the menu of the table.
    """
    scale, digits = (100, "%.1f") if metric == "test" else (1, "%.3f")
    displayed = pd.DataFrame({"method": cells["label"], "mean": scale * cells["mean"], "std": scale * cells["std"]})
    column = st.column_config
    about = {
        "method": column.TextColumn("Method", pinned=True, width=168),
        "mean": column.NumberColumn("Mean", format=digits, width=_NARROW, help="Mean test score over the splits, in %."
                                    if scale == 100 else "Mean AUROC: 0.5 is no better than guessing, 1 is perfect."),
        "std": column.NumberColumn("± std", format=digits, width=_NARROW, help="Standard deviation over the splits."),
    }  # fmt: skip
    if cells["difference"].notna().any():
        displayed = displayed.assign(
            difference=100 * cells["difference"], low=100 * cells["difference_low"],
            high=100 * cells["difference_high"], p=cells["p_holm"], p_strict=cells["p_strict"], mark=cells["mark"],
        )  # fmt: skip
        about |= {
            "difference": column.NumberColumn("Diff.", format="%+.1f", width=_NARROW, help="Mean of the differences to "
                                              "the baseline on the same split, in points."),
            "low": column.NumberColumn("CI low", format="%+.1f", width=_NARROW, help="Lower end of the 95 % confidence "
                                       "interval of the difference, with the same correction as p: it contains 0 "
                                       f"exactly if p is not below {LEVEL}."),
            "high": column.NumberColumn("CI high", format="%+.1f", width=_NARROW, help="Upper end of this interval."),
            "p": column.NumberColumn("p", format="%.2g", width=_NARROW, help="p value of the corrected resampled "
                                     "t-test (Nadeau and Bengio, 2003), Holm-corrected over all comparisons of the "
                                     "study's table, at all noise levels or data sets."),
            "p_strict": column.NumberColumn("p strict", format="%.2g", width=_NARROW, help="The same without the "
                                            "stored answers to single nodes: conservative if most are test nodes."),
            "mark": column.TextColumn("Sign.", width=46, help=f"Significant: ▲ above, ▼ below the baseline with p < "
                                      f"{LEVEL}."),
        }  # fmt: skip
    displayed["n"] = cells["n"]
    about["n"] = column.NumberColumn("n", width=36, help="Number of runs, one per split.")
    if "difference" in displayed:
        displayed = displayed.assign(wins=cells["wins"], baseline=cells["baseline"])
        about |= {
            "wins": column.NumberColumn("Wins", width=50, help="Number of splits in which it is above the baseline."),
            "baseline": column.TextColumn("Baseline", width=64, help="The plain backbone on the same splits."),
        }  # fmt: skip
    for key, title, factor, form, meaning in (
        ("pruned", "Pruned", 100, "%.1f %%", "Percentage of edges that are pruned; mean over layers and splits."),
        (
            "added",
            "Added",
            100,
            "%.1f %%",
            "Number of added edges, as a percentage of all edges; mean over layers and splits.",
        ),
        ("before", "Before attack", 100, "%.1f %%", "Mean test score before the attack."),
        ("ece", "ECE", 100, "%.1f %%", "Expected calibration error: mean gap between confidence and accuracy."),
        ("seconds", "Training", 1, "%.2g s", "Duration of a training, without rewiring."),
        ("rewire_seconds", "Rewiring", 1, "%.2g s", "Duration of all rewiring before and during a training."),
    ):
        if key in cells and cells[key].notna().any():
            displayed[key] = factor * cells[key]
            about[key] = column.NumberColumn(title, format=form, width=_WIDTHS.get(key, 68), help=meaning)
    if metric == "test":
        displayed["title"] = [METHODS[label].title if label in METHODS else None for label in displayed["method"]]
        about["title"] = column.TextColumn("Description", help="Backbones are trained on the original graph.")
    order = [name for name in displayed if not (beside_sidebar and name in _ON_REQUEST)]
    st.dataframe(displayed, column_config=about, column_order=order, hide_index=True, height="content", placeholder="–")
    st.download_button(
        "Table as CSV",
        as_csv(cells, groups),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        help="All numbers of this table, with confidence intervals, ranks and p values.",
    )


def as_csv(cells: pd.DataFrame, groups: dict[str, str]) -> str:
    """The cells as CSV with the group of each label; scores are in [0, 1]."""
    return spreadsheet_csv(cells.assign(group=cells["label"].map(groups)))
