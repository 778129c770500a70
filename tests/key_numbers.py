"""What the page's own components show, as Streamlit's test runner has it."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def components(test: AppTest) -> list[dict[str, Any]]:
    """The data of each component."""
    return [data for component in test.get("bidi_component") if (data := json.loads(component.proto.json))]


def key_numbers(test: AppTest) -> dict[str, Any]:
    """What rewiring does: the counts of the rewired graph, those of the graph before, and the AUROC."""
    (counts,) = (part["counts"] for part in components(test) if part.get("part") == "numbers")
    return counts
