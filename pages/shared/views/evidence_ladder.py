"""The ladder of the study of relations on the page Evidence: what does each step add?"""

import pandas as pd
import streamlit as st

from torque_core.experiments.paired_test import LEVEL
from torque_core.experiments.report.ladder import ladder_steps
from torque_core.experiments.studies.relations import LADDER

__all__ = ["draw_ladder"]


def draw_ladder(runs: pd.DataFrame) -> None:
    """Draw what each step adds to the one below it.

    Args:
        runs: Runs of the study on one data set.
    """
    steps = ladder_steps(runs, LADDER)
    if steps.empty:  # of other models than those of the ladder
        return
    st.markdown("**Step by step: what does each rung of the ladder add?**")
    column = st.column_config
    displayed = pd.DataFrame({
        "rung": steps["rung"], "mean": 100 * steps["mean"], "std": 100 * steps["std"],
        "adds": 100 * steps["difference"], "to": steps["below"].map(LADDER.get), "p": steps["p"],
    })  # fmt: skip
    st.dataframe(displayed, hide_index=True, placeholder="–", key="ladder", column_config={
        "rung": column.TextColumn("Rung", pinned=True),
        "mean": column.NumberColumn("Mean", format="%.1f", help="Mean test score over the splits, in %."),
        "std": column.NumberColumn("± std", format="%.1f", help="Standard deviation over the splits."),
        "adds": column.NumberColumn("Adds", format="%+.1f", help="Mean difference on the same split, in points."),
        "to": column.TextColumn("to", help="The rung that it is compared with."),
        "p": column.NumberColumn("p", format="%.2g", help="p value of the corrected resampled t-test, Holm-corrected "
                                 "over the rows."),
    })  # fmt: skip
    st.caption(_conclusion(steps.set_index("label")))


def _conclusion(steps: pd.DataFrame) -> str:
    """What torque itself adds, beside its controls."""
    if "torque_weights" not in steps.index:
        return "Torque as a relation has not been run on this data set."
    torque = steps.loc["torque_weights"]
    significant = "statistically significant" if torque["p"] < LEVEL else "not significant"
    controls = [
        f"{name} {100 * steps.loc[label, 'difference']:+.1f}"
        for label, name in (
            ("ablation_random_weights", "random numbers"),
            ("ablation_cosine_weights", "cosine distance"),
        )
        if label in steps.index
    ]
    beside = f" In its place, {' and '.join(controls)} points." if controls else ""
    return (
        f"Torque as a relation adds {100 * torque['difference']:+.1f} points to the {LADDER[torque['below']]}, which "
        f"is {significant} (p = {torque['p']:.2g}).{beside} The steps before are due to depth and direction, not to "
        "torque."
    )
