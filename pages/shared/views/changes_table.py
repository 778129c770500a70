"""The table of graph measures before and after rewiring."""

from collections.abc import Sequence

import pandas as pd

from torque_core.diagnostics.before_after import MeasureChange

__all__ = ["changes_table"]


def changes_table(changes: Sequence[MeasureChange]) -> pd.DataFrame:
    """One row per measure with its value before and after rewiring, formatted as text."""
    formats = {change.measure: _format_of(change.unit, change.before) for change in changes}
    return pd.DataFrame(
        [
            {
                "measure": change.measure + (f" ({change.unit})" if change.unit else ""),
                "before": _formatted(change.before, formats[change.measure]),
                "after": _formatted(change.after, formats[change.measure]),
                "difference": _formatted(change.difference, "+" + formats[change.measure]),
                "definition": change.meaning,
            }
            for change in changes
        ]
    )


def _format_of(unit: str, value: float | None) -> str:
    return ",.0f" if isinstance(value, int) else ".1f" if unit == "%" else ",.3f"


def _formatted(value: float | None, spec: str) -> str:
    return "–" if value is None else format(value, spec)
