"""The pages in Streamlit's test runner: they load, react to their controls and report errors."""

import ast
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared.core import queries
from pages.shared.frame.navigation import PAGES, page_script
from pages.shared.state.declarations import SETTINGS
from pages.shared.state.link import read_link, write_link
from pages.shared.state.shortcuts import SHORTCUTS
from pages.shared.views import input_preview
from tests.key_numbers import components, key_numbers
from torque_core import DatasetSpec, Noise, RewireSpec, add_noise, load, rewire

ROOT = Path(__file__).parents[2]


def app(**link: str) -> AppTest:
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for key, value in link.items():
        test.query_params[key] = value
    return test.switch_page("pages/explore.py").run()


def link(test: AppTest) -> dict[str, str]:
    """The link parameters without the figure that Explore opens by itself."""
    return {key: value for key, value in test.query_params.items() if key != "tab"}


def settled(test: AppTest) -> AppTest:
    assert not test.exception, [error.value for error in test.exception]
    return test


@pytest.mark.parametrize("page", ["pages/explore.py", "pages/receptive_field.py", "pages/train.py"])
@pytest.mark.parametrize("data", ["block_model", "karate", "davis", "digits"])
def test_pages_show_built_in_data_sets(page, data):
    test = settled(app(data=data).switch_page(page).run())
    assert not test.error
    assert test.session_state.settings.dataset.name == data


def test_a_large_graph_is_seen_before_it_is_scored_and_only_once(monkeypatch):
    order = []

    def noting(module, name):
        original = getattr(module, name)

        def noted(*arguments, **options):
            order.append(name)
            return original(*arguments, **options)

        monkeypatch.setattr(module, name, noted)

    monkeypatch.setattr(input_preview, "_MIN_EDGES", 10_000)
    noting(input_preview, "shade_edges")
    noting(queries, "rewire_graph")
    noting(queries, "shade_layer")
    large = {"nodes": "5100", "degree": "4", "rate": "0", "layers": "1", "seed": "7"}
    test = settled(app(**large))
    assert order == ["shade_edges", "rewire_graph", "shade_layer"]
    assert not any("input-preview" in str(element.proto) for element in test.get("html"))
    settled(test.run())
    settled(app(**large | {"nodes": "300"}))
    assert order == ["shade_edges", "rewire_graph", "shade_layer", "rewire_graph"]


def test_metrics_follow_the_noise_level():
    test = app()
    injected = key_numbers(test)["now"]["injected"]
    settled(test.sidebar.slider(key="rate").set_value(100).run())
    assert key_numbers(test)["now"]["injected"] == 2 * injected > 0
    settled(test.sidebar.slider(key="rate").set_value(0).run())
    assert key_numbers(test)["now"]["injected"] == 0
    assert key_numbers(test)["auroc"] is None


def explanation(**link: str) -> str:
    """Explore's first paragraph, without the title of the data set."""
    return app(data="karate", **link).markdown[0].value.removeprefix("**Zachary's karate club.** ")


def test_explore_explains_why_an_edge_is_pruned_kept_or_added():
    noisy = add_noise(load(DatasetSpec("karate")).data, Noise("insert", 0.5))
    layer = rewire(noisy.data, RewireSpec(layers=1)).layers[0]
    injected = noisy.is_injected(layer.pairs)
    caught = layer.torque.value.where(layer.pruned_mask & injected, 0).argmax()
    (i, j), torque = layer.pairs[:, caught].tolist(), layer.torque[caught]
    assert explanation() == (
        f"The edge **{i} – {j} is pruned**: its ends are far apart (lever arm {torque.lever:.3f}) and unlike (force "
        f"{torque.force:.3f}), torque = {torque.lever:.3f} × {torque.force:.3f} = **{torque.value:.3f}**, which "
        f"reaches the cut at {layer.cut.threshold:.3f}. The noise inserted this edge."
    )
    for pruned in (False, True):
        column = int(((layer.pruned_mask == pruned) & (injected == pruned)).nonzero()[0])
        i, j = layer.pairs[:, column].tolist()
        text = explanation(picked=f"{i}-{j}")
        assert ("is pruned" if pruned else "is kept") in text
        assert text.endswith("The noise inserted this edge." if pruned else "It is an original edge of the graph.")
    i, j = layer.added[:, 0].tolist()
    assert explanation(picked=f"{i}-{j}").startswith(f"The edge **{i} – {j} is added**: its ends are near")
    assert explanation(cut="none").startswith("The edge **16 – 31 is kept** because nothing is pruned here")
    assert explanation(picked="0-33").startswith("The edge **0 – 33 is not in this layer**")


