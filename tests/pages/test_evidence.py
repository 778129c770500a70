"""The page Evidence in Streamlit's own test runner, on made-up stores."""

import io
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.core.stored_results import ResultsFile, results_matrix, stored_results, study_evidence
from pages.shared.state.declarations import SETTINGS
from pages.shared.state.link import read_link, write_link
from pages.shared.views.evidence_table import as_csv
from tests.experiments.stored import enrol_trainings, made_up_store
from torque_core.experiments import Store, Training
from torque_core.experiments.report.ladder import ladder_steps
from torque_core.experiments.results import SHIPPED
from torque_core.experiments.studies.relations import LADDER

ROOT = Path(__file__).parents[2]
KARATE = "Zachary's karate club"


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    return made_up_store(tmp_path_factory.mktemp("stored") / "results.sqlite")


@pytest.fixture
def results(made_up, monkeypatch):
    monkeypatch.setenv("TORQUE_RESULTS", str(made_up))
    return made_up


def page(**link: str) -> AppTest:
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for key, value in link.items():
        test.query_params[key] = value
    return settled(test.run().switch_page("pages/evidence.py").run())


def settled(test: AppTest) -> AppTest:
    assert not test.exception, [error.value for error in test.exception]
    return test


def page_text(test: AppTest) -> str:
    return " ".join(element.value for element in (*test.markdown, *test.info, *test.warning, *test.error))


def table(test: AppTest) -> pd.DataFrame:
    return test.dataframe[0].value.set_index("method")


@pytest.mark.usefixtures("results")
def test_it_opens_on_the_first_study_and_shows_every_method():
    test = page()
    assert not test.error
    assert not test.warning
    assert test.selectbox(key="study").value == "clean"
    assert test.selectbox(key="place").value == "Contextual block model"
    assert list(table(test).index) == ["plain", "mlp", "torque_default", "ablation_random"]
    assert table(test)["n"].tolist() == [5] * 4
    assert "is the **blue** dot of torque to the right of the dotted line" in page_text(test)


@pytest.mark.usefixtures("results")
def test_accuracy_over_noise_and_its_table_at_a_level():
    test = page(study="robustness")
    assert test.multiselect(key="methods").value == ["plain", "torque_default", "ablation_random"]
    assert test.selectbox(key="level").value == "100"
    rows = table(test)
    # the made-up gain of torque_default is 6 points at 100 %, that of the MLP -20
    assert rows["difference"].to_dict() == pytest.approx(
        {"plain": float("nan"), "mlp": -20, "torque_default": 6, "ablation_random": -4}, abs=0.3, nan_ok=True
    )
    assert rows["mark"].to_dict() == {"plain": "", "mlp": "▼", "torque_default": "▲", "ablation_random": "▼"}
    assert (rows["low"].dropna() < rows["difference"].dropna()).all()
    assert rows.loc["torque_default", ["pruned", "seconds", "rewire_seconds", "ece"]].tolist() == pytest.approx(
        [30, 1.25, 0.5, 5]
    )
    assert "points above plain. It is more accurate in 5 of 5 splits" in page_text(test)
    assert "the difference is statistically significant under the corrected" in page_text(test)
    settled(test.selectbox(key="level").set_value("0").run())
    assert table(test).loc["torque_default", "difference"] == pytest.approx(3, abs=0.3)
    assert table(test)["pruned"].tolist() == [0.0] * 4


def test_torque_that_cut_nothing_is_level_with_the_plain_model():
    test = page(study="noise_more", place="actor", level="100")
    assert table(test).loc["torque_default", ["difference", "pruned"]].tolist() == [0, 0]
    assert "torque_default reaches 29.7 %, level with plain." in page_text(test)


@pytest.mark.usefixtures("results")
def test_p_values_do_not_follow_the_choice_of_methods():
    test = page(study="robustness")
    before = table(test)
    settled(test.multiselect(key="methods").set_value(["mlp"]).run())
    assert table(test)["p"].equals(before["p"])
    settled(test.multiselect(key="methods").set_value([]).run())
    assert "Choose at least one method." in page_text(test)
    assert len(table(test)) == 4


@pytest.mark.usefixtures("results")
def test_curves_of_scores_and_losses():
    test = page(study="robustness")
    assert any("Thick lines: validation" in caption.value for caption in test.caption)
    test.session_state.curve = "loss"
    settled(test.run())
    assert not any("Thick lines: validation" in caption.value for caption in test.caption)


