"""The table of the page Evidence: all methods of one cell, to be sorted and taken away."""

import pandas as pd
import streamlit as st

from torque_core.experiments.report.tables import LEVEL
from torque_core.methods.catalog import METHODS

__all__ = ["as_csv", "evidence_table"]


def evidence_table(cells: pd.DataFrame, groups: dict[str, str], metric: str, name: str) -> None:
    """Draw the table and its download.

    Args:
        cells: Of one data set at one noise level, see :func:`~torque_core.experiments.report.tables.evidence`.
        groups: The group of each label.
        metric: ``test`` or ``auroc``.
        name: Of the file to be downloaded, without its ending.
    """
    scale, digits = (100, "%.1f") if metric == "test" else (1, "%.3f")
    shown = pd.DataFrame({"method": cells["label"], "n": cells["n"], "mean": scale * cells["mean"],
                          "std": scale * cells["std"]})  # fmt: skip
    column = st.column_config
    about = {
        "method": column.TextColumn("Method", pinned=True),
        "n": column.NumberColumn("n", help="Runs, one for each split."),
        "mean": column.NumberColumn("Mean", format=digits, help="Mean test score over the splits, in %."
                                    if scale == 100 else "Mean AUROC: 0.5 is chance, 1 finds every injected edge."),
        "std": column.NumberColumn("± std", format=digits, help="Standard deviation over the splits."),
    }  # fmt: skip
    if cells["difference"].notna().any():
        shown = shown.assign(
            mark=cells["mark"], difference=100 * cells["difference"], low=100 * cells["difference_low"],
            high=100 * cells["difference_high"], wins=cells["wins"], p=cells["p_holm"], baseline=cells["baseline"],
        )  # fmt: skip
        about |= {
            "mark": column.TextColumn("Sure", help=f"▲ above, ▼ below the baseline with corrected p < {LEVEL}."),
            "difference": column.NumberColumn("Difference", format="%+.1f", help="Mean of the differences to the "
                                              "baseline, split by split, in points."),
            "low": column.NumberColumn("from", format="%+.1f", help="Lower end of its 95 % interval, which allows for "
                                       "the test nodes that splits share."),
            "high": column.NumberColumn("to", format="%+.1f", help="Upper end of that interval."),
            "wins": column.NumberColumn("Ahead", help="In how many of the splits it is above the baseline."),
            "p": column.NumberColumn("p", format="%.2g", help="How likely so large a difference is by luck: corrected "
                                     "resampled t-test (Nadeau and Bengio, 2003), Holm's correction over all "
                                     "comparisons of the study's table, at all noise levels or data sets."),
            "baseline": column.TextColumn("against", help="The plain backbone of the same graph and splits."),
        }  # fmt: skip
    for key, title, factor, form, meaning in (
        ("pruned", "Pruned", 100, "%.1f %%", "Edges cut, of all edges; mean over layers and splits."),
        ("added", "Added", 100, "%.1f %%", "Links added, relative to all edges; mean over layers and splits."),
        ("before", "Before", 100, "%.1f %%", "Mean test score before the attack."),
        ("ece", "ECE", 100, "%.1f %%", "Expected calibration error: how far confidence is from accuracy."),
        ("seconds", "Training", 1, "%.2g s", "Seconds of a training, without rewiring."),
        ("rewire_seconds", "Rewiring", 1, "%.2g s", "Seconds of all rewiring in or before a training."),
    ):
        if key in cells and cells[key].notna().any():
            shown[key] = factor * cells[key]
            about[key] = column.NumberColumn(title, format=form, help=meaning)
    if metric == "test":
        shown["title"] = [METHODS[label].title if label in METHODS else None for label in shown["method"]]
        about["title"] = column.TextColumn("What it is", help="Backbones train on the graph as it is.")
    st.dataframe(shown, column_config=about, hide_index=True, height="content", placeholder="–")
    st.download_button(
        "Table as CSV",
        as_csv(cells, groups),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        help="Every number of this table, with intervals, ranks and p values.",
    )


def as_csv(cells: pd.DataFrame, groups: dict[str, str]) -> str:
    """Every number of the cells, as shares in [0, 1], and the group of each label."""
    return cells.assign(group=cells["label"].map(groups)).to_csv(index=False)
