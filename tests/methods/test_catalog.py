import pytest

from torque_core.errors import BadConfig
from torque_core.experiments import METHODS, experiment
from torque_core.methods.catalog import (
    TRAINING_SPACE,
    Method,
    find_method,
    methods_for,
    register_method,
    rewiring_options,
)
from torque_core.rewiring.spec import RewireSpec
from torque_core.training import TrainSpec

REWIRING = [name for name, method in METHODS.items() if method.rewiring is not None]


@pytest.mark.parametrize("name", METHODS)
def test_a_method_does_one_thing(name):
    method = METHODS[name]
    assert method.title
    assert method.description
    rewires = (method.rewiring is not None) + (method.transform is not None)
    assert rewires == (method.kind != "backbone")
    assert method.tunes_training == (method.kind == "backbone")
    assert not (method.space and method.kind == "backbone")
    assert method.uses_labels is getattr(method.transform, "uses_labels", False)
    assert method.options_of is None or (method.options_of in METHODS and not method.space)


@pytest.mark.parametrize("name", REWIRING)
def test_every_choice_is_a_rewiring(name):
    method = METHODS[name]
    for option, choices in method.space.items():
        assert len(set(choices)) == len(choices) > 1
        for choice in choices:
            spec = RewireSpec(**{**method.rewiring, **rewiring_options({option: choice})})
            assert option not in method.rewiring
            if option == "form":
                assert f"{spec.lever}:{spec.force}" == choice
            else:
                assert getattr(spec, option) in (choice, "fixed")


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if method.kind == "peer"])
def test_every_choice_is_a_peer(name):
    method = METHODS[name]
    for option, choices in method.space.items():
        assert len(set(choices)) == len(choices) > 1
        for choice in choices:
            assert getattr(method.transform(**{option: choice}), option) == choice


@pytest.mark.parametrize("name", ["torque", "torque_relational"])
def test_torque_is_tried_as_it_comes_first(name):
    first = {name: choices[0] for name, choices in METHODS[name].space.items()}
    assert RewireSpec(**{**experiment.REWIRING, **rewiring_options(first)}) == RewireSpec(**experiment.REWIRING)


def test_every_choice_is_a_training_and_the_default_is_first():
    assert TrainSpec(**{name: choices[0] for name, choices in TRAINING_SPACE.items()}) == TrainSpec()
    for name, choices in TRAINING_SPACE.items():
        assert {getattr(TrainSpec(**{name: choice}), name) for choice in choices} == set(choices)


def test_a_cut_and_its_fraction_are_one_choice():
    assert rewiring_options({"cut": "fixed:0.9", "lever": "feature"}) == {
        "cut": "fixed",
        "fraction": 0.9,
        "lever": "feature",
    }
    assert rewiring_options({"cut": "gap"}) == {"cut": "gap"}
    assert rewiring_options({}) == {}


def test_lever_and_force_are_one_choice():
    assert rewiring_options({"form": "combined:unit", "cut": "gap"}) == {
        "cut": "gap",
        "lever": "combined",
        "force": "unit",
    }


def test_torque_may_choose_what_its_control_is():
    torque, ablation = METHODS["torque_relational"], METHODS["ablation_cosine_relational"]
    assert f"{ablation.rewiring['lever']}:{ablation.rewiring['force']}" in torque.space["form"]
    assert ablation.space.items() < torque.space.items()


def test_a_method_that_is_not_there():
    assert find_method("plain") is METHODS["plain"]
    with pytest.raises(BadConfig, match=r"method must be one of plain, mlp, .*; got 'magic'"):
        find_method("magic")


def test_a_method_is_registered_once(monkeypatch):
    monkeypatch.setattr("torque_core.methods.method.METHODS", dict(METHODS))
    mine = Method(title="Mine", kind="rewiring", rewiring={"cut": "none"}, contexts=("train", "compare"))
    assert register_method("mine", mine) is mine
    assert register_method("mine", mine) is mine  # of a module that is imported again
    assert list(methods_for("train"))[-1] == "mine"
    assert "mine" not in methods_for("bench")
    with pytest.raises(BadConfig, match="method 'torque' is registered already; choose another key"):
        register_method("torque", mine)


def test_properties_that_contradict_each_other():
    with pytest.raises(BadConfig, match="the method 'Both' rewires in training and before it; give one of the two"):
        Method(title="Both", kind="peer", rewiring={}, transform=METHODS["fosr"].transform)
    with pytest.raises(BadConfig, match=r"contexts must be some of compare, train, .*; got 'browse'"):
        Method(title="Mine", kind="peer", contexts=("browse",))