def test_the_study_of_noise_is_shown_first(tmp_path, monkeypatch):
    monkeypatch.setenv("TORQUE_RESULTS", str(tmp_path / "results.sqlite"))
    with Store(tmp_path / "results.sqlite") as store:
        for study in ("clean", "noise"):
            enrol_trainings(store, study, "karate", (0.0,), splits=2)
    assert page().selectbox(key="study").value == "noise"


def test_curves_that_were_not_kept_are_said(results, tmp_path, monkeypatch):
    with Store(results, read_only=True) as store:
        store.copy_to(tmp_path / "bare.sqlite", curves=False)
    monkeypatch.setenv("TORQUE_RESULTS", str(tmp_path / "bare.sqlite"))
    assert "The training curves of these runs are not stored." in page_text(page())


@pytest.mark.usefixtures("results")
def test_detection():
    test = page(study="detection")
    assert "which score ranks injected edges above original edges?" in page_text(test)
    assert table(test).loc["torque", "mean"] == pytest.approx(0.86)
    assert "difference" not in table(test)


@pytest.mark.usefixtures("results")
def test_another_study_starts_anew_and_other_pages_forget_nothing():
    test = page(study="robustness", methods="plain~mlp", level="50")
    assert test.multiselect(key="methods").value == ["plain", "mlp"]
    assert test.selectbox(key="level").value == "50"
    settled(test.switch_page("pages/explore.py").run())
    settled(test.switch_page("pages/evidence.py").run())
    assert test.multiselect(key="methods").value == ["plain", "mlp"]
    settled(test.selectbox(key="study").set_value("detection").run())
    assert test.multiselect(key="methods").value == ["torque", "cosine"]
    assert not test.warning


@pytest.mark.usefixtures("results")
def test_the_link_says_what_is_seen():
    test = page(study="robustness", methods="plain~mlp", curve="loss")
    assert test.query_params == {
        "study": "robustness", "place": KARATE, "disturbance": "insert", "level": "100",
        "methods": "plain~mlp", "curve": "loss",
    }  # fmt: skip


@pytest.mark.usefixtures("results")
def test_a_link_to_what_is_not_there_says_so_and_shows_the_rest():
    test = page(study="atlantis", place="Utopia", methods="plain~alchemy")
    warnings = [warning.value for warning in test.warning]
    assert warnings == [
        "Study: «atlantis» is not among the stored results.",
        "Data set: «Utopia» is not among the stored results.",
        "Methods: «alchemy» is not among the stored results.",
    ]
    assert test.multiselect(key="methods").value == ["plain"]
    assert len(table(test)) == 4


def test_the_table_as_csv(results):
    assert [button.proto.label for button in page().get("download_button")] == ["Save as a file", "Table as CSV"]
    study = study_evidence.__wrapped__(ResultsFile(str(results), 0, 0), "robustness")
    cells = study.tables[0].cells
    read = pd.read_csv(io.StringIO(as_csv(cells[cells["rate"] == 1.0], study.groups))).set_index("label")
    assert read["group"].to_dict() == {
        "plain": "backbone", "mlp": "backbone", "torque_default": "rewiring", "ablation_random": "control",
    }  # fmt: skip
    assert read.loc["torque_default", "difference"] == pytest.approx(0.06, abs=0.003)
    assert {"n", "mean", "std", "low", "high", "rank", "difference_low", "p", "p_holm", "pruned"} <= set(read)


def damaged(path):
    path.write_bytes(b"SQLite format 3\x00" + b"\x00" * 500)


def foreign(path):
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE songs (title TEXT)")


def of_the_future(path):
    made_up_store(path)
    with sqlite3.connect(path) as store:
        store.execute("UPDATE about SET value = '999'")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "there is no store at"),
        (damaged, "damaged"),
        (lambda path: path.write_text("a poem"), "damaged"),
        (foreign, "is no store of results"),
        (of_the_future, "has schema 999"),
    ],
)
def test_a_store_that_cannot_be_read_is_a_message_and_the_app_lives_on(make, message, tmp_path, monkeypatch):
    path = tmp_path / "results.sqlite"
    make(path)
    monkeypatch.setenv("TORQUE_RESULTS", str(path))
    test = page()
    assert len(test.error) == 1
    assert message in test.error[0].value
    settled(test.switch_page("pages/explore.py").run())
    assert not test.error


