"""Tests of the page Learn: its formulas agree with the core, and the reader's own settings are restored."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from pages.shared.core.stored_results import stored_results, study_evidence
from pages.shared.lesson.catalog import STEPS
from torque_core import LayerRewiring, Rewiring, add_noise, load, rewire

ROOT = Path(__file__).parents[2]


def settled(test: AppTest) -> AppTest:
    assert not test.exception, [error.value for error in test.exception]
    assert not test.error, [error.value for error in test.error]
    return test


def lesson(**link: str) -> AppTest:
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for key, value in link.items():
        test.query_params[key] = value
    return settled(test.switch_page("pages/learn.py").run())


def cut_at(test: AppTest, threshold: float) -> AppTest:
    """Move the cut by hand; its control is drawn by the browser."""
    test.session_state.threshold = f"{threshold:.6g}"
    return test


def formula(test: AppTest) -> str:
    return test.latex[0].value


@dataclass
class Truth:
    """The graph of a session, computed by the core without the app."""

    y: torch.Tensor
    injected: torch.Tensor
    rewiring: Rewiring
    layer: LayerRewiring
    number: int

    @classmethod
    def of(cls, test: AppTest) -> "Truth":
        settings = test.session_state.settings
        data = load(settings.dataset).data
        noisy = add_noise(data, settings.noise)
        rewiring = rewire(noisy.data, settings.rewire)
        layer = rewiring.layers[settings.layer]
        return cls(data.y, noisy.is_injected(layer.pairs), rewiring, layer, settings.layer + 1)

    def heard(self, node: int, graphs: list[torch.Tensor]) -> list[set[int]]:
        """The nodes heard after zero message steps, after one, and so on, computed by loops."""
        rings = [{node}]
        for pairs in reversed(graphs):
            edges = pairs.T.tolist()
            rings.append(rings[-1] | {b for a, b in edges if a in rings[-1]} | {a for a, b in edges if b in rings[-1]})
        return rings


def fraction(part: int, whole: int) -> str:
    return rf"\frac{{{part}}}{{{whole}}} = {100 * part / whole:.0f}\,\%"


def same(truth: Truth, node: int, others: set[int]) -> int:
    return sum(int(truth.y[other]) == int(truth.y[node]) for other in others)


def mislead(truth: Truth, test: AppTest) -> list[str]:
    near = truth.heard(test.session_state.node, [truth.layer.pairs])[1] - {test.session_state.node}
    return [fraction(same(truth, test.session_state.node, near), len(near))]


def torque(truth: Truth, test: AppTest) -> list[str]:
    i, j = map(int, test.session_state.picked[0].split("-")) if test.session_state.picked else (1, 13)
    column = truth.layer.pairs.T.tolist().index([i, j])
    lever, force = float(truth.layer.torque.lever[column]), float(truth.layer.torque.force[column])
    return [
        rf"\ell_{{{i},{j}}} = 1 - \cos(h^2_{{i \setminus j}}, h^2_{{j \setminus i}}) = {lever:.3f}",
        rf"F_{{{i},{j}}} = 1 - \cos(x_i, x_j) = {force:.3f}",
        rf"{lever:.3f} \times {force:.3f} \approx {lever * force:.3f}",
    ]


def every(truth: Truth, test: AppTest) -> list[str]:
    false, true = truth.layer.torque.value[truth.injected], truth.layer.torque.value[~truth.injected]
    ahead = sum(float(a > b) + 0.5 * float(a == b) for a in false for b in true)
    whole = len(false) * len(true)
    count = f"{ahead:,.0f}".replace(",", "{,}")
    ten = truth.injected[truth.layer.torque.value.argsort(descending=True)[:10]]  # which the button selects
    selected = rf"\frac{{{int(ten.sum())}}}{{10}} = " if test.session_state.picked else r"\text{no link is selected}"
    return [
        rf"\frac{{{count}}}{{{len(false)} \times {len(true)}}} = {ahead / whole:.3f}",
        r"P(\text{false} \mid \text{selected}) = " + selected,
    ]


def gap(truth: Truth, test: AppTest) -> list[str]:
    cut = truth.layer.cut.gap
    tau = float(test.session_state.threshold or cut.threshold)
    values = truth.layer.torque.value.double()
    edges = float((values >= tau).double().mean())
    height = float(cut.heights[cut.torques >= tau][0])
    return [
        f"g({tau:.3f}) = 2 \\times {cut.null_fraction:.3f} \\times ",
        f" - {edges:.3f} \\approx {height:.3f}",
    ]


def detection(truth: Truth, test: AppTest) -> list[str]:
    hits = int((truth.layer.pruned_mask & truth.injected).sum())
    return [fraction(hits, int(truth.layer.pruned_mask.sum())), fraction(hits, int(truth.injected.sum()))]


def add(truth: Truth, test: AppTest) -> list[str]:
    most, pruned = test.session_state.additions / 100, truth.layer.pruned.size(1)
    return [rf"{truth.layer.added.size(1)} \le {most:.2f} \times {pruned} = {most * pruned:.1f}"]


def layers(truth: Truth, test: AppTest) -> list[str]:
    counts = truth.layer.pairs.size(1), truth.layer.pruned.size(1), truth.layer.added.size(1)
    total = len(set(map(tuple, truth.layer.rewired.T.tolist())))
    return [rf"|\mathcal{{E}}_{truth.number}| = {counts[0]} - {counts[1]} + {counts[2]} = {total}"]


def field(truth: Truth, test: AppTest) -> list[str]:
    node, records = test.session_state.node, truth.rewiring.layers
    parts = []
    for graphs in ([records[0].pairs] * 2, [record.rewired for record in records]):
        rings = truth.heard(node, graphs)
        others = rings[-1] - {node}
        parts += [", ".join(str(len(ring)) for ring in rings), fraction(same(truth, node, others), len(others))]
    return parts


def accuracy(truth: Truth, test: AppTest) -> list[str]:
    state = test.session_state
    one = next(
        one
        for one in study_evidence(stored_results(), "noise_kinds").tables
        if one.metric == "test" and one.table.noise_kind == state.disturbance
    )
    cells = one.cells[(one.cells["rate"] * 100).round() == float(state.level)].set_index("label")["mean"]
    torque, plain = round(100 * cells["torque_default"], 1), round(100 * cells["plain"], 1)
    assert torque - plain == pytest.approx(100 * (cells["torque_default"] - cells["plain"]), abs=0.11)
    return [rf"= {torque:.1f} - {plain:.1f} = {torque - plain:+.1f} \text{{ points}}"]


TRUTHS: dict[str, Callable[[Truth, AppTest], list[str]]] = {
    "mislead": mislead, "torque": torque, "every": every, "gap": gap, "prune": detection, "add": add, "layers": layers,
    "field": field, "noise": detection, "accuracy": accuracy,
}  # fmt: skip


def agrees(name: str, test: AppTest) -> None:
    missing = [part for part in TRUTHS[name](Truth.of(test), test) if part not in formula(test)]
    assert not missing, (missing, formula(test))


MOVES: dict[str, Callable[[AppTest], object]] = {
    "mislead": lambda test: test.number_input(key="node").set_value(25),
    "torque": lambda test: test.selectbox(key="lesson_edge").set_value((0, 8)),
    "every": lambda test: next(button for button in test.button if "highest torque" in button.label).click(),
    "gap": lambda test: cut_at(test, 0.3),
    "prune": lambda test: test.slider(key="fraction").set_value(60),
    "add": lambda test: test.slider(key="additions").set_value(200),
    "layers": lambda test: test.main.button_group(key="layer").set_value(2),
    "field": lambda test: test.number_input(key="node").set_value(13),
    "noise": lambda test: test.slider(key="rate").set_value(100),
    "accuracy": lambda test: test.selectbox(key="disturbance").set_value("delete"),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_follows_its_control_and_confirms_its_task(name):
    test = lesson(step=name)
    assert test.session_state.step == name
    assert STEPS[name].title in " ".join(markdown.value for markdown in test.markdown)
    agrees(name, test)
    assert not test.success
    MOVES[name](test)
    settled(test.run())
    agrees(name, test)
    (message,) = test.success
    assert message.value.startswith("Done. ")
    assert "{" not in message.value
    assert not test.warning


@pytest.mark.parametrize("name", STEPS)
def test_each_answer_is_explained(name):
    test = lesson(step=name)
    for at, answer in enumerate(STEPS[name].question.answers):
        settled(test.radio(key=f"answer_{name}").set_value(at).run())
        (message,) = test.success if answer.correct else test.warning
        assert message.value == f"{'Right' if answer.correct else 'Not quite'}. {answer.explanation}"


def test_a_cut_above_all_torques_prunes_nothing():
    test = lesson(step="gap")
    settled(cut_at(test, 3.007).run())
    assert "S(3.007) = 0" in formula(test)


def test_without_noise_the_fractions_are_undefined():
    test = lesson(step="noise")
    settled(test.slider(key="rate").set_value(0).run())
    assert r"\text{no link is pruned}" in formula(test)
    assert r"\text{no link is false}" in formula(test)
    assert Truth.of(test).layer.pruned.size(1) == 0


def test_tasks_and_answers_survive_other_steps_and_pages():
    test = lesson()
    MOVES["mislead"](test)
    test.run()
    settled(test.radio(key="answer_mislead").set_value(1).run())
    assert "Tasks done: 1 of 10 · correct answers: 1" in {caption.value for caption in test.caption}
    settled(test.button(key="lesson_next").click().run())
    assert test.session_state.step == "torque"
    settled(test.switch_page("pages/explore.py").run())
    settled(test.switch_page("pages/learn.py").run())
    assert test.session_state.step == "torque"
    settled(test.button(key="lesson_back").click().run())
    assert test.radio(key="answer_mislead").value == 1
    assert {message.value[:5] for message in test.success} == {"Done.", "Right"}
    assert test.session_state.node == 3  # the step begins anew
    assert test.button(key="lesson_back").disabled


def test_the_settings_of_a_reader_are_restored_with_their_undo():
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    test.query_params.update({"data": "karate", "picked": "3~4-9"})
    test.switch_page("pages/explore.py").run()
    settled(test.sidebar.slider(key="rate").set_value(30).run())
    before = dict(test.query_params)
    settled(test.switch_page("pages/learn.py").run())
    assert dict(test.query_params) == {}
    assert test.session_state.settings.dataset.name == "block_model"
    assert test.button(key="toolbar_undo").disabled
    for name in ("noise", "accuracy", "gap"):
        settled(test.segmented_control(key="step").set_value(name).run())
        MOVES[name](test)
        settled(test.run())
        assert not test.button(key="toolbar_undo").disabled
        settled(test.button(key="toolbar_undo").click().run())
        agrees(name, test)
        assert dict(test.query_params) == {"step": name}
    settled(test.switch_page("pages/explore.py").run())
    assert dict(test.query_params) == before | {"step": "gap"}
    assert test.session_state.settings.noise.rate == 0.3
    settled(test.button(key="toolbar_undo").click().run())
    assert test.session_state.settings.noise.rate == 0.5


def test_a_link_restores_a_step():
    test = lesson(step="noise")
    settled(test.slider(key="rate").set_value(80).run())
    assert dict(test.query_params) == {"step": "noise", "rate": "80"}
    other = lesson(**test.query_params)
    assert formula(other) == formula(test)
    settled(other.switch_page("pages/explore.py").run())
    assert dict(other.query_params) == {"step": "noise"}  # nothing of the lesson becomes the reader's own


def test_an_unknown_step_is_reported():
    test = lesson(step="nonsense")
    assert test.session_state.step == "mislead"
    assert "«nonsense» is not one of mislead, torque" in test.warning[0].value


def test_the_notes_are_for_teachers_and_not_for_their_class():
    test = lesson(step="gap", notes="1")
    (notes,) = test.expander
    assert notes.label == "For the teacher"
    assert STEPS["gap"].teacher_note in {markdown.value for markdown in notes.markdown}
    parts = [json.loads(part.proto.json) for part in test.get("bidi_component")]
    queries = {part["label"]: part["query"] for part in parts if part and "query" in part}
    assert queries["Copy link for a class"] == "step=gap&teach=1"
    assert queries["Copy link with notes"] == "step=gap&notes=1"
    for link in ({"teach": "1"}, {}):
        test = lesson(step="gap", **link)
        assert STEPS["gap"].teacher_note not in {markdown.value for markdown in test.markdown}
        assert len(test.expander) == (not link)


def test_the_last_step_reports_significance():
    test = lesson(step="accuracy")
    table = next(one for one in study_evidence(stored_results(), "noise_kinds").tables
                 if one.metric == "test" and one.table.noise_kind == "insert_by_degree")  # fmt: skip
    row = table.cells[(table.cells["rate"] == 1) & (table.cells["label"] == "torque_default")].iloc[0]
    (caption,) = (caption.value for caption in test.caption if caption.value.startswith("Bands"))
    assert f"than the plain network in {row.wins:.0f} of 10 splits; p = {row.p_holm:.2g} by" in caption


@pytest.mark.parametrize("name", ["prune", "noise"])
def test_a_link_that_was_clicked_is_explained(name):
    text = "Click a link to read why it is pruned, kept or added."
    test = lesson(step=name)
    assert text in {caption.value for caption in test.caption}
    test = lesson(step=name, picked="1-13")
    assert text not in {caption.value for caption in test.caption}
    assert any(shown.value.startswith("The edge **1 – 13 is pruned**: its ends are far") for shown in test.markdown)


def test_the_numbers_stand_in_words_before_the_formula():
    test = lesson(step="prune")
    truth = Truth.of(test)
    pruned = truth.layer.pruned_mask
    words = f"{int(pruned.sum())} links are pruned, {int((pruned & truth.injected).sum())} of them false"
    texts = [part.value for part in test.main.columns[1] if part.type in ("markdown", "latex")]
    assert f"{words}; {int(truth.injected.sum())} links are false in all." in texts
    assert r"\text{precision}" in texts[-1]


def test_the_receptive_field_follows_the_cut_and_the_noise():
    test = lesson(step="field", film="295")
    before = formula(test)
    parts = [json.loads(part.proto.json) for part in test.get("bidi_component")]
    assert [part["part"] for part in parts if part and part.get("group") == "layer"] == ["film", "cut"]
    settled(cut_at(test, 2.5).run())
    assert formula(test) != before
    truth, node = Truth.of(test), test.session_state.node
    first, last = truth.rewiring.layers
    cut = last.recut(2.5, additions=truth.rewiring.spec.additions)
    rings = truth.heard(node, [first.rewired, cut.rewired])
    assert f"after: }} |R_2|, |R_1|, |R_0| = {', '.join(str(len(ring)) for ring in rings)};" in formula(test)
    settled(test.main.slider(key="rate").set_value(80).run())
    assert dict(test.query_params) == {"step": "field", "film": "295", "threshold": "2.5", "rate": "80"}


def test_the_charts_of_the_gap_and_of_accuracy_can_be_clicked():
    for step, text in (("gap", "Click anywhere in the chart to cut there."), ("accuracy", "Click a point to read")):
        test = lesson(step=step)
        assert any(text in caption.value for caption in test.caption)
        (chart,) = test.get("plotly_chart")
        assert list(chart.proto.selection_mode) == [0]  # points


def test_a_missing_study_is_reported(tmp_path, monkeypatch):
    from torque_core.experiments.results.store import Store

    path = tmp_path / "results.sqlite"
    Store(path).close()
    monkeypatch.setenv("TORQUE_RESULTS", str(path))
    test = lesson(step="accuracy")
    assert "do not contain this study" in test.info[0].value
    assert not test.latex
