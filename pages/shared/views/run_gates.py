"""What the models of runs take from each relation: a heat map on the page Train, and a table for its exports."""

from collections.abc import Sequence
from itertools import product

import pandas as pd
import streamlit as st
import torch

from pages.shared.frame.page import chart_config, theme
from pages.shared.runs.registry import Run
from pages.shared.views.run_styles import class_names, run_labels
from torque_core.diagnostics import RelationGates
from torque_core.figures import gates_figure
from torque_core.figures.described_figure import DescribedFigure

__all__ = ["draw_gates", "gates_figures", "gates_table"]


def draw_gates(all_runs: list[Run], displayed: list[Run]) -> None:
    """Draw what a model takes from each relation, if a model with several relations has finished."""
    gates, labels = _gates(displayed), run_labels(all_runs)
    if not gates:
        return
    st.markdown(
        "**What does the network take from each kind of edge?** Each cell is the fraction of the messages of a layer "
        "that nodes of a class receive along these edges.",
        help="Messages are weighed by their length after the gate of their relation. A gate is a learned factor: it "
        "begins at 0 for pruned edges, so that the network ignores them until they help. Hover over a cell to see it.",
    )
    key = st.selectbox("Relations of", list(gates), format_func=labels.__getitem__, key="gates_of")
    drawn = gates_figure(gates[key], theme(), names=class_names(key[0], displayed))
    st.plotly_chart(drawn.figure, key="gates", alt=drawn.alt, config=chart_config())
    st.caption(_conclusion(gates[key]))


def gates_figures(all_runs: list[Run], displayed: list[Run]) -> dict[str, DescribedFigure]:
    """The heat maps of all models with several relations, by their labels."""
    labels = run_labels(all_runs)
    return {
        labels[key]: gates_figure(gates, theme(), names=class_names(key[0], displayed))
        for key, gates in _gates(displayed).items()
    }


def gates_table(runs: Sequence[Run]) -> pd.DataFrame:
    """Return one row for each run, model, seed, relation, layer and class; empty if no model has several relations."""
    rows = []
    for run in runs:
        names = class_names(run.id, runs)
        for method in run.models:
            for seed, models in run.record.seeds.items():
                outcome = models[method].outcome
                if outcome is None or outcome.gates is None:
                    continue
                gates = outcome.gates
                for place, layer, label in product(*map(range, gates.gate.shape)):
                    rows.append({
                        "run": run.record.name, "model": method, "seed": seed, "relation": gates.relations[place],
                        "layer": layer + 1, "class": names[label] if names else label,
                        "gate": float(gates.gate[place, layer, label]),
                        "contribution": float(gates.contribution[place, layer, label]),
                    })  # fmt: skip
    return pd.DataFrame(rows)


def _gates(runs: Sequence[Run]) -> dict[tuple[str, str], RelationGates]:
    """Means over the finished seeds by run and model."""
    found = {
        (run.id, name): [outcome.gates for outcome in run.record.outcomes(name) if outcome.gates is not None]
        for run in runs
        for name in run.models
    }
    return {key: _mean(gates) for key, gates in found.items() if gates}


def _mean(gates: list[RelationGates]) -> RelationGates:
    gate, contribution = (
        torch.stack([getattr(one, part) for one in gates]).mean(dim=0) for part in ("gate", "contribution")
    )
    return RelationGates(gates[0].relations, gate, contribution)


def _conclusion(gates: RelationGates) -> str:
    """State in words how much comes from pruned edges, or else from all edges but the kept ones."""
    pruned = [place for place, name in enumerate(gates.relations) if name.partition("_")[0] == "pruned"]
    places, kind = (
        (pruned, "pruned edges") if pruned else (range(1, len(gates.relations)), "all but the first relation")
    )
    fraction = 100 * float(gates.contribution[list(places)].sum(dim=0).nanmean())
    return (
        f"On average over layers and classes, {fraction:.0f} % of the messages come from {kind}. A row near 0 % means "
        "that the network has learned to ignore these edges."
    )
