"""What is trained and how: the models and their hyper-parameters, as the page Train asks for them."""

from dataclasses import replace

import streamlit as st

from pages.shared.core.view import View
from torque_core import BadConfig, TrainSpec
from torque_core.methods.catalog import METHODS, methods_for
from torque_core.training.loop import MODELS as BACKBONES

__all__ = ["training_controls"]

_BACKBONES = {"gcn": "GCN", "sage": "GraphSAGE", "gat": "GAT", "mlp": "MLP", "gprgnn": "GPR-GNN", "fsgnn": "FSGNN"}


def training_controls(seen: View) -> TrainSpec | None:
    """Draw the controls; return how to train, or None after a message if it cannot be done so."""
    state = st.session_state
    models, backbone = st.columns([3, 1])
    chosen = models.multiselect(
        "Models",
        list(methods_for("train")),
        state.models,
        format_func=lambda name: METHODS[name].title,
        key="models",
        persist_state="session",
        help="They are trained side by side, on the same split and from the same seed. **Torque** rewires as the "
        "sidebar says; *heard apart*, its layers also hear the pruned edges, by weights of their own and through gates "
        "that start closed. *At random*, *cosine of features* and *a fixed share* are its controls; the last ones "
        "are other ways to rewire, with their defaults.",
    )
    backbone.selectbox(
        "Backbone", BACKBONES, list(BACKBONES).index(state.backbone), key="backbone",
        format_func=lambda name: _BACKBONES.get(name, name),
        persist_state="session", help="The network that passes the messages, the same in all models but the MLP.",
    )  # fmt: skip
    with st.expander("Hyper-parameters", icon=":material/tune:"):
        _hyper_parameters()
    problem = _problem(seen, chosen)
    if problem:
        st.warning(problem, icon=":material/warning:")
        return None
    spec = TrainSpec(
        epochs=int(state.epochs),
        learning_rate=float(state.learning),
        weight_decay=float(state.decay),
        hidden=int(state.hidden),
        dropout=state.dropout / 100,
        warmup=int(state.warmup),
        refresh_every=int(state.refresh),
        patience=int(state.patience) or None,
        metric=seen.dataset.info.metric,
        seed=seen.settings.noise.seed,
        backbone=state.backbone,
        separate=state.apart == "yes",
    )
    try:
        for name in chosen:
            replace(spec, **METHODS[name].training)
    except BadConfig as error:
        st.warning(f"{METHODS[name].title}: {error}.", icon=":material/warning:")
        return None
    return spec


def _hyper_parameters() -> None:
    first, second = st.columns(5), st.columns(5)
    for column, label, low, high, step, key, meaning in (
        (first[0], "Epochs", 10, 1000, 10, "epochs", "Passes over the whole graph."),
        (first[1], "Learning rate", 1e-5, 1.0, 0.001, "learning", "Of Adam, the optimiser."),
        (first[2], "Weight decay", 0.0, 0.1, 0.0001, "decay", "Draws the weights towards zero."),
        (first[3], "Dropout (%)", 0, 90, 5, "dropout", "Share of the numbers that are left out at random in training."),
        (first[4], "Hidden width", 4, 512, 4, "hidden", "Numbers per node in the hidden layers."),
        (second[0], "Rewire every (epochs)", 5, 1000, 5, "refresh",
         "Later rewirings also look at what the model believes by then."),
        (second[1], "Warm-up (epochs)", 0, 500, 5, "warmup", "Epochs on the noisy graph before the first rewiring."),
        (second[2], "Patience (epochs)", 0, 1000, 10, "patience",
         "Training ends after so many epochs without a better validation score; 0: never."),
    ):  # fmt: skip
        column.number_input(
            label, low, high, st.session_state[key], step=step, key=key, help=meaning, persist_state="session",
            format=None if isinstance(low, int) else "%.5g",
        )  # fmt: skip
    second[3].selectbox(
        "Node apart from its neighbours",
        ("no", "yes"),
        int(st.session_state.apart == "yes"),
        key="apart",
        persist_state="session",
        help="Whether a layer keeps what a node is apart from what it hears: better where neighbours are unlike.",
    )


def _problem(seen: View, chosen: list[str]) -> str:
    """Why it cannot be trained so; empty if it can."""
    if not chosen:
        return "Choose at least one model."
    if st.session_state.warmup >= st.session_state.epochs:
        return (
            f"Warm-up of {st.session_state.warmup} epochs and only {st.session_state.epochs} in all: the graph would "
            "never be rewired. Lower the warm-up or raise the epochs."
        )
    nodes = len(seen.dataset.data.x)
    for name in chosen:
        most = METHODS[name].most_nodes
        if most is not None and nodes > most:
            return (
                f"{METHODS[name].title} is not tried on graphs of more than {most:,} nodes, where it would take very "
                f"long; this one has {nodes:,}. Leave it out."
            )
    return ""
