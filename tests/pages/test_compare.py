"""The page Compare in Streamlit's own test runner."""

import contextlib
import io
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.core.comparisons import change, is_slow
from pages.shared.core.stored_scores import stored_scores
from pages.shared.state.declarations import default_state
from pages.shared.state.settings import Settings, build_settings
from pages.shared.views.method_table import as_csv, method_rows
from tests.conftest import installed
from tests.experiments.stored import enrol_trainings, made_up_store
from torque_core import BlockModel, DatasetSpec, Noise, RewireSpec, load
from torque_core.experiments import Store
from torque_core.methods.catalog import METHODS
from torque_core.methods.compare import compared_methods

ROOT = Path(__file__).parents[2]
INSTALLED = installed(compared_methods())
TITLES = [METHODS[name].title for name in INSTALLED]

# app.py with this page alone, so that the page is tested wherever it stands in the bar
SCRIPT = f"""
import runpy
import streamlit as st
from pages.shared.state.declarations import SETTINGS
from pages.shared.state.link import read_link, write_link
from pages.shared.frame.sidebar import sidebar

if "settings" not in st.session_state:
    linked, st.session_state.problems = read_link(st.query_params.to_dict())
    st.session_state.update({{key: setting.default for key, setting in SETTINGS.items()}} | linked)
st.session_state.settings = sidebar()
st.session_state.framed = True
runpy.run_path({str(ROOT / "pages/compare.py")!r})
"""


@pytest.fixture(autouse=True)
def no_results(monkeypatch, tmp_path):
    monkeypatch.setenv("TORQUE_RESULTS", str(tmp_path / "none.sqlite"))


@pytest.fixture
def results(monkeypatch, tmp_path):
    path = made_up_store(tmp_path / "results.sqlite")
    with Store(path) as store:
        enrol_trainings(store, "more", "karate", (0.5,), methods=("plain",), splits=9)
    monkeypatch.setenv("TORQUE_RESULTS", str(path))


def page(**link: str) -> AppTest:
    test = AppTest.from_string(SCRIPT, default_timeout=120)
    for key, value in link.items():
        test.query_params[key] = value
    return settled(test.run())


def settled(test: AppTest) -> AppTest:
    assert not test.exception, [error.value for error in test.exception]
    return test


def table(test: AppTest) -> pd.DataFrame:
    """The rows of the methods whose package is installed."""
    rows = test.dataframe[0].value.set_index("method")
    return rows.drop(index=[METHODS[name].title for name in set(compared_methods()) - set(INSTALLED)])


def page_text(test: AppTest) -> str:
    return " ".join(element.value for element in (*test.markdown, *test.caption, *test.info, *test.error))


@pytest.mark.parametrize("data", ["block_model", "karate", "davis", "digits"])
def test_every_method_has_its_row_torque_first(data):
    test = page(data=data)
    assert not test.error
    rows = table(test)
    assert list(rows.index) == TITLES
    waiting = {METHODS[name].title for name in INSTALLED if is_slow(name, load(data).data.num_nodes)}
    assert waiting == ({"DHGR", "JDR", "Pro-GNN"} if data == "digits" else set())
    assert set(rows.index[rows["seconds"].isna()]) == waiting
    rows = rows.drop(index=list(waiting))
    edges = rows.loc["GNN on the original graph", "kept"]
    assert (rows["kept"] + rows["pruned"] == edges).all()
    assert test.selectbox(key="left").value == "torque"
    assert test.selectbox(key="peer").value == "gdc"


def test_another_method_and_another_level():
    test = page(data="karate", peer="fosr")
    assert test.selectbox(key="peer").value == "fosr"
    before = table(test)
    settled(test.sidebar.slider(key="rate").set_value(100).run())
    assert (
        table(test).loc["GNN on the original graph", "kept"]
        == 156
        > before.loc["GNN on the original graph", "kept"]
        == 117
    )
    assert test.selectbox(key="peer").value == "fosr"
    settled(test.selectbox(key="left").set_value("borf").run())
    assert test.session_state.left == "borf"
    settled(test.selectbox(key="peer").set_value("borf").run())  # the same on both sides
    assert not test.error


