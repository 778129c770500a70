"""The page Train in Streamlit's own test runner: what is started is what was asked for, and what it says is so."""

import statistics
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

from pages.shared.runs import registry, run_file
from pages.shared.runs.record import Model, Outcome, Record
from pages.shared.state.declarations import MAX_RUNS, SETTINGS
from pages.shared.state.spec_settings import spec_options
from pages.shared.views.run_gates import gates_table
from tests.key_numbers import key_numbers
from torque_core import RewireSpec, TrainSpec, load
from torque_core.experiments import train_by
from torque_core.graph.noise import Noise, add_noise
from torque_core.methods.catalog import METHODS
from torque_core.training import PRESETS, Epoch

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TORQUE_DATA", str(tmp_path))


def page(**link: str) -> AppTest:
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for key, value in ({"data": "karate", "epochs": "10", "hidden": "8", "refresh": "5"} | link).items():
        test.query_params[key] = value
    return calm(test.switch_page("pages/train.py").run())


def calm(test: AppTest) -> AppTest:
    assert not test.exception, [error.value for error in test.exception]
    return test


def button(test: AppTest, label: str):
    return next(button for button in test.button if button.label == label)


def trained(test: AppTest) -> AppTest:
    """Press Train and wait for the end."""
    calm(button(test, "Train").click().run())
    end = time.monotonic() + 60
    while any(button.label in ("Cancel", "Pause") for button in test.button):
        assert time.monotonic() < end
        time.sleep(0.1)
        calm(test.run())
    return test


def table(test: AppTest):
    return test.dataframe[0].value


def page_text(test: AppTest) -> str:
    return "\n".join(element.value for element in (*test.markdown, *test.caption, *test.info, *test.warning))


def test_what_it_says_is_what_the_core_says():
    test = trained(page(models="plain~torque~mlp"))
    data = add_noise(load("karate").data, Noise("insert", 0.5)).data
    spec = TrainSpec(epochs=10, hidden=8, refresh_every=5)
    rows = table(test)
    assert list(rows["model"]) == ["GNN on the original graph", "Torque", "MLP"]
    for (_, row), method in zip(rows.iterrows(), ("plain", "torque", "mlp"), strict=True):
        *_, end = train_by(method, data, spec, RewireSpec())
        assert row["test accuracy (%)"] == pytest.approx(100 * end.test)
        assert row["validation accuracy (%)"] == pytest.approx(100 * end.validation)
        assert row["best epoch"] == end.best_epoch
    plain, torque = (rows["test accuracy (%)"][place] for place in (0, 1))
    metrics = {metric.label: metric for metric in test.metric}
    assert metrics["Test accuracy, GNN on the original graph"].value == f"{plain:.1f} %"
    assert metrics["Test accuracy, Torque"].delta == f"{torque - plain:+.1f} points"
    assert "What does the network take from each kind of edge?" not in page_text(test)


def test_hyper_parameters_are_those_of_the_training():
    test = page(
        backbone="sage", separate="yes", learning="0.02", decay="0.001", patience="7", dropout="20", warmup="2",
        directions="forth~back", norm="unit", jk="max", residual="yes", gate="node", relweights="low_rank",
    )  # fmt: skip
    trained(test)
    (run_id,) = test.session_state["job"]
    assert run_file.load(run_id).spec == TrainSpec(
        epochs=10, learning_rate=0.02, weight_decay=0.001, hidden=8, dropout=0.2, warmup=2, refresh_every=5,
        patience=7, backbone="sage", separate=True, directions=("forth", "back"), norm="unit", jk="max", residual=True,
        gate="node", relation_weights="low_rank",
    )  # fmt: skip


def test_a_preset_fills_the_hyper_parameters_and_the_layers():
    test = page(models="plain")
    assert test.selectbox(key="train_preset").value == ""
    for name, preset in PRESETS.items():
        calm(test.selectbox(key="train_preset").set_value(name).run())
        assert test.selectbox(key="train_preset").value == name
        assert test.session_state["layers"] == preset.layers
        options = spec_options(TrainSpec, SETTINGS, test.session_state)
        assert TrainSpec(**options) == preset.training
    calm(test.selectbox(key="train_preset").set_value("deep").run())
    calm(test.number_input(key="epochs").set_value(10).run())
    assert test.selectbox(key="train_preset").value == ""  # no longer the preset
    trained(test)
    run = registry.find(test.session_state["job"][0])
    assert run.record.spec == replace(PRESETS["deep"].training, epochs=10)
    assert run.settings.rewire.layers == 5


