"""Attacks as noise in the sidebar: who was attacked, where an attack is stored, and levels that fit."""

from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from tests.key_numbers import key_numbers
from torque_core.attacks import MetattackSpec
from torque_core.attacks.stored import StoredAttack, write_attack
from torque_core.datasets import DatasetSpec, load

ROOT = Path(__file__).parents[2]
SPEC = DatasetSpec("digits", "random-10-10-80", 1)


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """An attack of 40 flips on a split of the digits."""
    monkeypatch.setenv("TORQUE_ATTACKS", str(tmp_path))
    data = load(SPEC).data
    low = torch.arange(40)
    attack = StoredAttack.of(data, SPEC.name, SPEC.scheme, SPEC.split, tmp_path)
    write_attack(attack, torch.stack([low, low + 1000]), MetattackSpec(budget=0.25))
    return attack


def explore(**link):
    test = AppTest.from_file(ROOT / "app.py", default_timeout=120)
    for key, value in link.items():
        test.query_params[key] = value
    return test.switch_page("pages/explore.py").run()


def captions(test):
    return " ".join(caption.value for caption in test.sidebar.caption)


def test_a_graph_without_a_stored_attack_leads_to_one(stored):
    test = explore(data="digits", noise="metattack", rate="0")
    assert "It is stored for:" in captions(test)
    test = test.sidebar.button(key=f"attack_{stored.path.stem}").click().run()
    assert not test.exception
    assert test.session_state.settings.dataset == SPEC
    assert "the training labels of split 1" in captions(test)
    assert "Up to 25 % of the edges (40) are flipped" in captions(test)


def test_an_attacker_who_knows_a_defence_is_named(stored):
    link = {"data": "digits", "scheme": SPEC.scheme, "split": "1", "rate": "0"}
    test = explore(**link, noise="metattack_jaccard")
    assert "It is stored for:" in captions(test)  # this one knows nothing
    offered = {button.key for button in test.sidebar.button if button.key.startswith("attack_")}
    assert offered
    assert all(key.startswith("attack_cora.") and key.endswith(".jaccard") for key in offered)
    known = StoredAttack.of(load(SPEC).data, SPEC.name, SPEC.scheme, SPEC.split, stored.path.parent, "jaccard")
    write_attack(known, torch.tensor([[0, 1], [1000, 1001]]), MetattackSpec(budget=0.1, knows="jaccard"))
    test = explore(**link, noise="metattack_jaccard")
    assert "the training labels of split 1 and GCN-Jaccard" in captions(test)
    assert "Up to 10 % of the edges (2) are flipped" in captions(test)
    assert "GCN-Jaccard" not in captions(explore(**link, noise="metattack"))


def test_a_small_graph_is_attacked_at_once_at_a_level_that_fits():
    test = explore(data="karate", rate="50")
    test = test.sidebar.selectbox(key="noise").set_value("metattack").run()
    assert not test.exception
    assert not test.error
    assert test.session_state.rate == 25
    assert "The attack is computed now" in captions(test)
    assert key_numbers(test)["now"]["injected"] > 0


def test_a_stored_attack_on_digits_is_found_and_screening_can_be_switched_off():
    link = {"data": "digits", "scheme": "component-10-10-80", "noise": "metattack", "rate": "25"}
    test = explore(**link)
    assert not test.exception
    said = next(caption.value for caption in test.caption if "resemble random pairs" in caption.value)
    assert "edges (12.9 %) join nodes that have as little in common as random pairs" in said
    now = key_numbers(test)["now"]
    assert now["hits"] > 0.95 * now["injected"]
    assert now["hits"] > 0.9 * now["pruned"]
    test = test.sidebar.toggle(key="screen").set_value(False).run()
    assert not test.exception
    assert not any("as little in common" in caption.value for caption in test.caption)
    assert test.session_state.settings.rewire.screen is False
