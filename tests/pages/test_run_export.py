"""The script and the curves of a training equal what its page shows."""

import contextlib
import io
from pathlib import Path
from types import SimpleNamespace

from streamlit.testing.v1 import AppTest

from pages.shared.runs.record import Model, Record
from pages.shared.views.run_export import curves_table
from tests.pages.test_train import trained
from torque_core.training import Epoch, TrainSpec

ROOT = Path(__file__).parents[2]


def test_the_script_of_a_training_prints_the_scores_of_its_page():
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for key, value in {"data": "karate", "rate": "50", "seed": "3"}.items():
        test.query_params[key] = value
    test.switch_page("pages/train.py").run()
    test.session_state.epochs, test.session_state.models = 6, ["plain", "torque"]
    test = trained(test)
    test.session_state.run_export = True
    test.run()
    assert not test.exception
    script = next(code.value for code in test.code if "train_by" in code.value)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(script, "script", "exec"), {})
    numbers = dict(line.rsplit(" ", 1) for line in printed.getvalue().splitlines())
    texts = " ".join(str(metric.value) for metric in test.metric)
    for method in ("plain", "torque"):
        assert f"{100 * float(numbers[f'{method} test']):.1f} %" in texts


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
