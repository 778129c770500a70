"""Robustness: how much noise does a method stand? From stored runs; what is missing can be run from here."""

import streamlit as st

from pages.shared.background.local_results import local_results_file
from pages.shared.core.robustness_data import RobustnessData, load_robustness_data, stored_graphs
from pages.shared.core.stored_results import stored_results
from pages.shared.frame.page import begin_page, chart_config, show_errors, theme
from pages.shared.views.evidence_table import draw_evidence_table
from pages.shared.views.robustness_point import card
from pages.shared.views.robustness_runs import missing, outcome, under_way, watch
from torque_core import DATASETS, BlockModel, DatasetSpec
from torque_core.datasets.info import USER_GRAPH
from torque_core.experiments.report.tables import metric_name, noise_name
from torque_core.experiments.robustness import Disturbed
from torque_core.figures.over_noise import accuracy_over_noise, detection_over_noise
from torque_core.figures.styles import Style, method_styles

INSERTING = ("insert", "insert_by_degree", "dice")
USUAL = ("plain", "torque_default", "torque_auto", "ablation_random", "mlp", "gdc")
USUAL_SCORES = ("torque", "lever", "cosine", "jaccard", "random")


def graph_of(dataset: DatasetSpec, noise_kind: str) -> Disturbed | None:
    """The graph that the sidebar says, or None after a message if robustness is not for it."""
    if dataset.name == USER_GRAPH:
        st.info(
            "Runs are kept on the server, and your own graph stays in your session: choose another data set here. The "
            "page **Train** trains on yours.",
            icon=":material/info:",
        )
    elif dataset.block_model != BlockModel():
        st.info(
            "Runs are kept by data set, and of the block model only with its defaults. Choose another data set, or set "
            "the block model back.",
            icon=":material/info:",
        )
    else:
        return Disturbed(dataset.name, dataset.scheme or dataset.default_scheme, noise_kind)
    return None


def take_graph(graph: Disturbed) -> None:
    """Set the sidebar to a graph."""
    st.session_state.update(
        data=graph.dataset, scheme=graph.scheme, noise=graph.noise_kind, split=0, node=0, view="", picked=(),
        threshold="", lines=(),
    )  # fmt: skip


def suggestions(here: Disturbed | None, stored: dict[Disturbed, str]) -> None:
    """Where there are curves already."""
    if here is not None:
        st.info("There is no curve of this graph yet. Run one below.", icon=":material/info:")
    st.markdown("**Curves that came with the app:**")
    row = st.container(horizontal=True)
    for graph, title in stored.items():
        row.button(title, key=f"graph_{graph.dataset}_{graph.scheme}_{graph.noise_kind}", on_click=take_graph,
                   args=(graph,), type="tertiary", disabled=graph == here)  # fmt: skip


def choose_lines(found: RobustnessData) -> list[str]:
    """Whom the figure shows."""
    scored = st.session_state.measure == "score"
    labels = list(found.recipes if scored else found.groups)
    usual = [label for label in (USUAL if scored else USUAL_SCORES) if label in labels]
    asked = [label for label in st.session_state.lines if label in labels]
    st.session_state.lines = asked or usual or labels[:5]
    chosen = st.multiselect(
        "Lines", labels, st.session_state.lines, key="lines", persist_state="session",
        help="Methods, or scores of edges. *plain* is the network on the graph as it is, *torque_default* torque as it "
        "comes, *torque_auto* of the form that fits the graph, *random* its control that cuts and adds as much at "
        "random, *mlp* looks at no edge.",
    )  # fmt: skip
    return [label for label in labels if label in chosen]