def test_a_right_hand_method_that_there_is_not():
    test = AppTest.from_string(SCRIPT, default_timeout=120)
    test.session_state.peer = "digl"
    settled(test.run())
    assert test.selectbox(key="peer").value == "gdc"


def test_torque_follows_the_sidebar_and_peers_do_not():
    test = page(data="karate", cut="fixed", fraction="20")
    first = table(test)
    assert first.loc["Torque", "pruned"] == first.loc["Ablation: random", "pruned"] == round(0.2 * 117)
    settled(test.sidebar.slider(key="fraction").set_value(40).run())
    second = table(test)
    assert second.loc["Torque", "pruned"] == second.loc["Ablation: random", "pruned"] == round(0.4 * 117)
    columns = ["kept", "pruned", "added"]
    pd.testing.assert_frame_equal(
        first.drop(index=["Torque", "Ablation: random"])[columns],
        second.drop(index=["Torque", "Ablation: random"])[columns],
    )


def test_without_noise_nothing_is_said_of_detection():
    rows = table(page(data="karate", rate="0"))
    assert {"precision", "recall"}.isdisjoint(rows)
    assert rows["homophily"].notna().any()


def test_slow_methods_wait_on_a_large_graph_until_they_are_asked_for(monkeypatch):
    for key in ("gdc", "sdrf", "borf"):
        monkeypatch.setitem(METHODS, key, replace(METHODS[key], slow_from=30))
    test = page(data="karate")
    assert test.selectbox(key="peer").value == "cosine"
    assert table(test).loc[["GDC", "SDRF", "BORF"], "kept"].isna().all()
    assert table(test).loc[["Torque", "FoSR", "Cosine similarity"], "kept"].notna().all()
    assert table(test).loc["GDC", "note"].startswith("Not run yet: it is slow on 34 nodes.")
    settled(test.selectbox(key="peer").set_value("sdrf").run())
    assert "SDRF is slow on 34 nodes." in page_text(test)
    settled({button.label: button for button in test.button}["Run SDRF"].click().run())
    assert "is slow on" not in page_text(test)
    assert table(test).loc["SDRF", "added"] == 100
    every = next(button for button in test.button if button.label.startswith("Run the slow methods"))
    assert every.label == "Run the slow methods: GDC, BORF"
    settled(every.click().run())
    assert table(test)["kept"].notna().all()
    settled(test.sidebar.number_input(key="seed").set_value(5).run())  # another graph is asked for anew
    assert table(test).loc["GDC", "note"].startswith("Not run yet")


def test_a_method_that_cannot_be_had_says_why_and_the_rest_comes_up():
    test = page(data="karate", cut="bernoulli", peer="ablation_random")
    assert any("is learned in training" in error.value for error in test.error)
    rows = table(test)
    assert "is learned in training" in rows.loc["Ablation: random", "note"]
    assert rows["kept"].isna().sum() == 1


def test_a_graph_too_large_for_all_others(monkeypatch):
    for key in set(compared_methods()) - {"torque", "plain"}:
        monkeypatch.setitem(METHODS, key, replace(METHODS[key], most_nodes=33))
    test = page(data="karate", seed="77")
    assert "GDC is not run on graphs of more than 33 nodes" in test.error[0].value
    assert list(table(test)["kept"].notna()) == [name in ("torque", "plain") for name in INSTALLED]


@pytest.mark.usefixtures("results")
def test_stored_scores_stand_beside_the_methods():
    test = page(data="karate", rate="50", force="dirichlet", cut="gap", screen="no")
    rows = table(test)
    assert rows.loc["Torque", "test_mean"] == pytest.approx(79, abs=0.5)  # the made-up 0.8 - 0.05 + 0.03 + 0.01
    assert rows.loc["Torque", "test_runs"] == rows.loc["Ablation: random", "test_runs"] == 5
    assert rows["test_mean"].notna().sum() == 3  # torque, random and plain
    assert "the study robustness has no run of this method on this graph" in rows.loc["GDC", "note"]
    assert "study **robustness**" in page_text(test)
    assert [button.label for button in test.button] == ["See the study"]
    settled(test.sidebar.slider(key="rate").set_value(35).run())
    assert "test_mean" not in table(test)
    assert "no stored run has this data set" in table(test).loc["Torque", "note"]
    settled(test.sidebar.selectbox(key="cut").set_value("otsu").run())
    settled(test.sidebar.slider(key="rate").set_value(50).run())
    assert "the stored runs use torque with other settings" in table(test).loc["Torque", "note"]
    assert table(test).loc["GNN on the original graph", "test_runs"] == 5