def test_explore_offers_an_edge_that_torque_got_wrong_with_the_reason_and_a_right_one_again():
    test = app(data="karate")
    settled(test.button(key="other_story").click().run())
    (wrong,) = test.session_state.picked
    assert f"**{wrong.replace('-', ' – ')} is pruned**" in test.markdown[0].value
    assert "It is an original edge of the graph, but it connects two classes (" in test.markdown[0].value
    settled(test.button(key="other_story").click().run())
    assert test.session_state.picked != (wrong,)
    assert test.markdown[0].value.endswith("The noise inserted this edge.")


@pytest.mark.parametrize(
    ("false", "alike", "reason"),
    [
        (True, True, r"inserted this edge; both ends have class \d, so it hardly misleads\."),
        (True, False, r"inserted this edge; what hides it is its lever arm, smaller than that of \d+% of the edges\."),
        (
            False,
            True,
            r"original edge .*; what misled torque is its lever arm, larger than that of \d+% of the edges\.",
        ),
    ],
)
def test_explore_says_why_an_edge_was_judged_wrongly(false, alike, reason):
    noisy = add_noise(load(DatasetSpec("karate")).data, Noise("insert", 0.5))
    layer = rewire(noisy.data, RewireSpec(layers=1)).layers[0]
    first, second = noisy.data.y[layer.pairs]
    wrong = (noisy.is_injected(layer.pairs) == false) & (layer.pruned_mask != false) & ((first == second) == alike)
    i, j = layer.pairs[:, wrong][:, 0].tolist()
    assert re.search(f"{reason}$", explanation(picked=f"{i}-{j}"))


def test_explore_describes_the_edges_of_a_node():
    assert (
        explanation(picked="3")
        == "**Node 3**, class 1: this layer prunes 2 of its 7 edges (1 of them injected by the noise) and adds 1."
    )
    assert explanation(picked="3~5").endswith("(The first of 2 selected.)")


def test_the_sidebar_sets_the_cut_rule_and_the_layer():
    test = app()
    test.sidebar.selectbox(key="cut").set_value("fixed").run()
    settled(test.sidebar.slider(key="fraction").set_value(20).run())
    now = key_numbers(test)["now"]
    assert now["pruned"] == round(0.2 * now["edges"])
    test.sidebar.selectbox(key="cut").set_value("none").run()
    assert key_numbers(test)["now"]["pruned"] == 0
    settled(test.main.button_group(key="layer").set_value(2).run())
    assert test.session_state.settings.layer == 1


def test_the_layer_shown_is_at_most_the_last():
    test = app(layers="4", layer="4")
    settled(test.sidebar.number_input(key="layers").set_value(1).run())
    assert test.session_state.settings.layer == 0


def test_another_data_set_resets_the_split_and_the_node():
    test = app(data="karate", split="7", node="33").switch_page("pages/receptive_field.py").run()
    assert test.session_state.node == 33
    settled(test.sidebar.selectbox(key="data").set_value("davis").run())
    assert test.session_state.node == 0
    assert test.session_state.settings.dataset.split == 0


def test_a_link_restores_the_view_and_reports_invalid_parts():
    test = app(data="karate", rate="35", seed="7", lever="feature", scheme="nonsense", colour="red")
    settings = settled(test).session_state.settings
    assert (settings.dataset.name, settings.noise.rate, settings.noise.seed) == ("karate", 0.35, 7)
    assert settings.rewire.lever == "feature"
    said = " ".join(warning.value for warning in test.warning)
    assert "nonsense" in said
    assert "colour" in said
    assert link(test) == {"data": "karate", "rate": "35", "seed": "7", "lever": "feature"}


