"""The steps of the lesson by the names that links use, with the settings that each step begins with."""

from collections.abc import Mapping

__all__ = ["GRAPH", "STEP_SETTINGS", "State", "step_settings"]

State = Mapping[str, object]
"""Values of settings by their keys."""

GRAPH: State = {
    "nodes": 36,
    "classes": 3,
    "degree": 5.0,
    "homophily": 90,
    "signal": 2.0,
    "noise": "insert",
    "rate": 50,
    "seed": 0,
    "layers": 2,
    "node": 3,
    "device": "cpu",
}
"""The graph of the lesson: three groups, and half as many false links as it has true ones."""

STEP_SETTINGS: dict[str, State] = {
    "mislead": GRAPH,
    "torque": GRAPH,
    "every": GRAPH,
    "gap": GRAPH,
    "prune": {**GRAPH, "cut": "fixed", "fraction": 30, "additions": 0},
    "add": GRAPH,
    "layers": {**GRAPH, "layer": 1},
    "field": {**GRAPH, "layer": 2},
    "noise": GRAPH,
    "accuracy": {
        "study": "noise_kinds",
        "place": "Cora",
        "disturbance": "insert_by_degree",
        "level": "100",
        "methods": ("plain", "mlp", "torque_default", "ablation_random"),
    },
}
"""What each step begins with, where that is not a default; in the order of the lesson."""


def step_settings(page: str, step: object) -> State:
    """The settings that a page begins with where they are not defaults: on the lesson's page, those of the step."""
    return STEP_SETTINGS[str(step)] if page == "learn" else {}
