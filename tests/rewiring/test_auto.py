from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torque_core import BlockModel, DatasetSpec, Noise, add_noise, load
from torque_core.diagnostics import auroc
from torque_core.io.rewiring_file import load_rewiring, save_rewiring
from torque_core.rewiring.auto import FORMS, choose_form
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.separation import separation
from torque_core.rewiring.spec import AUTO, RewireSpec
from torque_core.scoring.torque import Torque

BOTH = RewireSpec(lever=AUTO, force=AUTO)


def test_separation_by_hand():
    # null-model pairs at 1 (weight 3) and 2 (weight 1); edges at 0, 1, 3: above them: 1, 3/8 + 1/4 and 0 of the weight
    result = separation(torch.tensor([0.0, 1.0, 3.0]), torch.tensor([2.0, 1.0]), torch.tensor([1.0, 3.0]))
    assert result == pytest.approx((1 + (1 / 4 + 3 / 8) + 0) / 3)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=20), st.lists(st.integers(0, 5), min_size=1, max_size=20))
def test_separation_is_the_area_under_the_roc_curve(edges, null_torque):
    edges, null_torque = torch.tensor(edges).float(), torch.tensor(null_torque).float()
    area = auroc(torch.cat([edges, null_torque]), torch.arange(len(edges) + len(null_torque)) >= len(edges))
    assert separation(edges, null_torque, torch.ones(len(null_torque))) == pytest.approx(area, abs=1e-6)


def test_separation_without_edges_or_null_model_pairs():
    some, none = torch.ones(2), torch.ones(0)
    assert separation(some, none, none) == separation(none, some, some) == 0.5


def score_with(values):
    """A score that gives the null-model pairs of a form the torque in ``values``, or 1, and edges 2."""
    scored = []

    def score(spec):
        scored.append((spec.lever, spec.force))
        one = torch.ones(1)
        return tuple(Torque(one, one * value) for value in (2.0, values.get(scored[-1], 1.0)))

    return score, scored


def test_the_best_separating_form_is_chosen():
    score, scored = score_with({("combined", "unit"): 3.0})
    assert choose_form(BOTH, score, torch.ones(1)) == replace(BOTH, lever="combined", force="unit")
    assert scored == list(FORMS)


def test_ties_choose_the_first_form():
    score, _ = score_with({})
    assert choose_form(BOTH, score, torch.ones(1)) == RewireSpec(force="dirichlet")


@pytest.mark.parametrize(
    ("spec", "forms"),
    [
        (RewireSpec(lever=AUTO, force="pair"), [(lever, "pair") for lever in dict.fromkeys(form[0] for form in FORMS)]),
        (RewireSpec(lever="euclidean", force=AUTO), [("euclidean", "dirichlet"), ("euclidean", "unit")]),
    ],
)
def test_explicit_names_are_kept(spec, forms):
    score, scored = score_with({forms[-1]: 3.0})
    chosen = choose_form(spec, score, torch.ones(1))
    assert scored == forms
    assert (chosen.lever, chosen.force) == forms[-1]


def test_an_automatic_rewiring_equals_the_one_it_names():
    data = load("karate").data
    chosen = rewire(data, BOTH)
    assert (chosen.spec.lever, chosen.spec.force) in FORMS
    again = rewire(data, chosen.spec)
    assert again.spec == chosen.spec
    for first, second in zip(chosen.layers, again.layers, strict=True):
        assert torch.equal(first.rewired, second.rewired)


def test_the_record_is_saved_and_loaded(tmp_path):
    chosen = rewire(load("karate").data, BOTH)
    save_rewiring(chosen, tmp_path / "rewiring.npz")
    assert load_rewiring(tmp_path / "rewiring.npz").spec == chosen.spec


def test_uninformative_features_are_not_chosen():
    # a ring of cliques: who shares neighbours tells all, and features are noise
    cliques = torch.combinations(torch.arange(6))
    pairs = torch.cat([cliques + 6 * clique for clique in range(40)]).T
    added = torch.stack([6 * torch.arange(40), (6 * torch.arange(40) + 7) % 240])
    data = load(DatasetSpec("block_model", block_model=BlockModel(nodes=240))).data
    data.x = torch.randn(240, 16, generator=torch.Generator().manual_seed(0))
    data.edge_index = torch.cat([pairs, pairs.flip(0), added, added.flip(0)], dim=1)
    noisy = add_noise(data, Noise("insert", 0.5))
    chosen = rewire(noisy.data, replace(BOTH, layers=1))
    assert chosen.spec.force == "unit"
    (layer,) = chosen.layers
    feature = rewire(noisy.data, RewireSpec(lever="feature", force="unit", layers=1)).layers[0].torque.value
    assert auroc(feature, noisy.is_injected(layer.pairs)) < 0.6
    assert auroc(layer.torque.value, noisy.is_injected(layer.pairs)) > 0.95
