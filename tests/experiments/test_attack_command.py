import pytest
import torch

from torque_core.__main__ import main
from torque_core.attacks import MetattackSpec, metattack
from torque_core.attacks.noise import METATTACKS
from torque_core.attacks.stored import find_attack, read_attack, write_attack
from torque_core.datasets import DatasetSpec, load
from torque_core.errors import BadConfig
from torque_core.experiments import STUDIES, Fixed
from torque_core.experiments.attack_command import ATTACKED_SPLITS, attacks_of_studies, make_attack
from torque_core.experiments.kinds.attack import Attack

KARATE = DatasetSpec("karate", "random-10-10-80", 2)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TORQUE_ATTACKS", str(tmp_path))
    return tmp_path


def test_an_attack_is_made_continued_and_found(folder, capsys):
    data = load(KARATE).data
    assert list(make_attack(KARATE, folder, budget=0.05)) == [1, 2, 3, 4]
    first, spec = read_attack(find_attack(data))
    assert spec == MetattackSpec(budget=0.05, seed=2)
    make = ["attacks", "make", "--dataset", "karate", "--scheme", "random-10-10-80", "--split", "2", "--quiet"]
    assert main([*make, "--budget", "0.1", "--out", str(folder)]) == 0
    assert "karate, random-10-10-80, split 2: 8 flips" in capsys.readouterr().out
    flips, _ = read_attack(find_attack(data))
    expected = torch.cat(list(metattack(data, MetattackSpec(budget=0.1, seed=2))), dim=1)
    assert torch.equal(flips, expected)
    assert torch.equal(flips[:, :4], first)
    assert main([*make, "--budget", "0.1", "--out", str(folder)]) == 0
    assert "complete before" in capsys.readouterr().out
    assert main(["attacks", "list"]) == 0
    assert "karate, random-10-10-80, split 2: 8 flips, seed 2" in capsys.readouterr().out


def test_an_attack_that_knows_a_defence_is_made_beside_the_other(folder, capsys):
    data = load(KARATE).data
    list(make_attack(KARATE, folder, budget=0.03))
    make = ["attacks", "make", "--dataset", "karate", "--scheme", "random-10-10-80", "--split", "2", "--quiet"]
    assert main([*make, "--budget", "0.03", "--knows", "torque", "--out", str(folder)]) == 0
    flips, spec = read_attack(find_attack(data, "torque"))
    assert spec == MetattackSpec(budget=0.03, seed=2, knows="torque")
    assert torch.equal(flips, torch.cat(list(metattack(data, spec)), dim=1))
    assert main(["attacks", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "karate, random-10-10-80, split 2: 2 flips, seed 2" in lines
    assert "karate, random-10-10-80, split 2: 2 flips, seed 2, knows torque with default settings" in lines


def test_an_attack_of_another_kind_is_not_continued(folder):
    list(make_attack(KARATE, folder, budget=0.03))
    attack = find_attack(load(KARATE).data)
    write_attack(attack, read_attack(attack)[0], MetattackSpec(objective="train"))
    with pytest.raises(BadConfig, match="was computed with other options; delete the file"):
        list(make_attack(KARATE, folder))


def test_shipped_attacks_are_of_known_splits():
    for (name, scheme), splits in ATTACKED_SPLITS.items():
        DatasetSpec(name, scheme, splits - 1)


@pytest.mark.parametrize("study", ["attack_poisoning", "attack_adaptive", "default", "default_gpr"])
def test_every_attack_that_a_study_needs_is_made_by_one_command(study):
    made = {(one.name, one.scheme, one.split, knows): budget for one, budget, knows in attacks_of_studies()}
    needed = [
        (run.dataset, run.scheme, run.split, METATTACKS[run.noise.kind], run.noise.rate)
        for plan in STUDIES[study]().plans
        for run in (plan.experiments if isinstance(plan, Fixed) else next(plan.steps()).experiments)
        if not isinstance(run, Attack) and run.noise.kind in METATTACKS
    ]
    assert needed
    assert all(made[tuple(place)] >= rate for *place, rate in needed)