def test_pruned_edges_can_be_heard_where_the_backbone_has_a_place_for_them():
    test = trained(page(models="plain~torque_relational~ablation_random_relational", cut="fixed", fraction="40"))
    rows = table(test)
    assert list(rows["model"])[1:] == [
        "Torque, pruned edges as a separate relation",
        "Ablation: random, pruned edges as a separate relation",
    ]
    assert "What does the network take from each kind of edge?" in page_text(test)
    run = registry.find(test.session_state["job"][0])
    gates = run.models["torque_relational"].outcome.gates
    fraction = 100 * float(gates.contribution[1].mean())
    assert f"{fraction:.0f} % of the messages come from pruned edges" in page_text(test)
    assert run.models["plain"].outcome.gates is None
    assert test.selectbox(key="gates_of").options == [title for title in rows["model"] if "separate relation" in title]
    rows = gates_table([run])
    assert len(rows) == 2 * 2 * 2 * 4  # models, relations, layers and classes
    of_class = rows[(rows["model"] == "torque_relational") & (rows["relation"] == "pruned") & (rows["layer"] == 2)]
    assert of_class["contribution"].tolist() == pytest.approx(gates.contribution[1, 1].tolist())
    assert of_class["gate"].tolist() == pytest.approx(gates.gate[1, 1].tolist())
    without = page(models="plain~torque_relational", backbone="gprgnn")
    assert [warning.value for warning in without.warning] == [
        "Torque, pruned edges as a separate relation: backbone 'gprgnn' cannot use several relations; take gcn, sage "
        "or gat."
    ]


def test_runs_are_kept_side_by_side_and_told_apart():
    test = trained(page())
    test.sidebar.slider(key="rate").set_value(0).run()
    trained(test)
    assert set(table(test)["model"]) == {
        f"Run {number}: {title}" for number in (1, 2) for title in ("GNN on the original graph", "Torque")
    }
    first, second = test.session_state["job"]
    rates = dict(zip(table(test)["model"], table(test)["Noise level"], strict=True))
    assert (rates["Run 1: Torque"], rates["Run 2: Torque"]) == ("50", "0")
    calm(test.checkbox(key=f"show_{first}").uncheck().run())
    assert set(table(test)["model"]) == {"Run 2: GNN on the original graph", "Run 2: Torque"}
    calm(test.text_input(key=f"name_{second}").set_value("clean").run())
    assert set(table(test)["model"]) == {"clean: GNN on the original graph", "clean: Torque"}
    calm(test.text_input(key=f"name_{first}").set_value("clean").run())  # two of one name could not be told apart
    assert run_file.load(first).name == "clean′"
    calm(test.button(key=f"settings_{first}").click().run())
    assert test.session_state["rate"] == 50
    calm(test.button(key=f"remove_{second}").click().run())
    assert test.session_state["job"] == (first,)


def test_the_link_of_a_run_opens_it_in_another_session_and_after_a_restart():
    test = trained(page())
    rows, (run_id,) = table(test), test.session_state["job"]
    other = page(job=run_id)
    assert table(other).equals(rows)
    import streamlit as st

    st.cache_resource.clear()  # as a new server has it
    later = page(job=run_id)
    assert table(later).equals(rows)
    assert "done in" in page_text(later)
    assert not any(button.label == "Show it in Explore" for button in later.button)  # its graphs are gone


def test_a_moment_of_a_training_is_what_the_graph_views_show():
    test = trained(page())
    (run_id,) = test.session_state["job"]
    options = next(box for box in test.selectbox if box.label == "Rewired graph of a training")
    assert options.options == ["Torque, from epoch 1 on", "Torque, from epoch 6 on"]
    options.select_index(1).run()
    calm(button(test, "Show it in Explore").click().run())
    assert test.session_state["snapshot"] == f"{run_id}-torque-6"
    assert "from epoch 6 on" in page_text(test)
    data = add_noise(load("karate").data, Noise("insert", 0.5)).data
    refreshes = [
        event for event in train_by("torque", data, TrainSpec(epochs=10, hidden=8, refresh_every=5), RewireSpec())
        if hasattr(event, "rewiring")
    ]  # fmt: skip
    pruned = int(refreshes[1].rewiring.layers[0].pruned_mask.sum())
    assert key_numbers(test)["now"]["pruned"] == pruned
    assert not torch.equal(refreshes[1].rewiring.layers[0].torque.value, refreshes[0].rewiring.layers[0].torque.value)
    for name in ("layers", "receptive_field"):
        assert "from epoch 6 on" in page_text(calm(test.switch_page(f"pages/{name}.py").run()))
    calm(button(test, "Back to the rewiring before training").click().run())
    assert test.session_state["snapshot"] == ""
    assert "from epoch 6 on" not in page_text(test)