def test_an_empty_store_and_a_study_without_scores(tmp_path, monkeypatch):
    path = tmp_path / "results.sqlite"
    monkeypatch.setenv("TORQUE_RESULTS", str(path))
    with Store(path) as store:
        pass
    assert "There are no stored results yet" in page_text(page())
    with Store(path) as store:
        enrol_trainings(store, "planned", "karate", (0.0,), splits=1, methods=("plain",))
        store.enrol("later", "plain", "final", [Training(dataset="karate", split=900)])
    assert "No run of this study has a test score yet." in page_text(page(study="later"))
    alone = page(study="planned")
    assert table(alone)["n"].tolist() == [1]
    assert "difference" not in table(alone)


def test_a_file_that_is_written_anew_is_read_anew(tmp_path, monkeypatch):
    path = tmp_path / "results.sqlite"
    monkeypatch.setenv("TORQUE_RESULTS", str(path))
    with Store(path) as store:
        enrol_trainings(store, "one", "karate", (0.0,), splits=2)
    test = page()
    assert table(test)["n"].tolist() == [2] * 4
    with Store(path) as store:
        enrol_trainings(store, "one", "karate", (0.0,), splits=4)
    settled(test.run())
    assert table(test)["n"].tolist() == [4] * 4


def test_lists_in_links_are_inverse():
    state = {key: setting.default for key, setting in SETTINGS.items()} | {"methods": ["a b", "c"], "study": "s"}
    assert write_link(state) == {"study": "s", "methods": "a b~c"}
    assert read_link(write_link(state)) == ({"study": "s", "methods": ("a b", "c")}, [])
    assert write_link(state | {"methods": []}) == {"study": "s"}
    assert read_link({"study": "x" * 101})[1] == [
        f"study: «{'x' * 40}…» is not a name of at most 100 letters; it was left out."
    ]


@pytest.mark.usefixtures("results")
def test_it_opens_with_the_matrix_and_its_summary():
    test = page()
    assert test.get("plotly_chart")[0].proto.id.endswith("evidence_matrix")
    text = page_text(test)
    assert "- **clean** (2 graphs, 2 with former settings): better on 2, up to " in text
    at_100 = "- **+100 %** (1 graph, 1 with former settings): better on 1, up to +6.0 points (Zachary's karate club)"
    assert at_100 in text


@pytest.mark.usefixtures("results")
def test_a_cell_opens_its_runs_whose_differences_give_its_number():
    test = page()
    matrix = results_matrix.__wrapped__(stored_results())
    number = list(matrix["column"]).index("+100 %")
    test.session_state.evidence_cell = number
    settled(test.run())
    runs = test.dataframe[-1].value
    assert list(runs) == ["split", "plain", "torque_default", "difference", "mlp", "ablation_random"]
    assert len(runs) == 5
    assert runs["difference"].mean() == pytest.approx(100 * matrix["difference"][number])
    assert f"by {100 * matrix['difference'][number]:+.1f} points" in page_text(test)
    settled(next(button for button in test.button if button.label == "See this study below").click().run())
    assert test.selectbox(key="study").value == "robustness"
    assert test.selectbox(key="level").value == "100"


def test_studies_are_named_by_their_question_and_tests_are_hidden(tmp_path, monkeypatch):
    monkeypatch.setenv("TORQUE_RESULTS", str(tmp_path / "results.sqlite"))
    with Store(tmp_path / "results.sqlite") as store:
        for study in ("smoke", "clean", "my_own"):
            enrol_trainings(store, study, "karate", (0.0,), splits=2)
    options = page().selectbox(key="study").options
    assert options == ["Does rewiring help on small clean graphs?", "My own"]


def test_the_ladder_of_relations_says_what_each_step_adds():
    with Store(SHIPPED, read_only=True) as store:
        frame = store.frame("relations")
    test = page(study="relations", place="Texas")
    assert "Step by step: what does each rung of the ladder add?" in page_text(test)
    steps = ladder_steps(frame[frame["dataset"] == "texas"], LADDER).set_index("rung")
    drawn = next(one.value for one in test.dataframe if "rung" in one.value).set_index("rung")
    assert drawn["adds"].tolist() == pytest.approx((100 * steps["difference"]).tolist(), nan_ok=True)
    assert drawn["mean"].tolist() == pytest.approx((100 * steps["mean"]).tolist())
    added = 100 * steps.loc[LADDER["torque_weights"], "difference"]
    assert any(f"Torque as a relation adds {added:+.1f} points to the deep model, directed" in caption.value
               for caption in test.caption)  # fmt: skip
    assert "Step by step" not in page_text(page(study="clean", place="Texas"))
