import pandas as pd
import pytest

from torque_core.experiments.paired_test import compare, holm
from torque_core.experiments.report.ladder import ladder_steps
from torque_core.experiments.statistics import split_ratio
from torque_core.experiments.studies.relations import LADDER

SCORES = {
    "mlp": [0.7, 0.6, 0.8],
    "plain": [0.5, 0.5, 0.4],
    "deep_gcn": [0.6, 0.6, 0.6],
    "deep": [0.6, 0.7, 0.6],
    "directed": [0.8, 0.7, 0.9],
    "torque_weights": [0.9, 0.7, 0.8],
    "ablation_random_weights": [0.7, 0.6, 0.8],
    "ablation_cosine_weights": [0.8, 0.8, 0.8],
}


def runs(without=()):
    return pd.DataFrame(
        [
            {"dataset": "texas", "scheme": "geom-gcn", "label": label, "split": split, "test": value}
            for label, values in SCORES.items()
            if label not in without
            for split, value in enumerate(values)
        ]
    )


def test_each_rung_is_compared_with_the_one_below_by_hand():
    table = ladder_steps(runs(), LADDER)
    assert table["label"].tolist() == list(LADDER)
    assert table["rung"].tolist() == list(LADDER.values())
    assert table["below"].tolist() == ["", "mlp", "plain", "deep_gcn", "deep", "directed", "directed", "directed"]
    expected = [-0.7 / 3, 0.4 / 3, 0.1 / 3, 0.5 / 3, 0.0, -0.1, 0.0]
    assert table["difference"].tolist()[1:] == pytest.approx(expected)
    assert table["mean"].tolist()[:2] == pytest.approx([0.7, 1.4 / 3])
    assert table["std"][0] == pytest.approx(0.1)
    ratio = split_ratio("texas", "geom-gcn")
    raw = [compare(SCORES[label], SCORES[below], ratio=ratio).p
           for label, below in zip(table["label"][1:], table["below"][1:], strict=True)]  # fmt: skip
    assert table["p"].tolist()[1:] == pytest.approx(list(holm(raw)), nan_ok=True)
    assert pd.isna(table["p"][0])


def test_rungs_that_a_data_set_lacks_are_skipped():
    table = ladder_steps(runs(["directed", "deep_gcn"]), LADDER)
    assert table["below"].tolist() == ["", "mlp", "plain", "deep", "deep", "deep"]


def test_only_common_splits_count():
    some = runs()
    some = some[(some["label"] != "plain") | (some["split"] > 0)]
    assert ladder_steps(some, LADDER)["difference"][1] == pytest.approx((0.5 + 0.4 - 0.6 - 0.8) / 2)
