"""The page Robustness in Streamlit's own test runner: its numbers are those of the store, and what is run comes in."""

import contextlib
import html
import io
import re
import time
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.background import local_results, sweeps
from tests.experiments.stored import GAIN, made_up_store, training_result
from torque_core import Noise
from torque_core.experiments import Store, Training, key
from torque_core.io.snippet import experiment_script

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    return made_up_store(tmp_path_factory.mktemp("stored") / "results.sqlite")


@pytest.fixture(autouse=True)
def results(made_up, monkeypatch, tmp_path):
    monkeypatch.setenv("TORQUE_RESULTS", str(made_up))
    monkeypatch.setenv("TORQUE_DATA", str(tmp_path))
    return made_up


def page(**link: str) -> AppTest:
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for name, value in ({"data": "karate"} | link).items():
        test.query_params[name] = value
    return calm(test.switch_page("pages/robustness.py").run())


def calm(test: AppTest) -> AppTest:
    assert not test.exception, [error.value for error in test.exception]
    return test


def page_text(test: AppTest) -> str:
    return "\n".join(element.value for element in (*test.markdown, *test.caption, *test.info, *test.warning))


def button(test: AppTest, begins: str):
    return next(button for button in test.button if button.label.startswith(begins))


def frames(test: AppTest):
    """The splits of the point, and all lines of the level."""
    return [frame.value for frame in test.dataframe]


def run_missing(test: AppTest) -> AppTest:
    calm(button(test, "Run").click().run())
    job = sweeps._sweeps()[parameter(test, "sweep")].job
    end = time.monotonic() + 120
    while job.active:  # to draw the page again and again takes more time than the runs
        assert time.monotonic() < end
        job.watch()
        time.sleep(0.05)
    calm(test.run())
    assert "Last runs" in page_text(test)
    return test


def test_the_first_lines_have_the_former_default_only_where_the_present_one_has_no_runs(made_up):
    assert page().session_state["lines"][:2] == ["plain", "torque_default"]
    assert page(data="davis").session_state["lines"][:2] == ["plain", "torque_screened"]  # nothing is stored


def test_a_point_is_the_mean_of_its_runs():
    test = page(rate="100", lines="plain~torque_default")
    scores = [100 * training_result("torque_default", 1.0, split).metrics["test"] for split in range(5)]
    metric = next(metric for metric in test.metric if metric.label == "torque_default at 100 %, n = 5")
    assert metric.value == f"{sum(scores) / 5:.1f} %"
    splits, lines = frames(test)
    assert splits["test accuracy (%)"].tolist() == pytest.approx(scores)
    assert splits["run"].tolist() == ["stored"] * 5
    row = lines.set_index("method").loc["torque_default"]
    plain = [100 * training_result("plain", 1.0, split).metrics["test"] for split in range(5)]
    assert row["mean"] == pytest.approx(sum(scores) / 5)
    assert row["difference"] == pytest.approx(sum(scores) / 5 - sum(plain) / 5)
    assert set(lines["method"]) == set(GAIN)


def test_detection_has_its_own_lines():
    test = page(measure="detection")
    assert list(test.session_state["lines"]) == ["torque", "cosine"]
    metric = next(metric for metric in test.metric if metric.label.startswith("torque at 50 %"))
    assert metric.value == "0.910"  # 0.95 - 0.1 / 2 and 0.01 more for each draw


