"""Steps of the lesson by their names in links, with the initial settings of each step."""

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
    "force": "dirichlet",  # the simplest formulas; the default also depends on labels and on how reliable the cut is
    "cut": "gap",
    "screen": False,
    "layers": 2,
    "node": 3,
    "device": "cpu",
}
"""Graph of the lesson: three classes, and half as many inserted edges as original ones."""

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
"""Initial settings of each step where they differ from the defaults, in the order of the lesson."""


def step_settings(page: str, step: object) -> State:
    """Return the initial settings of a page where they differ from the defaults: those of the step on Learn."""
    return STEP_SETTINGS[str(step)] if page == "learn" else {}
