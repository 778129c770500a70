import re

import pytest
import torch
from torch_geometric.data import Data

from tests.attacks.test_metattack import pairs_of, tiny
from tests.conftest import as_set
from torque_core.attacks import MetattackSpec, flip_pairs, metattack
from torque_core.attacks.degree_test import DegreeTest
from torque_core.attacks.noise import METATTACKS, Noise, add_noise
from torque_core.attacks.stored import (
    SHIPPED_ATTACKS,
    StoredAttack,
    attack_folder,
    find_attack,
    read_attack,
    stored_attacks,
    write_attack,
)
from torque_core.datasets import BlockModel, DatasetSpec, load, sample_block_model
from torque_core.errors import BadConfig, BadFile, BadGraph

ATTACKS = ("metattack", "nettack", "prbcd")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder of the user's attacks."""
    monkeypatch.setenv("TORQUE_ATTACKS", str(tmp_path / "attacks"))
    return attack_folder()


@pytest.fixture(scope="module")
def data():
    data = sample_block_model(BlockModel(nodes=80, homophily=0.8))
    node = torch.arange(80)
    data.train_mask, data.val_mask, data.test_mask = node % 4 == 0, node % 4 == 1, node % 4 > 1
    return data


@pytest.mark.parametrize("kind", ATTACKS)
def test_an_attack_is_a_kind_of_noise(data, kind):
    noisy = add_noise(data, Noise(kind, 0.05))
    flips = torch.cat([noisy.injected, noisy.removed], dim=1)
    assert 0 < flips.size(1) <= round(0.05 * pairs_of(data).size(1))
    assert torch.equal(pairs_of(noisy.data), flip_pairs(pairs_of(data), flips, 80))
    assert as_set(noisy.removed) <= as_set(pairs_of(data))


def test_nettack_flips_edges_of_test_nodes(data):
    noisy = add_noise(data, Noise("nettack", 0.1, seed=1))
    flips = torch.cat([noisy.injected, noisy.removed], dim=1)
    assert flips.size(1) == round(0.1 * pairs_of(data).size(1))
    assert bool(data.test_mask[flips].any(dim=0).all())


@pytest.mark.parametrize("kind", ATTACKS)
def test_graphs_and_levels_that_cannot_be_attacked_are_refused(kind):
    with pytest.raises(
        BadConfig, match=re.escape("from 1 to all 15 pairs of nodes, but the noise level asks for 0 flips of 7")
    ):
        add_noise(tiny(), Noise(kind, 0.01))
    with pytest.raises(BadGraph, match="choose another noise"):
        add_noise(tiny(y=None), Noise(kind, 0.3))
    if kind != "prbcd":
        with pytest.raises(BadConfig, match="all 6 pairs of nodes, but the noise level asks for 7 flips"):
            add_noise(Data(x=torch.eye(4), edge_index=torch.tensor([[0, 0, 0, 1], [1, 2, 3, 2]])), Noise(kind, 1.75))


def stored(data, folder, flips):
    attack = StoredAttack.of(data, "mine", "by-hand", 3, folder)
    write_attack(attack, flips, MetattackSpec(budget=0.25, seed=3))
    return attack


FLIPS = torch.tensor([[0, 0, 1, 2], [1, 5, 4, 5]])  # the first is an edge of the two triangles


def test_a_stored_attack_is_used_up_to_its_budget_whatever_the_seed(folder):
    data = tiny()
    attack = stored(data, folder, FLIPS)
    assert attack in stored_attacks()
    assert find_attack(data) == attack
    assert find_attack(tiny(train_mask=~data.train_mask)) is None  # another split
    flips, spec = read_attack(attack)
    assert torch.equal(flips, FLIPS)
    assert spec == MetattackSpec(budget=0.25, seed=3)
    noisy = add_noise(data, Noise("metattack", 3 / 7, seed=99))
    assert as_set(noisy.removed) == {(0, 1)}
    assert as_set(noisy.injected) == {(0, 5), (1, 4)}