def test_a_missing_level_is_run_and_comes_in(tmp_path):
    test = page(rate="25", lines="plain~torque_default")
    assert "These lines have no runs at 25 % yet" in page_text(test)
    at = next(box for box in test.selectbox if box.label == "At")
    assert at.options == ["0, 20, 25, 50, 100 %", "25 %"]  # the whole curve, unless the user chooses otherwise
    calm(at.select_index(1).run())
    run_missing(test)
    with Store(tmp_path / "robustness" / "runs.sqlite", read_only=True) as store:
        kept = store.frame()
    assert sorted(zip(kept["label"], kept["split"], strict=True)) == [
        (label, split) for label in ("plain", "torque_default") for split in range(3)
    ]
    splits, _ = frames(test)
    assert splits["run"].tolist() == ["this server"] * 3
    label = test.selectbox(key="point").value
    assert splits["test accuracy (%)"].tolist() == pytest.approx(
        (100 * kept[kept["label"] == label].sort_values("split")["test"]).tolist()
    )
    printed = io.StringIO()  # the script of the point that is shown, for the first split
    with contextlib.redirect_stdout(printed):
        exec(compile(next(code.value for code in test.code), "script", "exec"), {})
    numbers = dict(line.split(" ", 1) for line in printed.getvalue().splitlines())
    assert 100 * float(numbers["test"]) == pytest.approx(splits["test accuracy (%)"].iloc[0])
    # made as the study made its own: the same run, asked for directly, has the key of the kept one
    scheme = kept["scheme"].iloc[0]
    asked = Training(dataset="karate", scheme=scheme, noise=Noise("insert", 0.25), method="plain")
    assert key(asked) in set(kept["key"])
    assert "All lines already have these runs" in page_text(test)


def parameter(test: AppTest, name: str) -> str:
    """A parameter of the link."""
    value = test.query_params[name]
    return value[0] if isinstance(value, list) else value


def test_the_report_has_every_point_of_the_figure_and_a_script_of_each_line(made):
    page(rate="50", lines="plain~torque_default")
    report = html.unescape(made["robustness-karate.html"]())
    assert re.findall("<h2>(.*?)</h2>", report) == [
        "Robustness", "All points", "plain in Python", "torque_default in Python",
    ]  # fmt: skip
    assert "included in the app" in report
    for label in ("plain", "torque_default"):
        for rate in (0.0, 0.5, 1.0):
            mean = sum(training_result(label, rate, split).metrics["test"] for split in range(5)) / 5
            assert f"<td>{mean:.4g}</td>" in report
        run = Training(dataset="karate", noise=Noise("insert", 0.5), method=label)
        assert experiment_script(run) in report
    runs = pd.read_csv(io.StringIO(made["robustness-karate.csv"]()))
    assert len(runs) == 2 * 3 * 5


def test_the_report_of_the_detection_has_one_script_for_all_scores(made):
    page(rate="50", measure="detection")
    report = html.unescape(made["robustness-karate.html"]())
    assert re.findall("<h2>(.*?)</h2>", report) == ["Robustness", "All points", "detection in Python"]
    assert "<td>0.91</td>" in report


def stored_switch(test: AppTest):
    return next((toggle for toggle in test.toggle if toggle.label == "Stored runs"), None)


def test_the_levels_to_run_are_in_the_link():
    test = page(rate="25", lines="plain", at="level")
    assert test.selectbox(key="at").value == "level"
    assert button(test, "Run").label == "Run 3 missing runs"
    calm(test.selectbox(key="at").set_value("curve").run())
    assert "at" not in test.query_params
    assert button(test, "Run").label == "Run 6 missing runs"  # three levels are stored
    calm(test.selectbox(key="at").set_value("level").run())
    assert parameter(test, "at") == "level"


