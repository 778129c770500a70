"""The page Verdict in Streamlit's own test runner, in a small form: its numbers are those of the core."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.background import verdicts
from pages.shared.background.verdicts import VerdictJob
from torque_core import DatasetSpec, RewireSpec, load
from torque_core.experiments.verdict import VerdictSpec, VerdictStore, VerdictTask, run_verdict
from torque_core.io.example_files import example_files

ROOT = Path(__file__).parents[2]
SPEC = VerdictSpec(seeds=2, rewire=RewireSpec(layers=1))  # half the time of two layers


@pytest.fixture(autouse=True)
def _no_verdicts(monkeypatch, tmp_path):
    monkeypatch.setattr(verdicts, "data_root", lambda: tmp_path)
    verdicts._server_verdicts.clear()


def page(**link: str) -> AppTest:
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for key, value in {"data": "karate", "seeds": "2", "layers": "1", **link}.items():
        test.query_params[key] = value
    return settled(test.run().switch_page("pages/verdict.py").run())


def settled(test: AppTest) -> AppTest:
    assert not test.exception, [error.value for error in test.exception]
    return test


def button(test: AppTest, label: str):
    return next(each for each in test.button if each.label == label)


def until_end(found: VerdictJob) -> None:
    deadline = time.monotonic() + 120
    while found.active:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def page_text(test: AppTest) -> str:
    return " ".join(element.value for element in (*test.markdown, *test.info, *test.warning))


@pytest.fixture(scope="module")
def by_core():
    """What the core gives for the settings of the page."""
    return run_verdict([load(DatasetSpec("karate", split=split)).data for split in range(2)], SPEC)


def test_a_verdict_from_the_button_to_the_edges(by_core):
    test = page()
    plan = "50 trainings: GNN on the original graph, Torque, GCN-Jaccard, Cosine similarity"
    assert any(caption.value.startswith(plan) for caption in test.caption)
    settled(button(test, "Run the verdict").click().run())
    (found,) = verdicts._server_verdicts().values()
    until_end(found)
    settled(test.run())
    assert not found.job.error
    assert by_core.sentence() in page_text(test)
    differences = test.dataframe[0].value
    expected = by_core.scores().dropna(subset=["difference"])
    assert differences["difference"].tolist()[:4] == pytest.approx(
        (100 * expected[expected["label"] == "torque"]["difference"]).tolist()
    )
    cuts = test.dataframe[1].value
    assert cuts["pruned"].tolist() == pytest.approx((100 * by_core.edges()["pruned"]).tolist())
    assert f"{len(by_core.blamed()):,} edges." in page_text(test)
    assert button(test, "Run the verdict" if not found.done else "Continue the verdict").disabled
    # the report and the script
    labels = [each.proto.label for each in test.get("download_button")]
    assert {"Report", "Script"} <= set(labels)
    assert "VerdictSpec(" in test.code[0].value
    # another session with the same link sees the results without a run
    again = page()
    assert by_core.sentence() in page_text(again)
    # edges of a verdict open in Explore with its noise
    opened = next(each for each in again.button if each.key == "verdict_open_blamed")
    settled(opened.click().run())
    assert len(again.session_state.picked) == len(by_core.blamed())
    assert again.session_state.rate == 0


def test_a_cancelled_verdict_is_continued_where_it_stopped(by_core):
    test = page()
    settled(button(test, "Run the verdict").click().run())
    (found,) = verdicts._server_verdicts().values()
    found.job.cancel()
    done = dict(list(by_core.runs.items())[:-3])
    time.sleep(0.5)  # for the training that is under way
    found.runs.clear()
    found.runs.update(done)
    settled(test.run())
    assert f"of the first {len(done)} of {len(done) + 3} trainings" in page_text(test)
    settled(button(test, "Continue the verdict").click().run())
    until_end(found)
    assert found.done_by_job == 3
    assert all(found.runs[task] is run for task, run in done.items())
    settled(test.run())
    assert by_core.sentence() in page_text(test)


def stored(tmp_path, runs):
    store = VerdictStore(tmp_path / "verdicts", DatasetSpec("karate"), SPEC)
    for task, run in runs.items():
        store.save(task, run)


def test_after_a_restart_of_the_server_a_verdict_continues(by_core, tmp_path):
    stored(tmp_path, dict(list(by_core.runs.items())[:-3]))
    test = page()
    assert f"of the first {len(by_core.runs) - 3} of {len(by_core.runs)} trainings" in page_text(test)
    settled(button(test, "Continue the verdict").click().run())
    (found,) = verdicts._server_verdicts().values()
    until_end(found)
    assert found.done_by_job == 3
    verdicts._server_verdicts.clear()  # another restart
    test = page()
    assert by_core.sentence() in page_text(test)
    assert button(test, "Continue the verdict").disabled


def test_a_full_disk_costs_only_the_continuation(by_core, tmp_path, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    stored(tmp_path, dict(list(by_core.runs.items())[:-1]))
    monkeypatch.setattr(VerdictStore, "save", full)
    test = page()
    settled(button(test, "Continue the verdict").click().run())
    (found,) = verdicts._server_verdicts().values()
    until_end(found)
    assert found.job.error is None or not found.job.error
    assert found.done == len(found.tasks)


def test_a_method_that_fails_is_left_out_with_the_reason(by_core):
    test = page()
    known = {task: run for task, run in by_core.runs.items() if task.method != "jaccard"}
    verdicts._server_verdicts()[DatasetSpec("karate"), SPEC] = VerdictJob(
        SPEC, tuple(by_core.splits), known, problems={"jaccard": "no common features"}
    )
    settled(test.run())
    assert "GCN-Jaccard was left out: no common features" in page_text(test)
    assert "of the first" not in page_text(test)


def test_settings_of_the_rewiring_make_another_verdict_and_the_seed_of_the_sidebar_does_not(by_core):
    verdicts._server_verdicts()[DatasetSpec("karate"), SPEC] = VerdictJob(
        SPEC, tuple(by_core.splits), dict(by_core.runs)
    )
    assert by_core.sentence() in page_text(page(seed="7", split="1"))
    assert by_core.sentence() not in page_text(page(cut="otsu"))


def test_your_graph_leads_to_its_verdict_which_stays_in_the_session():
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120).switch_page("pages/your_graph.py").run()
    files = example_files()
    test.file_uploader(key="upload").set_value(
        [(name, files[name], "text/csv") for name in ("edges.csv", "nodes.csv")]
    ).run()
    settled(test.button(key="verdict_on_it").click().run())
    assert "does torque help on this graph?" in page_text(test)
    assert test.session_state.settings.dataset.name == "yours"
    assert not verdicts._server_verdicts()


def test_a_graph_without_classes_has_no_verdict():
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120).switch_page("pages/your_graph.py").run()
    edges = b"source,target\nann,bob\nbob,cy\ncy,ann\ncy,di\n"
    test.file_uploader(key="upload").set_value([("edges.csv", edges, "text/csv")]).run()
    assert "verdict_on_it" not in [each.key for each in test.button]
    settled(test.button(key="use_graph").click().run())
    settled(test.switch_page("pages/verdict.py").run())
    assert "no classes, so no classifier can be trained" in page_text(test)


def test_methods_that_are_not_in_the_spec_are_not_tasks():
    spec = replace(VerdictSpec(seeds=2), methods=("plain", "torque"))
    job = VerdictJob(spec, (), problems={"torque": "x"})
    assert {task.method for task in job.tasks} == {"plain"}
    assert VerdictTask("plain", 0.0, 0) in job.tasks
    assert job.seconds_left is None
