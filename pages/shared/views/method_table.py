"""The table of the page Compare: every method on one graph in numbers, to be sorted and taken away."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from pages.shared.core.stored_scores import StoredScores
from torque_core.diagnostics.change_report import ChangeReport
from torque_core.methods.catalog import find_method
from torque_core.methods.compare import default_options

__all__ = ["as_csv", "compared_rows", "compared_table"]

_NUMBERS = dict.fromkeys(("kept", "pruned", "added", "hits", "injected"), True)
_NUMBERS |= dict.fromkeys(("precision", "recall", "homophily_before", "homophily", "homophily_change"), False)
_NUMBERS |= {"components": True, "isolated": True, "mean_degree": False, "spectral_gap": False, "seconds": False}
_NUMBERS |= {"test_mean": False, "test_std": False, "test_runs": True}
"""Columns of numbers, and whether they are whole."""


def compared_rows(
    reports: Mapping[str, ChangeReport | str], stored: StoredScores | None, without: Mapping[str, str]
) -> pd.DataFrame:
    """A row for each method: its numbers, shares in [0, 1], or why there are none.

    Args:
        reports: By method; a text says why a method has no numbers.
        stored: Test scores of stored runs.
        without: By method, why it has no stored score.
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
                notes.append("Its links have weights, which the counts leave out.")
        score = stored.scores.get(method) if stored else None
        if score is not None:
            row |= {"test_mean": score.mean, "test_std": score.std, "test_runs": score.runs}
        else:
            notes.append(f"No test score: {without[method]}")
        options = ", ".join(f"{key} {value}" for key, value in default_options(method).items())
        rows.append(row | {"about": find_method(method).description, "options": options, "note": " ".join(notes)})
    table = pd.DataFrame(rows, columns=["method", *_NUMBERS, "note", "about", "options"])
    return table.astype({name: "Int64" if whole else "Float64" for name, whole in _NUMBERS.items()})


def as_csv(rows: pd.DataFrame) -> str:
    """Every number, shares in [0, 1]."""
    return rows.to_csv(index=False)


def compared_table(rows: pd.DataFrame, metric: str, name: str) -> None:
    """Draw the table and its download.

    Args:
        rows: See :func:`compared_rows`.
        metric: What the stored scores are: accuracy, or ROC AUC.
        name: Of the file to be downloaded, without its ending.
    """
    number = st.column_config.NumberColumn
    text = st.column_config.TextColumn
    shares = ("precision", "recall", "homophily", "homophily_change", "test_mean", "test_std")
    shown = rows.drop(columns=["hits", "injected", "homophily_before"])
    shown = shown.assign(**{key: 100 * rows[key] for key in shares})
    for key in ("test_mean", "test_std", "test_runs"):
        if not rows[key].notna().any():
            shown = shown.drop(columns=key)
    about = {
        "method": text("Method", pinned=True),
        "kept": number("Kept", format="localized", help="Edges of the noisy graph that are still there."),
        "pruned": number("Pruned", format="localized", help="Edges of the noisy graph that are gone."),
        "added": number("Added", format="localized", help="Links that the noisy graph did not have, both directions "
                        "of a link counted once."),
        "precision": number("Precision", format="%.1f %%", help="Share of the pruned edges that the noise had "
                            "injected."),
        "recall": number("Recall", format="%.1f %%", help="Share of the injected edges that were pruned. Prune all, "
                         "and it is 100 %: look at it together with the precision."),
        "homophily": number("Homophily", format="%.1f %%", help="Edge homophily afterwards: share of the links that "
                            "join two nodes of one class."),
        "homophily_change": number("Change", format="%+.1f", help="Of the edge homophily, in points, against the "
                                   "noisy graph."),
        "components": number("Parts", format="localized", help="Connected components afterwards, isolated nodes "
                             "included."),
        "isolated": number("Isolated", format="localized", help="Nodes without a link afterwards."),
        "mean_degree": number("Degree", format="%.2f", help="Links per node afterwards, in the mean."),
        "spectral_gap": number("Spectral gap", format="%.4f", help="Second smallest eigenvalue of the normalised "
                               "Laplacian of the largest part, 0 to 2: near 0 there is a bottleneck. Not computed "
                               "beyond 20,000 nodes."),
        "seconds": number("Time", format="%.3f s", help="Seconds that the method took here, once, without imports. "
                          "Of torque and of the control: all layers up to the one shown; the control runs torque to "
                          "know how many edges to draw."),
        "test_mean": number(f"Test {metric}", format="%.1f %%", help="Mean over splits in stored runs, at this data "
                            "set, split scheme, kind and level of noise. Torque as it comes, rewiring anew in "
                            "training. The peers' options were tuned on validation nodes, and the control has the "
                            "budget of tuned torque: what is drawn here has their defaults."),
        "test_std": number("± std", format="%.1f", help="Standard deviation over the splits, in points."),
        "test_runs": number("n", help="Stored runs, one for each split."),
        "note": text("Note", width="large", help="Why something is missing in this row."),
        "about": text("What it does", width="large"),
        "options": text("Run here with", width="medium", help="The defaults of its port."),
    }  # fmt: skip
    st.dataframe(shown, column_config=about, hide_index=True, height="content", placeholder="–",
                 alt="Every method in numbers: edges kept, pruned and added, precision, recall, homophily, "
                 "components, isolated nodes, mean degree, spectral gap, seconds and stored test scores.")  # fmt: skip
    st.download_button(
        "Table as CSV",
        as_csv(rows),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        help="Every number of this table, as shares of 1, and the options of each method.",
    )
