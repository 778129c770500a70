import math
import re
from dataclasses import FrozenInstanceError, fields

import pytest

from torque_core import BadConfig
from torque_core.rewiring.additions import ADDITIONS
from torque_core.rewiring.cuts import CUTS
from torque_core.rewiring.spec import AUTO, HIERARCHIES, RewireSpec
from torque_core.scoring.forces import FORCES
from torque_core.scoring.levers import LEVERS
from torque_core.scoring.torque import PRODUCTS


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("lever", (*LEVERS, AUTO)),
        ("force", (*FORCES, AUTO)),
        ("product", PRODUCTS),
        ("cut", CUTS),
        ("add", ADDITIONS),
        ("hierarchy", HIERARCHIES),
    ],
)
def test_unknown_names_raise_with_the_choices(name, known):
    for choice in known:
        assert getattr(RewireSpec(**{name: choice}), name) == choice
    for wrong in ("", "flat", None, 3):
        message = f"{name} must be one of {', '.join(known)}; got {wrong!r}"
        with pytest.raises(BadConfig, match=re.escape(message)):
            RewireSpec(**{name: wrong})


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("fraction", 0, 1),
        ("budget", 0, math.inf),
        ("additions", 0, 2),
        ("hops", 2, 4),
        ("layers", 1, 16),
        ("temperature", 0.01, 100),
        ("confidence", 0, 1),
    ],
)
def test_ranges(name, low, high):
    whole = name in ("budget", "hops", "layers")
    for value in (low, 10**9 if high == math.inf else high):
        assert getattr(RewireSpec(**{name: value}), name) == value
    wanted = f"{name} must be {'an integer ' if whole else ''}in [{low}, {high}], got "
    wrong = (low - 1, math.nan, math.inf, -math.inf, *((1.5, 2.0, True) if whole else (high + 0.01,)))
    for value in wrong:
        with pytest.raises(BadConfig, match=re.escape(f"{wanted}{value}")):
            RewireSpec(**{name: value})


@pytest.mark.parametrize("seed", [-1, 2**63, 0.0, True, None])
def test_seeds_are_those_that_torch_accepts(seed):
    with pytest.raises(BadConfig, match=re.escape(f"seed must be an integer from 0 to 2**63 - 1, got {seed!r}")):
        RewireSpec(seed=seed)
    assert RewireSpec(seed=2**63 - 1).seed == 2**63 - 1


def test_options_are_keyword_only():
    assert all(field.kw_only for field in fields(RewireSpec))
    with pytest.raises(TypeError, match="positional"):
        RewireSpec("structural")


def test_specs_are_hashable():
    assert RewireSpec(layers=3) == RewireSpec(layers=3)
    assert hash(RewireSpec(layers=3)) == hash(RewireSpec(layers=3))
    assert len({RewireSpec(), RewireSpec(), RewireSpec(seed=1)}) == 2
    with pytest.raises(FrozenInstanceError):
        RewireSpec().layers = 3


def test_registered_rules_are_accepted(monkeypatch):
    with pytest.raises(BadConfig, match="cut must be one of"):
        RewireSpec(cut="mine")
    monkeypatch.setitem(CUTS, "mine", CUTS["none"])
    assert RewireSpec(cut="mine").cut == "mine"


def test_learned_rules():
    assert RewireSpec(cut="bernoulli").learned
    assert RewireSpec(add="bernoulli").learned
    assert not RewireSpec(cut="gap", add="gap").learned
