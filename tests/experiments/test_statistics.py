import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from torque_core.errors import BadConfig
from torque_core.experiments.paired_test import LEVEL, compare, holm, holm_factors
from torque_core.experiments.statistics import significance, split_ratio, summarise


def runs(scores, *, dataset="texas", scheme="geom-gcn", noise_kind="none", rate=0.0, layers=2):
    """A frame from {(label, method, backbone): scores by split}."""
    rows = [
        {
            "dataset": dataset, "scheme": scheme, "noise_kind": noise_kind, "rate": rate, "label": label,
            "method": method, "backbone": backbone, "layers": layers, "split": split, "test": value,
        }
        for (label, method, backbone), values in scores.items()
        for split, value in enumerate(values)
    ]  # fmt: skip
    return pd.DataFrame(rows)


PLAIN, TORQUE = ("plain", "plain", "gcn"), ("torque", "torque", "gcn")


def test_differences_of_one_two_three_by_hand():
    # mean 2, variance 1; corrected: (1/3 + 1/3) * 1, so t = 2 / sqrt(2/3) = 2.449 with 2 degrees of freedom
    found = compare([2.0, 4.0, 6.0], [1.0, 2.0, 3.0], ratio=1 / 3)
    assert (found.n, found.difference) == (3, 2.0)
    error = math.sqrt(2 / 3)
    # the distribution of t with 2 degrees of freedom is known in closed form
    t = 2 / error
    assert found.p == pytest.approx(1 - t / math.sqrt(2 + t * t))
    assert found.high - found.difference == pytest.approx(4.302653 * error)
    assert found.difference - found.low == pytest.approx(4.302653 * error)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=12),
    st.sampled_from([0.25, 1 / 3, 4.0]),
)
def test_without_correction_it_is_the_paired_t_test_and_with_it_stricter(pairs, ratio):
    first, second = map(list, zip(*pairs, strict=True))
    plain, corrected = (compare(first, second, ratio=r) for r in (0.0, ratio))
    if np.ptp(np.subtract(first, second)) > 1e-9:
        reference = stats.ttest_rel(first, second)
        assert plain.p == pytest.approx(float(reference.pvalue), abs=1e-12)
        interval = reference.confidence_interval()
        assert (plain.low, plain.high) == pytest.approx((interval.low, interval.high))
        assert corrected.p >= plain.p
        assert corrected.low <= plain.low <= plain.high <= corrected.high
        assert (corrected.p < 0.05) == (not corrected.low <= 0 <= corrected.high)
    swapped = compare(second, first, ratio=ratio)
    assert swapped.difference == pytest.approx(-corrected.difference)
    assert swapped.p == pytest.approx(corrected.p, nan_ok=True)


def test_where_nothing_can_be_said():
    assert compare([0.5], [0.25], ratio=0.25).difference == 0.25
    assert math.isnan(compare([0.5], [0.25], ratio=0.25).p)
    assert compare([0.5, 0.6], [0.5, 0.6], ratio=0.25).p == 1
    same = compare([0.75, 0.5], [0.5, 0.25], ratio=0.25)  # two splits that agree are no proof
    assert math.isnan(same.p)
    assert math.isnan(same.low)
    for first, second in (([], []), ([0.5], [0.5, 0.6])):
        with pytest.raises(BadConfig, match=f"same length, at least 1; got {len(first)} and {len(second)}"):
            compare(first, second, ratio=0.0)


def test_ratios():
    assert split_ratio("texas", None) == split_ratio("texas", "geom-gcn") == pytest.approx(0.2 / 0.8)
    assert split_ratio("minesweeper", "own") == pytest.approx(0.25 / 0.75)
    assert split_ratio("karate", "random-48-32-20") == pytest.approx(0.25)
    assert split_ratio("karate", "component-10-10-80") == pytest.approx(4)
    assert split_ratio("cora", "public") == math.inf  # one split says nothing of others
    with pytest.raises(BadConfig, match="unknown data set 'atlantis'; another version of the package"):
        split_ratio("atlantis", None)
    with pytest.raises(BadConfig, match="'texas' has no split scheme 'public'; choose from: geom-gcn, "):
        split_ratio("texas", "public")