def test_many_invalid_parts_of_a_link_are_one_message():
    test = settled(app(**{f"part{number}": "1" for number in range(40)}))
    (message,) = [warning.value for warning in test.warning]
    assert message.count("is unknown and was left out") == 5
    assert "and 35 more" in message


def test_a_selection_leads_to_its_receptive_field():
    test = app(data="karate", picked="33").switch_page("pages/receptive_field.py").run()
    assert settled(test).session_state.node == 33
    assert "node" not in test.query_params


def test_a_node_beyond_the_last_is_reported():
    test = settled(app(data="karate", node="4000").switch_page("pages/receptive_field.py").run())
    assert "4,000" in test.warning[0].value
    assert test.session_state.node == 33


def test_contradictory_settings_give_a_message_and_stay_set():
    test = app()
    settled(test.sidebar.number_input(key="nodes").set_value(4).run())
    assert "degree must be greater than 0 and at most nodes - 1 = 3, got 6.0" in test.sidebar.error[0].value
    assert "sidebar" in test.info[0].value
    assert test.session_state.nodes == 4
    settled(test.sidebar.number_input(key="nodes").set_value(120).run())
    assert not test.sidebar.error
    assert key_numbers(test)


def test_deleting_more_than_all_edges_is_an_error():
    test = app()
    test.sidebar.selectbox(key="noise").set_value("delete").run()
    settled(test.sidebar.slider(key="rate").set_value(150).run())
    assert "rate of delete must be in [0, 1], got 1.5" in test.sidebar.error[0].value


def test_a_failed_download_gives_a_message_and_the_app_continues(monkeypatch, tmp_path):
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network in this test")

    monkeypatch.setenv("TORQUE_DATA", str(tmp_path))
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    test = settled(app(data="texas"))
    assert "Texas is not in" in test.error[0].value
    assert "karate" in test.error[0].value
    assert "no network in this test" in test.error[0].value
    options = test.sidebar.selectbox(key="data").options
    assert {"Texas (to download)", "Contextual block model"} <= set(options)
    settled(test.button(key="built_in_dataset").click().run())
    assert (test.session_state.data, len(test.error)) == ("block_model", 0)
    settled(test.sidebar.selectbox(key="data").set_value("karate").run())
    assert not test.error


def test_a_node_is_found_by_its_name():
    test = app(data="davis", node="999").switch_page("pages/receptive_field.py").run()
    assert "Node 999 is not in this graph" in settled(test).warning[0].value
    chosen = test.main.selectbox(key="node")
    assert chosen.value == 31
    assert chosen.options[3] == "3: Brenda Rogers"
    settled(chosen.set_value(3).run())
    assert "Node **3** (Brenda Rogers), class **woman**" in [shown.value for shown in test.markdown]
    test.switch_page("pages/explore.py").run()
    settled(test.sidebar.selectbox(key="data").set_value("karate").run())
    assert test.session_state.node == 0
    press(test, "undo").switch_page("pages/receptive_field.py").run()
    assert settled(test).main.selectbox(key="node").value == 3


def test_buttons_step_through_the_nodes():
    test = app(data="karate").switch_page("pages/receptive_field.py").run()
    by_label = {button.label: button for button in test.button}
    settled(by_label["Previous"].click().run())
    assert test.session_state.node == 33
    settled({button.label: button for button in test.button}["Next"].click().run())
    assert test.session_state.node == 0
    settled({button.label: button for button in test.button}["Random"].click().run())
    assert 0 <= test.session_state.node < 34


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


def test_the_core_does_not_import_streamlit():
    for folder, _, files in os.walk(ROOT / "torque_core"):
        for name in files:
            if name.endswith(".py"):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    assert "streamlit" not in file.read(), f"{folder}/{name} names streamlit"


def imports_before_the_shared_packages(script: Path) -> list[str]:
    modules: list[str] = []
    for line in ast.parse(script.read_text("utf-8")).body:
        if isinstance(line, ast.Import):
            modules += [alias.name for alias in line.names]
        elif isinstance(line, ast.ImportFrom):
            modules.append(str(line.module))
    return modules[: next(at for at, name in enumerate(modules) if name.startswith("pages.shared"))]


