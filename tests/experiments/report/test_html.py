import csv
import hashlib
import io
import re

import numpy as np
import pandas as pd
import pytest

from tests.experiments.stored import enrol_detections, enrol_trainings, made_up_store
from torque_core import BadConfig, Noise
from torque_core.experiments import Result, Store, Training
from torque_core.experiments.kinds.attack import Attack
from torque_core.experiments.kinds.squashing import Squashing
from torque_core.experiments.kinds.squashing_trees import SquashingTrees
from torque_core.experiments.report.html import write_report
from torque_core.experiments.report.markdown import markdown
from torque_core.experiments.report.tables import detection_runs, evidence, labels_of, measure_tables, study_tables


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A report of everything in a made-up store: its folder and its Markdown."""
    folder = tmp_path_factory.mktemp("report")
    with Store(made_up_store(folder / "runs.sqlite")) as store:
        files = write_report(store, folder / "out")
    return files, (folder / "out" / "report.md").read_text()


def rows_below(text, heading):
    """The cells of the table under a heading, by its first column."""
    table = text.split(heading, 1)[1].split("\n\n")[1].splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return cells[0][1:], {row[0]: row[1:] for row in cells[2:]}


def store_with(path, *trainings, **further):
    store = Store(path / "runs.sqlite")
    for study, dataset, rates in trainings:
        enrol_trainings(store, study, dataset, rates, **further)
    return store


def test_files(written):
    files, text = written
    assert [file.name for file in files] == [
        "clean.csv", "clean.html", "detection.csv", "detection.html", "robustness.csv", "robustness.html", "report.md",
    ]  # fmt: skip
    assert all(file.is_file() for file in files)
    assert len(list(files[0].parent.iterdir())) == len(files)  # nothing half-written is left
    assert "Files: `clean.csv`, `clean.html`." in text


def test_the_command_the_versions_and_the_protocol(written):
    _, text = written
    assert re.search(r"`python -m torque_core report --store \S+runs.sqlite --out \S+out`", text)
    assert re.search(r"python 3\S+, torch \S+, torch_geometric \S+, torque_core \d", text)
    assert "- 60 runs, with " in text
    assert "`torque_default` Torque (former default)" in text
    assert "Zachary's karate club: accuracy, 5 splits of the scheme `random-48-32-20`, with 0.25 test nodes" in text
    assert text.count("- No tuning.") == 2  # of the studies that train


def test_scores_over_noise_best_bold_and_marked(written):
    _, text = written
    titles, rows = rows_below(text, "### Zachary's karate club: Insert edges: test score, %")
    assert titles == ["0 % (n=5)", "50 % (n=5)", "100 % (n=5)"]
    assert list(rows) == ["*Backbones*", "plain", "mlp", "*Torque*", "torque_default", "*Controls*", "ablation_random"]
    assert rows["*Torque*"] == ["", "", ""]
    # the made-up means are 80 - 10 * rate + the method's gain + 0.8, the mean of 0, 1, 2, 0, 1
    for label, means in {"plain": (80.8, 75.8, 70.8), "torque_default": (83.8, 78.8, 76.8)}.items():
        shown = [float(re.search(r"\d+\.\d", cell).group()) for cell in rows[label]]
        assert shown == pytest.approx(means, abs=0.3)
    assert all(re.fullmatch(r"\*\*\d+\.\d\*\* ± \d\.\d ▲", cell) for cell in rows["torque_default"])
    assert all(re.fullmatch(r"\d+\.\d ± \d\.\d ▼", cell) for cell in (*rows["mlp"], *rows["ablation_random"]))
    assert not any(mark in cell for cell in rows["plain"] for mark in "▲▼*")


def test_clean_data_sets_are_columns(written):
    _, text = written
    titles, rows = rows_below(text, "### Clean graphs: test score, %")
    assert titles == ["Contextual block model (n=5)", "Zachary's karate club (n=5)"]
    assert len(rows["torque_default"]) == 2


def test_changes_seconds_and_calibration(written):
    _, text = written
    name = "#### Zachary's karate club: Insert edges: "
    _, changed = rows_below(text, name + "edges pruned / edges added, % of the edges")
    assert changed == {
        "*Torque*": ["", "", ""], "torque_default": ["–", "15.0 / 15.0", "30.0 / 30.0"],
        "*Controls*": ["", "", ""], "ablation_random": ["–", "15.0 / 15.0", "30.0 / 30.0"],
    }  # fmt: skip
    _, seconds = rows_below(text, name + "seconds to train + to rewire")
    assert seconds["torque_default"] == ["1.25 + 0.50"] * 3
    _, calibration = rows_below(text, name + "expected calibration error, %")
    assert calibration["plain"] == ["5.0"] * 3
    assert "Clean graphs: edges pruned" not in text  # nothing was


def test_detection(written):
    _, text = written
    titles, rows = rows_below(text, "### Zachary's karate club: Insert edges: AUROC")
    assert titles == ["50 % (n=3)", "100 % (n=3)"]
    assert rows == {
        "*Torque*": ["", ""], "torque": ["**0.910** ± 0.010", "**0.860** ± 0.010"],
        "*Peers*": ["", ""], "cosine": ["0.600 ± 0.000", "0.600 ± 0.000"],
    }  # fmt: skip


def test_the_csv_has_every_number(written):
    files, _ = written
    rows = list(csv.DictReader(io.StringIO(files[4].read_text())))
    assert len(rows) == 12
    row = next(row for row in rows if row["label"] == "torque_default" and row["rate"] == "1")
    assert (row["table"], row["metric"], row["baseline"], row["pairs"], row["mark"]) == (
        "zachary-s-karate-club-insert", "test", "plain", "5", "▲",
    )  # fmt: skip
    assert float(row["difference_low"]) < float(row["difference"]) < float(row["difference_high"])
    assert float(row["p"]) < float(row["p_holm"]) < 0.05
    assert float(row["pruned"]) == pytest.approx(0.3)
    assert {row["p"] for row in rows if row["label"] == "plain"} == {""}


def test_the_page_of_figures_needs_nothing_else(written):
    files, _ = written
    for file, figures in ((files[1], 2), (files[3], 1), (files[5], 1)):
        page = file.read_text()
        assert "plotly.js v" in page
        assert page.count('class="plotly-graph-div"') == figures
        assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=", page)


def test_the_same_results_give_the_same_files(tmp_path):
    seen = []
    with Store(made_up_store(tmp_path / "runs.sqlite")) as store:
        for _ in range(2):
            files = write_report(store, tmp_path / "out")
            seen.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert seen[0] == seen[1]


def test_one_study_only(tmp_path):
    with Store(made_up_store(tmp_path / "runs.sqlite"), read_only=True) as store:
        files = write_report(store, tmp_path / "out", studies=["clean"])
    assert [file.name for file in files] == ["clean.csv", "clean.html", "report.md"]
    text = files[-1].read_text()
    assert "--study clean`" in text
    assert "robustness" not in text


def test_what_is_not_there(tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        with pytest.raises(BadConfig, match="has no study yet; run one first"):
            write_report(store, tmp_path / "out")
        with pytest.raises(BadConfig, match="has no study 'ablation'; it has none yet"):
            write_report(store, tmp_path / "out", studies=["ablation"])
        enrol_trainings(store, "clean", "karate", (0.0,))
        with pytest.raises(BadConfig, match="has no study 'ablation'; it has clean"):
            write_report(store, tmp_path / "out", studies=["clean", "ablation"])
    assert not (tmp_path / "out").exists()


def test_incomplete_cells_say_their_n_and_are_listed(tmp_path):
    gone = [("torque_default", 0.5, split) for split in range(2)] + [("mlp", 1.0, split) for split in range(5)]
    with store_with(tmp_path, ("robustness", "karate", (0.0, 0.5, 1.0)), without=gone) as store:
        text = write_report(store, tmp_path / "out")[-1].read_text()
    _, rows = rows_below(text, "test score, %")
    assert re.fullmatch(r"\*\*78\.\d\*\* ± \d\.\d (▲ )?n=3", rows["torque_default"][1])
    assert rows["mlp"][2] == "–"
    assert "Insert edges: torque_default at 50 % (n=3 of 5), mlp at 100 % (n=0 of 5)." in text


def test_tuning_and_failures_are_told(tmp_path):
    with store_with(tmp_path, ("clean", "karate", (0.0,))) as store:
        trials = [
            Training(
                dataset="karate", split=split, method="torque_default", options=(("fraction", f),), read_test=False
            )
            for split in (0, 1) for f in (0.1, 0.2, 0.3)
        ]  # fmt: skip
        for trial in trials:
            store.put(trial, Result({"validation": 0.5, "test": None}))
        store.enrol("clean", "torque_default", "trial", trials)
        broken = Training(dataset="karate", split=9)
        store.put_failure(broken, "Traceback ...\nValueError: no such thing")
        store.enrol("clean", "plain", "final", [broken])
        text = write_report(store, tmp_path / "out")[-1].read_text()
    assert "- Tuning: 6 further runs selected options by validation score on splits 0, 1, at most 6 per" in text
    assert "- 1 runs failed and are missing below. The first, of plain: ValueError: no such thing" in text
    assert "- 20 runs, with " in text


def test_a_study_without_scores_has_no_table(tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        run = Training(dataset="karate", read_test=False)
        store.put(run, Result({"test": None, "validation": 0.5}))
        store.enrol("blind", "plain", "final", [run])
        files = write_report(store, tmp_path / "out")
    assert [file.name for file in files] == ["report.md"]
    assert "## blind" in files[0].read_text()


def test_several_levels_make_a_table_each_and_one_level_a_column(tmp_path):
    with store_with(tmp_path, ("mixed", "karate", (0.0, 0.5)), ("mixed", "davis", (0.5,))) as store:
        enrol_trainings(store, "mixed", "digits", (0.0,), splits=2)
        tables = study_tables(store.frame("mixed"))
    assert [(table.title, table.places, table.over_rate) for table in tables] == [
        ("Clean graphs", ["Handwritten digits", "Zachary's karate club"], False),
        ("Insert edges, 50 %", ["Davis' Southern women"], False),
        ("Zachary's karate club: Insert edges", ["Zachary's karate club"], True),
    ]
    assert len({table.name for table in tables}) == 3
    assert study_tables(pd.DataFrame({"validation": [1.0]})) == []


def test_schemes_of_one_data_set_are_told_apart(tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        for scheme in ("random-48-32-20", "random-10-10-80"):
            runs = [Training(dataset="karate", scheme=scheme, split=split) for split in (0, 1)]
            for run in runs:
                store.put(run, Result({"test": 0.5 + 0.1 * run.split}))
            store.enrol("both", "plain", "final", runs)
        table = study_tables(store.frame())[0]
    assert table.places == ["Zachary's karate club (random-10-10-80)", "Zachary's karate club (random-48-32-20)"]
    assert evidence(table)["n"].tolist() == [2, 2]


def test_kinds_of_noise_share_the_clean_runs(tmp_path):
    with store_with(tmp_path, ("two", "karate", (0.0, 0.5))) as store:
        runs = [Training(dataset="karate", split=split, noise=Noise("dice", 0.5, split)) for split in range(5)]
        for run in runs:
            store.put(run, Result({"test": 0.6}))
        store.enrol("two", "plain", "final", runs)
        tables = {table.noise_kind: table for table in study_tables(store.frame())}
    assert set(tables) == {"dice", "insert"}
    for table in tables.values():
        assert sorted(table.runs.loc[table.runs["label"] == "plain", "rate"].unique()) == [0.0, 0.5]


def test_an_attack_is_a_disturbance_and_names_its_methods(tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        for defence, test in (("plain", 0.5), ("torque_adaptive", 0.6)):
            runs = [Attack(dataset="karate", split=split, defence=defence) for split in range(3)]
            for run in runs:
                store.put(run, Result({"test": test + 0.01 * run.split ** (test > 0.5), "before": 0.75, "flips": 8}))
            store.enrol("attack", defence, "final", runs)
        table = study_tables(store.frame())[0]
        text = write_report(store, tmp_path / "out")[-1].read_text()
    assert (table.title, table.noise_kind) == ("Adaptive attack", "attack")
    cells = evidence(table).set_index("label")
    assert cells["before"].tolist() == [0.75, 0.75]
    assert cells.loc["torque_adaptive", "baseline"] == "plain"
    assert labels_of(table.runs) == {"plain": "backbone", "torque_adaptive": "rewiring"}
    assert rows_below(text, "test score before the attack, %")[1]["plain"] == ["75.0"]


def test_labels_are_ordered_by_group_and_then_as_methods_are():
    methods = {
        "z": "plain",
        "b": "torque_default",
        "a": "torque",
        "r": "ablation_random",
        "m": "mlp",
        "new": "of tomorrow",
    }
    methods["torque"] = "torque"
    frame = pd.DataFrame({"label": methods.keys(), "method": methods.values()})
    assert labels_of(frame) == {
        "z": "backbone", "m": "backbone", "torque": "rewiring", "a": "rewiring", "b": "rewiring",
        "r": "control", "new": "other",
    }  # fmt: skip


def test_detection_runs_are_one_row_a_score(tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        enrol_detections(store, "detection")
        enrol_trainings(store, "detection", "karate", (0.5,), splits=2)
        long = detection_runs(store.frame())
    assert len(long) == 12
    assert set(long["label"]) == {"torque", "cosine"}
    best = long[(long["label"] == "torque") & (long["rate"] == 1.0)].sort_values("split")["auroc"]
    assert best.tolist() == pytest.approx([0.85, 0.86, 0.87])


def test_a_table_without_rows_is_nothing():
    cells = pd.DataFrame({"label": ["plain"], "mean": [0.5]})
    assert markdown({"A": cells}, {"plain": "backbone"}, lambda row, rows: "") == ""
    assert markdown({"A": cells}, {"plain": "other"}, lambda row, rows: f"{row.mean} of {len(rows)}") == (
        "| | A |\n|---|--:|\n| plain | 0.5 of 1 |\n"
    )


def test_layers_are_averaged(tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        for split, pruned in enumerate(([0.2, 0.4], [0.0, 0.2], [])):
            run = Training(dataset="karate", split=split, method="torque_default")
            store.put(run, Result({"test": 0.5, "pruned": pruned, "ece": None}))
            store.enrol("one", "torque", "final", [run])
        cells = evidence(study_tables(store.frame())[0])
    assert cells["pruned"].tolist() == pytest.approx([0.2])
    assert np.isnan(cells["ece"].tolist()).all()


def test_label_rates_are_columns_in_order_of_their_number(tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        for method, gain in (("plain", 0.0), ("torque_default", 0.1)):
            for train in (5, 10, 40):
                for rate in (0.0, 0.5):
                    runs = [
                        Training(
                            dataset="karate", scheme=f"per-class-{train}", split=split, method=method,
                            noise=Noise("insert", rate, split),
                        )
                        for split in range(3)
                    ]  # fmt: skip
                    for run in runs:
                        test = 0.5 + train / 100 + gain - rate / 10 + 0.01 * run.split
                        store.put(run, Result({"test": test}))
                    store.enrol("labels", method, "final", runs)
        files = write_report(store, tmp_path / "out")
    text = files[-1].read_text()
    heading = "### Zachary's karate club, {}: test score over training nodes, %"
    for level, means in (("Clean graphs", ["56.0", "61.0", "91.0"]), ("Insert edges, 50 %", ["51.0", "56.0", "86.0"])):
        titles, rows = rows_below(text, heading.format(level))
        assert titles == ["5 per class (n=3)", "10 per class (n=3)", "40 per class (n=3)"]
        assert [cell.split()[0] for cell in rows["plain"]] == means
        assert all(cell.startswith("**") for cell in rows["torque_default"])
    assert text.index(heading.format("Clean graphs")) < text.index(heading.format("Insert edges, 50 %"))
    assert "### Zachary's karate club (per-class-10): Insert edges: test score, %" in text
    assert len(list(csv.DictReader(io.StringIO(files[0].read_text())))) == 12


def enrol_squashing(store):
    """Made-up runs on trees and on karate; the second rewiring cuts all pairs apart."""
    for method, fit in (("plain", 0.5), ("torque_forced", 0.75), ("fully_adjacent", 1.0)):
        runs = [SquashingTrees(depth=depth, method=method, seed=seed) for depth in (2, 3) for seed in (0, 1)]
        for run in runs:
            found = {"fit": fit / (run.depth - 1), "held_out": 0.1 * run.seed, "epochs": 10, "pruned": [0.0] * 3}
            store.put(run, Result(found))
        store.enrol("squashing", f"{method}, gcn", "final", runs)
    for method, apart in (("plain", 0.0), ("torque_default", 1.0)):
        runs = [
            Squashing(dataset="karate", split=split, method=method, noise=Noise("insert", rate, split))
            for rate in (0.0, 0.5)
            for split in (0, 1)
        ]
        for run in runs:
            ohm = None if apart else 1.25 + run.split
            hops = {f"hop_{hop}": 0.25 for hop in range(4)}
            test = 0.5 + 0.1 * apart + 0.01 * run.split
            metrics = {**hops, "beyond": 0.0, "own_class": 0.6, "disconnected": apart, "test": test}
            store.put(run, Result({**metrics, "resistance": ohm, "resistance_before": ohm}))
        store.enrol("squashing", method, "final", runs)


def test_over_squashing_has_its_own_tables(tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        enrol_squashing(store)
        files = write_report(store, tmp_path / "out")
        frame = store.frame()
    assert [file.name for file in files] == ["squashing.csv", "squashing.html", "report.md"]
    text = files[-1].read_text()
    titles, rows = rows_below(text, "### Trees-NeighborsMatch: training accuracy, %")
    assert titles == ["depth 2", "depth 3"]
    assert rows == {
        "*Backbones*": ["", ""], "plain, gcn": ["50.0 ± 0.0", "25.0 ± 0.0"],
        "*Torque*": ["", ""], "torque_forced, gcn": ["75.0 ± 0.0", "37.5 ± 0.0"],
        "*Others*": ["", ""], "fully_adjacent, gcn": ["100.0 ± 0.0", "50.0 ± 0.0"],
    }  # fmt: skip
    assert rows_below(text, "Trees-NeighborsMatch: test accuracy, %")[1]["plain, gcn"] == ["5.0 ± 7.1"] * 2
    assert rows_below(text, "### Trees-NeighborsMatch: epochs")[1]["plain, gcn"] == ["10.00 ± 0.00"] * 2
    heads = [line for line in text.splitlines() if line.endswith("influence by hop, and resistance")]
    assert heads == [
        "### Zachary's karate club, Clean graphs: influence by hop, and resistance",
        "### Zachary's karate club, Insert edges, 50 %: influence by hop, and resistance",
    ]
    _, rows = rows_below(text, heads[0])
    assert rows["plain"] == [*["25.0 ± 0.0"] * 4, "0.0 ± 0.0", "60.0 ± 0.0", "0.0 ± 0.0", *["1.75 ± 0.71"] * 2]
    assert rows["torque_default"][-3:] == ["100.0 ± 0.0", "–", "–"]
    assert "### Zachary's karate club: Insert edges: test score, %" in text  # of the models that were looked at
    numbers = list(csv.DictReader(io.StringIO(files[0].read_text())))
    fits = [row for row in numbers if row["metric"] == "fit"]
    assert {(row["table"], row["depth"], row["label"], row["mean"]) for row in fits} >= {
        ("trees-fit", "2", "plain, gcn", "0.5"), ("trees-fit", "3", "torque_forced, gcn", "0.375"),
    }  # fmt: skip
    assert detection_runs(frame).empty
    assert {table.title for table in study_tables(frame)} == {"Zachary's karate club: Insert edges"}


def test_trees_alone_make_a_report_without_figures(tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        run = SquashingTrees(depth=2)
        store.put(run, Result({"fit": 0.5, "held_out": 0.25, "epochs": 10}))
        store.enrol("trees", "plain, gcn", "final", [run])
        assert study_tables(store.frame()) == []
        files = write_report(store, tmp_path / "out")
    assert [file.name for file in files] == ["trees.csv", "report.md"]
    assert rows_below(files[-1].read_text(), "training accuracy, %")[1]["plain, gcn"] == ["50.0"]


def test_runs_of_other_kinds_have_no_measures(tmp_path):
    with store_with(tmp_path, ("clean", "karate", (0.0,))) as store:
        assert measure_tables(store.frame()) == []