def settings(**more: object) -> Settings:
    usual = {
        "dataset": DatasetSpec("karate"),
        "noise": Noise("insert", 0.5),
        "rewire": RewireSpec(force="dirichlet", cut="gap", screen=False),
    }
    return Settings(**{**usual, "layer": 0, "device": "cpu", **more})


@pytest.mark.usefixtures("results")
def test_which_stored_runs_match():
    found = stored_scores(settings())
    assert (found.study, found.noise_kind, found.level, found.metric) == ("robustness", "insert", "50", "accuracy")
    assert set(found.scores) == {"torque", "ablation_random", "plain"}
    clean = stored_scores(settings(noise=Noise("dice", 0.0)))  # no noise at all is of no kind
    assert set(clean.scores) == {"torque", "ablation_random", "plain"}
    assert set(
        stored_scores(settings(rewire=RewireSpec(force="dirichlet", cut="gap", screen=False, seed=4))).scores
    ) == {
        "torque",
        "ablation_random",
        "plain",
    }
    assert set(stored_scores(settings(rewire=RewireSpec(lever="feature"))).scores) == {"ablation_random", "plain"}
    assert stored_scores(settings(noise=Noise("insert_by_degree", 0.5))) is None
    assert stored_scores(settings(noise=Noise("insert", 0.25))) is None
    assert stored_scores(settings(dataset=DatasetSpec("davis"))) is None
    model = DatasetSpec("block_model", block_model=BlockModel(nodes=50))
    assert stored_scores(settings(dataset=DatasetSpec("block_model"), noise=Noise())) is not None
    assert stored_scores(settings(dataset=model, noise=Noise())) is None


def test_the_graph_of_a_method_as_a_file_has_its_weights(made):
    test = page(data="karate", rate="50", peer="gdc")
    settled(test.selectbox(key="export_graph").set_value("GDC").run())
    rows = pd.read_csv(io.StringIO(made["karate-GDC-1.csv"]().decode()))
    assert (rows["weight"] + rows["weight back"])[rows["fate"] != "pruned"].gt(0).all()
    assert not rows.loc[rows["fate"] == "pruned", ["weight", "weight back"]].any(axis=None)
    settled(test.selectbox(key="export_graph").set_value("layer").run())
    rows = pd.read_csv(io.StringIO(made["karate-layer-1.csv"]().decode()))
    kept = rows["fate"] == "kept"
    assert rows["weight"][kept].tolist() == pytest.approx(rows["edge confidence"][kept].tolist())
    assert not rows["weight"][rows["fate"] == "pruned"].any()


def test_the_table_as_a_file():
    missing = dict.fromkeys(compared_methods(), "None was stored.")
    rows = method_rows({"gdc": "No numba.", "torque": "Too large."}, None, missing)
    back = pd.read_csv(io.StringIO(as_csv(rows)))
    assert list(back["method"]) == ["GDC", "Torque"]
    assert back["kept"].isna().all()
    assert back.loc[0, "note"] == "No numba. No test score: None was stored."
    assert back.loc[0, "options"] == "alpha 0.15, k 64, avg_degree 64"


def test_only_where_they_disagree_counts_and_lists_the_edges():
    test = page(data="karate", peer="cosine", part="disagreement")
    view_text = " ".join(element.value for element in test.markdown)
    counts = {
        name: int(re.search(rf"{name}: \*\*([\d,]+)", view_text)[1].replace(",", ""))
        for name in ("by Torque alone", "by Cosine similarity alone", "by both")
    }
    settings = build_settings(default_state() | {"data": "karate"})
    torque, cosine = (change(settings, method).pruned_mask for method in ("torque", "cosine"))
    assert list(counts.values()) == [
        int((torque & ~cosine).sum()), int((cosine & ~torque).sum()), int((torque & cosine).sum()),
    ]  # fmt: skip
    listed = test.dataframe[0].value
    assert len(listed) == counts["by Torque alone"] + counts["by Cosine similarity alone"]
    assert listed["pruned"].value_counts().to_dict() == {
        name: number for name, number in counts.items() if number and name != "by both"
    }
    settled(next(each for each in test.button if each.key == "disagreement_select").click().run())
    assert len(test.session_state.picked) == len(listed)