def test_the_app_sets_its_environment_before_torch_is_loaded():
    scripts = [ROOT / "app.py", *(ROOT / page_script(name) for name in PAGES)]
    before = sorted({module for script in scripts for module in imports_before_the_shared_packages(script)})
    code = f"""
import importlib, os, sys
for module in {before}:
    importlib.import_module(module)
import pages.shared
assert "torch" not in sys.modules
print(os.environ["GOMP_SPINCOUNT"])
"""
    environment = {key: value for key, value in os.environ.items() if key != "GOMP_SPINCOUNT"}
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (run.stdout, run.returncode) == ("10000\n", 0), run.stderr


def test_a_page_computes_no_layer_beyond_the_one_shown(monkeypatch):
    asked = []
    monkeypatch.setattr(
        queries, "rewire_graph", lambda data, spec, **more: asked.append(spec.layers) or rewire(data, spec, **more)
    )
    st.cache_resource.clear()
    test = app(data="karate", layers="3")
    assert asked == [1]
    shown = key_numbers(test)
    test.switch_page("pages/layers.py").run()
    assert asked == [1, 3]
    settled(test.switch_page("pages/explore.py").run())
    assert key_numbers(test) == shown
    settled(test.main.button_group(key="layer").set_value(2).run())
    assert asked == [1, 3, 2]


def press(test: AppTest, key: str) -> AppTest:
    return settled(test.button(key=f"toolbar_{key}").click().run())


def test_undo_and_redo_of_a_control():
    test = app(data="karate")
    assert test.button(key="toolbar_undo").disabled
    test.sidebar.slider(key="rate").set_value(100).run()
    test.sidebar.selectbox(key="force").set_value("unit").run()
    assert link(test) == {"data": "karate", "rate": "100", "force": "unit"}
    press(test, "undo")
    assert test.sidebar.selectbox(key="force").value == SETTINGS["force"].default
    assert "Undone: force" in [caption.value for caption in test.caption]
    press(test, "undo")
    assert test.sidebar.slider(key="rate").value == test.session_state.settings.noise.rate * 100 == 50
    assert test.button(key="toolbar_undo").disabled
    press(press(test, "redo"), "redo")
    assert link(test) == {"data": "karate", "rate": "100", "force": "unit"}
    assert test.button(key="toolbar_redo").disabled
    press(test, "undo")
    test.sidebar.slider(key="rate").set_value(10).run()
    assert test.button(key="toolbar_redo").disabled


def test_another_data_set_is_one_step_to_undo():
    test = app(data="karate", picked="3~4-9", threshold="0.5", split="7", node="33", hops="3")
    before = link(test)
    assert "1 node, 1 edge selected" in [caption.value for caption in test.caption]
    test.sidebar.selectbox(key="data").set_value("davis").run()
    assert link(test) == {"data": "davis", "hops": "3"}
    press(test, "undo")
    assert link(test) == before
    assert test.session_state.settings.dataset.split == 7


def test_a_node_corrected_by_the_page_is_not_a_step():
    test = settled(app(data="karate", node="4000").switch_page("pages/receptive_field.py").run())
    assert test.query_params["node"] == "33"
    assert test.button(key="toolbar_undo").disabled
    next(button for button in test.button if button.label == "Previous").click().run()
    assert press(test, "undo").session_state.node == 33
    assert test.button(key="toolbar_undo").disabled


@pytest.mark.parametrize(
    ("key", "value"), [("lever", "feature"), ("lever", "auto"), ("force", "unit"), ("product", "cross")]
)
def test_another_torque_clears_a_threshold_set_by_hand(key, value):
    test = app(data="karate", threshold="0.5", picked="3")
    test.sidebar.slider(key="rate").set_value(20).run()
    assert test.session_state.threshold == "0.5"
    settled(test.sidebar.selectbox(key=key).set_value(value).run())
    assert test.session_state.threshold == ""
    assert test.session_state.picked == ("3",)
    assert press(test, "undo").session_state.threshold == "0.5"


def test_lever_and_force_can_be_chosen_automatically():
    test = settled(app(data="karate", lever="auto", force="auto"))
    assert test.sidebar.selectbox(key="lever").value == "auto"
    assert "auto: what fits the graph" in test.sidebar.selectbox(key="lever").help
    assert not test.error