def test_after_whole_curves_of_ones_own_the_stored_runs_are_behind_a_switch():
    test = page(lines="mlp", rate="20")  # the level that the stored curve lacks
    assert stored_switch(test) is None  # there is nothing to choose from yet
    splits = next(box for box in test.number_input if box.label == "Splits to run")
    calm(splits.set_value(2).run())
    run_missing(test)
    assert stored_switch(test).value  # a single level is no curve
    assert set(frames(test)[0]["run"]) == {"this server"}
    calm(stored_switch(test).set_value(False).run())
    assert parameter(test, "stored") == "no"
    assert button(test, "Run").label == "Run 6 missing runs"  # those of the three other levels, which are stored
    run_missing(test)
    calm(test.sidebar.slider(key="rate").set_value(50).run())
    assert set(frames(test)[0]["run"]) == {"this server"}
    assert len(frames(test)[0]) == 2
    assert list(frames(test)[1]["method"]) == ["mlp"]
    assert "Rings" not in page_text(test)
    again = page(lines="mlp", sweep=parameter(test, "sweep"))  # without a choice: one's own curve
    assert not stored_switch(again).value
    assert frames(again)[0].equals(frames(test)[0])
    calm(stored_switch(again).set_value(True).run())
    assert parameter(again, "stored") == "yes"
    assert set(frames(again)[0]["run"]) == {"stored"}
    assert set(frames(again)[1]["method"]) == set(GAIN)
    assert "Rings" in page_text(again)
    assert stored_switch(page(lines="mlp")).value  # whoever ran nothing sees the included curve


def test_a_run_that_is_broken_off_keeps_what_came_in():
    test = page(data="digits", rate="25", lines="plain~torque_default")
    calm(button(test, "Run").click().run())
    calm(button(test, "Cancel").click().run())
    assert "cancelled" in page_text(calm(test.run()))
    assert button(test, "Run").disabled is False


def test_what_fails_is_said(monkeypatch):
    monkeypatch.setattr(local_results, "MAX_BYTES", 1)
    test = run_missing(page(rate="25", lines="plain"))
    assert "exceed the limit of" in test.error[0].value


def test_the_graph_of_a_point_is_the_one_its_run_saw():
    test = page(rate="50", lines="plain~torque_default")
    box = next(box for box in test.selectbox if box.label == "Split")
    box.select_index(3).run()
    calm(button(test, "Open in Explore").click().run())
    settings = test.session_state["settings"]
    run = Training(dataset="karate", split=3, noise=Noise("insert", 0.5, 3), method="torque_default")
    assert (settings.dataset.name, settings.dataset.scheme, settings.dataset.split, settings.noise) == (
        run.dataset, run.scheme, run.split, run.noise,
    )  # fmt: skip


def test_train_on_it_takes_the_method_along():
    test = page(rate="50", lines="plain~ablation_random")
    assert test.query_params["point"] == "plain"
    calm(test.selectbox(key="point").set_value("ablation_random").run())
    calm(button(test, "Train on this graph").click().run())
    assert list(test.session_state["models"]) == ["plain", "ablation_random"]


def test_a_link_restores_the_point_if_it_has_runs():
    link = {"rate": "50", "lines": "plain~torque_default~ablation_random", "point": "ablation_random"}
    test = page(**link)
    assert test.selectbox(key="point").value == "ablation_random"
    assert test.query_params["point"] == "ablation_random"
    assert any(metric.label.startswith("ablation_random at 50 %") for metric in test.metric)
    other = page(**link | {"point": "nonsense"})
    assert other.selectbox(key="point").value == "torque_default"


def test_a_graph_without_a_curve_leads_to_those_that_have_one():
    test = page(data="digits")
    assert "There is no curve for this graph yet" in page_text(test)
    calm(button(test, "Zachary").click().run())
    assert test.session_state["data"] == "karate"
    assert "There is no curve" not in page_text(test)


def test_what_robustness_is_not_for_is_said():
    assert "its defaults" in page_text(page(data="block_model", nodes="77"))


@pytest.mark.parametrize("data", ["block_model", "karate", "davis", "digits"])
def test_it_is_for_every_built_in_set(data):
    assert "choose another" not in page_text(page(data=data)).lower()


def test_lines_of_a_stale_link_are_left_out():
    test = page(lines="plain~magic")
    assert list(test.session_state["lines"]) == ["plain"]


def test_another_noise_has_other_runs():
    test = page(noise="delete", lines="plain", rate="100")
    assert "There is no curve for this graph yet" in page_text(test)
    assert "injects no edges" in page_text(page(noise="delete", measure="detection"))
