"""Runs as a table."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["COLUMNS", "frame_of"]

COLUMNS = (
    "study", "label", "kind", "dataset", "scheme", "split", "noise_kind", "rate", "method", "options", "backbone",
    "seed",
)  # fmt: skip
"""What every frame has, before settings and metrics of the kinds in it; ``key`` is the last."""


def frame_of(rows: Sequence[tuple[str, str, str, str, str, str]]) -> "DataFrame":
    """A row for each run, from its study, label, kind, configuration, metrics and key; see :meth:`Store.frame`."""
    import pandas as pd

    frame = pd.DataFrame.from_records([_row(*row) for row in rows], columns=None if rows else [*COLUMNS, "key"])
    return frame[[*(name for name in frame.columns if name != "key"), "key"]]


def _row(study: str, label: str, kind: str, config: str, metrics: str, key: str) -> dict[str, Any]:
    said = json.loads(config)
    noise, training = said.get("noise") or {}, said.get("spec") or {}
    row: dict[str, Any] = dict.fromkeys(COLUMNS) | {"study": study, "label": label, "kind": kind}
    row |= {name: value for name, value in said.items() if not isinstance(value, dict | list)}
    if noise:
        row |= {"noise_kind": noise["kind"] if noise["rate"] else "none", "rate": noise["rate"]}
    row |= {"options": json.dumps(dict(said.get("options") or ())), "backbone": training.get("backbone")}
    row["seed"] = training.get("seed", said.get("seed"))
    return row | json.loads(metrics) | {"key": key}