def figure(here: Disturbed, found: RobustnessData, styles: dict[str, Style], level: float) -> None:
    """Score over the noise level."""
    scored = st.session_state.measure == "score"
    metric = f"test {metric_name(here.dataset)} (%)" if scored else "AUROC"
    draw = accuracy_over_noise if scored else detection_over_noise
    more = {"title": metric} if scored else {}
    chart = draw(
        found.cells, styles, theme(), noise_kind=here.noise_kind, level=level, ringed=found.local_points, **more
    )  # fmt: skip
    at = found.cells[(found.cells["rate"] == level) & found.cells["label"].isin(list(styles))]
    scale = 100 if scored else 1
    said = "; ".join(f"{row.label} {scale * row.mean:.3g}" for row in at.itertuples())
    alt = f"Mean {metric} over the noise level of {', '.join(styles)}, with 95 % intervals. At {100 * level:g} %: "
    st.plotly_chart(
        chart, key="robustness_figure", alt=alt + (said or "nothing yet") + ".", config=chart_config(),
        on_select=clicked, selection_mode="points",
    )  # fmt: skip
    st.caption(
        "Bands: 95 % confidence interval of the mean over splits and seeds. Dashed: the noise level of the sidebar. "
        "Rings: with runs of this server. **Click a point** to see what it is made of."
    )


def clicked() -> None:
    """Look at the point that was clicked."""
    for point in st.session_state.robustness_figure.selection.points:
        if data := point.get("customdata"):
            st.session_state.update(rate=round(100 * float(data[1])), point=str(data[0]))


def page() -> None:
    """Choose, draw, run."""
    settings = st.session_state.settings
    if settings is None:
        st.info("Correct the settings in the sidebar; the message there explains how.", icon=":material/tune:")
        return
    stored = stored_results()
    here = graph_of(settings.dataset, settings.noise.kind)
    if here is None:
        suggestions(None, stored_graphs(stored))
        return
    level = round(settings.noise.rate, 4)
    st.segmented_control(
        "Measure", ["score", "detection"], default=st.session_state.measure, key="measure",
        label_visibility="collapsed", required=True,
        format_func={"score": "What a network learns", "detection": "Which injected edges are found"}.__getitem__,
        persist_state="session",
    )  # fmt: skip
    if st.session_state.measure == "detection" and here.noise_kind not in INSERTING:
        st.info("There are injected edges to be found only where the noise inserts some: choose another noise.",
                icon=":material/info:")  # fmt: skip
        return
    sweep = under_way()
    done = sweep.done if sweep else 0  # asked before the results are: what comes in meanwhile draws the page anew
    found = load_robustness_data(stored, local_results_file(), here, st.session_state.measure, level)
    what = (
        f"how much {metric_name(here.dataset)} does each method lose as the noise grows? The flatter, the better"
        if st.session_state.measure == "score"
        else "which score of edges tells injected ones from the graph's own? 0.5 is chance, 1 finds all"
    )
    st.markdown(
        f"**{DATASETS[here.dataset].title} · {noise_name(here.noise_kind)}**: {what}.",
        help="The confidence interval says where the mean of many more splits would be, in 19 of 20 cases. AUROC: the "
        "chance that an injected edge has a higher score than one of the graph's own.",
    )
    if found.cells is None or found.cells["rate"].nunique() == 1:
        suggestions(here, stored_graphs(stored))
    labels = choose_lines(found)
    if not labels and found.cells is not None:
        st.info("Choose one line or more.", icon=":material/info:")
        return
    if refused := st.session_state.pop("refused", ""):
        st.error(refused, icon=":material/error:")
    missing(here, found, labels, level)
    if sweep is not None:
        watch(done)
    else:
        outcome()
    if found.cells is None:
        return
    every = method_styles({label: found.groups.get(label, "peer") for label in [*found.groups, *labels]}, theme())
    left, right = st.columns([2, 1], gap="medium")
    with left:
        figure(here, found, {label: every[label] for label in labels}, level)
    with right:
        card(here, found, labels, level)
    at_level = found.cells[found.cells["rate"] == level]
    if len(at_level):
        st.markdown(f"**All lines at {100 * level:g} %**")
        metric = "test" if st.session_state.measure == "score" else "auroc"
        draw_evidence_table(at_level, found.groups, metric, f"robustness-{here.dataset}-{100 * level:g}")


begin_page()
with show_errors():
    page()
