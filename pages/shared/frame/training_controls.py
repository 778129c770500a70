"""Controls of the page Train: the models and their hyper-parameters."""

from dataclasses import replace

import streamlit as st

from pages.shared.core.markdown import escape_markdown
from pages.shared.core.view import View
from pages.shared.frame.widgets import setting_widget
from pages.shared.state.declarations import SETTINGS
from pages.shared.state.spec_settings import spec_options, spec_values
from torque_core import BadConfig, TrainSpec
from torque_core.methods.catalog import METHODS, methods_for
from torque_core.training import PRESETS

__all__ = ["training_controls"]

_BACKBONES = {
    "gcn": "GCN", "dir_gcn": "Dir-GCN", "sage": "GraphSAGE", "gat": "GAT", "mlp": "MLP", "gprgnn": "GPR-GNN",
    "fsgnn": "FSGNN", "gnnguard": "GNNGuard", "gcn_svd": "GCN-SVD", "soft_median": "Soft median",
    "soft_medoid": "Soft medoid",
}  # fmt: skip
_FIRST_ROW = ("epochs", "learning", "decay", "dropout", "hidden")
_SECOND_ROW = ("refresh", "warmup", "patience", "separate")
_THIRD_ROW = ("directions", "norm", "jk", "residual")
_FOURTH_ROW = ("gate", "relweights")
_WIDTHS = {_FIRST_ROW: [1, 1, 1, 1, 1], _SECOND_ROW: [1, 1, 1, 2], _THIRD_ROW: [1, 1, 1, 2], _FOURTH_ROW: [1, 1, 3]}
_VALUES = {
    "forth": "along the edges", "back": "against the edges", "forth~back": "both, with separate weights",
    "unit": "unit length", "cat": "concatenation", "max": "maximum", "lstm": "attention (LSTM)",
    "node": "layer and node", "low_rank": "low rank",
}  # fmt: skip


def training_controls(view: View) -> TrainSpec | None:
    """Draw the controls.

    Returns:
        How to train; None, with a message, if the models cannot be trained with these settings.
    """
    state = st.session_state
    models, backbone = st.columns([3, 1])
    chosen = models.multiselect(
        "Models",
        list(methods_for("train")),
        state.models,
        format_func=lambda name: METHODS[name].title,
        key="models",
        persist_state="session",
        help="\n".join(f"- **{method.title}**: {method.description}" for method in methods_for("train").values()),
    )
    setting_widget("backbone", container=backbone, on_page=True, format_func=lambda name: _BACKBONES.get(name, name))
    with st.expander("Hyper-parameters", icon=":material/tune:"):
        _draw_presets()
        for keys, widths in _WIDTHS.items():
            for column, key in zip(st.columns(widths), keys, strict=False):
                label, unit = SETTINGS[key].label, SETTINGS[key].unit
                with_unit = f"{label} ({unit})" if unit not in ("", label.lower()) else label
                setting_widget(
                    key,
                    container=column,
                    on_page=True,
                    label=with_unit,
                    format_func=lambda value: _VALUES.get(value, value),
                )
    problem = _problem(view, chosen)
    if problem:
        st.warning(problem, icon=":material/warning:")
        return None
    spec = TrainSpec(
        **spec_options(TrainSpec, SETTINGS, state),
        metric=view.dataset.info.metric,
        seed=view.settings.noise.seed,
    )
    try:
        for name in chosen:
            replace(spec, **METHODS[name].training)
    except BadConfig as error:
        st.warning(f"{METHODS[name].title}: {escape_markdown(str(error))}.", icon=":material/warning:")
        return None
    return spec


def _draw_presets() -> None:
    """Draw the choice of a preset, which fills the hyper-parameters below and the number of layers in the sidebar."""
    state = st.session_state
    values = {
        name: spec_values(preset.training, SETTINGS) | {"layers": preset.layers} for name, preset in PRESETS.items()
    }
    present = {key: state[key] for key in values["default"]}
    state.train_preset = next((name for name, filled in values.items() if filled == present), "")
    st.selectbox(
        "Preset",
        ["", *PRESETS],
        format_func=lambda name: PRESETS[name].title if name else "–",
        key="train_preset",
        on_change=lambda: state.update(values.get(state.train_preset, {})),
        width=260,
        help="Fills the hyper-parameters and the number of layers from the literature. What suits a graph has to be "
        "chosen on its validation nodes.\n"
        + "\n".join(f"- **{preset.title}**: {preset.source}" for preset in PRESETS.values()),
    )


def _problem(view: View, chosen: list[str]) -> str:
    """Return why the models cannot be trained with these settings; empty if they can."""
    state = st.session_state
    if not chosen:
        return "Choose at least one model."
    if state.warmup >= state.epochs:
        return (
            f"With a warm-up of {state.warmup} epochs out of {state.epochs}, the graph would never be rewired. Lower "
            "the warm-up or raise the number of epochs."
        )
    nodes = len(view.dataset.data.x)
    for name in chosen:
        most = METHODS[name].most_nodes
        if most is not None and nodes > most:
            return (
                f"{METHODS[name].title} is not run on graphs of more than {most:,} nodes, where it would take very "
                f"long; this one has {nodes:,}. Leave it out."
            )
    return ""
