"""Migration of stores that were written with an earlier schema: names and keys change, results stay."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from torque_core.errors import BadConfig
from torque_core.experiments.experiment import from_json, key, to_json

__all__ = ["SCHEMA", "migrate", "update_train_spec"]

SCHEMA = 2
"""Version of the tables and names that this package reads and writes."""

METHODS = {
    "torque_gap": "torque_default",
    "torque_apart": "torque_relational",
    "torque_gap_apart": "torque_default_relational",
    "random_apart": "ablation_random_relational",
    "cosine_apart": "ablation_cosine_relational",
    "cosine_score": "ablation_cosine",
    "fixed": "ablation_fixed",
    "random": "ablation_random",
    "one_graph": "ablation_one_graph",
}
"""Keys of methods, old to new; a label that is such a key changes with it."""

STUDIES = {"clean_apart": "clean_relational", "clean_checked": "clean_validated", "questions": "ablation"}
"""Keys of studies, old to new."""

LABELS = {
    **METHODS,
    "torque_gap, gcn": "torque_default, gcn",
    "torque_gap, sum": "torque_default, sum",
    "torque, checked": "torque or no pruning, by validation",
    "each layer from the last": "nested hierarchy",
    "kept edges weigh alike": "kept edges unweighted",
    "a warm-up of 20 epochs": "warm-up of 20 epochs",
    "no model's beliefs": "no class probabilities",
    "nothing added": "no additions",
    "nothing pruned": "no pruning",
    "lever alone": "lever only",
    "force alone": "force only",
    **{f"fixed {percent}%": f"fixed ratio {percent}%" for percent in (10, 30, 50, 70)},
}
"""Labels of the plans of studies, old to new."""

FIELDS = {"belief_errors": "pseudo_label_errors"}
"""Fields of experiments, old to new."""

OPTIONS = {"trust": "weight_by_confidence"}
"""Options of a rewiring, old to new."""

METRICS = {"squashing": {"apart": "disconnected"}}
"""Metrics by kind of experiment, old to new."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables of a store from schema 1 to the current one, within the transaction of the caller.

    Names are replaced, and the keys of experiments are computed anew. Metrics, curves, errors, versions, dates and
    times stay. Experiments whose kind is not available in this process keep their configuration and key.

    Args:
        connection: A store with schema 1.
    """
    keys: dict[str, str] = {}
    runs = connection.execute("SELECT key, kind, config, metrics FROM runs").fetchall()
    for old, kind, config, metrics in runs:
        try:
            experiment = from_json(kind, json.dumps(_config(json.loads(config))))
        except BadConfig:
            continue
        keys[old] = key(experiment)
        connection.execute(
            "UPDATE runs SET key = ?, config = ?, metrics = ? WHERE key = ?",
            (keys[old], to_json(experiment), _metrics(kind, metrics), old),
        )
    members = connection.execute("SELECT study, label, role, key FROM members").fetchall()
    connection.execute("DELETE FROM members")
    connection.executemany(
        "INSERT INTO members VALUES (?, ?, ?, ?)",
        [
            (STUDIES.get(study, study), LABELS.get(label, label), role, keys.get(old, old))
            for study, label, role, old in members
        ],
    )
    connection.execute("UPDATE about SET value = ? WHERE name = 'schema'", (str(SCHEMA),))


def update_train_spec(options: Mapping[str, Any]) -> dict[str, Any]:
    """Update the options of a training, as JSON has them, to those of :class:`~torque_core.TrainSpec`.

    Example:
        >>> update_train_spec({"epochs": 50, "hear_pruned": True})
        {'epochs': 50, 'relations': ['kept', 'pruned']}
    """
    updated = dict(options)
    if "hear_pruned" in updated:
        updated["relations"] = ["kept", "pruned"] if updated.pop("hear_pruned") else ["kept"]
    return updated


def _config(config: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of an experiment with the current names."""
    config = {FIELDS.get(name, name): value for name, value in config.items()}
    if "method" in config:
        config["method"] = METHODS.get(config["method"], config["method"])
    if "options" in config:
        config["options"] = [[OPTIONS.get(name, name), value] for name, value in config["options"]]
    if isinstance(config.get("spec"), dict):
        config["spec"] = update_train_spec(config["spec"])
    return config


def _metrics(kind: str, text: str) -> str:
    names = METRICS.get(kind)
    return json.dumps({names.get(name, name): value for name, value in json.loads(text).items()}) if names else text