def test_the_automatic_choice_is_offered_if_torque_prunes_nothing():
    test = app(data="karate", rate="200", threshold="0.4")
    assert "take_auto" not in [button.key for button in test.button]  # cut by hand
    test = app(data="karate", rate="200")
    test.button(key="take_auto").click()
    settled(test.run())
    assert (test.session_state.lever, test.session_state.force) == ("auto", "auto")
    assert "Chosen automatically for this graph: lever arm **feature**, force **unit**." in [
        shown.value for shown in test.caption
    ]
    assert "take_auto" not in [button.key for button in test.button]
    assert press(test, "undo").session_state.lever == "structural"
    for other in ({"rate": "50"}, {"rate": "200", "teach": "1", "hide": "method"}):  # it cuts; not for this class
        assert "take_auto" not in [button.key for button in app(data="karate", **other).button]


def test_the_block_model_keeps_its_settings():
    test = app(nodes="90", homophily="70")
    test.sidebar.selectbox(key="data").set_value("karate").run()
    test.sidebar.slider(key="rate").set_value(20).run()
    settled(test.sidebar.selectbox(key="data").set_value("block_model").run())
    assert test.session_state.settings.dataset.block_model.nodes == 90
    assert test.sidebar.slider(key="homophily").value == 70


def test_clearing_the_selection_can_be_undone():
    test = app(data="karate", picked="~".join(map(str, range(34))))
    assert "34 nodes selected" in [caption.value for caption in test.caption]
    press(test, "clear")
    assert test.session_state.picked == ()
    assert not [button for button in test.button if button.key == "toolbar_clear"]
    assert len(press(test, "undo").session_state.picked) == 34


def test_a_link_holds_a_part_of_a_long_selection():
    test = app(picked="~".join(map(str, range(101))))
    assert "101 nodes selected; the link holds the first 100" in [caption.value for caption in test.caption]
    assert len(test.query_params["picked"].split("~")) == 100
    assert len(test.session_state.picked) == 101


def sidebar_keys(test: AppTest) -> set[str]:
    widgets = [*test.sidebar.selectbox, *test.sidebar.slider, *test.sidebar.number_input]
    return {widget.key for widget in widgets}


def test_layers_has_only_its_own_control_of_the_layer():
    test = app(data="karate", layer="2").switch_page("pages/layers.py").run()
    assert "layer" not in [widget.key for widget in settled(test).button_group]
    (steps,) = (part for part in components(test) if part.get("part") == "steps")
    assert steps["titles"] == ["Input graph, with noise", "Layer 1", "Layer 2"]
    before, after = (part for part in components(test) if part.get("part") == "stage")
    assert before["steps"] is None
    assert [step["title"].split(":")[0] for step in after["steps"]] == steps["titles"]
    assert after["steps"][0]["edges"] == before["network"]["edges"]
    settled(test.switch_page("pages/explore.py").run())
    assert test.main.button_group(key="layer").value == 2


def test_hidden_controls_keep_their_values():
    test = settled(app(teach="1", data="karate", lever="feature", hops="3", layers="3", layer="2", device="cpu"))
    assert sidebar_keys(test) == {"data", "scheme", "split", "noise", "rate", "seed"}
    rewire = test.session_state.settings.rewire
    assert (rewire.lever, rewire.hops, test.session_state.settings.device) == ("feature", 3, "cpu")
    settled(test.sidebar.slider(key="rate").set_value(20).run())
    assert test.session_state.settings.rewire == rewire
    assert test.query_params["teach"] == "1"
    assert not [widget for widget in test.multiselect if "hides" in widget.label]
    assert press(test, "undo").session_state.teach == 1


@pytest.mark.parametrize(
    ("hide", "lacks"),
    [
        ("data~split", {"data", "scheme", "split"}),
        ("noise", {"noise", "rate", "seed"}),
        ("sidebar", None),
    ],
)
def test_a_link_chooses_what_to_hide(hide, lacks):
    test = settled(app(teach="1", hide=hide, data="karate"))
    seen = sidebar_keys(test)
    assert seen == (set() if lacks is None else sidebar_keys(app(data="karate")) - lacks)
    assert key_numbers(test)
    assert link(test) == {"data": "karate", "teach": "1", "hide": hide}
    assert test.button(key="toolbar_undo")


