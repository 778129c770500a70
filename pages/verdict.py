"""Verdict: does torque help on this graph, which edges does it blame, and which predictions does it change?"""

from dataclasses import replace

import streamlit as st

from pages.shared.background import verdicts
from pages.shared.core.markdown import escape_markdown
from pages.shared.core.uploads import graph_code
from pages.shared.core.view import View
from pages.shared.frame.deferred_download import deferred_download
from pages.shared.frame.page import load_view, show_errors, theme
from pages.shared.views.verdict_progress import draw_start, draw_state, load_splits, splits_of, watch_verdict
from pages.shared.views.verdict_tables import draw_blamed, draw_cuts, draw_predictions, draw_scores, score_figure
from torque_core.experiments.report.tables import metric_name
from torque_core.experiments.verdict import Verdict, VerdictSpec, verdict_script
from torque_core.figures.report import ChartSection, CodeSection, TableSection, report_html


def draw_take_away(view: View, verdict: Verdict, spec: VerdictSpec) -> None:
    """Draw the report and the script."""
    settings = view.settings
    code = graph_code(settings.dataset, settings.noise)
    script = verdict_script(splits_of(settings.dataset, spec.seeds), spec, files=code.files, roles=code.roles)
    title, look, metric = view.dataset.info.title, theme(), metric_name(settings.dataset.name)

    def report() -> str:
        scores = verdict.scores()
        figure = score_figure(verdict, scores, look, metric)
        blamed = verdict.blamed().head(100).rename(columns=lambda name: name.replace("_", " "))
        parameters = {
            "data set": title, "split scheme": str(settings.dataset.scheme), "seeds": str(spec.seeds),
            "noise": ", ".join(f"{100 * rate:g} %" for rate in spec.rates), "epochs": f"at most {spec.training.epochs}",
            "verdict": verdict.sentence(),
        }  # fmt: skip
        return report_html(
            f"Verdict on {title}",
            parameters,
            [
                (f"Test {metric}", ChartSection(figure, f"Mean test {metric} over the noise level.")),
                ("Scores and differences to the plain model", TableSection(scores, "Fractions are in [0, 1].")),
                ("What is cut", TableSection(verdict.edges(), "Means over the seeds.")),
                ("Edges that all methods blame", TableSection(blamed, "At most 100, by node number.")),
                ("Python code", CodeSection(script, "This code prints the numbers above.")),
            ],
        )

    row = st.container(horizontal=True)
    name = f"verdict-{settings.dataset.name}"
    deferred_download(row, "Report", report, f"{name}.html", mime="text/html", icon=":material/article:")
    row.download_button("Script", script, f"{name}.py", "text/x-python", icon=":material/code:", on_click="ignore",
                        help="Runs the verdict in Python, and prints its sentence and its tables.")  # fmt: skip
    with st.expander("The script", icon=":material/code:"):
        st.code(script, language="python")


def draw_page(view: View) -> None:
    """Draw the start, the progress and the results."""
    training = replace(VerdictSpec().training, metric=view.dataset.info.metric)
    # the seed of the sidebar does not count, so neither may it tell two verdicts apart
    spec = VerdictSpec(seeds=st.session_state.seeds, rewire=replace(view.settings.rewire, seed=0), training=training)
    dataset = splits_of(view.settings.dataset, 1)[0]
    found = verdicts.find(dataset, spec) or verdicts.restore(dataset, spec, lambda: load_splits(dataset, spec))
    draw_start(dataset, spec, found)
    if refused := st.session_state.pop("refused", ""):
        st.error(escape_markdown(refused), icon=":material/error:")
    if found is None:
        return
    seen = found.done
    if found.active:
        watch_verdict(dataset, spec, seen)
    draw_state(found)
    verdict = found.verdict
    if verdict.scores().empty:
        return
    st.markdown(f"#### {verdict.sentence()}")
    draw_scores(view, verdict)
    draw_cuts(view, verdict)
    draw_blamed(view, verdict)
    draw_predictions(view, verdict)
    draw_take_away(view, verdict, spec)


view = load_view()
st.markdown(
    f"**{view.title}**: does torque help on this graph? Known noise is inserted at several levels, and the same models "
    "are trained on each noisy graph with several seeds."
)
with show_errors():
    if not bool((view.dataset.data.y >= 0).any()):
        st.info("This graph has no classes, so no classifier can be trained on it.", icon=":material/info:")
    elif not bool(view.dataset.data.train_mask.any()) or not bool(view.dataset.data.test_mask.any()):
        st.info("This split has no training or no test nodes. Choose another one in the sidebar.",
                icon=":material/info:")  # fmt: skip
    else:
        draw_page(view)