def test_a_moment_is_left_when_the_graph_is_another():
    test = trained(page())
    calm(button(test, "Show it in Explore").click().run())
    calm(test.switch_page("pages/explore.py").run())
    assert test.session_state["snapshot"]
    calm(test.sidebar.slider(key="rate").set_value(20).run())
    assert test.session_state["snapshot"] == ""


def test_a_moment_that_is_gone_is_said():
    test = page(snapshot=f"{'0' * 16}-torque-1")
    calm(test.switch_page("pages/explore.py").run())
    assert "no longer stored" in page_text(test)
    assert test.session_state["snapshot"] == ""


def test_too_many_at_once_are_refused_in_words():
    test = page(epochs="1000", data="digits")
    for _ in range(5):
        calm(button(test, "Train").click().run())
    assert "cancel one or wait" in test.error[0].value
    for run_id in test.session_state["job"]:
        calm(test.button(key=f"cancel_{run_id}").click().run())
    assert page_text(test).count("cancelled after") == 4


def test_whoever_has_the_link_of_a_run_may_look_only(monkeypatch):
    test = page(epochs="1000", data="digits", models="plain")
    calm(button(test, "Train").click().run())
    (run_id,) = test.session_state["job"]
    monkeypatch.setattr(registry, "owner_id", lambda: "a stranger")
    stranger = page(epochs="1000", data="digits", job=run_id)
    assert "started in another browser" in page_text(stranger)
    assert not {"Pause", "Resume", "Cancel"} & {button.label for button in stranger.button}
    assert stranger.text_input(key=f"name_{run_id}").disabled
    registry.rename(registry.find(run_id), "mine")  # whatever the page offers
    assert registry.find(run_id).record.name == "Run 1"
    monkeypatch.undo()
    again = page(epochs="1000", data="digits", job=run_id)
    calm(again.button(key=f"cancel_{run_id}").click().run())
    assert "cancelled after" in page_text(again)


def test_an_interrupted_run_is_shown_as_far_as_it_came():
    model = Model([Epoch(1, 2.0, 0.5, 0.5), Epoch(2, 1.0, 0.5, 0.5)])
    run_id, link = "0123456789abcdef", {"data": "karate", "epochs": "10", "rate": "20"}
    run_file.save(Record(run_id, "Mine", "Karate", link, TrainSpec(epochs=10), {"plain": model}, 3.0))
    test = page(job=run_id)
    assert "interrupted after 3 s at 20 %" in page_text(test)
    calm(test.button(key=f"settings_{run_id}").click().run())
    assert (test.session_state["epochs"], test.session_state["rate"]) == (10, 20)


def ended_runs(count: int) -> list[str]:
    """Store this many runs that have ended, and return their ids."""
    ids = [f"{0xA0 + number:016x}" for number in range(count)]
    for number, run_id in enumerate(ids):
        outcome = Outcome(2, 0.5, 0.5, (), None, None)
        model = Model([Epoch(1, 2.0, 0.5, 0.5), Epoch(2, 1.0, 0.5, 0.5)], [], outcome)
        link = {"data": "karate", "epochs": "10"}
        run_file.save(Record(run_id, f"Run {number + 1}", "Karate", link, TrainSpec(epochs=10), {"plain": model}, 3.0))
    return ids


def test_the_oldest_that_is_not_pinned_makes_room():
    ids = ended_runs(MAX_RUNS)
    test = trained(page(models="plain", job="~".join(ids), pinned=ids[0]))
    assert list(test.session_state["job"][:-1]) == [ids[0], *ids[2:]]
    assert set(table(test)["model"]) == {
        f"Run {number}: GNN on the original graph" for number in (1, MAX_RUNS - 3, MAX_RUNS - 2, MAX_RUNS - 1, MAX_RUNS)
    } | {f"Run {MAX_RUNS + 1}: GNN on the original graph"}  # the pinned one, and the newest five


