"""Every page in Streamlit's own test runner: it comes up, answers to its controls, and says what is wrong."""

import os
import socket
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.settings import SETTINGS, read_link, write_link

ROOT = Path(__file__).parents[1]
PAGES = ["pages/explore.py", "pages/receptive_field.py", "pages/train.py"]


def app(**link: str) -> AppTest:
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for key, value in link.items():
        test.query_params[key] = value
    return test.run()


def settled(test: AppTest) -> AppTest:
    assert not test.exception, [error.value for error in test.exception]
    return test


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("data", ["block_model", "karate", "davis", "digits"])
def test_every_page_shows_every_built_in_set(page, data):
    test = settled(app(data=data).switch_page(page).run())
    assert not test.error
    assert test.session_state.settings.dataset.name == data


def test_the_numbers_follow_the_noise():
    test = app()
    injected = {metric.label: metric.delta for metric in test.metric}["Recall"]
    settled(test.sidebar.slider(key="rate").set_value(100).run())
    more = {metric.label: metric.delta for metric in test.metric}["Recall"]
    assert int(more.split()[2]) == 2 * int(injected.split()[2]) > 0
    settled(test.sidebar.slider(key="rate").set_value(0).run())
    values = {metric.label: metric.value for metric in test.metric}
    assert values["Recall"] == values["AUROC of torque"] == "–"


def test_the_cut_and_the_layer_are_chosen_in_the_sidebar():
    test = app()
    test.sidebar.selectbox(key="cut").set_value("fixed").run()
    settled(test.sidebar.slider(key="fraction").set_value(20).run())
    pruned = next(metric for metric in test.metric if metric.label == "Edges pruned")
    edges = int(pruned.delta.split()[-1])
    assert int(pruned.value) == round(0.2 * edges)
    test.sidebar.selectbox(key="cut").set_value("none").run()
    assert next(metric for metric in test.metric if metric.label == "Edges pruned").value == "0"
    settled(test.sidebar.slider(key="layer").set_value(2).run())
    assert test.session_state.settings.layer == 1


def test_fewer_layers_than_the_one_shown():
    test = app(layers="4", layer="4")
    settled(test.sidebar.number_input(key="layers").set_value(1).run())
    assert test.session_state.settings.layer == 0


def test_another_data_set_starts_with_its_own_split_and_node():
    test = app(data="karate", split="7", node="33").switch_page("pages/receptive_field.py").run()
    assert test.session_state.node == 33
    settled(test.sidebar.selectbox(key="data").set_value("davis").run())
    assert test.session_state.node == 0
    assert test.session_state.settings.dataset.split == 0


def test_a_link_brings_the_view_back_and_says_what_it_cannot():
    test = app(data="karate", rate="35", seed="7", lever="feature", scheme="nonsense", colour="red")
    settings = settled(test).session_state.settings
    assert (settings.dataset.name, settings.noise.rate, settings.noise.seed) == ("karate", 0.35, 7)
    assert settings.rewire.lever == "feature"
    said = " ".join(warning.value for warning in test.warning)
    assert "nonsense" in said
    assert "colour" in said
    assert test.query_params == {"data": "karate", "rate": "35", "seed": "7", "lever": "feature"}


def test_a_node_that_the_graph_lacks():
    test = settled(app(data="karate", node="4000").switch_page("pages/receptive_field.py").run())
    assert "4,000" in test.warning[0].value
    assert test.session_state.node == 33


def test_settings_that_cannot_be_are_a_message_and_stay_set():
    test = app()
    settled(test.sidebar.number_input(key="nodes").set_value(4).run())
    assert "degree must be over 0 and at most nodes - 1 = 3, got 6.0" in test.sidebar.error[0].value
    assert "sidebar" in test.info[0].value
    assert test.session_state.nodes == 4
    settled(test.sidebar.number_input(key="nodes").set_value(120).run())
    assert not test.sidebar.error
    assert test.metric


def test_more_edges_deleted_than_there_are():
    test = app()
    test.sidebar.selectbox(key="noise").set_value("delete").run()
    settled(test.sidebar.slider(key="rate").set_value(150).run())
    assert "rate of delete must be in [0, 1], got 1.5" in test.sidebar.error[0].value


def test_no_network_is_a_message_and_the_app_lives_on(monkeypatch, tmp_path):
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network in this test")

    monkeypatch.setenv("TORQUE_DATA", str(tmp_path))
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    test = settled(app(data="texas"))
    assert "Texas is not in" in test.error[0].value
    assert "karate" in test.error[0].value
    settled(test.sidebar.selectbox(key="data").set_value("karate").run())
    assert not test.error


def test_steps_through_the_nodes():
    test = app(data="karate").switch_page("pages/receptive_field.py").run()
    by_label = {button.label: button for button in test.button}
    settled(by_label["Previous"].click().run())
    assert test.session_state.node == 33
    settled({button.label: button for button in test.button}["Next"].click().run())
    assert test.session_state.node == 0
    settled({button.label: button for button in test.button}["Random"].click().run())
    assert 0 <= test.session_state.node < 34


def test_warm_up_longer_than_the_training():
    test = settled(app(warmup="300").switch_page("pages/train.py").run())
    assert "never be rewired" in test.warning[0].value
    assert next(button for button in test.button if button.label == "Train").disabled


def test_links_and_states_are_inverse():
    state = {key: setting.default for key, setting in SETTINGS.items()}
    assert write_link(state) == {}
    state |= {"data": "cora", "rate": 75, "degree": 4.5, "scheme": "geom-gcn", "node": 12, "view": "network"}
    values, problems = read_link(write_link(state))
    assert not problems
    assert values == {"data": "cora", "rate": 75, "degree": 4.5, "scheme": "geom-gcn", "node": 12, "view": "network"}
    assert all(type(values[key]) is type(SETTINGS[key].default) for key in values)


@pytest.mark.parametrize("text", ["nan", "inf", "1e400", "-1", "5.5", "", "abc", "٣" * 50])
def test_numbers_in_a_link_are_checked(text):
    values, problems = read_link({"seed": text})
    assert values == {}
    assert len(problems) == 1


def test_the_core_knows_nothing_of_the_app():
    for folder, _, files in os.walk(ROOT / "torque_core"):
        for name in files:
            if name.endswith(".py"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    assert "streamlit" not in file.read(), f"{folder}/{name} names streamlit"


def test_a_training_that_is_gone():
    test = settled(app(job="0" * 32).switch_page("pages/train.py").run())
    assert "gone" in test.info[0].value
