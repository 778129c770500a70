"""The page where a person brings a graph, and the other pages with it, in Streamlit's own test runner."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.frame.navigation import PAGES, page_script
from tests.key_numbers import key_numbers
from tests.pages.test_train import trained
from torque_core.datasets.importers import import_graph
from torque_core.io.example_files import example_files

ROOT = Path(__file__).parents[2]
UNLABELLED = b"source,target\nann,bob\nbob,cy\ncy,ann\ncy,di\ndi,ed\n"


def settled(test: AppTest) -> AppTest:
    assert not test.exception, [error.value for error in test.exception]
    return test


def page(files: dict[str, bytes] | None = None) -> AppTest:
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120).switch_page("pages/your_graph.py").run()
    if files:
        uploader = test.file_uploader(key="upload")
        uploader.set_value([(name, content, "application/octet-stream") for name, content in files.items()]).run()
    return settled(test)


def forms() -> list[dict[str, bytes]]:
    """Each sample that is whole."""
    files = example_files()
    tables = {name: files.pop(name) for name in ("edges.csv", "nodes.csv")}
    return [tables, *({name: content} for name, content in files.items())]


@pytest.mark.parametrize("files", forms(), ids=lambda files: next(iter(files)))
def test_each_sample_is_read_and_used(files):
    test = page(files)
    numbers = {metric.label: metric.value for metric in test.metric}
    assert (numbers["Nodes"], numbers["Edges"], numbers["Classes"]) == ("34", "78", "4")
    assert not test.error
    settled(test.button(key="use_graph").click().run())
    assert test.session_state.settings.dataset.content == import_graph(files).content
    assert any(next(iter(files)) in markdown.value for markdown in test.markdown)
    assert key_numbers(test)["now"]["edges"] == 78


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("evidence", "learn")])
@pytest.mark.parametrize("files", [forms()[0], {"edges.csv": UNLABELLED}], ids=["labelled", "unlabelled"])
def test_every_page_shows_it(name, files):
    test = page(files)
    settled(test.button(key="use_graph").click().run())
    settled(test.sidebar.slider(key="rate").set_value(50).run())
    settled(test.switch_page(page_script(name)).run())
    assert test.session_state.settings.dataset.name == "yours"
    if "edges.csv" in files and len(files) == 1 and name == "train":
        assert any("no classes" in info.value for info in test.info)


def test_it_waits_while_the_lesson_is_read():
    test = page(forms()[0])
    settled(test.button(key="use_graph").click().run())
    settled(test.switch_page("pages/learn.py").run())
    assert test.session_state.settings.dataset.name == "block_model"
    settled(test.switch_page("pages/explore.py").run())
    assert test.session_state.settings.dataset.name == "yours"
    assert not test.warning


def test_without_classes_what_needs_them_is_a_dash():
    test = page({"edges.csv": UNLABELLED})
    settled(test.button(key="use_graph").click().run())
    assert key_numbers(test)["now"]["homophily"] is None


def test_what_is_wrong_is_said_and_the_page_stays():
    test = page({"a.csv": b"a,b\nc,\xff\n"})
    (error,) = test.error
    assert error.value.replace("\\", "") == "a.csv, line 2: not UTF-8; save it as CSV UTF-8"
    assert not test.metric
    assert "uploaded_graph" not in test.session_state


def test_a_file_of_another_kind_is_answered():
    (error,) = page({"a.exe": b"graph []"}).error
    assert "unsupported file type; supported are .csv, .tsv" in error.value.replace("\\", "")


def test_robustness_offers_other_graphs_and_no_runs_of_this_one():
    test = page(forms()[0])
    settled(test.button(key="use_graph").click().run())
    settled(test.switch_page("pages/robustness.py").run())
    assert not any("Start the runs below" in info.value for info in test.info)


def test_a_training_calls_its_classes_by_name():
    test = page(forms()[0])
    settled(test.button(key="use_graph").click().run())
    test.session_state.epochs, test.session_state.models = 10, ["plain"]
    trained(settled(test.switch_page("pages/train.py").run()))
    chart = next(json.loads(one.proto.spec) for one in test.get("plotly_chart") if one.proto.id.endswith("confusion"))
    assert chart["data"][0]["x"] == [f"group {number}" for number in range(4)]


def test_every_view_calls_its_classes_by_name():
    test = page(forms()[0])
    settled(test.button(key="use_graph").click().run())
    test.session_state.tables, test.session_state.table_of, test.session_state.picked = True, "nodes", ("0",)
    settled(test.switch_page("pages/explore.py").run())
    assert any(", class group 1: this layer prunes" in markdown.value for markdown in test.markdown)
    assert test.multiselect(key="table_classes").options == [f"group {number}" for number in range(4)]
    assert set(test.dataframe[0].value["class"]) == {f"group {number}" for number in range(4)}
    test.multiselect(key="table_classes").set_value(["group 3"]).run()
    assert set(test.dataframe[0].value["class"]) == {"group 3"}
    settled(test.sidebar.selectbox(key="data").set_value("davis").run())
    assert test.multiselect(key="table_classes").options == ["woman", "event"]
    assert set(test.dataframe[0].value["class"]) == {"woman", "event"}


def test_the_receptive_field_calls_its_classes_by_name():
    test = page(forms()[0])
    settled(test.button(key="use_graph").click().run())
    test.session_state.epochs, test.session_state.node = 10, 0
    trained(settled(test.switch_page("pages/train.py").run()))
    settled(test.switch_page("pages/receptive_field.py").run())
    assert any("class **group 1**" in markdown.value for markdown in test.markdown)
    guesses = [metric.value for metric in test.metric if metric.label.startswith("Predicted class")]
    assert len(guesses) == 2
    assert all(guess.startswith("group ") for guess in guesses)
    charts = [json.loads(one.proto.spec) for one in test.get("plotly_chart") if "influence_classes" in one.proto.id]
    assert charts[0]["data"][0]["x"] == ["group 0", "group 1 (this node)", "group 2", "group 3"]
    assert set(test.dataframe[1].value["class"]) <= {f"group {number}" for number in range(4)}


def test_markup_in_a_name_stays_text():
    test = page({"a.csv": b"source,target\n**x**,<b>\n", "n.csv": b"id,class\n**x**,:red[y]\n"})
    said = " ".join(markdown.value for markdown in test.markdown)
    assert "\\:red\\[y\\]" in said
    assert ":red[y]" not in said


@pytest.mark.parametrize("name", ["your_graph", "explore", "receptive_field"])
def test_no_cell_on_the_screen_begins_like_a_formula(name):
    links, nodes = b"source,target\n=1+1,@b\n@b,+c\n=1+1,-d\n", b"id,class\n=1+1,=x\n@b,+y\n+c,=x\n-d,+y\n"
    test = page({"a.csv": links, "nodes.csv": nodes})
    settled(test.button(key="use_graph").click().run())
    test.session_state.tables = True  # they are open
    settled(test.switch_page(page_script(name)).run())
    texts = [cell for table in test.dataframe for cell in table.value.to_numpy().flatten() if isinstance(cell, str)]
    assert any("@b" in text for text in texts)
    assert not any(text.startswith(("=", "+", "-", "@")) for text in texts)


def test_it_can_be_forgotten():
    test = page(forms()[0])
    settled(test.button(key="use_graph").click().run())
    settled(test.switch_page("pages/your_graph.py").run())
    settled(test.button(key="forget_graph").click().run())
    assert "uploaded_graph" not in test.session_state
    assert test.session_state.settings.dataset.name == "block_model"
    assert not uploader(test).value
    assert not test.metric


def uploader(test: AppTest):
    """The upload area of the page."""
    return next(area for area in test.file_uploader if (area.key or "").startswith("upload"))


def drop(test: AppTest, files: dict[str, bytes]) -> AppTest:
    """Upload further files."""
    given = [(name, content, "text/csv") for name, content in files.items()]
    return settled(uploader(test).set_value(given).run())


def test_a_second_upload_replaces_the_first():
    test = drop(page(forms()[1]), {"e.csv": UNLABELLED})
    numbers = {metric.label: metric.value for metric in test.metric}
    assert (numbers["Nodes"], numbers["Edges"]) == ("5", "5")
    assert not test.error
    drop(test, {"bad.csv": b"a\n"})
    assert len(test.error) == 1
    assert not test.metric


def test_a_table_of_nodes_joins_the_table_of_edges():
    test = drop(page({"e.csv": UNLABELLED}), {"nodes.csv": b"id,class\nann,x\nbob,y\n"})
    assert {metric.label: metric.value for metric in test.metric}["Classes"] == "2"
    assert any("Read from e.csv, nodes.csv" in caption.value.replace("\\", "") for caption in test.caption)
    drop(test, {"nodes.csv": b"id,class\nann,x\nbob,y\ncy,z\n"})
    assert len(test.error) == 1  # a second table of that name does not


TEAMS = {
    "edges.csv": b"source,target,calls\na,b,2\nb,c,1\nc,d,5\n",
    "nodes.csv": b"id,team,city,age\na,x,Rome,1\nb,x,Oslo,2\nc,y,Rome,3\nd,y,Oslo,4\n",
}


def role(test: AppTest, name: str):
    """The selector of a role."""
    boxes = [*test.selectbox, *test.multiselect]
    return next(box for box in boxes if box.key and box.key.startswith(f"role_{name}_"))


def test_roles_of_columns_are_guessed_shown_and_corrected():
    test = page(TEAMS)
    assert [role(test, name).value for name in ("id", "source", "target", "weight", "classes", "name")] == [
        "id", "source", "target", "–", "team", "–",
    ]  # fmt: skip
    assert (role(test, "features").value, role(test, "split").value) == (["age"], [])
    settled(role(test, "classes").set_value("city").run())
    assert role(test, "classes").value == "city"
    assert test.session_state.uploaded_graph.classes == ("Oslo", "Rome")
    settled(role(test, "weight").set_value("calls").run())
    assert test.session_state.uploaded_graph.classes == ("Oslo", "Rome")
    assert test.session_state.uploaded_graph.roles.weight == "calls"
    settled(role(test, "features").set_value([]).run())
    assert {metric.label: metric.value for metric in test.metric}["Features"] == "5"
    assert any("Kept, but without a role: team, age" in markdown.value for markdown in test.markdown)


def test_a_column_that_does_not_suit_is_refused_and_the_former_stays():
    test = page({**TEAMS, "edges.csv": TEAMS["edges.csv"].replace(b",5", b",-5")})
    settled(role(test, "weight").set_value("calls").run())
    (error,) = test.error
    assert "weights must be numbers greater than 0" in error.value
    assert role(test, "weight").value == "–"
    assert {metric.label: metric.value for metric in test.metric}["Edges"] == "3"


def test_the_preview_has_the_names_of_the_columns():
    test = page(TEAMS)
    nodes, edges = (table.value for table in test.dataframe)
    assert list(nodes.columns) == ["node", "class", "age", "city"]
    assert list(edges.columns) == ["source", "target", "calls"]
    assert edges["calls"].tolist() == [2, 1, 5]


def test_weights_are_used_on_all_pages():
    test = page(TEAMS)
    settled(role(test, "weight").set_value("calls").run())
    settled(test.button(key="use_graph").click().run())
    for name in ("explore", "layers", "receptive_field", "compare"):
        settled(test.switch_page(page_script(name)).run())
        assert not test.error


def test_a_link_to_a_graph_that_is_gone_says_so():
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    test.query_params["data"] = "yours"
    test.query_params["seed"] = "4"
    settled(test.switch_page("pages/explore.py").run())
    assert any("session that has ended" in warning.value for warning in test.warning)
    assert test.session_state.settings.dataset.name == "block_model"
    assert test.session_state.settings.noise.seed == 4


def test_other_sessions_do_not_see_it():
    test = page(forms()[0])
    settled(test.button(key="use_graph").click().run())
    other = page()
    assert "uploaded_graph" not in other.session_state
    settled(other.switch_page("pages/explore.py").run())
    assert not any("edges.csv" in option for option in other.sidebar.selectbox(key="data").options)


def test_positions_of_a_drawing_are_the_layout():
    nodes = "".join(f'<node id="{i}"><viz:position x="{10 * i}" y="{i % 2}"/></node>' for i in range(4))
    edges = "".join(f'<edge source="{i}" target="{i + 1}"/>' for i in range(3))
    content = f'<gexf xmlns:viz="v"><graph><nodes>{nodes}</nodes><edges>{edges}</edges></graph></gexf>'
    test = page({"g.gexf": content.encode()})
    settled(test.button(key="use_graph").click().run())
    network = json.loads(next(one.proto.json for one in test.get("bidi_component") if "stage" in one.proto.id))[
        "network"
    ]
    x = np.frombuffer(base64.b64decode(network["nodes"]["x"]), "<f4")
    assert x.tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])


OF_INJECTED = ("recision", "ecall", "AUROC", "njected")


@pytest.mark.parametrize("name", ["explore", "layers", "receptive_field", "compare"])
def test_without_injected_edges_nothing_is_said_of_their_detection(name):
    test = page(forms()[0])
    settled(test.button(key="use_graph").click().run())
    test.session_state.tables = True
    settled(test.switch_page(page_script(name)).run())
    texts = [element.value for kind in ("markdown", "caption", "code") for element in test.get(kind)]
    texts += [column for table in test.dataframe for column in table.value.columns]
    texts += [toggle.label for toggle in test.toggle if toggle.label]
    texts += [option for group in test.get("button_group") for option in group.options]
    assert texts
    # the sidebar's help and the notes on unused methods may speak of noise, but not the page
    assert not [text for text in texts if any(word in str(text).replace("is_injected", "") for word in OF_INJECTED)]


def test_without_injected_edges_the_numbers_are_those_of_the_structure():
    test = page(forms()[0])
    settled(test.button(key="use_graph").click().run())
    strips = [json.loads(one.proto.json) for one in test.get("bidi_component")]
    counts = next(strip["counts"] for strip in strips if strip.get("part") == "numbers")
    data = test.session_state.uploaded_graph.graph.data
    i, j = data.edge_index
    assert counts["before"]["between"] == int((data.y[i] != data.y[j]).sum()) // 2
    assert counts["now"]["injected"] == 0


DIRECTED = b"Source,Target,Type\na,b,Directed\nb,c,Directed\nc,b,Directed\nc,d,Directed\nd,a,Directed\n"


def test_declared_directions_are_kept_on_all_pages_until_they_are_switched_off():
    test = page({"edges.csv": DIRECTED, "nodes.csv": b"id,class\na,x\nb,y\nc,x\nd,y\n"})
    (switch,) = (toggle for toggle in test.toggle if str(toggle.key).startswith("upload_directed"))
    assert switch.value is True
    text = "The files declare directed edges; 5 directed edges between 4 pairs of nodes are used."
    assert any(caption.value == text for caption in test.caption)
    settled(test.button(key="use_graph").click().run())
    assert test.session_state.settings.dataset.directed is True
    settled(test.switch_page("pages/your_graph.py").run())
    (switch,) = (toggle for toggle in test.toggle if str(toggle.key).startswith("upload_directed"))
    settled(switch.set_value(False).run())
    assert any(caption.value.endswith("each of the 4 edges goes both ways.") for caption in test.caption)
    settled(test.switch_page("pages/explore.py").run())
    assert test.session_state.settings.dataset.directed is False
    settled(test.sidebar.selectbox(key="data").set_value("karate").run())
    settled(test.sidebar.selectbox(key="data").set_value("yours").run())
    assert test.session_state.settings.dataset.directed is False


@pytest.mark.parametrize("name", ["verdict", "train", "receptive_field", "layers"])
def test_every_page_shows_a_directed_graph(name):
    test = page({"edges.csv": DIRECTED, "nodes.csv": b"id,class\na,x\nb,y\nc,x\nd,y\n"})
    settled(test.button(key="use_graph").click().run())
    settled(test.switch_page(page_script(name)).run())
    assert not test.error, [error.value for error in test.error]


def test_directions_that_no_file_declares_are_offered():
    test = page({"edges.csv": UNLABELLED})
    (switch,) = (toggle for toggle in test.toggle if str(toggle.key).startswith("upload_directed"))
    assert switch.value is False
    assert any("do not say whether edges are directed" in caption.value for caption in test.caption)
    settled(switch.set_value(True).run())
    settled(test.button(key="use_graph").click().run())
    assert test.session_state.settings.dataset.directed is True
