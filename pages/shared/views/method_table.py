"""The table of the page Compare: the numbers of every method on one graph."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from pages.shared.core.stored_scores import StoredScores
from torque_core.diagnostics.change_report import ChangeReport
from torque_core.io.spreadsheets import spreadsheet_csv
from torque_core.methods.catalog import find_method
from torque_core.methods.compare import default_options

__all__ = ["as_csv", "draw_method_table", "method_rows"]

_NUMBERS = dict.fromkeys(("kept", "pruned", "added", "hits", "injected"), True)
_NUMBERS |= dict.fromkeys(("precision", "recall", "homophily_before", "homophily", "homophily_change"), False)
_NUMBERS |= {"components": True, "isolated": True, "mean_degree": False, "spectral_gap": False, "seconds": False}
_NUMBERS |= {"test_mean": False, "test_std": False, "test_runs": True}
"""Columns of numbers, and whether they are integers."""
_OF_INJECTED = ("precision", "recall")


def method_rows(
    reports: Mapping[str, ChangeReport | str], stored: StoredScores | None, missing_score: Mapping[str, str]
) -> pd.DataFrame:
    """One row per method with its numbers, or with a note on why it has none; fractions are in [0, 1].

    Args:
        reports: Report of each method, or a message if there is none.
        stored: Test scores of stored runs.
        missing_score: The reason why a method has no stored score, by method.
    """
    rows = []
    for method, report in reports.items():
        row: dict[str, object] = {"method": find_method(method).title}
        notes = []
        if isinstance(report, str):
            notes.append(report)
        else:
            after = report.after
            row |= {
                "kept": report.kept, "pruned": report.pruned, "added": report.added, "hits": report.hits,
                "injected": report.injected, "precision": report.precision, "recall": report.recall,
                "homophily_before": report.homophily_before, "homophily": after.edge_homophily,
                "homophily_change": report.homophily_change, "components": after.components,
                "isolated": after.isolated, "mean_degree": after.mean_degree, "spectral_gap": report.spectral_gap,
                "seconds": report.seconds,
            }  # fmt: skip
            if report.weighted:
                notes.append("Its edges have weights; the counts ignore them.")
        score = stored.scores.get(method) if stored else None
        if score is not None:
            row |= {"test_mean": score.mean, "test_std": score.std, "test_runs": score.runs}
        else:
            notes.append(f"No test score: {missing_score[method]}")
        options = ", ".join(f"{key} {value}" for key, value in default_options(method).items())
        rows.append(row | {"about": find_method(method).description, "options": options, "note": " ".join(notes)})
    table = pd.DataFrame(rows, columns=["method", *_NUMBERS, "note", "about", "options"])
    return table.astype({name: "Int64" if integer else "Float64" for name, integer in _NUMBERS.items()})


def as_csv(rows: pd.DataFrame) -> str:
    """The table as CSV, with fractions in [0, 1]."""
    return spreadsheet_csv(rows)


def draw_method_table(rows: pd.DataFrame, metric: str, name: str) -> None:
    """Draw the table and its download button.

    Args:
        rows: The table of :func:`method_rows`.
        metric: Metric of the stored scores, accuracy or ROC AUC.
        name: Name of the CSV file, without its extension.
    """
    number = st.column_config.NumberColumn
    text = st.column_config.TextColumn
    fractions = ("precision", "recall", "homophily", "homophily_change", "test_mean", "test_std")
    displayed = rows.drop(columns=["hits", "injected", "homophily_before"])
    displayed = displayed.assign(**{key: 100 * rows[key] for key in fractions})
    for key in ("precision", "recall", "test_mean", "test_std", "test_runs"):
        if not rows[key].notna().any() or (key in _OF_INJECTED and not rows["injected"].fillna(0).any()):
            displayed = displayed.drop(columns=key)
    about = {
        "method": text("Method", pinned=True, width=180),
        "kept": number("Kept", format="localized", help="Edges of the noisy graph that are kept."),
        "pruned": number("Pruned", format="localized", help="Edges of the noisy graph that are removed."),
        "added": number("Added", format="localized", help="Edges that the noisy graph does not have; both directions "
                        "of an edge count once."),
        "precision": number("Precision", format="%.1f %%", help="Fraction of the pruned edges that were injected "
                            "by the noise."),
        "recall": number("Recall", format="%.1f %%", help="Fraction of the injected edges that were pruned. It is "
                         "100 % if all edges are pruned, so read it together with the precision."),
        "homophily": number("Homophily", format="%.1f %%", help="Edge homophily after rewiring: fraction of the edges "
                            "that connect two nodes of the same class."),
        "homophily_change": number("Change", format="%+.1f", help="Change of the edge homophily compared with the "
                                   "noisy graph, in points."),
        "components": number("Components", format="localized", help="Number of connected components after rewiring, "
                             "including isolated nodes."),
        "isolated": number("Isolated", format="localized", help="Number of isolated nodes after rewiring."),
        "mean_degree": number("Mean degree", format="%.2f", help="Mean number of neighbours after rewiring."),
        "spectral_gap": number("Spectral gap", format="%.4f", help="Second smallest eigenvalue of the normalised "
                               "Laplacian of the largest component, from 0 to 2; near 0, there is a bottleneck. "
                               "Computed for up to 20,000 nodes."),
        "seconds": number("Time", format="%.3f s", help="Run time of the method in one run, without imports. For "
                          "torque and the random ablation, it covers all layers up to the one displayed; the "
                          "ablation runs torque first to determine the number of edges."),
        "test_mean": number(f"Test {metric}", format="%.1f %%", help="Mean over splits of the stored runs with this "
                            "data set, split scheme, noise and noise level. Torque has the settings shown and rewires "
                            "during training. The options of its peers were tuned on validation nodes, and the "
                            "random ablation has the budget of tuned torque; the graphs on this page use defaults."),
        "test_std": number("± std", format="%.1f", help="Standard deviation over the splits, in points."),
        "test_runs": number("n", help="Number of stored runs, one per split."),
        "note": text("Note", width="large", help="The reason for missing values in this row."),
        "about": text("Description", width="large"),
        "options": text("Options", width="medium", help="Options of the method on this page: the defaults of "
                        "its implementation."),
    }  # fmt: skip
    st.dataframe(displayed, column_config=about, hide_index=True, height="content", placeholder="–",
                 alt="Numbers of every method: edges kept, pruned and added, precision, recall, homophily, "
                 "components, isolated nodes, mean degree, spectral gap, seconds and stored test scores.")  # fmt: skip
    st.download_button(
        "Table as CSV",
        as_csv(rows),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        help="All numbers of this table, with fractions in [0, 1], and the options of each method.",
    )
