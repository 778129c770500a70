import math
from dataclasses import replace

import pandas as pd
import pytest

from tests.experiments.stored import enrol_trainings, training_result
from torque_core.experiments import Store, Training
from torque_core.experiments.paired_test import LEVEL
from torque_core.experiments.report.matrix import evidence_matrix, matrix_summary, verdict_of
from torque_core.experiments.report.tables import evidence, study_tables


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Tables of made-up studies: noise on karate, and the same graph clean in another study."""
    with Store(tmp_path_factory.mktemp("matrix") / "results.sqlite") as store:
        enrol_trainings(store, "noise", "karate", (0.0, 0.5, 1.0))
        enrol_trainings(store, "clean", "karate", (0.0,), splits=3)
        enrol_trainings(store, "clean", "block_model", (0.0,))
        enrol_trainings(store, "smoke", "digits", (0.0,))
        enrol_trainings(store, "labels", "davis", (0.0,))
        return {
            name: [(table, evidence(table)) for table in study_tables(store.frame(name))] for name in store.studies()
        }


def test_cells_are_those_of_the_first_study_and_no_test_or_other_question(tables):
    matrix = evidence_matrix(tables)
    assert matrix[["row", "column", "study"]].values.tolist() == [
        ["Zachary's karate club", "clean", "noise"],
        ["Zachary's karate club", "+50 %", "noise"],
        ["Zachary's karate club", "+100 %", "noise"],
        ["Contextual block model", "clean", "clean"],
    ]
    assert list(matrix["column"].cat.categories) == ["clean", "+50 %", "+100 %"]


def test_a_cell_has_the_numbers_of_its_table(tables):
    cell = evidence_matrix(tables).iloc[2]
    rows = tables["noise"][0][1]
    rows = rows[rows["rate"] == 1.0].set_index("label")
    torque = rows.loc["torque_default"]
    assert (cell["difference"], cell["low"], cell["high"], cell["p"]) == (
        torque["difference"], torque["difference_low"], torque["difference_high"], torque["p_holm"],
    )  # fmt: skip
    assert (cell["mlp"], cell["control"]) == (rows["difference"]["mlp"], rows["difference"]["ablation_random"])
    assert (cell["control_label"], cell["n"]) == ("ablation_random", 5)


def test_the_verdict_agrees_with_the_interval(tables):
    matrix = evidence_matrix(tables)
    signs = {"better": matrix["low"] > 0, "worse": matrix["high"] < 0}
    for verdict, excluded in signs.items():
        assert ((matrix["verdict"] == verdict) == excluded).all()
    assert "better" in set(matrix["verdict"])


@pytest.mark.parametrize(
    ("difference", "p", "verdict"),
    [(0.1, 0.01, "better"), (-0.1, 0.01, "worse"), (0.1, LEVEL, "undecided"), (0.1, math.nan, "undecided")],
)
def test_verdicts(difference, p, verdict):
    assert verdict_of(difference, p) == verdict


def test_rows_of_one_data_set_are_told_apart_by_split_scheme_and_depth(tables):
    def with_runs(**values):
        return [
            (replace(table, runs=table.runs.assign(**values)), cells.assign(**values))
            for table, cells in tables["clean"]
        ]

    matrix = evidence_matrix(
        {"clean": tables["clean"], "mine": with_runs(layers=5), "other": with_runs(scheme="component-10-10-80")}
    )
    rows = [row for row in matrix["row"] if row.startswith("Zachary")]
    assert rows == [
        "Zachary's karate club, component-10-10-80, 2 layers",
        "Zachary's karate club, random-48-32-20, 2 layers",
        "Zachary's karate club, random-48-32-20, 5 layers",
    ]


def test_the_summary_counts_and_names_extremes():
    cells = pd.DataFrame(
        {
            "row": ["A", "B", "C", "D"], "column": pd.Categorical(["clean"] * 4), "label": ["torque_screened"] * 4,
            "difference": [0.01, 0.05, -0.02, 0.3], "verdict": ["better", "better", "worse", "undecided"],
        }
    )  # fmt: skip
    assert matrix_summary(cells) == [
        "**clean** (4 graphs): better on 2, up to +5.0 points (B); undecided on 1; worse on 1, down to -2.0 points (C)."
    ]


def test_the_present_default_counts_before_the_former_one_if_it_has_an_interval(tmp_path):
    def cells_with(splits):
        with Store(tmp_path / f"{splits}.sqlite") as store:
            enrol_trainings(store, "noise", "karate", (0.0, 0.5), splits=5)
            enrol_trainings(store, "default", "karate", (0.0,), splits=splits, methods=("plain",))
            for split in range(splits):
                run = Training(dataset="karate", split=split, method="torque_screened")
                store.put(run, training_result("torque_default", 0.0, split))
                store.enrol("default", "torque_screened", "final", [run])
            tables = {
                name: [(table, evidence(table)) for table in study_tables(store.frame(name))]
                for name in store.studies()
            }
        matrix = evidence_matrix(tables)
        return matrix[["column", "label", "study", "n"]].values.tolist(), matrix_summary(matrix)[0]

    rows, sentence = cells_with(3)
    assert rows == [["clean", "torque_screened", "default", 3], ["+50 %", "torque_default", "noise", 5]]
    assert sentence.startswith("**clean** (1 graph): ")
    rows, sentence = cells_with(1)
    assert rows[0] == ["clean", "torque_default", "noise", 5]
    assert sentence.startswith("**clean** (1 graph, 1 with former settings): ")


def test_nothing_stored_gives_an_empty_matrix():
    assert evidence_matrix({}).empty
