"""Robustness: the score of each method against the noise level, from stored runs and from runs started here."""

import streamlit as st

from pages.shared.background.local_results import local_results_file
from pages.shared.core.markdown import escape_markdown
from pages.shared.core.robustness_data import RobustnessData, load_robustness_data, stored_graphs
from pages.shared.core.stored_results import stored_results
from pages.shared.frame.page import begin_page, show_errors, theme
from pages.shared.views.evidence_table import draw_evidence_table
from pages.shared.views.export_menu import draw_introduction
from pages.shared.views.robustness_chart import draw_robustness_chart
from pages.shared.views.robustness_point import draw_point
from pages.shared.views.robustness_report import draw_robustness_export
from pages.shared.views.robustness_runs import active_sweep, choose_runs, draw_last_runs, draw_missing_runs, watch_sweep
from torque_core import DATASETS, BlockModel, DatasetSpec
from torque_core.attacks.noise import NOISE_KINDS
from torque_core.datasets.info import USER_GRAPH
from torque_core.experiments.report.tables import metric_name, noise_name
from torque_core.experiments.robustness import Disturbed
from torque_core.figures.styles import method_styles

DEFAULT_METHODS = ("plain", "torque_screened", "torque_auto", "ablation_random", "mlp", "gdc")
DEFAULT_SCORES = ("torque", "lever", "cosine", "jaccard", "random")


def graph_of(dataset: DatasetSpec, noise_kind: str) -> Disturbed | None:
    """The graph of the sidebar; None, after a message, if there can be no stored runs on it."""
    if dataset.name == USER_GRAPH:
        st.info(
            "Your own graph stays in your session, but these runs are stored on the server. Choose another data set "
            "here, or use the page **Train** for your graph.",
            icon=":material/info:",
        )
    elif dataset.block_model != BlockModel():
        st.info(
            "Runs of the block model are stored only for its defaults. Choose another data set, or reset the block "
            "model.",
            icon=":material/info:",
        )
    else:
        return Disturbed(dataset.name, dataset.scheme or dataset.default_scheme, noise_kind)
    return None


def choose_graph(graph: Disturbed) -> None:
    """Set the sidebar to a graph."""
    st.session_state.update(
        data=graph.dataset, scheme=graph.scheme, noise=graph.noise_kind, split=0, directed=False, node=0, view="",
        picked=(), threshold="", lines=(), point="", stored="",
    )  # fmt: skip


def draw_suggestions(current: Disturbed | None, stored: dict[Disturbed, str]) -> None:
    """Draw links to the graphs that have stored curves."""
    if current is not None:
        st.info("There is no curve for this graph yet. Start the runs below.", icon=":material/info:")
    st.markdown("**Curves that are included in the app:**")
    row = st.container(horizontal=True)
    for graph, title in stored.items():
        row.button(title, key=f"graph_{graph.dataset}_{graph.scheme}_{graph.noise_kind}", on_click=choose_graph,
                   args=(graph,), type="tertiary", disabled=graph == current)  # fmt: skip


def default_lines(data: RobustnessData, *, scored: bool) -> list[str]:
    """The lines that are drawn first: torque with default settings, or with former ones if only those have runs."""
    if not scored:
        return list(DEFAULT_SCORES)
    settings = ("torque_screened", "torque_bounded", "torque_default")  # of the present version and of former ones
    shown = next((name for name in settings if name in data.groups), settings[0])
    return [shown if name == settings[0] else name for name in DEFAULT_METHODS]


