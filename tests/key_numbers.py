"""The strip of numbers on the page Explore, as Streamlit's test runner has it."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def key_numbers(test: AppTest) -> dict[str, Any]:
    """What rewiring does: the counts of the rewired graph, those of the graph before, and the AUROC."""
    parts = (json.loads(component.proto.json) for component in test.get("bidi_component"))
    (counts,) = (part["counts"] for part in parts if part and part.get("part") == "numbers")
    return counts