def test_holm_by_hand():
    # in order: 3 * 0.01, then 2 * 0.03, then max(0.06, 1 * 0.04)
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]).tolist() == []
    assert holm([math.nan, 0.02, 0.04]) == pytest.approx([math.nan, 0.04, 0.04], nan_ok=True)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_rejects_what_its_steps_reject(p):
    """The procedure as it was published: from the least, reject while p <= level / (what is left)."""
    corrected, level = holm(p), 0.05
    rejected = set()
    for step, index in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        if p[index] * (len(p) - step) > level:
            break
        rejected.add(index)
    assert {index for index, value in enumerate(corrected) if value <= level} == rejected


def test_factors_by_hand_and_for_a_p_value_of_zero():
    assert holm_factors([0.01, 0.04, 0.03]) == pytest.approx([3, 1.5, 2])
    assert holm_factors([0.0, math.nan, 0.5]) == pytest.approx([2, math.nan, 1], nan_ok=True)


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=2, max_size=6), st.integers(0, 99))
def test_an_interval_excludes_zero_exactly_if_the_corrected_p_value_is_significant(scores, seed):
    noise = np.random.default_rng(seed).normal(scale=0.01, size=(len(scores), 3))
    frame = runs({PLAIN: [0.5, 0.5, 0.5]} | {
        (f"m{index}", "torque", "gcn"): np.add(values, noise[index]) for index, values in enumerate(scores)
    })  # fmt: skip
    table = significance(frame)
    excluded = (table["difference_low"] > 0) | (table["difference_high"] < 0)
    assert (excluded == (table["p_holm"] < LEVEL)).all()


def test_summary_by_hand():
    frame = runs({PLAIN: [0.5, 0.7, 0.6], TORQUE: [0.9, 0.7]})
    frame.loc[len(frame)] = frame.iloc[0].to_dict() | {"label": "lonely", "test": 0.6}
    frame.loc[len(frame)] = frame.iloc[0].to_dict() | {"label": "unscored", "test": math.nan}
    found = summarise(frame).set_index("label")
    assert found["n"].to_dict() == {"plain": 3, "torque": 2, "lonely": 1}
    assert found["mean"].to_dict() == pytest.approx({"plain": 0.6, "torque": 0.8, "lonely": 0.6})
    assert found["rank"].to_dict() == {"torque": 1, "plain": 2, "lonely": 2}
    assert found.loc["plain", "std"] == pytest.approx(0.1)
    assert found.loc["plain", "high"] - 0.6 == pytest.approx(4.302653 * 0.1 / math.sqrt(3))
    # 0.8 ± 1.27: no score is below 0 or above 1
    assert found.loc["torque", ["low", "high"]].tolist() == [0, 1]
    assert found.loc["lonely", ["std", "low", "high"]].isna().all()


def test_ranks_are_within_a_cell():
    frame = pd.concat([runs({PLAIN: [0.5, 0.5]}), runs({PLAIN: [0.9, 0.9], TORQUE: [0.95, 0.96]}, rate=0.5)])
    found = summarise(frame)
    assert found[["rate", "label", "rank"]].values.tolist() == [[0, "plain", 1], [0.5, "plain", 2], [0.5, "torque", 1]]


def test_every_label_against_the_plain_backbone_of_its_cell():
    clean = {PLAIN: [0.5, 0.6, 0.7], TORQUE: [0.6, 0.7, 0.9], ("mlp", "mlp", "mlp"): [0.4, 0.4, 0.4]}
    noisy = {PLAIN: [0.4, 0.5, 0.6], TORQUE: [0.5, 0.7, 0.7]}
    frame = pd.concat([runs(clean), runs(noisy, noise_kind="insert", rate=0.5)])
    found = significance(frame).set_index(["rate", "label"])
    assert set(found.index) == {(0.0, "torque"), (0.0, "mlp"), (0.5, "torque")}
    assert set(found["baseline"]) == {"plain"}
    assert found["difference"].to_dict() == pytest.approx(
        {(0.0, "torque"): 0.4 / 3, (0.0, "mlp"): -0.2, (0.5, "torque"): 0.4 / 3}
    )
    # the interval has the level of the corrected p value
    factor = holm_factors(found["p"])[list(found.index).index((0.0, "torque"))]
    expected = compare(clean[TORQUE], clean[PLAIN], ratio=0.25, level=0.05 / factor)
    row = found.loc[(0.0, "torque")]
    assert (row.pairs, row.p, row.difference_low) == pytest.approx((3, expected.p, expected.low))
    assert found["p_holm"].tolist() == pytest.approx(holm(found["p"]).tolist())