def test_a_pinned_run_stays_in_view_and_in_the_link():
    ids = ended_runs(7)
    test = page(job="~".join(ids))
    names = {f"Run {number}: GNN on the original graph" for number in range(1, 8)}
    assert set(table(test)["model"]) == names - {f"Run {number}: GNN on the original graph" for number in (1, 2)}
    calm(test.button(key=f"pin_{ids[0]}").click().run())
    assert set(table(test)["model"]) == names - {"Run 2: GNN on the original graph"}
    link = {key: value[0] if isinstance(value, list) else value for key, value in test.query_params.items()}
    assert link["pinned"] == ids[0]
    again = page(**link)
    assert table(again).equals(table(test))
    for number in (1, 2, 3):
        calm(again.button(key=f"pin_{ids[number]}").click().run())
    assert again.button(key=f"pin_{ids[4]}").disabled  # four pins at most
    calm(again.button(key=f"remove_{ids[1]}").click().run())
    assert list(again.session_state["pinned"]) == [ids[0], ids[2], ids[3]]
    calm(again.button(key=f"pin_{ids[0]}").click().run())
    assert not again.button(key=f"pin_{ids[4]}").disabled


def test_a_new_run_hides_the_oldest_that_nobody_ticked():
    ids = ended_runs(6)
    test = page(models="plain", job="~".join(ids))
    calm(test.checkbox(key=f"show_{ids[0]}").check().run())
    trained(test)
    assert [test.checkbox(key=f"show_{run_id}").value for run_id in test.session_state["job"]] == [
        True, False, True, True, True, True, True,
    ]  # fmt: skip


def test_several_seeds_give_means_with_deviations_that_can_be_unfolded():
    test = page(models="plain~torque", seed="3")
    calm(test.selectbox(key="repeats").set_value("3").run())
    trained(test)
    data = add_noise(load("karate").data, Noise("insert", 0.5, 3)).data  # one noisy graph
    specs = [TrainSpec(epochs=10, hidden=8, refresh_every=5, seed=seed) for seed in (3, 4, 5)]
    ends = {
        method: [list(train_by(method, data, spec, RewireSpec(seed=spec.seed)))[-1] for spec in specs]
        for method in ("plain", "torque")
    }
    rows = table(test)
    assert list(rows["seeds"]) == [3, 3]
    for row, scores in zip(rows.to_dict("records"), ends.values(), strict=True):
        tests = [100 * end.test for end in scores]
        assert row["test accuracy (%)"] == pytest.approx(statistics.fmean(tests))
        assert row["± (sd)"] == pytest.approx(statistics.stdev(tests))
        assert row["best epoch"] == pytest.approx(statistics.fmean(end.best_epoch for end in scores))
    assert "± (se)" not in rows
    mean, deviation = rows["test accuracy (%)"][1], rows["± (sd)"][1]
    assert "mean ± standard deviation of 3 seeds: GNN on the original graph" in page_text(test)
    assert f"Torque {mean:.1f} ± {deviation:.1f} %" in page_text(test)
    assert "Bands: one standard deviation over the seeds" in page_text(test)
    calm(test.toggle(key="each_seed").set_value(True).run())
    rows = table(test)
    assert list(rows["seed"]) == [3, 4, 5] * 2
    assert list(rows["test accuracy (%)"]) == pytest.approx([100 * end.test for one in ends.values() for end in one])
    (run_id,) = test.session_state["job"]
    again = page(job=run_id)
    calm(again.toggle(key="each_seed").set_value(True).run())
    pd.testing.assert_frame_equal(table(again), rows)
    calm(again.button(key=f"settings_{run_id}").click().run())
    assert again.session_state["repeats"] == "3"


def test_a_warm_up_longer_than_the_training_is_said():
    test = page(warmup="300", epochs="200")
    assert "never be rewired" in page_text(test)
    assert button(test, "Train").disabled


def test_a_graph_that_is_too_large_for_a_method_is_said(monkeypatch):
    monkeypatch.setitem(METHODS, "borf", replace(METHODS["borf"], most_nodes=33))
    test = page(models="plain~borf")
    assert "this one has 34. Leave it out" in page_text(test)
    assert button(test, "Train").disabled


def test_no_model_is_no_training():
    test = page()
    calm(test.multiselect(key="models").set_value([]).run())
    assert "at least one model" in page_text(test)


def test_a_training_that_is_gone():
    test = page(job="0" * 16)
    assert "1 training of this link is no longer available" in test.info[0].value
    assert test.session_state["job"] == ()


def test_the_test_curve_is_behind_a_switch():
    test = trained(page())
    assert "which must not be used for any choice" not in page_text(test)
    curve = next(toggle for toggle in test.toggle if toggle.label == "Test curve")
    calm(curve.set_value(True).run())
    assert "which must not be used for any choice" in page_text(test)
    assert test.query_params["testcurve"] == ["yes"] or test.query_params["testcurve"] == "yes"
