"""The table of graph measures before and after rewiring."""

import pandas as pd

from pages.shared.core import queries
from pages.shared.core.view import View

__all__ = ["changes_table"]


def changes_table(view: View) -> pd.DataFrame:
    """One row per measure with its value before and after rewiring, formatted as text."""
    changes = queries.layer_changes(*view.key, view.settings.layer, view.threshold)
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