def test_a_rewiring_is_compared_with_its_own_backbone_of_as_many_layers():
    shallow = runs({
        ("GCN", "plain", "gcn"): [0.5, 0.6], ("on GCN", "torque", "gcn"): [0.6, 0.6],
        ("SAGE", "sage", "sage"): [0.7, 0.7], ("on SAGE", "torque", "sage"): [0.8, 0.7],
        ("plain SAGE", "plain", "sage"): [0.7, 0.7], ("on GAT", "torque", "gat"): [0.8, 0.7],
    })  # fmt: skip
    deep = runs({("deep", "plain", "gcn"): [0.5, 0.5], ("on deep", "torque", "gcn"): [0.6, 0.5]}, layers=8)
    found = significance(pd.concat([shallow, deep])).set_index("label")["baseline"].to_dict()
    assert found == {"on GCN": "GCN", "on SAGE": "plain SAGE", "SAGE": "GCN", "on deep": "deep"}


def test_a_rewiring_of_a_directed_graph_is_compared_with_the_directed_model():
    undirected = runs({("deep", "plain", "gcn"): [0.5, 0.6], ("plain", "plain", "gcn"): [0.5, 0.6]})
    directed = runs({("directed", "plain", "gcn"): [0.7, 0.8], TORQUE: [0.8, 0.9]})
    frame = pd.concat([undirected.assign(directed=False), directed.assign(directed=True)])
    assert significance(frame).set_index("label")["baseline"].to_dict() == {"torque": "directed"}
    mlp = runs({("mlp", "mlp", "mlp"): [0.5, 0.6]}).assign(directed=False)
    assert significance(pd.concat([frame, mlp])).set_index("label")["baseline"]["mlp"] == "plain"


def test_runs_from_before_there_were_directions_are_undirected():
    old = runs({PLAIN: [0.5, 0.6]})
    new = runs({TORQUE: [0.6, 0.6]}).assign(directed=False)
    assert significance(pd.concat([old, new])).set_index("label")["baseline"].to_dict() == {"torque": "plain"}
    assert significance(pd.concat([old, new.assign(directed=True)])).empty


def test_only_splits_that_both_have_count_and_seeds_are_averaged():
    frame = runs({PLAIN: [0.5, 0.6, 0.7, 0.8], TORQUE: [0.6, 0.7, 0.8]})
    frame = pd.concat([frame, frame[frame["label"] == "torque"].assign(test=lambda rows: rows["test"] + 0.2)])
    row = significance(frame).iloc[0]
    assert (row.pairs, row.difference) == pytest.approx((3, 0.2))


def test_no_interval_of_a_difference_is_wider_than_differences_can_be():
    row = significance(runs({PLAIN: [0.1, 0.9], TORQUE: [0.9, 0.1]})).iloc[0]
    assert (row.difference_low, row.difference_high) == (-1, 1)
    unknown = significance(runs({PLAIN: [0.1], TORQUE: [0.9]})).iloc[0]
    assert math.isnan(unknown.difference_low)


def test_without_a_baseline_there_is_no_row():
    found = significance(runs({TORQUE: [0.5, 0.6]}))
    assert len(found) == 0
    assert "p_holm" in found
    apart = pd.concat([runs({PLAIN: [0.5, 0.6]}), runs({TORQUE: [0.5, 0.6]}).assign(split=[7, 8])])
    assert len(significance(apart)) == 0


def test_wins_are_the_splits_in_which_the_first_is_ahead():
    assert compare([0.8, 0.7, 0.6, 0.9], [0.7, 0.7, 0.7, 0.7], ratio=0.25).wins == 2
    assert compare([0.8], [0.7], ratio=0.25).wins == 1
    assert compare([0.5, 0.5], [0.5, 0.5], ratio=0.25).wins == 0