def test_the_same_method_twice_agrees_with_itself():
    test = page(data="karate", left="cosine", peer="cosine", part="disagreement")
    assert "Both methods prune the same edges." in [info.value for info in test.info]


def test_disagreement_around_a_node_counts_and_lists_the_edges_there():
    test = page(data="karate", peer="cosine", part="both", node="33")
    settings = build_settings(default_state() | {"data": "karate"})
    torque, cosine = (change(settings, method) for method in ("torque", "cosine"))
    edges = list(zip(*torque.pairs.tolist(), strict=True))
    near = {33} | {node for ends in edges if 33 in ends for node in ends}
    masks = list(zip(torque.pruned_mask.tolist(), cosine.pruned_mask.tolist(), strict=True))
    there = [mask for ends, mask in zip(edges, masks, strict=True) if set(ends) <= near]
    assert 0 < len(there) < len(edges)
    counts = [there.count(which) for which in ((True, False), (False, True), (True, True))]
    assert (
        f"Around node 33, pruned by Torque alone: **{counts[0]}** · by Cosine similarity alone: **{counts[1]}** · "
        f"by both: **{counts[2]}**"
    ) in [element.value for element in test.markdown]
    assert len(test.dataframe[0].value) == counts[0] + counts[1] > 0
    assert {33} != near  # the list has edges among the neighbours, too
    assert not test.error


def test_directions_are_a_choice_where_the_data_set_has_them(raw_root, monkeypatch):
    if not (raw_root / "webkb" / "texas" / "raw").is_dir():
        pytest.skip(f"{raw_root} lacks webkb/texas")
    monkeypatch.setenv("TORQUE_DATA", str(raw_root))
    test = page(data="texas", rate="0", peer="cosine")
    edges = table(test).loc["Torque", ["kept", "pruned"]].sum()
    choice = next(each for each in test.button if each.key == "compare_directions")
    assert choice.label == "Keep the directions"
    settled(choice.click().run())
    assert test.session_state.directed
    assert "undirected" in table(test).loc["GDC", "note"]
    assert table(test).loc["Torque", ["kept", "pruned"]].sum() == edges  # the same pairs of nodes
    choice = next(each for each in test.button if each.key == "compare_directions")
    assert choice.label == "Drop the directions"
    settled(choice.click().run())
    assert table(test)["kept"].notna().all()
    assert not any(each.key == "compare_directions" for each in page(data="karate").button)


@pytest.mark.parametrize("peer", ["gdc", "ablation_random"])
def test_the_scripts_print_the_numbers_of_the_page(peer):
    test = page(data="karate", rate="50", peer=peer, layer="2")
    rows = table(test)
    for code, title in zip(test.code, ("Torque", METHODS[peer].title), strict=True):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code.value, "script", "exec"), {})
        lines = printed.getvalue().replace("None", "nan").splitlines()  # the precision where nothing is pruned
        numbers, row = {name: float(value) for name, value in map(str.split, lines)}, rows.loc[title]
        for name in ("kept", "pruned", "added", "components", "isolated"):
            assert numbers[name] == row[name]
        assert 100 * numbers["edge_homophily"] == pytest.approx(row["homophily"])
        assert 100 * numbers["homophily_change"] == pytest.approx(row["homophily_change"])
        if row["pruned"]:
            assert 100 * numbers["precision"] == pytest.approx(row["precision"])
        assert 100 * numbers["recall"] == pytest.approx(row["recall"])


def test_around_a_node_only_its_neighbourhood_is_drawn():
    test = page(data="karate", peer="cosine", part="neighbourhood", node="11")
    assert not test.error
    assert test.number_input(key="node").value == 11


def test_scores_of_another_split_are_offered(results):
    test = page(data="karate", rate="50", scheme="random-10-10-80")
    button = next(each for each in test.button if each.key == "scheme_random-48-32-20")
    settled(button.click().run())
    assert test.session_state.scheme == "random-48-32-20"
    assert not any(each.key.startswith("scheme_") for each in test.button if each.key)