def test_the_choice_of_the_layer_can_be_hidden():
    test = settled(app(teach="1", hide="layer", data="karate", layer="2"))
    assert "layer" not in [widget.key for widget in test.button_group]
    assert test.session_state.settings.layer == 1


def test_the_toolbar_can_be_hidden():
    test = settled(app(teach="1", hide="toolbar"))
    assert not [button for button in test.button if (button.key or "").startswith("toolbar")]
    assert test.sidebar.selectbox(key="lever")


def test_nothing_is_hidden_without_teacher_mode():
    test = settled(app(hide="sidebar~toolbar"))
    assert test.sidebar.selectbox(key="lever")
    assert test.button(key="toolbar_undo")


def test_messages_are_shown_without_a_sidebar():
    test = settled(app(teach="1", hide="sidebar", nodes="4"))
    assert "degree must be greater than 0" in test.error[0].value


def test_the_link_for_a_class():
    test = app(data="karate")
    hides = next(widget for widget in test.multiselect if "hides" in widget.label)
    assert hides.value == ["method", "device"]
    settled(hides.set_value(["noise"]).run())
    assert link(test) == {"data": "karate"}


def saved(**changes: object) -> bytes:
    file = {"app": "Torque Explorer", "version": 1, "page": "receptive_field", "settings": {"data": "karate"}}
    return json.dumps(file | changes).encode()


def restore(test: AppTest, raw: bytes) -> AppTest:
    return settled(test.file_uploader(key="session_file").set_value(("s.json", raw, "application/json")).run())


def test_restoring_a_session_file_is_one_step():
    test = app(data="davis", rate="20", teach="1")
    restore(test, saved(settings={"data": "karate", "node": "33", "picked": "3~4-9"}))
    assert link(test) == {"data": "karate", "node": "33", "picked": "3~4-9", "teach": "1"}
    assert test.number_input(key="node").value == 33
    assert not test.warning
    press(test, "undo")
    assert link(test) == {"data": "davis", "rate": "20", "teach": "1"}


def test_an_invalid_session_file_is_reported():
    test = restore(app(data="davis"), b"nothing")
    assert "not JSON" in test.warning[0].value
    assert link(test) == {"data": "davis"}
    assert test.button(key="toolbar_undo").disabled
    test = restore(app(data="davis"), saved(page="moon", settings={"data": "karate", "rate": "x"}))
    lines = [line for warning in test.warning for line in warning.value.splitlines()]
    assert [line.split(":")[0] for line in lines] == ["- page", "- noise level in %"]
    assert link(test) == {"data": "karate"}


def test_every_shortcut_is_listed_once():
    keys = [shortcut.keys for shortcut in SHORTCUTS.values()]
    assert len(set(keys)) == len(keys)
    listed = str([table.value for table in app().table])
    for shortcut in SHORTCUTS.values():
        assert shortcut.action in listed


def test_every_page_has_a_name_and_a_script():
    for name in PAGES:
        assert (ROOT / page_script(name)).exists()


def test_the_start_page_reports_a_result_and_leads_to_other_pages():
    test = settled(AppTest.from_file(ROOT / "app.py", default_timeout=120).run())
    assert "Which edges of a graph are misleading?" in test.markdown[0].value
    (said,) = (caption.value for caption in test.caption if "graph with four classes" in caption.value)
    pattern = r"(\d+) false edges .* It pruned (\d+) edges .*, (\d+) of them false, and added (\d+)"
    links, cut, false, added = map(int, re.search(pattern, said).groups())
    assert links == 120
    assert 0 < false <= cut <= 359
    assert added == cut // 4


def test_a_link_that_would_fill_the_memory_is_refused_before_anything_is_computed(monkeypatch):
    monkeypatch.setattr(queries, "load", lambda spec: pytest.fail("is loaded"))
    for page in ("explore", "layers", "compare", "train"):
        test = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        link = {"nodes": "200000", "degree": "24", "rate": "200", "layers": "4", "layer": "4"}
        for key, value in link.items():
            test.query_params[key] = value
        test.switch_page(f"pages/{page}.py").run()
        assert "mean degree of at most" in test.error[0].value