def test_a_small_graph_is_attacked_anew_where_no_attack_is_stored(data, folder):
    stored(data, folder, FLIPS[:, :1])
    noisy = add_noise(data, Noise("metattack", 0.02, seed=5))
    expected = torch.cat(list(metattack(data, MetattackSpec(budget=0.02, seed=5))), dim=1)
    assert as_set(torch.cat([noisy.injected, noisy.removed], dim=1)) == as_set(expected)
    with pytest.raises(BadConfig, match="Metattack finds only 0 of 2 flips that keep the degree distribution"):
        add_noise(tiny(), Noise("metattack", 2 / 7))


def test_a_large_graph_without_a_stored_attack_is_refused(folder, monkeypatch):
    monkeypatch.setattr("torque_core.attacks.noise.MOST_NODES", 5)
    stored(tiny(), folder, FLIPS)
    add_noise(tiny(), Noise("metattack", 4 / 7))
    with pytest.raises(BadConfig, match=r"stored up to 57 % on this graph and for: .*mine \(by-hand, split 3\)"):
        add_noise(tiny(), Noise("metattack", 5 / 7))
    with pytest.raises(BadConfig, match="takes minutes on 6 nodes, and is stored for: "):
        add_noise(tiny(train_mask=torch.tensor([True, True] + 4 * [False])), Noise("metattack", 1 / 7))


def test_an_attack_that_knows_a_defence_is_stored_apart(folder):
    data = tiny()
    attack = StoredAttack.of(data, "mine", "by-hand", 3, folder, "jaccard")
    write_attack(attack, FLIPS, MetattackSpec(budget=0.25, knows="jaccard"))
    assert find_attack(data) is None
    assert find_attack(data, "jaccard") == attack
    assert attack in stored_attacks()
    assert as_set(add_noise(data, Noise("metattack_jaccard", 2 / 7)).injected) == {(0, 5)}
    (folder / f"{attack.path.stem.removesuffix('jaccard')}magic.npz").write_bytes(attack.path.read_bytes())
    assert {one.knows for one in stored_attacks() if one.dataset == "mine"} == {"jaccard"}


@pytest.mark.parametrize("kind", list(METATTACKS)[1:])
def test_a_small_graph_is_attacked_with_knowledge_of_the_defence(data, folder, kind):
    noisy = add_noise(data, Noise(kind, 0.02, seed=5))
    spec = MetattackSpec(budget=0.02, seed=5, knows=METATTACKS[kind])
    expected = torch.cat(list(metattack(data, spec)), dim=1)
    assert as_set(torch.cat([noisy.injected, noisy.removed], dim=1)) == as_set(expected)


@pytest.mark.parametrize("content", [b"", b"PK no archive"])
def test_a_damaged_file_is_named(folder, content):
    attack = stored(tiny(), folder, FLIPS)
    attack.path.write_bytes(content)
    with pytest.raises(BadFile, match=re.escape(f"the attack in {attack.path} cannot be read")):
        add_noise(tiny(), Noise("metattack", 1 / 7))


def test_flips_that_are_no_pairs_are_refused(folder):
    attack = stored(tiny(), folder, torch.tensor([[3], [1]]))
    with pytest.raises(BadFile, match="its flips are not pairs of nodes"):
        read_attack(attack)


def test_shipped_attacks_have_a_quarter_of_the_edges_and_keep_the_constraints():
    digits = load(DatasetSpec("digits", "component-10-10-80")).data
    shipped = [attack for attack in stored_attacks() if attack.path.parent == SHIPPED_ATTACKS]
    assert {attack.dataset for attack in shipped} == {"cora", "digits", "chameleon_filtered"}
    attack = find_attack(digits)
    flips, spec = read_attack(attack)
    pairs, nodes = pairs_of(digits), len(digits.x)
    assert (attack.dataset, attack.split, spec.seed) == ("digits", 0, 0)
    assert flips.size(1) == len(as_set(flips)) == round(0.25 * pairs.size(1))
    degree, changed = (
        torch.bincount(graph.flatten(), minlength=nodes) for graph in (pairs, flip_pairs(pairs, flips, nodes))
    )
    assert float(DegreeTest(degree).statistic(changed)) < 0.004
    assert bool((changed[degree > 0] > 0).all())
