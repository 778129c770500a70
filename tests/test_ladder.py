import pandas as pd
import pytest

from docs.ladder import comparisons, complete, ladder
from torque_core.experiments.paired_test import compare, holm
from torque_core.experiments.statistics import split_ratio
from torque_core.experiments.studies.relations import LADDER

SCORES = {
    "mlp": [0.7, 0.6, 0.8],
    "plain": [0.5, 0.5, 0.5],
    "deep_gcn": [0.6, 0.6, 0.6],
    "deep": [0.6, 0.7, 0.6],
    "directed": [0.8, 0.7, 0.9],
    "torque_weights": [0.9, 0.7, 0.8],
    "ablation_random_weights": [0.7, 0.6, 0.8],
    "ablation_cosine_weights": [0.8, 0.8, 0.8],
}


def runs(dataset, scheme, without=()):
    return pd.DataFrame(
        [
            {"dataset": dataset, "scheme": scheme, "label": label, "split": split, "test": value}
            for label, values in SCORES.items()
            if label not in without
            for split, value in enumerate(values)
        ]
    )


def test_differences_are_split_by_split_and_corrected_over_the_table():
    found = comparisons(pd.concat([runs("texas", "geom-gcn"), runs("minesweeper", "own", ["directed"])]))
    assert found["control"].tolist() == [
        "directed", "ablation_random_weights", "ablation_cosine_weights",
        "deep", "ablation_random_weights", "ablation_cosine_weights",
    ]  # fmt: skip
    assert found["difference"].tolist() == pytest.approx([0.0, 0.1, 0.0, 1 / 6, 0.1, 0.0])
    assert found["wins"].tolist() == [1, 2, 1, 2, 2, 1]
    first = compare(SCORES["torque_weights"], SCORES["directed"], ratio=split_ratio("texas", "geom-gcn"))
    rest = [
        compare(SCORES["torque_weights"], SCORES[label], ratio=split_ratio(dataset, scheme)).p
        for dataset, scheme, label in (
            ("texas", "geom-gcn", "ablation_random_weights"),
            ("texas", "geom-gcn", "ablation_cosine_weights"),
            ("minesweeper", "own", "deep"),
            ("minesweeper", "own", "ablation_random_weights"),
            ("minesweeper", "own", "ablation_cosine_weights"),
        )
    ]
    assert found["p"].tolist() == pytest.approx(holm([first.p, *rest]).tolist())


def test_incomplete_ladders_are_left_out():
    every = pd.concat([
        runs("texas", "geom-gcn"), runs("cornell", "geom-gcn", ["directed"]), runs("minesweeper", "own", ["directed"]),
    ])  # fmt: skip
    assert set(complete(every, LADDER)["dataset"]) == {"texas", "minesweeper"}


def test_the_table_has_a_row_for_each_rung_and_each_comparison():
    lines = ladder(
        pd.concat([runs("texas", "geom-gcn"), runs("minesweeper", "own", ["directed"])]), LADDER
    ).splitlines()
    assert lines[0] == "| | Texas | Minesweeper |"
    assert len(lines) == 2 + len(LADDER) + 3
    assert lines[2] == f"| {LADDER['mlp']} | 70.0 ± 10.0 | 70.0 ± 10.0 |"
    assert lines[6] == f"| {LADDER['directed']} | **80.0** ± 10.0 | – |"
    assert lines[-3].startswith("| *torque − without it* | +0.0 (p = ")
    assert "+16.7" in lines[-3]
