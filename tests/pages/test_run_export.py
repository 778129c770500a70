"""The script and the curves of a training equal what its page shows."""

import contextlib
import html
import io
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.runs.record import Model, Record
from pages.shared.views.run_export import curves_table
from tests.pages.test_train import trained
from torque_core.training import Epoch, TrainSpec

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TORQUE_DATA", str(tmp_path))


def opened(**link: str) -> AppTest:
    """Train on a small graph, with the exports opened."""
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for key, value in ({"data": "karate", "seed": "3", "models": "plain~torque", "epochs": "10"} | link).items():
        test.query_params[key] = value
    test = trained(test.switch_page("pages/train.py").run())
    test.session_state.run_export = True
    test.run()
    assert not test.exception
    return test


def printed_by(script: str) -> dict[str, float]:
    """Run a script and return the numbers that it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(script, "script", "exec"), {})
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in printed.getvalue().splitlines())}


def script_of(test: AppTest) -> str:
    return next(code.value for code in test.code if "train_by" in code.value)


def test_the_script_of_a_training_prints_the_scores_of_its_page():
    test = opened()
    numbers = printed_by(script_of(test))
    texts = " ".join(str(metric.value) for metric in test.metric)
    for method in ("plain", "torque"):
        assert f"{100 * numbers[f'{method} test']:.1f} %" in texts


def test_the_script_of_several_seeds_prints_the_mean_and_the_deviation_of_its_page():
    test = opened(repeats="3")
    numbers, rows = printed_by(script_of(test)), test.dataframe[0].value
    for row, method in zip(rows.to_dict("records"), ("plain", "torque"), strict=True):
        assert 100 * numbers[f"{method} mean"] == pytest.approx(row["test accuracy (%)"])
        assert 100 * numbers[f"{method} standard deviation"] == pytest.approx(row["± (sd)"])
        assert f"{method} test with seed 5" in numbers


def test_the_report_has_the_settings_scores_curves_and_scripts_of_the_page(made):
    test = opened(repeats="3")
    report = html.unescape(made["trainings.html"]())
    assert re.findall("<h2>(.*?)</h2>", report) == ["Test scores", "Curves", "Calibration", "Run 1 in Python"]
    assert "Seed: 3; " in report
    assert "Seeds per training: 3" in report
    for row in test.dataframe[0].value.to_dict("records"):
        assert f"<td>{row['test accuracy (%)']:.4g}</td>" in report
        assert f"<td>{row['± (sd)']:.4g}</td>" in report
    assert "Torque, mean of 3 seeds" in report
    assert script_of(test) in report


def test_the_report_and_the_exports_have_what_a_model_takes_from_relations(made):
    test = opened(models="plain~torque_relational")
    report = html.unescape(made["trainings.html"]())
    assert "<h2>Relations of Torque, pruned edges as a separate relation</h2>" in report
    assert "Fraction of the messages by relation and layer" in report
    rows = made["relations.csv"]().splitlines()
    assert rows[0] == "run,model,seed,relation,layer,class,gate,contribution"
    assert len(rows) == 1 + 2 * 2 * 4
    assert not test.exception


def test_the_curves_have_one_row_per_model_and_epoch():
    models = {"plain": Model(), "torque": Model()}
    models["plain"].epochs += [Epoch(1, 0.9, 0.5, 0.4), Epoch(2, 0.7, 0.6, 0.5)]
    models["torque"].epochs += [Epoch(1, 0.8, 0.5, None)]
    spec = TrainSpec(seed=4)
    record = Record("0" * 16, "one", "Graph", {}, spec, models, repeats=[{"plain": Model([Epoch(1, 0.5, 0.5, 0.4)])}])
    table = curves_table([SimpleNamespace(record=record)])
    assert table[["model", "epoch", "loss"]].to_numpy().tolist() == [
        ["plain", 1, 0.9],
        ["plain", 2, 0.7],
        ["torque", 1, 0.8],
        ["plain", 1, 0.5],
    ]
    assert table["seed"].tolist() == [4, 4, 4, 5]
    assert table["validation"].isna().tolist() == [False, False, True, False]
