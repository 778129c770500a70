from dataclasses import replace

import pytest

from torque_core import TrainSpec
from torque_core.attacks import AttackSpec
from torque_core.errors import BadConfig
from torque_core.experiments import from_json, to_json
from torque_core.experiments.kinds.attack import DEFENCES, Attack

BRIEF = Attack(
    dataset="block_model",
    scheme="random-48-32-20",
    spec=TrainSpec(epochs=30, warmup=5, refresh_every=10, hidden=16),
    attack=AttackSpec(budget=0.1, epochs=10, block_size=2_000),
)


@pytest.fixture(scope="module")
def results():
    return {name: replace(BRIEF, defence=name).run().metrics for name in DEFENCES}


def test_every_defence_is_attacked(results):
    for found in results.values():
        assert 0 <= found["test"] <= found["before"] + 0.1 <= 1.1
        assert 0 <= found["flips"] <= 36  # a tenth of 360 edges


def test_who_does_not_look_at_edges_loses_nothing(results):
    assert results["mlp"]["test"] == results["mlp"]["before"]
    assert results["mlp"]["flips"] == 0


def test_the_plain_model_loses(results):
    assert results["plain"]["test"] < results["plain"]["before"]


def test_who_knows_of_the_pruning_hurts_it_no_less(results):
    assert results["jaccard_adaptive"]["before"] == results["jaccard"]["before"]
    assert results["jaccard_adaptive"]["test"] <= results["jaccard"]["test"]


def test_a_transfer_is_the_attack_on_the_plain_model(results):
    assert results["torque_transfer"]["flips"] == results["plain"]["flips"]


@pytest.mark.parametrize("defence", ["plain", "torque_adaptive"])
def test_another_backbone_is_attacked(defence):
    spec = replace(BRIEF.spec, backbone="gprgnn")
    found = replace(BRIEF, defence=defence, spec=spec).run().metrics
    assert found["test"] < found["before"]
    assert 0 < found["flips"] <= 36


def test_it_can_be_written_and_read():
    assert from_json("attack", to_json(BRIEF)) == BRIEF


def test_what_cannot_be_is_named():
    with pytest.raises(BadConfig, match="defence must be one of plain, mlp, jaccard"):
        replace(BRIEF, defence="magic")
    with pytest.raises(BadConfig, match="an attack lowers accuracy, but 'minesweeper' is scored by roc_auc"):
        Attack(dataset="minesweeper")