def choose_lines(data: RobustnessData) -> list[str]:
    """Draw the choice of the lines in the figure."""
    scored = st.session_state.measure == "score"
    labels = list(data.recipes if scored else data.groups)
    default = [label for label in default_lines(data, scored=scored) if label in labels]
    requested = [label for label in st.session_state.lines if label in labels]
    st.session_state.lines = requested or default or labels[:5]
    lines = st.multiselect(
        "Lines", labels, st.session_state.lines, key="lines", persist_state="session",
        help="Methods, or edge scores. *plain*: the network on the original graph. *torque_screened*: torque with "
        "default settings. *torque_bounded*: the same without screening. *torque_default*: torque with the default "
        "settings of version 0.1. *torque_auto*: torque with an automatic choice of lever and force. "
        "*ablation_random*: prunes and adds as many edges as torque, chosen at random. *mlp*: ignores the edges.",
    )  # fmt: skip
    return [label for label in labels if label in lines]


def draw_page() -> None:
    """Draw the choices, the missing runs, the chart, a point of it, and the table."""
    settings = st.session_state.settings
    if settings is None:
        st.info("Correct the settings in the sidebar; the message there explains how.", icon=":material/tune:")
        return
    stored = stored_results()
    graph = graph_of(settings.dataset, settings.noise.kind)
    if graph is None:
        draw_suggestions(None, stored_graphs(stored))
        return
    level = round(settings.noise.rate, 4)
    st.segmented_control(
        "Measure", ["score", "detection"], default=st.session_state.measure, key="measure",
        label_visibility="collapsed", required=True,
        format_func={"score": "Test score", "detection": "Detection of injected edges"}.__getitem__,
        persist_state="session",
    )  # fmt: skip
    if st.session_state.measure == "detection" and not NOISE_KINDS[graph.noise_kind].inserts:
        st.info("This noise injects no edges, so there is nothing to detect. Choose another noise.",
                icon=":material/info:")  # fmt: skip
        return
    sweep = active_sweep()
    done = sweep.done if sweep else 0  # read before the results, so that a run that ends meanwhile redraws the page
    data = load_robustness_data(stored, local_results_file(), graph, st.session_state.measure, level)
    question = (
        f"how much {metric_name(graph.dataset)} does each method lose as the noise grows? The flatter, the better"
        if st.session_state.measure == "score"
        else "which edge score separates injected from original edges? 0.5 is no better than guessing, 1 is perfect"
    )
    export = draw_introduction(
        f"**{DATASETS[graph.dataset].title} · {noise_name(graph.noise_kind)}**: {question}.",
        "The 95 % confidence interval contains the true mean in 19 of 20 cases. AUROC: the probability that an "
        "injected edge scores higher than an original one.",
    )
    if data.cells is None or data.cells["rate"].nunique() == 1:
        draw_suggestions(graph, stored_graphs(stored))
    labels = choose_lines(data)
    groups = data.groups
    own = load_robustness_data(stored, local_results_file(), graph, st.session_state.measure, level, own_only=True)
    data = choose_runs(graph, data, own, labels)
    if not labels and data.cells is not None:
        st.info("Choose at least one line.", icon=":material/info:")
        return
    if refused := st.session_state.pop("refused", ""):
        st.error(escape_markdown(refused), icon=":material/error:")
    draw_missing_runs(graph, data, labels, level)
    if sweep is not None:
        watch_sweep(done)
    else:
        draw_last_runs()
    if data.cells is None:
        return
    styles = method_styles({label: groups.get(label, "peer") for label in [*groups, *labels]}, theme())
    left, right = st.columns([2, 1], gap="medium")
    with left:
        draw_robustness_chart(graph, data, {label: styles[label] for label in labels}, level)
    with right:
        draw_point(graph, data, labels, level)
    draw_robustness_export(export, graph, data, {label: styles[label] for label in labels}, level)
    at_level = data.cells[data.cells["rate"] == level]
    if len(at_level):
        st.markdown(f"**All lines at {100 * level:g} %**")
        metric = "test" if st.session_state.measure == "score" else "auroc"
        name = f"robustness-{graph.dataset}-{100 * level:g}"
        draw_evidence_table(at_level, data.groups, metric, name, beside_sidebar=True)


begin_page()
with show_errors():
    draw_page()
