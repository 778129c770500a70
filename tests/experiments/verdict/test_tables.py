"""The tables of a verdict on a path of five nodes with made-up runs, by hand."""

import math

import pytest
import torch
from torch_geometric.data import Data

from torque_core.experiments.paired_test import Paired, compare_all
from torque_core.experiments.verdict import Verdict, VerdictRun, VerdictSpec, VerdictTask
from torque_core.graph.pairs import pairs_to_edge_index

PATH = torch.tensor([[0, 1, 2, 3], [1, 2, 3, 4]])
INJECTED = torch.tensor([[0, 0], [2, 4]])
Y = torch.tensor([0, 0, 1, 1, 1])


def split(test: list[int]) -> Data:
    mask = torch.zeros(5, dtype=torch.bool)
    mask[test] = True
    nothing = torch.zeros(5, dtype=torch.bool)
    return Data(
        x=torch.eye(5), y=Y, edge_index=pairs_to_edge_index(PATH), train_mask=~mask, val_mask=nothing, test_mask=mask
    )


def run(test: float, predictions: list[int], pruned: list[int] = (), *, noisy: bool = False) -> VerdictRun:
    pairs = torch.cat([PATH, INJECTED], dim=1) if noisy else PATH
    mask = torch.zeros(pairs.size(1), dtype=torch.bool)
    mask[list(pruned)] = True
    injected = torch.arange(pairs.size(1)) >= 4
    return VerdictRun(test, torch.tensor(predictions), pairs, mask, injected, 0.5, 0.75)


SPEC = VerdictSpec(rates=(0.0, 0.5), seeds=2, methods=("plain", "torque", "jaccard", "ablation_random", "mlp"))


@pytest.fixture
def verdict() -> Verdict:
    right, wrong = [0, 0, 1, 1, 1], [1, 1, 0, 0, 0]
    runs = {}
    for seed in (0, 1):
        runs |= {
            VerdictTask("plain", 0.0, seed): run(0.8, right),
            VerdictTask("torque", 0.0, seed): run(0.8, right, [1]),
            VerdictTask("jaccard", 0.0, seed): run(0.7, right, [1, 2]),
            VerdictTask("ablation_random", 0.0, seed): run(0.6, right, [0]),
            VerdictTask("mlp", 0.0, seed): run(0.5 + 0.1 * seed, right),
            VerdictTask("plain", 0.5, seed): run(0.6 - 0.1 * seed, wrong, noisy=True),
            VerdictTask("torque", 0.5, seed): run(0.7 + 0.1 * seed, right, [1, 4, 5], noisy=True),
            VerdictTask("jaccard", 0.5, seed): run(0.6, wrong, [2, 4], noisy=True),
            VerdictTask("ablation_random", 0.5, seed): run(0.4, wrong, [0, 1], noisy=True),
        }
    return Verdict(SPEC, (split([0, 4]), split([1, 4])), runs)


def test_it_is_complete_and_the_method_without_edges_ran_once_per_seed(verdict):
    assert verdict.complete
    assert len(SPEC.tasks()) == len(verdict.runs) == 2 * (2 * 4 + 1)
    assert verdict.run("mlp", 0.5, 1) is verdict.run("mlp", 0.0, 1)


def test_scores_by_hand(verdict):
    table = verdict.scores().set_index(["label", "rate"])
    assert table.loc[("torque", 0.5), "mean"] == pytest.approx(0.75)
    assert table.loc[("torque", 0.5), "difference"] == pytest.approx((0.1 + 0.3) / 2)
    assert table.loc[("mlp", 0.5), "difference"] == pytest.approx(((0.5 - 0.6) + (0.6 - 0.5)) / 2)
    assert math.isnan(table.loc[("plain", 0.0), "difference"])
    assert (table["low"].dropna() >= 0).all()
    assert (table["high"].dropna() <= 1).all()
    assert (table["difference_low"].dropna() >= -1).all()


def test_torque_is_a_family_of_its_own(verdict):
    """Two comparisons of torque: on the clean graph, p = 1, and at 50 %; the others do not change its p value."""
    ratio = 2 / 3  # two test nodes, three others
    assert verdict.ratio == pytest.approx(ratio)
    alone = compare_all([Paired([0.8, 0.8], [0.8, 0.8], ratio), Paired([0.7, 0.8], [0.6, 0.5], ratio)])
    row = verdict.scores().set_index(["label", "rate"]).loc[("torque", 0.5)]
    assert row["p_holm"] == pytest.approx(min(1, 2 * alone[1].p))
    assert row["verdict"] == "undecided"


def test_one_split_for_all_seeds_has_no_overlap_of_splits(verdict):
    same = Verdict(SPEC, (verdict.splits[0],) * 2, verdict.runs)
    assert same.ratio == 0


def test_edges_by_hand(verdict):
    table = verdict.edges().set_index(["label", "rate"])
    torque = table.loc[("torque", 0.5)]
    assert (torque["injected"], torque["found"]) == (2, 1)
    assert torque["pruned"] == pytest.approx(3 / 6)
    assert torque["precision"] == pytest.approx(2 / 3)
    assert (torque["homophily_before"], torque["homophily_after"]) == (0.5, 0.75)
    assert table.loc[("jaccard", 0.5), "found"] == 0.5
    assert math.isnan(table.loc[("torque", 0.0), "found"])
    assert {label for label, _ in table.index} == {"torque", "jaccard", "ablation_random"}


def test_the_edges_behind_a_number(verdict):
    found = verdict.run("torque", 0.5, 0)
    assert found.edges("found").tolist() == INJECTED.tolist()
    assert found.edges("missed").size(1) == 0
    assert found.edges("original").tolist() == [[1], [2]]


def test_blamed_edges_are_those_that_all_prune_and_controls_have_no_vote(verdict):
    table = verdict.blamed()
    # torque prunes 1-2 in all runs, jaccard in the two clean ones; 2-3 is pruned by jaccard alone
    assert table[["source", "target"]].values.tolist() == [[1, 2]]
    assert table.loc[0, ["torque", "jaccard", "all"]].tolist() == [1, 0.5, 0.5]
    # node 1 is tested with seed 1, at both levels: plain is right on the clean graph only; node 2 is never tested
    assert table.loc[0, ["plain_right", "torque_right"]].tolist() == [0.5, 1]


def test_changed_predictions_by_hand(verdict):
    nodes = verdict.predictions()
    assert nodes["tests"].tolist() == [2, 2, 0, 0, 4]
    assert nodes["plain_right"].tolist() == [1, 1, 0, 0, 2]
    assert nodes["change"].tolist() == [1, 1, 0, 0, 2]


def test_a_part_of_the_runs_gives_a_part_of_the_tables(verdict):
    some = {task: found for task, found in verdict.runs.items() if task.seed == 0 and task.rate == 0}
    part = Verdict(SPEC, verdict.splits, some)
    assert not part.complete
    assert set(part.scores()["rate"]) == {0.0, 0.5}  # the method without edges counts at both
    assert set(part.edges()["rate"]) == {0.0}
    nothing = Verdict(SPEC, verdict.splits, {})
    assert nothing.scores().empty
    assert nothing.edges().empty
    assert nothing.sentence() == "No training of torque has finished yet."


def test_the_sentence_names_levels_and_points(verdict):
    assert verdict.sentence() == (
        "Compared with the plain model, torque is undecided at a noise level of 0 % (+0.0 points), 50 % (+20.0 points)."
    )
