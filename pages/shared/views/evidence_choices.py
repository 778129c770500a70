"""The choices of the page Evidence: study, data set, noise, level and methods."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.core.markdown import escape_markdown
from pages.shared.core.stored_results import EvidenceTable
from torque_core.experiments.report.tables import noise_name

__all__ = ["choose", "choose_methods", "choose_table", "format_percent"]

_DEFAULT_SCORES = ("torque", "lever", "cosine", "jaccard", "random")


def format_percent(rate: float) -> str:
    """A noise level in percent, as in the URL."""
    return f"{100 * rate:g}"


def choose(
    column: DeltaGenerator,
    label: str,
    options: dict[str, str],
    key: str,
    description: str,
    *,
    default: str | None = None,
    resets: tuple[str, ...] = (),
) -> str:
    """Draw a select box; an unknown value in the link is reported and replaced by the default.

    Args:
        column: Where to draw.
        label: Label of the select box.
        options: Title of each value.
        key: Key in the session state and the URL.
        description: Help text.
        default: Default value; the first option if None.
        resets: Keys to reset when another value is chosen, as their values may not exist there.
    """
    value = st.session_state[key]
    if value not in options:
        if value:
            st.warning(
                f"{label}: «{escape_markdown(value)}» is not among the stored results.", icon=":material/link_off:"
            )
        st.session_state[key] = default or next(iter(options))
    return column.selectbox(
        label, list(options), list(options).index(st.session_state[key]), format_func=options.__getitem__, key=key,
        help=description, persist_state="session", on_change=_reset, args=resets,
    )  # fmt: skip


def _reset(*keys: str) -> None:
    st.session_state.update({key: () if key == "methods" else "" for key in keys})


def choose_table(tables: tuple[EvidenceTable, ...], columns: list[DeltaGenerator]) -> tuple[EvidenceTable, str]:
    """Draw the choice of a data set and a kind of noise; return the table of the study and the data set."""
    places = {place: place for evidence in tables for place in evidence.table.places}
    place = choose(columns[1], "Data set", dict(sorted(places.items())), "place",
                   "A graph with labelled nodes; the split scheme is in brackets if the study has several.",
                   resets=("disturbance", "level"))  # fmt: skip
    available = {_noise_key(evidence): evidence for evidence in tables if place in evidence.table.places}
    titles = {
        key: noise_name(evidence.table.noise_kind) + (": detection" if evidence.metric == "auroc" else "")
        for key, evidence in available.items()
    }
    kind = choose(columns[2], "Noise", titles, "disturbance",
                  "How the graph was perturbed before training. A level of 50 % inserts half as many edges as there "
                  "are.", resets=("level",))  # fmt: skip
    return available[kind], place


def _noise_key(evidence: EvidenceTable) -> str:
    kind = evidence.table.noise_kind
    return kind if evidence.metric == "test" else f"{kind} detection"


def choose_methods(groups: dict[str, str], evidence: EvidenceTable) -> list[str]:
    """Draw the choice of the methods in the figures."""
    requested = st.session_state.methods
    available = [label for label in requested if label in groups]
    if len(available) < len(requested):
        unknown = next(label for label in requested if label not in groups)
        st.warning(
            f"Methods: «{escape_markdown(unknown)}» is not among the stored results.", icon=":material/link_off:"
        )
    # the initial value is an empty tuple; an empty list was chosen by the user
    use_default = not available and (requested or requested == ())
    st.session_state.methods = _default_methods(groups, evidence) if use_default else available
    methods = st.multiselect(
        "Methods in the figures", list(groups), st.session_state.methods, key="methods", persist_state="session",
        help="Backbones are trained on the original graph; torque, its ablations and its peers rewire it. The table "
        "below contains all methods.",
    )  # fmt: skip
    return [label for label in groups if label in methods and label in set(evidence.cells["label"])]


def _default_methods(groups: dict[str, str], evidence: EvidenceTable) -> list[str]:
    """The plain backbone, torque, its first ablation and the best peer; for detection, torque and its rivals."""
    if evidence.metric == "auroc":
        return [label for label in groups if label in _DEFAULT_SCORES] or list(groups)
    best = evidence.cells.sort_values("mean", ascending=False)["label"].drop_duplicates()
    baselines = set(evidence.cells["baseline"].dropna())
    labels = [label for label, group in groups.items() if label in baselines or group in ("rewiring", "other")]
    labels += [label for label, group in groups.items() if group == "control"][:1]
    labels += [label for label in best if groups[label] == "peer"][:1]
    return [label for label in groups if label in labels] or list(groups)
